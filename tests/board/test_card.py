"""The card on the board: what is written comes back, and a document that does not fit is no card."""

from __future__ import annotations

import json
from datetime import date

import msgspec
import pytest

from chengxin.board.card import dump, load, shown
from tests.public import samples


def test_what_is_posted_comes_back_whole() -> None:
    card = samples.card()

    assert load(dump(card)) == card
    assert card == samples.card(), "dumping changes nothing"


def test_labels_stand_once_however_many_items_have_them() -> None:
    many = samples.card(administration=tuple(samples.licence(number) for number in range(50)))

    assert dump(many).decode().count("许可编号") == 1
    assert load(dump(many)) == many


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said["forms"].clear(),
        lambda said: said["forms"][0].append("多出来的"),
        lambda said: said["sections"][0]["items"][0].update(form=-1),
        lambda said: said.update(version=2),
        lambda said: said.pop("head"),
    ],
    ids=["no forms", "a form of another length", "a form that is not there", "a version to come", "no head"],
)
def test_a_document_that_does_not_fit_is_no_card(spoil) -> None:
    said = json.loads(dump(samples.card()))
    spoil(said)

    with pytest.raises(msgspec.ValidationError):
        load(json.dumps(said))


def test_of_a_code_its_own_promise_comes_first_and_another_codes_is_left_out() -> None:
    whole, mine, another = samples.commitment(), samples.commitment(), samples.commitment()
    mine.serial, another.serial = 7, 8
    items, day = (another, whole, mine), date(2026, 11, 25)

    assert shown(items, day, serial=7) == [mine, whole]
    assert shown(items, day, serial=9) == [whole]
    assert shown(items, day) == [another, whole, mine], "whoever looks the business up sees all"


def test_for_which_code_an_item_is_comes_back_from_the_board() -> None:
    item = samples.commitment()
    item.serial = 7
    card = samples.card(commitment=(item,))

    assert load(dump(card)).sections[4].items[0].serial == 7
