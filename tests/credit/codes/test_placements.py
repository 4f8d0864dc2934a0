"""Kinds of places as data: numbers that are printed, labels as people write them."""

from __future__ import annotations

import pytest

from chengxin.credit.codes.placements import LABEL_LIMIT, PLACEMENTS, named

PRINTED = {
    "premises": 1, "counter": 2, "vehicle": 3, "stall": 4, "board": 5, "document": 6, "screen": 7, "package": 8,
    "card": 9, "online": 10, "taxi": 11, "truck": 12, "bus": 13, "badge": 14, "product": 15, "parcel": 16,
    "heritage": 17, "event": 18,
}  # fmt: skip


def test_a_number_that_was_printed_never_changes() -> None:
    assert {name: kind.number for name, kind in PLACEMENTS.items()}.items() >= PRINTED.items()


def test_every_number_is_one_kinds_and_fits_a_token() -> None:
    numbers = [kind.number for kind in PLACEMENTS.values()]

    assert len(set(numbers)) == len(numbers)
    assert all(0 < number < 32 for number in numbers)


@pytest.mark.parametrize("name", PLACEMENTS)
def test_the_example_of_a_label_is_one(name: str) -> None:
    kind = PLACEMENTS[name]

    assert kind.profile in ("full", "short")
    assert bool(kind.called) == bool(kind.example)
    assert kind.tidy(kind.example) == kind.example
    assert kind.why_not(kind.example) is None


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        pytest.param("taxi", " 黑ht1234 ", "黑H·T1234", id="small letters"),
        pytest.param("taxi", "黑H T1234", "黑H·T1234", id="a blank for the dot"),
        pytest.param("taxi", "黑Ｈ·Ｔ１２３４", "黑H·T1234", id="full width"),
        pytest.param("truck", "黑H•D12345", "黑H·D12345", id="new energy"),
        pytest.param("bus", "k0365", "K0365", id="a fleet number"),
        pytest.param("stall", "A区  12号", "A区 12号", id="free text keeps its letters"),
        pytest.param("badge", "00 12", "0012", id="a staff number"),
    ],
)
def test_a_label_is_kept_tidy(kind: str, written: str, kept: str) -> None:
    assert PLACEMENTS[kind].tidy(written) == kept
    assert PLACEMENTS[kind].why_not(kept) is None


@pytest.mark.parametrize(
    ("kind", "label", "said"),
    [
        pytest.param("taxi", "", "请填写车牌号或车队编号，如 黑H·T1234。", id="needed"),
        pytest.param("taxi", "黑H·I1234", "“黑H·I1234”不像车牌号", id="no plate has an I"),
        pytest.param("badge", "张三", "“张三”不像工号", id="a name is no staff number"),
        pytest.param("stall", "摊" * (LABEL_LIMIT + 1), "不超过 60 个字，现有 61 个", id="too long"),
        pytest.param("stall", "A 13800138000", "写了手机号", id="a telephone number"),
        pytest.param("stall", "A\u202e12", "看不见的字符", id="unseen"),
    ],
)
def test_what_is_wrong_with_a_label_is_said(kind: str, label: str, said: str) -> None:
    assert said in (PLACEMENTS[kind].why_not(label) or "")


def test_a_kind_is_found_by_its_name_or_its_label() -> None:
    assert named(" 出租汽车内 ") is PLACEMENTS["taxi"]
    assert named("taxi") is PLACEMENTS["taxi"]
    assert named("屋顶") is None


@pytest.mark.parametrize("name", [name for name, kind in PLACEMENTS.items() if kind.given])
def test_what_the_office_gives_by_a_list_needs_no_more_than_a_label_and_a_day(name: str) -> None:
    kind = PLACEMENTS[name]

    assert kind.called and not kind.keeper and kind.profile == "full"
