"""The print rules, as a table; and the measures of every carrier."""

from dataclasses import replace

import pytest

from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.press import qr
from chengxin.press.carriers import (
    A4,
    CARRIERS,
    FACTS,
    FORMS,
    GROUPS,
    REACHES,
    Carrier,
    for_placement,
    read,
    reflectance,
    why_not,
)
from chengxin.press.typeset import TEMPLATES, symbol
from tests.press.samples import SHORT, content

POSTER = CARRIERS["poster"]
LABEL = Carrier("label", "标签", "label", 30, 30, symbol=(0, 0, 19), level="Q")
EVERY = pytest.mark.parametrize("carrier", CARRIERS.values(), ids=list(CARRIERS))


@pytest.mark.parametrize(
    ("carrier", "modules", "said"),
    [
        (POSTER, 61, None),
        (POSTER, 177, None),
        (LABEL, 33, None),
        (LABEL, 41, "请把二维码印成 20 毫米以上，或者改用短码"),
        (LABEL, 57, "请把二维码印成 26 毫米以上，或者改用短码"),
        (replace(LABEL, symbol=(0, 0, 17)), 33, "只有 14 毫米，至少要 15 毫米：请把二维码连同空白印成 19 毫米以上"),
        (replace(LABEL, reach="door"), 33, "要隔 50 厘米扫，二维码（不算四周空白）只有 15 毫米，至少要 50 毫米"),
        (replace(POSTER, face=A4, width=105, height=148.5), 57, "隔 80 厘米扫，二维码（不算四周空白）只有 52 毫米"),
        (
            replace(POSTER, pixels=(300, 424)),
            57,
            "每个模块只有 2.6 个像素，至少要 3 个：请把二维码放大到 195 个像素以上",
        ),
        (replace(POSTER, quiet=3), 61, "至少要 4 个"),
        (replace(POSTER, ink="#000000", paper="#d9d9d9"), 61, "对比为 69%，至少要 70%"),
        (replace(POSTER, ink="#1d4f8c", paper="#ffffff"), 61, None),
        (replace(POSTER, ink="#ffffff", paper="#000000"), 61, "请用深色印在浅色上"),
    ],
    ids=[
        "a full token on a poster",
        "the largest code on a poster",
        "a version-4 code on 19 mm",
        "version 6 on 19 mm",
        "a full token on 19 mm",
        "a package smaller than phones read",
        "a label on a door",
        "a poster that was made smaller",
        "a picture with few pixels",
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
def test_a_carrier_takes_the_codes_it_says(carrier):
    rows = symbol(carrier, content(carrier.name))

    assert why_not(carrier, modules=len(rows)) is None
    assert why_not(carrier, modules=len(symbol(carrier, SHORT))) is None


@EVERY
def test_a_symbol_stands_within_its_piece(carrier):
    for spot in carrier.spots:
        assert 0 <= spot.left <= carrier.width - spot.side
        assert 0 <= spot.top <= carrier.height - spot.side


@EVERY
def test_the_words_of_an_entry_are_those_that_there_are(carrier):
    assert carrier.group in GROUPS and carrier.reach in REACHES
    assert carrier.level in "LMQH" and carrier.profile in ("full", "short")
    assert carrier.forms and set(carrier.forms) <= set(FORMS)
    assert set(carrier.facts) <= set(FACTS)
    assert (TEMPLATES / f"{carrier.template}.typ").is_file()
    assert carrier.placements and carrier.material and carrier.hint
    assert not carrier.mono or carrier.ink == "#000000"
    if carrier.pixels:
        assert carrier.pixels[0] / carrier.pixels[1] == pytest.approx(carrier.width / carrier.height, rel=0.01)
    if carrier.face and len(carrier.units) == 1:
        assert carrier.face[0] / carrier.face[1] == pytest.approx(carrier.width / carrier.height, rel=0.005)


def test_a_word_that_means_nothing_is_told():
    said = {"reach": {}, "group": {}, "carrier": {"x": {"label": "甲", "templet": "tall"}}}

    with pytest.raises(TypeError, match="templet"):
        read(said)


def test_labels_are_told_apart():
    assert len({carrier.label for carrier in CARRIERS.values()}) == len(CARRIERS)


@pytest.mark.parametrize("kind", PLACEMENTS)
def test_every_kind_of_place_has_a_carrier_of_its_profile(kind):
    """Whoever is given a code for a place can have it printed; a short code is not asked of a place with full ones."""
    offered = for_placement(kind)

    assert offered
    assert {carrier.profile for carrier in offered} <= {"full", PLACEMENTS[kind].profile}
    assert all(kind in carrier.placements for carrier in offered)


@EVERY
def test_the_pieces_of_a_sheet_stand_within_it_and_apart(carrier):
    wide, high = carrier.sheet(shared=True)
    places = carrier.places(shared=True)

    assert (wide, high) == (A4 if carrier.many > 1 else carrier.sheet(shared=False))
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
    assert CARRIERS["product-label"].many == 36
    assert POSTER.sheet(shared=False) == A4
    assert POSTER.places(shared=False) == [(0, 0)]


@pytest.mark.parametrize(
    ("address", "modules"),
    [
        ("HTTPS://" + "A" * 19, 33),
        ("HTTPS://" + "A" * 20, 33),
        ("HTTPS://" + "A" * 36, 33),
        ("HTTPS://" + "A" * 37, 37),
    ],
    ids=["27 characters: H", "28: Q", "44: Q", "45: Q all the same, and denser"],
)
def test_a_short_code_keeps_version_four_as_long_as_its_address_lets_it(address, modules):
    said = f"{address}/C/{SHORT[-20:]}"
    rows = symbol(CARRIERS["product-label"], said)

    assert len(rows) == modules
    assert rows == qr.grid(said, level="H" if len(address) == 27 else "Q")
