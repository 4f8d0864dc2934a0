"""申领 on a phone, by keyboard alone too, from the first question to the code; axe finds nothing, nothing runs off the side."""

import pytest
from django.db import transaction
from django.urls import reverse

from chengxin.credit.applications.models import Application
from chengxin.credit.codes.models import Code
from chengxin.people.models import Unit, User
from tests import make
from tests.browser import chromium, follow, look, press
from tests.make import USCC
from tests.portals.conftest import PASSWORD, bind, signed_in
from tests.portals.department.test_applications import ITEM, sent

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def owner(db):
    with transaction.atomic():
        make.subject()
    Unit.objects.create(name="某市社会信用体系建设办公室", uscc="11230500001755309F", area="230400")
    user = User.objects.create_user("b-1", password=PASSWORD, role="business", name="王敏")
    bind(user, USCC)
    return user


def session_of(user):
    """Return the session in which somebody is signed in; asked before the browser opens, whose loop forbids the database."""
    return signed_in(user).cookies["chengxin_office"].value


def enter(page, url, session):
    """Let a browser be signed in."""
    page.context.add_cookies([{"name": "chengxin_office", "value": session, "url": url}])


@pytest.mark.parametrize(("width", "large"), [(390, True), (1280, False)])
def test_every_page_on_the_way_to_a_code(live_server, owner, width, large):
    url, session = live_server.url, session_of(owner)
    with chromium(width) as page:
        enter(page, url, session)
        if large:
            page.context.add_cookies([{"name": "chengxin_large", "value": "1", "url": url}])
        go = lambda: follow(page, ".do .btn-primary")

        page.goto(f"{url}/enterprise/{USCC}/apply")
        look(page)
        go()
        look(page)
        go()
        look(page)  # nothing was agreed to
        page.click("label[for=agree]")
        go()
        page.fill("#phone", "123")
        go()
        look(page)
        page.fill("#phone", "0468-3350000")
        go()
        page.fill("#q", "餐饮")
        follow(page, "button[name=find]")
        look(page)
        page.locator(".pick label").first.click()
        go()
        look(page)
        follow(page, "text=荣誉奖励")
        look(page)
        page.fill("#title", "全国最佳饺子馆")
        page.fill("#issuer", "某市消费者协会")
        go()
        page.wait_for_selector("mark")
        look(page)
        page.click("label[for=anyway]")
        go()
        look(page)
        go()
        page.locator(".pick label").nth(1).click()
        go()
        look(page)
        page.click("label[for=agree]")
        go()
        look(page)
        follow(page, "text=预览扫码页")
        assert "松岭里饺子馆" in page.inner_text("h1")
        page.go_back()
        go()
        page.wait_for_selector(".next")
        look(page)
        page.goto(f"{url}{reverse('my-declarations', args=[USCC])}")
        look(page)
        page.goto(f"{url}{reverse('my-applications', args=[USCC])}")
        look(page)
    assert Code.objects.count() == 1


def test_by_keyboard_alone_a_code_is_applied_for(live_server, owner):
    session = session_of(owner)
    with chromium(390) as page:
        enter(page, live_server.url, session)
        keyboard = page.keyboard

        def to(what):
            """Press Tab until something has the focus."""
            for _ in range(200):
                if page.evaluate("what => document.activeElement.matches(what)", what):
                    return
                keyboard.press("Tab")
            raise AssertionError(f"the keyboard does not reach {what} on {page.url}")

        def press_enter_on(what):
            to(what)
            press(page)

        page.goto(f"{live_server.url}/enterprise/{USCC}/apply")
        press_enter_on(".do .btn-primary")
        to("#agree")
        keyboard.press("Space")
        press_enter_on(".do .btn-primary")
        to("#phone")
        keyboard.type("04683350000")
        for _ in range(4):  # contact, scenarios, items, commitment
            press_enter_on(".do .btn-primary")
        press_enter_on(".do .btn-primary")
        page.wait_for_selector(".next")

    assert Application.objects.get().way == "self" and Code.objects.count() == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_the_clerks_pages(live_server, owner, clerk, width):
    with transaction.atomic():
        number = sent(owner, ITEM)
    url, session = live_server.url, session_of(clerk)
    with chromium(width) as page:
        enter(page, url, session)
        for where in ("/applications", f"/applications/{USCC}/{number}", "/counter", "/counter/consent"):
            page.goto(f"{url}{where}")
            look(page)
        page.goto(f"{url}/applications/{USCC}/{number}")
        page.click("label[for=item-1-refuse]")
        follow(page, "text=办结，下一份")
        page.wait_for_selector("[role=alert]")
        look(page)
        page.click("label[for=item-1-refuse]")
        page.fill("#item-1-why", "没有依据")
        follow(page, "text=办结，下一份")
        page.wait_for_selector(".told.success")
    assert Application.objects.count() == 1
