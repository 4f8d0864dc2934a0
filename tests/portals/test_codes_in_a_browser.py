"""The pages of codes in a real browser, on a phone and at a desk: axe finds nothing, nothing runs off the side, all can be pressed."""

import pytest
from django.conf import settings
from django.db import transaction

from chengxin.credit.codes import actions, life
from chengxin.people.models import User
from tests import make
from tests.browser import chromium, follow, look, press
from tests.make import CLERK, NOW, USCC
from tests.portals.conftest import PASSWORD, bind, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.fixture
def shopkeeper(db):
    with transaction.atomic():
        make.subject()
    person = User.objects.create_user("shop-1", password=PASSWORD, role="business", name="李国强")
    bind(person, USCC)
    return person


@pytest.fixture
def codes(shopkeeper, settings):
    signer = actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)
    serials = []
    for placement, label in (("premises", ""), ("taxi", "黑H·T1234")):
        (made,) = actions.issue(
            subjects=[USCC], consent="申领表", by=CLERK, at=NOW, signer=signer, placement=placement, label=label
        )
        serials.append(made.serial)
    life.turn(subject=USCC, serials=serials[1:], verb="freeze", why="有人举报冒用", unit="信用办", by=CLERK, at=NOW)
    return serials


def ticket(url, user):
    """Return the cookie of somebody who is signed in: made before a browser runs, in whose thread nothing asks the database."""
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": signed_in(user).cookies[name].value, "url": url}


@pytest.mark.parametrize("width", [390, 1280])
def test_an_owner_gets_about_by_keyboard_and_sees_everything(live_server, shopkeeper, codes, width):
    mine = f"{live_server.url}/enterprise/{USCC}/codes"
    cookie = ticket(live_server.url, shopkeeper)
    with chromium(width) as page:
        page.context.add_cookies([cookie])
        for address in ("", f"/{codes[0]}", f"/{codes[0]}/turn/lost", f"/{codes[0]}/turn/pause", "/withdraw", "/plea"):
            page.goto(mine + address)
            look(page)
        page.goto(f"{mine}/{codes[0]}/turn/pause")
        page.focus("button:text-is('暂停展示')")
        press(page)
        page.wait_for_selector(".told.success")
        look(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_offices_pages_of_codes(live_server, clerk, codes, width):
    with transaction.atomic():
        make.subject("91230403MA1CTE5757", name="松岭里餐饮有限公司", address="鹤岗市九马路2号")
    cookie = ticket(live_server.url, clerk)
    with chromium(width) as page:
        page.context.add_cookies([cookie])
        for address in ("/codes?state=frozen", f"/codes/{USCC}", "/give"):
            page.goto(live_server.url + address)
            look(page)
        page.fill("#words", "九马路")
        follow(page, "button:text-is('查找')")
        page.wait_for_selector("button:text-is('看选中的')")
        look(page)
        follow(page, "button:text-is('看选中的')")
        page.wait_for_selector("#paper")
        look(page)
        page.fill("#paper", "九马路商户同意书")
        page.fill("#signed_on", "2026-04-01")
        follow(page, "button:text-is('签发 1 个码')")
        page.wait_for_selector(".told.success")
        look(page)
