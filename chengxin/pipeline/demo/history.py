"""The demo's last months: what some departments sent before, so that the quality of data has a past to look at.

Real files through the real intake as of days gone by. Each department has its habits: some send clean data in time,
some late, some with wrong rows; one reports nought for what it never does.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from chengxin.pipeline.demo import files, records
from chengxin.pipeline.demo.businesses import World, office_code, office_name
from chengxin.pipeline.demo.plan import walk
from chengxin.pipeline.demo.records import Row
from chengxin.pipeline.demo.units import CITY
from chengxin.pipeline.demo.words import LICENCES

MONTHS: Final = 6
LOOKED_AT: Final = 3000
"""Businesses whose licences are looked through: enough for every department to have some."""
AT_MOST: Final = 40
"""Rows of one file."""
SENT_ON: Final = 25
"""The day of the month on which a department sends."""
CHINA: Final = ZoneInfo("Asia/Shanghai")


class Habit(NamedTuple):
    """How a department sends: the share of wrong rows, and of rows that come late."""

    wrong: float
    late: float


HABITS: Final = (Habit(0.0, 0.0), Habit(0.02, 0.05), Habit(0.1, 0.0), Habit(0.0, 0.3), Habit(0.04, 0.1))
_MISTAKES: Final = ((2, "digit"), (10, "date"), (9, "person"), (5, "empty"))


class Sent(NamedTuple):
    """One file of one department's one month."""

    path: Path
    unit: str  # USCC of the department
    at: datetime


def write(*, folder: Path, size: int, seed: int, today: date) -> list[Sent]:
    """Write the files of the months before today's, oldest first, and return them; the same arguments, the same bytes."""
    world = World(seed=seed, today=today)
    folder.mkdir(parents=True, exist_ok=True)
    months = _months_before(today)
    sent = []
    of = _by_department(world, size)
    # One of each habit, those who decide most: each file is an intake of its own, and somebody waits for the first page.
    busiest = sorted(of, key=lambda unit: (-len(of[unit]), unit))[: len(HABITS)]
    for place, (unit, habit) in enumerate(zip(sorted(busiest), HABITS, strict=False)):
        rows = of[unit]
        share = min(AT_MOST, len(rows) // MONTHS)
        for number, month in enumerate(months if share else ()):
            path = folder / f"{month:%Y-%m}-{place:02}-行政许可.csv"
            mine = rows[number * share : (number + 1) * share]
            _write(path, [_of_month(row, unit, month, habit, world, line) for line, row in enumerate(mine)])
            sent.append(Sent(path, office_code(CITY, unit), _morning(month.replace(day=SENT_ON))))
    return sorted(sent, key=lambda one: (one.at, one.unit))


def _months_before(today: date) -> list[date]:
    found = [today.replace(day=1)]
    while len(found) <= MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[:0:-1]


def _by_department(world: World, size: int) -> dict[str, list[Row]]:
    names = sorted({licence.unit for licence in LICENCES.values()}, key=len, reverse=True)
    found: dict[str, list[Row]] = defaultdict(list)
    for planned in islice(walk(world, size), LOOKED_AT):
        # Whoever did not stand yet half a year ago was decided nothing about.
        if planned.heavy or planned.business.established < 31 * (MONTHS + 1):
            continue
        for row in records.licences(world, planned.business, heavy=False):
            unit = next((name for name in names if row[13].endswith(name)), "")
            if unit:
                found[unit].append(row)
    return found


def _of_month(row: Row, unit: str, month: date, habit: Habit, world: World, line: int) -> Row:
    """Return a licence as a department decides and sends it in a month."""
    dice = world.dice(line, f"history {unit} {month}")
    # The 25th less seven workdays is the 14th at the earliest (the long holidays of October and spring included).
    decided = month.replace(day=2 + dice.below(3)) if dice.chance(habit.late) else month.replace(day=18 + dice.below(7))
    name, code = office_name(CITY, unit), office_code(CITY, unit)
    written = records.written(decided)
    until = records.written(records.years_on(decided, 3))
    number = f"（{CITY[:4]}）准续字〔{decided.year}〕第{month.month:02}{line:04}号"
    said = (*row[:5], number, *row[6:10], written, written, until, name, code, "1", name, code, "")
    if dice.chance(habit.wrong):
        place, how = dice.pick(_MISTAKES)
        said = (*said[:place], files.spoiled(how, said[place], world, line), *said[place + 1 :])
    return said


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(records.LICENCE_COLUMNS)
        writer.writerows(rows)


class Nought(NamedTuple):
    """One 零报告: a unit's, for a kind and a month."""

    unit: str  # USCC of the department
    kind: str
    month: date
    at: datetime


def noughts(today: date) -> Iterator[Nought]:
    """Yield the 零报告 of a department that never penalises, each made on the day after its month."""
    departments = sorted({licence.unit for licence in LICENCES.values()})
    months = [*_months_before(today), today.replace(day=1)]
    for month, after in list(pairwise(months))[-3:]:
        yield Nought(office_code(CITY, departments[0]), "penalty", month, _morning(after))


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(10), CHINA)
