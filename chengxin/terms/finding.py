"""Finding a name by what somebody remembers of it: keys to index, keys to ask for, and how good an answer is.

People remember the 字号, write it as it sounds, leave a character out, or type the first letters of its pinyin. So a name
has *keys*, numbers that stand for its parts, and a question is *groups* of keys: a name that has all the keys of a group
may be meant. A key is a hash, and two parts may share one, so `rank` looks at the name itself. Pure.

>>> asked = question("老度口餃子馆")
>>> set(near_groups(asked)[0]) <= set(keys("鹤岗市工农区老渡口饺子馆"))
True
>>> rank(asked, "鹤岗市工农区老渡口饺子馆") < rank(asked, "鹤岗市老坡口饺子馆"), rank(asked, "黑河市饺子馆")
(True, None)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple
from zlib import crc32

from chengxin.terms.name import (
    NAME_LIMIT,
    PLACES,
    SUFFIXES,
    Parts,
    Sign,
    fold,
    form_start,
    place_first,
    sign_end,
    take_apart,
)
from chengxin.terms.sound import LETTERS, initials, sound_alike, sounds, spelt

QUESTION_LIMIT: Final = 60
"""Characters of a question that are looked at."""
GROUPS: Final = 40

Group = tuple[int, ...]
"""Keys that a name must have all of."""

# ---- Keys ----------------------------------------------------------------------------------------------------------


def _key(sort: str, text: str) -> int:
    """Return the number of a part: signed, as PostgreSQL's integer is."""
    return crc32((sort + text).encode()) - 0x8000_0000


def _pairs(text: str) -> Iterator[int]:
    return (_key("2", text[place : place + 2]) for place in range(len(text) - 1))


def _threes(text: str) -> Iterator[int]:
    """Yield the keys of three first letters in a row, in every reading."""
    letters = [LETTERS[character] for character in text]
    for place in range(len(letters) - 2):
        for way in product(*letters[place : place + 3]):
            yield _key("t", "".join(way))


def _slips(sign: Sign) -> Iterator[int]:
    """Yield what a sign and a wrong writing of it have in common: each with one character left out.

    Of two characters one would stay, which says nothing: there the trade stands beside it.
    """
    text, after = sign
    yield _key("d", text)
    if 3 <= len(text) <= 8:
        for place in range(len(text)):
            yield _key("d", text[:place] + text[place + 1 :])
    elif len(text) == 2 and len(after) > 1:
        trade = after[: form_start(after)][:3]
        yield _key("d", text[0] + trade)
        yield _key("d", text[1] + trade)


def keys(text: str) -> list[int]:
    """Return the keys of a name, in order, each once."""
    whole = fold(text)[:NAME_LIMIT]
    parts = take_apart(text)
    short = parts.rest[: form_start(parts.rest)]
    found = set(_pairs(whole))
    found.update(_threes(short))
    found.add(_key("p", sounds(short)[0]))
    for said in dict.fromkeys((whole, parts.rest, short)):
        found.update(_key("i", letters) for letters in initials(said))
    for sign in parts.signs:
        found.add(_key("c", sign.text))
        found.update(_slips(sign))
        found.update(_key("p", sound) for sound in sounds(sign.text))
        found.update(_key("i", letters) for letters in initials(sign.text))
    return sorted(found)


# ---- Asking --------------------------------------------------------------------------------------------------------


class Question(NamedTuple):
    """What somebody looks for, read once."""

    words: tuple[str, ...]
    text: str
    place: str
    rest: str  # what stands behind the place
    signs: tuple[Sign, ...]  # the likeliest first; never empty

    @property
    def is_latin(self) -> bool:
        """Tell whether only letters and digits were typed: first letters or syllables of pinyin, mostly."""
        return self.text.isascii()

    @property
    def trade(self) -> str:
        """What stands behind the likeliest sign, without the form."""
        after = self.signs[0].after
        return after[: form_start(after)]


def _words(typed: str) -> list[str]:
    """Return what somebody typed, folded, word by word as blanks divide it; at most four."""
    plain = unicodedata.normalize("NFKC", place_first(typed[: 4 * QUESTION_LIMIT]))
    return [word for word in map(fold, plain.split()) if word][:4]


