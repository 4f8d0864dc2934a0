"""What a row of the bench finds, what it should reach, and the few sums in between. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


class CannotMeasure(Exception):
    """A row cannot be measured here; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure has to reach."""

    bound: Literal["at least", "at most"]
    value: float
    unit: str = ""

    def is_reached(self, figure: float) -> bool:
        """Tell whether a figure reaches it."""
        return figure >= self.value if self.bound == "at least" else figure <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.bound == 'at least' else '≤'} {show(self.value, self.unit)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a row found: the number its target is about, the two sides it came from, and what else is worth knowing."""

    value: float
    ours: str
    theirs: str = "–"
    notes: tuple[str, ...] = ()


def show(value: float, unit: str = "") -> str:
    """Return a number with three digits that count, and its unit."""
    places = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}".rstrip()


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value that so many in a hundred do not exceed, by nearest rank: always one that was measured."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share / 100 * len(ranked)) - 1)]


def spread(values: Sequence[float], unit: str) -> str:
    """Return a set of latencies in words."""
    return (
        f"{len(values)} times: p50 {show(percentile(values, 50), unit)}, p99 {show(percentile(values, 99), unit)},"
        f" longest {show(max(values), unit)}"
    )


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of pairs measured one right after the other: a slow minute slows both."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))
