"""QR codes in a photograph: of a poster on a door, dim, tilted, scratched. No Django; the picture may be hostile."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from chengxin.press import reading

FORMATS: Final = ("JPEG", "PNG", "WEBP")
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
BYTES_LIMIT: Final = 64_000_000
PIXELS_LIMIT: Final = 51_000_000
"""A phone of fifty megapixels is read; one grey byte a pixel is kept."""
TOO_LARGE: Final = "图片超过五千万像素：请缩小后再试"


class NoCode(Exception):
    """No code could be read from a file; the message is one sentence that says what to do."""


def codes(path: Path) -> list[str]:
    """Return the texts of the QR codes in a picture, each once, in the order of reading.

    :raises NoCode: it is no picture that we read, is too large, or shows no code.
    :raises OSError: the file cannot be read.
    """
    found = reading.codes(_grey(path))
    if not found:
        raise NoCode("图片里没有读到二维码：请把码拍满画面、拍正、避开反光，再试一次")
    return found


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
