"""Names of businesses: how they are written, and what they are made of.

A registered name is 行政区划 + 字号 + 行业 + 组织形式 (《企业名称登记管理规定》第 6 条): a place, the name proper (the *sign*), a
trade and a form. Nothing marks where one ends and the next begins, so `take_apart` gives every sign a name may have.
The words of trades and forms are `names.toml` beside this file. Pure: no database, no clock.

Characters are folded one by one, never as phrases: what is true of a name must be true of any part of it.

>>> fold("鶴崗市  老渡口（餃子館）ＫＴＶ")
'鹤岗市老渡口饺子馆ktv'
>>> parts = take_apart("鹤岗市工农区老渡口饺子馆")
>>> parts.place, parts.rest, [sign.text for sign in parts.signs]
('鹤岗市工农区', '老渡口饺子馆', ['老渡口'])
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from chengxin.terms import division

NAME_LIMIT: Final = 100
"""Characters of a name that are looked at. Registered names are half as long at most."""
SIGNS: Final = 12
"""Signs that a name may have. Most have one."""

_WORDS = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
SUFFIXES: Final = frozenset(_WORDS["trades"]) | frozenset(_WORDS["forms"])
_SUFFIX_LENGTH: Final = max(map(len, SUFFIXES))
_NUMBER = re.compile(r"(?:第[一二三四五六七八九十百0-9]+|[0-9]+)号?$")
_FORM = re.compile(
    r"(?:(?:有限责任|股份有限|有限)?公司|农民专业合作社|专业合作社|合作社)?(?:第?[一二三四五六七八九十0-9]*分公司)?$"
)
_LOCALITY = re.compile(r"[\u4e00-\u9fff]{2,6}?(?:街道|镇|乡|村|片区|开发区|园区|农垦|林业局)")
"""Places below a division, and beside: their names are in no table of ours."""
_BRACKETED = re.compile(r"[(（]([^()（）]{2,12})[)）]")


class Sign(NamedTuple):
    """What may be the 字号 of a name, and what stands behind it."""

    text: str
    after: str


class Parts(NamedTuple):
    """A name taken apart."""

    place: str
    may_place: str  # what stands behind it and may be a place too, or the sign: 向阳
    rest: str  # all behind `place`
    signs: tuple[Sign, ...]  # the likeliest first


# ---- Writing -------------------------------------------------------------------------------------------------------


class _Simple(dict[str, str]):
    """Character → its simplified form, asked of OpenCC the first time only."""

    def __init__(self) -> None:
        super().__init__()
        self._convert: Callable[[str], str] | None = None

    def __missing__(self, character: str) -> str:
        if self._convert is None:
            from opencc import OpenCC  # imported late: whoever only verifies codes needs no dictionary

            self._convert = OpenCC("t2s").convert
        simple = self[character] = self._convert(character)[:1] if character.isalpha() else character
        return simple


_SIMPLE = _Simple()


def alike(text: str) -> str:
    """Return a text in the characters that its own look like: half-width, simplified, a character for each of its own.

    >>> alike("國⼀級①Ａ")
    '国一级1A'
    """
    return "".join([_SIMPLE[plain if len(plain := unicodedata.normalize("NFKC", one)) == 1 else one] for one in text])


def fold(text: str) -> str:
    """Return a text as it is compared: half-width, small, simplified characters, letters and digits only."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join([_SIMPLE[character] for character in plain if character.isalnum()])


def place_first(text: str) -> str:
    """Return a name with the place that stands in brackets within it put before it: 老渡口（鹤岗）餐饮公司."""
    found = _BRACKETED.search(text)
    if found is None or found.start() == 0 or fold(found[1]) not in PLACES:
        return text
    return f"{found[1]}{text[: found.start()]}{text[found.end() :]}"


# ---- Taking apart --------------------------------------------------------------------------------------------------


