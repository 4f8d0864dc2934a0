"""归集: what came in, how far it has come, what it changes, and what was set aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import TruncMonth
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.credit.records.catalogue import KINDS
from chengxin.credit.records.checks import CHECKS
from chengxin.ingest import batches
from chengxin.ingest import feedback as workbook
from chengxin.ingest.models import Batch, SetAside
from chengxin.ingest.reading.table import NotReadable
from chengxin.ingest.told import PAGE
from chengxin.people import sight, trail
from chengxin.people.models import User
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.department.words import batch_state, kind_label
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.terms import privacy

BATCHES_A_PAGE: Final = 25
ROWS_A_PAGE: Final = 50
MONTHS: Final = 36
REASON_LEAST: Final = 4
REASON_LENGTH: Final = 200
WAITING: Final = frozenset({"E30", "E34"})
"""Codes of rows that wait for a subject, or for a clerk to say which: nothing of them is to be mended."""
WAITS: Final = "waits"
LEVELS: Final = ("error", WAITS, "warn", "info")
WORKING: Final = "working"
"""The state to ask for of batches that something is being done with."""


# ---- Whose ---------------------------------------------------------------------------------------------------------


def visible(me: User) -> QuerySet[Batch]:
    """Return the batches that somebody may see: their unit's, those of the units of their area, or all."""
    sees = sight.of(me)
    match sees.sees:
        case "all":
            return Batch.objects.all()
        case "area":
            return Batch.objects.filter(unit__area=sees.area)
        case "own":
            return Batch.objects.filter(unit=sees.unit)
    return Batch.objects.none()


def may_handle(me: User, batch: Batch) -> bool:
    """Tell whether somebody may decide about a batch and have its rows: its own unit, and the credit office."""
    sees = sight.of(me)
    return may(me.role, "batch.send") and (sees.sees == "all" or (sees.unit is not None and batch.unit_id == sees.unit))


def _seen(request: HttpRequest, number: int) -> Batch:
    return get_object_or_404(visible(person(request)).select_related("unit", "same_as", "undoes"), pk=number)


def _handled(request: HttpRequest, number: int) -> Batch:
    batch = _seen(request, number)
    if not may_handle(person(request), batch):
        raise Http404
    return batch


# ---- The list ------------------------------------------------------------------------------------------------------