def question(typed: str) -> Question | None:
    """Return what was typed as a question, or None where less than two characters of it can be looked for."""
    words = _words(typed)
    text = "".join(words)[:QUESTION_LIMIT]
    if len(text) < 2:
        return None
    if any(len(word) < 2 for word in words):
        words = [text]  # 老 渡 口: blanks that mean nothing
    if text.isascii():
        return Question(tuple(words), text, "", text, (Sign(text, ""),))
    parts = take_apart(text)
    place, rest = parts.place, parts.rest
    if len(rest) - len(parts.may_place) >= 2:
        place, rest = place + parts.may_place, rest.removeprefix(parts.may_place)
    end = sign_end(rest)
    # 向阳饭店: what may be a place is the sign where nothing else is. And all that was typed may be the sign, though it
    # ends like a trade: 松岭园, 老百货.
    likely = [Sign(rest[:end], rest[end:])] if rest[:end] not in SUFFIXES else []
    short = rest[: form_start(rest)]
    signs = dict.fromkeys((*likely, *parts.signs[:1], Sign(short, ""), *parts.signs[1:]))
    return Question(tuple(words), text, place, rest, tuple(signs)[:10])


def _unique(found: Iterable[Iterable[int]]) -> list[Group]:
    return [group for group in dict.fromkeys(tuple(dict.fromkeys(one)) for one in found) if group][:GROUPS]


def groups(asked: Question) -> list[Group]:
    """Return the groups of keys that the words of a question ask for as they are, the likeliest first."""
    if asked.is_latin:
        return _latin_groups(asked)
    if asked.text in SUFFIXES or asked.text in PLACES:
        # A hundred thousand names have all of its pairs, and one is enough to find some of them.
        return [tuple(_pairs(asked.text))[:1]]
    place = list(_pairs(_bare(asked.place)))
    trade = list(_pairs(asked.trade))
    rest = list(_pairs(asked.rest))
    first = _key("c", asked.signs[0].text)
    wanted = [[first, *place, *trade], [first, *place], [first, *trade], [first]]
    wanted += [[key for word in asked.words for key in _pairs(word)], [*place, *rest]]
    wanted += [[_key("c", sign.text), *place] for sign in asked.signs[1:]]
    wanted += [[*place, *trade, *_pairs(asked.signs[0].text)], rest]
    wanted += [[_key("c", sign.text)] for sign in asked.signs[1:]]
    return _unique(wanted)


def _latin_groups(asked: Question) -> list[Group]:
    text = asked.text
    wanted = [[_key("i", text)], [_key("p", text)], [_key("c", text)], [k for w in asked.words for k in _pairs(w)]]
    for letters in _letters_of(text):
        wanted.append([_key("i", letters)])
        if len(letters) > 2:
            wanted.append(list(_threes(letters)))
    return _unique(wanted)


def near_groups(asked: Question) -> list[Group]:
    """Return the groups a question would ask for if one character of it were wrong, missing or too many."""
    if asked.is_latin:
        return []
    trade = list(_pairs(asked.trade))
    wanted: list[list[int]] = []
    alone: list[list[int]] = []
    for number, sign in enumerate(asked.signs[:4]):
        alike = [*(_key("p", sound) for sound in sounds(sign.text)), *_slips(sign)]
        if number == 0 and trade:
            wanted += [[key, *trade] for key in alike]
        alone += [[key] for key in alike]
    wanted.append([_key("d", asked.rest[:4])])  # of a sign of two characters one is missing: 兴饭店
    pairs = list(_pairs(asked.rest))
    if len(pairs) >= 4:
        # A character that is wrong or too many spoils both pairs it stands in; one that is missing, the pair around it.
        # What is left must hold a pair of the sign: those of the trade alone are common to thousands.
        first = asked.signs[0].text
        own = range(len(first)) if asked.rest.startswith(first) else range(len(pairs))
        for place in range(len(asked.rest)):
            if any(number not in (place - 1, place) for number in own):
                wanted.append([key for number, key in enumerate(pairs) if number not in (place - 1, place)])
    return _unique([*wanted, *alone])


@lru_cache(maxsize=512)
def _bare(place: str) -> str:
    """Return the last division of a place without the word that says what it is: 鹤岗市工农区 → 工农."""
    for length in range(2, len(place) + 1):
        last = place[-length:]
        if last in PLACES:
            return last[:-1] if last[-1] in "省市区县" and len(last) > 2 else last
    return ""


@lru_cache(maxsize=1)
def _place_letters() -> frozenset[str]:
    """Return the first letters of every division, with and without the word that says what it is."""
    return frozenset(letters for place in PLACES for letters in initials(place))


