"""待匹配: rows wait until it is known whose they are, and are then taken with their own batch, row and day.

That is known when the register brings their subject, when the record comes that they speak of, or when a clerk decides:
once for all rows with the same claim, and for those to come. A newer decision counts for rows to come; what was taken
already is taken back by undoing its batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from chengxin.credit.records import actions as records
from chengxin.credit.records import catalogue, stops, targets
from chengxin.credit.records.checks import message
from chengxin.credit.subjects.models import Subject
from chengxin.credit.subjects.rules import fold
from chengxin.ingest import matching
from chengxin.ingest.facts import fact
from chengxin.ingest.models import Decision, SetAside
from chengxin.ingest.patience import not_for_long
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused

CHUNK: Final = 5000
REASON_LENGTH: Final = 200
REFUSED, REFUSED_SAYS = matching.TURNS["refused"]


class Row(NamedTuple):
    """A waiting row, and whose it is now known to be."""

    id: int
    row: int
    body: str  # JSON
    subject: str
    how: str
    reason: str
    batch: int
    kind: str
    source: str
    source_code: str
    received_at: datetime


# ---- Taking --------------------------------------------------------------------------------------------------------


def take(*, by: Actor, at: datetime) -> int:
    """Add the waiting rows of which it is known now whose they are, and return how many they were.

    Run after the transaction that brought rows or subjects, not in it: of two files at once, one with the subject and
    one with its records, whichever ends last sees both here. So rows of a kind that somebody is adding to are left to him.
    """
    with connection.cursor() as cursor:
        # The most usual case by far, after every file: to answer no claims costs as much as to take in a small one.
        cursor.execute("SELECT EXISTS (SELECT FROM ingest_set_aside WHERE waiting AND claim > '')")
        if not cursor.fetchone()[0]:
            return 0
    _answer()
    taken = after = 0
    while chunk := _take_noted(after, by, at):
        taken += chunk.taken
        after = chunk.after
    return taken


class _Chunk(NamedTuple):
    taken: int
    after: int


@transaction.atomic
def _take_noted(after: int, by: Actor, at: datetime) -> _Chunk | None:
    chunk = _take_chunk(after, at, wait=False)
    if chunk and chunk.taken:
        trail.note(by=by, verb="intake.match", thing="waiting rows", at=at, detail={"matched": chunk.taken})
    return chunk


def _answer(claim: str | None = None) -> None:
    """Answer the claims of waiting rows, or the one that is named, for all transactions that take them."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.claims")
        cursor.execute('CREATE TEMP TABLE claims (claim text COLLATE "C")')
        if claim is None:
            cursor.execute(
                "INSERT INTO claims SELECT DISTINCT claim FROM ingest_set_aside WHERE waiting AND claim <> ''"
            )
        else:
            cursor.execute("INSERT INTO claims VALUES (%s)", [claim])
        matching.answer(cursor, kept="")
        cursor.execute("DROP TABLE pg_temp.parts, pg_temp.bearers")
        cursor.execute("DELETE FROM pg_temp.answers WHERE how NOT IN ('uscc', 'decision', 'number', 'name', 'refused')")


def _take_chunk(after: int, at: datetime, *, wait: bool) -> _Chunk | None:
    with connection.cursor() as cursor:
        # Another intake that matches at this moment takes other rows.
        cursor.execute(
            """SELECT s.id, s.row, s.body::text, a.subject, a.how, a.reason, b.id, b.kind, b.source, b.source_code,
                 b.received_at
               FROM ingest_set_aside s JOIN pg_temp.answers a USING (claim) JOIN ingest_batch b ON b.id = s.batch_id
               WHERE s.waiting AND s.id > %s
                 AND NOT (a.how = 'name' AND a.since > (s.body ->> (%s::jsonb ->> b.kind))::date)
                 AND (s.code <> %s OR EXISTS (
                   SELECT FROM records_record r WHERE r.subject = a.subject AND r.kind = s.body ->> %s))
               ORDER BY s.id LIMIT %s FOR UPDATE OF s SKIP LOCKED""",
            [after, msgspec.json.encode(_days()).decode(), targets.NO_TARGET, targets.KIND, CHUNK],
        )
        rows = [Row._make(row) for row in cursor.fetchall()]
    if not rows:
        return None
    _turn_away([row for row in rows if row.how == "refused"])
    found = sorted((row for row in rows if row.how != "refused"), key=attrgetter("kind", "batch", "row"))
    of_kinds = [(kind, list(group)) for kind, group in groupby(found, key=attrgetter("kind"))]
    taken = sum(_take_rows(kind, group, at) for kind, group in of_kinds if wait or records.try_lock(kind))
    return _Chunk(taken, rows[-1].id)


def _days() -> dict[str, str]:
    """Return kind → the column that says on which day a record happened."""
    return {name: kind.roles.happened_on for name, kind in catalogue.KINDS.items() if kind.roles.happened_on}


