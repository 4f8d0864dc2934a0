"""Names of businesses: how they are written, what they are made of, and what a person may type to find one.

A registered name is 行政区划 + 字号 + 行业 + 组织形式 (《企业名称登记管理规定》第 6 条): a place, the name proper, a trade and a
form. People remember the 字号, write it as it sounds, leave a character out, or type the first letters of its pinyin.
So a name has *keys*, numbers that stand for its parts, and a question is *groups* of keys: a name that holds all the
keys of a group may be meant. A key is a hash: two parts may share one, so `score` looks at the name itself.

Pure: no database, no clock. Characters are read one by one, never as phrases: what is found of a name must be found of
any part of it, and a million names are keyed in minutes.

>>> fold("鶴崗市  老渡口（餃子館）ＫＴＶ")
'鹤岗市老渡口饺子馆ktv'
>>> take_apart("鹤岗市工农区老渡口饺子馆")
Parts(place='鹤岗市工农区', may_place='', rest='老渡口饺子馆', cores=('老渡口',))
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from chengxin.terms import division

NAME_LIMIT: Final = 100
"""Characters of a name that are keyed. Registered names are half as long at most."""
QUESTION_LIMIT: Final = 40
"""Characters of a question that are looked at."""
CORES: Final = 6
READINGS: Final = 4
"""How many ways to read a 字号 are keyed, of one with several characters of two readings."""

_WORDS = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))
_TRADES: Final = frozenset(_WORDS["trades"])
_SUFFIXES: Final = _TRADES | frozenset(_WORDS["forms"])
_SUFFIX_LENGTH: Final = max(map(len, _SUFFIXES))
_NUMBER = re.compile(r"第?[一二三四五六七八九十百0-9]+号?$")
_TOWNSHIP = re.compile(r"[\u4e00-\u9fff]{2,4}?(?:街道|镇|乡|村)")


class Parts(NamedTuple):
    """A name or a question taken apart. `cores`: what may be the 字号, the likeliest first."""

    place: str
    may_place: str  # what stands behind it and may be a place too, or the 字号: 向阳
    rest: str
    cores: tuple[str, ...]


class Group(NamedTuple):
    """Keys that a name must hold all of, to be what a question asks for; groups come in order of likelihood."""

    keys: tuple[int, ...]
    is_near: bool  # a sound or a slip alike, not the words themselves


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


def fold(text: str) -> str:
    """Return a text as it is compared: half-width, small, simplified characters, letters and digits only."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join([_SIMPLE[character] for character in plain if character.isalnum()])


def words_of(text: str) -> list[str]:
    """Return what somebody typed, folded, word by word as blanks divide it; at most four words."""
    typed = unicodedata.normalize("NFKC", text[: 4 * QUESTION_LIMIT]).split()
    return [word for word in map(fold, typed) if word][:4]


# ---- Taking apart --------------------------------------------------------------------------------------------------


def _places() -> dict[str, bool]:
    """Return every way to write a division → whether it says itself what it is (市, 区, 县 …)."""
    found: dict[str, bool] = {}
    for name in (
        *division.PROVINCES.values(),
        *(one.name for one in division.DIVISIONS.values()),
        *(alias for one in division.DIVISIONS.values() for alias in one.aliases),
    ):
        for ending in ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "达斡尔族区", "自治区", "自治县",
                       "地区", "省", "市", "区", "县"):  # fmt: skip
            if name.endswith(ending) and len(name) - len(ending) >= 2:
                found.setdefault(fold(name.removesuffix(ending)), False)
                break
        found[fold(name)] = name[-1] in "省市区县" and len(name) > 2
    return found


_PLACES: Final = _places()
_PLACE_LENGTH: Final = max(map(len, _PLACES))


def _place_ends(text: str) -> tuple[int, list[int]]:
    """Return where the place surely ends, and where it may end: 向阳 is a district, and what many shops are called."""
    at = sure = 0
    may: list[int] = []
    while True:
        for length in range(min(_PLACE_LENGTH, len(text) - at), 1, -1):
            says = _PLACES.get(text[at : at + length])
            if says is not None:
                break
        else:
            break
        at += length
        if says:
            sure, may = at, []
        else:
            may.append(at)
    town = _TOWNSHIP.match(text, at)
    if town is not None and len(text) - town.end() >= 2:
        may.append(town.end())
    return sure, may[:3]


