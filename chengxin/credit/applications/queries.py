"""Questions about applications: what a business sent in, what waits for whom, how codes were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from chengxin.credit.applications import rules
from chengxin.credit.applications.models import Application, Decided, Decision, Draft, Waiting
from chengxin.credit.applications.rules import Declared, Part
from chengxin.credit.subjects.queries import counts_of
from chengxin.people import bindings
from chengxin.people.models import User
from chengxin.terms.area import governs

PATIENCE_MS: Final = 2000
KPI_SHARE: Final = 0.35
"""The share of the year's new entities that should have asked for a code by themselves (domain.md §11: 35 %)."""


@dataclass(frozen=True, slots=True)
class Filed:
    """An application with everything that was decided of it, the newest first."""

    application: Application
    decisions: tuple[Decision, ...]

    @property
    def state(self) -> str:
        """Return its state: the newest decision's."""
        return self.decisions[0].state

    @property
    def state_label(self) -> str:
        """Return its state in words."""
        return rules.STATES_OF[self.state]

    @property
    def parts(self) -> dict[str, Part]:
        """Return what became of each part."""
        return rules.parts(self.decisions[0].outcome)

    @property
    def items(self) -> list[tuple[int, Declared, Part]]:
        """Return the declared items with what became of each."""
        parts = self.parts
        return [
            (place, item, parts[f"item {place}"])
            for place, item in enumerate(rules.items_of(self.application.body), start=1)
        ]

    @property
    def appealed(self) -> bool:
        """Tell whether it was appealed against once."""
        return any(one.state == "appealed" for one in self.decisions)

    @property
    def refusal(self) -> Decision | None:
        """Return the newest decision of a clerk that let something through or not, or None before there is one."""
        return next((one for one in self.decisions if one.state in ("approved", "refused")), None)


def draft(user: User, subject: str) -> Mapping[str, Any] | None:
    """Return what somebody has filled in so far for a business, or None."""
    found = Draft.objects.filter(user=user, subject=subject).first()
    return found.body if found else None


def filed(subject: str, *, application: int | None = None, limit: int = 20) -> list[Filed]:
    """Return the applications of a business, newest first, or the one of a number: two looks, however many there are."""
    found = Application.objects.filter(subject=subject).order_by("-id")
    if application is not None:
        found = found.filter(id=application)
    some = list(found[:limit])
    of: dict[int, list[Decision]] = {one.id: [] for one in some}
    for decision in Decision.objects.filter(subject=subject, application__in=list(of)).order_by("-id"):
        of[decision.application].append(decision)
    return [Filed(one, tuple(of[one.id])) for one in some]


def by_key(subject: str, key: str) -> Filed | None:
    """Return the application that a draft became, if it was sent."""
    found = Application.objects.filter(subject=subject, key=key).values_list("id", flat=True).first()
    return filed(subject, application=found)[0] if found is not None else None


def waiting_count(subject: str) -> int:
    """Return how many applications of a business wait, for a clerk or on appeal."""
    return Waiting.objects.filter(subject=subject).count()


def queue(
    *, area: str | None, way: str = "", appeal: bool | None = None, overdue_on: date | None = None
) -> QuerySet[Waiting]:
    """Return what waits, the earliest due first, so that what is overdue stands on top.

    :param area: of those of a governing area, and of the city that it is; None: all.
    :param overdue_on: those alone that should have been decided before this day.
    """
    found = Waiting.objects.order_by("due_on", "id")
    if area is not None:
        found = found.filter(bindings.within(area))
    if way:
        found = found.filter(way=way)
    if appeal is not None:
        found = found.filter(is_appeal=appeal)
    if overdue_on is not None:
        found = found.filter(due_on__lt=overdue_on)
    return found


@dataclass(frozen=True, slots=True)
class Ended:
    """Which of the applications that ended somebody asks for; what is empty is not asked."""

    area: str | None = None  # of those of a governing area, and of the city that it is; None: all
    way: str = ""  # of WAYS
    result: str = ""  # of rules.RESULTS
    clerk: str = ""  # the account of whoever decided, or NOBODY
    since: datetime | None = None
    until: datetime | None = None  # before then


NOBODY: Final = "-"
"""For the clerk of those of which nobody of the office decided: the checks passed, or they were taken back."""


