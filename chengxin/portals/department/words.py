"""Words of the office's pages for what stands in the tables as a code."""

from __future__ import annotations

from chengxin.credit.records.catalogue import KINDS


def kind_label(name: str) -> str:
    """Return the label of a kind of batch or record; one that the catalogue no longer has stands as it is."""
    return KINDS[name].label if name in KINDS else name
