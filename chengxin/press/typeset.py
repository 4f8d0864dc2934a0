"""Typesetting: words in, pages out. The compilers are kept warm, the typefaces are read once. See ADR 0015."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal, cast

import typst

from chengxin.press import qr
from chengxin.press.carriers import DENSEST, Carrier, why_not
from chengxin.press.fonts import FOLDERS
from chengxin.press.paper import Issuer, NotPrintable, Print, breakable, is_bold, legible, wide

TEMPLATES: Final = Path(__file__).parent / "templates"
STANDARD: Final = "a-2u"
"""PDF/A-2u: every typeface within, every letter told as Unicode; what has no shape is refused, not printed as a box."""

Format = Literal["pdf", "svg", "png"]
FACE: Final = (
    "width", "height", "bleed", "art", "scale", "units", "folds", "symbol", "mono", "where",
    "size", "pad", "band", "say", "big", "facts", "hotlines", "frame",
)  # fmt: skip
"""What of a carrier its template is told."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A print that can be set: its words checked, its symbol worked out."""

    rows: list[bytes]
    words: dict[str, object]


def symbol(carrier: Carrier, content: str) -> list[bytes]:
    """Return the modules of a code as a carrier has it, row by row.

    :raises ValueError: the content is longer than any QR code.
    """
    return qr.fitted(content, levels=carrier.levels, most=DENSEST)


def ready(carrier: Carrier, one: Print) -> Ready:
    """Return a print ready to be set on a carrier.

    :raises NotPrintable: its code is too dense for the carrier, or a text has a character without a shape.
    """
    try:
        rows = symbol(carrier, one.content)
    except ValueError as error:
        raise NotPrintable(f"{error}：请改用短码，或缩短网址（CODE_URL）。") from error
    if reason := why_not(carrier, modules=len(rows)):
        raise NotPrintable(reason)
    name = legible(one.name, what="名称")
    if (long := wide(name)) > carrier.room:
        raise NotPrintable(
            f"名称有 {long:.0f} 个字宽，{carrier.label}上印得清的最多 {carrier.room} 个：请改用大一些的载体。"
        )
    words = {
        "name": breakable(name),
        "bold": is_bold(name),
        "code": one.code,
        "serial": one.serial,
        "place": breakable(legible(one.place, what="放置处")),
        "label": breakable(legible(one.label, what="标识")) if one.label else "",
    }
    return Ready(rows, words)


def ground(carrier: Carrier, *, issuer: Issuer, at: datetime, shared: bool, pieces: int) -> bytes:
    """Return a PDF page with what so many pieces on one sheet have in common."""
    prints: list[dict[str, object]] = [{}] * pieces
    return _compiled(carrier, _job(carrier, prints, issuer, shared=shared, ground=True), "pdf", at)


def words(carrier: Carrier, prints: Sequence[Ready], *, issuer: Issuer, at: datetime, shared: bool) -> bytes:
    """Return PDF pages with what each of these pieces says of its own, without their symbols."""
    said = [one.words for one in prints]
    return _compiled(carrier, _job(carrier, said, issuer, shared=shared, words=True), "pdf", at)


def picture(
    carrier: Carrier,
    one: Ready,
    *,
    issuer: Issuer,
    at: datetime,
    format: Literal["svg", "png"],  # noqa: A002 — typst's own word
    ppi: float | None = None,
) -> bytes:
    """Return a whole piece as a picture; letters are outlines there, so it looks the same everywhere."""
    said = one.words | {"symbol": qr.svg(one.rows, quiet=carrier.quiet, ink=carrier.ink)}
    return _compiled(carrier, _job(carrier, [said], issuer, shared=False, ground=True, words=True), format, at, ppi)


def _job(
    carrier: Carrier,
    prints: Sequence[dict[str, object]],
    issuer: Issuer,
    *,
    shared: bool,
    ground: bool = False,
    words: bool = False,
) -> dict[str, object]:
    return {
        "carrier": {word: getattr(carrier, word) for word in FACE},
        "sheet": carrier.sheet(shared=shared),
        "places": carrier.places(shared=shared),
        "ground": ground,
        "words": words,
        "issuer": {
            "office": breakable(legible(issuer.office, what="签发单位名称")),
            "host": legible(issuer.host, what="网址"),
            "printed_on": issuer.printed_on,
            "phones": [[legible(part, what="电话") for part in phone] for phone in issuer.phones],
        },
        "prints": prints,
    }


def _compiled(
    carrier: Carrier,
    job: dict[str, object],
    format: Format,  # noqa: A002 — as above
    at: datetime,
    ppi: float | None = None,
) -> bytes:
    # Tags would tell a screen reader of a PDF what it already hears: a face is a title and a few lines.
    extra: dict[str, Any] = (
        {"pdf_standards": [STANDARD], "pdf_tags": False} if format == "pdf" else {"ppi": ppi or carrier.ppi}
    )
    said = {"job": json.dumps(job, ensure_ascii=False)}
    with _ONE_AT_A_TIME:
        return cast(
            bytes,
            _compiler(f"{carrier.template}.typ").compile(
                format=format, sys_inputs=said, timestamp=int(at.timestamp()), **extra
            ),
        )


_ONE_AT_A_TIME = Lock()
"""A compiler that is asked by two threads at once refuses the second."""


@lru_cache(maxsize=1)
def typefaces() -> typst.Fonts:
    """Return the typefaces of the press, and no other."""
    folders = [str(folder) for folder in FOLDERS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@lru_cache(maxsize=8)
def _compiler(template: str) -> typst.Compiler:
    return typst.Compiler(TEMPLATES / template, root=TEMPLATES, font_paths=typefaces(), ignore_system_fonts=True)
