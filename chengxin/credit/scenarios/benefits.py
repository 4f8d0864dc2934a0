"""我的码能带来什么: what a business's code brings it by the city's ledger, and why not. Pure: judged on facts that are told.

The conditions are words of a closed vocabulary; a word that is missing here gets its function here, and no expression.
A grade is never a condition, and a benefit never one for showing a code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from chengxin.credit.scenarios import catalogue
from chengxin.credit.scenarios.catalogue import Ledger, Scenario


@dataclass(frozen=True, slots=True)
class Facts:
    """All that may count for a benefit. The numbers are of records that the public sees today."""

    division: str  # of GB/T 2260, as registered
    industry: str  # of GB/T 4754, as registered
    coded: bool
    displaying: bool
    serious: int = 0  # 严重失信主体名单
    judgment: int = 0  # 失信被执行人
    abnormal: int = 0  # 经营（活动）异常


@dataclass(frozen=True, slots=True)
class Missing:
    """A condition that is not met: which, and what to do about it."""

    word: str
    why: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """What one row of a ledger offers, and on what conditions."""

    scenario: str
    title: str
    need: tuple[str, ...]
    how: str
    trades: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """A benefit as it is told to one business: what is missing, and the document in whose words it stands."""

    benefit: Benefit
    scenario: Scenario
    ledger: Ledger
    missing: tuple[Missing, ...]

    @property
    def units(self) -> str:
        """Return which units answer for it; a row that is told as 已完成 names none, then whoever issued the document."""
        return self.ledger.issued_by if self.scenario.units == "已完成" else self.scenario.units


def _coded(facts: Facts) -> str | None:
    """有有效的诚信码"""
    return None if facts.coded else "还没有有效的诚信码，先申领"


def _displaying(facts: Facts) -> str | None:
    """正在亮码：照片已核实，或近期有人扫码"""
    return None if facts.displaying else "还没有亮码：把码贴出来，拍一张照片上传，核实后就算"


def _not_serious(facts: Facts) -> str | None:
    """没有严重失信主体名单信息"""
    return f"有严重失信主体名单信息 {facts.serious} 条，移出名单后才可以" if facts.serious else None


def _not_judgment(facts: Facts) -> str | None:
    """没有失信被执行人信息"""
    return f"有失信被执行人信息 {facts.judgment} 条，履行义务、由法院删除后才可以" if facts.judgment else None


def _not_abnormal(facts: Facts) -> str | None:
    """没有经营（活动）异常信息"""
    return f"有经营异常信息 {facts.abnormal} 条，向登记机关申请移出后才可以" if facts.abnormal else None


WORDS: Final[Mapping[str, Callable[[Facts], str | None]]] = {
    function.__name__.removeprefix("_"): function
    for function in (_coded, _displaying, _not_serious, _not_judgment, _not_abnormal)
}
"""The vocabulary: word → why it does not hold of a business, or nothing. Its docstring is shown on the page."""


@cache
def benefits() -> tuple[Benefit, ...]:
    """Return every benefit, in the order of its file."""
    return tuple(_benefit(row) for row in _said()["benefit"])


def _benefit(row: Mapping[str, Any]) -> Benefit:
    return Benefit(**{**row, "need": tuple(row["need"]), "trades": tuple(row.get("trades", ()))})


@cache
def cities() -> Mapping[str, str]:
    """Return ledger → what the divisions of its city begin with."""
    city: dict[str, str] = _said()["city"]
    return city


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "benefits.toml").read_text(encoding="utf-8"))


def brought(facts: Facts) -> list[Brought]:
    """Return what a code brings a business where it is registered and in its trade: first what it may have already."""
    scenarios = catalogue.scenarios()
    ledgers = {ledger.name: ledger for ledger in catalogue.all_ledgers()}
    found = []
    for benefit in benefits():
        scenario = scenarios[benefit.scenario]
        if not facts.division.startswith(cities()[scenario.ledger]):
            continue
        if benefit.trades and not facts.industry.startswith(benefit.trades):
            continue
        missing = tuple(Missing(word, why) for word in benefit.need if (why := WORDS[word](facts)) is not None)
        found.append(Brought(benefit, scenario, ledgers[scenario.ledger], missing))
    return sorted(found, key=lambda one: (len(one.missing) > 0, one.benefit.chosen))
