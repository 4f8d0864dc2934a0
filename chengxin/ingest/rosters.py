"""名册: which governing area businesses belong to, as a file of an area's office says: attributions, not records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db import connection

from chengxin.credit.records import rules
from chengxin.credit.records.checks import message
from chengxin.credit.records.form import Kind
from chengxin.credit.subjects import areas
from chengxin.credit.subjects.actions import escaped, make_found
from chengxin.credit.subjects.areas import Place
from chengxin.ingest.facts import source_of
from chengxin.ingest.sources import Source

ROSTER: Final = "roster"
AREA: Final = "GX_QY"
STATE: Final = "GX_ZT"
OUT: Final = "2"
BY: Final = "名册"
"""Who attributes: the file. Who sent it is said by its batch."""
CHUNK: Final = 2000


def lines(what: Kind, rows: Iterator[tuple[int, dict[str, str]]], source: Source) -> Iterator[bytes]:
    """Yield rows as PostgreSQL copies them."""
    for row, body in rows:
        subject = body[what.roles.subject]
        area = "" if body.get(STATE) == OUT else body[AREA]
        said, _ = rules.said(body)
        told = (row, subject, f"uscc:{subject}", area, said, *source_of(what, body, source.unit, source.uscc))
        yield ("\t".join(map(escaped, told)) + "\n").encode()


def begin() -> None:
    """Begin a file: nothing of it was seen yet."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.seen")
        cursor.execute(
            """CREATE TEMP TABLE seen (subject varchar(18) COLLATE "C", area text, row int) ON COMMIT DROP"""
        )


def stage(blocks: Iterable[bytes]) -> None:
    """Put lines into `pg_temp.enrolled`."""
    make_found()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.enrolled")
        cursor.execute(
            """CREATE TEMP TABLE enrolled (row int, subject varchar(18) COLLATE "C", claim text COLLATE "C", area text,
               body text, source text, source_code text) ON COMMIT DROP"""
        )
        with cursor.copy("COPY enrolled FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        cursor.execute("ANALYZE enrolled (row, subject)")


def lock() -> None:
    """Let nobody else take in a roster until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('subjects.roster'))")


def settle(*, more: bool) -> tuple[int, int, int]:
    """Work out what is news, into `pg_temp.counted`; return how many rows are new, changed and unchanged.

    Whose subject is not registered is turned away: a roster speaks of businesses that are known, and is sent again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message)
               SELECT row, 'E39', '', 'error', %s FROM enrolled e
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = e.subject)""",
            [message("E39", "unknown")],
        )
        cursor.execute("DROP TABLE IF EXISTS pg_temp.counted")
        cursor.execute(
            """CREATE TEMP TABLE counted ON COMMIT DROP AS
               WITH mine AS (
                 SELECT e.ctid AS place, e.row, e.subject, e.area, e.source_code FROM enrolled e
                 WHERE NOT EXISTS (SELECT FROM found u WHERE u.row = e.row AND u.level = 'error')),
               said AS (
                 SELECT DISTINCT ON (a.subject) a.subject, a.area FROM subjects_attribution a
                 WHERE a.way = 'roster' AND a.subject IN (SELECT subject FROM mine) ORDER BY a.subject, a.id DESC),
               sent AS (
                 SELECT DISTINCT ON (n.subject) n.subject, n.area, n.row FROM seen n JOIN mine USING (subject)
                 ORDER BY n.subject, n.row DESC),
               told AS (
                 SELECT m.*, coalesce(lag(m.row) OVER together, n.row) AS twin,
                   coalesce(lag(m.area) OVER together, n.area, s.area) AS before
                 FROM mine m LEFT JOIN said s USING (subject) LEFT JOIN sent n USING (subject)
                 WINDOW together AS (PARTITION BY m.subject ORDER BY m.row))
               SELECT place, row, subject AS whose, area AS says, source_code AS sender, twin, coalesce(before, '') = '' AS is_first,
                 coalesce(before, '') <> area AS news
               FROM told"""
        )
        if more:
            cursor.execute("INSERT INTO seen SELECT whose, says, row FROM counted")
        cursor.execute(
            """SELECT count(*) FILTER (WHERE news AND is_first), count(*) FILTER (WHERE news AND NOT is_first),
                 count(*) FILTER (WHERE NOT news) FROM counted"""
        )
        row: tuple[int, int, int] = cursor.fetchone()
        return row


def changes(limit: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield row, subject, and the bodies before and after, of the first rows that change an area."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.row, e.subject,
                 (SELECT a.area FROM subjects_attribution a WHERE a.way = 'roster' AND a.subject = e.subject
                  ORDER BY a.id DESC LIMIT 1), e.body
               FROM counted c JOIN enrolled e ON e.ctid = c.place
               WHERE c.news AND NOT c.is_first AND c.twin IS NULL ORDER BY c.row LIMIT %s""",
            [limit],
        )
        for row, subject, before, body in cursor.fetchall():
            after: dict[str, Any] = msgspec.json.decode(body)
            yield row, subject, msgspec.json.encode({**after, AREA: before}).decode(), body


def append(*, batch: int, at: datetime) -> int:
    """Attribute, and return how many rows were news; of two rows of one subject the later counts."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            """SELECT e.subject, e.area, e.source FROM counted c JOIN enrolled e ON e.ctid = c.place
               WHERE c.news ORDER BY e.row"""
        )
        rows = (row for chunk in iter(lambda: cursor.fetchmany(CHUNK), []) for row in chunk)
        places = (Place(subject, area, f"名册（{source}，批次 {batch}）") for subject, area, source in rows)
        areas.attribute(places, way="roster", by=BY, batch=batch, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM counted WHERE news")
        return int(cursor.fetchone()[0])


def take_back(*, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> tuple[int, int]:
    """Undo a roster: append what was said before it; return for how many subjects, and how many another spoke of since."""
    lock()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT subject) FROM subjects_attribution WHERE batch = %s", [batch])
        (told,) = cursor.fetchone()
    taken = areas.take_back(batch=batch, void=void, by=BY, by_batch=by_batch, at=at)
    return taken, told - taken
