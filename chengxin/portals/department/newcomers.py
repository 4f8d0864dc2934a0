"""新主体 at the office: bodies that the register does not have, looked at by their certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.credit.applications import newcomers, rules
from chengxin.credit.applications.models import Newcomer
from chengxin.credit.records import catalogue
from chengxin.people import bindings, proofs, trail
from chengxin.people.models import Binding
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.department import filters
from chengxin.portals.department.bindings import scope, sees
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import claiming, newcoming
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import division, industry, phone, uscc

A_PAGE: Final = 25
STATES: Final = {"waiting": "待办", "accepted": "已登记", "refused": "未通过"}
COLUMN_LENGTHS: Final = {newcoming.CODE: 40, "LEREP": 60, "DOM": 500}
COMMON: Final = (
    "照片看不清，请重拍登记证书后再交",
    "证书上的统一社会信用代码与填写的不一致",
    "证书已过有效期",
    "不是登记证书",
)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List what was asked for and waits, the next deadline first; or what was decided."""
    state = request.GET.get("state", "waiting")
    state = state if state in STATES else "waiting"
    rows = Paginator(newcomers.queue(area=scope(request), state=state), A_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "rows": rows,
        "listed": [
            (one, rules.working_days_left(today, one.due_on) if one.state == "waiting" else None) for one in rows
        ],
        "state": state,
        "states": list(STATES.items()),
        "query": f"state={state}&",
    }
    return page(request, "department/newcomers.html", context, at="newcomers")


@require_safe
@transaction.atomic
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show what was asked for, beside the certificate."""
    return _page(request, _found(request, number))


@require_POST
@transaction.atomic
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Accept what was asked for, which registers it, or refuse it; and go on to the next."""
    found = _found(request, number, lock=True)
    why = request.POST.get("why", "")
    if request.POST.get("seen", "") != _mark(found):
        return _page(request, found, fault=newcomers.DONE if found.state != "waiting" else CHANGED, why=why)
    try:
        _, made = newcoming.decide(
            newcomer=found.pk,
            accept="accept" in request.POST,
            why=why,
            unit=person(request).unit,
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, _found(request, number), fault=str(refusal), why=why)
    if made is not None and made.state != "accepted":
        messages.info(request, "主体已登记；但已有别人绑定或申请，请核实谁代表它。")
        return redirect("binding", made.pk)
    messages.success(request, "已办结。" if made is None else "已登记，几秒后就能查到；提交的人已绑定。")
    following = newcomers.queue(area=scope(request)).first()
    return redirect("newcomer", following.pk) if following else redirect("newcomers")


@require_POST
@transaction.atomic
def correct(request: HttpRequest, number: int) -> HttpResponse:
    """Correct by the certificate what whoever asked mistyped; nothing is decided by it."""
    found = _found(request, number, lock=True)
    said = {name: request.POST.get(name, "")[:500] for name in (newcoming.CODE, *newcoming.ASKED)}
    if request.POST.get("seen", "") != _mark(found):
        return _page(request, found, fault=CHANGED, said=said)
    try:
        code = uscc.parse(said[newcoming.CODE]).text
    except uscc.Malformed as malformed:
        wrong = {newcoming.CODE: f"{str(malformed).rstrip('。')}。请照证书逐位核对。"}
        return _page(request, found, said=said, wrong=wrong)
    if wrong := newcoming.faults(newcoming.body(code, said)):
        return _page(request, found, said=said, wrong=wrong)
    try:
        newcoming.correct(newcomer=found.pk, code=code, said=said, by=actor(request), at=timezone.now())
    except Refused as refusal:
        return _page(request, _found(request, number), said=said, wrong={"all": str(refusal)})
    area = uscc.parse(code).division
    if not sees(sight_of(request), area):
        messages.success(request, "已改正。改后的代码不属于您的辖区，由它所在地的窗口接着办。")
        return redirect("newcomers")
    messages.success(request, "已改正，申请人会看到改了什么。请接着核对、决定。")
    return redirect("newcomer", found.pk)


