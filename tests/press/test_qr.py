"""What is drawn is read back by a reader: from the very characters that stand on the terminal."""

from __future__ import annotations

import pytest
import zxingcpp

from chengxin.press import qr

FULL = "HTTP://LOCALHOST:8000/C/1" + "0K2X" * 33 + "0KY"
SHORT = "HTTP://LOCALHOST:8000/C/S000000ABCDEFGHJKMNP"

HALVES = {" ": (255, 255), "▀": (0, 255), "▄": (255, 0), "█": (0, 0)}


def pixels(drawn: str, *, scale: int = 4) -> memoryview:
    """Return the picture that a drawing makes, dark as ink on white."""
    rows: list[list[int]] = []
    for line in drawn.replace(qr._ON, "").replace(qr._OFF, "").split("\n"):
        for half in (0, 1):
            row = [HALVES[character][half] for character in line for _ in range(scale)]
            rows += [row] * scale
    flat = bytes(value for row in rows for value in row)
    return memoryview(flat).cast("B", (len(rows), len(rows[0])))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FULL, id="a full token"),
        pytest.param(SHORT, id="a short token"),
        pytest.param("https://example.gov.cn/C/诚信码", id="other characters"),
    ],
)
@pytest.mark.parametrize("colour", [True, False], ids=["coloured", "plain"])
def test_what_is_drawn_on_the_terminal_reads_back(text: str, colour: bool) -> None:
    found = zxingcpp.read_barcodes(pixels(qr.terminal(text, colour=colour)))
    assert [one.text for one in found] == [text]


def test_a_quiet_zone_stands_on_every_side() -> None:
    lines = qr.terminal(SHORT, colour=False).split("\n")
    assert {len(line) for line in lines} == {len(qr.modules(SHORT, level="L")) + 2 * qr.QUIET}
    assert set(lines[0] + lines[1]) == set(lines[-1]) == {" "}
    assert all(line.startswith(" " * qr.QUIET) and line.endswith(" " * qr.QUIET) for line in lines)


def test_every_line_sets_its_colours_and_takes_them_back() -> None:
    assert all(line.startswith(qr._ON) and line.endswith(qr._OFF) for line in qr.terminal(SHORT).split("\n"))


def test_a_full_token_fits_a_terminal_of_eighty_columns() -> None:
    assert max(map(len, qr.terminal(FULL, colour=False).split("\n"))) <= 80


def test_a_text_too_long_for_any_code_is_refused() -> None:
    with pytest.raises(ValueError, match="放不进"):
        qr.terminal("诚" * 3000)
