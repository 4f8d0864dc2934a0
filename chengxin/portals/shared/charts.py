"""Charts as numbers: where each mark of a picture stands, for templates that draw it as SVG. Pure, and no colour in it.

Whoever shows a chart shows its table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

LEFT: Final = 48
RIGHT: Final = 408
ROW: Final = 34
"""Height of one row of a dot chart: a finger and a line of text."""


class Dot(NamedTuple):
    """One row of a dot chart, in the picture's own units."""

    label: str
    value: str
    x: float
    y: int
    fails: bool
    below: bool  # lies left of where the axis begins


@dataclass(frozen=True, slots=True)
class Dots:
    """A dot chart of shares: one row each, with the line they should reach."""

    rows: tuple[Dot, ...]
    ticks: tuple[tuple[float, str], ...]
    target: float | None
    width: int
    height: int
    left: int
    right: int


def dots(
    rows: Sequence[tuple[str, float, str, bool]], *, target: float | None, least: float = 0.9, left: int = 140
) -> Dots:
    """Return a dot chart of (label, share, share as written, falls short), with an axis from `least` or below to 1."""
    low = min([least, *(int(share * 10) / 10 for _, share, _, _ in rows)], default=least)
    low = max(low, 0.5)  # one that is far off must not press all others together: it stands at the edge, with a mark
    right, width = 370, 450

    def place(share: float) -> float:
        return round(left + (max(share, low) - low) / (1 - low) * (right - left), 1)

    steps = 2
    ticks = tuple(
        (place(share), f"{share:.0%}") for share in (low + (1 - low) * step / steps for step in range(steps + 1))
    )
    marks = tuple(
        Dot(label, written, place(share), ROW * number + ROW, fails, share < low)
        for number, (label, share, written, fails) in enumerate(rows)
    )
    return Dots(marks, ticks, place(target) if target is not None else None, width, ROW * (len(rows) + 2), left, right)


class Point(NamedTuple):
    """One point of a line, in the picture's own units."""

    x: float
    y: float
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: its pieces between gaps, and its points."""

    label: str
    pieces: tuple[str, ...]  # the `points` of one polyline each
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A chart of shares over months."""

    lines: tuple[Line, ...]
    months: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    target: float | None
    width: int
    height: int


def lines(
    months: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    *,
    target: float | None,
) -> Lines:
    """Return a chart of shares over months; a month without a value is a gap, not a nought."""
    values = [value for _, one in series for value in one if value is not None]
    low = min([0.9, *(int(value * 10) / 10 for value in values)], default=0.9)
    left, right, top, bottom = LEFT, RIGHT, 16, 170

    def across(number: int) -> float:
        return round(left + (right - left) * (number / max(1, len(months) - 1)), 1)

    def down(share: float) -> float:
        return round(bottom - (share - low) / (1 - low) * (bottom - top), 1)

    drawn = []
    for label, one in series:
        points = [
            Point(across(number), down(value), f"{months[number]} {value:.1%}") if value is not None else None
            for number, value in enumerate(one)
        ]
        pieces, piece = [], []
        for point in [*points, None]:
            if point is not None:
                piece.append(f"{point.x},{point.y}")
            elif piece:
                pieces.append(" ".join(piece))
                piece = []
        drawn.append(Line(label, tuple(pieces), tuple(point for point in points if point is not None)))
    ticks = tuple((down(share), f"{share:.0%}") for share in (low, low + (1 - low) / 2, 1.0))
    every = 2 if len(months) > 6 else 1  # a phone is too narrow for twelve names
    return Lines(
        tuple(drawn),
        tuple(
            (across(number), month) for number, month in enumerate(months) if (len(months) - 1 - number) % every == 0
        ),
        ticks,
        down(target) if target is not None and target >= low else None,
        430,
        200,
    )


class Bar(NamedTuple):
    """One bar of a chart of counts, in the picture's own units."""

    x: float
    y: float
    width: float
    height: float
    value: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of counts over days: a bar each; a day without any has none."""

    bars: tuple[Bar, ...]
    days: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    width: int
    height: int


STEPS: Final = (1, 2, 4, 5, 10)


def bars(counts: Sequence[tuple[str, str, int]]) -> Bars:
    """Return a chart of (day as written below, day and count as told, count); the axis ends at a round number."""
    left, right, top, bottom = LEFT, RIGHT, 16, 150
    most = max([count for *_, count in counts], default=0)
    power: int = 10 ** max(0, len(str(most)) - 1)
    high = next(step * power for step in STEPS if step * power >= max(most, 1))
    wide = (right - left) / max(1, len(counts))
    gap = min(4.0, wide * 0.3)

    def down(count: float) -> float:
        return round(bottom - count / high * (bottom - top), 1)

    drawn = tuple(
        Bar(
            round(left + wide * place + gap / 2, 1),
            down(count),
            round(wide - gap, 1),
            round(bottom - down(count), 1),
            told,
        )
        for place, (_, told, count) in enumerate(counts)
        if count
    )
    every = max(1, round(len(counts) / 5))
    named = tuple(
        (round(left + wide * (place + 0.5), 1), day)
        for place, (day, *_) in enumerate(counts)
        if (len(counts) - 1 - place) % every == 0
    )
    ticks = (0, high) if high % 2 else (0, high // 2, high)
    return Bars(drawn, named, tuple((down(tick), str(tick)) for tick in ticks), 430, 180)
