"""The typefaces of the press, and which characters they have. Only these are ever used: never what a machine has.

Noto Sans SC in two weights (OFL): Regular as a package publishes it, Bold as `tools/fonts.py` makes it. Regular has
the rarer characters of names; a name with one of them is set in Regular as a whole.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn as regular

BOLD: Final = Path(__file__).parent / "fonts" / "NotoSansSC-Bold.ttf"
REGULAR: Final = regular.sans_path()
FOLDERS: Final = (BOLD.parent, REGULAR.parent)


class Coverage:
    """The characters that a typeface has a shape for, read from its own table (OpenType `cmap`, format 12)."""

    def __init__(self, path: Path) -> None:
        groups = sorted(_groups(path.read_bytes()))
        self._starts = [start for start, _ in groups]
        self._ends = [end for _, end in groups]

    def __contains__(self, character: str) -> bool:
        place = bisect_right(self._starts, ord(character)) - 1
        return place >= 0 and ord(character) <= self._ends[place]

    def lacks(self, text: str) -> str:
        """Return the characters of a text that have no shape here, each once."""
        return "".join(dict.fromkeys(character for character in text if character not in self))


@lru_cache(maxsize=2)
def coverage(path: Path) -> Coverage:
    """Return the coverage of a typeface, read once."""
    return Coverage(path)


def _groups(font: bytes) -> list[tuple[int, int]]:
    tables = struct.unpack_from(">H", font, 4)[0]
    found = {font[12 + 16 * n : 16 + 16 * n]: struct.unpack_from(">I", font, 20 + 16 * n)[0] for n in range(tables)}
    start = found[b"cmap"]
    for n in range(struct.unpack_from(">H", font, start + 2)[0]):
        offset = start + struct.unpack_from(">I", font, start + 8 + 8 * n)[0]
        if struct.unpack_from(">H", font, offset)[0] == 12:
            count = struct.unpack_from(">I", font, offset + 12)[0]
            numbers = struct.unpack_from(f">{3 * count}I", font, offset + 16)
            return list(zip(numbers[::3], numbers[1::3], strict=True))
    raise ValueError("the typeface has no table of format 12")
