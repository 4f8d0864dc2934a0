"""Only the pixels of a logo survive."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chengxin.credit.publishing import logo
from chengxin.people.trail import Refused


def png(width=64, height=64, colour=(200, 30, 40, 255), **options):
    kept = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(kept, "PNG", **options)
    return kept.getvalue()


def jpeg():
    kept = io.BytesIO()
    Image.new("RGB", (64, 64)).save(kept, "JPEG")
    return kept.getvalue()


def claiming(width, height):
    # A header that promises more pixels than the file holds, as a decompression bomb does.
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = b"IHDR" + header
    chunk = struct.pack(">I", len(header)) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + png()[33:]


def noise(side):
    kept = io.BytesIO()
    Image.effect_noise((side, side), 90).save(kept, "PNG")
    return kept.getvalue()


def test_a_logo_keeps_its_colours():
    with Image.open(io.BytesIO(logo.clean(png()))) as kept:
        assert (kept.format, kept.size, kept.getpixel((5, 5))) == ("PNG", (64, 64), (200, 30, 40, 255))


def test_a_large_logo_is_made_smaller_in_its_proportions():
    with Image.open(io.BytesIO(logo.clean(png(2000, 1000)))) as kept:
        assert kept.size == (512, 256)


def test_nothing_but_pixels_survives():
    note = PngInfo()
    note.add_text("Comment", "<script>alert(1)</script>")

    kept = logo.clean(png(pnginfo=note) + b"<?php trailing ?>")

    assert b"script" not in kept and b"php" not in kept


def test_what_is_kept_fits_the_board():
    assert len(logo.clean(noise(430))) <= logo.UPLOAD_LIMIT


@pytest.mark.parametrize(
    "upload, sentence",
    [
        (b"", "不是 PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "不是 PNG"),
        (jpeg(), "不是 PNG"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "PNG|损坏"),
        (png(300, 300, compress_level=0)[:100_000], "不能超过|损坏"),
        (png(100, 100, compress_level=0)[:20_000], "损坏"),
        (b"\x00" * 300_000, "不能超过 200 KB"),
        (claiming(100_000, 100_000), "像素太多"),
        (claiming(5_000, 5_000), "像素太多"),
    ],
    ids=["empty", "SVG", "JPEG", "only a signature", "cut off and large", "cut off", "too long", "bomb", "small bomb"],
)
def test_what_is_no_logo_is_refused_in_one_sentence(upload, sentence):
    with pytest.raises(Refused, match=sentence):
        logo.clean(upload)
