"""放置处: where a code may hang. Each kind is one entry of `placements.toml`; adding one touches it, and its words. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal

from chengxin.terms import privacy, unseen

LABEL_LIMIT: Final = 60
"""Letters that a label may have: what `codes_code.label` and `board_code.label` hold."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A kind of place where a code may hang: its number in a token, its words, what is asked of one such place.

    `called` is what a label is called (车牌号); empty where such a place has none. The other flags say: a label must be
    written, it may be shown (by consent), it is a plate, the place moves (it has no point), it ends on a day, a unit
    keeps it, whoever works there may commit himself, the office gives such codes by a list. `aliases` are what else a
    column of such labels is called.
    """

    name: str
    number: int
    label: str
    profile: Literal["full", "short"]
    called: str = ""
    pattern: str = ""
    example: str = ""
    needed: bool = False
    shows: bool = False
    plate: bool = False
    moves: bool = False
    ends: bool = False
    keeper: str = ""
    commitment: bool = False
    given: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """What a column of such labels may be called, ours first; none where such a place has no label."""
        return (self.called, *self.aliases) if self.called else ()

    def tidy(self, label: str) -> str:
        """Return a label as it is kept: composed, one blank for many; a number in capitals, a plate with its dot.

        >>> PLACEMENTS["taxi"].tidy(" 黑ht1234 ")
        '黑H·T1234'
        """
        said = " ".join(unicodedata.normalize("NFKC" if self.pattern else "NFC", label).split())
        if not self.pattern:
            return said
        said = re.sub(r"\s", "", said).upper()
        if self.plate and (found := _PLATE.fullmatch(said)):
            return f"{found[1]}·{found[2]}"
        return said

    def why_not(self, label: str) -> str | None:
        """Return what is wrong with a tidy label and what to do, or nothing if it will do."""
        if not label:
            return f"请填写{self.called}，如 {self.example}。" if self.needed else None
        if not self.called:
            return f"放置在“{self.label}”的码没有编号，请把这一格留空。"
        if len(label) > LABEL_LIMIT:
            return f"{self.called}不超过 {LABEL_LIMIT} 个字，现有 {len(label)} 个：请写短一些。"
        if unseen.among(label):
            return f"{self.called}里有看不见的字符，请删掉重新输入。"
        # A label hangs in the street, and is shown to whoever scans where its holder agreed: never a person's number.
        if found := privacy.find(label):
            return f"{self.called}里写了{found[0].label}，会印在码上让人看到：请换一个编号。"
        if self.pattern and not re.fullmatch(self.pattern, label):
            return f"“{label[:20]}”不像{self.called}，请写成 {self.example} 这样。"
        return None


_PLATE: Final = re.compile(r"([一-鿿][A-Z])[·•・.\-]?([A-HJ-NP-Z0-9]{5,6})")


def _read(text: str) -> Mapping[str, Placement]:
    return MappingProxyType(
        {
            name: Placement(name=name, **said | {"aliases": tuple(said.get("aliases", ()))})
            for name, said in tomllib.loads(text).items()
        }
    )


PLACEMENTS: Final = _read(resources.files(__package__).joinpath("placements.toml").read_text(encoding="utf-8"))
"""Name → kind, in the order in which they are offered. Numbers are printed: never give an old one to another kind."""


def named(text: str) -> Placement | None:
    """Return the kind that a text means, by its name or its label."""
    said = text.strip()
    return next((kind for kind in PLACEMENTS.values() if said in (kind.name, kind.label)), None)
