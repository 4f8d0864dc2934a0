"""The clock that tallies: what somebody is still writing is waited for, not passed over; the rest is counted once."""

import threading
import uuid
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from chengxin.board.models import BoardCode
from chengxin.credit.codes import scans
from chengxin.credit.codes.models import Code, ScanDay
from chengxin.credit.subjects.models import Subject
from chengxin.pipeline.scanning import Tally
from tests.make import USCC

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ADD = "INSERT INTO inbox_scan (id, at, serial, verdict, device) VALUES (%s, %s, 1, 'active', %s)"


@pytest.fixture
def code(transactional_db):
    Subject.objects.create(uscc=USCC, first_seen_at=NOON)
    Code.objects.create(subject_id=USCC, serial=1, profile="full", placement="premises", token="", issued_on=NOON)
    BoardCode.objects.create(
        serial=1, holder_kind="subject", holder=USCC, state="active", placement="premises", issued_on=NOON
    )
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO codes_scan_reached VALUES (1, %s)", [scans.newest_number()])


@pytest.fixture
def writing(code, public_dsn):
    with psycopg.connect(public_dsn) as line:
        yield line


def counted():
    return sum(ScanDay.objects.values_list("scans", flat=True))


def test_a_scan_that_was_numbered_first_and_written_last_is_not_passed_over(writing, public_dsn):
    tally = Tally()
    writing.execute(ADD, [uuid.uuid4(), NOON, b"slow    "])
    with psycopg.connect(public_dsn, autocommit=True) as quick:
        quick.execute(ADD, [uuid.uuid4(), NOON, b"quick   "])

    tally.step(at=NOON)
    tally.step(at=NOON)
    assert counted() == 0, "one with a lower number is still being written"

    writing.commit()
    tally.step(at=NOON)
    tally.step(at=NOON)
    assert counted() == 2


def test_what_was_written_before_is_counted_though_somebody_writes_on(writing, public_dsn):
    tally = Tally()
    with psycopg.connect(public_dsn, autocommit=True) as line:
        line.execute(ADD, [uuid.uuid4(), NOON, b"a       "])
    writing.execute(ADD, [uuid.uuid4(), NOON, b"b       "])
    tally.step(at=NOON)
    writing.rollback()
    writing.execute(ADD, [uuid.uuid4(), NOON, b"c       "])

    tally.step(at=NOON)

    assert counted() == 1
    writing.commit()
    tally.step(at=NOON)
    assert counted() == 2


def test_two_workers_at_once_count_each_scan_once(code, public_dsn):
    with psycopg.connect(public_dsn, autocommit=True) as line:
        for number in range(40):
            line.execute(ADD, [uuid.uuid4(), NOON, f"{number:8}".encode()])

    def work():
        Tally().step(at=NOON)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (counted(), ScanDay.objects.get().devices) == (40, 40)
