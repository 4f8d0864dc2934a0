"""待匹配: rows that came before their subject did are taken when it comes, with their own batch, row and day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from chengxin.credit.records import actions as records
from chengxin.credit.records import catalogue
from chengxin.ingest.facts import fact
from chengxin.people import trail
from chengxin.people.trail import Actor

CHUNK: Final = 5000


def take(*, by: Actor, at: datetime) -> int:
    """Add the waiting rows whose subject is known now, and return how many they were.

    Run after the transaction that brought rows or subjects, not in it: of two files at once, one with the subject and
    one with its records, whichever ends last sees both here.
    """
    taken = after = 0
    while chunk := _take_chunk(after, by, at):
        taken += len(chunk)
        after = chunk[-1]
    return taken


@transaction.atomic
def _take_chunk(after: int, by: Actor, at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        # Another intake that matches at this moment takes other rows.
        cursor.execute(
            """SELECT s.id, s.row, s.body::text, b.id AS batch, b.kind, b.source, b.source_code, b.received_at
               FROM ingest_set_aside s JOIN ingest_batch b ON b.id = s.batch_id
               WHERE s.waiting AND s.id > %s AND EXISTS (SELECT FROM subjects_subject j WHERE j.uscc = s.subject)
               ORDER BY s.id LIMIT %s FOR UPDATE OF s SKIP LOCKED""",
            [after, CHUNK],
        )
        rows = cursor.fetchall()
        for (kind, batch, received_at), group in groupby(sorted(rows, key=_batch), key=_batch):
            records.append(kind=kind, facts=_facts(kind, group), batch=batch, received_at=received_at)
        ids = [row[0] for row in rows]
        cursor.execute("UPDATE ingest_set_aside SET waiting = false, taken_at = %s WHERE id = ANY(%s)", [at, ids])
    if ids:
        trail.note(by=by, verb="intake.match", thing="waiting rows", at=at, detail={"matched": len(ids)})
    return ids


def _batch(row: tuple[Any, ...]) -> tuple[str, int, datetime]:
    return row[4], row[3], row[7]


def _facts(kind: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[records.Fact]:
    what = catalogue.kind(kind)
    for _, row, body, _, _, source, source_code, _ in rows:
        yield fact(what, row, msgspec.json.decode(body), source, source_code)
