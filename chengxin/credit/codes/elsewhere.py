"""外部赋码: codes that somebody else issued, as files of theirs say. Taken in and taken back in sets, only ever added to.

What a code is now, the newest row of its holder and number says. A number belongs to one holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection

from chengxin.board import elsewhere as forms
from chengxin.credit.subjects.actions import BULK_FROM, TOUCH_CHANNEL, escaped, make_found


class Line(NamedTuple):
    """One row of a file, as normalised. `reach` is the digest of the address; `body` is what the row said, as JSON."""

    row: int
    subject: str
    number: str
    address: str
    reach: str
    issued_on: date | None
    way: str  # rules.WAYS
    issuer: str
    gone: bool
    body: str
    source: str
    source_code: str

    def written(self) -> bytes:
        """Return the line as PostgreSQL copies it."""
        return ("\t".join(map(escaped, self)) + "\n").encode()


class Messages(NamedTuple):
    """What is said about rows that cannot be used as they are: code of the check, and the sentence."""

    unknown: tuple[str, str]
    taken: tuple[str, str]
    shared: tuple[str, str]


class Standing(NamedTuple):
    """One code that stands, issued elsewhere."""

    subject: str
    number: str
    address: str
    issued_on: date | None
    way: str
    issuer: str


_SAYS: Final = "concat_ws(chr(31), {0}.address, {0}.issued_on, {0}.way, {0}.issuer, {0}.gone)"


def begin() -> None:
    """Begin a file: nothing of it was seen yet."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.seen, pg_temp.reached")
        cursor.execute(
            """CREATE TEMP TABLE seen (subject varchar(18) COLLATE "C", number varchar(64), says text,
               gone boolean, row int) ON COMMIT DROP"""
        )
        cursor.execute("CREATE TEMP TABLE reached (reach text, number text) ON COMMIT DROP")


