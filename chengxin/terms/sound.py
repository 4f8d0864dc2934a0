"""How characters sound: pinyin without tones, character by character. Pure: no database, no clock.

What a character may be read as depends on the word it stands in, and of a name nobody knows the words. So a character
that names use in two readings has both here, every other one has its commonest.

>>> sounds("重庆"), initials("长乐"), spelt("laodukou")[0]
(['chongqing', 'zhongqing'], ['cl', 'cy', 'zl', 'zy'], ('lao', 'du', 'kou'))
"""

from __future__ import annotations

import importlib.util
import unicodedata
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Final

WAYS: Final = 4
"""Ways to read one text that are looked at, of one with several characters of two readings."""

READINGS: Final = {
    "行": "hang xing", "长": "chang zhang", "重": "chong zhong", "乐": "le yue", "朝": "chao zhao", "厦": "sha xia",
    "单": "shan dan", "曾": "zeng ceng", "解": "jie xie", "六": "liu lu", "绿": "lv lu", "参": "shen can",
    "藏": "cang zang", "会": "hui kuai", "百": "bai bo", "伯": "bo bai", "柏": "bai bo", "区": "qu ou", "调": "tiao diao",
    "便": "bian pian", "传": "chuan zhuan", "弹": "tan dan", "率": "lv shuai", "薄": "bo bao", "翟": "zhai di",
    "查": "cha zha", "盖": "gai ge", "任": "ren", "泊": "bo po", "秘": "mi bi", "省": "sheng xing", "拓": "tuo ta",
    "蔚": "wei yu", "种": "zhong chong", "转": "zhuan", "折": "zhe she", "蚌": "bang beng", "刹": "sha cha",
    "乘": "cheng sheng", "盛": "sheng cheng", "称": "cheng chen", "恶": "e wu", "降": "jiang xiang", "教": "jiao",
    "卷": "juan", "卡": "ka qia", "壳": "ke qiao", "模": "mo mu", "宁": "ning", "强": "qiang", "曲": "qu", "石": "shi dan",
    "提": "ti di", "屯": "tun", "尾": "wei yi", "鲜": "xian", "叶": "ye", "只": "zhi", "仇": "qiu chou", "尉": "wei yu",
    "缪": "miao", "覃": "qin tan", "燕": "yan", "隗": "wei kui", "洗": "xi xian", "冼": "xian", "纪": "ji", "华": "hua",
    "和": "he", "都": "du dou", "大": "da dai", "地": "di", "得": "de", "合": "he", "车": "che ju", "厂": "chang",
    "广": "guang", "食": "shi", "家": "jia", "万": "wan", "女": "nv", "色": "se", "兴": "xing", "校": "xiao jiao",
    "角": "jiao", "宿": "su xiu", "干": "gan", "服": "fu", "铺": "pu", "术": "shu", "好": "hao", "空": "kong",
    "分": "fen", "发": "fa", "正": "zheng", "中": "zhong", "更": "geng", "相": "xiang", "应": "ying", "还": "huan hai",
    "若": "ruo", "卜": "bu bo", "台": "tai", "几": "ji", "落": "luo lao", "露": "lu lou", "血": "xue xie", "熟": "shu shou",
    "壹": "yi", "玖": "jiu", "甸": "dian", "瑷": "ai", "珲": "hui hun", "儿": "er", "吗": "ma", "吧": "ba", "咖": "ka",
    "馄": "hun", "饨": "tun", "烙": "lao luo", "蛤": "ge ha", "蚶": "han", "粘": "zhan nian", "炸": "zha", "扒": "pa ba",
    "涮": "shuan", "煲": "bao", "饸": "he", "饹": "le", "汆": "cuan", "熥": "teng", "齁": "hou", "坨": "tuo", "埠": "bu",
}  # fmt: skip
"""Character → its readings in names: those of two, and those that the dictionary begins with another."""


class _Readings(dict[str, tuple[str, ...]]):
    """Character → its readings; of a letter or a digit, itself."""

    def __missing__(self, character: str) -> tuple[str, ...]:
        said = READINGS.get(character)
        found = self[character] = tuple(said.split()) if said else (_look_up(character),)
        return found


@lru_cache(maxsize=1)
def _dictionary() -> dict[int, str]:
    # Its characters alone: the package itself, when imported, learns all its phrases too, for a fifth of a second and 43 MB.
    package = importlib.util.find_spec("pypinyin")
    assert package is not None and package.submodule_search_locations  # noqa: S101 — a dependency of ours
    path = Path(package.submodule_search_locations[0], "pinyin_dict.py")
    spec = importlib.util.spec_from_file_location("pinyin_dict", path)
    assert spec is not None and spec.loader is not None  # noqa: S101 — it is a file of Python
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[int, str] = module.pinyin_dict
    return found


def load() -> None:
    """Load the dictionary now: for whoever must not wait for it later, holding something that others wait for."""
    _dictionary()


def _look_up(character: str) -> str:
    first = _dictionary().get(ord(character), "").split(",")[0]
    return _toneless(first) if first else character


def _toneless(pinyin: str) -> str:
    """Return a syllable as it is typed: without its tone, ü as v."""
    apart = unicodedata.normalize("NFD", pinyin).replace("u\u0308", "v")
    return "".join(letter for letter in apart if letter.isalpha())


_OF = _Readings()


class _Letters(dict[str, str]):
    """Character → the first letters of its readings, as one text."""

    def __missing__(self, character: str) -> str:
        letters = self[character] = "".join(dict.fromkeys(reading[:1] for reading in _OF[character]))
        return letters


LETTERS: Final = _Letters()


def sounds(text: str) -> list[str]:
    """Return the ways to read a folded text, without tones and blanks, at most `WAYS` of them."""
    return ["".join(way) for way in islice(product(*map(_OF.__getitem__, text)), WAYS)]


def initials(text: str) -> list[str]:
    """Return the first letters of the pinyin of a folded text, in at most `WAYS` readings."""
    return ["".join(way) for way in islice(product(*map(LETTERS.__getitem__, text)), WAYS)]


def sound_alike(one: str, other: str) -> bool:
    """Tell whether two texts can be read alike, character by character."""
    return len(one) == len(other) and all(
        mine == theirs or not set(_OF[mine]).isdisjoint(_OF[theirs]) for mine, theirs in zip(one, other, strict=True)
    )


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    return frozenset(
        _toneless(reading) for said in _dictionary().values() for reading in said.split(",") if len(reading) > 1
    ) | {"a", "e", "o"}


def spelt(letters: str, *, most: int = 3) -> list[tuple[str, ...]]:
    """Return the ways to read letters as whole syllables of pinyin, those of long syllables first; at most `most`."""
    known = _syllables()
    # From where the rest can be read at all: without it, hostile letters would be tried for ever.
    readable = {len(letters)}
    for start in range(len(letters) - 1, -1, -1):
        if any(start + length in readable and letters[start : start + length] in known for length in range(1, 7)):
            readable.add(start)
    found: list[tuple[str, ...]] = []
    open_ways: list[tuple[int, tuple[str, ...]]] = [(0, ())] if 0 in readable else []
    while open_ways and len(found) < most:
        start, before = open_ways.pop()
        if start == len(letters):
            found.append(before)
        for length in range(1, 7):  # the longest is pushed last, and so taken first
            syllable = letters[start : start + length]
            if len(syllable) == length and syllable in known and start + length in readable:
                open_ways.append((start + length, (*before, syllable)))
    return found
