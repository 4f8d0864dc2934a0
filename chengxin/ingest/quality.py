"""归集质量: what each unit sent month by month, counted from tallies in sets; records are never gone through for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from chengxin.ingest.measures import CLOCK, WRONG_CODES, Counts
from chengxin.ingest.models import Batch, ZeroReport
from chengxin.people.models import Unit
from chengxin.people.sight import Sight
from chengxin.terms import workdays

CHINA: Final = ZoneInfo("Asia/Shanghai")
MOST_REASONS: Final = 50
MOST_BATCHES: Final = 200
_FIELDS: Final = {
    "rows": "rows", "rejected": "rejected", "waiting": "waiting", "accepted": "accepted", "changed": "changed",
    "unchanged": "unchanged", "late": "late", "hidden": "hidden", **dict.fromkeys(WRONG_CODES, "wrong_codes"),
}  # fmt: skip

# A row belongs to the unit that it names as its source, if the directory knows it, else to whoever sent the file.
# What was undone, or was the identical file again, counts nothing.
_COUNTED: Final = """
    FROM ingest_batch b JOIN ingest_tally t ON t.batch_id = b.id
    LEFT JOIN people_unit s ON s.uscc = t.source_code AND t.source_code <> ''
    WHERE b.state = 'applied' AND b.undoes_id IS NULL AND b.same_as_id IS NULL
      AND b.received_at >= %(since)s AND b.received_at < %(until)s
      AND coalesce(s.id, b.unit_id) = ANY(%(units)s)"""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for which rows came back or were marked: how many, and in which column."""

    code: str
    column: str
    level: str
    count: int


@dataclass(frozen=True, slots=True)
class Due:
    """Something a unit should do, and until when. `days` counts down to the day; below nought it is overdue.

    Both are None where the calendar has no holidays of that year yet: nothing is guessed.
    """

    what: Literal["mend", "month", "silent"]
    unit: int
    on: date | None
    days: int | None
    kind: str = ""
    month: date | None = None
    batch: int | None = None
    rows: int = 0


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


def months_before(month: date, count: int) -> list[date]:
    """Return so many months that end with this one, oldest first."""
    found = [month]
    while len(found) < count:
        found.append(month_of(found[-1] - timedelta(days=1)))
    return found[::-1]


def units_seen(sight: Sight) -> QuerySet[Unit]:
    """Return the units whose quality somebody may see: all, those of their area, their own."""
    units = Unit.objects.filter(is_active=True).order_by("name")
    match sight.sees:
        case "all":
            return units
        case "area":
            return units.filter(area=sight.area)
        case "own":
            return units.filter(pk=sight.unit or 0)
    return units.none()


def counts(*, units: Sequence[int], since: date, until: date) -> dict[tuple[int, date], Counts]:
    """Return (unit, month) → what became of its rows, for the months from `since` up to but not `until`."""
    found: dict[tuple[int, date], Counts] = defaultdict(Counts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(s.id, b.unit_id), date_trunc('month', b.received_at AT TIME ZONE 'Asia/Shanghai')::date,
                  t.code, sum(t.count)::bigint {_COUNTED} AND t.code = ANY(%(codes)s) GROUP BY 1, 2, 3""",
            {**_span(since, until), "units": list(units), "codes": list(_FIELDS)},
        )
        for unit, month, code, count in cursor.fetchall():
            name = _FIELDS[code]
            before = found[unit, month]
            found[unit, month] = replace(before, **{name: getattr(before, name) + count})
    return dict(found)


def reasons(*, unit: int, month: date) -> list[Reason]:
    """Return why a unit's rows of a month came back or were marked, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT t.code, t."column", t.level, sum(t.count)::bigint AS n {_COUNTED} AND t.level <> ''
                GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2 LIMIT {MOST_REASONS}""",
            {**_span(month, next_month(month)), "units": [unit]},
        )
        return [Reason(*row) for row in cursor.fetchall()]


def batches(*, unit: int, month: date) -> QuerySet[Batch]:
    """Return the batches that a unit's figures of a month come from, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT b.id {_COUNTED} ORDER BY 1 DESC LIMIT {MOST_BATCHES}",
            {**_span(month, next_month(month)), "units": [unit]},
        )
        numbers = [number for (number,) in cursor.fetchall()]
    return Batch.objects.filter(pk__in=numbers).order_by("-id")


