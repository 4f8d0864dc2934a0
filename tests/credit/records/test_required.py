"""Which licences a trade's rules ask for, and how a business stands with them."""

from __future__ import annotations

from datetime import date

import pytest

from chengxin.credit.records import required
from chengxin.credit.records.required import RULES, Required
from tests import make
from tests.make import USCC

TODAY = date(2026, 11, 25)


def licence(certificate: str, *, until: str = "2031-03-31", state: str = "1", number: str = "1") -> None:
    body = {"XK_XKZS": certificate, "XK_XKWS": "准予许可决定书", "XK_YXQZI": until, "XK_ZT": state, "XK_WSH": number}
    make.record("licence", body, number=number)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("certificates", "state", "until"),
    [
        pytest.param([], "missing", None, id="none on record"),
        pytest.param([("食品经营许可证", "2031-03-31", "1")], "held", date(2031, 3, 31), id="in force"),
        pytest.param([("食品经营许可证", "2026-11-25", "1")], "held", TODAY, id="its last day"),
        pytest.param([("食品经营许可证", "2026-11-24", "1")], "expired", date(2026, 11, 24), id="the day after"),
        pytest.param([("食品经营许可证", "2099-12-31", "1")], "held", None, id="without an end"),
        pytest.param([("食品经营许可证", "2031-03-31", "2")], "missing", None, id="withdrawn"),
        pytest.param([("卫生许可证", "2031-03-31", "1")], "missing", None, id="another"),
        pytest.param([("仅销售预包装食品备案", "2031-03-31", "1")], "missing", None, id="a notice for packaged food"),
        pytest.param(
            [("小餐饮登记证", "2031-03-31", "1")], "held", date(2031, 3, 31), id="a small kitchen's registration"
        ),
        pytest.param(
            [("食品经营许可证", "2024-01-01", "1"), ("食品经营许可证", "2029-01-01", "1")],
            "held",
            date(2029, 1, 1),
            id="an old one and its renewal",
        ),
    ],
)
def test_a_licence_is_held_expired_or_missing(
    certificates: list[tuple[str, str, str]], state: str, until: date | None
) -> None:
    make.subject()
    for number, (name, end, now) in enumerate(certificates):
        licence(name, until=end, state=now, number=str(number))

    (found,) = required.of(USCC, industry="H6210", today=TODAY)

    assert (found.label, found.state, found.until) == ("食品经营许可证", state, until)
    assert (required.why_not([found]) is None) == (state == "held")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("industry", "scope", "labels"),
    [
        pytest.param("F5212", "食品销售；烟草制品零售", ["食品经营许可证或仅销售预包装食品备案", "烟草专卖零售许可证"], id="sells both"),
        pytest.param("F5223", "食用农产品零售", [], id="sells what needs none"),
        pytest.param("F5232", "服装服饰零售", [], id="clothes"),
        pytest.param("6242", "外卖递送服务", [], id="carries what others cook"),
        pytest.param("G5413", "", ["出租汽车经营许可"], id="a taxi"),
        pytest.param("", "", [], id="no trade known"),
    ],
)  # fmt: skip
def test_the_trade_and_its_registered_scope_say_which(industry: str, scope: str, labels: list[str]) -> None:
    make.subject(OPSCOPE=scope)

    assert [one.label for one in required.of(USCC, industry=industry, today=TODAY)] == labels


def test_the_first_licence_that_is_not_in_order_gives_the_reason() -> None:
    held = Required("甲证", "《甲法》第一条", "held", None)
    advised = Required("乙证", "《乙法》第一条", "missing", None, holds=False)
    expired = Required("丙证", "《丙法》第一条", "expired", date(2026, 1, 2))

    assert required.why_not([held, advised]) is None
    said = required.why_not([held, advised, expired])
    assert said and said.startswith("丙证已于 2026-01-02 到期（《丙法》第一条）")


def test_every_rule_names_a_law_and_its_article() -> None:
    for rule in RULES:
        assert rule.law.startswith("《") and rule.law[-1] in "条项", rule
        assert rule.names and rule.industries, rule
        assert all(name for name in rule.names), rule