class Choice(NamedTuple):
    """One question that the list can be asked: the field of the address, its label, its answers, the one given."""

    name: str
    label: str
    answers: list[tuple[str, str]]
    given: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the batches that one may see, newest first, by kind, state, way and month if asked."""
    me = person(request)
    seen = visible(me)
    choices = _choices(seen, request.GET)
    given = {choice.name: choice.given for choice in choices if choice.given}
    if given.get("way") != PAGE:
        seen = seen.exclude(way=PAGE)  # a row or two each, thousands of them: whoever looks for one asks for the way
    rows = Paginator(_asked(seen, given).select_related("unit").order_by("-id"), BATCHES_A_PAGE)
    context = {
        "batches": rows.get_page(request.GET.get("page")),
        "choices": choices,
        "is_asked": bool(given),
        "query": urlencode(given) + "&" if given else "",
        "sees_several": sight.of(me).sees in ("all", "area"),
    }
    return page(request, "department/batches.html", context, at="batches")


def _choices(seen: QuerySet[Batch], asked: Mapping[str, str]) -> list[Choice]:
    kinds = [(kind, kind_label(kind)) for kind in seen.order_by("kind").values_list("kind", flat=True).distinct()]
    months = seen.annotate(month=TruncMonth("received_at")).order_by("-month").values_list("month", flat=True)
    offered = [
        ("kind", "种类", sorted(kinds, key=lambda one: one[1])),
        ("state", "现状", [(WORKING, "正在处理"), *batches.STATES.items()]),
        ("way", "方式", list(batches.WAYS.items())),
        ("month", "月份", [(f"{month:%Y-%m}", f"{month:%Y年}{month.month}月") for month in months.distinct()[:MONTHS]]),
    ]
    return [
        Choice(name, label, answers, asked.get(name, "") if asked.get(name, "") in dict(answers) else "")
        for name, label, answers in offered
    ]


def _asked(seen: QuerySet[Batch], given: Mapping[str, str]) -> QuerySet[Batch]:
    for name in ("kind", "way"):
        if name in given:
            seen = seen.filter(**{name: given[name]})
    match given.get("state"):
        case None:
            pass
        case "working":
            seen = seen.exclude(wanted="")
        case state:
            seen = seen.filter(state=state, wanted="")
    if "month" in given:
        first = date.fromisoformat(f"{given['month']}-01")
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        seen = seen.filter(received_at__gte=_midnight(first), received_at__lt=_midnight(following))
    return seen


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 — made aware at once


# ---- One batch -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """One count as it is written large: what of, how many rows, and what becomes of them."""

    label: str
    count: int
    told: str


class Reason(NamedTuple):
    """One thing found, in how many rows: what it is, in which column, and what to do."""

    code: str
    title: str
    column: str
    level: str
    rows: int
    advice: str


@require_safe
@transaction.atomic
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show one batch as far as it has come. The rows themselves stay with whoever sent them."""
    batch, me = _seen(request, number), person(request)
    state = batch_state(batch)
    context: dict[str, object] = {"batch": batch, "state": state, "step": _step(batch), "words": _progress(batch)}
    if state.name == WORKING:
        # Looked at every second or two, and nothing of the file is on it yet: no trail.
        return with_script(page(request, "department/batch.html", context, at="batches"))
    rows = SetAside.objects.filter(batch=batch).order_by("row", "id")
    handles = may_handle(me, batch)
    reasons = _reasons(batch)
    trail.note(by=actor(request), verb="batch.see", thing=f"batch {batch.pk}", at=timezone.now())
    context |= {
        "figures": _figures(batch),
        "reasons": reasons,
        "sample": batch.difference.get("sample", []) if handles else [],
        "rows": Paginator(rows.only("row", "code", "column", "message", "waiting", "taken_at"), ROWS_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "handles": handles,
        "stops": batch.kind in KINDS and bool(KINDS[batch.kind].stops),
        "has_feedback": handles and bool(reasons),
        "feedback_ready": handles and bool(reasons) and workbook.is_ready(batch),
        "may_undo": may(me.role, "batch.undo") and batch.state == "applied" and batch.undoes_id is None,
        "undone_by": Batch.objects.filter(undoes=batch).only("id", "received_at").first(),
    }
    return page(request, "department/batch.html", context, at="batches")


@require_safe
def progress(request: HttpRequest, number: int) -> JsonResponse:
    """Tell how far a batch has come, to a page that asks every second."""
    batch = _seen(request, number)
    return JsonResponse(
        {
            "working": batch_state(batch).name == WORKING,
            "words": _progress(batch),
            "share": batch.progress_share,
        }
    )


def _step(batch: Batch) -> int:
    """Return where a batch is on the way from the file to the database: preview, or in."""
    return 3 if batch.wanted == "apply" or batch.state in ("applied", "undone") else 2


def _progress(batch: Batch) -> str:
    rows, share = batch.progress_rows, batch.progress_share
    if not rows and not share:
        return "排队等候处理…"
    done = f"已读 {rows:,} 行" + (f"（{share:.0%}）" if share is not None else "")
    if share is not None and share >= 1:
        done = f"{rows:,} 行已读完，正在" + ("写入…" if batch.wanted == "apply" else "与库中已有的比较…")
    return done


def _figures(batch: Batch) -> list[Figure]:
    if batch.undoes_id:
        return [
            Figure("退回", batch.accepted, "回到这一批以前的样子"),
            Figure("不动", batch.unchanged, "后来又被别的批次更新"),
        ]
    said: dict[str, Any] = batch.difference
    if batch.state == "checked":
        new, changed, unchanged = (int(said.get(name, 0)) for name in ("new", "changed", "unchanged"))
        rejected, waiting = int(said.get("rejected", 0)), int(said.get("waiting", 0))
    else:
        new, changed, unchanged = batch.accepted - batch.changed, batch.changed, batch.unchanged
        rejected, waiting = batch.rejected, batch.waiting
    is_in = batch.state != "checked"
    return [
        Figure("新增", new, "库中原来没有" if is_in else "库中还没有，确认后入库"),
        Figure("更新", changed, "与原有记录不同，已按这份文件更新" if is_in else "与库中的不同，确认后按这份文件更新"),
        Figure("未变", unchanged, "与库中的相同"),
        Figure("不能用", rejected - waiting, "有错误，未入库；改好再报送" if is_in else "有错误，不会入库；改好再报送"),
        Figure("待匹配", waiting, "库中还没有这个主体，到了自动入库"),
    ]


def _reasons(batch: Batch) -> list[Reason]:
    found = []
    for code, column, level, count in batch.difference.get("reasons", ()):
        check = CHECKS.get(code)
        level = WAITS if code in WAITING else level
        found.append(Reason(code, check.title if check else "", column, level, count, check.advice if check else ""))
    return sorted(found, key=lambda reason: LEVELS.index(reason.level))  # what is to be mended first


# ---- What can be had of it -----------------------------------------------------------------------------------------


@require_safe
def feedback(request: HttpRequest, number: int) -> HttpResponseBase:
    """Hand out the workbook that goes back: the rows that could not be used, as they were sent, and why."""
    batch = _handled(request, number)
    if batch.wanted or not workbook.is_ready(batch):
        messages.info(request, "反馈文件的行数较多，正在准备；请过一两分钟再下载。")
        return redirect("batch", batch.pk)
    try:
        file = workbook.open_for(batch)
    except (FileNotFoundError, NotReadable):
        messages.error(request, "这份原始文件已过保存期限，做不出反馈文件。每一行的原因见下面。")
        return redirect("batch", batch.pk)
    trail.note(by=actor(request), verb="batch.feedback", thing=f"batch {batch.pk}", at=timezone.now())
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"反馈-{kind_label(batch.kind)}-第{batch.pk}批.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


@require_safe
def original(request: HttpRequest, number: int) -> HttpResponseBase:
    """Hand out the file as it came."""
    batch = _handled(request, number)
    try:
        file = batches.original(batch).open("rb")
    except FileNotFoundError:
        messages.error(request, "这份原始文件已过保存期限，只留下了它的名称、大小和校验值。")
        return redirect("batch", batch.pk)
    trail.note(by=actor(request), verb="batch.original", thing=f"batch {batch.pk}", at=timezone.now())
    return FileResponse(file, as_attachment=True, filename=batch.file_name, content_type="application/octet-stream")


# ---- What can be done with it --------------------------------------------------------------------------------------


@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Let a batch that was looked at go in."""
    batch = _handled(request, number)
    try:
        batches.confirm(batch=batch.pk, by=actor(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("batch", batch.pk)


@require_POST
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Let a batch that was looked at stay out."""
    batch = _handled(request, number)
    try:
        batches.drop(batch=batch.pk, by=actor(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"第 {batch.pk} 批已放弃，没有入库。")
    return redirect("batch", batch.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Ask why a batch is to be taken back, say what that will do, and do it."""
    batch = _seen(request, number)
    reason = " ".join(request.POST.get("reason", "").split())
    fault = ""
    if request.method == "POST":
        fault = _reason_fault(reason)
        if not fault:
            try:
                undoing = batches.undo(batch=batch.pk, by=actor(request), at=timezone.now(), why=reason)
            except Refused as refusal:
                messages.error(request, str(refusal))
                return redirect("batch", batch.pk)
            messages.success(request, f"第 {batch.pk} 批已撤回（撤回本身记为第 {undoing.pk} 批）。")
            return redirect("batch", batch.pk)
    elif batch.state != "applied" or batch.wanted:
        messages.error(request, "只有已入库的批次可以撤回。")
        return redirect("batch", batch.pk)
    context = {"batch": batch, "reason": reason, "fault": fault, "longest": REASON_LENGTH}
    status = 422 if fault else 200
    return page(request, "department/batch_undo.html", context, at="batches", status=status)


def _reason_fault(reason: str) -> str:
    if len(reason) < REASON_LEAST:
        return f"请写明撤回的原因（不少于 {REASON_LEAST} 个字），例如“整份文件的日期填错了”。"
    if len(reason) > REASON_LENGTH:
        return f"原因请写在 {REASON_LENGTH} 个字以内。"
    # What is in the trail stays for ever, and whoever audits reads it (《个人信息保护法》第 6 条).
    if found := privacy.find(reason):
        return f"原因里像是有{found[0].label}。原因会长期留痕，请不要写个人信息。"
    return ""
