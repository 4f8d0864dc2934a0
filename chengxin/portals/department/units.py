"""单位: the directory of units, edited and imported."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.ingest.directory import read
from chengxin.ingest.reading.table import Limits, NotReadable
from chengxin.people import directory, queries, units
from chengxin.people.directory import Plan, Row, Stale
from chengxin.people.models import Unit
from chengxin.people.roles import may
from chengxin.people.rules import COLUMNS
from chengxin.people.trail import Refused
from chengxin.people.units import LABELS, Facts
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor

UNITS_A_PAGE: Final = 50
FILE_AT_MOST: Final = 900_000
"""Bytes: below what the door takes in one request. A city's directory has some tens of thousands."""
HINTS: Final = {
    "name": "全称，与公章一致。",
    "short": "",
    "uscc": "18 位。部门报送的数据按这个代码认出是谁的；场所管理方必须有。",
    "area": "县、区信用办写它管的县、区，商场、市场、园区写所在的县、区（名称或六位代码）；管全市的留空。",
    "former_names": "几个之间用顿号隔开。以前的文件里写的名称，系统也认得。",
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the units in use, or the closed ones, or those of a name."""
    text, closed = request.GET.get("q", "").strip()[:60], "closed" in request.GET
    context = {
        "units": Paginator(queries.units(text=text, closed=closed), UNITS_A_PAGE).get_page(request.GET.get("page")),
        "text": text,
        "closed": closed,
        "may_edit": may(actor(request).role, "unit.edit"),
        "query": urlencode({"q": text} | ({"closed": "1"} if closed else {})) + "&",
    }
    return page(request, "department/units.html", context, at="units")


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add a unit by hand."""
    if request.method != "POST":
        return _form(request, None, Facts(""), {})
    facts = _written(request)
    if faults := units.faults(facts, among=queries.directory()):
        return _form(request, None, facts, faults)
    try:
        unit = units.add(facts=facts, by=actor(request), at=timezone.now())
    except Refused as refusal:
        return _form(request, None, facts, {"name": str(refusal)})
    messages.success(request, f"已加入名录：{unit.name}。接下来可以邀请这个单位的人。")
    return redirect("unit", number=unit.pk)


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show a unit with its people."""
    unit = get_object_or_404(Unit, pk=number)
    context = {
        "unit": unit,
        "people": queries.people(unit=unit.pk)[: queries.UNITS_AT_MOST],
        "may_edit": may(actor(request).role, "unit.edit"),
        "may_invite": may(actor(request).role, "account.invite"),
    }
    return page(request, "department/unit.html", context, at="units")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """Change what the directory says of a unit."""
    unit = get_object_or_404(Unit, pk=number)
    if request.method != "POST":
        return _form(request, unit, units.facts_of(unit), {})
    facts = units.renamed(units.facts_of(unit), _written(request))
    if faults := units.faults(facts, among=queries.directory(), but=unit.pk):
        return _form(request, unit, facts, faults)
    try:
        changed = units.change(unit=unit.pk, facts=facts, by=actor(request), at=timezone.now())
    except Refused as refusal:
        return _form(request, unit, facts, {"name": str(refusal)})
    messages.success(request, f"已保存：{'、'.join(changed)}。") if changed else messages.info(request, "没有改动。")
    return redirect("unit", number=unit.pk)


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close a unit, or take it into use again."""
    unit = get_object_or_404(Unit, pk=number)
    try:
        if unit.is_active:
            units.close(unit=unit.pk, by=actor(request), at=timezone.now())
            messages.success(
                request, f"已停用“{unit.name}”。它的账号不能再登录，已登录的随即退出；报送过的数据都还在。"
            )
        else:
            units.reopen(unit=unit.pk, by=actor(request), at=timezone.now())
            messages.success(request, f"“{unit.name}”已重新启用，它的账号又可以登录。")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("unit", number=unit.pk)


# ---- Import ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Show what a file would do to the directory; do it once somebody has seen that and says yes."""
    if request.method != "POST":
        return _import_page(request)
    try:
        if "rows" in request.POST:
            rows = _kept(request.POST["rows"])
            try:
                made = directory.apply(rows, seen=request.POST.get("seen", ""), by=actor(request), at=timezone.now())
            except Stale as stale:
                return _import_page(request, rows, directory.plan(rows, by=actor(request)), str(stale))
            messages.success(
                request,
                f"名录已更新：新增单位 {made.count('new')} 个，更新 {made.count('changed')} 个；"
                f"新开账号 {made.accounts('new')} 个，更新 {made.accounts('changed')} 个。"
                + ("新账号还没有密码，请在“人员”里给每人发一个链接。" if made.accounts("new") else ""),
            )
            return redirect("units")
        rows = _uploaded(request)
        return _import_page(request, rows, directory.plan(rows, by=actor(request)))
    except (Refused, NotReadable) as refusal:
        return _import_page(request, fault=str(refusal))


@require_safe
def form(request: HttpRequest) -> HttpResponse:
    """Hand out the empty form of a directory's file."""
    out = io.StringIO()
    csv.writer(out).writerow([headings[0] for headings in COLUMNS.values()])
    return HttpResponse(
        out.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename*=UTF-8''%E5%8D%95%E4%BD%8D%E5%90%8D%E5%BD%95.csv"},
    )


def _uploaded(request: HttpRequest) -> list[Row]:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile) or not upload.size:
        raise Refused("请先选择名录文件。")
    if upload.size > FILE_AT_MOST:
        raise Refused("文件超过 900 KB，不像是单位名录；请核对，或分成几份。")
    with tempfile.NamedTemporaryFile() as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        return read(Path(file.name), limits=Limits(FILE_AT_MOST, 50 * FILE_AT_MOST))


