"""QR codes read in a picture of the street: dim, tilted, scratched. What is blurred, or printed in dots, is often read only
when it is made smaller; the rest is tried where the plain picture says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import zxingcpp
from PIL import Image, ImageFilter, ImageOps

QR: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
SIDES: Final = (2400, 1200, 600)
"""Longer sides to which a picture is made smaller: what is blurred, or printed in dots, is often read only then."""


def codes(picture: Image.Image) -> list[str]:
    """Return the texts of the QR codes in a picture in grey, each once, in the order of reading."""
    found: dict[str, None] = {}
    for size in _sizes(picture):
        found |= dict.fromkeys(_read(size))
    if not found:
        # Only where the plain picture says nothing: each of these costs as much again. The small ones are tried first.
        for size in reversed(list(_sizes(picture))):
            for helped in _helped(size):
                found |= dict.fromkeys(_read(helped))
            if found:
                break
    return list(found)


def _sizes(picture: Image.Image) -> Iterator[Image.Image]:
    yield picture
    for side in SIDES:
        if max(picture.size) > side * 1.2:
            smaller = picture.copy()
            smaller.thumbnail((side, side), Image.Resampling.BOX)
            yield smaller


def _helped(picture: Image.Image) -> Iterator[Image.Image]:
    even = ImageOps.autocontrast(picture, cutoff=2)
    yield even
    if max(picture.size) > 1.2 * SIDES[0]:
        return  # of fifty megapixels each of the rest takes seconds
    yield even.filter(ImageFilter.UnsharpMask(radius=3, percent=250, threshold=0))
    yield even.filter(ImageFilter.MedianFilter(3))
    yield even.filter(ImageFilter.GaussianBlur(1.5))
    if max(picture.size) < 1000:
        yield even.resize((picture.width * 3, picture.height * 3), Image.Resampling.BICUBIC)


def _read(picture: Image.Image) -> Iterator[str]:
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        for code in zxingcpp.read_barcodes(picture, formats=QR, binarizer=binarizer):
            if code.valid:
                yield code.text
