"""The city's logo: only its pixels are kept. Nothing else of an uploaded file reaches anybody."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, UnidentifiedImageError

from chengxin.people.trail import Refused

UPLOAD_LIMIT: Final = 200_000
"""Bytes of the upload, and of what we keep."""
SIDE: Final = 512
PIXELS_AT_MOST: Final = 16_000_000
"""A PNG of 200 KB can unpack to gigabytes; its header tells how many pixels it claims before any is unpacked."""


def clean(upload: bytes) -> bytes:
    """Return an uploaded PNG drawn anew, at most 512 × 512.

    :raises Refused: it is too large, no PNG, or broken; the message says which.
    """
    if len(upload) > UPLOAD_LIMIT:
        raise Refused("标志图片不能超过 200 KB，请缩小后再传。")
    try:
        with Image.open(io.BytesIO(upload), formats=["PNG"]) as picture:
            if picture.width * picture.height > PIXELS_AT_MOST:
                raise Image.DecompressionBombError
            drawn = picture.convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("标志图片的像素太多，请缩小到 512 × 512 以内再传。") from error
    except UnidentifiedImageError as error:
        raise Refused("标志图片不是 PNG 格式，请另存为 PNG 后再传。") from error
    # What a broken PNG makes Pillow raise is not documented; these were seen.
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused("标志图片已损坏，打不开，请换一个文件。") from error
    for side in (SIDE, SIDE // 2, SIDE // 4):
        drawn.thumbnail((side, side), Image.Resampling.LANCZOS)
        plain = Image.new("RGBA", drawn.size)
        plain.paste(drawn)  # onto a fresh sheet: the upload's text chunks, colour profile and EXIF stay behind
        kept = io.BytesIO()
        plain.save(kept, "PNG", optimize=True)
        if kept.tell() <= UPLOAD_LIMIT:
            break
    return kept.getvalue()
