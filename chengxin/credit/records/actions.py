"""Acts on records: adding facts, and taking back what a batch added. Nothing here changes or moves a row that stands.

Facts of one file are *staged* in temporary tables first, so that what would become of them can be asked before anything
is written: `stage` → whoever finds their subjects and checks the whole set → `settle` → (`append_staged`).

- `pg_temp.facts`: the rows of the file as facts. `subject` is NULL where a row names none.
- `pg_temp.found`: what was found about rows once they were staged. A row with a finding of level `error` is left out.
- `pg_temp.counted`: made by `settle`: for each row that is left, whether it is news, and which revision it will be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection

from chengxin.credit.records import stops
from chengxin.credit.subjects.actions import BULK_FROM, NULL, TOUCH_CHANNEL, escaped, make_found

FACTS: Final = """CREATE TEMP TABLE facts (row int, subject varchar(18) COLLATE "C", claim text COLLATE "C", key bytea,
  digest bytea, happened_on date, body text, source text, source_code text, target_kind text, target_key bytea,
  authority text, called text) ON COMMIT DROP"""


class Fact(NamedTuple):
    """One row of a file as normalised: whom it is about, which document it is, and what it says."""

    row: int
    subject: str | None
    key: bytes
    digest: bytes
    happened_on: date
    body: str  # JSON
    source: str
    source_code: str
    claim: str | None = ""  # by what else the row names its subject; None: by its USCC alone
    authority: str | None = None  # code of the unit that decided, where that is not the source
    called: str | None = None  # by which name the row calls its subject


class Outcome(NamedTuple):
    """What became of the rows of one act."""

    accepted: int
    unchanged: int
    unmatched: int


class Difference(NamedTuple):
    """What staged rows are, compared with what stands: `changed` are further revisions of a document that is known."""

    new: int
    changed: int
    unchanged: int


class Undone(NamedTuple):
    """What became of the documents of a batch that was taken back."""

    taken_back: int
    left: int  # a later batch has said something else since


def begin() -> None:
    """Begin a file: nothing of it was seen yet."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.seen")
        cursor.execute(
            """CREATE TEMP TABLE seen (subject varchar(18) COLLATE "C", key bytea, digest bytea, revision int, row int)
               ON COMMIT DROP"""
        )


def lock(kind: str) -> None:
    """Let nobody else add records of a kind until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"records.append {kind}"])


def try_lock(kind: str) -> bool:
    """Do the same unless somebody else holds it; tell whether it was done. For who holds another kind's lock already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"records.append {kind}"])
        return bool(cursor.fetchone()[0])


LINE: Final = "row, key, digest, happened_on, claim, source, source_code, subject, authority, called, body"
"""The columns of a line of facts, in their order."""


def line(fact: Fact) -> str:
    """Return a fact as PostgreSQL copies it from text."""
    row, subject, key, digest, happened_on, body, source, source_code, claim, authority, called = fact
    body = escaped(body)
    return (
        f"{row}\t\\\\x{key.hex()}\t\\\\x{digest.hex()}\t{happened_on}\t{escaped(claim)}"
        f"\t{escaped(source)}\t{source_code}\t{NULL if subject is None else subject}"
        f"\t{NULL if authority is None else authority}\t{escaped(called)}\t{body}\n"
    )


def stage(*, facts: Iterable[Fact]) -> None:
    """Put facts into `pg_temp.facts`, for the rest of the caller's transaction."""
    begin()
    stage_lines(blocks=(line(fact).encode() for fact in facts))


def stage_lines(*, blocks: Iterable[bytes]) -> None:
    """Put facts that were made lines into `pg_temp.facts`, for the rest of the caller's transaction."""
    make_found()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.facts")
        cursor.execute(FACTS)
        with cursor.copy(f"COPY facts ({LINE}) FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        cursor.execute("ANALYZE facts (row, subject, key, digest)")


def leave_out_unknown(*, code: str = "E30", message: str = "库中没有这个主体") -> None:
    """Find about every staged fact without a registered subject that it has to wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message, waiting)
               SELECT row, %s, '', 'error', %s, true FROM pg_temp.facts f
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = f.subject)
                 AND NOT EXISTS (SELECT FROM pg_temp.found u WHERE u.row = f.row AND u.level = 'error')""",
            [code, message],
        )


