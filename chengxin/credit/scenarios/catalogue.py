"""应用场景: the scenarios of the ledgers, in the documents' own words. One TOML in `ledgers` is one ledger. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from chengxin.credit.scenarios import ledgers


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario as a ledger says it. Its fields and units are published text: never derived, never corrected."""

    ledger: str
    number: int
    name: str
    units: str
    content: str
    fields: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """Return what names the scenario in data: ledger and number."""
        return f"{self.ledger}/{self.number}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger: the document it stands in, who issued it and when, and its scenarios in the document's order."""

    name: str
    title: str
    document: str
    issued_by: str
    issued_on: date
    scenarios: tuple[Scenario, ...]


@cache
def all_ledgers() -> tuple[Ledger, ...]:
    """Return the ledgers, the newest document first."""
    files = [file for file in resources.files(ledgers).iterdir() if file.name.endswith(".toml")]
    read = [_ledger(file.read_text(encoding="utf-8")) for file in files]
    return tuple(sorted(read, key=lambda ledger: (ledger.issued_on, ledger.name), reverse=True))


@cache
def scenarios() -> dict[str, Scenario]:
    """Return id → scenario, of all ledgers."""
    return {scenario.id: scenario for ledger in all_ledgers() for scenario in ledger.scenarios}


def _ledger(text: str) -> Ledger:
    said = tomllib.loads(text)
    name = said["ledger"]
    rows = tuple(Scenario(ledger=name, **row) for row in said["scenario"])
    return Ledger(name, said["title"], said["document"], said["issued_by"], said["issued_on"], rows)
