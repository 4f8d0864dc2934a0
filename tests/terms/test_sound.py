"""How characters sound, and how letters are read."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.terms.sound import READINGS, WAYS, initials, sound_alike, sounds, spelt


@pytest.mark.parametrize(
    ("text", "sound", "letters"),
    [
        ("老渡口", "laodukou", "ldk"),
        ("重庆", "chongqing", "cq"),
        ("长春", "changchun", "cc"),
        ("银行", "yinhang", "yh"),
        ("行知", "xingzhi", "xz"),
        ("快乐", "kuaile", "kl"),
        ("音乐", "yinyue", "yy"),
        ("朝阳", "chaoyang", "cy"),
        ("朝阳", "zhaoyang", "zy"),
        ("厦门", "xiamen", "xm"),
        ("大厦", "dasha", "ds"),
        ("绿源", "lvyuan", "ly"),
        ("女人", "nvren", "nr"),
        ("旭日", "xuri", "xr"),
        ("瑷珲", "aihui", "ah"),
        ("89号ktv", "89haoktv", "89hktv"),
    ],
)
def test_a_text_is_read(text: str, sound: str, letters: str) -> None:
    assert sound in sounds(text)
    assert letters in initials(text)


@pytest.mark.parametrize("text", ["重长乐行朝厦单曾解六" * 6, "", "😀"])
def test_the_ways_to_read_are_bounded(text: str) -> None:
    assert 1 <= len(sounds(text)) <= WAYS
    assert 1 <= len(initials(text)) <= WAYS


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("老渡口", "老度口", True),
        ("长乐", "常乐", True),
        ("长乐", "涨悦", True),
        ("老渡口", "老波口", False),
        ("老渡口", "老渡", False),
        ("", "", True),
    ],
)
def test_what_sounds_alike_is_told(one: str, other: str, alike: bool) -> None:
    assert sound_alike(one, other) is alike


@pytest.mark.parametrize(
    ("letters", "syllables"),
    [
        ("laodukou", ("lao", "du", "kou")),
        ("xian", ("xian",)),
        ("xian", ("xi", "an")),
        ("zelinkouqiang", ("ze", "lin", "kou", "qiang")),
    ],
)
def test_letters_are_read_as_syllables(letters: str, syllables: tuple[str, ...]) -> None:
    assert syllables in spelt(letters)


@pytest.mark.parametrize("letters", ["ldk", "", "xv9", "bpmf"])
def test_what_is_no_pinyin_is_read_as_none(letters: str) -> None:
    assert [way for way in spelt(letters) if way] == []


@pytest.mark.parametrize("letters", ["a" * 60, "an" * 30 + "v", "xian" * 15])
def test_hostile_letters_take_no_time(letters: str) -> None:
    spelt("warm")
    began = time.process_time()
    spelt(letters)

    assert time.process_time() - began < 0.5


@given(st.text(alphabet="aeioulngxidkz", max_size=20))
def test_every_way_gives_the_letters_back(letters: str) -> None:
    assert all("".join(way) == letters for way in spelt(letters))


def test_every_reading_of_ours_is_pinyin() -> None:
    known = [reading for said in READINGS.values() for reading in said.split()]

    assert [reading for reading in known if (reading,) not in spelt(reading)] == []
