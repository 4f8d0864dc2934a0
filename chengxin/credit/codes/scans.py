"""扫码: the journal of scans tallied by code and day, and what is asked of the tally.

Counts only, never a device: the owner learns how often, not who (《个人信息保护法》第 28 条: where somebody was is sensitive).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.credit.codes import listed

COUNTED: Final = ("active", "paused", "frozen", "superseded", "cancelled", "deregistered", "updating")
"""Verdicts on a code that is one of ours: forged and unknown ones name a serial that is not theirs."""
STEP: Final = 5_000
"""Scans that are tallied in one transaction: about a tenth of a second."""
SEEN_DAYS: Final = 3
"""Days for which it is kept in mind which devices were counted: the journal keeps a scan in memory for less."""


def newest_number() -> int:
    """Return the highest number that the journal has given to a scan, written or still being written."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('inbox_scan', 'number')::regclass), 0)"""
        )
        return int(cursor.fetchone()[0])


def writers() -> frozenset[str]:
    """Return who is adding to the journal at this moment: their transactions, by the server's own names."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT virtualtransaction FROM pg_locks
               WHERE locktype = 'relation' AND relation = 'inbox_scan'::regclass AND mode = 'RowExclusiveLock'
                 AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        )
        return frozenset(name for (name,) in cursor.fetchall())


@transaction.atomic
def tally(*, upto: int, today: date, limit: int = STEP) -> int:
    """Add the scans that are not tallied yet, up to a number, to their codes' days; return how many
    numbers it came on, `limit` at most.

    All of it and how far it came are one transaction: killed at any point, nothing is counted twice or left out. A scan
    written late is counted on the day on which it was made. The caller sees to it that whoever wrote up to that number
    has ended (see `pipeline/scanning.py`).
    """
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO codes_scan_reached (id, number) VALUES (1, 0) ON CONFLICT DO NOTHING")
        cursor.execute("SELECT number FROM codes_scan_reached WHERE id = 1 FOR UPDATE")
        (reached,) = cursor.fetchone()
        until = min(upto, reached + limit)
        if until <= reached:
            return 0
        # A device counts once a day and code; programs are no devices that anybody holds.
        cursor.execute(
            """WITH fresh AS MATERIALIZED (
                 SELECT serial, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, device, bot FROM inbox_scan
                 WHERE number > %s AND number <= %s AND serial IS NOT NULL AND verdict = ANY(%s)),
               seen AS (
                 INSERT INTO codes_scan_seen (serial, day, device)
                 SELECT DISTINCT serial, day, device FROM fresh WHERE NOT bot AND day > %s::date - %s
                 ON CONFLICT DO NOTHING RETURNING serial, day)
               SELECT b.holder, f.serial, f.day, f.scans, f.bots, coalesce(s.devices, 0)
               FROM (SELECT serial, day, count(*) FILTER (WHERE NOT bot) AS scans, count(*) FILTER (WHERE bot) AS bots
                     FROM fresh GROUP BY serial, day) f
                 JOIN board_code b ON b.serial = f.serial AND b.holder_kind = 'subject'
                 -- One code on the board that nobody here issued (put there by hand, or restored) must not stop all counting.
                 JOIN codes_code c ON c.subject = b.holder AND c.serial = b.serial
                 LEFT JOIN (SELECT serial, day, count(*) AS devices FROM seen GROUP BY serial, day) s
                   ON s.serial = f.serial AND s.day = f.day
               ORDER BY b.holder, f.serial, f.day""",
            [reached, until, list(COUNTED), today, SEEN_DAYS],
        )
        rows = cursor.fetchall()
        if rows:
            cursor.execute(
                """INSERT INTO codes_scan_day AS d (subject, serial, day, scans, bots, devices)
                   SELECT * FROM unnest(%s::varchar[], %s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[])
                   ON CONFLICT (subject, serial, day) DO UPDATE SET scans = d.scans + excluded.scans,
                     bots = d.bots + excluded.bots, devices = d.devices + excluded.devices""",
                [list(column) for column in zip(*rows, strict=True)],
            )
            _list_anew(sorted({holder for holder, *_ in rows}), today)
        cursor.execute("UPDATE codes_scan_reached SET number = %s WHERE id = 1", [until])
    return int(until - reached)


def _list_anew(holders: Sequence[str], today: date) -> None:
    """Make the office's list anew of whom scans may make one who displays a code, or for longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM subjects_subject WHERE uscc = ANY(%s) ORDER BY uscc FOR NO KEY UPDATE", [list(holders)]
        )
    listed.make(holders, today=today)


def forget_seen(*, today: date) -> int:
    """Forget which devices were counted on days that are past, and return how many that were."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM codes_scan_seen WHERE day <= %s::date - %s", [today, SEEN_DAYS])
        return int(cursor.rowcount)


class Day(NamedTuple):
    """The scans of one day: by people, by how many devices, and those of programs."""

    day: date
    scans: int
    devices: int
    bots: int


class OfPlacement(NamedTuple):
    """The scans of one code over some days; `devices` counts one again on another day, as no way leads from day to day."""

    serial: int
    placement: str
    label: str
    scans: int
    devices: int
    bots: int


@dataclass(frozen=True, slots=True)
class Scans:
    """The scans of a business's codes over some days, each day there, also those without any."""

    days: tuple[Day, ...]
    placements: tuple[OfPlacement, ...]
    more: int  # codes that were scanned beyond those that are told

    @property
    def scans(self) -> int:
        """By people, altogether."""
        return sum(day.scans for day in self.days)

    @property
    def bots(self) -> int:
        """By programs, altogether."""
        return sum(day.bots for day in self.days)

    @property
    def busy_days(self) -> int:
        """Days on which somebody scanned."""
        return sum(day.scans > 0 for day in self.days)


PLACEMENTS_AT_MOST: Final = 100
"""So many codes of one business are told one by one; a taxi firm has more cars."""


def of(subject: str, *, days: int, today: date) -> Scans:
    """Return the scans of a business's codes over so many days, today the last of them."""
    since = today - timedelta(days=days - 1)
    found = {day.day: day for day in by_day([subject], since=since, today=today)}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT d.serial, c.placement, c.label, sum(d.scans), sum(d.devices), sum(d.bots), count(*) OVER ()
               FROM codes_scan_day d JOIN codes_code c ON c.subject = d.subject AND c.serial = d.serial
               WHERE d.subject = %s AND d.day BETWEEN %s AND %s
               GROUP BY d.serial, c.placement, c.label ORDER BY 4 DESC, d.serial LIMIT %s""",
            [subject, since, today, PLACEMENTS_AT_MOST],
        )
        rows = cursor.fetchall()
    return Scans(
        tuple(found.get(day, Day(day, 0, 0, 0)) for day in (since + timedelta(days=number) for number in range(days))),
        tuple(OfPlacement._make(row[:6]) for row in rows),
        max(0, rows[0][6] - len(rows)) if rows else 0,
    )


def by_day(subjects: Sequence[str], *, since: date, today: date) -> Iterable[Day]:
    """Return the days on which codes of these businesses were scanned, all codes together."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT day, sum(scans), sum(devices), sum(bots) FROM codes_scan_day
               WHERE subject = ANY(%s) AND day BETWEEN %s AND %s GROUP BY day ORDER BY day""",
            [list(subjects), since, today],
        )
        return [Day._make(row) for row in cursor.fetchall()]
