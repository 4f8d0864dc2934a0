"""查询: a subject is looked for, with the purpose of looking; what is found leads to its file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from django.core.paginator import Paginator
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from chengxin.credit.subjects import queries, search
from chengxin.people import looks, sight
from chengxin.people.models import User
from chengxin.people.sight import Sight
from chengxin.people.trail import Refused
from chengxin.portals.department import purposes
from chengxin.portals.department.page import page
from chengxin.terms import division, entity, uscc

FOUND_AT_MOST: Final = 200
LOOKED_THROUGH: Final = 1000
"""Subjects looked through for those of somebody's area: whoever asks so widely has to ask for more."""
FOUND_A_PAGE: Final = 20
QUESTION_LENGTH: Final = 100
ASKED_FOR: Final = timedelta(hours=1)
_KEY: Final = "search"


class Row(NamedTuple):
    """A subject as it is listed."""

    uscc: str
    name: str
    state: str
    place: str
    by: str  # another name or number by which it was found


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask, or list what the last question found. A question never stands in an address: a name may be a person's."""
    if request.method != "POST":
        return _listed(request)
    text = " ".join(request.POST.get("text", "").split())[:QUESTION_LENGTH]
    faults = {}
    if len(text) < search.SHORTEST:
        faults["text"] = "请写统一社会信用代码、注册号，或者名称中至少两个字。"
    try:
        purpose = looks.purpose(request.POST.get("purpose", ""), request.POST.get("reason", ""))
    except Refused as refusal:
        purpose, faults["purpose"] = "", str(refusal)
    if faults:
        return _page(request, text=text, asked=request.POST, faults=faults, status=422)
    at = timezone.now()
    code = uscc.normalise(text)
    if uscc.is_valid(code) and visible(sight_of(request), [code]):
        purposes.remember(request, [code], purpose, at=at)
        return redirect("subject", code)
    # A reason beside another purpose was not looked at, and may hold anything: it is not kept.
    said = request.POST.get("purpose", "")
    asked = {"purpose": said, "reason": request.POST.get("reason", "") if said == looks.OTHER else ""}
    request.session[_KEY] = {"text": text, "said": purpose, "until": (at + ASKED_FOR).timestamp(), **asked}
    return redirect("subjects")


def sight_of(request: HttpRequest) -> Sight:
    """Return what whoever came through the gate sees."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 — the gate lets nobody else in; this tells the type checker
    return sight.of(user)


def visible(who: Sight, subjects: Iterable[str]) -> list[str]:
    """Return those of these subjects whose files somebody may ask for: a county those of its area, others every one."""
    known = [one.subject for one in queries.registrations(list(subjects))]
    if who.sees in ("all", "own"):
        return known
    if who.sees == "area":
        areas = queries.area_of(known)
        return [subject for subject in known if areas.get(subject) == who.area]
    return []


def _listed(request: HttpRequest) -> HttpResponse:
    asked = request.session.get(_KEY)
    at = timezone.now()
    if not asked or asked["until"] < at.timestamp():
        return _page(request)
    try:
        with transaction.atomic():
            found = search.find(asked["text"], limit=LOOKED_THROUGH)
    except OperationalError:
        return _page(
            request,
            text=asked["text"],
            asked=asked,
            faults={"text": "符合的太多，没能及时查完；请把名称写得更全，或者用统一社会信用代码查。"},
            status=422,
        )
    may = set(visible(sight_of(request), [one.subject for one in found]))
    seen = [one for one in found if one.subject in may]
    rows = Paginator(seen[:FOUND_AT_MOST], FOUND_A_PAGE).get_page(request.GET.get("page"))
    purposes.remember(request, [one.subject for one in rows], asked["said"], at=at)
    return _page(
        request,
        text=asked["text"],
        asked=asked,
        context={
            "rows": rows,
            "listed": _rows(list(rows)),
            "is_cut": len(seen) > FOUND_AT_MOST or len(found) == LOOKED_THROUGH,
            "found_at_most": FOUND_AT_MOST,
            "said_purpose": asked["said"],
        },
    )


def _rows(found: Sequence[search.Found]) -> list[Row]:
    registered = {one.subject: one for one in queries.registrations([one.subject for one in found])}
    listed = []
    for one in found:
        said = registered[one.subject]
        place = division.full_name(said.division, province=False) if said.division else ""
        state = entity.STATES[said.state].label if said.state in entity.STATES else said.state
        by = "" if search.is_name_of(one.by, said.name) else one.by
        listed.append(Row(one.subject, said.name, state, place, by))
    return listed


def _page(
    request: HttpRequest,
    *,
    text: str = "",
    asked: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    context: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = asked or {}
    told = {
        "text": text,
        "length": QUESTION_LENGTH,
        "purposes": looks.PURPOSES.items(),
        "purpose": asked.get("purpose", ""),
        "reason": asked.get("reason", "")[: looks.REASON_LENGTH],
        "reason_length": looks.REASON_LENGTH,
        "faults": faults or {},
        "rows": None,
        **(context or {}),
    }
    return page(request, "department/subjects.html", told, at="subjects", status=status)
