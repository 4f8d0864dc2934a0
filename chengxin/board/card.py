"""The card: all that may be known of one holder, as it leaves the office. Reading this file is the privacy review.

Language-neutral where it can be: dates are ISO days, what a thing is stands as a code or as the official Chinese
label, which the page translates by lookup and otherwise shows as it is. Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

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
    values: tuple[str, ...]  # in the order of the labels
    source: str  # the unit the data came from
    decided_on: date
    received_on: date
    labels: tuple[str, ...] = ()  # official labels; in a document they stand in `Card.forms`, once for all of a kind
    form: int = 0  # in a document: which of `Card.forms`
    until: date | None = None  # the last day it may be shown (Asia/Shanghai); None: no end
    ends: date | None = None  # the end date to print on the chip
    ends_word: str = ""  # what that date is: 有效至, 公示至
    source_code: str = ""

    @classmethod
    def of(cls, *, lines: Iterable[tuple[str, str]], **said: Any) -> Item:
        """Return an item from its label-value lines."""
        pairs = tuple(lines)
        return cls(labels=tuple(label for label, _ in pairs), values=tuple(value for _, value in pairs), **said)

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Label and value of each line."""
        return tuple(zip(self.labels, self.values, strict=True))


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
    former: str = ""  # the name before, while codes hang that were printed under it


class Onward(msgspec.Struct, omit_defaults=True, gc=False):
    """Who this body went on as: another holder, since a day. `token` leads there; empty where that one has no code."""

    holder: str
    name: str
    how: str  # converted, merged, divided, renumbered
    happened_on: date
    token: str = ""


class Card(msgspec.Struct, omit_defaults=True, gc=False):
    """Everything the public page of one holder may say."""

    head: Head
    sections: tuple[Section, ...]  # always eight, in the order of SECTIONS
    as_of: datetime  # when the office put this together
    good_until: datetime  # past this the card is not shown at all
    supplement: tuple[Item, ...] = ()  # 地方补充内容: what the business says of itself
    forms: tuple[tuple[str, ...], ...] = ()  # in a document: the labels of its items
    onward: Onward | None = None
    version: Literal[1] = 1

    @property
    def items(self) -> Iterator[Item]:
        """Every item of the card."""
        return chain(*(section.items for section in self.sections), self.supplement)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Card)


def dump(card: Card) -> bytes:
    """Return the card as the bytes that stand on the board.

    A thousand licences have the same thirteen labels: written once, they halve the document and the time to read it.
    """
    forms: dict[tuple[str, ...], int] = {}

    def written(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(replace(item, labels=(), form=forms.setdefault(item.labels, len(forms))) for item in items)

    sections = tuple(Section(section.code, written(section.items)) for section in card.sections)
    supplement = written(card.supplement)
    return _encoder.encode(replace(card, sections=sections, supplement=supplement, forms=tuple(forms)))


def load(document: bytes | str) -> Card:
    """Return the card in a document.

    :raises msgspec.ValidationError: the document is no card of this version.
    """
    card = _decoder.decode(document)
    forms = card.forms
    for item in card.items:
        if not 0 <= item.form < len(forms) or len(forms[item.form]) != len(item.values):
            raise msgspec.ValidationError("an item does not fit its form")
        item.labels = forms[item.form]
        item.form = 0
    card.forms = ()
    return card


def shown(items: tuple[Item, ...], today: date) -> list[Item]:
    """Return the items that may still be shown on a day. `until` is the last day itself (《民法典》第 202 条)."""
    return [item for item in items if item.until is None or today <= item.until]
