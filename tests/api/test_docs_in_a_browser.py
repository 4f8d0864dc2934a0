"""The API's page in a real browser: drawn by our own files alone, under its policy, at any width."""

from __future__ import annotations

import pytest
from playwright.sync_api import ConsoleMessage

from tests.browser import chromium, runs_off

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_description_is_drawn_from_here_without_a_complaint(live_server: object, width: int) -> None:
    url = str(live_server)
    complaints: list[str] = []
    asked: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with chromium(width) as page:
        page.on("console", note)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{url}/api/v1/docs")
        page.wait_for_selector(".opblock-post")
        assert page.locator(".opblock").count() >= 9
        page.click(".opblock-post >> nth=0")
        page.wait_for_selector(".responses-table")
        assert page.locator(".errors-wrapper").count() == 0
        assert runs_off(page) <= 0
    assert complaints == []
    assert [one for one in asked if not one.startswith((url, "data:"))] == []
