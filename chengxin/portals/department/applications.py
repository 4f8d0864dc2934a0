"""申请: what businesses sent in and the checks could not settle; a clerk decides, part by part, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.board import token
from chengxin.credit.applications import queries, rules
from chengxin.credit.applications.models import Application, Waiting
from chengxin.credit.applications.queries import ELSEWHERE, Filed
from chengxin.credit.applications.rules import Check, Declared, Part
from chengxin.credit.commitments import templates
from chengxin.credit.publishing import rules as publishing
from chengxin.credit.scenarios.catalogue import scenarios
from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings, parts, trail
from chengxin.people.models import Proof, User
from chengxin.people.roles import may
from chengxin.people.sight import Sight
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import applying
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.wording import Field, fields
from chengxin.terms import uscc
from chengxin.terms.area import governs
from chengxin.terms.area import label as area_label

A_PAGE: Final = 25
OF_ONE: Final = 20
WAYS: Final = {"self": "自主填报", "counter": "柜台代办", "batch": "批量签发", ELSEWHERE: "外来码"}
SORTS: Final = {"": "全部", "overdue": "已超期", "appeal": "申诉"}


class Row(NamedTuple):
    """One application as it is listed."""

    waiting: Waiting
    name: str
    application: Application
    left: int  # working days; negative: overdue


def scope(request: HttpRequest) -> str | None:
    """Return the area whose applications somebody sees; None: all, and an area that is none: nothing."""
    who = sight_of(request)
    return None if who.sees == "all" else who.area if who.sees == "area" else "-"


def sees(who: Sight, subject: str) -> bool:
    """Tell whether somebody sees the applications of a business: the credit office all, a county those of its area."""
    if who.sees == "all":
        return True
    if who.sees != "area":
        return False
    return governs(who.area, subjects.area_of([subject]).get(subject, "-"))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List what waits, what is overdue first; or the applications of one business."""
    asked = request.GET
    typed = "".join(asked.get("q", "").split())[:40]
    code = uscc.normalise(typed)
    way = asked.get("way", "") if asked.get("way", "") in ("self", "counter") else ""
    sort = asked.get("sort", "") if asked.get("sort", "") in SORTS else ""
    today = timezone.localdate()
    area = scope(request)
    context: dict[str, object] = {
        "typed": typed,
        "way": way,
        "ways": [("", "全部"), ("self", WAYS["self"]), ("counter", WAYS["counter"])],
        "sort": sort,
        "sorts": list(SORTS.items()),
        "query": f"{urlencode({'way': way, 'sort': sort})}&",
    }
    if typed:
        found = queries.filed(code, limit=OF_ONE) if uscc.is_valid(code) and sees(sight_of(request), code) else []
        fault = "" if uscc.is_valid(code) else "统一社会信用代码不对，应是 18 位，请照营业执照核对。"
        named = subjects.registrations([code]) if found else []
        context |= {"filed": found, "fault": fault, "name": named[0].name if named else "", "code": code}
        return page(request, "department/applications.html", context, at="applications", status=422 if fault else 200)
    waits = queries.queue(
        area=area,
        way=way,
        appeal=True if sort == "appeal" else None,
        overdue_on=today if sort == "overdue" else None,
    )
    rows = Paginator(waits, A_PAGE).get_page(asked.get("page"))
    context |= {"rows": rows, "listed": _rows(list(rows), today)}
    if rows.number == 1 and not way and not sort:
        context |= _figures(area, today)
    return page(request, "department/applications.html", context, at="applications")


def _rows(waits: Sequence[Waiting], today: date) -> list[Row]:
    names = {one.subject: one.name for one in subjects.registrations([one.subject for one in waits])}
    found = Application.objects.filter(
        subject__in=[one.subject for one in waits], id__in=[one.application for one in waits]
    )
    of = {(one.subject_id, one.id): one for one in found}
    return [
        Row(
            one,
            names.get(one.subject, one.subject),
            of[one.subject, one.application],
            rules.working_days_left(today, one.due_on),
        )
        for one in waits
        if (one.subject, one.application) in of
    ]


