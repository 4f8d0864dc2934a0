"""The public pages in a real browser: axe, keyboard, no JavaScript, bytes over the wire."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from chengxin.board import token
from chengxin.public.wsgi import Door
from tests.browser import runs_off, serious, too_small
from tests.public import samples
from tests.public.door import STRANGER, post, sealed, settle

pytestmark = pytest.mark.browser

WIDTHS = (390, 1280)
FIRST_VISIT_BYTES = 60_000


def addresses(door: Door) -> dict[str, str]:
    """Put up a code in each state, and return the address of each page."""
    found = {
        state: f"/C/{post(serial=serial, state=state)}"
        for serial, state in enumerate(("active", "paused", "frozen", "superseded", "cancelled", "pending"), start=1)
    }
    post(serial=1, card=samples.card(licences=190, penalties=3))
    settle(door)
    return found | {
        "forged": f"/C/{sealed(by=STRANGER)}",
        "unknown": f"/C/{sealed(serial=99)}",
        "unknown_key": f"/C/{sealed(key=9)}",
        "one section": f"{found['active']}?s=administration&p=2",
        "English": f"{found['active']}?lang=en",
        "Russian": f"{found['active']}?lang=ru",
        "front": "/",
        "mistyped": "/?code=hello",
        "nowhere": "/nowhere",
    }


def large(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}large=1"


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_can_be_read_and_pressed_by_everybody(browser: Browser, door: Door, street: str, width: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    faults: dict[str, object] = {}
    for name, path in addresses(door).items():
        sizes = [("", path, 44), (" large", large(path), 60)]
        # A wide screen has room for large type: two pages of it show as much as all.
        for size, address, least in sizes if width == WIDTHS[0] or name in ("active", "forged") else sizes[:1]:
            page.goto(street + address)
            found = serious(page), runs_off(page), too_small(page, least)
            if found != ([], 0, []):
                faults[name + size] = found
    page.context.close()

    assert faults == {}


def test_the_longest_words_in_large_type_fit_the_narrowest_phone(browser: Browser, door: Door, street: str) -> None:
    page = browser.new_context(viewport={"width": 320, "height": 568}).new_page()
    faults: dict[str, object] = {}
    paths = addresses(door) | {
        "verify": "/verify",
        "report": "/fake",
        "search": "/search",
        "elsewhere": "/wrong-address",
    }
    for name, path in paths.items():
        for language in ("ru", "en") if "lang=" not in path else ():
            page.goto(f"{street}{large(path)}&lang={language}")
            if runs_off(page):
                faults[f"{name} {language}"] = runs_off(page)
    page.context.close()

    assert faults == {}


@pytest.mark.parametrize("state", ["deregistered", "updating"])
def test_the_states_found_out_by_reading_are_no_worse(browser: Browser, door: Door, street: str, state: str) -> None:
    text = post(card=samples.card(state=state) if state == "deregistered" else None)
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{street}/C/{text}")

    assert serious(page) == []
    page.context.close()


def test_a_page_that_cannot_verify_is_no_worse(browser: Browser, door: Door, street: str) -> None:
    door.listener.stop()
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    answer = page.goto(f"{street}/C/{token.claim(serial=1, bits=1)}")

    assert answer is not None and answer.status == 503
    assert serious(page) == []
    page.context.close()


def test_a_first_visit_is_small_and_asks_nobody_else(browser: Browser, door: Door, street: str) -> None:
    path = addresses(door)["active"]
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[float] = []
    asked: list[str] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))

    page.goto(street + path, wait_until="networkidle")

    assert len(received) >= 3
    assert sum(received) <= FIRST_VISIT_BYTES
    assert [url for url in asked if not url.startswith(street)] == []
    context.close()


def test_it_all_works_without_javascript(browser: Browser, door: Door, street: str) -> None:
    path = addresses(door)["active"]
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(street + path)
    folded = page.locator("#administration .more article").first
    assert not folded.is_visible()

    page.locator("#administration .more > summary").click()
    assert folded.is_visible()
    page.get_by_role("link", name="看第 21 条以后的").click()
    expect(page.get_by_text("第 21 条")).to_be_visible()
    page.get_by_role("link", name="大字").click()
    expect(page.locator("html.large")).to_have_count(1)
    expect(page.get_by_text("第 21 条")).to_be_visible()
    page.get_by_role("link", name="返回整页").click()
    expect(page.get_by_role("heading", name="老渡口饺子馆")).to_be_visible()
    context.close()


def test_the_keyboard_reaches_everything_in_order(browser: Browser, door: Door, street: str) -> None:
    path = addresses(door)["active"]
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(street + path)

    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "直接看内容"
    assert page.locator(":focus").bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == f"/fake?code={path[3:]}&why=mismatched"
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#administration"
    page.locator("#administration .more > summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#administration .more article").first.is_visible()
    page.context.close()


def test_on_paper_everything_folded_is_there(browser: Browser, door: Door, street: str) -> None:
    path = addresses(door)["active"]
    page = browser.new_context(viewport={"width": 794, "height": 1123}).new_page()
    page.goto(street + path)
    page.emulate_media(media="print")

    assert page.locator("#administration .more article").last.is_visible()
    assert page.get_by_text("行政许可决定文书号").first.is_visible()
    assert not page.locator(".acts").is_visible()
    page.context.close()
