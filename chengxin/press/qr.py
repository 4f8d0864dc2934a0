"""QR codes drawn for eyes and phones: on a terminal, from the modules that zxing-cpp works out."""

from __future__ import annotations

from typing import Any, Final

import zxingcpp

QUIET: Final = 4
"""Empty modules on every side (GB/T 18284: four)."""

# Black on white by number, whatever the theme: a code in the colours of a dark theme is a negative, and many phones
# do not read one. 16 and 231 are fixed in the palette of 256; the first sixteen are the theme's own.
_ON: Final = "\x1b[38;5;16;48;5;231m"
_OFF: Final = "\x1b[0m"
# Of two modules one above the other, dark or light, the character that draws them in one cell.
_HALVES: Final = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def modules(text: str, *, level: str = "M") -> list[list[bool]]:
    """Return the modules of a text's QR code row by row, dark ones true, without the quiet zone.

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
    flat = image.tobytes()
    return [[value == 0 for value in flat[start : start + size]] for start in range(0, size * size, size)]


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
