"""Scans are tallied by code and day: each once, late ones on their own day, programs apart, devices as counts alone."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from chengxin.board.models import BoardCode
from chengxin.credit.codes import scans
from chengxin.credit.codes.models import ScanDay, ScanSeen
from chengxin.inbox.models import InboxScan
from tests.make import OTHER_USCC, USCC, subject

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def codes(db):
    """A shop with a code at its door and one in its car, another shop with one."""
    subject()
    subject(OTHER_USCC, name="比邻百货")
    for serial, (uscc, placement, label) in enumerate(
        [(USCC, "premises", ""), (USCC, "vehicle", "3号车"), (OTHER_USCC, "premises", "")], start=1
    ):
        put_code(serial, uscc, placement, label)
    while tally():  # numbers that other tests have used up
        pass


def put_code(serial, uscc, placement="premises", label=""):
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_code (subject, serial, profile, placement, label, token, issued_on)
               VALUES (%s, %s, 'full', %s, %s, '', '2026-01-01')""",
            [uscc, serial, placement, label],
        )
    BoardCode.objects.create(
        serial=serial, holder_kind="subject", holder=uscc, state="active", placement=placement, issued_on=TODAY
    )


def scan(serial, device="a", *, at=NOON, verdict="active", bot=False, times=1):
    InboxScan.objects.bulk_create(
        InboxScan(id=uuid.uuid4(), at=at, serial=serial, verdict=verdict, device=device.encode().ljust(8), bot=bot)
        for _ in range(times)
    )


def tally(**more):
    return scans.tally(upto=scans.newest_number(), today=TODAY, **more)


def tallied():
    rows = ScanDay.objects.order_by("serial", "day")
    return [(row.serial, row.day.day, row.scans, row.devices, row.bots) for row in rows]


def test_scans_are_counted_by_code_and_day_and_programs_apart(codes):
    scan(1, "a", times=3)
    scan(1, "b")
    scan(1, "spider", bot=True, times=2)
    scan(2, "a")
    scan(1, "a", at=NOON + timedelta(days=1))

    assert tally() == 8

    assert tallied() == [(1, 23, 4, 2, 2), (1, 24, 1, 1, 0), (2, 23, 1, 1, 0)]


def test_a_day_begins_at_midnight_in_china(codes):
    scan(1, at=datetime(2026, 11, 22, 15, 59, tzinfo=UTC))
    scan(1, at=datetime(2026, 11, 22, 16, 0, tzinfo=UTC))

    tally()

    assert [day for _, day, *_ in tallied()] == [22, 23]


@pytest.mark.parametrize("verdict", ["forged", "unknown", "wrong_host", "revoked_key", "unavailable"])
def test_what_was_no_code_of_ours_is_left_out(codes, verdict):
    scan(1, verdict=verdict)
    scan(None, verdict=verdict)
    scan(99, verdict="active")

    assert tally() == 3
    assert tallied() == []


def test_a_code_on_the_board_that_nobody_issued_stops_the_counting_of_no_other(codes):
    BoardCode.objects.create(
        serial=9, holder_kind="subject", holder=OTHER_USCC[::-1], state="active", placement="premises", issued_on=TODAY
    )
    scan(9)
    scan(1)

    tally()
    connection.check_constraints()

    assert tallied() == [(1, 23, 1, 1, 0)]


def test_what_is_tallied_is_not_tallied_again_and_what_comes_then_is_added(codes):
    scan(1, "a")
    tally()
    assert tally() == 0

    scan(1, "a")
    scan(1, "c")
    tally()

    assert tallied() == [(1, 23, 3, 2, 0)]


def test_a_late_scan_is_counted_on_its_own_day(codes):
    scan(1, "a", at=NOON)
    tally()

    scan(1, "a", at=NOON - timedelta(days=1))
    tally()

    assert tallied() == [(1, 22, 1, 1, 0), (1, 23, 1, 1, 0)]


def test_a_huge_journal_is_tallied_a_bounded_step_at_a_time(codes):
    scan(1, "a", times=25)

    assert [tally(limit=10) for _ in range(4)] == [10, 10, 5, 0]
    assert tallied() == [(1, 23, 25, 1, 0)]


def test_a_step_that_breaks_off_counts_nothing_and_the_next_counts_it_once(codes):
    scan(1, "a")
    with pytest.raises(RuntimeError), transaction.atomic():
        tally()
        raise RuntimeError
    assert tallied() == []

    tally()

    assert tallied() == [(1, 23, 1, 1, 0)]


def test_which_devices_were_counted_is_forgotten_after_some_days(codes):
    scan(1, "a")
    tally()
    assert ScanSeen.objects.count() == 1

    assert scans.forget_seen(today=TODAY + timedelta(days=scans.SEEN_DAYS - 1)) == 0
    assert scans.forget_seen(today=TODAY + timedelta(days=scans.SEEN_DAYS)) == 1


def test_a_step_asks_as_much_however_many_codes_there_are(codes, django_assert_num_queries):
    scan(1)
    with django_assert_num_queries(13):
        tally()
    for serial in range(10, 60):
        put_code(serial, USCC)
        scan(serial, "b")

    with django_assert_num_queries(13):
        assert tally() == 50


class TestWhatAnOwnerIsTold:
    def test_each_day_and_each_placement_of_ones_own(self, codes):
        scan(1, "a", times=2)
        scan(1, "bot", bot=True)
        scan(2, "b", at=NOON - timedelta(days=6))
        scan(2, "c", at=NOON - timedelta(days=7))
        scan(3, "a", times=9)
        tally()

        told = scans.of(USCC, days=7, today=TODAY)

        assert [(day.day.day, day.scans) for day in told.days] == [
            (17, 1), (18, 0), (19, 0), (20, 0), (21, 0), (22, 0), (23, 2)
        ]  # fmt: skip
        assert [(one.placement, one.label, one.scans, one.bots) for one in told.placements] == [
            ("premises", "", 2, 1),
            ("vehicle", "3号车", 1, 0),
        ]
        assert (told.scans, told.bots, told.busy_days, told.more) == (3, 1, 2, 0)

    def test_the_busiest_of_very_many_codes(self, codes, monkeypatch):
        monkeypatch.setattr(scans, "PLACEMENTS_AT_MOST", 2)
        for serial in range(10, 15):
            put_code(serial, USCC, "vehicle", f"{serial}号车")
            scan(serial, times=serial)
        tally()

        told = scans.of(USCC, days=7, today=TODAY)

        assert [one.serial for one in told.placements] == [14, 13]
        assert told.more == 3
