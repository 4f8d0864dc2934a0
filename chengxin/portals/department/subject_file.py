"""档案: all that is known of one subject, and where each fact of it comes from. Every look leaves a row of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.credit.publishing import inside
from chengxin.credit.publishing.inside import TITLES, Entry
from chengxin.credit.records import catalogue, lineage, queries
from chengxin.credit.records.form import Kind
from chengxin.credit.records.lineage import REGISTER, Change, Lineage, Step
from chengxin.credit.records.standing import CORRECTED, FIELD, NEW, OLD, STOPPING, Said, Way
from chengxin.credit.subjects import queries as registrations
from chengxin.credit.subjects.rules import Registered
from chengxin.ingest.models import Batch
from chengxin.people import looks
from chengxin.people.models import User
from chengxin.people.sight import Sight
from chengxin.people.trail import Refused
from chengxin.portals.department import purposes
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of, visible
from chengxin.portals.shared.gate import actor
from chengxin.terms import division, entity, industry, privacy, uscc
from chengxin.terms.workdays import UnknownYear

FIRST_OF_A_PART: Final = 10
RECORDS_A_PAGE: Final = 25
_TOLD: Final = frozenset({"TZ_YJWH", "TZ_RQ", "TZ_LY"})
"""Of what stops a record: the decision, its day and its reason. Which record it is, the page says already."""


class Part(NamedTuple):
    """One section of a file: its records, or the first of them."""

    name: str
    title: str
    total: int
    entries: list[Entry]


class Told(NamedTuple):
    """One step of a lineage as a page tells it."""

    step: Step
    what: str
    changes: list[Change]
    lines: list[tuple[str, str]]
    late: int  # working days beyond what the law gives
    batch: Batch | None
    leads_to_batch: bool


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """Show the file of a subject; ask first for what, where that was not said within the hour."""
    registered = _seen(request, subject)
    if request.method == "POST" or not (purpose := purposes.recall(request, subject, at=timezone.now())):
        return _purpose(request, registered)
    at = timezone.now()
    who = sight_of(request)
    entries = [one for one in _entries(subject, at) if sees(who, one.settled.said)]
    part = request.GET.get("part", "")
    _noted(request, subject, purpose, "", at)
    context = {
        "parts": _parts(entries),
        "part": part if part in TITLES else "",
        "rows": Paginator([one for one in entries if one.section == part], RECORDS_A_PAGE).get_page(
            request.GET.get("page")
        )
        if part in TITLES
        else None,
        "part_title": TITLES.get(part, ""),
        "query": f"part={part}&",
        "head": _head(registered),
    }
    return _file_page(request, "department/subject.html", registered, purpose, context)


@require_safe
@transaction.atomic
def record(request: HttpRequest, subject: str, kind: str, key: str) -> HttpResponse:
    """Show where a record comes from, and every change of it since."""
    registered = _seen(request, subject)
    at = timezone.now()
    who = sight_of(request)
    entry = next((one for one in _entries(subject, at) if (one.settled.said.kind, one.key) == (kind, key)), None)
    if entry is None or not sees(who, entry.settled.said):
        raise Http404
    if not (purpose := purposes.recall(request, subject, at=at)):
        return redirect("subject", subject)
    _noted(request, subject, purpose, kind, at)
    what = catalogue.kind(kind)
    steps = lineage.of_record(subject, kind, entry.settled.said.key)
    context = {"entry": entry, "kind": what, **_lineage(what, steps, who)}
    return _file_page(request, "department/record.html", registered, purpose, context)


@require_safe
@transaction.atomic
def registration(request: HttpRequest, subject: str) -> HttpResponse:
    """Show where the registration of a subject comes from, and every change of it since."""
    registered = _seen(request, subject)
    at = timezone.now()
    if not (purpose := purposes.recall(request, subject, at=at)):
        return redirect("subject", subject)
    _noted(request, subject, purpose, REGISTER, at)
    what = catalogue.kind(REGISTER)
    context = {
        "entry": None,
        "kind": what,
        **_lineage(what, lineage.of_registration(subject), sight_of(request)),
    }
    return _file_page(request, "department/record.html", registered, purpose, context)


def sees(who: Sight, said: Said) -> bool:
    """Tell whether somebody who may see a subject's file sees this record of it (the kind's `disclosure`)."""
    kind = catalogue.KINDS.get(said.kind)
    if kind is not None and kind.disclosure in ("public", "shared"):
        return True
    # Its sender and the credit office; of a kind that is in the catalogue no more, likewise.
    return who.sees == "all" or bool(who.uscc and said.source_code == who.uscc)


def _seen(request: HttpRequest, subject: str) -> Registered:
    """Return the registration of a subject that somebody may look at; whatever else has no page here."""
    if not uscc.is_valid(subject) or not visible(sight_of(request), [subject]):
        raise Http404
    return registrations.registrations([subject])[0]


def _entries(subject: str, at: datetime) -> list[Entry]:
    today = timezone.localdate(at)
    return inside.entries(queries.history(subject), today=today, overlap=settings.PUBLICITY_OVERLAP)


def _parts(entries: list[Entry]) -> list[Part]:
    parts = []
    for name, title in TITLES.items():
        theirs = [one for one in entries if one.section == name]
        if theirs:
            parts.append(Part(name, title, len(theirs), theirs[:FIRST_OF_A_PART]))
    return parts


def _head(registered: Registered) -> list[tuple[str, str]]:
    lines = []
    for column, label in catalogue.kind(REGISTER).report:
        value = column.written(registered.body.get(column.code, ""))
        if column.code in ("ENTNAME", "UNISCID", "REGSTATE") or not value:
            continue
        if column.code == "ENTTYPE":
            value = entity.type_label(value)
        if column.code == "LEREP" and registered.kind == "individual":
            label = "经营者"
        lines.append((label, privacy.blot(value)))
    if registered.industry:
        lines.append(("行业", industry.label(registered.industry)))
    if registered.division:
        lines.append(("区划", division.full_name(registered.division, province=False)))
    return lines


def _noted(request: HttpRequest, subject: str, purpose: str, part: str, at: datetime) -> None:
    looks.look(by=actor(request), unit=_unit(request), subject=subject, purpose=purpose, part=part, at=at)


def _unit(request: HttpRequest) -> str:
    user = request.user
    return user.unit.name if isinstance(user, User) and user.unit else ""


def _purpose(request: HttpRequest, registered: Registered) -> HttpResponse:
    """Ask for what somebody looks; nothing of the file is shown, and nothing noted, before it is said."""
    fault = ""
    if request.method == "POST":
        try:
            said = looks.purpose(request.POST.get("purpose", ""), request.POST.get("reason", ""))
        except Refused as refusal:
            fault = str(refusal)
        else:
            purposes.remember(request, [registered.subject], said, at=timezone.now())
            return redirect("subject", registered.subject)
    context = {
        "registered": registered,
        "purposes": looks.PURPOSES.items(),
        "purpose": request.POST.get("purpose", ""),
        "reason": request.POST.get("reason", "")[: looks.REASON_LENGTH],
        "reason_length": looks.REASON_LENGTH,
        "faults": {"purpose": fault} if fault else {},
    }
    return page(request, "department/purpose.html", context, at="subjects", status=422 if fault else 200)


def _lineage(kind: Kind, found: Lineage, who: Sight) -> Mapping[str, object]:
    batches = Batch.objects.in_bulk({step.said.batch for step in found.steps})
    told = [_told(kind, step, batches.get(step.said.batch), who) for step in reversed(found.steps)]
    return {"steps": told, "is_whole": found.is_whole}


def _told(kind: Kind, step: Step, batch: Batch | None, who: Sight) -> Told:
    said = step.said
    own = catalogue.KINDS.get(said.kind)
    way = STOPPING[own.stops] if own and own.stops else None
    what = way.label if way else "首次报来"
    if said.gone:
        what = f"撤回了“{way.label}”" if way else "撤回"
    elif not step.is_first:
        what = f"更新了“{way.label}”" if way else "更新"
    changes = list(step.changes)
    lines = []
    if own and way and not said.gone:
        lines = [
            (label, said.body[column.code])
            for column, label in own.report
            if column.code in _TOLD and column.code in said.body
        ]
        if way.name == CORRECTED:
            column = kind.column_for(said.body.get(FIELD, ""))
            name = column.name if column else said.body.get(FIELD, "")
            changes = [Change(name, said.body.get(OLD, ""), said.body.get(NEW, ""))]
    return Told(
        step,
        what,
        [Change(one.label, privacy.blot(one.old), privacy.blot(one.new)) for one in changes],
        [(label, privacy.blot(value)) for label, value in lines],
        0 if said.gone or way is None else _late(way, said.happened_on, said.received_at),
        batch,
        batch is not None and (who.sees == "all" or (who.unit is not None and batch.unit_id == who.unit)),
    )


def _late(way: Way, decided_on: date | None, received_at: datetime) -> int:
    if decided_on is None:
        return 0
    try:
        return way.late_by(decided_on, timezone.localdate(received_at))
    except UnknownYear:
        return 0  # of a year without a calendar nobody is called late


def _file_page(
    request: HttpRequest, template: str, registered: Registered, purpose: str, context: Mapping[str, object]
) -> HttpResponse:
    state = entity.STATES.get(registered.state)
    told = {
        "registered": registered,
        "state_label": state.label if state else registered.state,
        "state_note": state.wording if state else "",
        "said_purpose": purpose,
        **context,
    }
    return page(request, template, told, at="subjects")
