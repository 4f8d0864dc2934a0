"""载体: what a code is printed on. Data, one entry each: its measures, its QR code, its template; and the print rules.

Lengths are millimetres, as printers say them. Pure: no clock, nothing drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

MODULE_MIN: Final = 0.4
"""The smallest module that an ordinary printer holds and an ordinary phone reads (design.md §4)."""
QUIET: Final = 4
"""Empty modules on every side (GB/T 18284)."""
CONTRAST_MIN: Final = 0.70
"""Reflectance of paper less that of ink (ISO/IEC 15415, symbol contrast of the best grade)."""
A4: Final = (210.0, 297.0)
MARKS: Final = 9.0
"""What a sheet of its own leaves around a trimmed piece with bleed, for its crop marks."""


@dataclass(frozen=True)
class Carrier:
    """One thing a code is printed on: its trimmed size, its symbol, its level of correction, its bleed."""

    name: str
    label: str
    template: str
    width: float
    height: float
    symbol: tuple[float, float, float]
    """Where the symbol with its quiet zone stands in the piece: from the left, from the top, its side."""
    level: str
    bleed: float = 0.0
    ink: str = "#000000"
    paper: str = "#ffffff"
    quiet: int = QUIET

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of pieces on an A4 sheet: one, where a piece is a sheet itself."""
        wide, high = (self.width + 2 * self.bleed), (self.height + 2 * self.bleed)
        return (int(A4[0] // wide) or 1, int(A4[1] // high) or 1) if self.bleed else (1, 1)

    @property
    def many(self) -> int:
        """How many pieces share a sheet when many are printed."""
        return self.grid[0] * self.grid[1]

    def sheet(self, *, shared: bool) -> tuple[float, float]:
        """Return the size of the paper: A4 where pieces share it, else the piece with its bleed and crop marks."""
        if shared and self.many > 1:
            return A4
        around = 2 * (self.bleed + MARKS) if self.bleed else 0.0
        return (self.width + around, self.height + around)

    def places(self, *, shared: bool) -> list[tuple[float, float]]:
        """Return where the pieces of a sheet stand: the left upper corner of each when trimmed."""
        columns, rows = self.grid if shared else (1, 1)
        wide, high = self.sheet(shared=shared)
        across, down = self.width + 2 * self.bleed, self.height + 2 * self.bleed
        left, top = (wide - columns * across) / 2 + self.bleed, (high - rows * down) / 2 + self.bleed
        return [(left + column * across, top + row * down) for row in range(rows) for column in range(columns)]


CARRIERS: Final = {
    carrier.name: carrier
    for carrier in (
        Carrier("poster", "A4 海报", "poster.typ", *A4, symbol=(46, 93.5, 118), level="H"),
        Carrier("sticker", "门贴", "sticker.typ", 90, 135, symbol=(13, 38.5, 64), level="Q", bleed=3),
    )
}


def why_not(carrier: Carrier, *, modules: int) -> str | None:
    """Return why a symbol of so many modules a side is not fit to print on a carrier, or nothing if it is."""
    if carrier.quiet < QUIET:
        return f"{carrier.label}的二维码四周只留了 {carrier.quiet} 个模块的空白，至少要 {QUIET} 个。"
    if (contrast := reflectance(carrier.paper) - reflectance(carrier.ink)) < CONTRAST_MIN:
        return f"{carrier.label}的墨色和底色对比为 {contrast:.0%}，至少要 {CONTRAST_MIN:.0%}：请用深色印在浅色上。"
    across = modules + 2 * carrier.quiet
    if carrier.symbol[2] / across < MODULE_MIN:
        needed = across * MODULE_MIN
        return (
            f"这个码每边 {modules} 个模块，印在{carrier.label}上每个模块只有 {carrier.symbol[2] / across:.2f} 毫米，"
            f"至少要 {MODULE_MIN} 毫米：请把二维码印成 {needed:.0f} 毫米以上，或者改用短码。"
        )
    return None


def reflectance(colour: str) -> float:
    """Return how much light a colour (#rrggbb) gives back, from 0 for black to 1 for white."""
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
