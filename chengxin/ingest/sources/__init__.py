"""来源: who hands in files, and by which names they call the columns. One TOML beside this file is one source."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Source:
    """One source. Its unit is named as a row's source where the row itself names none."""

    name: str
    label: str
    unit: str = ""
    uscc: str = ""
    encoding: str = ""  # where its text is of one encoding that cannot be told from the bytes
    kinds: tuple[str, ...] = ()  # none named: any
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # kind → its header → our column
    preview: bool = False  # what comes by the watched folder waits for somebody to confirm it

    def translate(self, kind: str, header: Sequence[str]) -> tuple[str, ...]:
        """Return the header with this source's own names replaced by our columns."""
        own = self.columns.get(kind)
        if not own:
            return tuple(header)
        known = {_fold(name): column for name, column in own.items()}
        return tuple(known.get(_fold(name), name) for name in header)


def find(name: str = DEFAULT) -> Source:
    """Return the source of this name; a name that no file has is the name of the source unit itself."""
    return catalogue().get(name) or Source(name=DEFAULT, label=name, unit=name)


@cache
def catalogue() -> dict[str, Source]:
    """Return name → source."""
    return {
        file.name.removesuffix(".toml"): _load(file.name.removesuffix(".toml"), file.read_text("utf-8"))
        for file in sorted(resources.files(__name__).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }


def _load(name: str, text: str) -> Source:
    said = tomllib.loads(text)
    return Source(name=name, **{**said, "kinds": tuple(said.get("kinds", ()))})


def _fold(header: str) -> str:
    return "".join(unicodedata.normalize("NFKC", header).split()).upper()
