"""绑定: who acts for which business."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from chengxin.people import trail
from chengxin.people.models import Binding, User
from chengxin.people.trail import Actor

BOUND: Final = ("provisional", "accepted")


def of(user: User, subject: str) -> Binding | None:
    """Return by what somebody acts for a business, or None if not at all."""
    return Binding.objects.filter(user=user, subject=subject, state__in=BOUND).first()


def held(user: User, *, limit: int = 200) -> list[Binding]:
    """Return the businesses that somebody acts for, or asked to, oldest first, bounded."""
    return list(Binding.objects.filter(user=user).exclude(state="ended").order_by("id")[:limit])


@transaction.atomic
def claim_by_licence(*, user: User, subject: str, part: str, at: datetime) -> Binding:
    """Bind somebody to the business whose e-licence they just showed (电子营业执照): the licence is the proof, so that no
    office needs to look. A claim by the same person that was waiting is accepted by it."""
    held = (
        Binding.objects.select_for_update().filter(user=user, subject=subject).exclude(state__in=["refused", "ended"])
    )
    found = held.first() or Binding(user=user, subject=subject, asked_at=at)
    if (found.state, found.part, found.proven_by) == ("accepted", part, "licence"):
        return found
    found.part, found.proven_by, found.state, found.decided_at, found.due_on = part, "licence", "accepted", at, None
    found.save()
    by = Actor(user.username, user.role)
    trail.note(by=by, verb="binding.accept", thing=f"subject {subject}", at=at, detail={"part": part, "way": "licence"})
    return found


@transaction.atomic
def end_all(*, user: User, why: str, by: Actor, at: datetime) -> None:
    """End everything that somebody is bound to, or asked to be."""
    for held in Binding.objects.select_for_update().filter(user=user).exclude(state__in=["refused", "ended"]):
        held.state, held.why, held.decided_at, held.decided_by = "ended", why, at, by.name
        held.save()
        trail.note(by=by, verb="binding.end", thing=f"subject {held.subject}", at=at, detail={"why": why})


def read_messages(held: Binding, *, at: datetime) -> None:
    """Note that somebody has read what their business was told. Each person's own: another's stay unread."""
    Binding.objects.filter(pk=held.pk).update(seen_at=at)
