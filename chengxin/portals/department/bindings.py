"""绑定 at the office: who asks to act for which business, their papers beside what the register says, and beside who stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.credit.applications import rules
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.people import bindings, looks, parts, proofs
from chengxin.people.models import Binding, Proof, Unit, User
from chengxin.people.roles import may
from chengxin.people.sight import Sight
from chengxin.people.trail import Refused
from chengxin.portals.department import filters
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import claiming
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import entity, phone, uscc
from chengxin.terms.area import governs

A_PAGE: Final = 25
STATES: Final = {
    "": "待办",
    "accepted": "已绑定",
    "refused": "未通过",
    "ended": "已结束",
}
FILTER: Final = ("state", "q")
"""What the list may be asked for: whoever opens a claim comes back to the list that they left."""
LABELS: Final = {
    "waiting": "等候核实",
    "provisional": "先用着，待核实",
    "accepted": "已绑定",
    "refused": "未通过",
    "ended": "已结束",
}
MATCHES: Final = {
    "same": "与登记一致",
    "other": "与登记不一致",
    "unknown": "登记里没有可以核对的姓名",
}
COMMON: Final = (
    "照片看不清，请重拍营业执照后再交",
    "授权书没有盖章或签字",
    "姓名与证照上的不一致",
    "授权书的期限已过",
    "经电话核实，本主体没有授权",
)
"""Reasons that a clerk picks from."""


class Row(NamedTuple):
    """One claim as it is listed."""

    one: Binding
    name: str
    part: str
    level: str
    state: str
    left: int | None  # working days; negative: overdue; None: no deadline
    is_in_doubt: bool


class Side(NamedTuple):
    """Somebody who claims a business or stands for it, with what they handed in."""

    one: Binding
    part: str
    level: str
    state: str
    name: str
    number: str
    match: str
    proofs: list[Proof]


def scope(request: HttpRequest) -> str | None:
    """Return the area whose claims somebody sees; None: all, and an area that is none: nothing."""
    who = sight_of(request)
    return None if who.sees == "all" else who.area if who.sees == "area" else "-"


def sees(who: Sight, area: str) -> bool:
    """Tell whether somebody sees what waits in a governing area: the credit office all, a county its own."""
    return who.sees == "all" or (who.sees == "area" and bool(area) and governs(who.area, area))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the claims that wait, the next deadline first; or those of a state, or of one business."""
    asked = request.GET
    state = asked.get("state", "") if asked.get("state", "") in STATES else ""
    typed = "".join(asked.get("q", "").split())[:40]
    code = uscc.normalise(typed)
    fault = "" if not typed or uscc.is_valid(code) else "统一社会信用代码不对，应是 18 位，请照营业执照核对。"
    found = bindings.queue(area=scope(request), state=state, subject=code if typed and not fault else "")
    rows = Paginator(found, A_PAGE).get_page(asked.get("page"))
    context = {
        "rows": rows,
        "listed": _rows(list(rows), timezone.localdate()),
        "state": state,
        "states": list(STATES.items()),
        "typed": typed,
        "fault": fault,
        "query": f"{urlencode({'state': state, 'q': typed})}&",
        "came_with": filters.came_with(request, *FILTER),
    }
    return page(request, "department/bindings.html", context, at="bindings", status=422 if fault else 200)


