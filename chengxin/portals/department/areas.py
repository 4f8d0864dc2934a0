"""管辖区: how many subjects each governing area has, and to which one subject belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db import OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import areas as attributions
from chengxin.credit.subjects import queries
from chengxin.credit.subjects.models import Subject
from chengxin.credit.subjects.rules import WAYS
from chengxin.people import looks
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import area, division, uscc

HISTORY: Final = 50
PATIENCE_MS: Final = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """One area and its two counts."""

    code: str
    label: str
    governed: int
    registered: int
    is_division: bool
    note: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Count the subjects by governing area and by division, side by side; or lead to one subject."""
    typed = request.GET.get("subject", "")[:40]
    wanted = uscc.normalise(typed)
    fault = ""
    may_edit = may(actor(request).role, "area.edit")
    if wanted and may_edit:
        if Subject.objects.filter(uscc=wanted).exists():
            return redirect("area", subject=wanted)
        fault = "库中没有这个统一社会信用代码，请照营业执照核对。"
    counts = _counts()
    governed, registered = counts if counts else ({}, {})
    context = {
        "rows": None if counts is None else _lines(governed, registered),
        "total": sum(governed.values()),
        "may_edit": may_edit,
        "typed": typed,
        "fault": fault,
    }
    return page(request, "department/areas.html", context, at="areas")


def _counts() -> tuple[dict[str, int], dict[str, int]] | None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            return queries.counts_by_area(), queries.counts_by_division()
    except OperationalError:
        return None


def _lines(governed: dict[str, int], registered: dict[str, int]) -> list[Line]:
    city = [one.code for one in _ours()] if face().city.divisions else []
    codes = sorted({*city, *governed, *registered}, key=lambda code: (code not in city, code))
    return [
        Line(
            code,
            area.label(code),
            governed.get(code, 0),
            registered.get(code, 0),
            is_division=division.find(code) is not None and code not in {one.code for one in area.own()},
            note=_note(code, not city or code in city),
        )
        for code in codes
        if governed.get(code) or registered.get(code) or code in city
    ]


def _note(code: str, is_ours: bool) -> str:
    one = area.find(code)
    if not code:
        return "登记信息里没有写区划"
    if one is not None and one.words:
        return f"在{area.label(one.parent)}境内，单独管辖"
    return "" if is_ours else "本市以外的区划"


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, subject: str) -> HttpResponse:
    """Show to which area a subject belongs and why; attribute it by hand."""
    if not Subject.objects.filter(uscc=subject).exists():
        raise Http404
    if request.method != "POST":
        return _page(request, subject)
    asked = request.POST
    seen = asked.get("seen", "")
    try:
        attributions.assign(
            subject=subject,
            area=asked.get("area", "")[:24],
            reason=asked.get("reason", ""),
            seen=int(seen) if seen.isdecimal() and len(seen) < 19 else -1,
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _page(
            request,
            subject,
            fault=str(refusal),
            typed=asked.get("reason", "")[:400],
            chosen=asked.get("area", ""),
            status=422,
        )
    messages.success(request, "管辖区已记下。")
    return redirect("area", subject=subject)


def _page(
    request: HttpRequest, subject: str, *, fault: str = "", typed: str = "", chosen: str = "", status: int = 200
) -> HttpResponse:
    me = person(request)
    unit = me.unit.name if me.unit else ""
    # Where somebody's business has its place stands here, often a home: a look like any other at that file.
    looks.look(by=actor(request), unit=unit, subject=subject, purpose=looks.AREA, part="", at=timezone.now())
    history = queries.attributions(subject, limit=HISTORY)
    said = queries.attribution(subject)
    registered = next(iter(queries.registrations([subject])), None)
    by_hand = said.area if said.way == "hand" else ""
    context = {
        "subject": subject,
        "name": registered.name if registered else subject,
        "area": area.label(said.area),
        "way": WAYS[said.way],
        "reason": said.reason,
        "division": area.label(registered.division) if registered and registered.division else "",
        "address": registered.body.get("DOM", "") if registered else "",
        "areas": [(one.code, area.label(one.code)) for one in _ours()],
        "chosen": chosen or by_hand,
        "history": [
            (one, area.label(one.area) if one.area else "（不再指定）", WAYS.get(one.way, one.way)) for one in history
        ],
        "seen": history[0].id if history else 0,
        "typed": typed,
        "fault": fault,
        "reason_length": attributions.REASON_LENGTH,
    }
    return page(request, "department/area.html", context, at="areas", status=status)


def _ours() -> list[area.Area]:
    """Return the areas of this city; before it was said which city this is, all there are."""
    return area.areas(face().city.divisions or ("23",), on=timezone.localdate())
