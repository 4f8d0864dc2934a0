"""How the usable rows of a file are taken in: as facts about subjects, or as entries of the register.

A kind that is neither gets a taker of its own in `OF`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from django.db import connection
from django.utils import timezone

from chengxin.credit.codes import elsewhere, life
from chengxin.credit.records import actions as records
from chengxin.credit.records import stops
from chengxin.credit.records.checks import CHECKS, message
from chengxin.credit.records.form import Kind
from chengxin.credit.subjects import actions as subjects
from chengxin.ingest import facts, foreign, matching, names, rosters
from chengxin.ingest.facts import SUBJECT, entry
from chengxin.ingest.sources import Source
from chengxin.terms.workdays import STATE_COUNCIL, UnknownYear, between

Rows = Iterator[tuple[int, dict[str, str]]]


TOLD_BY: Final = "登记信息归集"
"""Who tells a business that the register has changed what it says of it."""


class Difference(NamedTuple):
    """What the usable rows are, compared with what stands."""

    new: int
    changed: int
    unchanged: int


class Undone(NamedTuple):
    """How many documents (or subjects) were taken back, and how many stay since others have spoken of them since."""

    taken_back: int
    left: int


class Taker(Protocol):
    """What is done with rows, in this order, in one transaction; only `append` writes what stays.

    A large file comes in chunks: all but `begin` and `lock` are done for each. What is found about staged rows goes into
    `pg_temp.found`.
    """

    table: str
    """The temporary table of the staged rows: row, source_code, body among its columns."""

    def lines(self, what: Kind, rows: Rows, source: Source) -> Iterator[bytes]:
        """Yield rows as PostgreSQL copies them. Asks no database: it may run in a process of its own."""

    def begin(self) -> None:
        """Begin a file."""

    def stage(self, blocks: Iterable[bytes]) -> None:
        """Put lines into the temporary table."""

    def lock(self, what: Kind) -> None:
        """Let nobody else add what would change the outcome."""

    def settle(self, what: Kind, *, more: bool, into: int | None, received_on: date) -> Difference:
        """Match, check over the whole set, and work out the difference; `more` of the file is to follow.

        :param into: the batch that `append` is going to add what is news to; None if nothing is to be written.
        """

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        """Yield row, subject, and the bodies before and after, of rows that change something."""

    def tallies(self, what: Kind) -> Iterator[tuple[str, str, int]]:
        """Yield whose rows, what became of them, and how many."""

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        """Add what is news; return how many rows that was."""

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        """Undo a batch by appending what stood before it."""


class _Records:
    """Rows as facts about subjects."""

    table = "facts"

    def lines(self, what: Kind, rows: Rows, source: Source) -> Iterator[bytes]:
        return facts.lines(what, rows, source.unit, source.uscc)

    def begin(self) -> None:
        records.begin()

    def stage(self, blocks: Iterable[bytes]) -> None:
        records.stage_lines(blocks=blocks)

    def lock(self, what: Kind) -> None:
        records.lock(what.name)

    def settle(self, what: Kind, *, more: bool, into: int | None, received_on: date) -> Difference:
        matching.resolve(what)
        stops.resolve(what.name)
        difference = records.settle(kind=what.name, more=more, into=into)
        _say_of_misnamed(what)
        _say_of_twins()
        _say_of_copies(what)
        if what.category == ADMINISTRATIVE:
            _say_of_late(what, received_on)
        return Difference._make(difference)

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        return records.changes(kind=what.name, limit=limit)

    def tallies(self, what: Kind) -> Iterator[tuple[str, str, int]]:
        yield from _became()
        if what.category == ADMINISTRATIVE:
            yield from _late_and_hidden()

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        return records.append_staged(kind=what.name, batch=batch, received_at=received_at)

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        return Undone._make(records.take_back(kind=what.name, batch=batch, void=void, by_batch=by_batch, at=at))


class _Register:
    """Rows as entries of the register."""

    table = "entries"

    def lines(self, what: Kind, rows: Rows, source: Source) -> Iterator[bytes]:
        return (subjects.line(entry(what, row, body, source.unit, source.uscc)).encode() for row, body in rows)

    def begin(self) -> None:
        subjects.begin()

    def stage(self, blocks: Iterable[bytes]) -> None:
        subjects.stage_lines(blocks=blocks)

    def lock(self, what: Kind) -> None:
        subjects.lock()

    def settle(self, what: Kind, *, more: bool, into: int | None, received_on: date) -> Difference:
        difference = subjects.settle(more=more)
        _say_of_twins()
        return Difference._make(difference)

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        return subjects.changes(limit=limit)

    def tallies(self, what: Kind) -> Iterator[tuple[str, str, int]]:
        return _became()

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        life.tell_of_news(by=TOLD_BY, at=received_at)
        return subjects.register_staged(batch=batch, received_at=received_at)

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        return Undone._make(subjects.take_back(batch=batch, void=void, by_batch=by_batch, at=at))


class _Roster:
    """Rows as attributions to governing areas."""

    table = "enrolled"

    def lines(self, what: Kind, rows: Rows, source: Source) -> Iterator[bytes]:
        return rosters.lines(what, rows, source)

    def begin(self) -> None:
        rosters.begin()

    def stage(self, blocks: Iterable[bytes]) -> None:
        rosters.stage(blocks)

    def lock(self, what: Kind) -> None:
        rosters.lock()

    def settle(self, what: Kind, *, more: bool, into: int | None, received_on: date) -> Difference:
        difference = rosters.settle(more=more)
        _say_of_twins()
        return Difference._make(difference)

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        return rosters.changes(limit)

    def tallies(self, what: Kind) -> Iterator[tuple[str, str, int]]:
        return _became()

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        return rosters.append(batch=batch, at=received_at)

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        return Undone._make(rosters.take_back(batch=batch, void=void, by_batch=by_batch, at=at))


class _Elsewhere:
    """Rows as codes that somebody else issued."""

    table = "issued"

    def lines(self, what: Kind, rows: Rows, source: Source) -> Iterator[bytes]:
        return foreign.lines(what, rows, source)

    def begin(self) -> None:
        elsewhere.begin()

    def stage(self, blocks: Iterable[bytes]) -> None:
        elsewhere.stage(blocks)

    def lock(self, what: Kind) -> None:
        elsewhere.lock()

    def settle(self, what: Kind, *, more: bool, into: int | None, received_on: date) -> Difference:
        difference = elsewhere.settle(foreign.MESSAGES, more=more)
        _say_of_twins()
        return Difference._make(difference)

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        return foreign.changes(limit)

    def tallies(self, what: Kind) -> Iterator[tuple[str, str, int]]:
        return _became()

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        return elsewhere.append(batch=batch, at=received_at)

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        return Undone._make(elsewhere.take_back(batch=batch, void=void, by_batch=by_batch, at=at))


# ---- Checks over the set of rows (domain.md §3.1) --------------------------------------------------------------------

ADMINISTRATIVE: Final = 3
"""行政管理信息, the category of the national catalogue whose decisions are due within seven working days."""
DUE_WORKDAYS: Final = 7
"""发改办财金〔2018〕424号: seven working days from the decision (E13, 迟报)."""
HIDDEN_WORKDAYS: Final = 30
"""From so many on, a decision that another than its authority tells of first counts as withheld (E13, 瞒报)."""


def _say_of_misnamed(what: Kind) -> None:
    """E09: a row calls its subject by a name that it never had."""
    column = what.column(what.roles.name).name
    found = [(row, "E09", column, "warn", message) for row, message in names.differing()]
    with (
        connection.cursor() as cursor,
        cursor.copy('COPY pg_temp.found (row, code, "column", level, message) FROM STDIN') as copy,
    ):
        for one in found:
            copy.write_row(one)


def _say_of_twins() -> None:
    """E11: of two rows of one file about the same document (or subject) the later holds."""
    said = CHECKS["E11"].says["later"]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message)
               SELECT row, 'E11', '', %s, replace(%s, '{row}', row::text)
               FROM pg_temp.counted WHERE twin IS NOT NULL""",
            [said.level, said.texts["zh"]],
        )


