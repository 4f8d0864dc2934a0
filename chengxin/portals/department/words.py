"""Words of the office's pages for what stands in the tables as a code."""

from __future__ import annotations

from typing import Final, NamedTuple

from chengxin.board.verdict import STATES
from chengxin.credit.records.catalogue import KINDS
from chengxin.credit.records.checks import CHECKS
from chengxin.inbox.fakes import WRONGS
from chengxin.ingest import batches
from chengxin.ingest.models import Batch
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


class State(NamedTuple):
    """How far something has come: a name for the page's style, and the words for people."""

    name: str
    label: str


DOING: Final = {"check": "正在检查", "apply": "正在入库"}


def batch_state(batch: Batch) -> State:
    """Return how far a batch has come; where a worker is at it, that goes before where it stands."""
    if batch.wanted:
        return State("working", DOING[batch.wanted])
    return State(batch.state, batches.STATES[batch.state])


def way_label(name: str) -> str:
    """Return the words for the way that a batch came by."""
    return batches.WAYS.get(name, name)


FATES: Final = {"error": "错误，这一行不能用", "waits": "等待，不用改", "warn": "警告，这一行可用", "info": "提示"}


def fate_label(name: str) -> str:
    """Return what the level of a finding means for its row."""
    return FATES.get(name, name)


def level_label(name: str) -> str:
    """Return the label of a finding's level."""
    return LEVELS.get(name, name)


def advice(code: str) -> str:
    """Return what whoever sent a row should do about a finding; nothing for a code that the checks no longer have."""
    return CHECKS[code].advice if code in CHECKS else ""


def found_label(code: str) -> str:
    """Return what a finding is called; one whose check is no more stands as its code."""
    return CHECKS[code].title if code in CHECKS else code
