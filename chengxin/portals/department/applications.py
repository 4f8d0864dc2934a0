"""申请: what businesses sent in and the checks could not settle; a clerk decides, part by part, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.board import token
from chengxin.credit.applications import queries, rules
from chengxin.credit.applications.models import Application, Waiting
from chengxin.credit.applications.queries import ELSEWHERE, Filed
from chengxin.credit.applications.rules import Check, Declared, Part
from chengxin.credit.codes import actions as codes
from chengxin.credit.commitments import templates
from chengxin.credit.publishing import rules as publishing
from chengxin.credit.publishing.city import face
from chengxin.credit.scenarios.catalogue import scenarios
from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings, parts, trail
from chengxin.people.models import Proof, User
from chengxin.people.roles import may
from chengxin.people.sight import Sight
from chengxin.people.trail import Refused
from chengxin.portals.department import decided, filters
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import applying, drawing
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.wording import Field, fields
from chengxin.press.carriers import CARRIERS
from chengxin.terms import uscc
from chengxin.terms.area import areas, governs
from chengxin.terms.area import label as area_label

A_PAGE: Final = 25
OF_ONE: Final = 20
POSTER: Final = "poster"
WAYS: Final = {**decided.WAYS, "batch": "批量签发", ELSEWHERE: "外来码"}
SORTS: Final = {"": "全部", "overdue": "已超期", "appeal": "申诉"}
STATES: Final = {"": "待办", "done": "已办结"}
FILTER: Final = ("state", "way", "sort", "area", "result", "clerk", "from", "to")
"""What a list may be asked for: whoever opens an application comes back to the list that they left."""


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


class Asked(NamedTuple):
    """What of the queue somebody asks for."""

    way: str
    sort: str
    area: str  # empty: all that they see

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        """Return what an address asks for; what is none of the choices is not asked."""
        said = filters.typed(request, "way", "sort", "area")
        return cls(
            said["way"] if said["way"] in decided.WAYS else "",
            said["sort"] if said["sort"] in SORTS else "",
            said["area"] if said["area"] and said["area"] in dict(areas_of(request)) else "",
        )

    @property
    def query(self) -> str:
        """Return it ready for an address."""
        return urlencode({name: value for name, value in self._asdict().items() if value})

    def waits(self, request: HttpRequest) -> QuerySet[Waiting]:
        """Return what waits of it, within what somebody sees."""
        return queries.queue(
            area=self.area or scope(request),
            way=self.way,
            appeal=True if self.sort == "appeal" else None,
            overdue_on=timezone.localdate() if self.sort == "overdue" else None,
        )


def areas_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the areas that somebody may choose from, by code and label; whoever sees one area alone has no choice."""
    if sight_of(request).sees != "all":
        return []
    every = areas(face().city.divisions or ("23",), on=timezone.localdate())
    return [(one.code, area_label(one.code)) for one in every]


def sees(who: Sight, subject: str) -> bool:
    """Tell whether somebody sees the applications of a business: the credit office all, a county those of its area."""
    if who.sees == "all":
        return True
    if who.sees != "area":
        return False
    return governs(who.area, subjects.area_of([subject]).get(subject, "-"))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List what waits, what is overdue first; or what was decided; or the applications of one business."""
    words = "".join(request.GET.get("q", "").split())[:40]
    if words:
        return _of_one(request, words)
    if request.GET.get("state") == "done":
        return decided.listed(request, scope=scope(request), areas=areas_of(request))
    asked, today = Asked.of(request), timezone.localdate()
    rows = Paginator(asked.waits(request), A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, object] = {
        "asked": asked,
        "states": STATES.items(),
        "state": "",
        "ways": [("", "全部"), *decided.WAYS.items()],
        "sorts": SORTS.items(),
        "areas": areas_of(request),
        "query": f"{asked.query}&" if asked.query else "",
        "rows": rows,
        "listed": _rows(list(rows), today),
    }
    if rows.number == 1 and not asked.query:
        context |= _figures(scope(request), today)
    return page(request, "department/applications.html", context, at="applications")


def _of_one(request: HttpRequest, words: str) -> HttpResponse:
    code = uscc.normalise(words)
    found = queries.filed(code, limit=OF_ONE) if uscc.is_valid(code) and sees(sight_of(request), code) else []
    fault = "" if uscc.is_valid(code) else "统一社会信用代码不对，应是 18 位，请照营业执照核对。"
    named = subjects.registrations([code]) if found else []
    context = {"typed": words, "filed": found, "fault": fault, "name": named[0].name if named else "", "code": code}
    return page(request, "department/applications.html", context, at="applications", status=422 if fault else 200)


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
    known = sorted({*of_area, *fresh} - {""}) + ([""] if "" in of_area else [])
    return {
        "year": today.year,
        "totals": [(WAYS[way], totals[way]) for way in WAYS] if ways is not None else None,
        "kpi": new[0] if new else None,
        "goal": queries.KPI_SHARE,
        "by_area": [
            (area_label(code), [of_area.get(code, {}).get(way, 0) for way in WAYS], fresh.get(code) if code else None)
            for code in known
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


@require_safe
def poster(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Hand out the code of an application as a poster, to be printed while somebody waits at the counter."""
    filed = _found(request, subject, number)
    code = filed.parts.get("code")
    if code is None or not code.number:
        raise Http404
    serial, at = int(code.number), timezone.now()
    try:
        drawn = drawing.draw(CARRIERS[POSTER], serial, form="pdf", at=at)
    except Refused as refusal:
        messages.error(request, f"海报没有下载：{str(refusal).rstrip('。')}。")
        return redirect("application", subject=subject, number=number)
    codes.note_print(
        thing=f"code:{serial}", carrier=POSTER, printed=1, refused=0, serials=(serial, serial), by=actor(request), at=at
    )
    answer = HttpResponse(drawn, content_type=drawing.TYPES["pdf"])
    answer["Content-Disposition"] = f'attachment; filename="poster-{token.grouped(serial)}.pdf"'
    return answer


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
    asked = Asked.of(request)
    following = asked.waits(request).first()
    to = reverse("applications")
    if following is not None:
        to = reverse("application", args=[following.subject, following.application])
        messages.success(request, "已办结，申请人会收到消息。下面是下一份。")
    else:
        rest = "您筛选的这些都办完了。" if asked.query else "没有等着办理的申请了。"
        messages.success(request, f"已办结，申请人会收到消息。{rest}")
    return redirect(f"{to}?{asked.query}" if asked.query else to)


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
    listed = _items(filed, opened, name)
    context = {
        "filed": filed,
        "came_with": filters.came_with(request, *FILTER),
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
        "checks": (found := [Check(**said) for said in application.checks]),
        "waits": [check for check in found if check.level != "pass"],
        "picked": [scenarios()[one] for one in application.scenarios if one in scenarios()],
        "code": code,
        "serial": token.grouped(int(code.number)) if code and code.number else "",
        "commitment": commitment,
        "template": templates.find(chosen) if chosen else None,
        "to_decide": [one for one in listed if one.is_open],
        "decided": [one for one in listed if not one.is_open],
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