def _core_end(rest: str) -> int:
    """Return where the 字号 ends: words of trade and form are taken off the end as long as two characters stay."""
    end = len(rest)
    while end > 2:
        # A single character is a form at the very end only: before another word it belongs to the 字号 (松岭园饺子馆).
        least = 1 if end == len(rest) else 2
        for length in range(min(_SUFFIX_LENGTH, end - 2), least - 1, -1):
            if rest[end - length : end] in _SUFFIXES:
                end -= length
                break
        else:
            number = _NUMBER.search(rest, 0, end) if end < len(rest) else None
            if number is None or number.start() < 2:
                break
            end = number.start()
    return end


def take_apart(text: str) -> Parts:
    """Return the parts of a name as registered, or of one as somebody remembers it."""
    folded = fold(text)[:NAME_LIMIT]
    sure, may = _place_ends(folded)
    if len(folded) - sure < 2:
        sure, may = 0, []
    rest = folded[sure:]
    cores: dict[str, int] = {}
    for start in (sure, *may):
        part = folded[start:]
        core = part[: _core_end(part)]
        if len(core) >= 2 and (start == sure or core not in _SUFFIXES):
            cores.setdefault(core, start)
    # A trade that is in no list of ours, or a place within: 字号 have two to four characters as a rule.
    for core in [core for core in cores if len(core) > 4]:
        for length in (3, 2, 4):
            cores.setdefault(core[:length], cores[core])
    return Parts(folded[:sure], folded[sure : max(may, default=0)], rest, tuple(islice(cores, CORES)))


# ---- Sound ---------------------------------------------------------------------------------------------------------

_READ_IN_NAMES: Final = {
    "行": ("hang", "xing"), "长": ("chang", "zhang"), "重": ("chong", "zhong"), "乐": ("le", "yue"),
    "朝": ("chao", "zhao"), "盛": ("sheng",), "厂": ("chang",), "车": ("che",), "大": ("da",), "都": ("du",),
    "和": ("he",), "石": ("shi",), "会": ("hui", "kuai"), "家": ("jia",), "合": ("he",), "万": ("wan",),
    "地": ("di",), "广": ("guang",), "厦": ("sha", "xia"), "单": ("shan", "dan"), "曾": ("zeng", "ceng"),
    "解": ("jie", "xie"), "六": ("liu", "lu"), "绿": ("lv", "lu"), "女": ("nv",), "区": ("qu", "ou"),
    "色": ("se",), "食": ("shi",), "参": ("shen", "can"), "藏": ("cang", "zang"), "兴": ("xing",), "馆": ("guan",),
    "店": ("dian",), "子": ("zi",), "口": ("kou",), "一": ("yi",), "不": ("bu",), "十": ("shi",), "百": ("bai", "bo"),
    "好": ("hao",), "金": ("jin",), "红": ("hong",), "校": ("xiao",), "角": ("jiao",), "宿": ("su",), "术": ("shu",),
    "调": ("tiao", "diao"), "干": ("gan",), "面": ("mian",), "服": ("fu",), "铺": ("pu",), "只": ("zhi",),
}  # fmt: skip
"""Readings of characters that the dictionary orders otherwise, or reads in ways that no name has."""


class _Readings(dict[str, tuple[str, ...]]):
    """Character → its readings without tones, the commonest first, two at most; of a letter, the letter."""

    def __missing__(self, character: str) -> tuple[str, ...]:
        found = _READ_IN_NAMES.get(character) or self._look_up(character)
        self[character] = found
        return found

    def _look_up(self, character: str) -> tuple[str, ...]:
        from pypinyin.constants import PINYIN_DICT  # imported late: it takes a third of a second

        said = PINYIN_DICT.get(ord(character))
        if not said:
            return (character,)
        plain = (
            unicodedata.normalize("NFD", one.replace("ü", "v").replace("ǚ", "v").replace("ǜ", "v").replace("ǘ", "v"))
            for one in said.split(",")
        )
        readings = dict.fromkeys("".join(letter for letter in one if letter.isalpha()) for one in plain)
        return tuple(islice(readings, 2))


_READINGS = _Readings()


