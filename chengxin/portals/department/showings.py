"""亮码: the photos of hanging codes that wait to be looked at, one after the other, and what was said of them."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.credit.codes import queries, showing
from chengxin.credit.codes.models import ShowingWaiting
from chengxin.credit.codes.showing import Told
from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import queries as subjects
from chengxin.people import proofs, sight
from chengxin.people.models import User
from chengxin.people.sight import Sight
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import area as areas

A_PAGE: Final = 25


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the photos that wait, oldest first, or what was decided, newest first."""
    who = sight.of(person(request))
    is_done = request.GET.get("state") == "done"
    found = showing.decided(unit=None if who.sees == "all" else unit_of(person(request))) if is_done else _waiting(who)
    rows = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    ids = [_subject_of(row) for row in rows]
    names = {one.subject: one.name for one in subjects.registrations(ids)}
    context = {
        "is_done": is_done,
        "rows": rows,
        "told": [(row, subject, names.get(subject, subject)) for row, subject in zip(rows, ids, strict=True)],
        "query": "state=done&" if is_done else "",
    }
    return page(request, "department/showings.html", context, at="showings")


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Show one photo beside what is known of the code, and take the decision; then comes the next that waits."""
    me = person(request)
    told = _found(sight.of(me), subject, number)
    why, fault = request.POST.get("why", ""), ""
    if request.method == "POST":
        accepted = request.POST.get("say") == "accept"
        at = timezone.now()
        try:
            showing.decide(
                subject=subject,
                showing=number,
                accepted=accepted,
                why=why,
                unit=unit_of(me),
                by=actor(request),
                today=timezone.localdate(at),
                at=at,
            )
        except Refused as refusal:
            fault = str(refusal)
        else:
            messages.success(request, "已核实，经营者会收到消息。" if accepted else "已退回，经营者会收到原因。")
            following = _waiting(sight.of(me)).first()
            if following is None:
                return redirect("showings")
            return redirect("showing", subject=following.subject, number=following.showing)
    registered = subjects.registrations([subject])
    today = timezone.localdate()
    context = {
        "told": told,
        "state": told.state(today),
        "subject": subject,
        "name": registered[0].name if registered else subject,
        "code": next((one for one in queries.standing([subject]) if one.serial == told.showing.serial), None),
        "proofs": proofs.by_id([told.showing.proof]),
        "displaying": showing.displaying([subject], today=today).get(subject),
        "rule": showing.rule(),
        "why": why,
        "why_length": showing.WHY_LENGTH,
        "fault": fault,
    }
    return page(request, "department/showing.html", context, at="showings", status=422 if fault else 200)


def unit_of(who: User) -> str:
    """Return by what unit somebody decides: their own, or the city's office."""
    return who.unit.name if who.unit else face().city.office or "信用办"


def _waiting(who: Sight) -> QuerySet[ShowingWaiting]:
    """Return the photos that somebody has to look at; whoever governs no area has none."""
    if who.sees == "all":
        return showing.waiting()
    return showing.waiting(area=who.area) if who.sees == "area" else showing.waiting().none()


def _subject_of(row: object) -> str:
    """Return whose row it is: what waits names its subject, what was decided belongs to one."""
    return str(getattr(row, "subject_id", None) or getattr(row, "subject", ""))


def _found(who: Sight, subject: str, number: int) -> Told:
    """Return a photo that somebody may see.

    :raises Http404: there is none, or it is another area's.
    """
    found = showing.of(subject, limit=1, showing=number)
    if not found:
        raise Http404
    if who.sees == "all":
        return found[0]
    if who.sees != "area" or not areas.governs(who.area, subjects.area_of([subject]).get(subject, "")):
        raise Http404
    return found[0]
