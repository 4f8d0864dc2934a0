"""证明材料: the rows of what people handed in, as they are found again. The pages themselves are files (portals/shared/proofs.py)."""

from __future__ import annotations

from collections.abc import Sequence

from chengxin.people.models import Proof


def by_id(ids: Sequence[int]) -> list[Proof]:
    """Return these proofs, in the order in which they were handed in."""
    return list(Proof.objects.filter(pk__in=list(ids)).order_by("pk"))
