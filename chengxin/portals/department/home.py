"""首页: to a unit what it should do and what became of what it sent; to the office how much there is, and whether it moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Max, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.board.models import BoardCard, BoardCode
from chengxin.credit.applications import newcomers
from chengxin.credit.applications import queries as applications
from chengxin.credit.codes import showing
from chengxin.credit.codes.rules import STATE_LABELS
from chengxin.credit.fakes import queries as fakes
from chengxin.credit.records.models import Record
from chengxin.credit.subjects.models import Subject, Touch
from chengxin.ingest import quality
from chengxin.ingest.models import SetAside
from chengxin.people import bindings, queries, sight
from chengxin.people.roles import ROLES, may
from chengxin.portals.department import showings
from chengxin.portals.department.batches import visible
from chengxin.portals.department.page import page
from chengxin.portals.department.quality import due_words, left_words
from chengxin.portals.department.words import kind_label
from chengxin.portals.shared.gate import person

PLACES: Final = frozenset(role.name for role in ROLES.values() if role.sees == "place")
SHOWN: Final = 5
"""Of each list; behind it is its page."""
TASKS: Final = 8
PATIENCE_MS: Final = 1500
"""A figure that takes longer is not worth the wait of somebody who only passes through."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the first page counts; None where counting took too long."""

    subjects: int | None
    records: list[tuple[str, int]] | None
    codes: list[tuple[str, int]] | None
    cards: int | None
    overdue: int | None
    waiting: int | None
    fakes: int | None
    posted_at: datetime | None


class Task(NamedTuple):
    """Something that somebody should do: what, until when in words, where (the name of an address, and its number)."""

    what: str
    left: str
    to: str
    number: int | None = None


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show a unit what it has to do and its newest batches, and everybody else the figures as of now."""
    at, me = timezone.now(), person(request)
    seen, sees = visible(me), sight.of(me)
    if me.role in PLACES:
        return _place(request, sees, at)
    to_confirm = seen.filter(state="checked", wanted="")
    context: dict[str, object] = {
        "at": at,
        "to_confirm": to_confirm.select_related("unit").order_by("id")[:SHOWN],
        "to_confirm_count": _number(to_confirm),
        "newest": seen.select_related("unit").order_by("-id")[:SHOWN],
    }
    if sees.sees == "all" or not may(me.role, "batch.send"):
        if may(me.role, "account.invite") and not may(me.role, "batch.see"):
            context["own"] = _directory(at)
        context |= {"figures": figures(at), "tasks": _desk(sees, me.role, timezone.localdate(at))}
        return page(request, "department/home.html", context, at="home")
    context |= {
        "unit": me.unit,
        "tasks": [*_desk(sees, me.role, timezone.localdate(at)), *_tasks(sees, timezone.localdate(at))],
        "waiting": _number(SetAside.objects.filter(waiting=True, batch__in=seen)),
    }
    return page(request, "department/home_unit.html", context, at="home")


def _place(request: HttpRequest, sees: sight.Sight, at: datetime) -> HttpResponse:
    """Show a place the one thing that it has to do: the photos that wait for it."""
    waiting = showings.waiting_for(sees)
    context = {
        "at": at,
        "unit": person(request).unit,
        "is_place": sees.sees == "place",
        "waiting": _number(waiting),
        "first": waiting.first(),
        "today": timezone.localdate(at),
        "rule": showing.rule(),
    }
    return page(request, "department/home_place.html", context, at="home")


def _directory(at: datetime) -> dict[str, int | None]:
    """Return how many units and people are in use, and how many links wait to be."""
    return {
        "units": _number(queries.units()),
        "people": _number(queries.people()),
        "links": _number(queries.open_invitations(at=at)),
    }


def _desk(sees: sight.Sight, role: str, today: date) -> list[Task]:
    """Return what businesses asked for and wait for an office of the sight to decide; nothing where counting took too long."""
    if sees.sees not in ("all", "area") or not may(role, "application.decide"):
        return []
    area = None if sees.sees == "all" else sees.area
    waiting: tuple[tuple[str, str, QuerySet[Any]], ...] = (
        ("份申请", "applications", applications.queue(area=area)),
        ("个绑定", "bindings", bindings.queue(area=area)),
        ("个新主体", "newcomers", newcomers.queue(area=area)),
        # What still lies with a place is the place's to do.
        ("张亮码照片", "showings", showings.waiting_for(sees, whose="office")),
    )

    def count() -> dict[str, list[Task]]:
        tasks = []
        for words, to, rows in waiting:
            found = rows.aggregate(n=Count("*"), due=Min("due_on"))
            if found["n"]:
                tasks.append(Task(f"{found['n']:,} {words}等着办", _until(found["due"], today), to))
        return {"tasks": tasks}

    counted = _counted(count)
    tasks: list[Task] = counted["tasks"] if counted else []
    return tasks


def _until(due: date | None, today: date) -> str:
    if due is None:
        return ""
    return f"已超期，最早应在 {due:%-m月%-d日}办" if due < today else f"最早 {due:%-m月%-d日}到期"


def _tasks(sees: sight.Sight, today: date) -> list[Task]:
    """Return what one's own unit should do, the most urgent first."""
    if sees.unit is None:
        return []
    tasks = []
    for due in quality.due(units=[sees.unit], today=today)[:TASKS]:
        to = {"mend": "batch", "month": "zero", "silent": "send"}[due.what]
        tasks.append(Task(due_words(due), left_words(due), to, due.batch))
    return tasks


def figures(at: datetime) -> Figures:
    """Return what there is at a moment."""
    # The first revision of each document: a correction is no further document.
    kinds = _counted(_by, Record.objects.filter(revision=1), "kind")
    states = _counted(_by, BoardCode.objects.all(), "state")
    board = _counted(BoardCard.objects.aggregate, n=Count("holder"), newest=Max("posted_at")) or {}
    return Figures(
        subjects=_number(Subject.objects.all()),
        records=None if kinds is None else [(kind_label(kind), n) for kind, n in kinds.items()],
        codes=None
        if states is None
        else [(STATE_LABELS[state], states[state]) for state in STATE_LABELS if state in states],
        cards=board.get("n"),
        overdue=_number(BoardCard.objects.filter(good_until__lte=at)),
        waiting=_number(Touch.objects.all()),
        fakes=_number(fakes.unhandled()),
        posted_at=board.get("newest"),
    )


def _number(rows: QuerySet[Any]) -> int | None:
    answer = _counted(rows.aggregate, n=Count("*"))
    return None if answer is None else int(answer["n"])


def _by(rows: QuerySet[Any], column: str) -> dict[str, int]:
    return dict(rows.values_list(column).annotate(n=Count("*")).order_by("-n"))


def _counted(count: Any, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            answer: dict[str, Any] = count(*args, **kwargs)
    except OperationalError:
        return None
    return answer
