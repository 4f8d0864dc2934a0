"""What a question finds of a name, without a database: the keys it asks for are among the name's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.terms import finding
from chengxin.terms.name import take_apart

NAME = "鹤岗市工农区老渡口饺子馆"
NAMES = (
    NAME,
    "黑河市爱辉区大黑河岛阿芙罗拉俄货商行",
    "鹤岗市墨炬石墨新材料科技有限公司",
    "嫩江市麦浪仙农机专业合作社",
    "鹤岗市向阳区向阳花幼儿园",
    "绥滨县松滨人家宾馆",
    "鹤岗市东山区长乐老年公寓",
)
CHINESE = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


def finds(typed: str, name: str) -> bool:
    asked = finding.question(typed)
    if asked is None:
        return False
    have = set(finding.keys(name))
    return finding.rank(asked, name) is not None and any(
        have.issuperset(group) for group in (*finding.groups(asked), *finding.near_groups(asked))
    )


@pytest.mark.parametrize(
    "typed",
    [
        "鹤岗市工农区老渡口饺子馆", "老渡口", "渡口", "饺子馆", "鹤岗老渡口", "工农区老渡口", "老渡口饺子店", "鹤岗 老渡口",
        "老 渡 口", "鶴崗市老渡口餃子館", "老度口", "老波口", "老口饺子馆", "老渡渡口", "老口渡饺子馆", "ldk", "LDK", "ldkjzg",
        "hgldk", "laodukou", "lao du kou", "laodukoujiaozi", "老渡口（鹤岗）饺子馆", "渡口 工农区",
    ],
)  # fmt: skip
def test_a_name_is_found_by(typed: str) -> None:
    assert finds(typed, NAME)


@pytest.mark.parametrize("typed", ["老波品", "新渡头", "包子铺", "黑河", "xyz", "老", "", "!?", "🙂🙂"])
def test_a_name_is_not_found_by(typed: str) -> None:
    assert not finds(typed, NAME)


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("老渡口", "黑河市老渡口商店", "鹤岗市老渡口人家饺子馆"),
        ("老渡口饺子馆", "鹤岗市老渡口饺子馆", "鹤岗市老渡口商店"),
        ("鹤岗老渡口", "鹤岗市老渡口商店", "黑河市老渡口商店"),
        ("老度口", "鹤岗市老渡口商店", "鹤岗市老坡口商店"),
        ("老波口饺子馆", "鹤岗市老渡口饺子馆", "鹤岗市老渡口商店"),
        ("ldk", "鹤岗市老渡口商店", "鹤岗市林大康饺子馆分店"),
        ("渡口", "鹤岗市渡口商店", "鹤岗市老渡口商店"),
    ],
)
def test_the_better_answer_comes_first(typed: str, better: str, worse: str) -> None:
    asked = finding.question(typed)
    assert asked is not None
    ranks = finding.rank(asked, better), finding.rank(asked, worse)

    assert ranks[0] is not None and (ranks[1] is None or ranks[0] <= ranks[1])


@given(st.sampled_from(NAMES), st.data())
def test_any_two_characters_or_more_in_a_row_find_a_name(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    end = data.draw(st.integers(start + 2, len(name)))

    assert finds(name[start:end], name)


@given(st.sampled_from(NAMES), st.data())
def test_any_part_of_a_sign_finds_its_name(name: str, data: st.DataObject) -> None:
    sign = data.draw(st.sampled_from([one.text for one in take_apart(name).signs]))
    start = data.draw(st.integers(0, len(sign) - 2))

    assert finds(sign[start : data.draw(st.integers(start + 2, len(sign)))], name)


@given(st.sampled_from(NAMES), st.sampled_from(["wrong", "missing", "extra"]), st.data())
def test_one_slip_in_a_sign_with_its_trade_behind_it_finds_the_name(name: str, slip: str, data: st.DataObject) -> None:
    parts = take_apart(name)
    sign = parts.signs[0]
    place = data.draw(st.integers(0, len(sign.text) - 1))
    other = data.draw(CHINESE)
    after = sign.text[place + (slip != "extra") :]
    typed = sign.text[:place] + ("" if slip == "missing" else other) + after + sign.after

    assert finds(typed, name)


@given(st.text(max_size=300))
def test_any_question_is_asked_within_bounds(typed: str) -> None:
    asked = finding.question(typed)
    if asked is None:
        return
    groups = [*finding.groups(asked), *finding.near_groups(asked)]

    assert asked.signs and len(asked.text) <= finding.QUESTION_LIMIT
    assert len(finding.groups(asked)) <= finding.GROUPS and len(finding.near_groups(asked)) <= finding.GROUPS
    assert all(0 < len(group) <= 6 * finding.QUESTION_LIMIT for group in groups)
    assert all(-(2**31) <= key < 2**31 for group in groups for key in group)
    finding.rank(asked, NAME)


@given(st.text(max_size=300))
def test_any_name_has_keys_within_bounds(name: str) -> None:
    keys = finding.keys(name)

    assert keys == sorted(set(keys))
    assert len(keys) < 600
    assert all(-(2**31) <= key < 2**31 for key in keys)


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        ("老渡口", "老波口", True),
        ("老渡口", "老口", True),
        ("老渡口", "老渡渡口", True),
        ("老渡口", "老口渡", True),
        ("老渡口", "老渡口", True),
        ("老渡口", "新波口", False),
        ("老渡口", "口渡老", False),
        ("老渡口", "老", False),
    ],
)
def test_a_slip_is_one_character(one: str, other: str, slip: bool) -> None:
    assert finding.is_slip(one, other) is slip
    assert finding.is_slip(other, one) is slip