def settle(*, kind: str, more: bool = False, into: int | None = None) -> Difference:
    """Work out what is new among the staged facts, into `pg_temp.counted`, and return how many.

    A fact that says what the newest revision of its key says is unchanged; one whose newest revision is gone is new. Of
    two rows with one key in the same file the later is the further revision. With `more`, these are some of a file's
    rows and others follow: `pg_temp.seen` keeps in mind what this file has said of each key.

    :param into: the batch that what is news is added to before more rows come. It stands among the records then, and
        `seen` has to name only the rows that were no news.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.counted")
        cursor.execute("ANALYZE found (row)")
        # Bodies are long: what is new is worked out without them, and they are fetched by place at the end. What stands
        # is looked up key by key, in the index's order: the whole of it may be many times what one file says.
        cursor.execute(
            """CREATE TEMP TABLE counted ON COMMIT DROP AS
               WITH matched AS MATERIALIZED (
                 SELECT f.ctid AS place, f.row, f.subject, f.key, f.digest, f.source_code, f.authority, f.happened_on
                 FROM facts f
                 WHERE NOT EXISTS (SELECT FROM found u WHERE u.row = f.row AND u.level = 'error')
                 ORDER BY f.subject, f.key, f.row),
               sent AS (
                 SELECT DISTINCT ON (s.subject, s.key) s.subject, s.key, s.digest, s.revision, s.row
                 FROM seen s JOIN matched m USING (subject, key) ORDER BY s.subject, s.key, s.row DESC),
               told AS (
                 SELECT m.*,
                   coalesce(s.revision, n.revision, 0) AS base,
                   coalesce(lag(m.row) OVER together, greatest(s.row, n.row)) AS twin,
                   coalesce(lag(m.digest) OVER together, s.digest, n.digest) AS before
                 FROM matched m LEFT JOIN LATERAL (
                   SELECT r.revision, CASE WHEN NOT r.gone THEN r.digest END AS digest,
                     CASE WHEN r.batch = %(into)s THEN r.row END AS row
                   FROM records_record r WHERE r.subject = m.subject AND r.kind = %(kind)s AND r.key = m.key
                   ORDER BY r.revision DESC LIMIT 1) n ON true
                 LEFT JOIN sent s USING (subject, key)
                 WINDOW together AS (PARTITION BY m.subject, m.key ORDER BY m.row))
               SELECT place, row, subject AS whose, key AS which, digest AS says, source_code AS sender,
                 authority AS decider, happened_on AS day, twin, before IS NULL AS is_first,
                 before IS DISTINCT FROM digest AS news,
                 base + count(*) FILTER (WHERE before IS DISTINCT FROM digest)
                   OVER (PARTITION BY subject, key ORDER BY row) AS revision FROM told""",
            {"kind": kind, "into": into},
        )
        cursor.execute("ANALYZE counted (place, news, sender, day)")
        if more and into is None:
            cursor.execute("INSERT INTO seen SELECT whose, which, says, revision, row FROM counted")
        elif more:
            cursor.execute("INSERT INTO seen SELECT whose, which, NULL, NULL, row FROM counted WHERE NOT news")
        cursor.execute(
            """SELECT count(*) FILTER (WHERE news AND is_first), count(*) FILTER (WHERE news AND NOT is_first),
                 count(*) FILTER (WHERE NOT news) FROM counted"""
        )
        return Difference._make(cursor.fetchone())


def append_staged(*, kind: str, batch: int, received_at: datetime) -> int:
    """Add the staged facts that are news, once settled, and return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO records_record (subject, kind, key, revision, digest, happened_on, body, source,
                 source_code, batch, row, received_at, target_kind, target_key)
               SELECT f.subject, %(kind)s, f.key, c.revision, f.digest, f.happened_on, f.body::jsonb, f.source,
                 f.source_code, %(batch)s, f.row, %(at)s, f.target_kind, f.target_key
               FROM counted c JOIN facts f ON f.ctid = c.place WHERE c.news""",
            {"kind": kind, "batch": batch, "at": received_at},
        )
        added = int(cursor.rowcount)
        cursor.execute(
            "INSERT INTO subjects_touch (subject, bulk) SELECT DISTINCT whose, %s FROM counted WHERE news",
            [added > BULK_FROM],
        )
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    return added


def append(*, kind: str, facts: Iterable[Fact], batch: int, received_at: datetime) -> Outcome:
    """Add facts of one kind, in sets; those whose subject, or the record they stop, is not known are left out and counted.

    Runs in the caller's transaction; two files of one kind at once go one after the other.
    """
    lock(kind)
    stage(facts=facts)
    leave_out_unknown()
    stops.resolve(kind)
    difference = settle(kind=kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM found WHERE level = 'error'")
        (unmatched,) = cursor.fetchone()
    added = append_staged(kind=kind, batch=batch, received_at=received_at)
    return Outcome(accepted=added, unchanged=difference.unchanged, unmatched=unmatched)


def changes(*, kind: str, limit: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield row, subject, and the bodies (JSON) before and after, of the first settled facts that change a document."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT f.row, f.subject,
                 (SELECT r.body::text FROM records_record r
                  WHERE r.subject = f.subject AND r.kind = %s AND r.key = f.key ORDER BY r.revision DESC LIMIT 1),
                 f.body
               FROM counted c JOIN facts f ON f.ctid = c.place
               WHERE c.news AND NOT c.is_first AND c.twin IS NULL ORDER BY c.row LIMIT %s""",
            [kind, limit],
        )
        yield from cursor.fetchall()


