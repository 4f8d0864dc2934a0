"""The batches of a client's own unit: how far they are, what was found, what is decided about them."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any, Final

from chengxin.api.problem import Problem, Tongue
from chengxin.credit.records import checks
from chengxin.ingest import batches
from chengxin.ingest.models import Batch
from chengxin.people.clients import Machine
from chengxin.people.trail import Refused

PAGE: Final = 200
PAGE_MOST: Final = 1000


def own(who: Machine, number: int) -> Batch:
    """Return a batch of the client's unit.

    :raises Problem: there is none, or it is another unit's, which is told the same way.
    """
    batch = Batch.objects.filter(pk=number, unit=who.unit).first()
    if batch is None:
        raise Problem("not-found")
    return batch


def told(batch: Batch) -> dict[str, Any]:
    """Return a batch as the API tells it."""
    return {
        **{name: getattr(batch, name) for name in _PLAIN},
        "working": batch.wanted,
        "progress": {"rows": batch.progress_rows, "share": batch.progress_share},
        "difference": _difference(batch.difference),
        "same_as": batch.same_as_id,
        "idempotency_key": batch.request_key if batch.way == "api" else "",
    }


def findings(batch: Batch, *, offset: int, limit: int, language: Tongue) -> dict[str, Any]:
    """Return a page of what the checks found, in the order of the rows."""
    found = list(islice(batches.findings(batch), offset, offset + limit + 1))
    page = [
        {
            "row": one.row,
            "column": one.column,
            "code": one.code,
            "level": one.level,
            "message": checks.translated(one.code, one.message, language),
            "advice": checks.CHECKS[one.code].advices[language] if one.code in checks.CHECKS else "",
        }
        for one in found[:limit]
    ]
    return {"findings": page, "next_offset": offset + limit if len(found) > limit else None}


def decide(who: Machine, number: int, decision: str, *, at: datetime) -> Batch:
    """Confirm or drop a batch of the client's unit, and return it as it is then.

    :raises Problem: it is not the client's, or its state does not allow it.
    """
    batch = own(who, number)
    act = {"confirm": batches.confirm, "drop": batches.drop}[decision]
    try:
        act(batch=batch.pk, by=who.actor, at=at)
    except Refused as refusal:
        raise Problem("wrong-state", said=str(refusal)) from refusal
    batch.refresh_from_db()
    return batch


_PLAIN: Final = (
    "id", "kind", "state", "message", "source", "file_name", "sha256", "size", "rows", "accepted", "changed",
    "unchanged", "rejected", "waiting", "warnings", "received_at", "checked_at", "applied_at", "undone_at",
)  # fmt: skip


def _difference(said: dict[str, Any]) -> dict[str, Any] | None:
    if not said:
        return None
    counts = {name: said.get(name, 0) for name in ("new", "changed", "unchanged", "rejected", "waiting", "warnings")}
    reasons = [
        dict(zip(("code", "column", "level", "count"), reason, strict=True)) for reason in said.get("reasons", ())
    ]
    return {**counts, "reasons": reasons}
