"""The data of the demo, read once: trades, licences, words and shares (the TOML files beside this one)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

GROUPS: Final = ("individual", "enterprise", "cooperative", "other")


@dataclass(frozen=True, slots=True)
class Licence:
    """A kind of licence: its papers, who grants it and for how long."""

    name: str
    certificate: str
    number: str
    grade: str
    unit: str
    years: int
    content: tuple[str, ...]
    by_city: bool
    short: bool


@dataclass(frozen=True, slots=True)
class Trade:
    """One way of making a living: what such a business is called, does and needs."""

    shop: tuple[str, ...]
    firm: tuple[str, ...]
    coop: tuple[str, ...]
    body: tuple[str, ...]
    prefix: str
    weights: tuple[float, float, float, float]  # in the order of GROUPS
    industry: str
    scope: str
    licences: tuple[str, ...]
    scenarios: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Place:
    """A division with its share of the businesses, and the office that registers them."""

    code: str
    weight: float
    office: str
    old_office: str
    old_until: date


@dataclass(frozen=True, slots=True)
class Offence:
    """What a business may be penalised for."""

    sections: tuple[str, ...]
    type: str
    fact: str
    law: str
    unit: str
    fine: tuple[float, float]  # 万元
    confiscate: bool


def read(name: str) -> dict[str, Any]:
    """Return one of the data files."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def _trade(said: dict[str, Any]) -> Trade:
    return Trade(
        shop=tuple(said.get("shop", ())),
        firm=tuple(said.get("firm", ())),
        coop=tuple(said.get("coop", ())),
        body=tuple(said.get("body", ())),
        prefix=said.get("prefix", ""),
        weights=(said.get("i", 0), said.get("e", 0), said.get("c", 0), said.get("o", 0)),
        industry=said["industry"],
        scope=said["scope"],
        licences=tuple(said["licences"]),
        scenarios=frozenset((ledger, number) for ledger in ("hegang", "heihe") for number in said.get(ledger, ())),
    )


def _place(said: dict[str, Any]) -> Place:
    before = said.get("before", {})
    office = said.get("office", said["code"])
    return Place(said["code"], said["weight"], office, before.get("code", office), before.get("day", date.min))


def _licence(said: dict[str, Any]) -> Licence:
    return Licence(
        name=said["name"],
        certificate=said["certificate"],
        number=said["number"],
        grade=said["class"],
        unit=said["unit"],
        years=said["years"],
        content=tuple(said["content"]),
        by_city=said.get("city", False),
        short=said.get("short", False),
    )


def _offence(said: dict[str, Any]) -> Offence:
    return Offence(
        sections=tuple(said["sections"]),
        type=said["type"],
        fact=said["fact"],
        law=said["law"],
        unit=said["unit"],
        fine=(said["fine"][0], said["fine"][1]),
        confiscate=said.get("confiscate", False),
    )


MIX: Final = read("mix")
WORDS: Final = read("words")
RATES: Final[dict[str, float]] = MIX["rates"]
TRADES: Final = tuple(_trade(said) for said in read("trades")["trade"])
LICENCES: Final = {name: _licence(said) for name, said in read("licences").items()}
PLACES: Final = tuple(_place(said) for said in MIX["division"])
OFFENCES: Final = tuple(_offence(said) for said in WORDS["penalty"])
SIGNS: Final[list[list[str]]] = WORDS["signs"]