def _figures(area: str | None, today: date) -> dict[str, object]:
    """Return how codes were asked for this year, and how far the year's new businesses came by themselves."""
    since = date(today.year, 1, 1)
    ways = queries.by_way(since=since, until=today, area=area)
    new = queries.newcomers(since=since, until=today, area=area)
    totals = {way: sum(one.number for one in ways or () if one.way == way) for way in WAYS}
    of_area: dict[str, dict[str, int]] = {}
    for one in ways or ():
        of_area.setdefault(one.area, dict.fromkeys(WAYS, 0))[one.way] = one.number
    fresh = {one.area: one for one in new or ()}
    codes = sorted({*of_area, *fresh} - {""}) + ([""] if "" in of_area else [])
    return {
        "year": today.year,
        "totals": [(WAYS[way], totals[way]) for way in WAYS] if ways is not None else None,
        "kpi": new[0] if new else None,
        "goal": queries.KPI_SHARE,
        "by_area": [
            (area_label(code), [of_area.get(code, {}).get(way, 0) for way in WAYS], fresh.get(code) if code else None)
            for code in codes
        ],
        "way_labels": list(WAYS.values()),
    }


# ---- One application ---------------------------------------------------------------------------------------------------


class Item(NamedTuple):
    """One declared item as a clerk sees it."""

    about: str
    place: int
    item: Declared
    part: Part
    fields: list[Field]
    proof: Proof | None
    is_open: bool

    @property
    def key(self) -> str:
        """What it is called in the page's own names."""
        return f"item-{self.place}"

    @property
    def as_list(self) -> list[Proof]:
        """Its paper, as a list of papers."""
        return [self.proof] if self.proof else []