def due(*, units: Collection[int], today: date) -> list[Due]:
    """Return what these units should do, the most urgent first: mend rows, report a month, break a silence (CLOCK)."""
    wanted = list(units)
    found = [*_to_mend(wanted, today), *_months(wanted, today), *_silences(wanted, today)]
    return sorted(found, key=lambda one: (one.on or date.max, one.unit, one.what))


def _workdays_on(day: date) -> date | None:
    try:
        return workdays.add(day, CLOCK.mend_workdays, workdays.STATE_COUNCIL)
    except workdays.UnknownYear:
        return None


def _to_mend(units: list[int], today: date) -> list[Due]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT b.id, b.unit_id, b.kind, (b.received_at AT TIME ZONE 'Asia/Shanghai')::date, b.rejected - b.waiting
               FROM ingest_batch b
               WHERE b.state = 'applied' AND b.unit_id = ANY(%s) AND b.rejected > b.waiting AND b.received_at >= %s
                 AND NOT EXISTS (SELECT FROM ingest_batch later WHERE later.unit_id = b.unit_id AND later.kind = b.kind
                   AND later.state = 'applied' AND later.id > b.id AND later.undoes_id IS NULL)
               ORDER BY b.id LIMIT 500""",
            [units, instant(today - timedelta(days=92))],
        )
        found = [(row, _workdays_on(row[3])) for row in cursor.fetchall()]
    return [
        Due("mend", unit, on, (on - today).days if on else None, kind, batch=batch, rows=rows)
        for (batch, unit, kind, _, rows), on in found
    ]


def _months(units: list[int], today: date) -> list[Due]:
    """A kind of duty that a unit ever sent or reported nought of, and of which the last whole month has neither.

    What comes in the days until it is due counts: October's decisions arrive in November's first days.
    """
    month = month_of(month_of(today) - timedelta(days=1))
    on = next_month(month).replace(day=CLOCK.month_by)
    said = ZeroReport.objects.filter(unit__in=units, kind__in=CLOCK.duty)
    nought = set(said.filter(month=month).values_list("unit", "kind"))
    ever = set(said.values_list("unit", "kind"))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT b.unit_id, b.kind, bool_or(b.received_at >= %s)
               FROM ingest_batch b WHERE b.state = 'applied' AND b.unit_id = ANY(%s) AND b.kind = ANY(%s)
                 AND b.rows > 0 AND b.undoes_id IS NULL AND b.received_at < %s GROUP BY 1, 2""",
            [instant(month), units, list(CLOCK.duty), instant(on + timedelta(days=1))],
        )
        rows = cursor.fetchall()
    sent = {(unit, kind) for unit, kind, in_month in rows if in_month}
    owed = (ever | {(unit, kind) for unit, kind, _ in rows}) - sent - nought
    return [Due("month", unit, on, (on - today).days, kind, month) for unit, kind in sorted(owed)]


def _silences(units: list[int], today: date) -> list[Due]:
    heard = {unit: day for unit, day in _last_heard(units) if day is not None}
    ends = ((unit, heard[unit] + timedelta(days=CLOCK.silent_days)) for unit in units if unit in heard)
    return [Due("silent", unit, on, (on - today).days) for unit, on in ends if (on - today).days <= CLOCK.ahead_days]


def _last_heard(units: list[int]) -> list[tuple[int, date | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT u.id, greatest(
                 (SELECT max((b.received_at AT TIME ZONE 'Asia/Shanghai')::date) FROM ingest_batch b
                  WHERE b.unit_id = u.id AND b.state = 'applied' AND b.undoes_id IS NULL),
                 (SELECT max((z.made_at AT TIME ZONE 'Asia/Shanghai')::date) FROM ingest_zero_report z
                  WHERE z.unit_id = u.id))
               FROM unnest(%s::bigint[]) AS u(id)""",
            [units],
        )
        return list(cursor.fetchall())


def last_heard(units: Sequence[int]) -> dict[int, date]:
    """Return unit → the day of its last data or 零报告; a unit never heard of is left out."""
    return {unit: day for unit, day in _last_heard(list(units)) if day is not None}


def _span(since: date, until: date) -> dict[str, Any]:
    return {"since": instant(since), "until": instant(until)}


def instant(day: date) -> datetime:
    """Return a day's first moment in China."""
    return datetime.combine(day, time.min, CHINA)
