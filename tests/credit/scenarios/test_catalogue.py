"""Both ledgers are there whole, in the documents' own words."""

import pytest

from chengxin.credit.scenarios.catalogue import all_ledgers, scenarios


def test_there_are_seventy_five_scenarios():
    assert [(ledger.name, len(ledger.scenarios)) for ledger in all_ledgers()] == [
        ("hegang-2024", 45),
        ("heihe-2023", 30),
    ]
    assert len(scenarios()) == 75


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("hegang-2024/11", "公正机构"),  # the document's own slip, kept
        ("hegang-2024/22", "长途货运经营主体在交通工具公开张贴"),
        ("heihe-2023/22", "诚信经营、文明服务，做到遵守商业道德，杜绝消费陷阱和欺诈"),
        ("heihe-2023/8", "获得“诚信码”且扫码核查无失信记录"),
    ],
)
def test_words_are_those_of_the_document(which, words):
    assert words in scenarios()[which].content


def test_numbers_run_without_a_gap_and_every_line_says_something():
    for ledger in all_ledgers():
        assert [one.number for one in ledger.scenarios] == [*range(1, len(ledger.scenarios) + 1)]
        assert all(one.name and one.units and one.content for one in ledger.scenarios)
