"""留痕: who did what. `note` is the last line of every act, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chengxin.people.models import Trail


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a name and a role."""

    name: str
    role: str


class Refused(Exception):
    """An act was refused; the message is one sentence for the person who asked."""


def note(*, by: Actor, verb: str, thing: str, at: datetime, detail: Mapping[str, object] | None = None) -> None:
    """Add one act to the trail, in the caller's transaction. `detail` never holds personal data."""
    Trail.objects.create(at=at, by=by.name, role=by.role, verb=verb, thing=thing, detail=dict(detail or {}))
