"""须有的许可: which licences a trade's rules ask for, and whether a business has them on record and in force.

The trades and the articles of the law stand in `required.toml`. What is found is advice for what is printed: the records
are what authorities have sent, so a missing one may be a licence that nobody has told of yet, and the words say so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from chengxin.credit.records import catalogue, queries
from chengxin.credit.records.standing import Standing
from chengxin.credit.subjects import queries as subjects
from chengxin.terms.period import is_long_term

State = Literal["held", "expired", "missing"]
KINDS: Final = ("licence", "practice")
"""The kinds of records that a licence may come as: 行政许可, 机构执业资格."""
STATES: Final[Mapping[State, str]] = {"held": "有效", "expired": "已过期", "missing": "没有查到"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One licence that some trades have to have, and the law that says so."""

    label: str
    names: tuple[str, ...]
    law: str
    industries: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    holds: bool = True
    note: str = ""

    def asks(self, *, subject: str, industry: str, scope: str) -> bool:
        """Tell whether a business of a trade, with a registered scope of business, has to have it."""
        if subject.startswith(self.unless or ("\0",)) or not _in(industry, self.industries):
            return False
        return not _in(industry, self.excluded) and (not self.scope or any(word in scope for word in self.scope))


def _in(industry: str, prefixes: Sequence[str]) -> bool:
    digits = industry.lstrip("ABCDEFGHIJKLMNOPQRST")
    letter = industry[: len(industry) - len(digits)]
    return any(one == letter or (one.isdigit() and digits.startswith(one)) for one in prefixes)


def _read() -> tuple[Rule, ...]:
    said = tomllib.loads(Path(__file__).with_name("required.toml").read_text(encoding="utf-8"))
    return tuple(_rule(one) for one in said["licence"])


def _rule(said: dict[str, Any]) -> Rule:
    return msgspec.convert({("excluded" if name == "except" else name): value for name, value in said.items()}, Rule)


RULES: Final = _read()


@dataclass(frozen=True, slots=True)
class Required:
    """A licence that a business has to have, and how it stands with it."""

    label: str
    law: str
    state: State
    until: date | None  # the last day of the one on record; None: no end, or none on record
    holds: bool = True  # whether what is printed waits for it
    note: str = ""

    @property
    def state_label(self) -> str:
        """How it stands, in words."""
        return STATES[self.state]

    @property
    def why(self) -> str:
        """Why it is not in order and what to do, in one sentence; empty if it is."""
        if self.state == "expired":
            return f"{self.label}已于 {self.until} 到期（{self.law}）；请先办理延续，已经延续的，请发证机关报送新的有效期。"
        if self.state == "missing":
            return f"没有查到有效的{self.label}（{self.law}）；已经办了的，请发证机关报送，没有办的，请先办理。"
        return ""


def of(subject: str, *, industry: str, today: date) -> list[Required]:
    """Return the licences that a business of a trade has to have by its trade's rules, each with how it stands.

    :param industry: code of GB/T 4754, with or without the section's letter; as registered.
    """
    asked = [rule for rule in RULES if _in(industry, rule.industries)]
    if not asked:
        return []
    registered = subjects.registrations([subject])
    scope = str(registered[0].body.get("OPSCOPE", "")) if registered else ""
    asked = [rule for rule in asked if rule.asks(subject=subject, industry=industry, scope=scope)]
    if not asked:
        return []
    licences = [one for one in queries.standing([subject]) if one.kind in KINDS]
    return [_found(rule, licences, today) for rule in asked]


def _found(rule: Rule, licences: Iterable[Standing], today: date) -> Required:
    ends = []
    for one in licences:
        roles = catalogue.kind(one.kind).roles
        said = " ".join(one.body.get(code, "") for code in roles.title)
        if one.body.get(roles.state) not in roles.over and any(name in said for name in rule.names):
            end = one.body.get(roles.ends, "")
            ends.append(date.fromisoformat(end) if end else date.max)
    if not ends:
        return Required(rule.label, rule.law, "missing", None, rule.holds, rule.note)
    last = max(ends)
    until = None if last == date.max or is_long_term(last) else last
    state: State = "expired" if last < today else "held"
    return Required(rule.label, rule.law, state, until, rule.holds, rule.note)


def why_not(required: Iterable[Required]) -> str | None:
    """Return why a carrier that speaks of a trade's licences is held back, in one sentence, or None if nothing does."""
    return next((one.why for one in required if one.holds and one.why), None)
