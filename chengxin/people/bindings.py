"""绑定: who acts for which business."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from chengxin.people.models import Binding, User

BOUND: Final = ("provisional", "accepted")


def of(user: User, subject: str) -> Binding | None:
    """Return by what somebody acts for a business, or None if not at all."""
    return Binding.objects.filter(user=user, subject=subject, state__in=BOUND).first()


def held(user: User, *, limit: int = 200) -> list[Binding]:
    """Return the businesses that somebody acts for, or asked to, oldest first, bounded."""
    return list(Binding.objects.filter(user=user).exclude(state="ended").order_by("id")[:limit])


def read_messages(held: Binding, *, at: datetime) -> None:
    """Note that somebody has read what their business was told. Each person's own: another's stay unread."""
    Binding.objects.filter(pk=held.pk).update(seen_at=at)
