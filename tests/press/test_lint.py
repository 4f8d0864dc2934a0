"""Carrier lint: what is offered is read whatever was done to it, and what would not be read is refused with its reason."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from chengxin.press import lint
from chengxin.press.carriers import CARRIERS, Carrier
from tests.press.samples import SHORT, content, sealed

EVERY = pytest.mark.parametrize("carrier", CARRIERS.values(), ids=list(CARRIERS))
LONG_ADDRESS = "HTTPS://CHENGXIN.CREDIT.EXAMPLE-PREFECTURE.GOV.CN/"


@EVERY
@pytest.mark.parametrize("address", ["", LONG_ADDRESS], ids=["ordinary", "a long address"])
def test_every_carrier_is_read_whatever_happened_to_it(carrier, address):
    said = content(carrier.name)
    found = lint.lint(carrier, said.replace("HTTPS://XYMA.EXAMPLE.GOV.CN/", address) if address else said)

    assert found.why is None and found.passes
    assert found.readings[lint.UNDAMAGED] == lint.DECODERS
    assert set(found.readings) == {lint.UNDAMAGED, *carrier.suffers}
    assert all(found.readings.values())


def test_nothing_that_is_scratched_or_round_goes_untried():
    assert {name for carrier in CARRIERS.values() for name in carrier.suffers} | {lint.UNDAMAGED} == set(lint.DAMAGES)
    assert set(lint.DAMAGES) == set(lint.SPOILS)
    assert all(carrier.group == "screen" or "scratches" in carrier.suffers for carrier in CARRIERS.values())


BAD = {
    "a name across the symbol": replace(CARRIERS["poster"], symbol=(46, 45, 118)),
    "a mark upon the symbol": replace(CARRIERS["product-label"], symbol=(4, 0.5, 20)),
    "a band behind it": replace(CARRIERS["sticker"], symbol=(13, 8, 64)),
}


@pytest.mark.parametrize("carrier", BAD.values(), ids=list(BAD))
def test_a_bad_face_that_keeps_the_print_rules_is_refused_all_the_same(carrier):
    found = lint.lint(carrier, content(carrier.name))

    assert not found.passes
    assert found.readings[lint.UNDAMAGED] != lint.DECODERS
    assert f"{carrier.label}试读没有通过（" in found.why and "请把二维码印成" in found.why


def test_a_symbol_so_dense_that_a_phone_cannot_resolve_it_is_refused():
    """Its modules are half a millimetre and it is five centimetres wide: a printer holds it, a phone half a metre away not."""
    dense = Carrier(
        "dense", "密码牌", "side", 160, 90, symbol=(5, 10, 60), level="Q", reach="door", size=7, pad=5, facts=("code",)
    )
    found = lint.lint(dense, "HTTPS://XYMA.EXAMPLE.GOV.CN/C/" + "0K5V3X8M" * 85)

    assert found.modules == 101
    assert "失焦时读不出" in found.why and "请把二维码印成 75 毫米以上" in found.why


@pytest.mark.parametrize(
    ("carrier", "said", "why"),
    [
        (CARRIERS["product-label"], sealed(), "或者改用短码"),
        (
            replace(CARRIERS["sticker"], symbol=(20, 40, 40)),
            sealed(),
            "要隔 50 厘米扫，二维码（不算四周空白）只有 35 毫米",
        ),
        (replace(CARRIERS["poster"], paper="#c8c8c8"), sealed(), "对比为 58%，至少要 70%"),
        (CARRIERS["poster"], "HTTPS://A.EXAMPLE/C/" + "A" * 3000, "请改用短码，或缩短网址"),
    ],
    ids=["too dense", "too small for where it hangs", "too little contrast", "no QR code at all"],
)
def test_what_the_print_rules_refuse_is_not_even_tried(carrier, said, why):
    found = lint.lint(carrier, said)

    assert not found.passes and found.readings == {}
    assert why in found.why


def test_a_reading_does_not_depend_on_whose_code_it_is_and_is_worked_out_once():
    before = lint._lint.cache_info().misses
    carrier = replace(CARRIERS["parcel"], hint="once")
    found = [lint.lint(carrier, f"HTTPS://XYMA.EXAMPLE.GOV.CN/C/S{serial:019d}") for serial in range(50)]

    assert all(one is found[0] for one in found)
    assert lint._lint.cache_info().misses == before + 1
    assert lint.pattern(SHORT) == lint.pattern(SHORT[:-3] + "ABC") != SHORT
    assert len(lint.pattern(sealed())) == len(sealed())


def test_the_same_damage_is_done_every_time():
    carrier = CARRIERS["business-card"]

    assert lint.tried(carrier, SHORT) == lint.tried(carrier, SHORT)


def test_the_largest_carrier_is_tried_within_two_seconds():
    lint.tried(CARRIERS["board"], sealed())  # typefaces are read
    began = time.process_time()
    lint.tried(CARRIERS["board"], sealed())

    assert time.process_time() - began < 2


@pytest.mark.parametrize(("growth", "wide"), [(0.3, 13), (-0.3, 7), (0.05, 10.5)], ids=["ran", "thin", "half a pixel"])
def test_ink_makes_a_dark_module_so_much_wider_or_narrower(growth, wide):
    picture = np.full((40, 60), 255, np.uint8)
    picture[:, 20:30] = 0
    seen = lint.SPOILS["swollen"](picture, lint.Symbol(0, 0, 60, 10), growth=growth)

    assert (255 - seen[20].astype(float)).sum() / 255 == pytest.approx(wide, abs=0.1)


def test_brown_board_leaves_the_contrast_that_is_said():
    picture = np.full((80, 80), 255, np.uint8)
    picture[:, 40:] = 0
    seen = lint.SPOILS["kraft"](picture, lint.Symbol(0, 0, 80, 10), paper=0.25, ink=0.05, fibre=0)
    paper, ink = (lint._LIGHT[seen[40, across]] for across in (10, 70))

    assert paper - ink == pytest.approx(0.20, abs=0.01)
