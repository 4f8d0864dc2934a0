"""When a commitment may be signed, renewed, ended and judged."""

from __future__ import annotations

import doctest
from datetime import date

import pytest

from chengxin.credit.commitments import rules

TODAY = date(2026, 11, 25)


def test_the_examples_hold() -> None:
    assert doctest.testmod(rules).failed == 0


@pytest.mark.parametrize(
    ("state", "stands", "until", "said"),
    [
        pytest.param("active", False, None, None, id="nothing signed yet"),
        pytest.param("active", True, date(2027, 1, 24), None, id="sixty days before its end"),
        pytest.param("active", True, date(2027, 1, 25), "已经签署", id="a day too early to renew"),
        pytest.param("active", True, None, "已经签署", id="signed without an end"),
        pytest.param("deregistered", False, None, "不能签署", id="no longer registered"),
    ],
)
def test_a_form_is_signed_once_and_renewed_shortly_before_its_end(
    state: str, stands: bool, until: date | None, said: str | None
) -> None:
    refusal = rules.why_not_sign(state=state, stands=stands, stands_until=until, today=TODAY)

    assert (refusal is None) == (said is None)
    assert said is None or said in (refusal or "")


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        pytest.param({"kept": "全部履行", "evidence": "检查记录"}, set(), id="kept, on evidence"),
        pytest.param({"kept": "全部履行"}, {"evidence"}, id="without evidence"),
        pytest.param({"kept": "", "evidence": "检查记录"}, {"kept"}, id="nothing chosen"),
        pytest.param({"kept": "基本履行", "evidence": "检查记录"}, {"kept"}, id="a word of one's own"),
        pytest.param({"kept": "部分履行", "evidence": "检查记录"}, {"unkept", "consequence"}, id="a bare breach"),
        pytest.param(
            {"kept": "全部未履行", "evidence": "检查记录", "unkept": "全部", "consequence": "公开"},
            set(),
            id="a breach",
        ),
    ],
)
def test_a_finding_says_what_the_official_items_ask(given: dict[str, str], lacking: set[str]) -> None:
    said = {"kept": "", "evidence": "", "unkept": "", "consequence": ""} | given

    assert set(rules.why_not_judge(**said, signed_on=TODAY, today=TODAY)) == lacking


def test_it_cannot_be_judged_before_it_was_made() -> None:
    said = {"kept": "全部履行", "evidence": "检查记录", "unkept": "", "consequence": ""}

    assert rules.why_not_judge(**said, signed_on=date(2026, 11, 26), today=TODAY)


@pytest.mark.parametrize(
    ("until", "may"),
    [(None, True), (date(2026, 11, 26), True), (TODAY, False), (date(2026, 11, 24), False)],
    ids=["no end", "tomorrow", "today", "yesterday"],
)
def test_what_ends_by_itself_is_not_ended(until: date | None, may: bool) -> None:
    assert (rules.why_not_end(until=until, today=TODAY) is None) == may
