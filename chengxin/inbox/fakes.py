"""举报假码: what a report of a fake code is made of. Pure: the page asks by these tables, the office reads by them.

A report keeps nothing of its reporter but what they write: no name, no telephone, no address. Numbers of identity papers
and bank cards that slip into the free text are masked before anything is stored.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from chengxin.terms import privacy

WRONGS: Final = {
    "unreadable": "码打不开，或者网址不对",
    "mismatched": "码和店对不上（被覆盖、贴错）",
    "not_genuine": "核验结果说不是真码",
    "still_used": "码已注销或换发，还在用",
    "other": "其他",
}
"""What can be wrong with a code. The order is that of the page; the names are stored."""

SUSPECTED: Final = {
    "unreadable": ("unavailable", "updating", "wrong_host"),
    "mismatched": ("active", "paused", "frozen"),
    "not_genuine": ("forged", "unknown", "unknown_key", "revoked_key"),
    "still_used": ("superseded", "cancelled", "deregistered", "revoked", "suspended"),
    "other": ("pending", "stale", "short", "found", "elsewhere"),
}
"""What is likely wrong where a verdict was one of these states: what the page ticks beforehand."""

CODE_LENGTH: Final = 300
"""A full code is 136 long; before it stands whatever address it was found under."""
WHERE_LENGTH: Final = 200
WORDS_LENGTH: Final = 500
PHOTO_BYTES: Final = 500_000
PHOTO_SIDE: Final = 1600
CONSENT: Final = "2026-11"
"""The version of what the page says will happen to a photo and a place. Another wording is another version."""
RECEIPT_DIGITS: Final = 8
MASKED: Final = ("id_number", "bank_card")


def suspected(state: str) -> str:
    """Return what is likely wrong with a code in a state, or nothing."""
    return next((wrong for wrong, states in SUSPECTED.items() if state in states), "")


@dataclass(frozen=True, slots=True)
class Point:
    """A place to four decimals: some ten metres."""

    lat: Decimal
    lon: Decimal

    @classmethod
    def of(cls, lat: str, lon: str) -> Point | None:
        """Return the place that two texts name, or None where they name none."""
        try:
            north, east = (Decimal(text[:24]) for text in (lat, lon))
        except ArithmeticError:
            return None
        # NaN is not in any range; an exponent that rounding would unroll is not in this one, nor could abs() hold it.
        if not (north.is_finite() and east.is_finite() and -90 <= north <= 90 and -180 <= east <= 180):
            return None
        return cls(round(north, 4), round(east, 4))


@dataclass(frozen=True, slots=True)
class Fake:
    """One report of a fake code, ready to be stored."""

    wrong: str
    code: str = ""
    serial: int | None = None
    verdict: str = ""
    where: str = ""
    words: str = ""
    point: Point | None = None
    photo: bytes | None = None

    def key(self, ticket: str) -> UUID:
        """Return the key of this report on a form: the same report sent twice is one report."""
        told = hashlib.sha256()
        parts = (ticket, self.wrong, self.code, self.where, self.words, str(self.point))
        for part in (*(part.encode(errors="replace") for part in parts), self.photo or b""):
            told.update(len(part).to_bytes(8) + part)
        return UUID(bytes=told.digest()[:16])


def receipt(key: UUID) -> str:
    """Return the number under which a report can be asked after on the telephone.

    >>> receipt(UUID(int=0))
    '16625602'
    """
    digest = hashlib.sha256(b"receipt" + key.bytes).digest()
    return f"{int.from_bytes(digest) % 10**RECEIPT_DIGITS:0{RECEIPT_DIGITS}}"


def grouped(number: str) -> str:
    """Return a receipt as it is read aloud.

    >>> grouped("48217730")
    '4821 7730'
    """
    return f"{number[:4]} {number[4:]}"


def masked(text: str) -> str:
    """Return a text without the numbers of identity papers and bank cards in it.

    >>> masked("店主身份证 230402199003071233，电话 13800138000")
    '店主身份证 2304********1233，电话 13800138000'
    """
    for found in reversed(privacy.find(text)):
        if found.kind in MASKED:
            text = text[: found.start] + privacy.mask_id(text[found.start : found.end]) + text[found.end :]
    return text
