"""What stopped a record, and what was corrected in it: tables that a lawyer can read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chengxin.credit.records.form import STOPS
from chengxin.credit.records.standing import STOPPING, Said, settle

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
PENALTY = {"CF_WSH": "鹤市监罚〔2026〕12号", "CF_NR_FK": "5", "CF_JDRQ": "2026-05-08", "CF_SJLY": "市市场监督管理局"}
KEY, OTHER_KEY = b"k" * 16, b"o" * 16


def record(body=PENALTY, *, key=KEY, at=1):
    return Said("91230402MA1CTE575Q", "penalty", date(2026, 5, 8), body, "市市场监督管理局", "", AT, at, key, 1, 2)


def stop(kind, *, on=date(2026, 6, 2), at=2, key=KEY, of="penalty", **body):
    said = Said("91230402MA1CTE575Q", kind, on, body, "市市场监督管理局", "", AT, at, bytes([at]) * 16, 2, 2)
    return said._replace(target_kind=of, target_key=key)


def corrected(old, new, field="CF_NR_FK", **more):
    return stop("corrected", TZ_ZDM=field, TZ_YZ=old, TZ_XZ=new, **more)


def test_every_way_of_the_catalogue_has_its_words():
    assert set(STOPPING) == set(STOPS)
    assert {name: way.label for name, way in STOPPING.items()} == dict(STOPS)
    assert len({way.state for way in STOPPING.values()}) == len({way.wording for way in STOPPING.values()}) == 5


@pytest.mark.parametrize(
    "stops, state",
    [
        ((), ""),
        ((stop("withdrawn"),), "withdrawn"),
        ((stop("repaired"),), "repaired"),
        ((stop("expired"),), "expired"),
        ((stop("upheld"),), "upheld"),
        ((corrected("5", "0.5"),), ""),
        ((stop("repaired", key=OTHER_KEY),), ""),
        ((stop("repaired", of="licence"),), ""),
        ((stop("repaired")._replace(target_key=None),), ""),
        ((stop("repaired"), stop("withdrawn", at=3, on=date(2026, 7, 1))), "withdrawn"),
        ((stop("expired"), stop("repaired", at=3, on=date(2026, 7, 1))), "repaired"),
    ],
    ids=[
        "nothing was said",
        "withdrawn",
        "repaired",
        "expired",
        "a dispute upheld",
        "only corrected",
        "another document repaired",
        "a document of another kind repaired",
        "a stop of a record that is still to come",
        "withdrawn after it was repaired",
        "repaired after it expired",
    ],
)
def test_what_stops_a_record(stops, state):
    (settled,) = settle([record(), *stops])

    assert settled.state == state
    assert settled.by == (max(stops, key=lambda one: one.id) if state else None)


@pytest.mark.parametrize(
    "body, corrections, fine",
    [
        ({}, [corrected("5", "0.5")], "0.5"),
        ({}, [corrected("5", "0.5"), corrected("0.5", "0.6", at=3)], "0.6"),
        ({}, [corrected("0.5", "0.6", at=3, on=date(2026, 6, 3)), corrected("5", "0.5", at=4)], "0.6"),
        ({}, [corrected("5", "0.5"), corrected("0.5", "5", at=3)], "5"),
        ({}, [corrected("7", "0.5")], "5"),
        ({"CF_NR_FK": "7"}, [corrected("5", "0.5")], "7"),
        ({"CF_NR_FK": "0.5"}, [corrected("5", "0.5")], "0.5"),
        ({}, [corrected("5", "")], None),
        ({"CF_NR_FK": ""}, [corrected("", "0.5")], "0.5"),
    ],
    ids=[
        "a field in its new value",
        "corrected twice",
        "the later correction came first",
        "corrected back",
        "an old value that never stood",
        "a later row with a third value wins",
        "the department sends the mended row",
        "corrected to nothing",
        "what was left out is filled in",
    ],
)
def test_a_correction_replaces_what_it_found_wrong(body, corrections, fine):
    (settled,) = settle([record(PENALTY | body), *corrections])

    assert settled.body.get("CF_NR_FK") == fine
    assert settled.said.body == PENALTY | body, "what was said stays as it was said"


def test_a_corrected_day_and_source_are_those_of_the_record():
    (settled,) = settle(
        [
            record(),
            corrected("2026-05-08", "2026-04-08", field="CF_JDRQ"),
            corrected("市市场监督管理局", "县市场监督管理局", field="CF_SJLY", at=3),
        ]
    )

    assert (settled.standing.happened_on, settled.standing.source) == (date(2026, 4, 8), "县市场监督管理局")


def test_a_record_that_says_no_day_keeps_the_one_it_came_with():
    (settled,) = settle([record({"CF_NR_FK": "5"}), corrected("5", "0.5")])

    assert settled.standing.happened_on == date(2026, 5, 8)


def test_records_keep_their_order_and_what_stops_others_is_none_of_them():
    one, two = record(at=9), record(key=OTHER_KEY, at=8)

    assert [settled.said for settled in settle([stop("withdrawn", at=10), one, two])] == [one, two]


@pytest.mark.parametrize(
    "way, decided_on, received_on, late",
    [
        ("withdrawn", date(2026, 4, 29), date(2026, 5, 7), 0),
        ("withdrawn", date(2026, 4, 29), date(2026, 5, 8), 1),
        ("withdrawn", date(2026, 4, 29), date(2026, 4, 28), 0),
        ("repaired", date(2026, 4, 29), date(2026, 8, 8), 0),
    ],
    ids=["the third working day, over the holidays", "the fourth", "received before", "no number of days is set"],
)
def test_what_is_withdrawn_is_taken_back_within_three_working_days(way, decided_on, received_on, late):
    assert STOPPING[way].late_by(decided_on, received_on) == late
