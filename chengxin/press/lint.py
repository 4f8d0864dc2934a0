"""Carrier lint: the finished piece, as a phone sees it, damaged as the street damages it, read by two decoders.

A piece is set and bound as for the printer, drawn by pdfium at the resolution of a phone at the distance the carrier is
scanned from, and damaged as `damages.toml` says; the same every time. zxing-cpp and OpenCV each try to read it, frame
after frame, as a phone does. It passes if both read it undamaged, and at least one whatever was done to it: OpenCV's
finder alone misses one frame in some dozens that a phone reads at once. See ADR 0032.

How well a symbol reads depends on how many modules it has, hardly on which are dark: so it is not this code that is tried
but a pattern of its length, the same for all codes of an address. Nobody's carrier comes and goes with his serial, and a
reading, once worked out (in a tenth of a second to half a second), holds for all of them as long as the process lives.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import pypdfium2
import zxingcpp
from numpy.typing import NDArray

from chengxin.press import job, typeset
from chengxin.press.carriers import REACHES, Carrier, Spot, why_not
from chengxin.press.paper import Issuer, NotPrintable, Print

Picture = NDArray[np.uint8]
"""Grey, rows of pixels."""


class Symbol(NamedTuple):
    """Where the symbol stands in a picture, in pixels: from the left, from the top, its side with the quiet zone; a module."""

    left: float
    top: float
    side: float
    module: float


FILE: Final = Path(__file__).parent / "damages.toml"
DECODERS: Final = ("zxing-cpp", "OpenCV")
UNDAMAGED: Final = "none"
GREY: Final = 140
"""What lies behind a piece that is seen askew."""
ALPHABET: Final = "0K5V3X8MZ2R7YWDQ1T9HB4NPJ6SAECFG"
"""Crockford's letters, mixed: a pattern of them is as irregular as a code."""
FURTHER: Final = 1.1
LARGER: Final = 1.25
"""How much larger a symbol that does not read should be made, to begin with."""
AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLE: Final = Print(
    "", "样例市样例区松岭里餐饮服务有限公司", "91 230402 MA1CTE575 Q", "0000-0C1S", "店门口（样例店）", "样A·12345"
)
ISSUER: Final = Issuer("样例市信用办", "credit.example.gov.cn", "2026年1月1日", (("便民热线", "12345"),))


@dataclass(frozen=True)
class Lint:
    """How a carrier with a symbol of so many modules a side was read."""

    carrier: str
    modules: int
    readings: Mapping[str, tuple[str, ...]]
    """Damage → the decoders that read it; nothing where the print rules refuse the carrier anyway."""
    why: str | None
    """Why it is not offered and what to do instead, in one sentence; nothing if it passes."""

    @property
    def passes(self) -> bool:
        """Tell whether the carrier may be offered."""
        return self.why is None


def lint(carrier: Carrier, content: str) -> Lint:
    """Return how a carrier reads with codes like this one."""
    return _lint(carrier, pattern(content))


@lru_cache(maxsize=256)
def _lint(carrier: Carrier, content: str) -> Lint:
    try:
        modules = len(typeset.symbol(carrier, content))
    except ValueError as error:
        return Lint(carrier.name, 0, {}, f"{error}：请改用短码，或缩短网址（CODE_URL）。")
    if reason := why_not(carrier, modules=modules):
        return Lint(carrier.name, modules, {}, reason)
    readings = tried(carrier, content)
    return Lint(carrier.name, modules, readings, _fault(carrier, readings))


