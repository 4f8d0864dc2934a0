"""What is drawn is read back by a reader: from the very characters that stand on the terminal."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

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


# ---- Pictures ----------------------------------------------------------------------------------------------------

EVERY_LEVEL = pytest.mark.parametrize("level", ["L", "M", "Q", "H"])


@EVERY_LEVEL
def test_a_png_reads_back_and_has_whole_modules(level: str) -> None:
    rows = qr.grid(FULL, level=level)
    picture = Image.open(io.BytesIO(qr.png(rows, scale=5)))

    assert picture.size == ((len(rows) + 2 * qr.QUIET) * 5,) * 2
    assert picture.mode == "1"
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == [FULL]


@EVERY_LEVEL
def test_an_svg_fills_exactly_the_dark_modules(level: str) -> None:
    rows = qr.grid(FULL, level=level)
    drawing = ElementTree.fromstring(qr.svg(rows))  # noqa: S314 — our own
    left, top, wide, high = map(int, drawing.attrib["viewBox"].split())
    filled = {
        (across + step, int(down))
        for run in drawing[0].attrib["d"].replace("M", " ").split("z")[:-1]
        for across, rest in [(int(run.split()[0]), run.split()[1])]
        for down, many in [rest.split("v")[0].split("h")]
        for step in range(int(many))
    }

    assert (left, top, wide, high) == (-qr.QUIET, -qr.QUIET, len(rows) + 2 * qr.QUIET, len(rows) + 2 * qr.QUIET)
    assert len(drawing) == 1, "one path, filled at once"
    assert filled == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


def test_the_levels_differ_in_what_they_can_lose() -> None:
    sizes = [len(qr.grid(FULL, level=level)) for level in "LMQH"]

    assert sizes == sorted(sizes) and len(set(sizes)) == 4