class _Letters(dict[str, str]):
    """Character → the first letters of its readings, as one text."""

    def __missing__(self, character: str) -> str:
        letters = self[character] = "".join(dict.fromkeys(reading[:1] for reading in _READINGS[character]))
        return letters


_LETTERS = _Letters()


def sounds(text: str) -> list[str]:
    """Return the ways to read a folded text, toneless and without blanks, at most `READINGS` of them."""
    return ["".join(way) for way in islice(product(*map(_READINGS.__getitem__, text)), READINGS)]


def initials(text: str) -> list[str]:
    """Return the first letters of the pinyin of a folded text, in at most `READINGS` readings.

    >>> initials("重庆面馆"), initials("老渡口")
    (['cqmg', 'zqmg'], ['ldk'])
    """
    return ["".join(way) for way in islice(product(*map(_LETTERS.__getitem__, text)), READINGS)]


# ---- Keys ----------------------------------------------------------------------------------------------------------


def _key(sort: str, text: str) -> int:
    """Return the number of a part: signed, as PostgreSQL's integer is."""
    return crc32((sort + text).encode()) - 0x8000_0000


def _pairs(text: str) -> Iterator[int]:
    return (_key("2", text[place : place + 2]) for place in range(len(text) - 1))


def _threes(text: str) -> Iterator[int]:
    letters = [_LETTERS[character] for character in text]
    for place in range(len(letters) - 2):
        for way in product(*letters[place : place + 3]):
            yield _key("t", "".join(way))


def _slips(core: str, rest: str) -> Iterator[int]:
    """Yield what a 字号 and a wrong writing of it have in common: each with one character left out.

    Of two characters one would stay, which says nothing: there the trade stands beside it.
    """
    yield _key("d", core)
    if 3 <= len(core) <= 8:
        for place in range(len(core)):
            yield _key("d", core[:place] + core[place + 1 :])
    elif len(core) == 2 and rest.startswith(core) and len(rest) > 3:
        after = rest[2:][:3]
        yield _key("d", core[0] + after)
        yield _key("d", core[1] + after)


def keys(text: str) -> list[int]:
    """Return the keys of a name, in order, each once."""
    whole = fold(text)[:NAME_LIMIT]
    _, _, rest, cores = take_apart(text)
    found = set(_pairs(whole))
    short = rest[: _form_start(rest)]
    found.update(_threes(short))
    found.add(_key("p", sounds(short)[0]))
    for said in dict.fromkeys((whole, rest, short)):
        found.update(_key("i", letters) for letters in initials(said))
    for core in cores:
        found.add(_key("c", core))
        found.update(_slips(core, rest))
        found.update(_key("p", sound) for sound in sounds(core))
        found.update(_key("i", letters) for letters in initials(core))
    return sorted(found)


_FORM = re.compile(r"(?:(?:有限责任|股份有限|有限)?公司|专业合作社|合作社)?(?:第?[一二三四五六七八九十0-9]*分公司)?$")


def _form_start(rest: str) -> int:
    """Return where the organisation form begins at the end of a name."""
    found = _FORM.search(rest)
    return found.start() if found and found.start() >= 2 else len(rest)


# ---- Asking --------------------------------------------------------------------------------------------------------

GROUPS: Final = 32


class Question(NamedTuple):
    """What somebody looks for, read once."""

    words: tuple[str, ...]
    text: str
    place: str
    rest: str  # what stands behind the place
    cores: tuple[str, ...]
    trade: str  # what stands behind the likeliest 字号, without the form

    @property
    def is_latin(self) -> bool:
        """Tell whether only letters and digits were typed: first letters or whole syllables, mostly."""
        return self.text.isascii()


