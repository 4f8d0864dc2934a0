"""载体: what a code is printed on or shown on, as `carriers.toml` says it, one entry each; and the print rules.

Lengths are millimetres, as printers say them. Pure: no clock, nothing drawn here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

MODULE_MIN: Final = 0.4
"""The smallest module that an ordinary printer holds and an ordinary phone reads (design.md §4)."""
PIXELS_MIN: Final = 3.0
"""Pixels of a module on a screen: fewer, and a browser that scales a picture smears its edges."""
QUIET: Final = 4
"""Empty modules on every side (GB/T 18284)."""
DENSEST: Final = 33
"""Modules a side of the densest symbol that packages and cards should carry: version 4 (design.md §4)."""
SHORT_LEVELS: Final = ("H", "Q")
"""Of a short code, the best first: it gives up H for fewer modules, but not Q. At M every second one does not survive a
scratch, which takes a large share of so few modules (ADR 0032)."""
CONTRAST_MIN: Final = 0.70
"""Reflectance of paper less that of ink (ISO/IEC 15415, symbol contrast of the best grade)."""
A4: Final = (210.0, 297.0)
MARKS: Final = 9.0
"""What a sheet of its own leaves around a trimmed piece with bleed, for its crop marks."""
MARGIN: Final = 6.0
"""What a shared sheet leaves around its pieces and their bleed: its crop marks are as long."""
PPI: Final = 300.0
"""Pixels an inch of a picture: what a print shop asks for."""
FORMS: Final = MappingProxyType(
    {
        "pdf": "PDF（印刷）",
        "svg": "SVG（矢量图）",
        "png": "PNG（图片）",
        "html": "HTML（网页代码）",
        "json": "JSON（给程序）",
        "link": "链接",
    }
)
"""What a carrier may be handed out as."""
FACTS: Final = ("code", "serial", "place", "office", "date")
"""What may stand beside a symbol, each with a label of its own (`facts` of an entry)."""


class Unit(NamedTuple):
    """Where a face stands on its piece: from the left, from the top; upside down or not."""

    left: float
    top: float
    turned: bool


class Spot(NamedTuple):
    """Where a symbol with its quiet zone stands on a piece, in millimetres of the piece."""

    left: float
    top: float
    side: float
    turned: bool


@dataclass(frozen=True)
class Reach:
    """From how far a code is scanned (cm), and how large its symbol must be for that, without its quiet zone (mm)."""

    label: str
    distance: int
    least: int


@dataclass(frozen=True)
class Carrier:
    """One thing a code is printed on: its trimmed size, its symbol, its level of correction, its bleed, its face."""

    name: str
    label: str
    template: str
    width: float
    height: float
    symbol: tuple[float, float, float]
    """Where the symbol with its quiet zone stands in the art: from the left, from the top, its side."""
    level: str
    group: str = "wall"
    placements: tuple[str, ...] = ()
    """The kinds of places whose codes it carries."""
    profile: str = "full"
    """The largest code it takes: `short` ones are too small for a full code."""
    reach: str = "package"
    bleed: float = 0.0
    pixels: tuple[int, int] | None = None
    """Width and height as a picture, for screens; else they follow from PPI."""
    face: tuple[float, float] | None = None
    """The measures of the art (`art` in the file), where it is enlarged or stands several times on the piece."""
    units: tuple[Unit, ...] = (Unit(0, 0, False),)
    folds: tuple[float, ...] = ()
    forms: tuple[str, ...] = ("pdf", "svg", "png")
    licences: bool = True
    """Whether a licence that the trade needs, when it is missing or has expired, holds this carrier back."""
    mono: bool = False
    ink: str = "#000000"
    paper: str = "#ffffff"
    quiet: int = QUIET
    suffers: tuple[str, ...] = ("swollen", "starved", "blur", "tilt", "glare", "scratches", "dark")
    """What may happen to it before it is read (`damages.toml`)."""
    where: str = "应贴在"
    room: int = 200
    """How many characters of a name, of full width, there is room for (`name` in the file)."""
    size: float = 8.0
    pad: float = 5.0
    band: float = 15.0
    say: float = 10.0
    big: float = 0.0
    facts: tuple[str, ...] = ()
    hotlines: bool = True
    frame: bool = True
    material: str = ""
    hint: str = ""
    source: str = ""
    """Where its size is written; nothing where it is only a usual one."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels of correction to try: the first that is not denser than DENSEST counts, else the last."""
        return SHORT_LEVELS[SHORT_LEVELS.index(self.level) :] if self.profile == "short" else (self.level,)

    @property
    def art(self) -> tuple[float, float]:
        """The measures of the face: those of the piece, unless it says otherwise."""
        return self.face or (self.width, self.height)

    @property
    def scale(self) -> float:
        """How much larger the face is on its piece. A face that stands there several times is as it is."""
        return self.width / self.art[0] if len(self.units) == 1 else 1.0

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Where the symbol stands on the piece, as often as the face does."""
        (wide, high), scale = self.art, self.scale
        left, top, side = self.symbol
        return tuple(
            Spot(
                unit.left + (wide - left - side if unit.turned else left) * scale,
                unit.top + (high - top - side if unit.turned else top) * scale,
                side * scale,
                unit.turned,
            )
            for unit in self.units
        )

    @property
    def ppi(self) -> float:
        """Pixels an inch of this carrier's picture."""
        return PPI if self.pixels is None else self.pixels[0] / (self.sheet(shared=False)[0] / 25.4)

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of pieces on an A4 sheet: one, where a piece is a sheet itself."""
        wide, high = (self.width + 2 * self.bleed), (self.height + 2 * self.bleed)
        columns, rows = int((A4[0] - 2 * MARGIN) // wide), int((A4[1] - 2 * MARGIN) // high)
        return (columns, rows) if self.bleed and columns and rows else (1, 1)

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


def for_placement(kind: str) -> list[Carrier]:
    """Return the carriers of codes that hang at a kind of place, in the order of the file."""
    return [carrier for carrier in CARRIERS.values() if kind in carrier.placements]


def why_not(carrier: Carrier, *, modules: int) -> str | None:
    """Return why a symbol of so many modules a side is not fit to print on a carrier, or nothing if it is."""
    if carrier.quiet < QUIET:
        return f"{carrier.label}的二维码四周只留了 {carrier.quiet} 个模块的空白，至少要 {QUIET} 个。"
    if (contrast := reflectance(carrier.paper) - reflectance(carrier.ink)) < CONTRAST_MIN:
        return f"{carrier.label}的墨色和底色对比为 {contrast:.0%}，至少要 {CONTRAST_MIN:.0%}：请用深色印在浅色上。"
    across, side = modules + 2 * carrier.quiet, carrier.spots[0].side
    if side / across < MODULE_MIN:
        needed = across * MODULE_MIN
        return (
            f"这个码每边 {modules} 个模块，印在{carrier.label}上每个模块只有 {side / across:.2f} 毫米，"
            f"至少要 {MODULE_MIN} 毫米：请把二维码印成 {needed:.0f} 毫米以上，或者改用短码。"
        )
    reach, bare = REACHES[carrier.reach], side * modules / across
    if bare < reach.least:
        return (
            f"{carrier.label}要隔 {reach.distance} 厘米扫，二维码（不算四周空白）只有 {bare:.0f} 毫米，"
            f"至少要 {reach.least} 毫米：请把二维码连同空白印成 {reach.least * across / modules + 0.5:.0f} 毫米以上。"
        )
    if carrier.pixels is not None and (drawn := side / 25.4 * carrier.ppi / across) < PIXELS_MIN:
        return (
            f"这个码每边 {modules} 个模块，在{carrier.label}上每个模块只有 {drawn:.1f} 个像素，至少要 {PIXELS_MIN:.0f} 个："
            f"请把二维码放大到 {across * PIXELS_MIN:.0f} 个像素以上，或者改用短码。"
        )
    return None


def reflectance(colour: str) -> float:
    """Return how much light a colour (#rrggbb) gives back, from 0 for black to 1 for white."""
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def read(said: Mapping[str, Any]) -> tuple[dict[str, Reach], dict[str, str], dict[str, Carrier]]:
    """Return the reaches, the groups and the carriers that a file says.

    :raises TypeError: it says a word that means nothing here.
    """
    reaches = {name: Reach(**entry) for name, entry in said["reach"].items()}
    return reaches, dict(said["group"]), {name: _carrier(name, entry) for name, entry in said["carrier"].items()}


def _carrier(name: str, entry: Mapping[str, Any]) -> Carrier:
    words: dict[str, Any] = {
        RENAMED.get(word, word): tuple(value) if isinstance(value, list) else value for word, value in entry.items()
    }
    if "units" in words:
        words["units"] = tuple(Unit(*unit) for unit in words["units"])
    return Carrier(name=name, **words)


RENAMED: Final = {"art": "face", "name": "room"}
"""Words of the file that would mean something else in a carrier."""
_SAID: Final = read(tomllib.loads((Path(__file__).parent / "carriers.toml").read_text("utf-8")))
REACHES: Final[Mapping[str, Reach]] = MappingProxyType(_SAID[0])
GROUPS: Final[Mapping[str, str]] = MappingProxyType(_SAID[1])
CARRIERS: Final[Mapping[str, Carrier]] = MappingProxyType(_SAID[2])
"""Every carrier by its name, in the order of the file."""
