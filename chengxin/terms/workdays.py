"""工作日, working days by the State Council's yearly notice on holidays and 调休. Pure: no database, no clock.

The notices known here are in `calendar.csv` beside this file; a year that is not there is asked for, never guessed.

>>> add(date(2026, 4, 30), 1, STATE_COUNCIL), add(date(2026, 5, 8), 1, STATE_COUNCIL)
(datetime.date(2026, 5, 6), datetime.date(2026, 5, 9))
>>> between(date(2026, 9, 30), date(2026, 10, 10), STATE_COUNCIL)
3
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

_DAY: Final = timedelta(days=1)


class UnknownYear(LookupError):
    """The calendar has no notice for a year, so nothing can be said of its working days."""

    def __init__(self, year: int) -> None:
        super().__init__(f"日历中没有 {year} 年的节假日安排，请先按国务院办公厅的通知录入")
        self.year = year


class Unreadable(ValueError):
    """The lines are no calendar."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days off and the weekend days worked, of the years it knows."""

    holidays: frozenset[date]
    workdays: frozenset[date]
    years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Tell whether a day is worked.

        :raises UnknownYear: the calendar says nothing of the day's year.
        """
        if day.year not in self.years:
            raise UnknownYear(day.year)
        return day in self.workdays or (day.weekday() < 5 and day not in self.holidays)


def load(lines: Iterable[str]) -> Calendar:
    """Return the calendar in lines of CSV: date, kind (holiday or workday), name.

    :raises Unreadable: a date or a kind that is none.
    """
    days: dict[str, set[date]] = {"holiday": set(), "workday": set()}
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            days[row["kind"]].add(date.fromisoformat(row["date"]))
        except (KeyError, TypeError, ValueError):
            raise Unreadable(f"第 {number} 行应为“日期,holiday 或 workday,名称”") from None
    every = days["holiday"] | days["workday"]
    return Calendar(frozenset(days["holiday"]), frozenset(days["workday"]), frozenset(day.year for day in every))


with Path(__file__).with_name("calendar.csv").open(encoding="utf-8", newline="") as _file:
    STATE_COUNCIL: Final = load(_file)
"""The notices of the State Council's General Office known here."""


def add(day: date, count: int, calendar: Calendar) -> date:
    """Return the working day that is so many after a day; the day itself is not counted (《民法典》第 201 条).

    :raises UnknownYear: the count runs into a year the calendar does not know.
    :raises ValueError: the count is negative.
    """
    if count < 0:
        raise ValueError("a count of working days is never negative")
    while count:
        day += _DAY
        count -= calendar.is_working(day)
    return day


def deadline(day: date, count: int, calendar: Calendar) -> date:
    """Return the last day of so many working days after a day; weekdays where the notice of that year is not out yet.

    :raises ValueError: the count is negative.
    """
    try:
        return add(day, count, calendar)
    except UnknownYear:
        while count:
            day += _DAY
            count -= day.weekday() < 5
        return day


def between(start: date, end: date, calendar: Calendar) -> int:
    """Return how many working days lie after `start` up to and with `end`; 0 if it is not later.

    :raises UnknownYear: the days run into a year the calendar does not know.
    """
    return sum(calendar.is_working(start + _DAY * step) for step in range(1, (end - start).days + 1))