CHANGED: Final = "您打开这一页之后，这份登记有了变化，请看过再办理。"


def _found(request: HttpRequest, number: int, *, lock: bool = False) -> Newcomer:
    """Return what somebody may see; with `lock` nobody else changes it until the act is done, so that it is what was seen."""
    rows = Newcomer.objects.select_related("user")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=number).first() if number < 2**63 else None
    if found is None or not sees(sight_of(request), found.area):
        raise Http404
    return found


def _trades(*kept: str) -> list[tuple[str, str]]:
    """Return the trades to choose from, and those that stand already, which may be closer than a section."""
    sections = [(letter, f"{letter} {name}") for letter, name in industry.SECTIONS.items()]
    return [(one, f"{one} {industry.label(one)}") for one in set(kept) - {"", *industry.SECTIONS}] + sections


def _mark(found: Newcomer) -> str:
    """Return what changes when another decides or corrects first, or whoever asked appeals."""
    corrected = f" {found.corrected_at.isoformat()}" if found.corrected_at else ""
    return f"{found.state} {bool(found.appeal)}{corrected}"


def _page(
    request: HttpRequest,
    found: Newcomer,
    *,
    fault: str = "",
    why: str = "",
    said: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return the page of one body. `said`: a correction as it was typed, `wrong`: what is wrong with it, by column."""
    trail.note(
        by=actor(request),
        verb="newcomer.see",
        thing=f"newcomer {found.pk}",
        at=timezone.now(),
        detail={"subject": found.uscc},
    )
    kind = catalogue.kind(newcoming.KIND)
    shown = ("ENTTYPE", "LEREP", "REGORG", "DOM")
    trade = industry.label(found.body.get("INDUSTRYCO", ""))
    is_open = found.state == "waiting"
    own = bool(found.appeal) and is_open and found.decided_by == actor(request).name
    waits = Binding(decided_by=found.decided_by, area=found.area)
    numbers = bindings.numbers_of([found.user_id])
    context = {
        "found": found,
        "came_with": filters.came_with(request, "state"),
        "label": STATES[found.state],
        "grouped": uscc.group(found.uscc),
        "parsed": uscc.parse(found.uscc),
        "division": division.full_name(found.uscc[2:8], province=False),
        "facts": [(kind.column(code).name, found.body.get(code, "")) for code in shown if found.body.get(code)]
        + ([("行业", trade)] if trade else []),
        "corrections": newcoming.corrections(found),
        "columns": [
            (
                code,
                label,
                (said or found.body).get(code, ""),
                (wrong or {}).get(code, ""),
                COLUMN_LENGTHS.get(code, 200),
            )
            for code, label in {newcoming.CODE: "统一社会信用代码", **newcoming.LABELS}.items()
            if code != "INDUSTRYCO"
        ],
        "trade": (chosen := (said or found.body).get("INDUSTRYCO", "")),
        "trades": _trades(chosen, *(of.get("INDUSTRYCO", "") for of in (found.body, found.said))),
        "wrong": wrong or {},
        "is_correcting": said is not None,
        "number": phone.mask(numbers[found.user_id]) if found.user_id in numbers else "",
        "proofs": proofs.by_id(found.proofs),
        "others": newcomers.others(found),
        "registered": claiming.registered(found.uscc),
        "left": rules.working_days_left(timezone.localdate(), found.due_on) if is_open else None,
        "may_decide": is_open and may(actor(request).role, bindings.DECIDE),
        "not_own": own and bindings.others_decide(waits),
        "mark": _mark(found),
        "common": COMMON,
        "length": newcomers.WHY_LENGTH,
        "fault": fault,
        "why": why,
    }
    status = 422 if fault or wrong else 200
    return page(request, "department/newcomer.html", context, at="newcomers", status=status)
