"""What a code brings: only what the city's own ledger says, for the trades it says, and the reason where it is not so."""

import pytest

from chengxin.credit.scenarios import benefits, catalogue
from chengxin.credit.scenarios.benefits import Facts

HEGANG, HEIHE = "230402", "231102"


def facts(division=HEIHE, industry="H6210", *, coded=True, displaying=True, **marks):
    return Facts(division, industry, coded, displaying, **marks)


def missing(scenario, said):
    (found,) = [one for one in benefits.brought(said) if one.benefit.scenario == scenario]
    return [one.word for one in found.missing]


@pytest.mark.parametrize("benefit", benefits.benefits(), ids=lambda one: one.scenario)
def test_each_stands_on_a_row_of_a_ledger_and_on_words_that_there_are(benefit):
    assert catalogue.scenarios()[benefit.scenario].ledger in benefits.cities()
    assert benefit.need and set(benefit.need) <= set(benefits.WORDS)
    assert benefit.how.endswith("。") and len(benefit.title) <= 30


def test_each_is_told_once():
    told = [one.scenario for one in benefits.benefits()]
    assert len(told) == len(set(told))


def test_every_word_says_what_it_means():
    said = [function.__doc__ for function in benefits.WORDS.values()]
    assert all(said) and len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("division", "ledgers"), [(HEGANG, {"hegang-2024"}), (HEIHE, {"heihe-2023"}), ("230103", set()), ("", set())]
)
def test_a_citys_ledger_offers_nothing_elsewhere(division, ledgers):
    assert {one.ledger.name for one in benefits.brought(facts(division))} == ledgers


@pytest.mark.parametrize(
    ("scenario", "said", "words"),
    [
        ("hegang-2024/34", facts(HEGANG), []),
        ("hegang-2024/34", facts(HEGANG, displaying=False), ["displaying"]),
        ("hegang-2024/34", facts(HEGANG, coded=False, displaying=False), ["coded", "displaying"]),
        ("hegang-2024/3", facts(HEGANG, displaying=False), []),
        ("heihe-2023/18", facts(displaying=False), []),
        ("heihe-2023/8", facts(), []),
        ("heihe-2023/8", facts(coded=False), ["coded"]),
        ("heihe-2023/8", facts(serious=1), ["not_serious"]),
        ("heihe-2023/8", facts(judgment=2), ["not_judgment"]),
        ("heihe-2023/8", facts(abnormal=1), []),
        ("heihe-2023/20", facts(abnormal=1), ["not_abnormal"]),
        ("heihe-2023/16", facts(industry="F5251"), []),
    ],
    ids=[
        "the lane: displayed",
        "the lane: in a drawer",
        "the lane: no code",
        "an inspection asks for the code alone",
        "Heihe's lane asks for the code alone",
        "the campaign: clean",
        "the campaign: no code",
        "the campaign: on the serious list",
        "the campaign: judgments not obeyed",
        "the campaign: abnormal is no 失信",
        "the window: abnormal is not good standing",
        "a pharmacy",
    ],
)
def test_conditions(scenario, said, words):
    assert missing(scenario, said) == words


def test_what_is_for_pharmacies_is_told_to_no_restaurant():
    assert "heihe-2023/16" not in [one.benefit.scenario for one in benefits.brought(facts(industry="H6210"))]


def test_what_one_may_have_stands_first_and_what_is_missing_says_how_much():
    told = benefits.brought(facts(serious=3))

    assert [bool(one.missing) for one in told] == sorted(bool(one.missing) for one in told)
    assert any("3 条" in each.why for one in told for each in one.missing)


def test_a_row_that_is_done_is_answered_for_by_whoever_issued_the_ledger():
    units = {one.benefit.scenario: one.units for one in benefits.brought(facts(HEGANG))}

    assert units["hegang-2024/34"] == "鹤岗市营商环境建设监督局"
    assert units["hegang-2024/3"] == "卫健委 公安局 生态环境局"