def stage(blocks: Iterable[bytes]) -> None:
    """Put lines into `pg_temp.issued`."""
    make_found()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.issued")
        cursor.execute(
            """CREATE TEMP TABLE issued (row int, subject varchar(18) COLLATE "C", number varchar(64),
               address text, reach text, issued_on date, way text, issuer text, gone boolean, body text, source text,
               source_code text) ON COMMIT DROP"""
        )
        with cursor.copy("COPY issued FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        cursor.execute("ANALYZE issued (row, subject, number)")


def lock() -> None:
    """Let nobody else take in codes of others until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('codes.elsewhere'))")


def settle(say: Messages, *, more: bool) -> tuple[int, int, int]:
    """Work out what is news, into `pg_temp.counted`; return how many rows are new, changed and unchanged.

    Whose subject is not registered is turned away, and so is a number that stands with another subject: in the register,
    or in an earlier row of this file.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message)
               SELECT row, %s, '', 'error', %s FROM issued e
               WHERE NOT EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = e.subject)""",
            list(say.unknown),
        )
        cursor.execute(
            """WITH known AS MATERIALIZED (
                 SELECT e.row, e.subject, e.number FROM issued e
                 WHERE NOT e.gone AND NOT EXISTS (SELECT FROM found u WHERE u.row = e.row AND u.level = 'error')),
               stands AS (
                 SELECT DISTINCT ON (c.subject, c.number) c.subject, c.number, c.gone FROM codes_elsewhere c
                 WHERE c.number IN (SELECT number FROM known) ORDER BY c.subject, c.number, c.id DESC),
               -- What this very file has said since goes before what stands.
               told AS (
                 SELECT DISTINCT ON (subject, number) subject, number, gone FROM seen
                 WHERE number IN (SELECT number FROM known) ORDER BY subject, number, row DESC),
               held AS (
                 SELECT subject, number, 0 AS row FROM told WHERE NOT gone
                 UNION ALL SELECT s.subject, s.number, 0 FROM stands s LEFT JOIN told t USING (subject, number)
                 WHERE NOT s.gone AND t.subject IS NULL
                 UNION ALL SELECT subject, number, row FROM known),
               many AS MATERIALIZED (SELECT number FROM held GROUP BY number HAVING count(DISTINCT subject) > 1),
               rivals AS MATERIALIZED (SELECT h.* FROM held h JOIN many USING (number)),
               stops AS MATERIALIZED (SELECT i.row, i.subject, i.number FROM issued i JOIN many USING (number) WHERE i.gone)
               INSERT INTO pg_temp.found (row, code, "column", level, message)
               SELECT DISTINCT k.row, %s, '', 'error', %s FROM known k JOIN rivals h USING (number)
               WHERE h.subject <> k.subject AND h.row < k.row
                 AND NOT EXISTS (SELECT FROM stops g WHERE (g.subject, g.number) = (h.subject, h.number)
                   AND g.row > h.row AND g.row < k.row)""",
            list(say.taken),
        )
        cursor.execute(
            """WITH mine AS (
                 SELECT e.row, e.number, e.reach FROM issued e WHERE e.reach <> '' AND NOT e.gone
                   AND NOT EXISTS (SELECT FROM found u WHERE u.row = e.row AND u.level = 'error')),
               others AS (
                 SELECT reach, number FROM mine UNION SELECT reach, number FROM reached
                 UNION SELECT b.address, b.number FROM board_elsewhere b WHERE b.address IN (SELECT reach FROM mine)),
               many AS (SELECT reach FROM others GROUP BY reach HAVING count(DISTINCT number) > 1)
               INSERT INTO pg_temp.found (row, code, "column", level, message)
               SELECT row, %s, '', 'warn', %s FROM mine JOIN many USING (reach)""",
            list(say.shared),
        )
        cursor.execute("DROP TABLE IF EXISTS pg_temp.counted")
        cursor.execute(
            f"""CREATE TEMP TABLE counted ON COMMIT DROP AS
               WITH mine AS (
                 SELECT e.ctid AS place, e.row, e.subject, e.number, e.gone, e.source_code, {_SAYS.format("e")} AS says
                 FROM issued e
                 WHERE NOT EXISTS (SELECT FROM found u WHERE u.row = e.row AND u.level = 'error')),
               stood AS (
                 SELECT DISTINCT ON (c.subject, c.number) c.subject, c.number, c.gone, {_SAYS.format("c")} AS says
                 FROM codes_elsewhere c WHERE c.subject IN (SELECT subject FROM mine)
                 ORDER BY c.subject, c.number, c.id DESC),
               sent AS (
                 SELECT DISTINCT ON (n.subject, n.number) n.subject, n.number, n.gone, n.says, n.row
                 FROM seen n JOIN mine USING (subject, number) ORDER BY n.subject, n.number, n.row DESC),
               told AS (
                 SELECT m.*, coalesce(lag(m.row) OVER together, n.row) AS twin,
                   coalesce(lag(m.says) OVER together, n.says, s.says) AS before,
                   coalesce(lag(m.gone) OVER together, n.gone, s.gone, true) AS was_gone
                 FROM mine m LEFT JOIN stood s USING (subject, number) LEFT JOIN sent n USING (subject, number)
                 WINDOW together AS (PARTITION BY m.subject, m.number ORDER BY m.row))
               SELECT place, row, subject AS whose, number, says, gone, source_code AS sender, twin,
                 was_gone AS is_first, before IS DISTINCT FROM says AND NOT (was_gone AND gone) AS news
               FROM told"""  # noqa: S608 — constants
        )
        if more:
            cursor.execute("INSERT INTO seen SELECT whose, number, says, gone, row FROM counted")
            cursor.execute("INSERT INTO reached SELECT reach, number FROM issued WHERE reach <> ''")
        cursor.execute(
            """SELECT count(*) FILTER (WHERE news AND is_first), count(*) FILTER (WHERE news AND NOT is_first),
                 count(*) FILTER (WHERE NOT news) FROM counted"""
        )
        row: tuple[int, int, int] = cursor.fetchone()
        return row


def changes(limit: int) -> Iterator[tuple[int, str, str, Standing, bool]]:
    """Yield row, subject, the row's body, and what stood before (and whether that had stopped), of rows that change it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.row, i.subject, i.body, s.number, s.address, s.issued_on, s.way, s.issuer, s.gone
               FROM counted c JOIN issued i ON i.ctid = c.place
               JOIN LATERAL (SELECT * FROM codes_elsewhere e WHERE e.subject = i.subject AND e.number = i.number
                 ORDER BY e.id DESC LIMIT 1) s ON true
               WHERE c.news AND NOT c.is_first AND c.twin IS NULL ORDER BY c.row LIMIT %s""",
            [limit],
        )
        for row, subject, body, *stood, gone in cursor.fetchall():
            yield row, subject, body, Standing(subject, *stood), gone


def append(*, batch: int, at: datetime) -> int:
    """Add what is news, once settled; return how many rows that was."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH added AS (
                 INSERT INTO codes_elsewhere (subject, number, address, issued_on, way, issuer, gone, batch, row,
                   received_at)
                 SELECT e.subject, e.number, e.address, e.issued_on, e.way, e.issuer, e.gone, %s, e.row, %s
                 FROM counted c JOIN issued e ON e.ctid = c.place WHERE c.news ORDER BY e.row
                 RETURNING subject),
               touched AS (
                 INSERT INTO subjects_touch (subject, bulk)
                 SELECT DISTINCT subject, (SELECT count(*) FROM added) > %s FROM added)
               SELECT count(*) FROM added""",
            [batch, at, BULK_FROM],
        )
        (added,) = cursor.fetchone()
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    return int(added)


def take_back(*, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> tuple[int, int]:
    """Undo what a batch said: append to each of its codes what stood before it, or that it is gone.

    `void` are batches undone before, and their undoing. Returns how many codes, and of how many another has spoken since.
    """
    lock()
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH mine AS MATERIALIZED (SELECT DISTINCT subject, number FROM codes_elsewhere WHERE batch = %(batch)s),
               counting AS MATERIALIZED (
                 SELECT e.subject, e.number, e.id, e.batch FROM codes_elsewhere e JOIN mine USING (subject, number)
                 WHERE e.batch <> ALL (%(void)s)),
               stands AS (
                 SELECT DISTINCT ON (subject, number) subject, number, id, batch FROM counting
                 ORDER BY subject, number, id DESC),
               mended AS (SELECT subject, number, id FROM stands WHERE batch = %(batch)s),
               before AS (
                 SELECT DISTINCT ON (subject, number) subject, number, id FROM counting WHERE batch <> %(batch)s
                 ORDER BY subject, number, id DESC),
               added AS (
                 INSERT INTO codes_elsewhere (subject, number, address, issued_on, way, issuer, gone, batch, row,
                   received_at)
                 SELECT e.subject, e.number, e.address, e.issued_on, e.way, e.issuer, b.id IS NULL OR e.gone,
                   %(by_batch)s, e.row, %(at)s
                 FROM mended m LEFT JOIN before b USING (subject, number)
                   JOIN codes_elsewhere e ON e.subject = m.subject AND e.id = coalesce(b.id, m.id)
                 RETURNING subject),
               touched AS (
                 INSERT INTO subjects_touch (subject, bulk)
                 SELECT DISTINCT subject, (SELECT count(*) FROM added) > %(bulk_from)s FROM added)
               SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM mine) - (SELECT count(*) FROM mended)""",
            {"batch": batch, "void": list(void), "by_batch": by_batch, "at": at, "bulk_from": BULK_FROM},
        )
        taken, left = cursor.fetchone()
        cursor.execute(f"NOTIFY {TOUCH_CHANNEL}")
    return int(taken), int(left)


def standing(subjects: Sequence[str]) -> list[Standing]:
    """Return the codes of these subjects that were issued elsewhere and stand, in the order of subject and number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject, number, address, issued_on, way, issuer FROM (
                 SELECT DISTINCT ON (subject, number) * FROM codes_elsewhere WHERE subject = ANY(%s)
                 ORDER BY subject, number, id DESC) newest
               WHERE NOT gone ORDER BY subject, number""",
            [list(subjects)],
        )
        return [Standing._make(row) for row in cursor.fetchall()]


def holder(text: str) -> str:
    """Return whose a code is that was issued elsewhere, by its number as somebody wrote it; empty: nobody's."""
    number = forms.number(text)
    if not number:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT holder FROM board_elsewhere WHERE number = %s", [number])
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def reach(address: str) -> str:
    """Return what a code with this address is recognised by, or nothing where the address names nobody."""
    return forms.digest(forms.address(address))
