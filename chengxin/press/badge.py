"""The badge on a page of the web: a picture that leads to the public page, a piece of HTML, JSON for programs, a link.

Nothing of it asks a third party for anything, and none of it runs. What a badge says may stand for years on a page that
nobody keeps: so it says who and where to look, never that a code is in force. 请扫码核验.
"""

from __future__ import annotations

import json as texts
from datetime import date, datetime
from html import escape
from typing import Final
from urllib.parse import urlsplit

from chengxin.press import job
from chengxin.press.carriers import CARRIERS
from chengxin.press.paper import Issuer, Print

CARRIER: Final = "web-badge"
HOW: Final = "请打开 address 或扫码核验，以打开的页面为准；网址必须是 host。离线核验用 keys 和 status。"


def link(one: Print) -> str:
    """Return the address of a code as people write it: what is capital for the QR code's sake is small again."""
    said = urlsplit(one.content)
    return said._replace(scheme=said.scheme.lower(), netloc=said.netloc.lower()).geturl()


def svg(one: Print, *, issuer: Issuer, at: datetime) -> bytes:
    """Return the badge as a picture of its own; opened by itself or put into a page, it leads to the public page.

    :raises NotPrintable: the code is too dense for a badge, or a text has a character without a shape.
    """
    drawn = job.picture(CARRIERS[CARRIER], one, issuer=issuer, at=at, format="svg").decode()
    head = drawn.index(">") + 1
    tail = drawn.rindex("</svg>")
    said = escape(_said(one))
    return (
        f"{drawn[:head]}<title>{said}</title>"
        f'<a href="{escape(link(one))}" target="_blank" rel="noopener">{drawn[head:tail]}</a></svg>'
    ).encode()


def html(one: Print, *, picture: str) -> str:
    """Return a piece of HTML that shows a badge and leads to the public page.

    :param picture: where the page has the picture: the name of the file beside it, or a `data:` address.
    """
    wide, high = CARRIERS[CARRIER].pixels or (360, 200)
    return (
        f'<a href="{escape(link(one))}" target="_blank" rel="noopener">'
        f'<img src="{escape(picture)}" width="{wide}" height="{high}" alt="{escape(_said(one))}"></a>\n'
    )


def json(one: Print, *, issuer: Issuer, made_on: date) -> str:
    """Return the same for programs: who, which code, and how to verify it.

    What it says of the state is what it was on the day it was made: only codes in force are handed out.
    """
    address = link(one)
    origin = address.split("/C/", 1)[0]
    said = {
        "name": one.name,
        "uscc": one.code.replace(" ", ""),
        "serial": one.serial,
        "address": address,
        "host": issuer.host,
        "issuer": issuer.office,
        "made_on": made_on.isoformat(),
        "state_when_made": "active",
        "keys": f"{origin}/.well-known/chengxin/keys.json",
        "status": f"{origin}/.well-known/chengxin/status.json",
        "how": HOW,
    }
    return texts.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _said(one: Print) -> str:
    return f"诚信码 {one.serial}：{one.name}，点开或扫码核验"
