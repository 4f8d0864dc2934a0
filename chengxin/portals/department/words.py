"""Words of the office's pages for what stands in the tables as a code."""

from __future__ import annotations

from chengxin.board.verdict import STATES
from chengxin.credit.records.catalogue import KINDS
from chengxin.credit.records.checks import CHECKS
from chengxin.inbox.fakes import WRONGS
from chengxin.ingest.setaside import LEVELS


def kind_label(name: str) -> str:
    """Return the label of a kind of batch or record; one that the catalogue no longer has stands as it is."""
    return KINDS[name].label if name in KINDS else name


def wrong_label(name: str) -> str:
    """Return the label of what a report says is wrong; one that is no longer on the list stands as it is."""
    return WRONGS.get(name, name)


def verdict_label(name: str) -> str:
    """Return the label of what a code verified as."""
    return STATES[name].label if name in STATES else name


def level_label(name: str) -> str:
    """Return the label of a finding's level."""
    return LEVELS.get(name, name)


def advice(code: str) -> str:
    """Return what whoever sent a row should do about a finding; nothing for a code that the checks no longer have."""
    return CHECKS[code].advice if code in CHECKS else ""
