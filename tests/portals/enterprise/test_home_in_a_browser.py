"""The owner's pages in a real browser: on a phone, in large type, on a screen, by keyboard; axe finds nothing."""

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from chengxin.credit.codes import actions as codes
from chengxin.credit.codes.models import ScanDay, ShowingWaiting
from chengxin.credit.subjects import messages
from chengxin.people import looks
from chengxin.people.models import User
from chengxin.people.trail import Actor
from tests.browser import chromium, look, press
from tests.make import CLERK, NOW, USCC, record, subject
from tests.portals.conftest import PASSWORD, bind
from tests.portals.enterprise.test_showing import of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.fixture
def shop(live_server, tmp_path, settings):
    """A shop with all that its pages may show, and a browser's way in."""
    settings.FILES_DIR = tmp_path / "files"
    owner = User.objects.create_user("shop-1", password=PASSWORD, role="business", name="李国强")
    with transaction.atomic():
        bind(owner, subject())
    signer = codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    (code,) = codes.issue(subjects=[USCC], consent="同意书", by=CLERK, at=NOW, signer=signer)
    codes.issue(subjects=[USCC], consent="同意书", by=CLERK, at=NOW, signer=signer, placement="stall", label="3号")
    today = timezone.localdate()
    for back in (0, 1, 5, 20):
        ScanDay.objects.create(
            subject_id=USCC, serial=code.serial, day=today - timedelta(days=back), scans=7, devices=1, bots=2
        )
    with transaction.atomic():
        record("licence", {"XK_XKZS": "食品经营许可证", "XK_YXQZI": (today - timedelta(days=2)).isoformat()})
    now = timezone.now()
    messages.tell(
        subjects=[USCC], about="code", title="码已签发", text="可以下载。", by="信用办", at=now, page="my-home"
    )
    by = Actor("wangmin", "credit_office")
    looks.look(by=by, unit="某市卫生健康委员会", subject=USCC, purpose="日常监管", part="", at=now)
    client = Client()
    client.force_login(owner)
    return live_server.url, client.cookies[settings.SESSION_COOKIE_NAME].value, code


def enter(page, url, session, *, large=False):
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    if large:
        page.context.add_cookies([{"name": "chengxin_large", "value": "1", "url": url}])


PAGES = ("", "messages", "scans", "scans?days=90", "looks", "benefits", "showing")


@pytest.mark.parametrize(("width", "large"), [(390, True), (1280, False)])
def test_every_page_can_be_read_and_pressed(shop, width, large):
    url, session, _ = shop
    with chromium(width) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        enter(page, url, session, large=large)

        for address in ("/enterprise/", *(f"/enterprise/{USCC}/{name}" for name in PAGES)):
            page.goto(url + address)
            look(page, touch=60 if large else 44)

        assert complaints == []


def test_a_photo_is_sent_by_keyboard_and_what_is_wrong_is_said_beside_it(shop, tmp_path):
    url, session, code = shop
    with chromium(390) as page:
        enter(page, url, session)
        page.goto(f"{url}/enterprise/{USCC}/showing")
        page.focus("#where")
        page.keyboard.type("店门口右侧")
        press(page)
        page.wait_for_selector("[role=alert]")
        assert "请先拍一张照片" in page.inner_text("[role=alert]")
        assert page.input_value("#where") == "店门口右侧"
        look(page)

        picture = tmp_path / "门口.jpg"
        picture.write_bytes(of(code).read())
        page.set_input_files("#photo", picture)
        page.focus("#where")
        press(page)
        page.wait_for_selector(".told.success")

        assert "等待核实" in page.inner_text("main")
        page.wait_for_function("document.querySelector('.shown').naturalWidth > 0")
        look(page)
    assert ShowingWaiting.objects.get().serial == code.serial


def test_the_menu_lies_under_the_thumb_and_hides_nothing(shop):
    url, session, _ = shop
    with chromium(390) as page:
        enter(page, url, session)
        page.goto(f"{url}/enterprise/{USCC}/")

        menu = page.locator(".menu ul").bounding_box()
        assert menu["y"] + menu["height"] == pytest.approx(844, abs=1)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        last = page.locator(".ways li").last.bounding_box()
        assert last["y"] + last["height"] <= menu["y"]


def test_the_codes_picture_is_read_by_a_scanner(shop):
    import zxingcpp
    from PIL import Image

    url, session, code = shop
    with chromium(390) as page:
        enter(page, url, session)
        page.goto(f"{url}/enterprise/{USCC}/")
        picture = page.locator("svg.qr").screenshot()

    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert read.text == f"{settings.CODE_URL}/C/{code.token}".upper()
