"""How the usable rows of a file are taken in: as facts about subjects, or as entries of the register.

A kind that is neither gets a taker of its own in `OF`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from django.db import connection

from chengxin.credit.records import actions as records
from chengxin.credit.records import stops
from chengxin.credit.records.form import Kind
from chengxin.credit.subjects import actions as subjects
from chengxin.ingest import matching, names, rosters
from chengxin.ingest.facts import SUBJECT, entry, fact
from chengxin.ingest.sources import Source

Rows = Iterator[tuple[int, dict[str, str]]]


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

    What is found about staged rows goes into `pg_temp.found`.
    """

    table: str
    """The temporary table of the staged rows: row, source_code, body among its columns."""

    def stage(self, what: Kind, rows: Rows, source: Source) -> None:
        """Put rows into the temporary table."""

    def lock(self, what: Kind) -> None:
        """Let nobody else add what would change the outcome."""

    def settle(self, what: Kind) -> Difference:
        """Match, check over the whole set, and work out the difference."""

    def misnamed(self, what: Kind) -> Iterator[tuple[int, str]]:
        """Yield row and message of rows that call their subject by a name it never had (E09)."""

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        """Yield row, subject, and the bodies before and after, of rows that change something."""

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        """Add what is news; return how many rows that was."""

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        """Undo a batch by appending what stood before it."""


class _Records:
    """Rows as facts about subjects."""

    table = "facts"

    def stage(self, what: Kind, rows: Rows, source: Source) -> None:
        records.stage(facts=(fact(what, row, body, source.unit, source.uscc) for row, body in rows))

    def lock(self, what: Kind) -> None:
        records.lock(what.name)

    def settle(self, what: Kind) -> Difference:
        matching.resolve(what)
        stops.resolve(what.name)
        difference = records.settle(kind=what.name)
        _say_of_twins()
        return Difference._make(difference)

    def misnamed(self, what: Kind) -> Iterator[tuple[int, str]]:
        return names.differing(what.roles.name)

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        return records.changes(kind=what.name, limit=limit)

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        return records.append_staged(kind=what.name, batch=batch, received_at=received_at)

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        return Undone._make(records.take_back(kind=what.name, batch=batch, void=void, by_batch=by_batch, at=at))


class _Register:
    """Rows as entries of the register."""

    table = "entries"

    def stage(self, what: Kind, rows: Rows, source: Source) -> None:
        subjects.stage(entries=(entry(what, row, body, source.unit, source.uscc) for row, body in rows))

    def lock(self, what: Kind) -> None:
        subjects.lock()

    def settle(self, what: Kind) -> Difference:
        difference = subjects.settle()
        _say_of_twins()
        return Difference._make(difference)

    def misnamed(self, what: Kind) -> Iterator[tuple[int, str]]:
        return iter(())

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        return subjects.changes(limit=limit)

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        return subjects.register_staged(batch=batch, received_at=received_at)

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        return Undone._make(subjects.take_back(batch=batch, void=void, by_batch=by_batch, at=at))


class _Roster:
    """Rows as attributions to governing areas."""

    table = "enrolled"

    def stage(self, what: Kind, rows: Rows, source: Source) -> None:
        rosters.stage(what, rows, source)

    def lock(self, what: Kind) -> None:
        rosters.lock()

    def settle(self, what: Kind) -> Difference:
        difference = rosters.settle()
        _say_of_twins()
        return Difference._make(difference)

    def misnamed(self, what: Kind) -> Iterator[tuple[int, str]]:
        return iter(())

    def changes(self, what: Kind, limit: int) -> Iterator[tuple[int, str, str, str]]:
        return rosters.changes(limit)

    def append(self, what: Kind, *, batch: int, received_at: datetime) -> int:
        return rosters.append(batch=batch, at=received_at)

    def take_back(self, what: Kind, *, batch: int, void: Sequence[int], by_batch: int, at: datetime) -> Undone:
        return Undone._make(rosters.take_back(batch=batch, void=void, by_batch=by_batch, at=at))


def _say_of_twins() -> None:
    """E11: of two rows of one file about the same document the later holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO pg_temp.found (row, code, "column", level, message)
               SELECT row, 'E11', '', 'info',
                 '与本文件第 ' || twin || ' 行是同一份文书（或同一主体），以后面的这一行为准；请核对是否重复填报'
               FROM pg_temp.counted WHERE twin IS NOT NULL"""
        )


RECORDS: Final[Taker] = _Records()
OF: Final[Mapping[str, Taker]] = {SUBJECT: _Register(), rosters.ROSTER: _Roster()}
"""The kinds that are no record of credit."""


def of(kind: str) -> Taker:
    """Return who takes in the rows of a kind."""
    return OF.get(kind, RECORDS)
