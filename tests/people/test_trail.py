"""The trail can be added to; anything else shows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from chengxin.people import trail
from chengxin.people.models import Trail, TrailSeal

AT = datetime(2026, 4, 1, 0, 30, tzinfo=UTC)
CLERK = trail.Actor("王敏", "credit_office")

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed():
    for minutes in range(5):
        trail.note(
            by=CLERK,
            verb="batch.see",
            thing=f"batch {minutes}",
            at=AT + timedelta(minutes=minutes),
            detail={"页": minutes, "a": [1.50, None]},
        )
    assert trail.seal(AT + timedelta(hours=1)) == 5


def nth(number):
    return Trail.objects.filter(id=TrailSeal.objects.get(number=number).trail_id)


def unhook():
    # What a thief with the database's password could do: the constraint only stops the careless.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")


def test_an_empty_trail_holds():
    assert trail.seal(AT) == 0
    assert trail.verify() is None


def test_an_untouched_trail_holds(sealed):
    assert trail.verify() is None
    assert list(TrailSeal.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_sealing_again_adds_nothing(sealed):
    assert trail.seal(AT + timedelta(hours=1)) == 0


def test_a_later_row_joins_the_chain(sealed):
    trail.note(by=CLERK, verb="city.describe", thing="city", at=AT + timedelta(hours=1))

    assert trail.seal(AT + timedelta(hours=2)) == 1
    assert trail.verify() is None


def test_a_row_of_the_future_waits(sealed):
    trail.note(by=CLERK, verb="city.describe", thing="city", at=AT + timedelta(days=1))

    assert trail.seal(AT + timedelta(hours=2)) == 0


def test_a_row_that_committed_late_is_still_sealed(sealed):
    late = Trail.objects.latest("id").id
    with connection.cursor() as cursor:  # an id below the newest sealed one, as a slow transaction would bring it
        cursor.execute("SELECT setval(pg_get_serial_sequence('people_trail', 'id'), %s)", [late + 10])
    trail.note(by=CLERK, verb="a", thing="a", at=AT)
    trail.seal(AT)
    Trail.objects.create(id=late + 5, at=AT, by="b", role="b", verb="b", thing="b")

    assert trail.seal(AT) == 1
    assert trail.verify() is None


def test_no_more_is_sealed_at_once_than_asked(sealed):
    for _ in range(3):
        trail.note(by=CLERK, verb="a", thing="a", at=AT)

    assert [trail.seal(AT, limit=2), trail.seal(AT, limit=2), trail.seal(AT, limit=2)] == [2, 1, 0]
    assert trail.verify() is None


@pytest.mark.parametrize(
    "change",
    [
        {"by": "李强"},
        {"role": "keeper"},
        {"verb": "home.see"},
        {"thing": "batch 9"},
        {"at": AT + timedelta(microseconds=1)},
        {"detail": {}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_row_breaks_the_chain_where_it_stands(sealed, change):
    nth(3).update(**change)

    assert trail.verify() == 3


def test_a_row_taken_out_breaks_the_chain(sealed):
    unhook()
    nth(2).delete()
    TrailSeal.objects.filter(number=2).delete()

    assert trail.verify() == 2


def test_a_row_taken_out_breaks_the_chain_though_the_rest_is_numbered_anew(sealed):
    unhook()
    nth(2).delete()
    TrailSeal.objects.filter(number=2).delete()
    for number in (3, 4, 5):
        TrailSeal.objects.filter(number=number).update(number=number - 1)

    assert trail.verify() == 2
