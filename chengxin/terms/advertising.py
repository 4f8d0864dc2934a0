"""绝对化用语: words in a business's own text that the law on advertising forbids, pointed out before it is sent.

Nothing is refused here. A word may stand in a registered name, or be an award's own title (执法指南 leaves both out of the
ban), and only a person can tell: `because` says why a word may be in order, and a clerk looks. Pure: no database, no
clock; the words are `advertising.toml` beside this file.

>>> [(one.word, one.start, one.source) for one in find("全市最佳饺子，顾客第一")]
[('最佳', 2, 'law')]
>>> [one.because for one in find("荣获“最佳商户”称号", titles=("最佳商户",))]
['这几个字在授予的称号里']
>>> find("最佳食用期 30 天，第一季度捐款")
()
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chengxin.terms import name


@dataclass(frozen=True, slots=True)
class Source:
    """Where it is said that a word may not be used, and what to do about it."""

    name: str
    label: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A word in a text: where it stands, who forbids it, and why it may be in order all the same."""

    word: str
    start: int
    end: int
    source: str  # of SOURCES
    because: str = ""

    @property
    def label(self) -> str:
        """Return what forbids the word."""
        return SOURCES[self.source].label

    @property
    def advice(self) -> str:
        """Return what to do."""
        return f"{self.because}，由工作人员核对。" if self.because else SOURCES[self.source].advice


def _read() -> tuple[dict[str, Source], list[tuple[re.Pattern[str], str]]]:
    said = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    sources = {name: Source(name, **one) for name, one in said["sources"].items()}
    patterns = []
    for entry in said["word"]:
        for word in entry["words"]:
            before, after = [], []
            for phrase in entry.get("unless", ()):
                left, _, right = phrase.partition("{word}") if "{word}" in phrase else phrase.partition(word)
                if "{word}" not in phrase and word not in phrase:
                    continue
                if right:
                    after.append(re.escape(right))
                if left:
                    before.append(f"(?<!{re.escape(left)})")
            # Blanks and dots put between the letters to get past a reader are passed over.
            letters = r"[ \u3000·.\-_*]{0,2}".join(re.escape(letter) for letter in word)
            ahead = f"(?!{'|'.join(after)})" if after else ""
            patterns.append((re.compile(f"{''.join(before)}{letters}{ahead}"), entry["source"]))
    return sources, patterns


_READ: Final = _read()
SOURCES: Final = _READ[0]
_QUOTED: Final = re.compile(r"[“「『《\"](?P<inside>[^”」』》\"]{1,60})[”」』》\"]")


def find(text: str, *, names: Sequence[str] = (), titles: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Return the words of a text that the law on advertising forbids, in order; of two in one place what the law names.

    :param names: registered names, in which a word claims nothing.
    :param titles: titles that somebody bestowed, in which a word is theirs.
    """
    folded = name.alike(text)  # one character for one: positions stay
    met = []
    for pattern, source in _READ[1]:
        met += [(found.start(), found.end(), source) for found in pattern.finditer(folded)]
    kept: list[tuple[int, int, str]] = []
    for start, end, source in sorted(met, key=lambda one: (one[0], -one[1])):
        if kept and start < kept[-1][1]:
            if source == "law" and kept[-1][2] != "law":
                kept[-1] = (start, end, source)
            continue
        kept.append((start, end, source))
    named = _spans(folded, names)
    bestowed = _spans(folded, titles)
    return tuple(
        Finding(text[start:end], start, end, source, _because(start, end, named, bestowed))
        for start, end, source in kept
    )


def _spans(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    spans = []
    for phrase in phrases:
        folded = name.alike(phrase).strip()
        if folded:
            spans += [found.span() for found in re.finditer(re.escape(folded), text)]
    return spans


def _because(start: int, end: int, named: list[tuple[int, int]], bestowed: list[tuple[int, int]]) -> str:
    if any(left <= start and end <= right for left, right in named):
        return "这几个字在登记的名称里"
    if any(left <= start and end <= right for left, right in bestowed):
        return "这几个字在授予的称号里"
    return ""


def quoted(text: str) -> tuple[str, ...]:
    """Return what a text puts between quotation marks: the titles that it names.

    >>> quoted("2024 年获“最佳商户”和《诚信经营示范店》")
    ('最佳商户', '诚信经营示范店')
    """
    return tuple(found["inside"] for found in _QUOTED.finditer(text))
