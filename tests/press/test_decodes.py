"""A paper that hung in the street: printed at 150 dpi, scratched, dimmed, tilted, blurred, and read by two strangers.

zxing-cpp reads for `chengxin verify` and in most phones' programs, jsQR in the browser. What both read is the very
address, and its token verifies without a network.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, Page

import chengxin
from chengxin.board import token
from chengxin.press.carriers import CARRIERS
from tests.press.samples import KEY, USCC, bound, one, pictures, sealed

JSQR = Path(chengxin.__file__).parent / "public/static/vendor/jsqr-1.4.0/jsQR.js"
READ = """async address => {
    const picture = await createImageBitmap(await (await fetch(address)).blob());
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    const {data, width, height} = context.getImageData(0, 0, picture.width, picture.height);
    return jsQR(data, width, height)?.data ?? null;
}"""

Spoil = Callable[[Image.Image, str], Image.Image]


def as_it_is(picture: Image.Image, carrier: str) -> Image.Image:
    return picture


def blurred(picture: Image.Image, carrier: str) -> Image.Image:
    """A phone out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(2.5 if carrier == "poster" else 1.5))


def tilted(picture: Image.Image, carrier: str) -> Image.Image:
    """Seen from below and from the side: what is far is small."""
    wide, high = picture.size
    lean = 0.25 / wide, 0.3 / high
    return picture.transform(
        picture.size,
        Image.Transform.PERSPECTIVE,
        (1.3, 0.16, -0.16 * wide, 0.1, 1.36, -0.13 * high, *lean),
        Image.Resampling.BICUBIC,
        fillcolor=150,
    )


def scratched(picture: Image.Image, carrier: str) -> Image.Image:
    """A key drawn across it twice, and a thumb of mud beside the middle."""
    picture = picture.copy()
    drawing = ImageDraw.Draw(picture)
    left, top, side = (length / 25.4 * 150 for length in symbol(carrier))
    width = round(side / 60)
    drawing.line((left, top + side * 0.35, left + side, top + side * 0.62), fill=255, width=width)
    drawing.line((left + side * 0.72, top, left + side * 0.45, top + side), fill=90, width=width)
    drawing.ellipse((left + side * 0.55, top + side * 0.6, left + side * 0.63, top + side * 0.68), fill=70)
    return picture


def dimmed(picture: Image.Image, carrier: str) -> Image.Image:
    """Faded ink in the evening, the lamp on the left."""
    lamp = Image.linear_gradient("L").rotate(90).resize(picture.size)
    return Image.blend(picture.point(lambda light: 50 + light * 120 // 255), lamp, 0.2)


def all_at_once(picture: Image.Image, carrier: str) -> Image.Image:
    for spoil in (scratched, dimmed, tilted, blurred):
        picture = spoil(picture, carrier)
    return picture


SPOILS = (as_it_is, blurred, tilted, scratched, dimmed, all_at_once)


def symbol(carrier: str) -> tuple[float, float, float]:
    (x, y), (left, top, side) = CARRIERS[carrier].places(shared=False)[0], CARRIERS[carrier].symbol
    return x + left, y + top, side


@pytest.fixture(scope="module", params=["poster", "sticker"])
def paper(request: pytest.FixtureRequest) -> tuple[str, Image.Image]:
    """A carrier, and its picture as a printer of 150 dpi makes it."""
    return request.param, pictures(bound(request.param, [one("鹤岗市某区松岭里饺子馆", serial=1073)])[0])[0]


@pytest.fixture(scope="module")
def browser_page(browser: Browser) -> Page:
    page = browser.new_page()
    page.add_script_tag(path=JSQR)
    return page


def verified(text: str | None) -> bool:
    """Tell whether a text is the address of the sample, and its token genuine by the public key alone."""
    if text != sealed(1073):
        return False
    said = token.unseal(text.rsplit("/", 1)[1], {1: KEY.public_key()})
    return isinstance(said, token.Seal) and (said.holder, said.serial) == (USCC, 1073)


@pytest.mark.parametrize("spoil", SPOILS, ids=[spoil.__name__.replace("_", " ") for spoil in SPOILS])
def test_zxing_reads_a_paper_and_it_verifies_offline(paper: tuple[str, Image.Image], spoil: Spoil) -> None:
    carrier, picture = paper
    found = zxingcpp.read_barcodes(spoil(picture, carrier))

    assert [verified(code.text) for code in found] == [True]


@pytest.mark.browser
@pytest.mark.parametrize("spoil", SPOILS, ids=[spoil.__name__.replace("_", " ") for spoil in SPOILS])
def test_jsqr_in_a_browser_reads_a_paper_and_it_verifies_offline(
    paper: tuple[str, Image.Image], spoil: Spoil, browser_page: Page
) -> None:
    carrier, picture = paper
    written = io.BytesIO()
    spoil(picture, carrier).save(written, "PNG")
    found = browser_page.evaluate(READ, f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}")

    assert verified(found)


def test_a_copied_picture_of_another_business_is_not_taken_for_this_one() -> None:
    other = pictures(bound("poster", [one(serial=2)])[0])[0]

    assert [verified(code.text) for code in zxingcpp.read_barcodes(other)] == [False]
