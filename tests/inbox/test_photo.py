"""Only the pixels of a photo survive, and hostile files are refused with a reason."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from chengxin.inbox import photo
from chengxin.inbox.fakes import PHOTO_BYTES, PHOTO_SIDE
from chengxin.inbox.photo import Unusable, redraw


def packed(picture: Image.Image, kind: str, **how: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(1).randbytes(3 * width * height))


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture))


@pytest.mark.parametrize(
    ("kind", "how"),
    [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {})],
    ids=["JPEG", "progressive", "PNG", "WebP"],
)
def test_a_picture_comes_out_as_a_small_jpeg(kind: str, how: dict[str, Any]) -> None:
    drawn = redraw(packed(noise(2400, 1800), kind, **how))

    assert len(drawn) <= PHOTO_BYTES
    assert opened(drawn).format == "JPEG"
    assert max(opened(drawn).size) <= PHOTO_SIDE


def test_nothing_that_a_camera_writes_beside_the_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A maker of telephones"
    exif[0x8825] = {1: "N", 2: (47.0, 20.0, 0.0)}
    drawn = redraw(packed(noise(64, 48), "JPEG", exif=exif, comment=b"where I live", icc_profile=b"profile"))

    assert b"A maker" not in drawn and b"where I live" not in drawn and b"Exif" not in drawn
    assert set(opened(drawn).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)), (8, (0, 1))],
)
def test_a_picture_stands_as_the_camera_held_it(orientation: int, corner: tuple[int, int]) -> None:
    picture = Image.new("RGB", (80, 40), "white")
    picture.paste("black", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[photo.ORIENTATION] = orientation
    drawn = opened(redraw(packed(picture, "JPEG", exif=exif))).convert("L")

    across, down = drawn.size
    assert (across < down) == (orientation > 4)
    assert drawn.getpixel((4 + corner[0] * (across - 9), 4 + corner[1] * (down - 9))) < 60  # type: ignore[operator]


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_what_is_transparent_or_has_few_colours_is_drawn_as_well(mode: str) -> None:
    assert opened(redraw(packed(Image.new(mode, (30, 20)), "PNG"))).size == (30, 20)


def test_a_transparent_picture_gets_white_ground() -> None:
    drawn = opened(redraw(packed(Image.new("RGBA", (30, 20), (0, 0, 0, 0)), "PNG")))

    assert drawn.getpixel((5, 5)) == (255, 255, 255)


def test_a_large_photo_of_a_telephone_is_taken() -> None:
    drawn = redraw(packed(Image.new("RGB", (8064, 6048), "red"), "JPEG"))

    assert opened(drawn).size == (1600, 1200)


def test_a_film_behind_the_photo_does_no_harm() -> None:
    film = b"\xff\xda" * 5000  # as a telephone keeps it behind its JPEG, full of what looks like markers

    assert opened(redraw(packed(noise(64, 48), "JPEG") + film)).size == (64, 48)


def claimed_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def many_scans() -> bytes:
    jpeg = packed(noise(64, 48), "JPEG", progressive=True)
    start = jpeg.rindex(b"\xff\xda")
    return jpeg[:start] + jpeg[start:-2] * 40 + jpeg[-2:]


@pytest.mark.parametrize(
    ("upload", "why"),
    [
        (b"", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"%PDF-1.7", "no picture"),
        (packed(Image.new("RGB", (8, 8)), "GIF"), "no picture"),
        (packed(Image.new("RGB", (8, 8)), "TIFF"), "no picture"),
        (packed(Image.new("RGB", (8, 8)), "BMP"), "no picture"),
        (packed(noise(64, 48), "JPEG")[:900], "broken"),
        (packed(noise(64, 48), "PNG")[:-3000], "broken"),
        (claimed_png(6000, 6000), "too many pixels"),
        (claimed_png(60000, 60000), "too many pixels"),
        (claimed_png(10, 10), "broken"),
        (packed(Image.new("RGB", (12000, 9000)), "JPEG"), "too many pixels"),
        (packed(Image.new("RGB", (7000, 5000)), "JPEG", progressive=True), "too many pixels"),
        (many_scans(), "broken"),
    ],
    ids=[
        "nothing",
        "SVG",
        "PDF",
        "GIF",
        "TIFF",
        "BMP",
        "half a JPEG",
        "half a PNG",
        "36 megapixels of PNG",
        "3,600 megapixels",
        "no pixels",
        "108 megapixels",
        "progressive, 35 megapixels",
        "endless passes",
    ],
)
def test_what_is_no_usable_photo_is_refused_with_its_reason(upload: bytes, why: str) -> None:
    with pytest.raises(Unusable) as refused:
        redraw(upload)

    assert refused.value.why == why


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow says so of a broken EXIF, and reads on
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_gone_wrong_is_drawn_or_refused_and_nothing_else(kind: str) -> None:
    dice = random.Random(7)
    exif = Image.Exif()
    exif[photo.ORIENTATION] = 6
    whole = packed(noise(40, 30), kind, exif=exif)
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 5)):
            broken[dice.randrange(dice.choice((80, 400, len(broken))))] = dice.randrange(256)
        with contextlib.suppress(Unusable):
            assert opened(redraw(bytes(broken))).format == "JPEG"
