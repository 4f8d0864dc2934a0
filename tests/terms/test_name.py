"""How names are written, and what they are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.terms import name
from chengxin.terms.name import fold, place_first, take_apart


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("鶴崗市", "鹤岗市"),
        ("老渡口餃子館", "老渡口饺子馆"),
        ("ＫＴＶ量販", "ktv量贩"),
        ("８９号院儿（总店）", "89号院儿总店"),
        (" 老　渡\t口·饺子-馆 ", "老渡口饺子馆"),
        ("\u202e口渡老\u202c\x00😀", "口渡老"),
        ("𠮷野家", "𠮷野家"),
        ("", ""),
    ],
    ids=["traditional", "a whole name", "full width", "digits", "blanks", "hostile", "a rare character", "nothing"],
)
def test_a_text_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30), st.data())
def test_a_part_is_folded_as_it_is_in_the_whole(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))

    assert fold(text) == fold(text[:place]) + fold(text[place:])


@given(st.text(max_size=60))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "place", "sign"),
    [
        ("鹤岗市工农区老渡口饺子馆", "鹤岗市工农区", "老渡口"),
        ("黑龙江省鹤岗市老渡口饺子馆", "黑龙江省鹤岗市", "老渡口"),
        ("鹤岗市松岭里商贸有限责任公司", "鹤岗市", "松岭里"),
        ("老渡口餐饮管理有限公司第二分公司", "", "老渡口"),
        ("萝北县兴隆水稻种植专业合作社", "萝北县", "兴隆"),
        ("鹤岗市向阳区向阳饭店", "鹤岗市向阳区", "向阳"),
        ("友谊县友谊商店", "友谊县", "友谊"),
        ("嫩江市赵老三豆腐坊", "嫩江市", "赵老三"),
        ("松岭园饺子馆", "", "松岭园"),
        ("老百货商店", "", "老百货"),
        ("三八理发店", "", "三八"),
        ("饭店", "", "饭店"),
        ("老渡口", "", "老渡口"),
        ("鹤岗市", "", "鹤岗市"),
    ],
)
def test_the_sign_of_a_name_is_told_from_its_place_and_trade(text: str, place: str, sign: str) -> None:
    parts = take_apart(text)

    assert (parts.place, parts.signs[0].text) == (place, sign)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("鹤岗老渡口饺子馆", "老渡口"),
        ("老渡口（鹤岗）餐饮管理有限公司", "老渡口"),
        ("萝北县凤翔镇老渡口饺子馆", "老渡口"),
        ("黑河自贸片区远桥贸易有限公司", "远桥"),
        ("鹤岗市雁归来铁锅焖面", "雁归来"),
        ("大黑河岛阿芙罗拉俄货商行", "阿芙罗拉"),
        ("鹤岗市向阳小厨饭店", "向阳小厨"),
        ("鹤岗市向阳小厨饭店", "小厨"),
    ],
    ids=[
        "a city without 市",
        "a place in brackets",
        "a town",
        "a zone",
        "an unknown trade",
        "an unknown place",
        "perhaps a place",
        "or not",
    ],
)
def test_where_a_name_can_be_read_in_several_ways_each_sign_is_there(text: str, sign: str) -> None:
    assert sign in [one.text for one in take_apart(text).signs]


def test_a_place_in_brackets_is_put_first_and_other_brackets_stay() -> None:
    assert place_first("老渡口（鹤岗）餐饮公司") == "鹤岗老渡口餐饮公司"
    assert place_first("老渡口（总店）") == "老渡口（总店）"


@given(st.text(alphabet="鹤岗市工农区老渡口饺子馆有限公司第一分店镇乡（）", max_size=200))
def test_any_name_is_taken_apart_within_bounds(text: str) -> None:
    parts = take_apart(text)

    assert len(parts.signs) <= name.SIGNS
    assert fold(place_first(text))[: name.NAME_LIMIT] == parts.place + parts.rest
    assert all(len(sign.text) > 1 for sign in parts.signs)
