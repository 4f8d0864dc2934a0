"""The ways in, in a real browser: by keyboard alone, with a passkey, by the e-licence; seen by axe, at any width."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.urls import reverse

from chengxin.people import owners, providers
from chengxin.people.models import Binding, User
from tests import make
from tests.browser import chromium, follow, look, press
from tests.make import USCC
from tests.portals.enterprise.provider import LocalProvider

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]
UNLOCKED = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def door(live_server, settings):
    settings.OFFICE_URL = live_server.url
    return f"{live_server.url}/enterprise/"


def code_of(capfd):
    return re.findall(r"验证码 (\d{6})，", capfd.readouterr().err)[-1]


def type_in(page, text, field):
    page.wait_for_selector(f"#{field}:focus")  # the page puts it there once it stands
    page.keyboard.type(text)
    press(page)


def with_passkeys(page):
    """Give the browser what a telephone has that is unlocked by a finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": UNLOCKED})


@pytest.mark.parametrize("width, large", [(390, True), (1280, False)])
def test_whoever_is_new_comes_in_by_keyboard_alone(door, capfd, width, large):
    with chromium(width) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(door)
        if large:
            follow(page, "button:text-is('大字')")
            page.wait_for_selector("html.large")
            page.focus("#phone")
        look(page, touch=60 if large else 44)
        type_in(page, "139", "phone")
        page.wait_for_selector("#phone-fault")
        look(page, touch=60 if large else 44)
        page.wait_for_selector("#phone:focus")
        page.keyboard.press("End")
        page.keyboard.type("00000000")
        press(page)
        page.wait_for_url("**/sign-in/code")
        look(page, touch=60 if large else 44)
        type_in(page, "00000x", "code")
        page.wait_for_selector("#code-fault")
        look(page, touch=60 if large else 44)
        type_in(page, code_of(capfd), "code")
        page.wait_for_url("**/sign-up/name")
        look(page, touch=60 if large else 44)
        type_in(page, "李国强", "name")
        page.wait_for_selector("h1:text-is('李国强，注册好了')")
        look(page, touch=60 if large else 44)
        page.focus("main a.btn")
        press(page)
        page.wait_for_url(door)
        look(page, touch=60 if large else 44)
        assert not [one for one in complaints if "422" not in one]


def test_a_passkey_is_made_and_used_at_the_door_and_to_show_that_it_is_oneself(door, capfd):
    with chromium(390) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        with_passkeys(page)
        page.goto(door)
        type_in(page, "13900000000", "phone")
        page.wait_for_selector("#code:focus")
        type_in(page, code_of(capfd), "code")
        type_in(page, "李国强", "name")
        follow(page, "text=设通行密钥")
        page.wait_for_selector("h1:text-is('设通行密钥')")
        look(page)
        follow(page, "button:text-is('下一步')")
        page.wait_for_selector("h1:text-is('我的账号')")
        page.click("summary")
        look(page)

        follow(page, "button:text-is('退出')")
        page.wait_for_selector("h1:text-is('登录或注册')")
        follow(page, "button:has-text('通行密钥')")
        page.wait_for_selector("h1:text-is('我的经营主体')")

        page.goto(f"{door}again?next=/enterprise/account/password")
        look(page)
        follow(page, "button:text-is('用通行密钥')")
        page.wait_for_selector("h1:text-is('设密码')")
        look(page)
        page.goto(f"{door}account/close")
        look(page)

        page.goto(f"{door}account/name")
        page.fill("#name", "李国强二")
        page.context.clear_cookies(name="chengxin_office")  # the session ends
        page.keyboard.press("Enter")
        page.wait_for_selector("text=刚才填写的内容替您留着")
        look(page)
        page.click("button:has-text('通行密钥')")
        page.wait_for_selector("h1:text-is('刚才填写的内容还在')")
        look(page)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=姓名已改好")
        assert complaints == []
    assert User.objects.get().name == "李国强二"


def test_where_passkeys_cannot_work_the_page_says_so(live_server, settings):
    settings.OFFICE_URL = "https://office.example"
    with chromium(390) as page:
        page.goto(f"{live_server.url}/enterprise/sign-in")
        page.wait_for_selector("text=通行密钥只能在本站的 https 网址下使用")
        assert page.is_disabled("button:has-text('通行密钥')")
        look(page)


def test_the_e_licence_lets_in_and_binds_to_its_business(door, settings):
    with transaction.atomic():
        make.subject()
    provider = LocalProvider()
    provider.claims |= {"uscc": USCC, "role": "法定代表人"}
    settings.OIDC_PROVIDERS = providers.read(provider.setting())
    with chromium(390) as page:
        page.goto(door)
        look(page)
        page.click("button:text-is('电子营业执照')")
        page.click("text=同意")  # the page leads there by itself
        page.wait_for_selector("text=松岭里饺子馆")
        look(page)
        page.goto(f"{door}account")
        assert "已关联" in page.content()
        look(page)
    provider.stop()
    assert Binding.objects.get().proven_by == "licence"


def test_a_lost_telephone_is_replaced_on_a_page_of_the_office(live_server, clerk):
    from django.utils import timezone

    from tests.portals.conftest import PASSWORD, bind

    li = owners.sign_up(name="李国强", number="+8613900000000", at=timezone.now())
    with transaction.atomic():
        make.subject()
    bind(li, USCC)
    with chromium(390) as page:
        page.goto(live_server.url + reverse("owner", args=[li.pk]))
        page.wait_for_selector("[name=username]:focus")
        page.keyboard.type("wangmin")
        page.fill("[name=password]", PASSWORD)
        press(page)
        page.wait_for_selector("h1:text-is('李国强')")
        look(page)
        follow(page, "button:text-is('换成新号码')")
        page.wait_for_selector("#phone-fault")
        look(page)
