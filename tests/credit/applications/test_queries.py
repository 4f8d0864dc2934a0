"""How codes were asked for: each business once, by its first code; the KPI counts those that applied by themselves."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from chengxin.credit.applications import queries
from chengxin.credit.applications.queries import ByWay, Newcomers
from chengxin.credit.codes import actions as codes
from tests import make
from tests.make import CLERK, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
YEAR = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}


@pytest.fixture
def signer(tmp_path):
    return codes.signer(folder=tmp_path, by=CLERK, at=AT)


def issue(subject, way, signer, *, at=AT, placement="premises"):
    codes.issue(subjects=[subject], consent="x", by=CLERK, at=at, signer=signer, way=way, placement=placement)


def elsewhere(subject, *, gone=False):
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_elsewhere (subject, number, address, issued_on, way, gone, batch, row, received_at)
               VALUES (%s, '1', '', '2026-03-01', 'self', %s, 1, 1, %s)""",
            [subject, gone, AT],
        )


def test_a_business_counts_once_by_its_first_code(signer):
    make.subject()
    make.subject(OTHER_USCC, name="另一家", division="230403")
    issue(USCC, "counter", signer)
    issue(USCC, "self", signer, placement="stall")
    issue(OTHER_USCC, "batch", signer)

    assert queries.by_way(**YEAR) == [ByWay("230402", "counter", 1), ByWay("230403", "batch", 1)]
    assert queries.by_way(**YEAR, area="230403") == [ByWay("230403", "batch", 1)]
    assert queries.by_way(**YEAR, area="230400") == queries.by_way(**YEAR)
    assert queries.by_way(since=date(2025, 1, 1), until=date(2025, 12, 31)) == []


def test_a_code_from_elsewhere_counts_apart_where_there_is_none_of_ours(signer):
    make.subject()
    make.subject(OTHER_USCC, name="另一家")
    issue(USCC, "self", signer)
    elsewhere(USCC)
    elsewhere(OTHER_USCC)

    assert queries.by_way(**YEAR) == [ByWay("230402", "elsewhere", 1), ByWay("230402", "self", 1)]
    elsewhere(OTHER_USCC, gone=True)
    assert queries.by_way(**YEAR) == [ByWay("230402", "self", 1)]


def test_the_share_of_new_businesses_counts_those_alone_that_applied_by_themselves(signer):
    make.subject(established_on=date(2026, 2, 1))
    make.subject(OTHER_USCC, name="另一家", established_on=date(2026, 3, 1), division="230403")
    issue(USCC, "self", signer)
    issue(OTHER_USCC, "counter", signer)

    every, own, other = queries.newcomers(**YEAR)

    assert every == Newcomers("", 2, 1, 1) and every.share == 0.5
    assert (own, other) == (Newcomers("230402", 1, 1, 0), Newcomers("230403", 1, 0, 1))
    assert queries.newcomers(**YEAR, area="230403")[0] == Newcomers("", 1, 0, 1)


def test_older_businesses_are_no_newcomers(signer):
    make.subject(established_on=date(2019, 5, 1))
    issue(USCC, "self", signer)

    assert queries.newcomers(**YEAR) == [Newcomers("", 0, 0, 0)]
    assert Newcomers("", 0, 0, 0).share == 0.0


def test_a_count_that_takes_too_long_says_so_and_breaks_nothing(monkeypatch):
    monkeypatch.setattr(queries, "PATIENCE_MS", 1)
    asked = "SELECT subject, pg_sleep(1)::text AS sort FROM codes_code UNION ALL SELECT '', pg_sleep(1)::text"

    assert queries._in_time(asked, {}) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
