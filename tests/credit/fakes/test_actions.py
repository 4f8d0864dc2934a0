"""What the office does about reports of fake codes, and what time does to their photos."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from chengxin.credit.fakes import actions, queries
from chengxin.credit.fakes.models import Handling
from chengxin.inbox.models import InboxFake
from chengxin.people.models import Trail
from chengxin.people.trail import Actor, Refused

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)
CLERK = Actor("wangmin", "credit_office")
HALF_A_YEAR = timedelta(days=180)


def fake(**changes: Any) -> InboxFake:
    facts = {
        "id": uuid4(),
        "at": AT,
        "receipt": "48217730",
        "wrong": "mismatched",
        "code": "",
        "verdict": "",
        "where": "和平路 12 号",
        "words": "",
        "lat": "47.3300",
        "lon": "130.2800",
        "photo": b"JPEG",
        "point_consent": True,
        "photo_consent": True,
        "consent": "2026-11",
        "device": b"d" * 8,
    }
    return InboxFake.objects.create(**facts | changes)


def handle(key: UUID, note: str = "已核实，贴纸揭下。", *, at: datetime = AT, seen: int = 9) -> bool:
    return actions.handle(key=key, note=note, seen=seen, by=CLERK, at=at)


def test_a_handling_is_added_with_its_trail() -> None:
    one = fake()

    assert handle(one.pk, " 已核实 ")
    done = Handling.objects.get()
    assert (done.fake_id, done.note, done.by, done.at) == (one.pk, "已核实", "wangmin", AT)
    trail = Trail.objects.get()
    assert (trail.verb, trail.thing, trail.detail) == ("fake.handle", "fake 48217730", {"key": str(one.pk)})
    assert not queries.unhandled().exists()


def test_the_same_note_sent_twice_is_one_and_another_is_added() -> None:
    one = fake()

    assert [handle(one.pk), handle(one.pk), handle(one.pk, "又去看了一次。")] == [True, False, True]
    assert Handling.objects.count() == Trail.objects.count() == 2


@pytest.mark.parametrize(
    ("note", "sentence"),
    [("", "请写明怎样处理的。"), (" \n", "请写明怎样处理的。"), ("字" * 501, "最多 500 个字，现在有 501 个")],
    ids=["empty", "blank", "long"],
)
def test_a_note_that_says_nothing_or_too_much_is_refused(note: str, sentence: str) -> None:
    one = fake()
    with pytest.raises(Refused, match=sentence):
        handle(one.pk, note)

    assert not Handling.objects.exists() and not Trail.objects.exists()


def test_an_id_number_does_not_stay_in_a_note() -> None:
    handle(fake().pk, "店主 230402199003071233 已谈话")

    assert Handling.objects.get().note == "店主 2304********1233 已谈话"


def test_a_note_with_what_the_database_cannot_keep_is_noted_without_it() -> None:
    handle(fake().pk, "已核实\0")

    assert Handling.objects.get().note == "已核实"


def test_what_is_not_there_cannot_be_handled() -> None:
    with pytest.raises(InboxFake.DoesNotExist):
        handle(uuid4())


# ---- Forgetting ----------------------------------------------------------------------------------------------------


def test_photo_and_place_of_a_closed_case_are_destroyed_in_time_and_its_words_stay() -> None:
    closed, just_closed, open_still = fake(), fake(), fake()
    handle(closed.pk, at=AT)
    handle(just_closed.pk, at=AT + timedelta(days=1))
    now = AT + HALF_A_YEAR

    assert actions.forget(at=now, after=HALF_A_YEAR) == 1
    assert actions.forget(at=now, after=HALF_A_YEAR) == 0, "and once only"

    kept = InboxFake.objects.get(pk=closed.pk)
    assert (kept.photo, kept.lat, kept.lon, kept.where) == (None, None, None, "和平路 12 号")
    assert (kept.photo_consent, kept.point_consent) == (True, True), "that there was one is not forgotten"
    for other in (just_closed, open_still):
        other.refresh_from_db()
        assert other.photo is not None and other.lat is not None
    trail = Trail.objects.get(verb="fake.forget")
    assert (trail.by, trail.thing) == ("pipeline", "1 fakes")


def test_a_later_note_keeps_the_case_open_that_much_longer() -> None:
    one = fake()
    handle(one.pk, at=AT)
    handle(one.pk, "又去看了一次。", at=AT + timedelta(days=90))

    assert actions.forget(at=AT + HALF_A_YEAR, after=HALF_A_YEAR) == 0
    assert actions.forget(at=AT + HALF_A_YEAR + timedelta(days=90), after=HALF_A_YEAR) == 1


def test_a_case_with_nothing_to_destroy_leaves_no_trail() -> None:
    handle(fake(photo=None, lat=None, lon=None).pk)

    assert actions.forget(at=AT + HALF_A_YEAR, after=HALF_A_YEAR) == 0
    assert not Trail.objects.filter(verb="fake.forget").exists()


# ---- What the table itself holds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"photo_consent": False},
        {"point_consent": False},
        {"lon": None},
        {"wrong": "nonsense"},
        {"photo": b"x" * 500_001},
    ],
    ids=["photo without consent", "place without consent", "half a place", "another wrong", "a large photo"],
)
def test_the_table_takes_no_report_that_should_not_be(changes: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        fake(**changes)
