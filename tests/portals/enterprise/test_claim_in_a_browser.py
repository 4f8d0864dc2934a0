"""From a code to a bound shop in a real browser: on a phone, by keyboard alone, without scripts, and nothing for axe to find."""

import re

import pytest
from django.db import transaction
from PIL import Image

from chengxin.people.models import Binding, User
from chengxin.portals.department.bindings import STATES
from tests import make
from tests.browser import chromium, follow, look, press
from tests.make import USCC
from tests.portals.conftest import bind, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def licence(tmp_path):
    path = tmp_path / "licence.jpg"
    Image.new("RGB", (800, 600), "white").save(path)
    return str(path)


@pytest.fixture
def li():
    with transaction.atomic():
        make.subject(LEREP="李国强", ENTNAME="松岭里饺子馆")
    return User.objects.create(username="b-li", role="business", name="李国强")


def ticket(user):
    """Return the session of somebody who is signed in: the ways in have tests of their own."""
    return signed_in(user).cookies["chengxin_office"].value


def let_in(page, url, cookie):
    page.context.add_cookies([{"name": "chengxin_office", "value": cookie, "url": url}])


@pytest.mark.parametrize("width", [390, 1280])
def test_from_a_code_to_a_bound_shop(live_server, li, licence, width):
    of_li = ticket(li)
    with chromium(width) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        let_in(page, live_server.url, of_li)
        page.goto(f"{live_server.url}/enterprise/claim")
        look(page)
        page.focus("#code")
        page.keyboard.type(USCC.lower())
        press(page)
        page.wait_for_selector("text=您是这家的谁")
        look(page)
        follow(page, "text=法定代表人、负责人或经营者")
        page.wait_for_selector("text=您的姓名")
        look(page)
        page.focus("#name")
        press(page)
        page.wait_for_selector("text=拍一张证照")
        look(page)
        page.set_input_files("#paper", licence)
        page.focus("button:text('提交')")
        press(page)
        page.wait_for_selector("text=先用着")
        look(page)
        page.goto(f"{live_server.url}/enterprise/")
        look(page)
        assert not complaints

    assert Binding.objects.get().state == "provisional"


def test_what_is_wrong_with_a_paper_is_said_on_the_page_without_losing_it(live_server, li, tmp_path):
    wrong = tmp_path / "x.jpg"
    wrong.write_bytes(b"no picture")
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff" * 10_000_001)
    of_li = ticket(li)
    with chromium(390) as page:
        let_in(page, live_server.url, of_li)
        page.goto(f"{live_server.url}/enterprise/claim/{USCC}?as=legal")
        follow(page, "button:text('下一步')")
        page.wait_for_selector("#paper")
        page.set_input_files("#paper", str(large))
        page.wait_for_selector("text=超过了 10.0 MB")
        page.set_input_files("#paper", str(wrong))
        page.click("button:text('提交')")
        page.wait_for_selector("text=这个文件不是照片")
        look(page)

    assert not Binding.objects.exists()


def test_the_people_of_a_shop_are_managed_by_keyboard(live_server, li):
    bind(li, USCC)
    bind(User.objects.create(username="b-wang", role="business", name="小王"), USCC, part="staff")
    of_li = ticket(li)
    with chromium(390) as page:
        let_in(page, live_server.url, of_li)
        page.goto(f"{live_server.url}/enterprise/{USCC}/people")
        look(page)
        page.focus("#phone")
        press(page)
        page.wait_for_selector("#link")
        look(page)
        assert re.search(r"/enterprise/join/[\w-]+$", page.input_value("#link"))
        page.goto(f"{live_server.url}/enterprise/{USCC}/people")
        follow(page, "text=结束绑定")
        page.wait_for_selector("text=结束小王的绑定？")
        look(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_office_looks_at_both_sides_and_decides(live_server, li, clerk, width):
    first = bind(li, USCC, state="provisional")
    second = bind(User.objects.create(username="b-wang", role="business", name="王五"), USCC, state="waiting")
    Binding.objects.filter(pk=second.pk).update(contested=True, name="王五", area="230402")
    of_clerk = ticket(clerk)
    with chromium(width) as page:
        let_in(page, live_server.url, of_clerk)
        page.goto(f"{live_server.url}/bindings")
        look(page)
        page.goto(f"{live_server.url}/bindings/{second.pk}")
        look(page)
        page.click(f"label[for=end-{first.pk}]")
        page.fill("#why", "核对了证照原件")
        follow(page, "button:text('通过')")
        page.wait_for_selector("text=没有等着核实的绑定了")
        look(page)

    assert sorted(Binding.objects.values_list("state", flat=True)) == ["accepted", "ended"]
    assert STATES["accepted"] == "已绑定"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_new_body_is_asked_for_and_looked_at(live_server, li, clerk, licence, width):
    of_li = ticket(li)
    of_clerk = ticket(clerk)
    with chromium(width) as page:
        let_in(page, live_server.url, of_li)
        page.goto(f"{live_server.url}/enterprise/claim/52230403MJY1234588")
        look(page)
        follow(page, "text=登记为新主体")
        page.wait_for_selector("#ENTNAME")
        follow(page, "button:text('下一步')")
        page.wait_for_selector("text=请写全称")
        look(page)
        for name, said in {"ENTNAME": "小太阳幼儿园", "REGORG": "演示市民政局", "DOM": "红旗路18号"}.items():
            page.fill(f"#{name}", said)
        follow(page, "button:text('下一步')")
        page.wait_for_selector("#paper")
        look(page)
        page.set_input_files("#paper", licence)
        follow(page, "button:text('提交')")
        page.wait_for_selector("text=结果看这一页")
        look(page)
        let_in(page, live_server.url, of_clerk)
        page.goto(f"{live_server.url}/newcomers")
        look(page)
        follow(page, "text=小太阳幼儿园")
        page.wait_for_selector("text=登记证书")
        look(page)
