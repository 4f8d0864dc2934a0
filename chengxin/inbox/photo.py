"""A photo that somebody hands in: only its pixels are kept. What a camera writes beside them (EXIF: place, time, device)
and whatever else a file can carry stays behind.
"""

from __future__ import annotations

import io
import re
import struct
from typing import Final, Literal

from PIL import Image, UnidentifiedImageError
from PIL.Image import Transpose
from PIL.JpegImagePlugin import JpegImageFile

from chengxin.inbox.fakes import PHOTO_BYTES, PHOTO_SIDE

FORMATS: Final = ("JPEG", "PNG", "WEBP")
PIXELS: Final = 30_000_000
"""Of a picture that has to be unpacked whole: a hundred megabytes."""
PIXELS_IN_STRIPES: Final = 89_000_000
"""Of an ordinary JPEG, which is read line by line and smaller than it is. From there on Pillow itself warns."""
SCANS: Final = 16
"""Passes of a progressive JPEG. Cameras make ten; thousands of empty ones in a small file would take hours to read."""
SHRINKING: Final = ((1, 82), (1, 65), (0.75, 65), (0.5, 60))
"""How a picture is made to fit: parts of the longest side, and the quality of JPEG."""
ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""EXIF's orientation → what makes the picture stand upright."""
MARKER: Final = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
"""A marker of JPEG; between two lies packed data, in which 0xFF is written otherwise."""
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9

Why = Literal["no picture", "too many pixels", "broken"]


class Unusable(Exception):
    """What was handed in cannot be used as a photo; `why` says the reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


def redraw(upload: bytes, *, side: int = PHOTO_SIDE, most: int = PHOTO_BYTES) -> bytes:
    """Return a picture drawn anew as a JPEG of at most so many pixels a side and so many bytes.

    :raises Unusable: it is no JPEG, PNG or WebP, has too many pixels, or is broken.
    """
    try:
        with Image.open(io.BytesIO(upload), formats=FORMATS) as picture:
            return packed(_drawn(picture, upload, side), side=side, most=most)
    except UnidentifiedImageError as error:
        raise Unusable("no picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise Unusable("too many pixels") from error
    # What a broken picture makes Pillow raise is not documented; these were seen.
    except (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, struct.error) as error:
        raise Unusable("broken") from error


def _drawn(picture: Image.Image, upload: bytes, side: int) -> Image.Image:
    """Return the pixels of a picture, upright and on a fresh sheet: a transparent one gets white ground."""
    is_jpeg = isinstance(picture, JpegImageFile)
    in_stripes = is_jpeg and not picture.info.get("progressive")
    if picture.width * picture.height > (PIXELS_IN_STRIPES if in_stripes else PIXELS):
        raise Unusable("too many pixels")
    if is_jpeg and _scans(upload) > SCANS:
        raise Unusable("broken")
    turn = TURNS.get(picture.getexif().get(ORIENTATION, 1))
    whole = picture if is_jpeg else picture.convert("RGBA")
    whole.thumbnail((side, side), reducing_gap=2.0)  # a JPEG is not even read larger than that needs
    sheet = Image.new("RGB", whole.size, "white")
    sheet.paste(whole.convert("RGB"), mask=None if is_jpeg else whole)
    return sheet if turn is None else sheet.transpose(turn)


def _scans(jpeg: bytes) -> int:
    """Return how many scans the first picture in a JPEG has; after it a telephone may keep a film."""
    count, place = 0, 2
    while found := MARKER.search(jpeg, place):
        kind, place = found[1][0], found.end()
        if kind == END_OF_IMAGE:
            break
        count += kind == START_OF_SCAN
        place += int.from_bytes(jpeg[place : place + 2])  # the length of the marker's own segment
    return count


def packed(drawn: Image.Image, *, side: int, most: int) -> bytes:
    """Return a drawn picture as a JPEG of at most so many pixels a side, the quality lowered until it fits."""
    for part, quality in SHRINKING:
        drawn.thumbnail((int(side * part), int(side * part)))
        kept = io.BytesIO()
        drawn.save(kept, "JPEG", quality=quality, optimize=True)
        if kept.tell() <= most:
            break
    return kept.getvalue()
