"""The public pages in a real browser: axe, keyboard, no JavaScript, bytes over the wire."""

from __future__ import annotations

import os
import shutil
import socketserver
import threading
from collections.abc import Iterator
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from playwright.sync_api import Browser, Page, sync_playwright

from chengxin.board import token
from chengxin.public.wsgi import Door
from tests.public import samples
from tests.public.door import STRANGER, post, sealed, settle

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (390, 1280)
FIRST_VISIT_BYTES = 60_000
TOO_SMALL = """least => [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden])')]
    .filter(one => one.checkVisibility() && !one.closest('.skip'))
    .map(one => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.height < least)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
RUNS_OFF = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip  # noqa: TID251 — no setting of ours
        refuse("Debian's chromium is not installed")
    with sync_playwright() as playwright:
        # Playwright keeps an event loop running, and Django then takes every query for one made in async code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # noqa: TID251
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]  # noqa: TID251


@pytest.fixture
def street(door: Door) -> Iterator[str]:
    """The door on a port of its own; gives its address."""
    door._otherwise = WSGIHandler
    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    with override_settings(
        ROOT_URLCONF="chengxin.public.urls",
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        CODE_URL=base,
        OFFICE_URL=base,
    ):
        yield base
    server.shutdown()
    server.server_close()


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


def serious(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_can_be_read_and_pressed_by_everybody(browser: Browser, door: Door, street: str, width: int) -> None:
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    faults: dict[str, object] = {}
    for name, path in addresses(door).items():
        sizes = [("", path, 44), (" large", large(path), 60)]
        # A wide screen has room for large type: two pages of it show as much as all.
        for size, address, least in sizes if width == WIDTHS[0] or name in ("active", "forged") else sizes[:1]:
            page.goto(street + address)
            found = serious(page), page.evaluate(RUNS_OFF), page.evaluate(TOO_SMALL, least)
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
            if page.evaluate(RUNS_OFF):
                faults[f"{name} {language}"] = page.evaluate(RUNS_OFF)
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
    assert page.get_by_text("第 21 条").is_visible()
    page.get_by_role("link", name="大字").click()
    assert page.locator("html.large").count() == 1
    assert page.get_by_text("第 21 条").is_visible()
    page.get_by_role("link", name="返回整页").click()
    assert page.get_by_role("heading", name="老渡口饺子馆").is_visible()
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
