"""同意书: the words that whoever asks for a code agrees to, each version a file of this folder. Pure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: what it is about, what it says, and the law that wants it said."""

    title: str
    text: str
    law: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """One version of the words; from `since` on they are the ones to agree to, until there are newer ones."""

    version: str
    since: date
    title: str
    question: str
    agree: str
    keeper: str
    clauses: tuple[Clause, ...]


@cache
def versions() -> dict[str, Words]:
    """Return every version ever agreed to, oldest first."""
    files = [file for file in resources.files(__name__).iterdir() if file.name.endswith(".toml")]
    read = [_words(file.read_text(encoding="utf-8")) for file in files]
    return {one.version: one for one in sorted(read, key=lambda one: one.since)}


def current(today: date) -> Words:
    """Return the words to agree to on a day; before the first version came out, the first."""
    every = list(versions().values())
    return next((one for one in reversed(every) if one.since <= today), every[0])


def _words(text: str) -> Words:
    said = tomllib.loads(text)
    clauses = tuple(Clause(**clause) for clause in said.pop("clause"))
    return Words(clauses=clauses, **said)
