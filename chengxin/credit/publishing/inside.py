"""How a subject's records look to those inside: every one with its state, and why it is in it. Pure: no database, no clock.

What the public sees is decided in `rules.py`; this says of each record whether that is so, and of one that stopped by
which of the five ways (domain.md §8.1: departments see what is minor, repaired or expired, marked, and not for use).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chengxin.board.card import SECTIONS
from chengxin.credit.publishing import rules
from chengxin.credit.records import catalogue, publicity
from chengxin.credit.records.form import Kind
from chengxin.credit.records.standing import FIELD, REASON, STOPPING, Settled
from chengxin.terms import privacy

TITLES: Final[Mapping[str, str]] = {
    "administration": "行政管理信息",
    "honour": "诚实守信相关荣誉信息",
    "serious": "严重失信主体名单信息",
    "abnormal": "经营（活动）异常名录（状态）信息",
    "commitment": "信用承诺信息",
    "rating": "信用评价信息",
    "judgment": "司法判决及执行信息",
    "other": "其他信息",
    "supplement": "公共信用信息地方补充内容",
    "shared": "部门共享信息（不向社会公开）",
}
"""The sections of the national report in its order, the local supplement, and what departments share beyond it."""


@dataclass(frozen=True, slots=True)
class State:
    """What a record is today: a code, a word for a list, and a sentence or none for whoever wants to know why."""

    name: str  # shown, hidden, ended, shared, own, or one of STOPPING
    label: str
    why: str = ""
    law: str = ""

    @property
    def is_stopped(self) -> bool:
        """Tell whether the record may not be used any more."""
        return self.name in STOPPING


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as those inside see it."""

    settled: Settled
    kind: str
    title: str
    section: str
    state: State
    until: date | None  # the last day it is shown
    lines: tuple[tuple[str, str, bool], ...]  # label, value, whether it was corrected; what is empty is left out

    @property
    def because(self) -> str:
        """By what it was stopped: day, document and reason, as far as they were said."""
        by = self.settled.by
        if by is None:
            return ""
        document = by.body.get(catalogue.kind(by.kind).roles.document, "")
        reason = by.body.get(REASON, "")
        return privacy.blot("　".join(filter(None, (by.happened_on.isoformat(), document, reason))))

    @property
    def key(self) -> str:
        """What tells the record apart, as it stands in an address."""
        return self.settled.said.key.hex()


def entry(settled: Settled, *, today: date, overlap: publicity.Overlap, listed: bool = False) -> Entry:
    """Return a record of a known kind as those inside see it."""
    kind = catalogue.kind(settled.said.kind)
    state, until = _state(kind, settled, today=today, overlap=overlap, listed=listed)
    corrected = {one.body.get(FIELD, "") for one in settled.corrections}
    lines = tuple(
        (label, privacy.blot(column.written(value)), column.code in corrected)
        for column, label in kind.report
        if (value := settled.body.get(column.code, ""))
    )
    section = kind.section if kind.section in (*SECTIONS, "supplement") else "shared"
    return Entry(settled, kind.label, privacy.blot(kind.title(settled.body)), section, state, until, lines)


def entries(held: Iterable[Settled], *, today: date, overlap: publicity.Overlap) -> list[Entry]:
    """Return the records of one subject as those inside see them, in their order; of kinds that are no more, none."""
    known = [one for one in held if one.said.kind in catalogue.KINDS]
    # As on the card: whoever stands on a list of 严重失信主体 has no minor penalties.
    listed = any(
        one.said.kind == "serious" and not one.state and rules.item(one.standing, today=today, overlap=overlap)
        for one in known
    )
    return [entry(one, today=today, overlap=overlap, listed=listed) for one in known]


def _state(
    kind: Kind, settled: Settled, *, today: date, overlap: publicity.Overlap, listed: bool
) -> tuple[State, date | None]:
    if settled.state:
        way = STOPPING[settled.state]
        return State(way.name, way.state, way.wording, way.law), None
    if kind.disclosure == "own":
        return State("own", "不公开", "只供报送单位和信用办查看。"), None
    if kind.disclosure == "shared":
        return State("shared", "部门共享", "不向社会公开，供各部门履职使用。"), None
    record = settled.standing
    shown, until = publicity.shown_until(
        kind, record.body, happened_on=record.happened_on, today=today, overlap=overlap, listed=listed
    )
    why = _penalty(kind, settled, today=today, overlap=overlap, listed=listed)
    if shown and rules.item(record, today=today, overlap=overlap, listed=listed) is None:
        return State("hidden", "未公示", "内容里有个人信息，没有对外公示；请报送单位改正后重新报送。"), None
    if shown:
        return State("shown", "公示中", why), until
    if until is not None and until < today:
        word = {"penalty": "公示期满", "validity": "有效期已过", "removal": "已移出"}.get(kind.publicity, "已期满")
        return State("ended", word, why or f"至 {until:%Y-%m-%d} 期限已满，已自动停止公示。"), until
    return State("hidden", "不公示", why or _never(kind, settled)), None


def _penalty(kind: Kind, settled: Settled, *, today: date, overlap: publicity.Overlap, listed: bool) -> str:
    if kind.publicity != "penalty":
        return ""
    happened_on = settled.standing.happened_on
    judged = publicity.judge(settled.body, happened_on=happened_on, today=today, overlap=overlap, listed=listed)
    return judged.why


def _never(kind: Kind, settled: Settled) -> str:
    roles = kind.roles
    if roles.state and settled.body.get(roles.state) in roles.over:
        return "已经失效，不再公示。"
    if roles.public_type:
        return f"报送时写明“{settled.body.get(roles.public_type, '不公开')}”。"
    return "按规定不对外公示。"
