"""Questions about records."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from chengxin.credit.records import standing as rules
from chengxin.credit.records.standing import Said, Settled, Standing


def standing(subjects: Sequence[str]) -> list[Standing]:
    """Return the records of these subjects that hold today, newest document first within a subject.

    What was stopped or taken back is not among them, and what was corrected stands in its new value. Whatever shows,
    shares or uses records reads this and nothing else (《信用修复管理办法》: 终止公示、停止共享、停止使用).
    """
    return [one.standing for one in rules.settle(_said(subjects)) if not one.state]


def history(subject: str) -> list[Settled]:
    """Return every record of a subject with its state, newest document first, for those who may see what stopped."""
    return rules.settle(_said([subject]))


def settled(subjects: Sequence[str]) -> list[Settled]:
    """Return every record of these subjects with its state."""
    return rules.settle(_said(subjects))


def numbers(subjects: Sequence[str]) -> dict[str, int]:
    """Return how many rows are kept of the records of these subjects, for whoever shares out work; 0 is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, count(*) FROM records_record WHERE subject = ANY(%s) GROUP BY subject", [list(subjects)]
        )
        return dict(cursor.fetchall())


def _said(subjects: Sequence[str]) -> list[Said]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject, kind, happened_on, body::text, source, source_code, received_at, id, key, batch, row,
                 target_kind, target_key
               FROM (SELECT DISTINCT ON (subject, kind, key) * FROM records_record WHERE subject = ANY(%s)
                     ORDER BY subject, kind, key, revision DESC) newest
               WHERE NOT gone ORDER BY subject, happened_on DESC, id DESC""",
            [list(subjects)],
        )
        return [
            Said._make((*row[:3], json.loads(row[3]), *row[4:8], bytes(row[8]), *row[9:12], row[12] and bytes(row[12])))
            for row in cursor.fetchall()
        ]
