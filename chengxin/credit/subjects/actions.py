"""Acts on subjects: taking in what the register says, and noting that something of a subject changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection

from chengxin.credit.subjects import areas, identities
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


class Difference(NamedTuple):
    """What staged entries are, compared with the register: `changed` are of subjects that are registered already."""

    new: int
    changed: int
    unchanged: int


class Undone(NamedTuple):
    """What became of the subjects of a batch that was taken back."""

    taken_back: int
    left: int  # a later batch has said something else since


def make_found() -> None:
    """Make `pg_temp.found`, where whoever looks over staged rows says what was found about which."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.found")
        cursor.execute(
            """CREATE TEMP TABLE found (row int, code text, "column" text, level text, message text,
               waiting boolean NOT NULL DEFAULT false) ON COMMIT DROP"""
        )


def lock() -> None:
    """Let nobody else add to the register until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('subjects.register'))")


def line(entry: Entry) -> str:
    """Return an entry as PostgreSQL copies it from text."""
    told = entry if entry.claims else entry._replace(claims=called(entry.name))
    return "\t".join(map(escaped, told)) + "\n"


NULL: Final = "\\N"


def escaped(value: object) -> str:
    """Return a value as it stands in text that PostgreSQL copies."""
    if isinstance(value, str):
        if "\\" in value:
            value = value.replace("\\", "\\\\")
        if not value.isprintable():
            value = value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        return value
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return NULL if value is None else str(value)


def begin() -> None:
    """Begin a file: nothing of it was seen yet."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.seen")
        cursor.execute(
            """CREATE TEMP TABLE seen (subject varchar(18) COLLATE "C", digest bytea, row int) ON COMMIT DROP"""
        )


def stage(*, entries: Iterable[Entry]) -> None:
    """Put entries into `pg_temp.entries`, for the rest of the caller's transaction."""
    begin()
    stage_lines(blocks=(line(entry).encode() for entry in entries))


def stage_lines(*, blocks: Iterable[bytes]) -> None:
    """Put entries that were made lines into `pg_temp.entries`, for the rest of the caller's transaction."""
    make_found()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.entries")
        cursor.execute(
            """CREATE TEMP TABLE entries (row int, subject varchar(18) COLLATE "C", name text, state text, kind text,
               division text, industry text, established_on date, body text, digest bytea, source text,
               source_code text, claims text, address text) ON COMMIT DROP"""
        )
        with cursor.copy("COPY entries FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        cursor.execute("ANALYZE entries (row, subject, digest)")


def settle(*, more: bool = False) -> Difference:
    """Work out what is new among the staged entries, into `pg_temp.counted`, and return how many.

    An entry is news when it differs from the one before it in the file, or else from the newest registration. With
    `more`, these are some of a file's rows and others follow: `pg_temp.seen` keeps in mind what this file has said.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.counted")
        cursor.execute("ANALYZE found (row)")
        cursor.execute(
            """CREATE TEMP TABLE counted ON COMMIT DROP AS
               WITH matched AS MATERIALIZED (
                 SELECT e.ctid AS place, e.row, e.subject, e.digest, e.source_code FROM entries e
                 WHERE NOT EXISTS (SELECT FROM found u WHERE u.row = e.row AND u.level = 'error')),
               newest AS (
                 SELECT DISTINCT ON (r.subject) r.subject, CASE WHEN NOT r.gone THEN r.digest END AS digest
                 FROM subjects_registration r WHERE r.subject IN (SELECT subject FROM matched)
                 ORDER BY r.subject, r.id DESC),
               sent AS (
                 SELECT DISTINCT ON (s.subject) s.subject, s.digest, s.row FROM seen s JOIN matched m USING (subject)
                 ORDER BY s.subject, s.row DESC),
               told AS (
                 SELECT m.*, coalesce(lag(m.row) OVER together, s.row) AS twin,
                   coalesce(lag(m.digest) OVER together, s.digest, n.digest) AS before
                 FROM matched m LEFT JOIN newest n USING (subject) LEFT JOIN sent s USING (subject)
                 WINDOW together AS (PARTITION BY m.subject ORDER BY m.row))
               SELECT place, row, subject AS whose, digest AS says, source_code AS sender, twin, before IS NULL AS is_first,
                 before IS DISTINCT FROM digest AS news FROM told"""
        )
        if more:
            cursor.execute("INSERT INTO seen SELECT whose, says, row FROM counted")
        cursor.execute(
            """SELECT count(*) FILTER (WHERE news AND is_first), count(*) FILTER (WHERE news AND NOT is_first),
                 count(*) FILTER (WHERE NOT news) FROM counted"""
        )
        return Difference._make(cursor.fetchone())


def register_staged(*, batch: int, received_at: datetime) -> int:
    """Take in the staged entries that are news, once settled: new subjects first; return how many entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_subject (uscc, first_seen_at)
               SELECT DISTINCT e.subject, %s::timestamptz FROM entries e JOIN counted c ON c.place = e.ctid
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = e.subject) ORDER BY e.subject""",
            [received_at],
        )
        cursor.execute(
            """WITH added AS (
                 INSERT INTO subjects_registration (subject, name, state, kind, division, industry, established_on,
                   body, digest, source, source_code, batch, row, received_at)
                 SELECT e.subject, e.name, e.state, e.kind, e.division, e.industry, e.established_on, e.body::jsonb,
                   e.digest, e.source, e.source_code, %s, e.row, %s
                 FROM counted c JOIN entries e ON e.ctid = c.place WHERE c.news ORDER BY e.row
                 RETURNING subject),
               touched AS (
                 INSERT INTO subjects_touch (subject, bulk)
                 SELECT DISTINCT subject, (SELECT count(*) FROM added) > %s FROM added)
               SELECT count(*) FROM added""",
            [batch, received_at, BULK_FROM],
        )
        (added,) = cursor.fetchone()
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    identities.keep()
    areas.read_addresses(batch=batch, at=received_at)
    return int(added)


def register(*, entries: Iterable[Entry], batch: int, received_at: datetime) -> Outcome:
    """Take in what a registry file says: new subjects, and a new registration wherever the content differs.

    Of two rows for one subject in the same file both are kept, in the file's order. Runs in the caller's transaction;
    two files at once go one after the other.
    """
    lock()
    stage(entries=entries)
    difference = settle()
    return Outcome(register_staged(batch=batch, received_at=received_at), difference.unchanged)


def changes(*, limit: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield row, subject, and the bodies (JSON) before and after, of the first settled entries that change one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.row, e.subject,
                 (SELECT r.body::text FROM subjects_registration r WHERE r.subject = e.subject
                  ORDER BY r.id DESC LIMIT 1), e.body
               FROM counted c JOIN entries e ON e.ctid = c.place
               WHERE c.news AND NOT c.is_first AND c.twin IS NULL ORDER BY c.row LIMIT %s""",
            [limit],
        )
        yield from cursor.fetchall()


