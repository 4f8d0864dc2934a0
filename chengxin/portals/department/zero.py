"""零报告: a unit says for a kind and a month that there was nothing."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.credit.records import catalogue
from chengxin.ingest import quality, zero
from chengxin.ingest.measures import CLOCK
from chengxin.ingest.models import ZeroReport
from chengxin.people import sight
from chengxin.people.models import User
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor

REPORTS_A_PAGE: Final = 25
MONTHS_BACK: Final = 12


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the zero reports that one may see, newest first, with the form to add one of one's own unit."""
    return _show(request)


def _show(request: HttpRequest, *, fault: str = "", kind: str = "", month: str = "") -> HttpResponse:
    me = _user(request)
    units = quality.units_seen(sight.of(me))
    reports = ZeroReport.objects.filter(unit__in=units).select_related("unit").order_by("-month", "-id")
    shown = Paginator(reports, REPORTS_A_PAGE).get_page(request.GET.get("page"))
    last = quality.month_of(timezone.localdate())
    kinds = sorted(catalogue.KINDS.values(), key=lambda one: (one.name not in CLOCK.duty, one.label))
    context = {
        "reports": shown,
        "overtaken": zero.overtaken(list(shown)),
        "unit": me.unit,
        "kinds": [(one.name, one.label) for one in kinds if one.section or one.supplement],
        "months": quality.months_before(last, MONTHS_BACK + 1)[:-1][::-1],
        "fault": fault,
        "kind": kind,
        "month": month,
    }
    return page(request, "department/zero.html", context, at="zero", status=422 if fault else 200)


@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Add one zero report of one's own unit."""
    me = _user(request)
    kind, month = request.POST.get("kind", ""), request.POST.get("month", "")
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return _show(request, fault="请选择要零报告的月份。", kind=kind)
    if me.unit is None:
        return _show(request, fault="您的账号不属于任何单位，不能零报告；请系统管理员把账号归入单位。")
    try:
        at = timezone.now()
        zero.report(unit=me.unit, kind=kind, month=first, by=actor(request), at=at, today=timezone.localdate(at))
    except Refused as refused:
        return _show(request, fault=str(refused), kind=kind, month=month)
    messages.success(request, f"已零报告：{first.year}年{first.month}月，{catalogue.KINDS[kind].label}。")
    return redirect("zero")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 — the gate lets nobody else in
    return request.user
