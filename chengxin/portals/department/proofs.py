"""证明材料 that was handed in, shown page by page to whoever has to judge it. Every page seen is a row of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.credit.codes import showing
from chengxin.credit.codes.models import Giving
from chengxin.credit.subjects import queries as subjects
from chengxin.people import sight, trail
from chengxin.people.models import Proof, User
from chengxin.people.roles import may
from chengxin.portals.department import give
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.proofs import page_answer
from chengxin.terms import area as areas
from chengxin.terms import uscc

ABOUT: Final[Mapping[str, str]] = {
    "binding": "application.see",
    "newcomer": "application.see",
    "declaration": "application.see",
    "consent": "application.see",
    "showing": "showing.decide",
    "judgment": "commitment.see",
}
"""What a proof is about → the permission of whoever judges it."""


@require_safe
@transaction.atomic
def show(request: HttpRequest, number: int, page: int) -> HttpResponse:
    """Show one page of a paper to whoever judges what it is about, where it is theirs to see."""
    found = Proof.objects.select_related("user").filter(pk=number).first()
    me = person(request)
    if found is None or not may(me.role, ABOUT.get(found.about, "")) or not _sees(me, found):
        raise Http404
    answer = page_answer(found, page)
    detail = {"subject": found.subject, "page": page}
    trail.note(by=actor(request), verb="proof.see", thing=f"proof {found.pk}", at=timezone.now(), detail=detail)
    return answer


def area_of(subject: str) -> str:
    """Return the governing area of a subject; of one that is not registered yet, the division its USCC was given in."""
    known = subjects.area_of([subject])
    if subject in known:
        return known[subject]
    try:
        return uscc.parse(subject).division
    except uscc.Malformed:
        return ""


def _sees(me: User, proof: Proof) -> bool:
    if proof.about == "consent":
        of = Giving.objects.filter(proofs__contains=[proof.pk]).only("by", "state", "subjects").first()
        if of is not None:  # it names a whole street, not only the business that it is kept under
            return give.sees(me, of)
    who = sight.of(me)
    if who.sees == "all":
        return True
    if who.sees == "area":
        area = area_of(proof.subject)
        return bool(area) and areas.governs(who.area, area)
    if who.sees == "place":
        return (
            proof.about == "showing"
            and who.unit is not None
            and showing.hangs_in(who.unit, subject=proof.subject, proof=proof.pk)
        )
    # A department judges by what it handed in itself.
    return who.sees == "own" and proof.user is not None and proof.user.unit_id == who.unit
