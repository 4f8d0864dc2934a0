"""归集质量的指标: what is said of the rows that one unit sent in one month. Pure: no database, no clock.

Words, sources and targets are data (`quality.toml`); how each is counted stands here.

>>> counts = Counts(rows=200, rejected=10, waiting=6, accepted=150, changed=30, unchanged=40, late=12, wrong_codes=1)
>>> counts.compliance, counts.timeliness, counts.wrong_codes_rate
(0.98, 0.9, 0.005)
>>> Counts().compliance is None
True
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

WRONG_CODES: Final = ("E02", "E09")
"""Findings that say a subject's code is wrong (错码) or stands beside another's name (重码)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows that one unit sent in one month. `waiting` is a part of `rejected`, `changed` of `accepted`."""

    rows: int = 0
    rejected: int = 0
    waiting: int = 0
    accepted: int = 0
    changed: int = 0
    unchanged: int = 0
    late: int = 0
    hidden: int = 0
    wrong_codes: int = 0

    @property
    def wrong(self) -> int:
        """Rows with an error: to be mended by whoever sent them."""
        return self.rejected - self.waiting

    @property
    def firsts(self) -> int:
        """Records that came for the first time."""
        return self.accepted - self.changed

    @property
    def compliance(self) -> float | None:
        """合规率; None where nothing was sent: that is no nought."""
        return _share(self.rows - self.wrong, self.rows)

    @property
    def timeliness(self) -> float | None:
        """及时率 (发改办财金〔2018〕424号: seven workdays)."""
        return _share(self.firsts - self.late, self.firsts)

    @property
    def wrong_codes_rate(self) -> float | None:
        """重错码率."""
        return _share(min(self.wrong_codes, self.rows), self.rows)

    @property
    def duplication(self) -> float | None:
        """重复率."""
        return _share(self.unchanged, self.rows)

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


def _share(part: int, whole: int) -> float | None:
    return max(0, part) / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its published words, and what is to be reached from which day on."""

    name: str
    label: str
    formula: str
    about: str
    basis: str
    higher_is_better: bool
    is_count: bool = False  # a number, not a share
    per_ten_thousand: bool = False  # said in 万分之, not in per cent
    targets: tuple[tuple[date, float], ...] = field(default=())

    def of(self, counts: Counts) -> float | None:
        """Return what this measure says of a unit's month; None where there is nothing to say it of."""
        return READ[self.name](counts)

    def target(self, month: date) -> float | None:
        """Return what a month should reach: the last target in force on its first day."""
        held = [value for since, value in self.targets if since <= month]
        return held[-1] if held else None

    def misses(self, counts: Counts, month: date) -> bool:
        """Tell whether a month falls short of its target."""
        value, target = self.of(counts), self.target(month)
        if value is None or target is None:
            return False
        return value < target if self.higher_is_better else value > target

    def written(self, value: float | None) -> str:
        """Return a value in the words of a page.

        >>> MEASURES["compliance"].written(0.98), MEASURES["wrong_codes"].written(0.0003), MEASURES["late"].written(3)
        ('98.0%', '万分之 3.0', '3')
        """
        if value is None:
            return "—"
        if self.is_count:
            return f"{int(value):,}"
        return f"万分之 {value * 10_000:,.1f}" if self.per_ten_thousand else f"{_floored(value):.1f}%"


def _floored(share: float) -> float:
    """Return a share as per cent, never rounded up to what was not reached: 97.96 % is no 98.0 %."""
    return int(share * 1000 + 1e-9) / 10


@dataclass(frozen=True, slots=True)
class Clock:
    """By when what is due."""

    month_by: int  # day of the next month
    duty: tuple[str, ...]  # kinds of 双公示
    mend_workdays: int
    silent_days: int
    ahead_days: int


def _measures(listed: list[dict[str, Any]]) -> dict[str, Measure]:
    found = {}
    for said in listed:
        targets = tuple(sorted((one["since"], float(one["value"])) for one in said.pop("targets", ())))
        found[said["name"]] = Measure(**said, targets=targets)
    return found


READ: Final[Mapping[str, Callable[[Counts], float | None]]] = {
    "compliance": lambda counts: counts.compliance,
    "timeliness": lambda counts: counts.timeliness,
    "wrong_codes": lambda counts: counts.wrong_codes_rate,
    "duplication": lambda counts: counts.duplication,
    "late": lambda counts: float(counts.late),
    "hidden": lambda counts: float(counts.hidden),
}
_SAID: Final = tomllib.loads(Path(__file__).with_name("quality.toml").read_text(encoding="utf-8"))
CLOCK: Final = Clock(**{**_SAID["clock"], "duty": tuple(_SAID["clock"]["duty"])})
MEASURES: Final[Mapping[str, Measure]] = _measures(_SAID["measure"])