@require_safe
@transaction.atomic
def show(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Show one application."""
    return _page(request, _found(request, subject, number))


@require_POST
@transaction.atomic
def contact(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Show the telephone number of the contact, which is noted: whoever needs it for the case asks for it."""
    filed = _found(request, subject, number)
    trail.note(
        by=actor(request), verb="application.contact", thing=f"application {subject}/{number}", at=timezone.now()
    )
    return _page(request, filed, unmasked=True)


@require_POST
def decide(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Decide an application, part by part, and go on to the next that waits."""
    filed = _found(request, subject, number)
    form = request.POST
    why = " ".join(form.get("why", "").split())
    opened = _open(filed)
    said = {about: form.get(f"verdict {about}", "") for about in opened}
    refused = {about: " ".join(form.get(f"why {about}", "").split()) for about in opened if said[about] == "refuse"}
    state = "refused" if "refuse-all" in form else "approved"
    fault = ""
    if form.get("seen", "") != str(filed.decisions[0].id):
        fault = "您打开这一页之后，这份申请有了变化，请看过再办理。"
    elif state == "approved" and any(said[about] not in ("pass", "refuse") for about in opened):
        fault = "还有没选“通过”或“不予通过”的，请逐项选好。"
    if not fault:
        try:
            applying.decide(
                subject=subject,
                application=number,
                state=state,
                why=why,
                refused=refused if state == "approved" else {},
                by=actor(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            fault = str(refusal)
    if fault:
        return _page(
            request, _found(request, subject, number), fault=fault, said=said, reasons=refused, why=why, status=422
        )
    following = queries.queue(area=scope(request)).first()
    if following is None:
        messages.success(request, "已办结，申请人会收到消息。没有等着办理的申请了。")
        return redirect("applications")
    messages.success(request, "已办结，申请人会收到消息。下面是下一份。")
    return redirect("application", subject=following.subject, number=following.application)


def _found(request: HttpRequest, subject: str, number: int) -> Filed:
    if not uscc.is_valid(subject) or number >= 2**63 or not sees(sight_of(request), subject):
        raise Http404
    found = queries.filed(subject, application=number)
    if not found:
        raise Http404
    return found[0]


def _open(filed: Filed) -> list[str]:
    """Return the parts that are to be decided: those that wait, on appeal those that were refused."""
    if filed.state not in ("waiting", "appealed"):
        return []
    state = "refused" if filed.state == "appealed" else "waiting"
    return [about for about, part in filed.parts.items() if part.state == state]


def _page(
    request: HttpRequest,
    filed: Filed,
    *,
    fault: str = "",
    said: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
    why: str = "",
    unmasked: bool = False,
    status: int = 200,
) -> HttpResponse:
    application = filed.application
    subject = application.subject_id
    at = timezone.now()
    if not unmasked:
        trail.note(by=actor(request), verb="application.see", thing=f"application {subject}/{application.id}", at=at)
    registered = subjects.registrations([subject])
    opened = _open(filed) if may(person(request).role, "application.decide") else []
    name = registered[0].name if registered else ""
    applicant = User.objects.filter(pk=application.person).first() if application.person else None
    held = bindings.of(applicant, subject) if applicant else None
    code, commitment = filed.parts.get("code"), filed.parts.get("commitment")
    chosen = application.body.get("commitment", {}).get("template", "")
    phone = application.body.get("contact", {}).get("phone", "")
    context = {
        "filed": filed,
        "application": application,
        "subject": subject,
        "head": publishing.head(registered[0]) if registered else None,
        "area": area_label(subjects.area_of([subject]).get(subject, "")),
        "way": WAYS[application.way],
        "applicant": applicant,
        "held": held,
        "held_part": parts.PARTS[held.part].label if held else "",
        "held_state": HELD.get(held.state, "") if held else "",
        "contact": application.body.get("contact", {}),
        "phone": phone if unmasked else _masked(phone),
        "unmasked": unmasked,
        "checks": [Check(**said) for said in application.checks],
        "picked": [scenarios()[one] for one in application.scenarios if one in scenarios()],
        "code": code,
        "serial": token.grouped(int(code.number)) if code and code.number else "",
        "commitment": commitment,
        "template": templates.find(chosen) if chosen else None,
        "items": _items(filed, opened, name),
        "paper": application.body.get("paper", ""),
        "paper_proofs": _proofs([application.body.get("paper_proof")]),
        "opened": opened,
        "code_is_open": "code" in opened,
        "commitment_is_open": "commitment" in opened,
        "verdicts": {about: (said or {}).get(about, "") for about in opened},
        "reasons": dict(reasons or {}),
        "why": why,
        "fault": fault,
        "common": COMMON_REASONS,
        "length": rules.WHY_LENGTH,
        "left": rules.working_days_left(timezone.localdate(at), _due(filed)),
        "due_on": _due(filed),
    }
    return page(request, "department/application.html", context, at="applications", status=status)


HELD: Final = {"accepted": "身份已核实", "provisional": "身份待核实"}
COMMON_REASONS: Final = (
    "没有附证明材料，请补充后重新填报",
    "证明材料看不清，请重新拍照上传",
    "证明材料和填报的内容对不上，请核对",
    "有广告法禁止的绝对化用语，请改成有依据的说法",
    "不属于这一类，请换一个类别填报",
)
"""Reasons that clerks give again and again; any other may be written."""


def _due(filed: Filed) -> date:
    waits = Waiting.objects.filter(subject=filed.application.subject_id, application=filed.application.id)
    return waits.values_list("due_on", flat=True).first() or filed.application.due_on


def _masked(phone: str) -> str:
    digits = phone.strip()
    return f"{digits[:3]}****{digits[-2:]}" if len(digits) > 6 else "****"


def _items(filed: Filed, opened: Sequence[str], name: str) -> list[Item]:
    listed = filed.items
    proofs = {one.pk: one for one in _proofs([item.proof for _, item, _ in listed])}
    return [
        Item(
            f"item {place}",
            place,
            item,
            part,
            fields(item, name=name),
            proofs.get(item.proof or 0),
            f"item {place}" in opened,
        )
        for place, item, part in listed
    ]


def _proofs(numbers: Sequence[Any]) -> list[Proof]:
    wanted = [number for number in numbers if isinstance(number, int)]
    return list(Proof.objects.filter(pk__in=wanted)) if wanted else []
