"""外部赋码名册: codes that somebody else issued, as a file of theirs says: neither records nor codes of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec

from chengxin.board import elsewhere as forms
from chengxin.credit.codes import elsewhere
from chengxin.credit.codes.elsewhere import Line, Messages
from chengxin.credit.codes.rules import WAYS
from chengxin.credit.records import rules
from chengxin.credit.records.checks import message
from chengxin.credit.records.form import Kind
from chengxin.ingest.facts import UNNAMED, source_of
from chengxin.ingest.sources import Source

ELSEWHERE: Final = "elsewhere"
NUMBER, ADDRESS, ISSUED, WAY, ISSUER, STATE = "WM_BH", "WM_WZ", "WM_RQ", "WM_FS", "WM_QF", "WM_ZT"
STOPPED: Final = "2"
MESSAGES: Final = Messages(
    ("E39", message("E39", "unknown")), ("E43", message("E43", "taken")), ("E44", message("E44", "shared"))
)
_WAY: Final = {label: name for name, label in WAYS.items()}


def lines(what: Kind, rows: Iterator[tuple[int, dict[str, str]]], source: Source) -> Iterator[bytes]:
    """Yield rows as PostgreSQL copies them. Where nobody says how a code was asked for, it counts as given in a batch."""
    for row, body in rows:
        sender, sender_code = source_of(what, body, source.unit, source.uscc)
        number = "".join(body[NUMBER].split()).upper()
        address = body.get(ADDRESS, "")
        issued = body.get(ISSUED, "")
        said, _ = rules.said(body)
        yield Line(
            row,
            body[what.roles.subject],
            forms.number(number) or number,
            address,
            elsewhere.reach(address),
            date.fromisoformat(issued) if issued else None,
            _WAY.get(body.get(WAY, ""), "batch"),
            body.get(ISSUER) or ("" if sender == UNNAMED else sender[:100]),
            body.get(STATE) == STOPPED,
            said,
            sender,
            sender_code,
        ).written()


def changes(limit: int) -> Iterator[tuple[int, str, str, str]]:
    """Yield row, subject, and the bodies before and after, of the first rows that change a code."""
    for row, subject, body, stood, gone in elsewhere.changes(limit):
        after: dict[str, Any] = msgspec.json.decode(body)
        told = {
            ADDRESS: stood.address,
            ISSUED: stood.issued_on.isoformat() if stood.issued_on else "",
            WAY: WAYS[stood.way],
            STATE: STOPPED if gone else "1",
        }
        # Only what the row itself says is compared: what stood of the rest was filled in for it.
        before = {**after, **{column: value for column, value in told.items() if column in after and value}}
        yield row, subject, msgspec.json.encode(before).decode(), body
