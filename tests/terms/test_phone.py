"""手机号码: one form for one number, and nothing that an SMS of ours does not reach."""

from __future__ import annotations

import pytest

from chengxin.terms import phone


@pytest.mark.parametrize(
    "text, number",
    [
        pytest.param("13900000000", "+8613900000000", id="as it is said at home"),
        pytest.param(" 139-0000 0000 ", "+8613900000000", id="with hyphens and blanks"),
        pytest.param("１３９００００００００", "+8613900000000", id="full-width digits"),
        pytest.param("8613900000000", "+8613900000000", id="with the country, without a plus"),
        pytest.param("008613900000000", "+8613900000000", id="with the country after two noughts"),
        pytest.param("+86 (139) 0000 0000", "+8613900000000", id="with everything"),
        pytest.param("+7 914 123-45-67", "+79141234567", id="a Russian one"),
        pytest.param("+852 5123 4567", "+85251234567", id="of Hong Kong"),
        pytest.param("021-12345678", None, id="a landline"),
        pytest.param("12900000000", None, id="a prefix that is none"),
        pytest.param("1390000000", None, id="too short"),
        pytest.param("139000000000", None, id="too long"),
        pytest.param("+1 900 123 4567", None, id="a country without a line"),
        pytest.param("١٣٩٠٠٠٠٠٠٠٠", None, id="digits of another script"),
        pytest.param("", None, id="nothing"),
        pytest.param("1" * 100_000, None, id="very much"),
    ],
)
def test_a_number_has_one_form(text: str, number: str | None) -> None:
    assert phone.normalise(text) == number


@pytest.mark.parametrize(
    "number, shown",
    [
        ("+8613912345678", "139****5678"),
        ("+79141234567", "+7 914****567"),
        ("+85251234567", "+852 512****567"),
        ("12345678901234", "123****1234"),
    ],
)
def test_a_masked_number_hides_its_middle(number: str, shown: str) -> None:
    assert phone.mask(number) == shown
    assert number not in shown
