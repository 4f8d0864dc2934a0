"""Where a fact comes from: every step of it, with what was written over what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from chengxin.credit.records import lineage
from chengxin.credit.records.catalogue import kind
from chengxin.credit.records.lineage import Change, Revision, changes, steps
from tests import make

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)


def revision(number, body, *, of="penalty", key=b"k", gone=False):
    return Revision(number, of, key, gone, None, body, "市市场监督管理局", "", AT, number, 2)


@pytest.mark.parametrize(
    "before, after, found",
    [
        ({"CF_NR_FK": "5"}, {"CF_NR_FK": "5"}, ()),
        ({"CF_NR_FK": "5"}, {"CF_NR_FK": "6"}, (Change("罚款金额(万元)", "5", "6"),)),
        ({}, {"CF_NR_FK": "6"}, (Change("罚款金额(万元)", "", "6"),)),
        ({"CF_NR_FK": "5"}, {}, (Change("罚款金额(万元)", "5", ""),)),
        ({"OLD": "1"}, {"OLD": "2"}, (Change("OLD", "1", "2"),)),
    ],
    ids=["the same", "another value", "filled in", "left out", "a column that is no more"],
)
def test_changes_are_told_by_the_columns_name(before, after, found):
    assert changes(kind("penalty"), before, after) == found


def test_steps_come_anew_after_a_fact_was_taken_back():
    told = steps(
        [
            revision(1, {"CF_NR_FK": "5"}),
            revision(2, {"CF_NR_FK": "6"}),
            revision(3, {"TZ_RQ": "2026-06-01"}, of="repaired"),
            revision(4, {"CF_NR_FK": "6"}, gone=True),
            revision(5, {"CF_NR_FK": "6"}),
        ]
    )

    assert [(step.is_first, len(step.changes)) for step in told] == [
        (True, 0),
        (False, 1),
        (True, 0),
        (False, 0),
        (True, 0),
    ]


@pytest.mark.django_db
def test_a_records_lineage_has_its_revisions_in_their_order_and_nothing_of_others():
    make.subject()
    make.record("penalty", {"CF_NR_FK": "5"})
    make.record("penalty", {"CF_NR_FK": "6"})
    make.record("penalty", {"CF_NR_FK": "9"}, number="2")
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM records_record WHERE body ->> 'CF_NR_FK' = '5'")
        key = bytes(cursor.fetchone()[0])

    found = lineage.of_record(make.USCC, "penalty", key)

    assert [step.said.body["CF_NR_FK"] for step in found.steps] == ["5", "6"]
    assert found.steps[1].changes == (Change("罚款金额(万元)", "5", "6"),)
    assert (found.steps[0].said.batch, found.steps[0].said.row, found.is_whole) == (1, 1, True)


@pytest.mark.django_db
def test_of_very_many_steps_the_oldest_are_left_out(monkeypatch):
    monkeypatch.setattr(lineage, "STEPS_AT_MOST", 2)
    make.subject()
    for fine in "123":
        make.record("penalty", {"CF_NR_FK": fine})
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM records_record LIMIT 1")
        key = bytes(cursor.fetchone()[0])

    found = lineage.of_record(make.USCC, "penalty", key)

    assert [one.changes for one in found.steps] == [
        (Change("罚款金额(万元)", "1", "2"),),
        (Change("罚款金额(万元)", "2", "3"),),
    ]
    assert not found.is_whole


@pytest.mark.django_db
def test_the_registers_lineage_tells_what_changed():
    make.subject(ENTNAME="松岭里饺子馆", LEREP="张三")
    make.subject(ENTNAME="松岭里饺子馆", LEREP="李四")

    found = lineage.of_registration(make.USCC)

    assert found.steps[1].changes == (Change("法定代表人", "张三", "李四"),)
