"""留痕: who did what. `note` is the last line of every act, in its transaction; `seal` chains what was noted.

What the chain shows: a row that was changed, or taken out of the middle. What it cannot show: a chain that was thrown
away and made anew from the first row. For that, keep its newest digest somewhere else (GB/T 22239: 安全审计).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from chengxin.people.models import Trail, TrailSeal

LOCK: Final = 0x7472_6169_6C  # "trail": one sealer at a time, whoever it is
GENESIS: Final = bytes(32)
"""What stands before the first row's digest."""
OVERLAP: Final = 10_000
"""A lower id can commit after a higher one, so so many ids before the newest sealed one are looked at again."""


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


@transaction.atomic
def seal(at: datetime, *, limit: int = 10_000) -> int:
    """Chain the rows noted up to a moment that are not chained yet, oldest first, and return how many they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    newest = TrailSeal.objects.order_by("-number").first()
    number, digest = (newest.number, bytes(newest.digest)) if newest else (0, GENESIS)
    reached = TrailSeal.objects.order_by("-trail_id").values_list("trail_id", flat=True).first() or 0
    unsealed = (
        Trail.objects.filter(id__gt=reached - OVERLAP, at__lte=at)
        .exclude(Exists(TrailSeal.objects.filter(trail_id=OuterRef("id"))))
        .order_by("id")[:limit]
    )
    seals = []
    for row in unsealed:
        number, digest = number + 1, _digest(digest, row)
        seals.append(TrailSeal(number=number, trail_id=row.id, digest=digest))
    TrailSeal.objects.bulk_create(seals, batch_size=1000)
    return len(seals)


def verify(*, newest: int | None = None) -> int | None:
    """Return the number of the first link of the chain that does not hold, or None if all hold.

    With `newest` only so many links at the end are gone through, on the digest that stands before them.
    """
    number, digest = 0, GENESIS
    links = TrailSeal.objects.select_related("trail").order_by("number")
    last = TrailSeal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if newest is not None and last > newest:
        number = last - newest
        before = TrailSeal.objects.filter(number=number).values_list("digest", flat=True).first()
        if before is None:
            return number
        digest, links = bytes(before), links.filter(number__gt=number)
    for link in links.iterator(chunk_size=2000):
        number, digest = number + 1, _digest(digest, link.trail)
        if link.number != number or bytes(link.digest) != digest:
            return number
    return None


def _digest(before: bytes, row: Trail) -> bytes:
    said = {
        "id": row.id,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": row.by,
        "role": row.role,
        "verb": row.verb,
        "thing": row.thing,
        "detail": row.detail,
    }
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + canonical.encode()).digest()
