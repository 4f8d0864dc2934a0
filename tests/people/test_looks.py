"""Who looked at whose file: noted with unit and purpose, found again by any of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chengxin.people import looks, queries, trail
from chengxin.people.queries import looks_at
from chengxin.people.trail import Actor, Refused

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
ONE, OTHER = "92230402MA1CTE575M", "91230403MA1CTE5757"


@pytest.mark.parametrize(
    "name, reason, told",
    [
        ("supervise", "", "日常监管"),
        ("supervise", "多写的", "日常监管"),
        ("other", "  文明单位  评选 ", "其他：文明单位 评选"),
    ],
    ids=["one of the list", "a reason beside one of the list", "another, in words"],
)
def test_a_purpose_is_told_as_the_trail_keeps_it(name, reason, told):
    assert looks.purpose(name, reason) == told


@pytest.mark.parametrize(
    "name, reason, why",
    [
        ("", "", "请选择"),
        ("curiosity", "", "请选择"),
        ("other", "", "写明用途"),
        ("other", "好", "写明用途"),
        ("other", "长" * 61, "写明用途"),
        ("other", "核对张某13800138000", "个人信息"),
    ],
    ids=["none", "none of the list", "no words", "one character", "too many words", "personal data"],
)
def test_what_is_no_purpose(name, reason, why):
    with pytest.raises(Refused, match=why):
        looks.purpose(name, reason)


@pytest.fixture
def looked(db):
    clerk, officer = Actor("wangmin", "credit_office"), Actor("lilei", "department")
    looks.look(by=clerk, unit="信用办", subject=ONE, purpose="日常监管", part="", at=AT)
    looks.look(by=officer, unit="市城管局", subject=ONE, purpose="行政审批", part="penalty", at=AT + timedelta(days=1))
    looks.look(by=officer, unit="市城管局", subject=OTHER, purpose="行政审批", part="", at=AT + timedelta(days=2))
    trail.note(by=clerk, verb="batch.see", thing=f"subject {ONE}", at=AT)


@pytest.mark.parametrize(
    "asked, found",
    [
        ({}, [OTHER, ONE, ONE]),
        ({"person": "wangmin"}, [ONE]),
        ({"unit": "市城管局"}, [OTHER, ONE]),
        ({"subject": ONE}, [ONE, ONE]),
        ({"day": date(2026, 6, 2)}, [ONE]),
        ({"day": date(2026, 6, 1), "person": "lilei"}, []),
    ],
    ids=["all", "a person's", "a unit's", "at one subject", "of one day", "none"],
)
def test_looks_are_found_newest_first(looked, asked, found):
    assert [one.subject for one in queries.looks(**asked, limit=10)] == found


def test_a_day_is_a_day_in_china(db):
    looks.look(
        by=Actor("w", "department"),
        unit="",
        subject=ONE,
        purpose="日常监管",
        part="",
        at=datetime(2026, 6, 1, 17, tzinfo=UTC),
    )

    assert queries.looks(day=date(2026, 6, 2), limit=1) and not queries.looks(day=date(2026, 6, 1), limit=1)


def test_older_looks_follow_the_newest(looked):
    newest, second = queries.looks(limit=2)

    assert [one.part for one in queries.looks(limit=2, before=newest.id)] == [second.part, ""]
    assert len(queries.looks(limit=10, before=second.id)) == 1


def test_a_subject_can_ask_who_looked_at_it(looked):
    assert [(one.unit, one.purpose) for one in looks_at(ONE)] == [("市城管局", "行政审批"), ("信用办", "日常监管")]


def test_looks_stand_in_the_sealed_chain(looked):
    assert trail.seal(at=AT + timedelta(days=3)) == 4 and trail.verify() is None
