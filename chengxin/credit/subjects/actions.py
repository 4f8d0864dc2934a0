"""Acts on subjects: taking in what the register says, and noting that something of a subject changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from chengxin.credit.subjects import identities
from chengxin.credit.subjects.rules import called

TOUCH_CHANNEL = "touch"
BULK_FROM = 500
"""From so many touches in one act on, they wait behind those of a person's act."""


class Entry(NamedTuple):
    """One row of a registry file, as normalised."""

    row: int
    subject: str
    name: str
    state: str
    kind: str
    division: str
    industry: str
    established_on: date | None
    body: str  # JSON
    digest: bytes
    source: str
    source_code: str
    claims: str = ""  # all that it is called by, see rules.called; empty: its name
    address: str = ""


class Outcome(NamedTuple):
    """What became of the rows of one act."""

    accepted: int
    unchanged: int


def register(*, entries: Iterable[Entry], batch: int, received_at: datetime) -> Outcome:
    """Take in what a registry file says: new subjects, and a new registration wherever the content differs.

    Of two rows for one subject in the same file both are kept, in the file's order. Runs in the caller's transaction;
    two files at once go one after the other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('subjects.register'))")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.entries")
        cursor.execute(
            """CREATE TEMP TABLE entries (row int, subject varchar(18) COLLATE "C", name text, state text, kind text,
               division text, industry text, established_on date, body text, digest bytea, source text,
               source_code text, claims text) ON COMMIT DROP"""
        )
        with cursor.copy("COPY entries FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(
                [
                    "int4",
                    "varchar",
                    "text",
                    "text",
                    "text",
                    "text",
                    "text",
                    "date",
                    "text",
                    "bytea",
                    "text",
                    "text",
                    "text",
                ]
            )
            for entry in entries:
                copy.write_row((*entry[:12], entry.claims or called(entry.name)))
        cursor.execute("ANALYZE entries")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.newcomers")
        cursor.execute(
            """CREATE TEMP TABLE newcomers ON COMMIT DROP AS
               SELECT DISTINCT subject FROM entries e
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = e.subject)"""
        )
        cursor.execute(
            "INSERT INTO subjects_subject (uscc, first_seen_at) SELECT subject, %s FROM newcomers ORDER BY subject",
            [received_at],
        )
        # A row is news when it differs from the row before it in the file, or else from the newest registration.
        cursor.execute(
            """WITH newest AS (
                 SELECT DISTINCT ON (r.subject) r.subject, r.digest FROM subjects_registration r
                 WHERE r.subject IN (SELECT subject FROM entries) AND r.subject NOT IN (SELECT subject FROM newcomers)
                 ORDER BY r.subject, r.id DESC),
               told AS (
                 SELECT e.*, coalesce(lag(e.digest) OVER (PARTITION BY e.subject ORDER BY e.row), n.digest) AS before
                 FROM entries e LEFT JOIN newest n USING (subject)),
               added AS (
                 INSERT INTO subjects_registration (subject, name, state, kind, division, industry, established_on,
                   body, digest, source, source_code, batch, row, received_at)
                 SELECT subject, name, state, kind, division, industry, established_on, body::jsonb, digest, source,
                   source_code, %s, row, %s
                 FROM told WHERE before IS DISTINCT FROM digest ORDER BY row
                 RETURNING subject),
               touched AS (
                 INSERT INTO subjects_touch (subject, bulk)
                 SELECT DISTINCT subject, (SELECT count(*) FROM added) > %s FROM added)
               SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM entries)""",
            [batch, received_at, BULK_FROM],
        )
        added, told = cursor.fetchone()
        identities.keep()
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    return Outcome(accepted=added, unchanged=told - added)


def touch(subjects: Iterable[str]) -> None:
    """Note, in the caller's transaction, that something of these subjects changed; the pipeline posts them anew.

    Added, never upserted: two acts on one subject must not wait for each other.
    """
    names = sorted(set(subjects))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO subjects_touch (subject, bulk) SELECT unnest(%s::varchar[]), %s",
            [names, len(names) > BULK_FROM],
        )
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
