"""What a report of a fake code is made of."""

from __future__ import annotations

import doctest
from decimal import Decimal
from uuid import UUID

import pytest

from chengxin.board.verdict import STATES
from chengxin.inbox import fakes
from chengxin.inbox.fakes import WRONGS, Fake, Point, masked, receipt, suspected
from chengxin.public.page.fake import WRONGS as LABELS


def test_the_examples_hold() -> None:
    tried = doctest.testmod(fakes)

    assert (tried.failed, tried.attempted > 0) == (0, True)


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_code_suggests_what_is_wrong(state: str) -> None:
    assert suspected(state) in WRONGS


def test_an_unknown_state_suggests_nothing() -> None:
    assert suspected("") == ""


def test_every_label_is_said_to_the_catalogues() -> None:
    assert tuple(WRONGS.values()) == LABELS


@pytest.mark.parametrize(
    ("lat", "lon", "point"),
    [
        ("47.33004999", "130.28", Point(Decimal("47.3300"), Decimal("130.2800"))),
        ("-90", "180", Point(Decimal("-90.0000"), Decimal("180.0000"))),
        ("90.0001", "0", None),
        ("0", "-180.1", None),
        ("nan", "0", None),
        ("Infinity", "0", None),
        ("1e999999", "0", None),
        ("1e9999999", "0", None),
        ("0", "", None),
        ("", "", None),
        ("47.3; DROP TABLE", "1", None),
    ],
    ids=["rounded", "corner", "north", "west", "nan", "infinite", "huge", "beyond arithmetic", "half", "none", "words"],
)
def test_a_place_is_four_decimals_or_none(lat: str, lon: str, point: Point | None) -> None:
    assert Point.of(lat, lon) == point


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("230402199003071233", "2304********1233"),
        ("卡号6222021234567890128。", "卡号6222********0128。"),
        (
            "身份证２３０４０２１９９００３０７１２３３和 230402199003071233",
            "身份证２３０４********１２３３和 2304********1233",
        ),
        ("电话 13800138000", "电话 13800138000"),
        ("和平路 12 号", "和平路 12 号"),
    ],
    ids=["ID number", "bank card", "two, one full-width", "a telephone stays", "nothing"],
)
def test_numbers_of_papers_and_cards_are_masked(text: str, stored: str) -> None:
    assert masked(text) == stored


BASE = Fake(wrong="other", where="a", words="b", photo=b"c")


@pytest.mark.parametrize(
    "other",
    [
        Fake(wrong="unreadable", where="a", words="b", photo=b"c"),
        Fake(wrong="other", where="ab", words="", photo=b"c"),
        Fake(wrong="other", where="a", words="b", photo=b"d"),
        Fake(wrong="other", where="a", words="b"),
        Fake(wrong="other", where="a", words="b", photo=b"c", point=Point(Decimal(1), Decimal(2))),
        Fake(wrong="other", where="a", words="b", photo=b"c", code="S"),
    ],
    ids=["wrong", "another split", "photo", "no photo", "point", "code"],
)
def test_another_report_has_another_key(other: Fake) -> None:
    assert other.key("t") != BASE.key("t")


def test_the_same_report_on_another_form_has_another_key() -> None:
    assert BASE.key("t") == BASE.key("t") != BASE.key("u")


def test_a_receipt_is_eight_digits_whatever_the_key() -> None:
    receipts = {receipt(UUID(int=number)) for number in range(500)}

    assert {len(one) for one in receipts} == {8}
    assert all(one.isdigit() for one in receipts)
    assert len(receipts) == 500