def question(typed: str) -> Question | None:
    """Return what was typed as a question, or None where less than two characters of it can be looked for."""
    words = words_of(typed)
    text = "".join(words)[:QUESTION_LIMIT]
    if len(text) < 2:
        return None
    if any(len(word) < 2 for word in words):
        words = [text]  # 老 渡 口: blanks that mean nothing
    if text.isascii():
        return Question(tuple(words), text, "", text, (text,), "")
    parts = take_apart(text)
    place, rest = parts.place, parts.rest
    if len(rest) - len(parts.may_place) >= 2:
        place, rest = place + parts.may_place, rest.removeprefix(parts.may_place)
    short = rest[: _form_start(rest)]
    likely = short[: _core_end(short)]
    # 向阳饭店: what may be a place is the 字号 where nothing else is. And what was typed may be the 字号 itself,
    # though it ends like a trade: 松岭园, 老百货.
    first = (likely,) if likely not in _SUFFIXES else parts.cores[:1]
    cores = tuple(dict.fromkeys((*first, *parts.cores[:1], short, *parts.cores[1:])))[:CORES]
    trade = short.removeprefix(cores[0]) if short.startswith(cores[0]) else short
    return Question(tuple(word[:QUESTION_LIMIT] for word in words), text, place, rest, cores, trade)


def _unique(found: Iterable[Iterable[int]], *, is_near: bool) -> list[Group]:
    rows = dict.fromkeys(tuple(dict.fromkeys(one)) for one in found)
    return [Group(one, is_near) for one in rows if one][:GROUPS]


def groups(asked: Question) -> list[Group]:
    """Return the groups of keys that the very words of a question ask for."""
    whole = [key for word in asked.words for key in _pairs(word)]
    if asked.is_latin:
        wanted: list[list[int]] = [[_key("i", asked.text)], [_key("p", asked.text)], [_key("c", asked.text)], whole]
        for letters in (asked.text, *_behind_place(asked.text)):
            wanted.append([_key("i", letters)])
            if len(letters) > 2:
                wanted.append(list(_threes(letters)))
        return _unique(wanted, is_near=False)
    if asked.text in _SUFFIXES or asked.text in _PLACES:
        # A hundred thousand names have all of its pairs, and one is enough to find some of them.
        return [Group(tuple(islice(_pairs(asked.text), 1)), is_near=False)]
    place = list(_pairs(_bare(asked.place)))
    trade = list(_pairs(asked.trade))
    wanted = []
    for core in asked.cores:
        wanted += [[_key("c", core), *place, *trade], [_key("c", core), *place], [_key("c", core), *trade]]
    wanted += [[_key("c", core)] for core in asked.cores]
    rest = list(_pairs(asked.rest))
    wanted += [whole, [*place, *rest], [*place, *trade, *_pairs(asked.cores[0])], rest]
    return _unique(wanted, is_near=False)


def near_groups(asked: Question) -> list[Group]:
    """Return the groups of keys that a question would ask for if one character of it were wrong, missing or too many."""
    if asked.is_latin:
        return []
    trade = list(_pairs(asked.trade))
    wanted: list[list[int]] = []
    for number, core in enumerate(asked.cores[:3]):
        behind = trade if number == 0 else []
        slips = list(_slips(core, asked.rest if number == 0 else core))
        heard = [_key("p", sound) for sound in sounds(core)]
        for key in (*heard, *slips):
            wanted.append([key, *behind])
        if behind:
            wanted += [[key] for key in (*heard, *slips)]
    pairs = list(_pairs(asked.rest))
    if len(pairs) >= 4:
        # A character that is wrong or too many spoils both pairs it stands in; one that is missing, the pair around it.
        # What is left must hold a pair of the 字号: the trade alone is common to thousands.
        own = len(asked.cores[0]) if asked.rest.startswith(asked.cores[0]) else len(pairs)
        wanted += [
            [key for number, key in enumerate(pairs) if number not in (place - 1, place)]
            for place in range(len(asked.rest))
            if any(number not in (place - 1, place) for number in range(own))
        ]
    return _unique(wanted, is_near=True)


@lru_cache(maxsize=512)
def _bare(place: str) -> str:
    """Return the last division of a place without the word that says what it is: 鹤岗市工农区 → 工农."""
    for length in range(2, len(place) + 1):
        if place[-length:] in _PLACES:
            bare = place[-length:]
            return bare[:-1] if bare[-1] in "省市区县" and len(bare) > 2 else bare
    return place


@lru_cache(maxsize=1)
def _place_letters() -> frozenset[str]:
    """Return the first letters of every division, with and without the word that says what it is."""
    return frozenset(letters for place in _PLACES for letters in initials(place))


