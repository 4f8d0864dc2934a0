"""The papers and photos of the demo: drawn, and each says on itself that it is none."""

from __future__ import annotations

import io
from functools import cache
from importlib import resources
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from chengxin.portals.shared.proofs import Cleaned
from chengxin.press import qr

SIZE: Final = (1200, 850)
PAPER, INK, WALL, DOOR = "#fbfaf5", "#1d2733", "#a39a8c", "#5b4636"


def paper(title: str, lines: tuple[str, ...]) -> Cleaned:
    """Return a paper with a title and some lines, as a photo of one."""
    picture = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 30, SIZE[0] - 30, SIZE[1] - 30), outline=INK, width=4)
    draw.text((SIZE[0] // 2, 140), title, font=_font(64), fill=INK, anchor="mm")
    for place, line in enumerate((*lines, "演示材料，不是真的证件")):
        draw.text((110, 280 + 90 * place), line, font=_font(40), fill=INK, anchor="lm")
    return Cleaned(f"{title}.jpg", (_jpeg(picture),))


def shown(content: str) -> Cleaned:
    """Return a photo of a code as it hangs at a door."""
    picture = Image.new("RGB", SIZE, WALL)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((700, 60, 1120, SIZE[1]), fill=DOOR)
    draw.rectangle((130, 130, 610, 700), fill="#ffffff")
    draw.text((370, 650), "诚信码（演示）", font=_font(40), fill=INK, anchor="mm")
    symbol = Image.open(io.BytesIO(qr.png(qr.grid(content, level="M"), scale=8))).convert("RGB")
    symbol.thumbnail((440, 440), Image.Resampling.LANCZOS)
    picture.paste(symbol, (370 - symbol.width // 2, 380 - symbol.height // 2))
    return Cleaned("门口的码.jpg", (_jpeg(picture),))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    typeface = resources.files("chengxin.press").joinpath("fonts", "NotoSansSC-Bold.ttf").read_bytes()
    return ImageFont.truetype(io.BytesIO(typeface), size)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
