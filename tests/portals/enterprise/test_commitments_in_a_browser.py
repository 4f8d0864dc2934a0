"""承诺 in a real browser: signed by keyboard on a phone, judged by the office, answered; seen by axe, in large type too."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from chengxin.credit.commitments.queries import made
from chengxin.ingest import batches
from chengxin.people.models import Unit, User
from chengxin.pipeline import flow
from tests import make
from tests.browser import chromium, follow, look, press
from tests.make import USCC
from tests.portals.conftest import bind

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


def key_of(user):
    """Return the session of somebody who is signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def enter(page, url, key):
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": url}])


def work():
    """Do what the workers do; beside the browser, whose loop lets nobody near the database."""

    def both():
        try:
            while batches.step(at=timezone.now()):
                pass
            flow.drain()
            return made(USCC)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(both).result()


@pytest.mark.parametrize("width, large", [(390, True), (1280, False)])
def test_a_commitment_is_signed_judged_and_answered_by_keyboard(live_server, width, large):
    unit = Unit.objects.create(name="鹤岗市市场监督管理局", uscc="11230500001755309F")
    with transaction.atomic():
        make.subject()
    person = User.objects.create(username="b-7f3a", role="business", name="李国强")
    bind(person, USCC)
    owner, judge = key_of(person), key_of(User.objects.create_user("lina", role="department", unit=unit))
    mine = f"{live_server.url}/enterprise/{USCC}"
    with chromium(width) as page:
        enter(page, live_server.url, owner)
        page.goto(f"{mine}/commitments")
        if large:
            follow(page, "button:text-is('大字')")
            page.wait_for_selector("html.large")
        look(page)
        page.focus(".blank a")
        press(page)
        page.wait_for_selector("h1:text-is('签哪一份')")
        look(page)
        page.focus(".ways a")
        press(page)
        page.wait_for_selector("h1:text-is('餐饮服务承诺')")
        look(page)
        page.focus("#agree")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        press(page)
        page.wait_for_selector(".told.success")
        look(page)
        (one,) = work()
        assert one.entered

        enter(page, live_server.url, judge)
        page.goto(f"{live_server.url}/commitments")
        look(page)
        page.focus(".list a")
        press(page)
        page.wait_for_selector("#kept")
        look(page)
        page.focus("main form button")
        press(page)
        page.wait_for_selector("[role=alert]")
        look(page)
        page.select_option("#kept", "部分履行")
        for name, said in (("evidence", "检查记录 12 号"), ("unkept", "有两道菜没有标价"), ("consequence", "约谈")):
            page.focus(f"#{name}")
            page.keyboard.type(said)
        page.focus("main form button")
        press(page)
        page.wait_for_selector(".told.success")
        work()
        page.goto(f"{live_server.url}/commitments/add")
        look(page)

        enter(page, live_server.url, owner)
        page.goto(f"{mine}/commitments/{one.number}")
        page.focus("details summary")
        page.keyboard.press("Enter")
        look(page)
        page.focus("#text")
        page.keyboard.type("当天已经补上标价")
        page.keyboard.press("Tab")
        press(page)
        page.wait_for_selector(".told.success")
        assert "当天已经补上标价" in page.inner_text("main")
        page.goto(f"{mine}/commitments")
        look(page)