def _say_of_copies(what: Kind) -> None:
    """E11: a new document says what another of the same subject and day says, sent with it, but for its number."""
    said = CHECKS["E11"].says["other_number"]
    number = what.roles.document or what.roles.key[0]
    with connection.cursor() as cursor:
        # Bodies are read of those alone that share a day with another, and compared by digest: a file may be one day's.
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message)
               SELECT row, 'E11', %(column)s, %(level)s, replace(%(message)s, '{number}', coalesce(first, '')) FROM (
                 SELECT row, first_value(number) OVER together AS first, row_number() OVER together AS place FROM (
                   SELECT row, subject, happened_on, body::jsonb ->> %(number)s AS number,
                     md5((body::jsonb - %(number)s)::text) AS says
                   FROM (
                     SELECT place FROM counted JOIN (
                       SELECT whose, day FROM counted WHERE news AND is_first GROUP BY 1, 2 HAVING count(*) > 1) many
                       USING (whose, day) WHERE news AND is_first) new
                     JOIN facts ON facts.ctid = new.place) said
                 WINDOW together AS (PARTITION BY subject, happened_on, says ORDER BY row)) compared
               WHERE place > 1""",
            {
                "column": what.column(number).name,
                "level": said.level,
                "message": said.texts["zh"],
                "number": number,
            },
        )


def _became() -> Iterator[tuple[str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sender, count(*) FILTER (WHERE news), count(*) FILTER (WHERE news AND NOT is_first),
                 count(*) FILTER (WHERE NOT news)
               FROM counted GROUP BY 1"""
        )
        for sender, accepted, changed, unchanged in cursor.fetchall():
            yield from ((sender, "accepted", accepted), (sender, "changed", changed), (sender, "unchanged", unchanged))


