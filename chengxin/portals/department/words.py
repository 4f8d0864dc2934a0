"""Words of the office's pages for what stands in the tables as a code."""

from __future__ import annotations

from typing import Final

KINDS: Final = {"subject": "经营主体", "licence": "行政许可", "penalty": "行政处罚"}


def kind_label(kind: str) -> str:
    """Return the label of a kind of batch or record; a kind that nobody knows stands as it is."""
    return KINDS.get(kind, kind)
