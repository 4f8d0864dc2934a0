"""One code drawn on one carrier, for a page: bounded in number and in size; and where the files of print jobs lie."""

from __future__ import annotations

import io
import math
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final, Literal

from django.conf import settings
from django.utils import timezone

from chengxin.board import token
from chengxin.credit.codes import queries as codes
from chengxin.credit.publishing import city, printing
from chengxin.credit.publishing.printing import Chosen, Wanted
from chengxin.people.trail import Refused
from chengxin.press import badge
from chengxin.press import job as press
from chengxin.press.carriers import Carrier
from chengxin.press.paper import Issuer, NotPrintable

AT_ONCE: Final = 2
"""Pieces drawn at a time by one process: a picture of forty million points takes some hundred megabytes."""
PATIENCE: Final = 20
"""Seconds that somebody waits for his turn."""
PIXELS_AT_MOST: Final = 40_000_000
PREVIEW_WIDE: Final = 420
"""Pixels that a preview is wide."""
_turns: Final = BoundedSemaphore(AT_ONCE)

Form = Literal["pdf", "svg", "png", "html", "json"]
TYPES: Final = {
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}
BADGE_FILE: Final = "chengxin-badge.svg"
"""What the picture of a badge is called beside the page that shows it."""


def folder() -> Path:
    """Return where the files of print jobs lie, each under its SHA-256."""
    return Path(settings.FILES_DIR) / "prints"


def issuer(at: datetime) -> Issuer:
    """Return who issues, as it is printed.

    :raises Refused: nobody has said yet who that is.
    """
    try:
        return printing.issuer(city.face().city, code_url=settings.CODE_URL, today=timezone.localdate(at))
    except Refused:
        raise Refused("信用办还没有写好签发单位的名称，暂时不能下载：请联系信用办。") from None


def chosen(serial: int) -> Chosen:
    """Return one code as it is printed.

    :raises Refused: it may not be printed, which the sentence says.
    """
    told: list[str] = []
    wanted = [Wanted(token.grouped(serial), serial=serial)]
    for one in printing.choose(
        wanted, placement=None, code_url=settings.CODE_URL, complain=lambda _, reason: told.append(reason)
    ):
        return one
    raise Refused(f"{told[0] if told else '没有这个码'}。")


def draw(carrier: Carrier, serial: int, *, form: Form, at: datetime, preview: bool = False) -> bytes:
    """Return one code on a carrier as a file; a preview is a small picture.

    :raises Refused: it may not be printed, does not fit, or too much is being drawn at this moment.
    """
    since, dead = timezone.now(), codes.dead_prefixes()
    one, who = chosen(serial), issuer(at)
    if not _turns.acquire(timeout=PATIENCE):
        raise Refused("现在下载的人多，请过一会儿再试。")
    try:
        drawn = _drawn(carrier, one, who, form=form, at=at, preview=preview)
    except NotPrintable as reason:
        raise Refused(str(reason)) from reason
    finally:
        _turns.release()
    if not preview:
        printing.recheck([serial], since=since, dead=dead)
    return drawn


def _drawn(carrier: Carrier, one: Chosen, who: Issuer, *, form: Form, at: datetime, preview: bool) -> bytes:
    if carrier.name == badge.CARRIER and form in ("svg", "html", "json"):
        return _badge(one, who, form=form, at=at)
    if form == "pdf":
        file, told = io.BytesIO(), list[str]()
        press.bind(file, carrier, [one.print], issuer=who, at=at, refused=lambda _, reason: told.append(reason))
        if told:
            raise NotPrintable(told[0])
        return file.getvalue()
    wide, high = carrier.sheet(shared=False)
    most = math.sqrt(PIXELS_AT_MOST / (wide * high)) * 25.4
    ppi = PREVIEW_WIDE / (wide / 25.4) if preview else min(carrier.ppi, most)
    return press.picture(carrier, one.print, issuer=who, at=at, format="svg" if form == "svg" else "png", ppi=ppi)


def _badge(one: Chosen, who: Issuer, *, form: Form, at: datetime) -> bytes:
    if form == "svg":
        return badge.svg(one.print, issuer=who, at=at)
    if form == "html":
        return badge.html(one.print, picture=BADGE_FILE).encode()
    return badge.json(one.print, issuer=who, made_on=timezone.localdate(at)).encode()
