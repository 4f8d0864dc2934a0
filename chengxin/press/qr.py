"""QR codes drawn for eyes and phones, from the modules that zxing-cpp works out: terminal, SVG, PNG. Pure."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any, Final

import zxingcpp
from PIL import Image

QUIET: Final = 4
"""Empty modules on every side (GB/T 18284: four)."""

# Black on white by number, whatever the theme: a code in the colours of a dark theme is a negative, and many phones
# do not read one. 16 and 231 are fixed in the palette of 256; the first sixteen are the theme's own.
_ON: Final = "\x1b[38;5;16;48;5;231m"
_OFF: Final = "\x1b[0m"
# Of two modules one above the other, dark or light, the character that draws them in one cell.
_DARK: Final = re.compile(b"\x01+")
_AS_MODULES: Final = bytes(value < 128 for value in range(256))  # of pixels: dark is little light
_AS_PIXELS: Final = bytes(255 if value == 0 else 0 for value in range(256))
_HALVES: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def grid(text: str, *, level: str) -> list[bytes]:
    """Return the modules of a text's QR code row by row, a byte each, 1 for a dark one, without the quiet zone.

    :raises ValueError: the text is longer than any QR code.
    """
    try:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except Exception as error:  # zxing-cpp raises what its C++ side threw, of no common kind
        raise ValueError(f"{len(text)} 个字符放不进一个二维码") from error
    # An image gives its bytes as a buffer, which its stubs do not say.
    drawn: Any = code.to_image(scale=1, add_quiet_zones=False)
    image = memoryview(drawn)
    size = image.shape[0] if image.shape else 0
    flat = image.tobytes().translate(_AS_MODULES)
    return [flat[start : start + size] for start in range(0, size * size, size)]


def fitted(text: str, *, levels: Sequence[str], most: int) -> list[bytes]:
    """Return the grid at the first of these levels that has no more than `most` modules a side, else at the last.

    :raises ValueError: the text is longer than any QR code.
    """
    for level in levels[:-1]:
        if len(rows := grid(text, level=level)) <= most:
            return rows
    return grid(text, level=levels[-1])


def modules(text: str, *, level: str = "M") -> list[list[bool]]:
    """Return the same as true and false.

    :raises ValueError: the text is longer than any QR code.
    """
    return [[module == 1 for module in row] for row in grid(text, level=level)]


def terminal(text: str, *, level: str = "L", colour: bool = True) -> str:
    """Return a QR code drawn with half blocks, two modules a cell, quiet zone included.

    Without `colour` (output that is no terminal) dark modules are the ink: right on paper and in a log.

    :raises ValueError: the text is longer than any QR code.
    """
    inner = modules(text, level=level)
    width = len(inner) + 2 * QUIET
    blank = [False] * width
    side = [False] * QUIET
    rows = [blank] * QUIET + [[*side, *row, *side] for row in inner] + [blank] * QUIET
    if len(rows) % 2:
        rows.append(blank)
    lines = (
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )
    return "\n".join(f"{_ON}{line}{_OFF}" if colour else line for line in lines)


def runs(rows: Sequence[bytes]) -> list[tuple[int, int, int]]:
    """Return each run of dark modules in a row: across, down, how many."""
    # Eight hundred a symbol, thousands of symbols a job: spelled out, this takes two thirds of a generator's time.
    return [
        (start, y, end - start)
        for y, row in enumerate(rows)
        for start, end in [run.span() for run in _DARK.finditer(row)]
    ]


def svg(rows: Sequence[bytes], *, quiet: int = QUIET, ink: str = "#000000") -> str:
    """Return modules as an SVG, a unit each, quiet zone included. It has no ground of its own.

    All of them are one path, filled at once: rectangles filled one by one leave hairs of white between the rows.
    """
    across = len(rows) + 2 * quiet
    path = "".join(f"M{x} {y}h{many}v1H{x}z" for x, y, many in runs(rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-quiet} {-quiet} {across} {across}">'
        f'<path fill="{ink}" d="{path}"/></svg>'
    )


def png(rows: Sequence[bytes], *, scale: int = 8) -> bytes:
    """Return modules as a PNG in black and white, so many pixels each, quiet zone included."""
    side = bytes([255]) * QUIET
    across = len(rows) + 2 * QUIET
    blank = bytes([255]) * across * QUIET
    flat = blank + b"".join(side + row.translate(_AS_PIXELS) + side for row in rows) + blank
    picture = Image.frombytes("L", (across, across), flat).convert("1")
    written = io.BytesIO()
    picture.resize((across * scale, across * scale), Image.Resampling.NEAREST).save(written, "PNG")
    return written.getvalue()
