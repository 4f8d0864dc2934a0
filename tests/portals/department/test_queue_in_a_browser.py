"""From a row that waits to a decision, in a real browser, by keyboard, on a phone and on a desk, in large type too."""

import pytest
from django.db import transaction
from django.urls import reverse

from chengxin.credit.records.models import Record
from chengxin.ingest import waiting
from tests import make
from tests.browser import chromium, follow, look, press
from tests.portals.conftest import PASSWORD
from tests.portals.department.test_queue import NAME, SHOP, TWIN, wait

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.fixture
def desk(live_server, clerk):
    with transaction.atomic():
        make.subject(SHOP, name=NAME)
        make.subject(TWIN, name="鹤岗市松岑里饺子馆", address="萝北县共青农场", division="230421")
        wait(3)
        for number in range(30):
            wait(
                1,
                claim=f"regno:23040260001{number:04}|name:第{number}家",
                CF_XDR_MC=f"第{number}家餐饮管理有限责任公司",
            )
    return live_server.url


@pytest.mark.parametrize(
    "width, large", [(390, False), (1280, False), (390, True)], ids=["phone", "desk", "large type"]
)
def test_a_clerk_decides_by_keyboard(desk, width, large):
    with chromium(width) as page:
        if large:
            page.context.add_cookies([{"name": "chengxin_large", "value": "1", "url": desk}])
        page.goto(f"{desk}{reverse('queue')}")
        page.fill("#id_username", "wangmin")
        page.fill("#id_password", PASSWORD)
        press(page)
        page.wait_for_selector("h1:has-text('待匹配')")
        look(page)

        follow(page, f"text={NAME}")
        page.wait_for_selector("h1:has-text('是哪一家')")
        look(page)
        page.focus("button[value=refuse]")
        press(page)
        page.wait_for_selector("#fault")
        look(page)
        page.focus("#s1")
        page.keyboard.press("Space")
        page.focus("button[value=match]")
        press(page)
        page.wait_for_selector(".told")
        look(page)

        page.goto(f"{desk}{reverse('queue')}?state=decided")
        look(page)
        page.goto(f"{desk}{reverse('areas')}")
        look(page)
        page.goto(f"{desk}{reverse('area', args=[TWIN])}")
        look(page)

    assert Record.objects.filter(subject=SHOP).count() == 3
    assert waiting.rows_of(f"name:{NAME}", unit=None).count() == 0
