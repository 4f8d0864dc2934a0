"""How facts become a card: what is shown, in which words and order, and until when. Pure: no database, no clock."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from chengxin.board.card import SECTIONS, Card, Head, Item, Onward, Section
from chengxin.credit.records import catalogue, publicity
from chengxin.credit.records.form import Kind
from chengxin.credit.records.standing import Standing
from chengxin.credit.subjects.rules import Registered
from chengxin.terms import division, industry, privacy
from chengxin.terms.entity import STATES, type_label
from chengxin.terms.period import is_long_term

CHINA: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How one column of the register is shown of some kinds of body; the last that fits holds."""

    column: str
    show: str
    kinds: tuple[str, ...] = ()


def _disclosures() -> tuple[Disclosure, ...]:
    said = tomllib.loads((Path(__file__).parent / "disclosure.toml").read_text(encoding="utf-8"))
    return tuple(Disclosure(field["column"], field["show"], tuple(field.get("kinds", ()))) for field in said["field"])


DISCLOSURES: Final = _disclosures()
WAYS: Final[Mapping[str, Callable[[str], str]]] = {
    "as it is": lambda value: value,
    "name": privacy.mask_name,
    "street": privacy.street_level,
    "never": lambda value: "",
}


def disclosed(column: str, value: str, *, kind: str) -> str:
    """Return a registry value as the public may see it of this kind of body."""
    way = "as it is"
    for disclosure in DISCLOSURES:
        if disclosure.column == column and (not disclosure.kinds or kind in disclosure.kinds):
            way = disclosure.show
    return WAYS[way](value)


def item(record: Standing, *, today: date, overlap: publicity.Overlap, listed: bool = False) -> Item | None:
    """Return a record as it is shown, or None if it is not.

    Whatever reads like an ID number, a telephone or a bank card is not shown even if it came through the door's checks.
    """
    kind = catalogue.kind(record.kind)
    shown, until = publicity.shown_until(
        kind, record.body, happened_on=record.happened_on, today=today, overlap=overlap, listed=listed
    )
    if not shown or (until is not None and until < today):
        return None
    lines = tuple((label, _plateless(value)) for label, value in kind.lines(record.body))
    title = _plateless(kind.title(record.body))
    if any(privacy.find(value) for value in (title, record.source, *(value for _, value in lines))):
        return None
    ends = until if kind.publicity == "penalty" else _ends(kind, record.body)
    return Item.of(
        kind=kind.label,
        title=title,
        lines=lines,
        source=record.source,
        source_code=record.source_code,
        decided_on=record.happened_on,
        received_on=record.received_at.astimezone(CHINA).date(),
        until=until,
        ends=ends,
        ends_word=kind.roles.ends_word if ends else "",
    )


def _plateless(value: str) -> str:
    """Return a value without number plates: those of records that came before the door hid them."""
    return privacy.blotted(value, privacy.find_plates(value))


def _ends(kind: Kind, body: Mapping[str, str]) -> date | None:
    value = body.get(kind.roles.ends, "") if kind.roles.ends else ""
    if not value or is_long_term(date.fromisoformat(value)):
        return None
    return date.fromisoformat(value)


def head(registration: Registered) -> Head:
    """Return the register's facts as they are shown."""
    kind = catalogue.kind("subject")
    lines = []
    for column, label in kind.report:
        code = column.code
        if code in ("ENTNAME", "UNISCID", "REGSTATE"):
            continue  # the page says these in its own place
        value = disclosed(code, registration.body.get(code, ""), kind=registration.kind)
        if value and privacy.find(value):
            value = ""
        if code == "ENTTYPE":
            value = type_label(value)
        if code == "LEREP" and registration.kind == "individual":
            label = "经营者"
        lines.append((label, value))
    return Head(
        name=registration.name,
        uscc=registration.subject,
        state=registration.state,
        kind=type_label(registration.body.get("ENTTYPE", "")),
        lines=tuple(lines),
        source=privacy.blot(registration.source),
        received_on=registration.received_at.astimezone(CHINA).date(),
        trade=industry.label(registration.industry) if registration.industry else "",
        place=division.full_name(registration.division, province=False) if registration.division else "",
    )


def card(
    registration: Registered,
    records: Iterable[Standing],
    *,
    at: datetime,
    today: date,
    overlap: publicity.Overlap,
    good_for: timedelta,
    former: str = "",
    onward: Onward | None = None,
) -> Card:
    """Return the card of a holder. `records` come newest first; `former` is the name that is still printed somewhere.

    It is good until the next day on which a rule set takes effect, and never longer than `good_for`: each item's own
    end stands with the item.
    """
    sections: dict[str, list[Item]] = {code: [] for code in SECTIONS}
    supplement: list[Item] = []
    # A body whose registration ended, or whose licence was revoked, is not publicised for.
    says_of_itself = STATES[registration.state].shows_supplement
    records = list(records)
    # Whoever stands on a list of 严重失信主体 has no minor penalties (Order 36).
    listed = any(
        record.kind == "serious" and item(record, today=today, overlap=overlap) is not None for record in records
    )
    for record in records:
        shown = item(record, today=today, overlap=overlap, listed=listed)
        if shown is None:
            continue
        section = catalogue.kind(record.kind).section
        if section in sections:
            sections[section].append(shown)
        elif says_of_itself:
            supplement.append(shown)
    return Card(
        head=replace(head(registration), former=former if former != registration.name else ""),
        onward=onward,
        sections=tuple(Section(code, tuple(items)) for code, items in sections.items()),
        supplement=tuple(supplement),
        as_of=at,
        good_until=_good_until(at=at, today=today, good_for=good_for),
    )


def _good_until(*, at: datetime, today: date, good_for: timedelta) -> datetime:
    change = publicity.next_change(today)
    if change is None:
        return at + good_for
    return min(at + good_for, datetime.combine(change, time.min, CHINA))