def _letters_of(text: str) -> list[str]:
    """Return what letters may stand for as first letters: themselves, those of syllables, and those behind a place's."""
    found = [text, *("".join(syllable[0] for syllable in way) for way in spelt(text) if len(way) > 1)]
    for length in range(2, min(len(text) - 1, 7)):
        if text[:length] in _place_letters():
            found.append(text[length:])
    return list(dict.fromkeys(found))[:6]


# ---- Judging -------------------------------------------------------------------------------------------------------

NEAR: Final = 6
"""From this kind on an answer only sounds alike, or is a slip away."""


class Rank(NamedTuple):
    """How well a name answers a question, the smaller the better."""

    kind: int
    elsewhere: int  # 1: not in the place that was named
    missing: int  # pairs of the trade that was named, and is not there
    longer: int  # by how many characters the two differ
    name: str  # folded; so that the order is the same each time

    @property
    def is_near(self) -> bool:
        """Tell whether it only sounds alike, or is a slip away."""
        return self.kind >= NEAR


def rank(asked: Question, name: str) -> Rank | None:
    """Return how well a name answers a question, or None where it does not answer it at all."""
    whole = fold(name)
    parts = _parts(name)
    kind = _latin_kind(asked, whole, parts) if asked.is_latin else _kind(asked, whole, parts)
    if kind is None:
        return None
    bare, trade = _bare(asked.place), asked.trade
    missing = sum(trade[place : place + 2] not in whole for place in range(len(trade) - 1))
    return Rank(kind, int(bare not in whole), missing, abs(len(parts.rest) - len(asked.rest)), whole)


@lru_cache(maxsize=4096)
def _parts(name: str) -> Parts:
    return take_apart(name)


def _kind(asked: Question, whole: str, parts: Parts) -> int | None:
    if asked.text in (whole, parts.rest):
        return 0
    first = asked.signs[0].text
    theirs = [sign.text for sign in parts.signs]
    if first in theirs:
        return 1
    if asked.text in whole:
        return 2
    if all(word in whole for word in asked.words) or (len(asked.rest) > 2 and asked.rest in whole):
        return 3
    mine = [sign.text for sign in asked.signs]
    if not set(mine).isdisjoint(theirs):
        return 4
    if asked.trade in whole and _bare(asked.place) in whole and first in whole:
        return 5
    if any(sound_alike(first, other) for other in theirs):
        return NEAR
    if any(
        is_slip(one, other)
        for one in mine
        for other in theirs
        if min(len(one), len(other)) > 1 and len(one + other) > 4
    ):
        return NEAR + 1
    beside = len(first) == 2 and asked.trade and asked.trade[:2] in whole
    if beside and any(len(other) == 2 and is_slip(first, other) for other in theirs):
        return NEAR + 1
    if any(sound_alike(one, other) for one in mine[1:] for other in theirs):
        return NEAR + 2
    return NEAR + 2 if _is_slip_within(asked.rest, whole) else None


def _latin_kind(asked: Question, whole: str, parts: Parts) -> int | None:
    text = asked.text
    for sign in parts.signs:
        if text == sign.text or text in initials(sign.text) or text in sounds(sign.text):
            return 1
    short = parts.rest[: form_start(parts.rest)]
    if any(text in initials(said) or text == sounds(said)[0] for said in (parts.rest, short, whole)):
        return 2
    heard = initials(short)
    if any(one.startswith(text) for one in heard) or any(one.startswith(text) for one in sounds(short)):
        return 3
    if all(word in whole for word in asked.words):
        return 3
    if any(one.startswith(letters) for one in heard for letters in _behind(text)):
        return 4
    return 5 if any(text in letters for letters in heard) or any(text in one for one in sounds(short)) else None


def _behind(text: str) -> list[str]:
    return [text[length:] for length in range(2, min(len(text) - 1, 7)) if text[:length] in _place_letters()]


def is_slip(one: str, other: str) -> bool:
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
    """Tell whether a text stands in a name but for one character; two beside each other that changed places count."""
    for place in range(len(text)):
        before, after = text[:place], text[place + 1 :]
        at = whole.find(before)
        while at >= 0:
            end = at + place
            if (
                whole.startswith(after, end + 1)
                or whole.startswith(after, end)
                or whole.startswith(text[place:], end + 1)
                or whole.startswith(text[place : place + 2][::-1] + text[place + 2 :], end)
            ):
                return True
            at = whole.find(before, at + 1) if before else -1
    return False
