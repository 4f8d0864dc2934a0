"""The print rules, as a table; and the measures of every carrier."""

from dataclasses import replace

import pytest

from chengxin.press import qr
from chengxin.press.carriers import A4, CARRIERS, MODULE_MIN, Carrier, reflectance, why_not
from tests.press.samples import sealed

POSTER = CARRIERS["poster"]
LABEL = Carrier("label", "标签", "sticker.typ", 30, 30, symbol=(0, 0, 17), level="Q")
EVERY = pytest.mark.parametrize("carrier", CARRIERS.values(), ids=list(CARRIERS))


@pytest.mark.parametrize(
    ("carrier", "modules", "said"),
    [
        (POSTER, 61, None),
        (POSTER, 177, None),
        (LABEL, 33, None),
        (LABEL, 37, "请把二维码印成 18 毫米以上，或者改用短码"),
        (LABEL, 57, "请把二维码印成 26 毫米以上，或者改用短码"),
        (replace(POSTER, quiet=3), 61, "至少要 4 个"),
        (replace(POSTER, ink="#000000", paper="#d9d9d9"), 61, "对比为 69%，至少要 70%"),
        (replace(POSTER, ink="#1d4f8c", paper="#ffffff"), 61, None),
        (replace(POSTER, ink="#ffffff", paper="#000000"), 61, "请用深色印在浅色上"),
    ],
    ids=[
        "a full token on a poster",
        "the largest code on a poster",
        "a version-4 code on 17 mm",
        "version 5 on 17 mm",
        "a full token on 17 mm",
        "too little quiet",
        "grey paper",
        "blue on white",
        "light on dark",
    ],
)
def test_what_may_be_printed(carrier, modules, said):
    reason = why_not(carrier, modules=modules)

    assert reason is None if said is None else said in reason


@pytest.mark.parametrize(
    ("colour", "share"), [("#000000", 0), ("#ffffff", 1), ("#808080", 0.216), ("#b3261e", 0.110)], ids=str
)
def test_how_much_light_a_colour_gives_back(colour, share):
    assert reflectance(colour) == pytest.approx(share, abs=0.001)


@EVERY
def test_a_full_token_may_be_printed_on_every_carrier(carrier):
    rows = qr.grid(sealed(), level=carrier.level)

    assert why_not(carrier, modules=len(rows)) is None
    assert carrier.symbol[2] / (len(rows) + 8) > 2 * MODULE_MIN


@EVERY
def test_a_symbol_stands_within_its_piece_and_is_large_enough_for_its_place(carrier):
    left, top, side = carrier.symbol

    assert 0 <= left <= carrier.width - side
    assert 0 <= top <= carrier.height - side
    assert side >= (80 if carrier.name == "poster" else 50)


@EVERY
def test_the_pieces_of_a_sheet_stand_within_it_and_apart(carrier):
    wide, high = carrier.sheet(shared=True)
    places = carrier.places(shared=True)

    assert (wide, high) == A4
    assert len(places) == carrier.many
    for x, y in places:
        assert carrier.bleed <= x <= wide - carrier.width - carrier.bleed + 1e-9
        assert carrier.bleed <= y <= high - carrier.height - carrier.bleed + 1e-9
    for x, y in places:
        for other_x, other_y in places:
            apart = max(abs(x - other_x) - carrier.width, abs(y - other_y) - carrier.height)
            assert (x, y) == (other_x, other_y) or apart >= 2 * carrier.bleed - 1e-9


def test_a_piece_by_itself_leaves_room_for_its_bleed_and_marks():
    assert CARRIERS["sticker"].sheet(shared=False) == (114, 159)
    assert CARRIERS["sticker"].places(shared=False) == [(12, 12)]
    assert POSTER.sheet(shared=False) == A4
    assert POSTER.places(shared=False) == [(0, 0)]
