"""The office's first page: how much there is, and whether it moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.board.models import BoardCard, BoardCode
from chengxin.credit.codes.rules import STATE_LABELS
from chengxin.credit.fakes import queries as fakes
from chengxin.credit.records.models import Record
from chengxin.credit.subjects.models import Subject, Touch
from chengxin.ingest.models import Batch
from chengxin.portals.department.page import page
from chengxin.portals.department.words import kind_label

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


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the figures as of now, and the newest batch."""
    at = timezone.now()
    context = {"figures": figures(at), "newest": Batch.objects.order_by("-id").first(), "at": at}
    return page(request, "department/home.html", context, at="home")


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
