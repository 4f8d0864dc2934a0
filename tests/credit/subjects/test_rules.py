"""What a row calls its subject, as one text."""

import pytest

from chengxin.credit.subjects import rules

NAME = "鹤岗市松岭饺子馆"


@pytest.mark.parametrize(
    "said, claim",
    [
        ({"uscc": "91230402MA1CTE575Q", "name": NAME}, "uscc:91230402MA1CTE575Q"),
        ({"name": NAME}, f"name:{NAME}"),
        ({"name": " 鹤岗市松岭 饺子馆\u3000"}, f"name:{NAME}"),
        ({"name": "ＡＢＣ（鹤岗）公司"}, "name:ABC(鹤岗)公司"),
        ({"numbers": {"regno": "230403600012345"}, "name": NAME}, f"regno:230403600012345|name:{NAME}"),
        (
            {"numbers": {"orgcode": "MA1CTE57-5", "regno": "230403600012345"}},
            "regno:230403600012345|orgcode:MA1CTE575",
        ),
        ({"numbers": {"regno": "无", "taxno": "000000000000000"}, "name": NAME}, f"name:{NAME}"),
        ({"name": "个体工商户"}, ""),
        ({"name": "无字号", "numbers": {"regno": "/"}}, ""),
        ({}, ""),
        ({"name": "甲|uscc:91230402MA1CTE575Q"}, "name:甲USCC:91230402MA1CTE575Q"),
    ],
    ids=["a code", "a name", "blanks", "width and brackets", "a number and a name", "two numbers", "numbers that are none",
         "nameless", "nameless without a number", "nothing", "a name that looks like a claim"],
)  # fmt: skip
def test_a_claim_is_all_that_a_row_says_of_whom_it_is_about(said, claim):
    assert rules.claim(**said) == claim


def test_a_claim_that_is_cut_is_no_other_that_begins_alike():
    numbers = {scheme: f"{place}2345678901234567890123456789" for place, scheme in enumerate(rules.REGISTERED, 1)}

    one, other = (rules.claim(numbers=numbers, name="长" * 190 + end) for end in ("甲", "乙"))

    assert len(one) <= rules.CLAIM_LIMIT
    assert one != other


def test_a_registration_calls_its_subject_by_every_name_and_number():
    body = {"OLDNAME": "松岭面馆；松岭小吃、松岭 面馆", "REGNO": "230403600012345", "TAXNO": "无"}

    assert rules.called(NAME, body) == f"regno:230403600012345|name:{NAME}|name:松岭面馆|name:松岭小吃"
    assert rules.called("个体工商户") == ""