def _places() -> dict[str, bool]:
    """Return every way to write a division → whether it says itself what it is (市, 区, 县 …)."""
    endings = ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "达斡尔族区", "自治区", "自治县", "地区", "省", "市",
               "区", "县")  # fmt: skip
    found: dict[str, bool] = {}
    for name in (
        *division.PROVINCES.values(),
        *(one.name for one in division.DIVISIONS.values()),
        *(alias for one in division.DIVISIONS.values() for alias in one.aliases),
    ):
        ending = next((each for each in endings if name.endswith(each) and len(name) - len(each) >= 2), "")
        if ending:
            found.setdefault(fold(name.removesuffix(ending)), False)
        found[fold(name)] = name[-1] in "省市区县" and len(name) > 2
    return found


PLACES: Final = _places()
_PLACE_LENGTH: Final = max(map(len, PLACES))


def _place_ends(text: str) -> tuple[int, list[int]]:
    """Return where the place surely ends, and where it may end: 向阳 is a district, and what many shops are called."""
    at = sure = 0
    may: list[int] = []
    while True:
        for length in range(min(_PLACE_LENGTH, len(text) - at), 1, -1):
            says = PLACES.get(text[at : at + length])
            if says is not None:
                break
        else:
            break
        at += length
        if says:
            sure, may = at, []
        else:
            may.append(at)
    local = _LOCALITY.match(text, at)
    if local is not None:
        may.append(local.end())
    return sure, [end for end in may if len(text) - end >= 2][:3]


def sign_end(rest: str) -> int:
    """Return where the sign ends: words of trade and form are taken off the end as long as two characters stay."""
    end = len(rest)
    while end > 2:
        # A single character is a form at the very end only: before another word it belongs to the sign (松岭园饺子馆).
        least = 1 if end == len(rest) else 2
        for length in range(min(_SUFFIX_LENGTH, end - 2), least - 1, -1):
            if rest[end - length : end] in SUFFIXES:
                end -= length
                break
        else:
            number = _NUMBER.search(rest, 0, end) if end < len(rest) else None
            if number is None or number.start() < 2:
                break
            end = number.start()
    return end


def form_start(rest: str) -> int:
    """Return where the organisation form begins at the end of a name."""
    found = _FORM.search(rest)
    return found.start() if found and found.start() >= 2 else len(rest)


def take_apart(text: str) -> Parts:
    """Return the parts of a name as registered, or of one as somebody remembers it."""
    folded = fold(place_first(text))[:NAME_LIMIT]
    sure, may = _place_ends(folded)
    if len(folded) - sure < 2:
        sure, may = 0, []
    signs: dict[str, str] = {}
    for start in (sure, *may):
        part = folded[start:]
        end = sign_end(part)
        if end >= 2 and (start == sure or part[:end] not in SUFFIXES):
            signs.setdefault(part[:end], part[end:])
    # With a trade that is in no list of ours the sign is what begins a long one, with such a place what ends it: signs
    # have two to four characters as a rule.
    for long, after in [(sign, after) for sign, after in signs.items() if len(sign) > 3]:
        for length in (3, 2, 4) if len(long) > 4 else (2,):
            signs.setdefault(long[:length], long[length:] + after)
        for length in (2, 3, 4) if len(long) > 4 else ():
            signs.setdefault(long[-length:], after)
    found = tuple(Sign(sign, after) for sign, after in signs.items())[:SIGNS]
    return Parts(folded[:sure], folded[sure : max(may, default=0)], folded[sure:], found)


def is_full(text: str) -> bool:
    """Tell whether a name is complete enough to be one body's: a place or a firm's form, and a sign of its own.

    A registered name says place, sign, trade and form (《企业名称登记管理规定》第 6 条). Without the place, or the form that no
    shop has, many may be called so; and 饭店 is no sign.

    >>> [is_full(name) for name in ("鹤岗市工农区老渡口饺子馆", "老渡口商贸有限公司", "老渡口饺子馆", "鹤岗市饭店")]
    [True, True, False, False]
    """
    parts = take_apart(text)
    if not parts.signs:
        return False
    sign, after = parts.signs[0]
    if not after or sign in SUFFIXES or _NUMBER.fullmatch(sign):
        return False
    if parts.place:
        return True
    return sign not in PLACES and form_start(parts.rest) < len(parts.rest) and not _FORM.fullmatch(after)