@require_safe
@transaction.atomic
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show one claim, its papers, what the register says, and who else speaks for the business."""
    return _page(request, _found(request, number))


@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Accept or refuse a claim, and go on to the next that waits."""
    found = _found(request, number)
    why, accept = request.POST.get("why", ""), "accept" in request.POST
    ends = [int(one) for one in request.POST.getlist("ends") if one.isascii() and one.isdigit() and len(one) < 19]
    if found.state not in bindings.OPEN or request.POST.get("seen", "") != _mark(found):
        return _page(request, found, fault=bindings.DONE, why=why)
    try:
        claiming.decide(
            binding=found.pk,
            accept=accept,
            why=why,
            ends=ends,
            unit=_unit(request),
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, _found(request, number), fault=str(refusal), why=why, ends=ends)
    code = uscc.normalise(request.GET.get("q", "")[:40])
    mine = code if uscc.is_valid(code) else ""
    following = bindings.queue(area=scope(request), subject=mine).first()
    query = f"?{urlencode({'q': mine})}" if mine else ""
    if following is None:
        messages.success(request, f"已办结。{'这一家' if mine else ''}没有等着核实的绑定了。")
        return redirect(f"{reverse('bindings')}{query}")
    messages.success(request, f"已办结，下面是{'这一家的' if mine else ''}下一条。")
    return redirect(f"{reverse('binding', args=[following.pk])}{query}")


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Let somebody of a business go."""
    found = _found(request, number)
    why = request.POST.get("why", "")
    try:
        claiming.end(binding=found.pk, why=why, unit=_unit(request), by=actor(request), at=timezone.now())
    except Refused as refusal:
        return _page(request, _found(request, number), fault=str(refusal), why=why)
    messages.success(request, "绑定已结束，对方马上就进不来了。")
    return redirect("binding", number)


def _found(request: HttpRequest, number: int) -> Binding:
    found = Binding.objects.select_related("user").filter(pk=number).first() if number < 2**63 else None
    if found is None or not sees(sight_of(request), found.area):
        raise Http404
    return found


def _mark(found: Binding) -> str:
    """Return what changes when another decides first, or the claimant appeals."""
    return f"{found.state} {bool(found.appeal)}"


def _rows(found: Sequence[Binding], today: date) -> list[Row]:
    names = {one.subject: one.name for one in subjects.registrations([one.subject for one in found])}
    return [
        Row(
            one,
            names.get(one.subject, one.subject),
            parts.PARTS[one.part].label,
            parts.LEVELS[one.proven_by].label,
            LABELS[one.state],
            rules.working_days_left(today, one.due_on) if one.due_on and one.state in bindings.OPEN else None,
            bindings.is_in_doubt(one),
        )
        for one in found
    ]


def _page(
    request: HttpRequest, found: Binding, *, fault: str = "", why: str = "", ends: Sequence[int] = ()
) -> HttpResponse:
    at = timezone.now()
    business = claiming.registered(found.subject)
    if business is not None:
        # More of the register stands here than on the public page: a look like any other (《个人信息保护法》第 6 条).
        unit = person(request).unit
        looks.look(
            by=actor(request),
            unit=unit.name if unit else "",
            subject=found.subject,
            purpose=looks.PURPOSES["approve"],
            part="",
            at=at,
        )
    others = [one for one in bindings.people_of(found.subject) if one.pk != found.pk]
    papers = proofs.by_id([proof for one in (found, *others) for proof in one.proofs])
    numbers = bindings.numbers_of([one.user_id for one in (found, *others)])
    is_open = found.state in bindings.OPEN
    may_decide = may(actor(request).role, bindings.DECIDE)
    is_appeal = bool(found.appeal) and not bindings.is_in_doubt(found)
    own_refusal = is_appeal and is_open and found.decided_by == actor(request).name
    context = {
        "side": _side(found, business, papers, numbers),
        "others": [_side(one, business, papers, numbers) for one in others],
        "business": business,
        "state": entity.STATES[business.state].label if business and business.state in entity.STATES else "",
        "grouped": uscc.group(found.subject),
        "left": rules.working_days_left(timezone.localdate(at), found.due_on) if found.due_on and is_open else None,
        "may_decide": may_decide and is_open,
        "not_own": own_refusal and bindings.others_decide(found),
        "may_end": may_decide and found.state == "accepted",
        "mark": _mark(found),
        "common": COMMON,
        "length": bindings.WHY_LENGTH,
        "fault": fault,
        "why": why,
        "ends": list(ends),
        "came_with": filters.came_with(request, *FILTER),
    }
    return page(request, "department/binding.html", context, at="bindings", status=422 if fault else 200)


def _side(one: Binding, business: Registered | None, papers: Sequence[Proof], numbers: dict[int, str]) -> Side:
    user: User = one.user
    name = one.name or user.name
    match = claiming.match(name, business) if business and one.part == "legal" and name else ""
    mine = set(one.proofs)
    return Side(
        one,
        parts.PARTS[one.part].label,
        parts.LEVELS[one.proven_by].label,
        LABELS[one.state],
        name,
        phone.mask(numbers[user.pk]) if user.pk in numbers else "",
        MATCHES.get(match, ""),
        [paper for paper in papers if paper.pk in mine],
    )


def _unit(request: HttpRequest) -> str:
    unit: Unit | None = person(request).unit
    return unit.name if unit else claiming.office()
