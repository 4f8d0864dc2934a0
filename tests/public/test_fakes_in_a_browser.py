"""举报假码 in a real browser: axe, keyboard, no JavaScript, a photo made small before it is sent, a network that fails."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from chengxin.inbox.models import InboxFake
from chengxin.public.wsgi import Door
from tests.browser import close, follow, runs_off, serious, too_small
from tests.public import samples
from tests.public.door import post, settle
from tests.public.test_pages_in_a_browser import large

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of twelve megapixels, as a telephone makes them, with a place in its EXIF."""
    tile = Image.frombytes("RGB", (200, 150), random.Random(1).randbytes(90_000))
    exif = Image.Exif()
    exif[0x010F] = "A maker of telephones"
    file = tmp_path_factory.mktemp("photo") / "IMG_0001.jpg"
    tile.resize((4000, 3000)).save(file, quality=95, exif=exif)
    return file


@pytest.fixture
def telephone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        geolocation={"latitude": 47.330049, "longitude": 130.28},
        permissions=["geolocation"],
    )
    yield context
    close(context)


def shop(door: Door) -> str:
    text = post(card=samples.card())
    settle(door)
    return text


def faults(page: Page, least: int) -> list[object]:
    return [serious(page), runs_off(page), too_small(page, least)]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_can_be_read_and_pressed_by_everybody(browser: Browser, door: Door, street: str, width: int) -> None:
    path = f"/fake?code={shop(door)}&why=mismatched"
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for address, least in ((path, 44), (large(path), 60), ("/fake?lang=en", 44), ("/fake?lang=ru&large=1", 60)):
        page.goto(street + address)
        assert faults(page, least) == [[], 0, []], address

    page.goto(f"{street}/fake")
    page.click(".send")
    page.wait_for_selector(".sorry")
    expect(page.locator("[href='#wrong']")).to_be_focused()
    assert faults(page, 44) == [[], 0, []]
    page.check("[name=wrong][value=other]")
    page.fill("#where", "集市西口")
    page.click(".send")
    page.wait_for_selector(".receipt")
    assert faults(page, 44) == [[], 0, []]
    assert [line for line in complaints if "Content Security Policy" in line] == []
    page.context.close()


def test_from_a_scan_to_a_receipt_with_a_photo_made_small_and_a_place(
    telephone: BrowserContext, door: Door, street: str, photo: Path
) -> None:
    page = telephone.new_page()
    lengths: list[int] = []
    page.on("request", lambda request: lengths.append(int(request.headers.get("content-length", 0))))
    page.goto(f"{street}/C/{shop(door)}")
    follow(page, "text=告诉我们")
    assert page.is_checked("[value=mismatched]")
    assert page.inner_text(".about b") == "老渡口饺子馆"

    page.click("text=附上现在的位置")
    page.wait_for_selector("text=已附上现在的位置。")
    page.set_input_files("#photo", photo)
    page.wait_for_selector("text=照片已缩小，可以提交。")
    page.click(".send")
    page.wait_for_selector("#photo-consent-fault")
    assert page.is_visible(".chosen img"), "the photo outlives what had to be mended"
    assert page.locator(".again").count() == 0
    page.check("#photo-consent")
    page.click(".send")
    page.wait_for_selector(".receipt")

    kept = InboxFake.objects.get()
    assert (str(kept.lat), str(kept.lon)) == ("47.3300", "130.2800")
    assert kept.photo is not None
    assert Image.open(io.BytesIO(kept.photo)).size == (1600, 1200)
    assert b"A maker" not in bytes(kept.photo)
    assert f"{kept.receipt[:4]} {kept.receipt[4:]}" in page.inner_text(".receipt")
    expect(page.locator("h1")).to_be_focused()
    assert max(lengths) < 600_000 < photo.stat().st_size


