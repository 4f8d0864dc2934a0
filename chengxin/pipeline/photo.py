"""QR codes in a photograph: of a poster on a door, dim, tilted, scratched. No Django; the picture may be hostile."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import zxingcpp
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
BYTES_LIMIT: Final = 64_000_000
PIXELS_LIMIT: Final = 51_000_000
"""A phone of fifty megapixels is read; one grey byte a pixel is kept."""
QR: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
TOO_LARGE: Final = "图片超过五千万像素：请缩小后再试"
SIDES: Final = (2400, 1200, 600)
"""Longer sides to which a picture is made smaller: what is blurred, or printed in dots, is often read only then."""


class NoCode(Exception):
    """No code could be read from a file; the message is one sentence that says what to do."""


def codes(path: Path) -> list[str]:
    """Return the texts of the QR codes in a picture, each once, in the order of reading.

    :raises NoCode: it is no picture that we read, is too large, or shows no code.
    :raises OSError: the file cannot be read.
    """
    picture = _grey(path)
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
    if not found:
        raise NoCode("图片里没有读到二维码：请把码拍满画面、拍正、避开反光，再试一次")
    return list(found)


def _grey(path: Path) -> Image.Image:
    if path.stat().st_size > BYTES_LIMIT:
        raise NoCode(f"图片超过 {BYTES_LIMIT // 1_000_000} MB：请换一张小一些的")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of a picture that unpacks to far more than it weighs
            with Image.open(path, formats=FORMATS) as picture:
                if picture.width * picture.height > PIXELS_LIMIT:
                    raise NoCode(TOO_LARGE)
                # However the camera was held: codes are read in every direction, and from the back, so the note of the
                # turn (EXIF) is not even looked at.
                return _on_white(picture)
    except UnidentifiedImageError:
        raise NoCode("这个文件不是 JPEG、PNG 或 WebP 图片：请另存为其中一种") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoCode(TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError, Warning) as trouble:
        if isinstance(trouble, OSError) and trouble.errno is not None:
            raise
        raise NoCode("图片已损坏，读不出来：请重新拍一张") from None


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture in grey; what is transparent is paper."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("L")
    clear = picture.convert("RGBA")
    paper = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(paper, clear).convert("L")


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