def decided(asked: Ended, *, before: str = "", limit: int) -> list[Decided]:
    """Return applications that ended, the newest first, a page of them.

    :param before: `place` of the last row of the page before; empty: the first page.
    """
    found = Decided.objects.order_by("-decided_at", "-id")
    if asked.area is not None:
        found = found.filter(bindings.within(asked.area))
    if asked.way:
        found = found.filter(way=asked.way)
    if asked.result:
        found = found.filter(result=asked.result)
    if asked.clerk:
        found = found.filter(clerk="" if asked.clerk == NOBODY else asked.clerk)
    if asked.since:
        found = found.filter(decided_at__gte=asked.since)
    if asked.until:
        found = found.filter(decided_at__lt=asked.until)
    if (at := _place(before)) is not None:
        # Both: the first alone is a stretch of the index.
        found = found.filter(Q(decided_at__lte=at[0]), Q(decided_at__lt=at[0]) | Q(id__lt=at[1]))
    return list(found[:limit])


def place(row: Decided) -> str:
    """Return where a row stands in the list of what ended, for the page after it."""
    return f"{row.decided_at:%Y%m%dT%H%M%S.%f%z}.{row.pk}"


def _place(text: str) -> tuple[datetime, int] | None:
    moment, _, number = text.rpartition(".")
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%S.%f%z").astimezone(UTC), int(number)
    except (ValueError, OverflowError):  # nobody's place, or one before the first or after the last day of all
        return None


class ByWay(NamedTuple):
    """How many businesses of an area got their first code in a time by one way, or have one from elsewhere alone."""

    area: str
    way: str  # of WAYS, or ELSEWHERE
    number: int


ELSEWHERE: Final = "elsewhere"

_FIRST: Final = """
SELECT DISTINCT ON (subject) subject, way::text, issued_on FROM codes_code {} ORDER BY subject, serial"""
_THEIRS: Final = """
SELECT DISTINCT ON (subject) subject, gone, issued_on FROM codes_elsewhere {} ORDER BY subject, id DESC"""


def by_way(*, since: date, until: date, area: str | None = None) -> list[ByWay] | None:
    """Return how businesses came to their first code in a time, by governing area and way; None where it took too long.

    A business counts once, in the way of its first code here; one that has a code from elsewhere alone counts apart.
    """
    asked = f"""SELECT subject, way AS sort FROM ({_FIRST.format("")}) first
      WHERE issued_on BETWEEN %(since)s AND %(until)s
      UNION ALL SELECT subject, '{ELSEWHERE}' FROM ({_THEIRS.format("")}) theirs
      WHERE NOT gone AND issued_on BETWEEN %(since)s AND %(until)s
        AND NOT EXISTS (SELECT FROM codes_code c WHERE c.subject = theirs.subject)"""  # noqa: S608 — constants
    rows = _in_time(asked, {"since": since, "until": until})
    return None if rows is None else [ByWay(*row) for row in rows if area is None or governs(area, row[0])]


class Newcomers(NamedTuple):
    """The businesses of an area that were established in a time, by how they came to a code, if they did."""

    area: str  # empty: all of them
    registered: int
    by_self: int
    otherwise: int  # by a counter, in a batch, or from elsewhere

    @property
    def share(self) -> float:
        """Return which share asked for its code by itself: the KPI counts those alone."""
        return self.by_self / self.registered if self.registered else 0.0


def newcomers(*, since: date, until: date, area: str | None = None) -> list[Newcomers] | None:
    """Return the businesses established in a time, all first, then by governing area; None where it took too long."""
    fresh = "WHERE subject IN (SELECT subject FROM fresh)"
    asked = f"""WITH fresh AS (
        SELECT subject FROM (
          SELECT DISTINCT ON (subject) subject, established_on, gone FROM subjects_registration ORDER BY subject, id DESC
        ) newest WHERE NOT gone AND established_on BETWEEN %(since)s AND %(until)s)
      SELECT f.subject, coalesce(o.way, CASE WHEN NOT t.gone THEN '{ELSEWHERE}' END, '') AS sort
      FROM fresh f LEFT JOIN ({_FIRST.format(fresh)}) o USING (subject)
        LEFT JOIN ({_THEIRS.format(fresh)}) t USING (subject)"""  # noqa: S608 — constants
    rows = _in_time(asked, {"since": since, "until": until})
    if rows is None:
        return None
    of: dict[str, list[int]] = {}
    for code, sort, count in rows:
        if area is None or governs(area, code):
            counted = of.setdefault(code, [0, 0, 0])
            counted[0] += count
            counted[1] += count if sort == "self" else 0
            counted[2] += count if sort not in ("", "self") else 0
    whole = [sum(column) for column in zip(*of.values(), strict=True)] if of else [0, 0, 0]
    return [Newcomers("", *whole), *(Newcomers(code, *counted) for code, counted in sorted(of.items()))]


def _in_time(asked: str, said: Mapping[str, date]) -> list[tuple[str, str, int]] | None:
    """Return what `subjects.counts_of` says, or None where it takes longer than a page may."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            (before,) = cursor.fetchone()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            found = counts_of(asked, said)
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
            return found
    except OperationalError:
        return None