def _kept(text: str) -> list[Row]:
    try:
        return [
            Row(*row)
            for row in msgspec.json.decode(text, type=list[tuple[int, str, str, str, str, str, str, str, str]])
        ]
    except msgspec.DecodeError as error:
        raise Refused("这一页没有传完整，请重新上传文件。") from error


def _import_page(
    request: HttpRequest, rows: list[Row] | None = None, plan: Plan | None = None, fault: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "headings": [headings[0] for headings in COLUMNS.values()],
        "plan": plan,
        "rows": msgspec.json.encode(rows).decode() if plan and not plan.faulty else "",
        "counts": {
            "new": plan.count("new"),
            "changed": plan.count("changed"),
            "same": plan.count("same"),
            "accounts": plan.accounts("new") + plan.accounts("changed"),
        }
        if plan
        else None,
        "fault": fault,
    }
    status = 422 if fault or (plan and plan.faulty) else 200
    return page(request, "department/units_import.html", context, at="units", status=status)


# ---- The form --------------------------------------------------------------------------------------------------


def _written(request: HttpRequest) -> Facts:
    said = request.POST
    return units.tidy(
        name=said.get("name", ""),
        short=said.get("short", ""),
        uscc_text=said.get("uscc", ""),
        area_text=said.get("area", ""),
        former_names=said.get("former_names", ""),
    )


def _form(request: HttpRequest, unit: Unit | None, facts: Facts, faults: dict[str, str]) -> HttpResponse:
    values = {
        "name": facts.name,
        "short": facts.short,
        "uscc": facts.uscc,
        "area": units.area_label(facts.area) if facts.area else "",
        "former_names": "、".join(facts.former_names),
    }
    context = {
        "unit": unit,
        "lines": [
            {"name": name, "label": label, "hint": HINTS[name], "value": values[name], "fault": faults.get(name, "")}
            for name, label in LABELS.items()
        ],
        "faults": faults,
    }
    return page(request, "department/unit_form.html", context, at="units", status=422 if faults else 200)
