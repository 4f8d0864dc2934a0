"""接口账号 in a real browser: made and revoked by keyboard, seen by axe, at any width and in large type."""

import pytest

from chengxin.people.models import Unit, User
from tests.browser import chromium, follow, look, press
from tests.portals.conftest import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.mark.parametrize("width, large", [(390, True), (1280, False)])
def test_a_client_is_made_and_revoked_by_keyboard(live_server, width, large):
    Unit.objects.create(name="鹤岗市市场监督管理局")
    User.objects.create_user("keeper", password=PASSWORD, role="keeper")
    with chromium(width) as page:
        page.goto(f"{live_server.url}/clients")
        page.wait_for_selector("[name=username]:focus")  # the page puts it there once it stands
        page.keyboard.type("keeper")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        press(page)
        page.wait_for_url(f"{live_server.url}/clients")
        if large:
            follow(page, "button:text-is('大字')")
            page.wait_for_selector("html.large")
        look(page)

        page.focus("#unit")
        page.keyboard.type("鹤岗市市场监督管理局")
        press(page)
        page.wait_for_selector("[role=alert]")
        look(page)
        page.focus("#name")
        page.keyboard.type("行政处罚办案系统")
        press(page)
        page.wait_for_selector("h1:text-is('接口账号已建立')")
        look(page)
        page.focus("main a.btn")
        press(page)
        page.wait_for_url(f"{live_server.url}/clients")
        look(page)
        page.focus("a:text-is('停用…')")
        press(page)
        page.wait_for_selector("h1:has-text('停用“行政处罚办案系统”')")
        look(page)
        page.focus("main button:text-is('停用')")
        press(page)
        page.wait_for_selector(".told.success")
        look(page)
