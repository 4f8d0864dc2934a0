"""What stands on a paper, as data: the words of each print, those that all of a job share, and what cannot be printed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from chengxin.press import fonts


class NotPrintable(Exception):
    """A code cannot be printed; the message is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Print:
    """One code to be printed: what its symbol says, and the words beside it."""

    content: str
    """What a phone reads: the whole address, in capitals."""
    name: str
    code: str
    """The USCC as people read it: 91 230402 MA1CTE575 Q."""
    serial: str
    place: str
    """Where it should hang: 店门口."""
    label: str = ""
    """What tells this place from others of its kind, as large as a carrier has room for it: a plate, a stall's number."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the codes of a job: the same words on every piece."""

    office: str
    host: str
    printed_on: str
    phones: tuple[tuple[str, str], ...]
    """Whom to call, and the number."""


def legible(text: str, *, what: str) -> str:
    """Return a text as it can be set: composed, without what is not seen (controls, marks of direction).

    :raises NotPrintable: a character has no shape in the typefaces of the press, or nothing is left.
    """
    composed = unicodedata.normalize("NFC", text)
    seen = " ".join("".join(" " if one.isspace() else one for one in composed if _is_seen(one)).split())
    if not seen:
        raise NotPrintable(f"{what}是空的：请核对登记信息。")
    if lacking := fonts.coverage(fonts.REGULAR).lacks(seen):
        named = "".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in lacking)
        raise NotPrintable(
            f"{what}里的“{named}”在印制字库里没有字形，印不出来：请核对登记信息，或联系系统维护人员补字。"
        )
    return seen


def _is_seen(character: str) -> bool:
    # Private characters and those that our Unicode does not know yet are seen: rare ones of names, from older encodings.
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf")


def is_bold(text: str) -> bool:
    """Tell whether the bold typeface has every character of a text: two weights in one name look like a mistake."""
    return not fonts.coverage(fonts.BOLD).lacks(text)


WIDE: Final = frozenset("MWmw@%—…ЖЮШЩМФЫжюшщмфы")
"""Letters nearly as wide as a Chinese character."""


def wide(text: str) -> float:
    """Return how long a text is in characters of full width; most letters and digits count for six tenths."""
    return sum(1 if unicodedata.east_asian_width(one) in "WF" or one in WIDE else 0.6 for one in text)


UNBROKEN: Final = 40
"""Letters in a row, without a blank, that a line of every carrier has room for at the smallest size."""


def breakable(text: str) -> str:
    """Return a text in which long runs of letters may be broken anywhere: a zero-width space after each letter."""
    words = []
    for word in text.split(" "):
        longest = run = 0
        for one in word:
            run = 0 if unicodedata.east_asian_width(one) in "WF" else run + 1
            longest = max(longest, run)
        words.append("\u200b".join(word) if longest > UNBROKEN else word)
    return " ".join(words)
