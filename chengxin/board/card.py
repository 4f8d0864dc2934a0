"""The card: all that may be known of one holder, as it leaves the office. Reading this file is the privacy review.

Language-neutral where it can be: dates are ISO days, what a thing is stands as a code or as the official Chinese
label, which the page translates by lookup and otherwise shows as it is. Pure: no database, no clock.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal

import msgspec

SECTIONS: Final = (
    "administration",
    "honour",
    "serious",
    "abnormal",
    "commitment",
    "rating",
    "judgment",
    "other",
)
"""The eight counted categories of the national 公共信用信息报告 V2.0, in its order (domain.md §4.1)."""


class Item(msgspec.Struct, omit_defaults=True, gc=False):
    """One record as shown: a title, label-value lines in the report's order, and the source line every fact carries."""

    kind: str  # official name of the record kind, e.g. 行政许可
    title: str
    lines: tuple[tuple[str, str], ...]  # official label, value
    source: str  # the unit the data came from
    decided_on: date
    received_on: date
    until: date | None = None  # the last day it may be shown (Asia/Shanghai); None: no end
    ends: date | None = None  # the end date to print on the chip
    ends_word: str = ""  # what that date is: 有效至, 公示至
    source_code: str = ""


class Section(msgspec.Struct, omit_defaults=True, gc=False):
    """One of the eight categories with its items, newest first."""

    code: str
    items: tuple[Item, ...] = ()


class Head(msgspec.Struct, omit_defaults=True, gc=False):
    """登记注册基础信息: who this is, as the register says."""

    name: str
    uscc: str
    state: str  # a code of terms.entity.STATES
    kind: str  # 企业类型 as registered
    lines: tuple[tuple[str, str], ...]  # 法定代表人/负责人 … official label, value
    source: str
    received_on: date
    trade: str = ""  # industry in words
    place: str = ""  # division in words


class Card(msgspec.Struct, omit_defaults=True, gc=False):
    """Everything the public page of one holder may say."""

    head: Head
    sections: tuple[Section, ...]  # always eight, in the order of SECTIONS
    as_of: datetime  # when the office put this together
    good_until: datetime  # past this the card is not shown at all
    supplement: tuple[Item, ...] = ()  # 地方补充内容: what the business says of itself
    version: Literal[1] = 1


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Card)


def dump(card: Card) -> bytes:
    """Return the card as the bytes that stand on the board."""
    return _encoder.encode(card)


def load(document: bytes | str) -> Card:
    """Return the card in a document.

    :raises msgspec.ValidationError: the document is no card of this version.
    """
    return _decoder.decode(document)


def shown(items: tuple[Item, ...], today: date) -> list[Item]:
    """Return the items that may still be shown on a day. `until` is the last day itself (《民法典》第 202 条)."""
    return [item for item in items if item.until is None or today <= item.until]