def _turn_away(rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE ingest_set_aside s SET waiting = false, code = %s, message = t.message
               FROM unnest(%s::bigint[], %s::text[]) AS t (id, message) WHERE s.id = t.id""",
            [
                REFUSED,
                [row.id for row in rows],
                [message(REFUSED, REFUSED_SAYS, reason=row.reason) for row in rows],
            ],
        )


def _take_rows(kind: str, rows: Sequence[Row], at: datetime) -> int:
    """Add the rows of one kind, each in its own batch, and return how many were taken; the others go on waiting."""
    taken = 0
    for (batch, received_at), group in groupby(rows, key=attrgetter("batch", "received_at")):
        here = list(group)
        records.lock(kind)
        records.stage(facts=_facts(kind, here))
        stops.resolve(kind)
        left = _left_out()
        records.settle(kind=kind)
        records.append_staged(kind=kind, batch=batch, received_at=received_at)
        ids = [row.id for row in here if row.row not in left]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ingest_set_aside SET waiting = false, taken_at = %s WHERE id = ANY(%s)", [at, ids])
            _say_why([(row.id, *left[row.row]) for row in here if row.row in left])
        taken += len(ids) + take_stops(kind=kind, batch=batch, at=at)
    return taken


def take_stops(*, kind: str, batch: int, at: datetime) -> int:
    """Add what waited to stop a record of this kind that this batch brought, and return how many.

    In the caller's transaction, that brings the records: what was withdrawn or repaired before it came is never shown, not
    for a moment. Uses the temporary tables of staging anew. What somebody else takes at this moment is left to `take`.
    """
    if catalogue.kind(kind).stops:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.id, s.row, s.body::text, s.subject, 'uscc', '', b.id, b.kind, b.source, b.source_code,
                 b.received_at
               FROM ingest_set_aside s JOIN ingest_batch b ON b.id = s.batch_id
               WHERE s.waiting AND s.code = %s AND s.body ->> %s = %s AND EXISTS (
                 SELECT FROM records_record r WHERE r.subject = s.subject AND r.kind = %s AND r.batch = %s)
               ORDER BY b.kind, b.id, s.row LIMIT %s FOR UPDATE OF s SKIP LOCKED""",
            [targets.NO_TARGET, targets.KIND, kind, kind, batch, CHUNK],
        )
        rows = [Row._make(row) for row in cursor.fetchall()]
    # Two locks in an order that somebody else may reverse: who waits here might wait for ever.
    of_kinds = [(stop, list(group)) for stop, group in groupby(rows, key=attrgetter("kind"))]
    return sum(_take_rows(stop, group, at) for stop, group in of_kinds if records.try_lock(stop))


def _left_out() -> dict[int, tuple[str, str, bool]]:
    """Return row → code, message and whether it waits on, of the staged rows that something is wrong with."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (row) row, code, message, waiting FROM pg_temp.found WHERE level = 'error'
               ORDER BY row, waiting, code"""
        )
        return {row: (code, said, waits) for row, code, said, waits in cursor.fetchall()}


def _say_why(left: Sequence[tuple[int, str, str, bool]]) -> None:
    if left:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE ingest_set_aside s SET code = t.code, message = left(t.message, 500), waiting = t.waiting
                   FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bool[]) AS t (id, code, message, waiting)
                   WHERE s.id = t.id AND (s.code, s.waiting) <> (t.code, t.waiting)""",
                [list(column) for column in zip(*left, strict=True)],
            )


def _facts(kind: str, rows: Iterable[Row]) -> Iterator[records.Fact]:
    what = catalogue.kind(kind)
    for row in rows:
        body: Mapping[str, str] = msgspec.json.decode(row.body)
        yield fact(what, row.row, body, row.source, row.source_code)._replace(subject=row.subject)


# ---- Deciding ------------------------------------------------------------------------------------------------------


class Decided(NamedTuple):
    """What came of a decision: the rows that were taken, and those that were turned away."""

    number: int
    taken: int
    refused: int


def decide(*, claim: str, subject: str, reason: str, by: Actor, at: datetime, seen: int | None = None) -> Decided:
    """Decide whose all rows with a claim are, or that they are nobody's (no subject), for those that wait and those to come.

    :param seen: the newest decision on this claim that the clerk has seen, 0 for none; None where nobody looked.
    :raises Refused: another has decided meanwhile, the subject is not registered, a reason is missing, or others add to a
        kind of these rows at this moment.
    """
    reason = " ".join(reason.split())
    if not claim:
        raise Refused("这一行没有写明是哪一家，不能认定；请退回报送单位补填。")
    if not subject and not reason:
        raise Refused("请写明退回的理由，报送单位会看到。")
    if len(reason) > REASON_LENGTH:
        raise Refused(f"理由最多 {REASON_LENGTH} 个字，请写短些。")
    with transaction.atomic(), not_for_long():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"queue {claim}"])
        newest = Decision.objects.filter(claim=claim).order_by("-id").first()
        if seen is not None and (newest.pk if newest else 0) != seen:
            raise Refused("刚才有人已经认定过，请看过现在的情况再决定。")
        if subject and not Subject.objects.filter(uscc=subject).exists():
            raise Refused("库中没有这个统一社会信用代码，请核对；确有这一家的，请先报送它的登记信息。")
        decision = Decision.objects.create(claim=claim, subject=subject, reason=reason, by=by.name, made_at=at)
        _answer(claim)
        taken, refused = _take_all(claim, at)
        detail = {"subject": subject or "nobody", "taken": taken, "refused": refused}
        trail.note(by=by, verb="queue.decide", thing=f"decision {decision.pk}", at=at, detail=detail)
    return Decided(decision.pk, taken, refused)


def _take_all(claim: str, at: datetime) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT b.kind, count(*) FROM ingest_set_aside s JOIN ingest_batch b ON b.id = s.batch_id
               WHERE s.waiting AND s.claim = %s GROUP BY b.kind ORDER BY b.kind""",
            [claim],
        )
        waiting = dict(cursor.fetchall())
        # All locks at once and in order: two clerks' decisions must not wait for each other.
        for kind in waiting:
            records.lock(kind)
        taken = after = 0
        while chunk := _take_chunk(after, at, wait=True):
            taken, after = taken + chunk.taken, chunk.after
        cursor.execute("SELECT count(*) FROM ingest_set_aside WHERE waiting AND claim = %s", [claim])
        (left,) = cursor.fetchone()
    return taken, sum(waiting.values()) - taken - left


