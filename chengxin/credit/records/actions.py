"""Acts on records: adding facts. Nothing here changes or moves a row that stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from chengxin.credit.subjects.actions import BULK_FROM, TOUCH_CHANNEL


class Fact(NamedTuple):
    """One row of a file as normalised: whom it is about, which document it is, and what it says."""

    row: int
    subject: str
    key: bytes
    digest: bytes
    happened_on: date
    body: str  # JSON
    source: str
    source_code: str


class Outcome(NamedTuple):
    """What became of the rows of one act."""

    accepted: int
    unchanged: int
    unmatched: int


def append(*, kind: str, facts: Iterable[Fact], batch: int, received_at: datetime) -> Outcome:
    """Add facts of one kind, in sets: a fact that says what the newest revision of its key says is unchanged.

    Facts whose subject is not known are left out and counted; `unmatched` reads them back. Of two rows with one key in
    the same file the later is the further revision. Runs in the caller's transaction; two files of one kind at once go
    one after the other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"records.append {kind}"])
        cursor.execute("DROP TABLE IF EXISTS pg_temp.facts")
        cursor.execute(
            """CREATE TEMP TABLE facts (row int, subject varchar(18) COLLATE "C", key bytea, digest bytea,
               happened_on date, body text, source text, source_code text) ON COMMIT DROP"""
        )
        with cursor.copy("COPY facts FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "varchar", "bytea", "bytea", "date", "text", "text", "text"])
            for fact in facts:
                copy.write_row(fact)
        cursor.execute("ANALYZE facts (row, subject, key, digest)")
        # Whose subject is unknown is asked once: a subject may be registered at any moment from here on.
        cursor.execute("DROP TABLE IF EXISTS pg_temp.unknown")
        cursor.execute(
            """CREATE TEMP TABLE unknown ON COMMIT DROP AS SELECT row, subject, body FROM facts f
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = f.subject)"""
        )
        # Bodies are long: what is new is worked out without them, and they are fetched by place at the end.
        cursor.execute(
            """WITH matched AS MATERIALIZED (
                 SELECT f.ctid AS place, f.row, f.subject, f.key, f.digest FROM facts f
                 WHERE NOT EXISTS (SELECT FROM unknown u WHERE u.subject = f.subject)),
               newest AS (
                 SELECT DISTINCT ON (r.subject, r.key) r.subject, r.key, r.digest, r.revision
                 FROM records_record r JOIN (SELECT DISTINCT subject, key FROM matched) m USING (subject, key)
                 WHERE r.kind = %(kind)s ORDER BY r.subject, r.key, r.revision DESC),
               told AS (
                 SELECT m.place, m.row, m.subject, m.key, coalesce(n.revision, 0) AS base,
                   coalesce(lag(m.digest) OVER (PARTITION BY m.subject, m.key ORDER BY m.row), n.digest)
                     IS DISTINCT FROM m.digest AS news
                 FROM matched m LEFT JOIN newest n USING (subject, key)),
               counted AS MATERIALIZED (
                 SELECT place, news, base + count(*) FILTER (WHERE news)
                   OVER (PARTITION BY subject, key ORDER BY row) AS revision FROM told),
               added AS (
                 INSERT INTO records_record (subject, kind, key, revision, digest, happened_on, body, source,
                   source_code, batch, row, received_at)
                 SELECT f.subject, %(kind)s, f.key, c.revision, f.digest, f.happened_on, f.body::jsonb, f.source,
                   f.source_code, %(batch)s, f.row, %(at)s
                 FROM counted c JOIN facts f ON f.ctid = c.place WHERE c.news
                 RETURNING subject),
               touched AS (
                 INSERT INTO subjects_touch (subject, bulk)
                 SELECT DISTINCT subject, (SELECT count(*) FROM added) > %(bulk_from)s FROM added)
               SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM matched), (SELECT count(*) FROM facts)""",
            {"kind": kind, "batch": batch, "at": received_at, "bulk_from": BULK_FROM},
        )
        added, matched, told = cursor.fetchone()
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    return Outcome(accepted=added, unchanged=matched - added, unmatched=told - matched)


def unmatched() -> Iterator[tuple[int, str, str]]:
    """Yield row, subject and body (JSON text) of the facts whose subject was not known, of the `append` just made."""
    # A server-side cursor: every row of a large file may be among them.
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT row, subject, body FROM unknown ORDER BY row")
        while rows := cursor.fetchmany(1000):
            yield from rows
