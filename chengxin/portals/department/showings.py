"""亮码: the photos of hanging codes that wait to be looked at, one after the other, and what was said of them."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.credit.codes import queries, showing
from chengxin.credit.codes.models import ShowingDecision, ShowingWaiting
from chengxin.credit.codes.showing import Told
from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import queries as subjects
from chengxin.people import proofs, sight
from chengxin.people import queries as people
from chengxin.people.models import Unit, User
from chengxin.people.sight import Sight
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import area as areas

A_PAGE: Final = 25
WHOSE: Final = {"": "全部", "office": "信用办核实", "place": "场所核实"}
"""By whom a photo is to be looked at, or was: how an office narrows its lists."""
ELSEWHERE: Final = "不在本场所"
"""Why a place refuses most: one press says it."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the photos that wait, whose turn it is first, or what was decided, newest first."""
    me = person(request)
    who, today = sight.of(me), timezone.localdate()
    is_done, whose = request.GET.get("state") == "done", request.GET.get("by", "")
    if who.sees == "place" or whose not in WHOSE:
        whose = ""
    found = _decided(who, me, whose) if is_done else waiting_for(who, whose)
    rows = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    ids = [_subject_of(row) for row in rows]
    names = {one.subject: one.name for one in subjects.registrations(ids)}
    places = Unit.objects.in_bulk([place for row in rows if (place := _place_of(row)) is not None])
    state = {"state": "done"} if is_done else {}
    context = {
        "is_done": is_done,
        "is_place": who.sees == "place",
        # Where no place looks at photos, nothing is said of places.
        "with_places": who.sees != "place" and bool(places or whose or people.places().exists()),
        "rows": rows,
        "told": [
            (row, subject, names.get(subject, subject), places.get(_place_of(row) or 0))
            for row, subject in zip(rows, ids, strict=True)
        ],
        "today": today,
        "unit": unit_of(me),
        "narrowed": [
            (label, urlencode(state | ({"by": name} if name else {})), name == whose) for name, label in WHOSE.items()
        ],
        "query": "".join(f"{name}={value}&" for name, value in (state | ({"by": whose} if whose else {})).items()),
    }
    return page(request, "department/showings.html", context, at="showings")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Show one photo beside what is known of the code, and take the decision; then comes the next that waits."""
    me = person(request)
    who = sight.of(me)
    told = _found(who, subject, number)
    why, seen, fault = request.POST.get("why", ""), request.POST.get("seen", ""), ""
    if request.method == "POST":
        accepted = request.POST.get("say") == "accept"
        if request.POST.get("say") == "elsewhere":
            why = "：".join(filter(None, (ELSEWHERE, why.strip())))
        at = timezone.now()
        try:
            showing.decide(
                subject=subject,
                showing=number,
                accepted=accepted,
                why=why,
                unit=unit_of(me),
                place=who.unit if who.sees == "place" else None,
                seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 18 else None,
                by=actor(request),
                today=timezone.localdate(at),
                at=at,
            )
        except Refused as refusal:
            fault = str(refusal)
        else:
            messages.success(request, "已核实，经营者会收到消息。" if accepted else "已退回，经营者会收到原因。")
            following = _next(who)
            if following is None:
                return redirect("showings")
            return redirect("showing", subject=following.subject, number=following.showing)
    registered = subjects.registrations([subject])
    today = timezone.localdate()
    place = None if told.showing.place is None else Unit.objects.filter(pk=told.showing.place).first()
    is_place = who.sees == "place"
    context = {
        "told": told,
        "place": place,
        "is_place": is_place,
        "unit": unit_of(me),
        "why_not": showing.why_not_the_place(told, place) if is_place and place is not None else None,
        "state": told.state(today),
        "subject": subject,
        "name": registered[0].name if registered else subject,
        "code": next((one for one in queries.standing([subject]) if one.serial == told.showing.serial), None),
        "proofs": proofs.by_id([told.showing.proof]),
        "label_is_shown": not is_place or told.showing.serial in queries.labels_shown([subject]),
        # What else a business does with its codes is no affair of a place's.
        "displaying": None if is_place else showing.displaying([subject], today=today).get(subject),
        "rule": showing.rule(),
        "why": why,
        # What was refused because somebody was faster is looked at anew before it is decided.
        "seen": told.decision.id if told.decision else 0,
        "why_length": showing.WHY_LENGTH,
        "fault": fault,
    }
    return page(request, "department/showing.html", context, at="showings", status=422 if fault else 200)


def unit_of(who: User) -> str:
    """Return by what unit somebody decides: their own, or the city's office."""
    return who.unit.name if who.unit else face().city.office or "信用办"


def waiting_for(who: Sight, whose: str = "") -> QuerySet[ShowingWaiting]:
    """Return the photos that wait and somebody may decide about; who governs no area and runs no place has none."""
    if who.sees == "place" and who.unit is not None:
        return showing.waiting_in(who.unit, uscc=who.uscc)
    if who.sees not in ("all", "area"):
        return ShowingWaiting.objects.none()
    return showing.waiting(today=timezone.localdate(), area=None if who.sees == "all" else who.area, whose=whose)


def _next(who: Sight) -> ShowingWaiting | None:
    """Return the photo that somebody goes on with: an office leaves a place the days that it has."""
    return waiting_for(who, whose="office").first()


def _decided(who: Sight, me: User, whose: str) -> QuerySet[ShowingDecision]:
    match who.sees:
        case "all":
            found = showing.decided()
        case "area":
            found = showing.decided(area=who.area, unit=unit_of(me))
        case "place":
            return showing.decided(place=who.unit)
        case _:
            return ShowingDecision.objects.none()
    return found.filter(by_place=whose == "place") if whose else found


def _subject_of(row: object) -> str:
    """Return whose row it is: what waits names its subject, what was decided belongs to one."""
    return str(getattr(row, "subject_id", None) or getattr(row, "subject", ""))


def _place_of(row: object) -> int | None:
    place: int | None = getattr(row, "place", None)
    return place


def _found(who: Sight, subject: str, number: int) -> Told:
    """Return a photo that somebody may see.

    :raises Http404: there is none, or it is another area's or place's.
    """
    found = showing.of(subject, limit=1, showing=number)
    if not found:
        raise Http404
    if who.sees == "all" or (who.sees == "place" and found[0].showing.place == who.unit):
        return found[0]
    if who.sees != "area" or not areas.governs(who.area, subjects.area_of([subject]).get(subject, "")):
        raise Http404
    return found[0]