def _say_of_late(what: Kind, received_on: date) -> None:
    """E13: documents that nobody told of before, and that came later than the law allows, into `pg_temp.overdue`.

    What was decided before its source first sent any of the kind is 存量, years of it in one file, and not late; what was
    decided before anybody sent any of the kind is not hidden either.
    """
    due, hidden = (_before(received_on, days) for days in (DUE_WORKDAYS, HIDDEN_WORKDAYS))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.overdue")
        cursor.execute(
            """CREATE TEMP TABLE overdue ON COMMIT DROP AS
               WITH came AS MATERIALIZED (
                 SELECT row, sender, decider, day FROM counted WHERE news AND revision = 1 AND day <= %(due)s),
               began AS MATERIALIZED (
                 SELECT t.source_code AS sender, min((b.received_at AT TIME ZONE %(zone)s)::date) AS day
                 FROM ingest_batch b JOIN ingest_tally t ON t.batch_id = b.id AND t.code = 'rows'
                 WHERE b.kind = %(kind)s AND b.state = 'applied' AND t.source_code IN (SELECT sender FROM came)
                 GROUP BY 1),
               gathered AS MATERIALIZED (
                 SELECT min((received_at AT TIME ZONE %(zone)s)::date) AS since FROM ingest_batch
                 WHERE kind = %(kind)s AND state = 'applied' AND undoes_id IS NULL)
               SELECT c.row, c.sender, c.day, coalesce(c.day >= b.day, false) AS late,
                 CASE WHEN c.day BETWEEN g.since AND %(hidden)s THEN c.decider END AS hidden_by
               FROM came c CROSS JOIN gathered g LEFT JOIN began b USING (sender)""",
            {"due": due, "hidden": hidden, "kind": what.name, "zone": timezone.get_default_timezone_name()},
        )
        cursor.execute("SELECT DISTINCT day FROM pg_temp.overdue WHERE late")
        said = CHECKS["E13"].says["late"]
        told = []
        for (day,) in cursor.fetchall():
            with suppress(UnknownYear):
                told.append((day, message("E13", "late", days=between(day, received_on, STATE_COUNCIL))))
        if told:
            cursor.execute(
                """INSERT INTO pg_temp.found (row, code, "column", level, message)
                   SELECT o.row, 'E13', %s, %s, t.message FROM overdue o
                   JOIN unnest(%s::date[], %s::text[]) AS t (day, message) USING (day) WHERE o.late""",
                [
                    what.column(what.roles.happened_on).name,
                    said.level,
                    *map(list, zip(*told, strict=True)),
                ],
            )


def _late_and_hidden() -> Iterator[tuple[str, str, int]]:
    """Count E13, of what `_say_of_late` found."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT sender, 'late', count(*) FROM overdue WHERE late GROUP BY 1
               UNION ALL SELECT hidden_by, 'hidden', count(*) FROM overdue WHERE hidden_by IS NOT NULL GROUP BY 1"""
        )
        yield from cursor.fetchall()


@lru_cache(maxsize=64)
def _before(day: date, count: int) -> date | None:
    """Return the last day that lies more than so many working days before a day; None where no calendar says."""
    try:
        while count >= 0:
            count -= STATE_COUNCIL.is_working(day)
            day -= timedelta(days=1)
    except UnknownYear:
        return None
    return day


RECORDS: Final[Taker] = _Records()
OF: Final[Mapping[str, Taker]] = {SUBJECT: _Register(), rosters.ROSTER: _Roster(), foreign.ELSEWHERE: _Elsewhere()}
"""The kinds that are no record of credit."""


def of(kind: str) -> Taker:
    """Return who takes in the rows of a kind."""
    return OF.get(kind, RECORDS)