# ---- Looking -------------------------------------------------------------------------------------------------------


class Group(NamedTuple):
    """Waiting rows with one claim: one of them stands for all."""

    number: int  # of the first row
    claim: str
    rows: int
    kinds: list[str]
    sources: list[str]
    since: datetime
    name: str  # as the first row says it
    groups: int  # so many there are in all


MATCHING: Final = tuple(sorted({code for code, _ in matching.WAITS.values()}))
"""What rows of the queue wait by: whose they are. Those that wait for a record are none of a clerk's business."""


def groups(*, unit: int | None, kind: str = "", words: str = "", start: int, count: int) -> list[Group]:
    """Return waiting rows by claim, those with the most rows first; of one unit's own rows alone where one is named."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT g.number, g.claim, g.rows, g.kinds, g.sources, g.since,
                 coalesce(s.body ->> (%(names)s::jsonb ->> b.kind), '') AS name, g.groups
               FROM (
                 SELECT min(s.id) AS number, s.claim, count(*) AS rows, array_agg(DISTINCT b.kind) AS kinds,
                   array_agg(DISTINCT b.source) AS sources, min(b.received_at) AS since, count(*) OVER () AS groups
                 FROM ingest_set_aside s JOIN ingest_batch b ON b.id = s.batch_id
                 WHERE s.waiting AND s.code = ANY(%(codes)s) AND (%(unit)s::bigint IS NULL OR b.unit_id = %(unit)s)
                   AND (%(kind)s = '' OR b.kind = %(kind)s)
                   AND (%(words)s = '' OR strpos(s.claim, %(words)s) > 0)
                 GROUP BY s.claim ORDER BY count(*) DESC, min(s.id) LIMIT %(count)s OFFSET %(start)s) g
                 JOIN ingest_set_aside s ON s.id = g.number JOIN ingest_batch b ON b.id = s.batch_id
               ORDER BY g.rows DESC, g.number""",
            {
                "names": msgspec.json.encode(_names()).decode(),
                "codes": list(MATCHING),
                "unit": unit,
                "kind": kind,
                "words": fold(words),
                "count": count,
                "start": start,
            },
        )
        return [Group._make(row) for row in cursor.fetchall()]


def _names() -> dict[str, str]:
    return {name: kind.roles.name for name, kind in catalogue.KINDS.items()}


def rows_of(claim: str, *, unit: int | None) -> QuerySet[SetAside]:
    """Return the waiting rows with a claim, oldest first, with their batches; of one unit's own where one is named."""
    found = SetAside.objects.filter(waiting=True, claim=claim, code__in=MATCHING).select_related("batch").order_by("id")
    return found if unit is None else found.filter(batch__unit=unit)


def decisions(claim: str) -> QuerySet[Decision]:
    """Return what was decided about a claim, newest first."""
    return Decision.objects.filter(claim=claim).order_by("-id")


def decided(words: str = "") -> QuerySet[Decision]:
    """Return the decisions that count, each the newest of its claim, newest first."""
    newer = Decision.objects.filter(claim=OuterRef("claim"), id__gt=OuterRef("id"))
    found = Decision.objects.exclude(Exists(newer)).order_by("-id")
    return found.filter(claim__contains=fold(words)) if words else found