def test_the_place_is_not_asked_for_before_the_button_is_pressed_and_can_be_taken_back(
    browser: Browser, door: Door, street: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, geolocation={"latitude": 1, "longitude": 2})
    page = context.new_page()
    page.add_init_script(
        "navigator.geolocation.getCurrentPosition = ((ask) => (...all) => { window.asked = 1; ask(...all); })"
        "(navigator.geolocation.getCurrentPosition.bind(navigator.geolocation))"
    )
    page.goto(f"{street}/fake")
    assert page.evaluate("window.asked") is None
    page.click(".locate")
    page.wait_for_selector("text=没有取得位置。请在上面用文字写一下。")

    context.grant_permissions(["geolocation"])
    page.click(".locate")
    page.wait_for_selector("text=已附上现在的位置。")
    assert page.input_value("[name=lat]") == "1.0000"
    page.click(".unlocate")
    assert page.input_value("[name=lat]") == ""
    context.close()


def test_a_network_that_fails_loses_nothing_and_the_next_try_goes_through(
    telephone: BrowserContext, door: Door, street: str, photo: Path
) -> None:
    page = telephone.new_page()
    page.goto(f"{street}/fake?why=other")
    page.fill("#where", "集市西口")
    page.set_input_files("#photo", photo)
    page.check("#photo-consent")
    page.wait_for_selector("text=照片已缩小，可以提交。")
    telephone.set_offline(True)
    page.click(".send")
    page.wait_for_selector("text=没有发出去，可能断网了。")
    assert page.input_value("#where") == "集市西口"
    assert page.is_enabled(".send")

    telephone.set_offline(False)
    page.route(
        "**/fake", lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")
    )
    with page.expect_response("**/fake"):
        page.click(".send")
    page.wait_for_selector(".send:enabled")
    assert page.input_value("#where") == "集市西口", "a proxy's own page does not take the place of ours"

    page.unroute("**/fake")
    page.click(".send")
    page.wait_for_selector(".receipt")
    assert InboxFake.objects.filter(photo__isnull=False).count() == 1


def test_who_finds_the_counter_busy_waits_in_line(telephone: BrowserContext, door: Door, street: str) -> None:
    page = telephone.new_page()
    turns: list[int] = []

    def busy_once(route: Route) -> None:
        turns.append(1)
        if len(turns) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1", "Content-Type": "text/plain"}, body="busy")
        else:
            route.continue_()

    page.goto(f"{street}/fake?why=other")
    page.fill("#where", "集市西口")
    page.route("**/fake", busy_once)
    page.click(".send")
    page.wait_for_selector("text=正在排队")
    page.wait_for_selector(".receipt")
    assert len(turns) == 2


def test_a_file_that_is_no_photo_is_said_before_it_is_sent(
    telephone: BrowserContext, door: Door, street: str, tmp_path: Path
) -> None:
    (tmp_path / "x.jpg").write_bytes(b"no photo")
    page = telephone.new_page()
    page.goto(f"{street}/fake")
    page.set_input_files("#photo", tmp_path / "x.jpg")

    page.wait_for_selector("text=这张照片打不开，请换一张。")
    assert page.evaluate("document.querySelector('#photo').files.length") == 0


def test_a_photo_can_be_handed_in_without_javascript(browser: Browser, door: Door, street: str, photo: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{street}/C/{shop(door)}")
    page.get_by_role("link", name="举报假码").click()
    page.wait_for_url("**/fake?*")
    assert not page.locator(".point").is_visible(), "nothing is offered that would not work"
    page.fill("#where", "和平路 12 号")
    page.set_input_files("#photo", photo)
    page.check("#photo-consent")
    page.click(".send")

    expect(page.get_by_role("heading", name="举报已收到")).to_be_visible()
    kept = InboxFake.objects.get()
    assert kept.photo is not None and b"A maker" not in bytes(kept.photo)
    context.close()


def test_the_keyboard_is_enough(browser: Browser, door: Door, street: str) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{street}/fake")
    page.focus("[name=wrong]")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("[value=mismatched]")
    page.keyboard.press("Tab")
    page.keyboard.type("集市西口")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        if "send" in reached[-1]:
            break
    assert reached == ["quiet locate", "photo", "photo-consent", "words", "send"]
    page.keyboard.press("Enter")
    page.wait_for_selector(".receipt")
    page.context.close()
