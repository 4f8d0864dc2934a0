"""The forms of words: for whom each is, and what none may say."""

from __future__ import annotations

import pytest

from chengxin.credit.commitments import templates
from chengxin.credit.commitments.templates import COMMON, Template
from chengxin.credit.records import catalogue
from chengxin.terms import industry, privacy

ALL = list(templates.catalogue().values())
KIND = catalogue.kind("commitment")


@pytest.mark.parametrize(
    ("trade", "placement", "first"),
    [
        pytest.param("H6210", "", "catering", id="a restaurant"),
        pytest.param("6241", "", "school_meals", id="school meals before meals at large"),
        pytest.param("G5413", "taxi", "taxi", id="a taxi"),
        pytest.param("G5431", "truck", "freight", id="a truck"),
        pytest.param("F5251", "", "pharmacy", id="a pharmacy before a shop"),
        pytest.param("F5291", "stall", "stall", id="a stall"),
        pytest.param("S9521", "", "general", id="a trade that none is written for"),
        pytest.param("", "", "general", id="no trade known"),
    ],
)
def test_the_most_fitting_form_comes_first(trade: str, placement: str, first: str) -> None:
    assert templates.for_business(industry=trade, placement=placement)[0].name == first


def test_what_is_of_another_trade_is_not_offered() -> None:
    assert "taxi" not in {one.name for one in templates.for_business(industry="H6210")}


@pytest.mark.parametrize("template", ALL, ids=lambda one: one.name)
def test_every_form_holds_together(template: Template) -> None:
    assert template.clauses[-len(COMMON) :] == COMMON, "the five standard clauses close it"
    assert len(set(template.clauses)) == len(template.clauses)
    assert all(clause.endswith("。") for clause in (*template.clauses, template.consequence))
    assert not privacy.find(template.text)
    assert len(template.name) <= 32 and len(template.version) <= 16
    assert template.type in KIND.column("CN_LX").choices
    for column, said in (("CN_SY", template.reason), ("CN_NR", template.text), ("CN_WNZR", template.consequence)):
        assert len(said) <= KIND.column(column).max
    for code in template.industries:
        assert industry.TABLE.label(code) or industry.TABLE.find(code[:2]), code


@pytest.mark.parametrize("template", ALL, ids=lambda one: one.name)
def test_no_form_boasts_or_threatens(template: Template) -> None:
    said = template.text + template.consequence + template.label
    boasts = ("最佳", "最好", "第一", "国家级", "绝对", "保证您", "顶级")

    assert [word for word in boasts if word in said.replace("第一", "") or word == "第一" and "第一名" in said] == []
    # A commitment is voluntary: what follows from a breach is what the law has anyway (《行政处罚法》第四条).
    assert not any(word in said for word in ("罚款", "加倍赔偿", "列入黑名单", "吊销"))


def test_the_taxi_says_what_the_plan_of_heihe_says() -> None:
    taxi = templates.find("taxi")

    assert taxi is not None
    for words in ("诚信经营", "文明服务", "遵守商业道德", "杜绝消费陷阱和欺诈", "为乘客提供良好的交通出行服务"):
        assert words in taxi.text


def test_other_words_are_another_digest() -> None:
    assert len({one.digest for one in ALL}) == len(ALL)