def pattern(content: str) -> str:
    """Return a code of the same address and length that is nobody's."""
    address, slash, rest = content.rpartition("/")
    return address + slash + (ALPHABET * (len(rest) // len(ALPHABET) + 1))[: len(rest)]


def _fault(carrier: Carrier, readings: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return what a reading lacks and what to do, or nothing if it passes."""
    faults = [
        f"{DAMAGES[name]['label']}时只有 {by[0]} 读得出" if by else f"{DAMAGES[name]['label']}时读不出"
        for name, by in readings.items()
        if len(by) < (len(DECODERS) if name == UNDAMAGED else 1)
    ]
    if not faults:
        return None
    side = carrier.spots[0].side * LARGER
    return f"{carrier.label}试读没有通过（{'、'.join(faults)}）：请把二维码印成 {side:.0f} 毫米以上，或者换一种载体。"


def farthest(carrier: Carrier, content: str) -> int:
    """Return from how far (cm) a piece is still read undamaged by a decoder, frame after frame, a tenth further each time."""
    with _ONE_AT_A_TIME:
        said, reach = pattern(content), REACHES[carrier.reach].distance * 10
        pdf = _piece(carrier, said)
        # Whoever is so near that the symbol would more than fill the view has stepped back already.
        near: float = max(reach, CAMERA["pixels"] * carrier.spots[-1].side / CAMERA["most"])
        while any(
            _reads(decoder, _frame(carrier, pdf, reach / (near * FURTHER) * scale, 1)[0], said)
            for scale in CAMERA["tries"]
            for decoder in DECODERS
        ):
            near *= FURTHER
        return round(near / 10)


# ---- Trying ------------------------------------------------------------------------------------------------------


def tried(carrier: Carrier, content: str) -> Mapping[str, tuple[str, ...]]:
    """Return which decoders read a piece with a code, by what was done to it."""
    with _ONE_AT_A_TIME:  # pdfium knows no threads, and a page that offers ten carriers needs no more than one core
        pdf = _piece(carrier, content)
        modules = len(typeset.symbol(carrier, content))
        frames = [_frame(carrier, pdf, scale, modules) for scale in CAMERA["tries"]]
        return {
            name: tuple(decoder for decoder in DECODERS if any(_reads(decoder, spoilt, content) for spoilt in spoilts))
            for name in (UNDAMAGED, *carrier.suffers)
            for spoilts in [_Spoilt(name, frames)]
        }


_ONE_AT_A_TIME = Lock()


class _Spoilt:
    """Frames, damaged when they are first looked at."""

    def __init__(self, name: str, frames: list[tuple[Picture, Symbol]]) -> None:
        self._name = name
        self._frames = frames
        self._done: list[Picture] = []

    def __iter__(self) -> Iterator[Picture]:
        for number, (picture, symbol) in enumerate(self._frames):
            if number == len(self._done):
                said = {word: value for word, value in DAMAGES[self._name].items() if word != "label"}
                self._done.append(SPOILS[self._name](picture, symbol, **said))
            yield self._done[number]


def _piece(carrier: Carrier, content: str) -> bytes:
    def refuse(_one: Print, reason: str) -> None:
        raise NotPrintable(reason)

    written = io.BytesIO()
    one = Print(content, SAMPLE.name, SAMPLE.code, SAMPLE.serial, SAMPLE.place, SAMPLE.label)
    job.bind(written, carrier, [one], issuer=ISSUER, at=AT, refused=refuse)
    return written.getvalue()


def _frame(carrier: Carrier, pdf: bytes, scale: float, modules: int) -> tuple[Picture, Symbol]:
    """Return what a phone sees of a piece, and where in it the symbol is. Of several, it looks at the last.

    :param modules: of the symbol's side, without its quiet zone.
    """
    spot: Spot = carrier.spots[-1]
    ((left, top),) = carrier.places(shared=False)
    wide, high = carrier.sheet(shared=False)
    around = spot.side * CAMERA["around"]
    x, y = left + spot.left, top + spot.top
    edges = (
        max(0, x - around),
        max(0, y - around),
        min(wide, x + spot.side + around),
        min(high, y + spot.side + around),
    )
    # Pixels a millimetre: by the distance, but never so near that the symbol fills the view.
    near = min(CAMERA["pixels"] / (REACHES[carrier.reach].distance * 10), CAMERA["most"] / spot.side) * scale
    crop = (edges[0], high - edges[3], wide - edges[2], edges[1])  # from left, bottom, right, top: as pdfium asks
    with pypdfium2.PdfDocument(pdf) as document:
        drawn = document[0].render(
            scale=near * 25.4 / 72, crop=tuple(length * 72 / 25.4 for length in crop), grayscale=True
        )
        picture = drawn.to_numpy().reshape(drawn.height, -1)[:, : drawn.width].copy()
    side = spot.side * near
    return picture, Symbol((x - edges[0]) * near, (y - edges[1]) * near, side, side / (modules + 2 * carrier.quiet))


def _reads(decoder: str, picture: Picture, content: str) -> bool:
    return content in _READERS[decoder](picture)


def _zxing(picture: Picture) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=QR)]


def _opencv(picture: Picture) -> list[str]:
    """Return what OpenCV reads, by its first way of finding a code or by its second."""
    texts = []
    for finder in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        try:
            text, _, _ = finder.detectAndDecode(picture)
        except cv2.error:  # of a symbol that it found where none is
            continue
        texts.append(text)
        if text:
            break
    return texts


QR: Final = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_READERS: Final[Mapping[str, Callable[[Picture], list[str]]]] = {"zxing-cpp": _zxing, "OpenCV": _opencv}


# ---- What is done to it ------------------------------------------------------------------------------------------


def _none(picture: Picture, symbol: Symbol) -> Picture:
    return picture


def _spread(picture: Picture, symbol: Symbol, *, growth: float) -> Picture:
    """Return a picture whose dark modules are wider by this share of a module, or narrower."""
    by = abs(growth) / 2 * symbol.module
    reach, over = divmod(by, 1)
    seen = picture if growth > 0 else 255 - picture
    for kernel in (np.ones((1, 3), np.uint8), np.ones((3, 1), np.uint8)):
        for _ in range(int(reach)):
            seen = np.asarray(cv2.erode(seen, kernel), np.uint8)
        # What is left of a pixel: so much of the next one's.
        seen = np.asarray(cv2.addWeighted(seen, 1 - over, cv2.erode(seen, kernel), over, 0), np.uint8)
    return seen if growth > 0 else 255 - seen


def _kraft(picture: Picture, symbol: Symbol, *, paper: float, ink: float, fibre: float) -> Picture:
    """Return a picture on paper that gives back so much light, with its fibres; a camera writes light as sRGB does."""
    light = ink + (paper - ink) * _LIGHT[picture]
    seen = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    grain = cv2.GaussianBlur(np.random.default_rng(7).normal(0, 1, picture.shape), (0, 0), 1.0)
    return _light(seen + grain / grain.std() * fibre)


def _blur(picture: Picture, symbol: Symbol, *, sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _tilt(picture: Picture, symbol: Symbol, *, lean: float) -> Picture:
    high, wide = picture.shape
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    seen = np.array(
        [
            [wide * lean, high * lean * 0.6],
            [wide * (1 - lean * 0.2), 0],
            [wide, high],
            [0, high * (1 - lean * 0.3)],
        ],
        np.float32,
    )
    turned = cv2.getPerspectiveTransform(corners, seen)
    return np.asarray(cv2.warpPerspective(picture, turned, (wide, high), borderValue=GREY), np.uint8)


def _glare(picture: Picture, symbol: Symbol, *, spot: float) -> Picture:
    x, y, side, _ = symbol
    down, across = np.mgrid[: picture.shape[0], : picture.shape[1]]
    away = np.hypot((across - x - side * 0.62) / (side * spot * 1.3), (down - y - side * 0.42) / (side * spot * 0.8))
    veil, ink = np.clip(2.5 - 2 * away, 0, 1), picture * 0.85
    return _light(ink + (255 - ink) * veil)


def _scratches(picture: Picture, symbol: Symbol, *, wide: float, mud: float) -> Picture:
    x, y, side, _ = symbol
    scratched = picture.copy()
    thick = max(1, round(side * wide))

    def at(across: float, down: float) -> tuple[int, int]:
        return round(x + across * side), round(y + down * side)

    cv2.line(scratched, at(0, 0.35), at(1, 0.62), (255,), thick, cv2.LINE_AA)
    cv2.line(scratched, at(0.585, 0.5), at(0.45, 1), (90,), thick, cv2.LINE_AA)
    cv2.circle(scratched, at(0.59, 0.64), max(1, round(side * mud)), (70,), -1, cv2.LINE_AA)
    return scratched


def _dark(picture: Picture, symbol: Symbol, *, contrast: float, noise: float) -> Picture:
    lamp = np.linspace(1, 0.55, picture.shape[1])[None, :]
    grain = np.random.default_rng(7).normal(0, noise, picture.shape)
    return _light((20 + picture * contrast) * lamp + grain)


def _curve(picture: Picture, symbol: Symbol, *, degrees: float) -> Picture:
    x, _, side, _ = symbol
    radius, middle = side / np.radians(degrees), x + side / 2
    high, wide = picture.shape
    aside = np.clip((np.arange(wide) - middle) / radius, -0.999, 0.999)
    across = np.tile((middle + radius * np.arcsin(aside)).astype(np.float32), (high, 1))
    down = np.tile(np.arange(high, dtype=np.float32)[:, None], (1, wide))
    round_it = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderValue=GREY)
    return _light(round_it * (0.45 + 0.55 * np.sqrt(1 - aside**2))[None, :])


def _light(picture: NDArray[np.floating[Any]]) -> Picture:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


_STEPS: Final = np.arange(256) / 255
_LIGHT: Final = np.where(_STEPS <= 0.04045, _STEPS / 12.92, ((_STEPS + 0.055) / 1.055) ** 2.4)
"""How much light each grey is, from 0 to 1 (sRGB)."""
SPOILS: Final[Mapping[str, Callable[..., Picture]]] = {
    "none": _none,
    "swollen": _spread,
    "starved": _spread,
    "kraft": _kraft,
    "blur": _blur,
    "tilt": _tilt,
    "glare": _glare,
    "scratches": _scratches,
    "dark": _dark,
    "curve": _curve,
}
_SAID: Final = tomllib.loads(FILE.read_text("utf-8"))
CAMERA: Final[Mapping[str, Any]] = _SAID["camera"]
DAMAGES: Final[Mapping[str, dict[str, Any]]] = _SAID["damage"]
"""What is done to a piece, by name: how it is called, and how badly."""