def _behind_place(letters: str) -> list[str]:
    """Return what stands behind the first letters of a place, where two letters at least do: hgldk → ldk."""
    return [letters[length:] for length in range(2, min(len(letters) - 1, 7)) if letters[:length] in _place_letters()][
        :2
    ]


# ---- Judging -------------------------------------------------------------------------------------------------------

Rank = tuple[int, int, int, int, str]


def rank(asked: Question, name: str) -> Rank | None:
    """Return how well a name answers a question, the smaller the better, or None where it does not answer it at all."""
    whole = fold(name)
    parts = _parts(name)
    kind = _latin_kind(asked, whole, parts) if asked.is_latin else _kind(asked, whole, parts)
    if kind is None:
        return None
    bare = _bare(asked.place)
    elsewhere = int(bool(bare) and bare not in whole)
    missing = sum(asked.trade[place : place + 2] not in whole for place in range(len(asked.trade) - 1))
    return kind, elsewhere, missing, abs(len(parts.rest) - len(asked.rest)), whole


@lru_cache(maxsize=4096)
def _parts(name: str) -> Parts:
    return take_apart(name)


NEAR: Final = 6
"""From this kind on an answer only sounds alike, or is a slip away."""


def _kind(asked: Question, whole: str, parts: Parts) -> int | None:
    if asked.text in (whole, parts.rest):
        return 0
    core = asked.cores[0]
    if core in parts.cores[:2]:
        return 1
    if any(one in parts.cores for one in asked.cores):
        return 2
    if asked.text in whole:
        return 3
    if all(word in whole for word in asked.words) or (len(asked.rest) > 2 and asked.rest in whole):
        return 4
    if asked.trade and _bare(asked.place) in whole and asked.trade in whole and (core in whole or core == asked.trade):
        return 5
    theirs = parts.cores[:3]
    if any(_sound_alike(core, other) for other in theirs):
        return NEAR
    if any(_is_slip(core, other) for other in theirs if max(len(core), len(other)) > 2):
        return NEAR + 1
    if any(_is_slip(one, other) for one in asked.cores for other in (*theirs, parts.rest)
           if max(len(one), len(other)) > 2):  # fmt: skip
        return NEAR + 2
    beside = len(core) == 2 and asked.trade and asked.trade[:2] in whole
    if beside and any(len(other) == 2 and _is_slip(core, other) for other in theirs):
        return NEAR + 2
    if _is_slip_within(asked.rest, whole):
        return NEAR + 3
    return None


def _latin_kind(asked: Question, whole: str, parts: Parts) -> int | None:
    text = asked.text
    for core in parts.cores:
        if text == core or text in initials(core) or text in sounds(core):
            return 1
    short = parts.rest[: _form_start(parts.rest)]
    for said in (parts.rest, short, whole):
        if text in initials(said) or text == sounds(said)[0]:
            return 2
    if any(letters.startswith(text) for letters in initials(short)):
        return 3
    if any(letters in initials(said) for letters in _behind_place(text) for said in (parts.cores[0], short)):
        return 3
    if all(word in whole for word in asked.words):
        return 4
    return 5 if any(text in letters for letters in initials(whole)) else None


def _sound_alike(one: str, other: str) -> bool:
    return len(one) == len(other) and all(
        mine == theirs or not set(_READINGS[mine]).isdisjoint(_READINGS[theirs])
        for mine, theirs in zip(one, other, strict=True)
    )


def _is_slip(one: str, other: str) -> bool:
    """Tell whether two texts differ by one character: another, one more, one less, or two that changed places."""
    if abs(len(one) - len(other)) > 1:
        return False
    shorter = min(len(one), len(other))
    start = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    mine, theirs = one[start : len(one) - end], other[start : len(other) - end]
    return max(len(mine), len(theirs)) <= 1 or (len(mine) == 2 and mine == theirs[::-1])


def _is_slip_within(text: str, whole: str) -> bool:
    """Tell whether a text stands in a name but for one character."""
    for place in range(len(text)):
        before, after = text[:place], text[place + 1 :]
        at = whole.find(before)
        while at >= 0:
            end = at + place
            if (
                whole.startswith(after, end + 1)
                or whole.startswith(after, end)
                or whole.startswith(text[place:], end + 1)
            ):
                return True
            at = whole.find(before, at + 1) if before else -1
    return False
