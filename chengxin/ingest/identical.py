"""The identical file sent again: told from what is in already, so that its rows need not be read a second time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from django.db.models import Q

from chengxin.credit.records.form import Kind
from chengxin.ingest.models import Batch, SetAside, Tally


def digest(what: Kind, agencies: Iterable[str]) -> str:
    """Return a digest of all that decides about a row beside the row itself: the kind, and the directory's codes."""
    said = repr((what, sorted(agencies))).encode()
    return blake2b(said, digest_size=16).hexdigest()


def standing(batch: Batch) -> Batch | None:
    """Return the batch of the identical file that is in, if taking this one in would change nothing.

    It would when the kind or the directory has changed, when another batch of the kind has said or taken back something
    since, or when a row was refused for a day that has come meanwhile (E05).
    """
    before = (
        Batch.objects.filter(
            sha256=batch.sha256,
            kind=batch.kind,
            source=batch.source,
            source_code=batch.source_code,
            source_name=batch.source_name,
            catalogue=batch.catalogue,
            state="applied",
            undoes=None,
        )
        .exclude(pk=batch.pk)
        .order_by("-applied_at", "-pk")
        .first()
    )
    if before is None or before.applied_at is None:
        return None
    since = Q(applied_at__gt=before.applied_at) | Q(applied_at=before.applied_at, pk__gt=before.pk)
    if Batch.objects.filter(since, kind=batch.kind, accepted__gt=0).exists():
        return None
    if SetAside.objects.filter(batch__kind=batch.kind, taken_at__gt=before.applied_at).exclude(batch=before).exists():
        return None
    return None if Tally.objects.filter(batch=before.same_as_id or before.pk, code="E05").exists() else before


def counted(before: Batch) -> Counter[tuple[str, str, str, str]]:
    """Return what is counted for its senders of a file that came again: what was accepted is unchanged this time."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for tally in Tally.objects.filter(batch=before).iterator():
        if tally.code not in ("changed", "late", "hidden", "E13"):
            code = "unchanged" if tally.code == "accepted" else tally.code
            found[tally.source_code, code, tally.column, tally.level] += tally.count
    return found
