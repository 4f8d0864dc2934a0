"""归集: what came in, and what was set aside."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.ingest.models import Batch, SetAside
from chengxin.people import trail
from chengxin.portals.department.page import page
from chengxin.portals.department.words import kind_label
from chengxin.portals.shared.gate import actor

BATCHES_A_PAGE: Final = 25
ROWS_A_PAGE: Final = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the batches, newest first, of one kind if asked."""
    kinds = dict(Batch.objects.values_list("kind").annotate(n=Count("id")).order_by("kind"))
    kind = request.GET.get("kind", "")
    batches = Batch.objects.order_by("-id")
    if kind in kinds:
        batches = batches.filter(kind=kind)
    context = {
        "batches": Paginator(batches, BATCHES_A_PAGE).get_page(request.GET.get("page")),
        "kinds": [(name, kind_label(name), n) for name, n in kinds.items()],
        "kind": kind if kind in kinds else "",
    }
    return page(request, "department/batches.html", context, at="batches")


@require_safe
@transaction.atomic
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show one batch and why rows of it were set aside. The rows themselves stay with whoever sent them."""
    batch = get_object_or_404(Batch, pk=number)
    rows = (
        SetAside.objects.filter(batch=batch)
        .order_by("row", "id")
        .only("row", "code", "column", "message", "waiting", "taken_at")
    )
    reasons = (
        SetAside.objects.filter(batch=batch).values_list("code").annotate(n=Count("id")).order_by("-n", "code")[:20]
    )
    trail.note(by=actor(request), verb="batch.see", thing=f"batch {batch.pk}", at=timezone.now())
    context = {
        "batch": batch,
        "rows": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "reasons": list(reasons),
        "has_feedback": _feedback(batch).is_file(),
    }
    return page(request, "department/batch.html", context, at="batches")


@require_safe
def feedback(request: HttpRequest, number: int) -> HttpResponseBase:
    """Hand out the feedback file of a batch: its set-aside rows, for the unit that sent them."""
    batch = get_object_or_404(Batch, pk=number)
    try:
        file = _feedback(batch).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    trail.note(by=actor(request), verb="batch.feedback", thing=f"batch {batch.pk}", at=timezone.now())
    return FileResponse(
        file, as_attachment=True, filename=f"反馈-{batch.pk}.csv", content_type="text/csv; charset=utf-8"
    )


def _feedback(batch: Batch) -> Path:
    folder: Path = settings.FEEDBACK_DIR
    return folder / f"{batch.pk}.csv"