def take_back(*, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
    """Undo what a batch said to the register: append to each of its subjects what stood before it, or that it is gone.

    What is registered is what the newest row says that comes of no batch in `void` (batches undone, and their undoing).
    Where that is not of this batch, another has spoken since, and it stays. The subject itself stays known.
    """
    lock()
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH mine AS MATERIALIZED (SELECT DISTINCT subject FROM subjects_registration WHERE batch = %(batch)s),
               counting AS MATERIALIZED (
                 SELECT r.subject, r.id, r.batch FROM subjects_registration r JOIN mine USING (subject)
                 WHERE r.batch <> ALL (%(void)s)),
               stands AS (SELECT DISTINCT ON (subject) subject, id, batch FROM counting ORDER BY subject, id DESC),
               mended AS (SELECT subject, id FROM stands WHERE batch = %(batch)s),
               before AS (
                 SELECT DISTINCT ON (subject) subject, id FROM counting WHERE batch <> %(batch)s
                 ORDER BY subject, id DESC),
               added AS (
                 INSERT INTO subjects_registration (subject, name, state, kind, division, industry, established_on,
                   body, digest, source, source_code, batch, row, received_at, gone)
                 SELECT r.subject, r.name, r.state, r.kind, r.division, r.industry, r.established_on, r.body, r.digest,
                   r.source, r.source_code, %(by_batch)s, r.row, %(at)s, b.id IS NULL
                 FROM mended m LEFT JOIN before b USING (subject)
                   JOIN subjects_registration r ON r.subject = m.subject AND r.id = coalesce(b.id, m.id)
                 RETURNING subject),
               touched AS (
                 INSERT INTO subjects_touch (subject, bulk)
                 SELECT subject, (SELECT count(*) FROM added) > %(bulk_from)s FROM added)
               SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM mine) - (SELECT count(*) FROM mended)""",
            {"batch": batch, "void": list(void), "by_batch": by_batch, "at": at, "bulk_from": BULK_FROM},
        )
        undone = Undone._make(cursor.fetchone())
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    identities.forget(batch=batch, undone=void)
    areas.take_back(batch=batch, void=void, by=areas.REGISTER, by_batch=by_batch, at=at)
    return undone


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
