"""The search in a real browser: the solver in its worker, the list put into the page, the keyboard, and no JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chengxin.public import search
from chengxin.public.wsgi import Door
from chengxin.terms import uscc
from tests.browser import runs_off, serious, too_small
from tests.public import samples
from tests.public.door import post, settle
from tests.public.search import published

pytestmark = pytest.mark.browser

SHOPS = [f"云门县{first}{second}串串店" for first in "天地玄黄宇宙洪荒" for second in "甲乙丙丁戊己"]
UNCODED = "91230402MA1CTE575Q"


@pytest.fixture
def town(door: Door) -> Door:
    search.counter.cache_clear()
    published.post([*SHOPS, "云门县老渡口饺子馆"])
    post(serial=99_999, card=samples.card())
    from tests.public.search.test_pages import name

    name("云门县老渡口饺子馆总店")
    settle(door)
    return door


def opened(browser: Browser, **more: object) -> tuple[BrowserContext, Page, list[str]]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, **more)  # type: ignore[arg-type]
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
    return context, page, wrong


def ask(page: Page, typed: str) -> None:
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    expect(page.locator("#search")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#found")).not_to_be_empty()


def test_a_name_is_proven_asked_and_answered_in_the_page(browser: Browser, town: Door, street: str) -> None:
    context, page, wrong = opened(browser)
    page.goto(f"{street}/")
    page.get_by_role("link", name="按名称查一家店").click()
    page.wait_for_url("**/search")
    ask(page, "总店")

    expect(page.get_by_role("heading", name="查到 1 个")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("查到 1 个")
    assert page.url == f"{street}/search"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("按名称查到：已申领诚信码")).to_be_visible()
    page.go_back()
    expect(page.locator(".hits li")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_have_value("总店")
    assert wrong == []
    context.close()


def test_pages_turn_without_another_proof(browser: Browser, town: Door, street: str) -> None:
    context, page, wrong = opened(browser)
    page.goto(f"{street}/search")
    ask(page, "串串店")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="下一页").click()
    expect(page.get_by_text("第 2 页，共 3 页")).to_be_visible()

    assert asked == [f"{street}/search"]
    assert wrong == []
    context.close()


def test_a_solution_that_was_used_up_is_not_sent_again(browser: Browser, town: Door, street: str) -> None:
    context, page, wrong = opened(browser)
    page.goto(f"{street}/search")
    for typed in ("总店", "宇宙没有的店", "玄甲"):
        ask(page, typed)
        expect(page.locator("#found h2")).to_have_text(re.compile("查到|没有查到"))
    expect(page.locator(".hits li")).to_have_count(1)

    assert wrong == []
    context.close()


def test_what_went_wrong_is_said(browser: Browser, town: Door, street: str) -> None:
    context, page, _ = opened(browser)
    page.goto(f"{street}/search")
    context.set_offline(True)
    page.get_by_role("searchbox").fill("总店")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(re.compile("没有查成"))
    context.set_offline(False)
    ask(page, "总店")

    expect(page.get_by_role("heading", name="查到 1 个")).to_be_visible()
    context.close()


QUESTIONS = {
    "a list": "串串店",
    "one": "总店",
    "similar": "天由串串店",
    "nobody": "宇宙没有的店",
    "no code": UNCODED,
    "wrong code": f"{UNCODED[:-1]}X",
    "too short": "店",
}


@pytest.mark.parametrize(("width", "query"), [(390, ""), (390, "large=1"), (1280, "lang=ru")])
def test_every_answer_can_be_read_and_pressed_by_everybody(
    browser: Browser,
    town: Door,
    street: str,
    width: int,
    query: str,
) -> None:
    assert uscc.is_valid(UNCODED)
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    faults: dict[str, object] = {}
    for name, typed in {"empty": "", **QUESTIONS}.items():
        page.goto("about:blank")
        page.goto(f"{street}/search?{query}")
        if typed:
            ask(page, typed)
        least = 60 if query == "large=1" else 44
        found = serious(page), runs_off(page), too_small(page, least)
        if found != ([], 0, []):
            faults[name] = found
    for name, path in {"over": "/S/x", "card": None}.items():
        if path is None:
            page.goto(f"{street}/search?{query}")
            ask(page, "总店")
            page.locator(".hits a").click()
            page.wait_for_url("**/S/**")
        else:
            page.goto(f"{street}{path}?{query}")
        found = serious(page), runs_off(page), too_small(page, 44)
        if found != ([], 0, []):
            faults[name] = found
    context.close()

    assert faults == {}


def test_without_javascript_a_full_code_is_enough(browser: Browser, town: Door, street: str) -> None:
    context, page, _ = opened(browser, java_script_enabled=False)
    page.goto(f"{street}/search")
    page.get_by_role("searchbox").fill("总店")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("按名称查询要用到浏览器的 JavaScript")).to_be_visible()
    page.get_by_role("searchbox").fill(samples.USCC)
    page.get_by_role("button", name="查询").click()
    page.get_by_role("link", name="老渡口饺子馆").click()

    expect(page.get_by_text("按名称查到：已申领诚信码")).to_be_visible()
    context.close()


def test_the_search_page_is_small_and_asks_nobody_else(browser: Browser, town: Door, street: str) -> None:
    context, page, _ = opened(browser)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[float] = []
    asked: list[str] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{street}/search", wait_until="networkidle")
    ask(page, "总店")

    assert sum(received) <= 60_000
    assert [url for url in asked if not url.startswith(street)] == []
    context.close()
