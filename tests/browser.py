"""A real browser: Debian's Chromium, one a process and a context of its own for each test, and what a page is looked at for."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # whoever opens no browser need not load what drives it
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

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


# ---- The browser -------------------------------------------------------------------------------------------------


class Chromium:
    """The one Chromium of this process: started for the first who asks, lent to one after the other."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def lent(self) -> Iterator[Browser]:
        """Give the browser; only meanwhile does this thread count as one in which an event loop runs."""
        before = asyncio._get_running_loop()
        try:
            yield self._stand()
        finally:
            # Playwright marks its loop as running between its calls too. Whoever comes after may want one of their own,
            # and Django forbids its database to whoever is in one.
            asyncio._set_running_loop(before)

    def _stand(self) -> Browser:
        from playwright.sync_api import sync_playwright

        if self._playwright is None:
            self._playwright = sync_playwright().start()
            self._loop = asyncio.get_running_loop()
        asyncio._set_running_loop(self._loop)
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        return self._browser

    def stop(self) -> None:
        """Close the browser and what drives it, if they ever started."""
        if self._playwright is None:
            return
        asyncio._set_running_loop(self._loop)
        if self._browser is not None:
            self._browser.close()
        self._playwright.stop()
        asyncio._set_running_loop(None)
        self._playwright = self._browser = self._loop = None


ours = Chromium()


def close(context: BrowserContext) -> None:
    """Close a context when nothing of ours is still answering for it."""
    context.unroute_all(behavior="wait")
    context.close()


@contextmanager
def chromium(width: int = 390, height: int = 844, **more: Any) -> Iterator[Page]:
    """Open a page at a width, in a context that knows of nothing before it."""
    with ours.lent() as browser:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", **more)
        try:
            yield context.new_page()
        finally:
            close(context)


# ---- From page to page -------------------------------------------------------------------------------------------

STANDS = """() => document.readyState === 'complete'
    || new Promise(done => addEventListener('load', () => done(true)))"""


def settle(page: Page) -> None:
    """Wait until the page stands: its document, its styles and its scripts."""
    page.wait_for_load_state()
    page.locator("body").wait_for(state="attached")
    page.evaluate(STANDS)


def follow(page: Page, what: str) -> None:
    """Click what leads to another page, and wait until that stands: a click alone may be told of before the page it opens."""
    with page.expect_navigation():
        page.click(what)


def press(page: Page, key: str = "Enter") -> None:
    """Press a key that leads to another page, and wait until that stands."""
    with page.expect_navigation():
        page.keyboard.press(key)


# ---- What a page is looked at for --------------------------------------------------------------------------------

WCAG = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
RUNS_OFF = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """([least, which]) => [...document.querySelectorAll(which)]
    .filter(one => one.checkVisibility() && !one.closest('.skip') && !one.labels?.[0]?.closest('.form-check, .pick'))
    .map(one => [one.outerHTML.slice(0, 120), (one.closest('label') ?? one).getBoundingClientRect()])
    .filter(([, box]) => box.height < least)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
OF_THE_OFFICE = "button, nav a, input:not([type=hidden], [hidden])"
OF_THE_PUBLIC = "a[href], button, summary, textarea, input:not([type=hidden])"


@cache
def axe() -> Axe:
    """The tool that finds what people with a disability would stumble over."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def runs_off(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    settle(page)
    return int(page.evaluate(RUNS_OFF))


def too_small(page: Page, least: int, which: str = OF_THE_PUBLIC) -> list[str]:
    """Return what is lower than a finger needs, in CSS pixels; what lies in a label is pressed with all of it."""
    settle(page)
    return list(page.evaluate(TOO_SMALL, [least, which]))


def violations(page: Page, **options: Any) -> list[dict[str, Any]]:
    """Return what axe finds.

    Contrast is most of its work. Large type has the colours of ordinary type, and WCAG asks less of it (1.4.3).
    """
    settle(page)
    if page.locator("html.large").count():
        options["rules"] = {"color-contrast": {"enabled": False}}
    return list(axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"])


def serious(page: Page) -> list[str]:
    """Return what axe calls serious or worse."""
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in violations(page)
        if one["impact"] in ("serious", "critical")
    ]


def look(page: Page, *, touch: int = 44) -> None:
    """See that a page of the office or of a business is fit for everybody."""
    faults: list[object] = [f"runs {over} pixels off the side"] if (over := runs_off(page)) > 0 else []
    faults += too_small(page, touch, OF_THE_OFFICE)
    faults += [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations(page, runOnly=WCAG)]
    assert not faults, f"{page.url}: {faults}"