def take_back(*, kind: str, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
    """Undo what a batch said of a kind: append to each of its documents what stood before it, or that it is gone.

    What a document says is what its newest revision says that comes of no batch in `void` (batches undone, and their
    undoing). Where that is not of this batch, another has spoken since, and it stays.
    """
    lock(kind)
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH mine AS MATERIALIZED (
                 SELECT DISTINCT subject, key FROM records_record WHERE batch = %(batch)s AND kind = %(kind)s),
               counting AS MATERIALIZED (
                 SELECT r.subject, r.key, r.id, r.revision, r.batch,
                   max(r.revision) OVER (PARTITION BY r.subject, r.key) AS newest
                 FROM records_record r JOIN mine USING (subject, key) WHERE r.kind = %(kind)s),
               stands AS (
                 SELECT DISTINCT ON (subject, key) subject, key, id, batch, newest FROM counting
                 WHERE batch <> ALL (%(void)s) ORDER BY subject, key, revision DESC),
               mended AS (SELECT subject, key, id, newest FROM stands WHERE batch = %(batch)s),
               before AS (
                 SELECT DISTINCT ON (c.subject, c.key) c.subject, c.key, c.id
                 FROM counting c JOIN mended USING (subject, key)
                 WHERE c.batch <> ALL (%(void)s) AND c.batch <> %(batch)s
                 ORDER BY c.subject, c.key, c.revision DESC),
               added AS (
                 INSERT INTO records_record (subject, kind, key, revision, digest, happened_on, body, source,
                   source_code, batch, row, received_at, gone, target_kind, target_key)
                 SELECT r.subject, r.kind, r.key, m.newest + 1, r.digest, r.happened_on, r.body, r.source,
                   r.source_code, %(by_batch)s, r.row, %(at)s, b.id IS NULL, r.target_kind, r.target_key
                 FROM mended m LEFT JOIN before b USING (subject, key)
                   JOIN records_record r ON r.subject = m.subject AND r.id = coalesce(b.id, m.id)
                 RETURNING subject),
               touched AS (
                 INSERT INTO subjects_touch (subject, bulk)
                 SELECT DISTINCT subject, (SELECT count(*) FROM added) > %(bulk_from)s FROM added)
               SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM mine) - (SELECT count(*) FROM mended)""",
            {
                "kind": kind,
                "batch": batch,
                "void": list(void),
                "by_batch": by_batch,
                "at": at,
                "bulk_from": BULK_FROM,
            },
        )
        undone = Undone._make(cursor.fetchone())
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    return undone
