"""A print job: any number of codes into one PDF, in bounded memory; or one of them into a picture.

The words of one chunk are set on a thread (typst lets go of the interpreter) while the symbols of the next are worked
out here: two cores busy in one process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import chain, islice
from typing import IO, Final, Literal

from chengxin.press import qr, typeset
from chengxin.press.bind import Binder, Layout
from chengxin.press.carriers import Carrier
from chengxin.press.paper import Issuer, NotPrintable, Print
from chengxin.press.typeset import Ready

CHUNK: Final = 48
"""Pieces set at once: fewer make the file longer (typefaces are cut for each chunk), more keep more in memory."""
POINTS: Final = 72 / 25.4
"""Of a millimetre."""

Refusal = Callable[[Print, str], None]


def bind(
    file: IO[bytes],
    carrier: Carrier,
    prints: Iterable[Print],
    *,
    issuer: Issuer,
    at: datetime,
    refused: Refusal,
    progress: Callable[[int], None] = lambda count: None,
) -> int:
    """Write one PDF with all the prints that can be printed, and return how many those were.

    The others are told to `refused` with the reason, and stop nobody. Where nothing can be printed nothing is written.
    `progress` hears how many are done, after each chunk.

    :raises NotPrintable: the words that all pieces share have a character without a shape.
    """
    fit = _ready(carrier, prints, refused)
    first = list(islice(fit, 2))
    if not first:
        return 0
    shared = len(first) > 1
    press = _Press(file, carrier, issuer=issuer, at=at, shared=shared)
    done = 0
    waiting: deque[list[Ready]] = deque()
    with ThreadPoolExecutor(1, "typesetter") as typesetter:
        setting: deque[Future[bytes]] = deque()
        for pieces in _chunks(chain(first, fit), max(CHUNK - CHUNK % carrier.many, carrier.many)):
            setting.append(typesetter.submit(press.set, pieces))
            waiting.append(pieces)
            if len(waiting) > 1:
                done += press.bind(setting.popleft().result(), waiting.popleft())
                progress(done)
        while waiting:
            done += press.bind(setting.popleft().result(), waiting.popleft())
            progress(done)
    press.close()
    return done


def picture(
    carrier: Carrier,
    one: Print,
    *,
    issuer: Issuer,
    at: datetime,
    format: Literal["svg", "png"],  # noqa: A002 — typst's word
    ppi: float | None = None,
) -> bytes:
    """Return one print as an SVG or a PNG, of so many pixels an inch where not the carrier's own.

    :raises NotPrintable: its code is too dense for the carrier, or a text has a character without a shape.
    """
    return typeset.picture(carrier, typeset.ready(carrier, one), issuer=issuer, at=at, format=format, ppi=ppi)


def _ready(carrier: Carrier, prints: Iterable[Print], refused: Refusal) -> Iterator[Ready]:
    for one in prints:
        try:
            fit = typeset.ready(carrier, one)
        except NotPrintable as reason:
            refused(one, str(reason))
        else:
            yield fit


def _chunks(pieces: Iterator[Ready], size: int) -> Iterator[list[Ready]]:
    while chunk := list(islice(pieces, size)):
        yield chunk


class _Press:
    """One job on its way into one file."""

    def __init__(self, file: IO[bytes], carrier: Carrier, *, issuer: Issuer, at: datetime, shared: bool) -> None:
        self._carrier = carrier
        self._issuer = issuer
        self._at = at
        self._shared = shared
        self._places = carrier.places(shared=shared)
        self._high = carrier.sheet(shared=shared)[1] * POINTS
        self._binder = Binder(file, title=f"诚信码 {carrier.label}", at=at)
        self._grounds: dict[int, int] = {}

    def set(self, pieces: list[Ready]) -> bytes:
        return typeset.words(self._carrier, pieces, issuer=self._issuer, at=self._at, shared=self._shared)

    def bind(self, words: bytes, pieces: list[Ready]) -> int:
        each = len(self._places)
        sheets = [pieces[start : start + each] for start in range(0, len(pieces), each)]
        self._binder.add(
            words,
            ground=[self._ground(len(sheet)) for sheet in sheets],
            drawn=[self._symbols(sheet) for sheet in sheets],
            layout=self._layout(),
        )
        return len(pieces)

    def close(self) -> None:
        self._binder.close()

    def _ground(self, pieces: int) -> int:
        if pieces not in self._grounds:
            page = typeset.ground(self._carrier, issuer=self._issuer, at=self._at, shared=self._shared, pieces=pieces)
            self._grounds[pieces] = self._binder.form(page)
        return self._grounds[pieces]

    def _symbols(self, sheet: list[Ready]) -> bytes:
        return b"".join(self._symbol(piece, at) for piece, at in zip(sheet, self._places, strict=False))

    def _symbol(self, piece: Ready, at: tuple[float, float]) -> bytes:
        """Return the modules as rectangles of one path, a unit each, in pure black (0 g: no other ink)."""
        quiet = self._carrier.quiet
        path = " ".join([f"{across} {down} {many} 1 re" for across, down, many in qr.runs(piece.rows)])
        drawn = []
        for left, top, side, turned in self._carrier.spots:
            module = side / (len(piece.rows) + 2 * quiet) * POINTS
            within = side * POINTS - quiet * module if turned else quiet * module
            x, y = (at[0] + left) * POINTS + within, self._high - (at[1] + top) * POINTS - within
            wide = -module if turned else module
            drawn.append(f"q {wide:.6f} 0 0 {-wide:.6f} {x:.4f} {y:.4f} cm 0 g {path} f Q\n")
        return "".join(drawn).encode()

    def _layout(self) -> Layout:
        wide, high = (length * POINTS for length in self._carrier.sheet(shared=self._shared))
        if self._shared or not self._carrier.bleed:
            return Layout((0, 0, wide, high), (0, 0, wide, high))
        (left, top), bleed = self._places[0], self._carrier.bleed
        width, height = self._carrier.width, self._carrier.height
        trim = (left * POINTS, high - (top + height) * POINTS, (left + width) * POINTS, high - top * POINTS)
        over = bleed * POINTS
        return Layout(trim, (trim[0] - over, trim[1] - over, trim[2] + over, trim[3] + over))
