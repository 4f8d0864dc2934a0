"""From the question to the lineage in a real browser: by keyboard, on a phone and a desk, without a fault that axe finds."""

import pytest
from django.db import transaction

from chengxin.people.models import User
from tests import make
from tests.browser import chromium, follow, look, press
from tests.portals.conftest import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]
NAME = "鹤岗市松岭里饺子馆"
PENALTY = {
    "CF_WSH": "鹤市监罚〔2026〕12号",
    "CF_WFXW": "未明码标价",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款",
    "CF_NR_FK": "5",
    "CF_JDRQ": "2026-05-21",
    "CF_CFJG": "测试市场监督管理局",
}
STOP = {"TZ_ZL": "penalty", "TZ_WSH": "鹤市监罚〔2026〕12号", "TZ_JG": "测试市场监督管理局", "TZ_RQ": "2026-05-28"}


@pytest.fixture
def stopped(clerk):
    with transaction.atomic():
        make.subject(name=NAME, ENTNAME=NAME, LEREP="张三", ENTTYPE="个体工商户")
        make.record("penalty", PENALTY)
        make.record("penalty", PENALTY | {"CF_NR_FK": "6"})
        make.record("penalty", PENALTY | {"CF_WSH": "13号", "CF_WFXW": "虚假宣传"}, number="2")
    with transaction.atomic():
        make.record("corrected", STOP | {"TZ_ZDM": "CF_NR_FK", "TZ_YZ": "6", "TZ_XZ": "0.6", "TZ_LY": "录入有误"})
    with transaction.atomic():
        make.record("withdrawn", STOP | {"TZ_LY": "经复议撤销"})
    User.objects.create_user("shenji", password=PASSWORD, role="auditor")


def sign_in(page, url, name):
    page.goto(f"{url}/sign-in")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    press(page)
    page.wait_for_url(f"{url}/")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_way_from_a_question_to_where_a_fact_comes_from(live_server, stopped, width):
    url = live_server.url
    with chromium(width) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        sign_in(page, url, "wangmin")
        follow(page, "nav >> text=查询")
        page.wait_for_url(f"{url}/subjects")
        look(page)

        page.focus("#text")
        page.keyboard.type("松岭里")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        press(page)
        page.wait_for_selector(".found")
        assert page.url == f"{url}/subjects", "the question stands in no address"
        look(page)

        follow(page, f".found >> text={NAME}")
        page.wait_for_selector("h1:text('鹤岗市松岭里饺子馆')")
        look(page)
        assert "已撤回" in page.inner_text(".record:has-text('未明码标价')")
        assert "公示中" in page.inner_text(".record:has-text('虚假宣传')")
        page.click(".record:has-text('未明码标价') summary")
        assert "0.6 已更正" in page.inner_text(".record:has-text('未明码标价') dl")

        follow(page, ".record:has-text('未明码标价') >> text=来历")
        page.wait_for_selector(".lineage")
        look(page)
        steps = page.inner_text(".lineage")
        assert "经复议撤销" in steps and "录入有误" in steps and "首次报来" in steps
        page.goto(f"{url}/subjects/{make.USCC}/registration")
        look(page)
        page.goto(f"{url}/subjects/{make.OTHER_USCC}")
        look(page)
        # A page that is not there is told on the console; nothing else is.
        assert [told for told in complaints if "404" not in told] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_an_auditor_reads_the_log_and_no_file(live_server, stopped, width):
    url = live_server.url
    with chromium(width) as page:
        sign_in(page, url, "wangmin")
        page.goto(f"{url}/subjects/{make.USCC}")
        look(page)
        page.check("#purpose-dispute")
        follow(page, "text=打开档案")
        page.wait_for_selector(".record")
        page.context.clear_cookies()
        sign_in(page, url, "shenji")
        follow(page, "nav >> text=留痕")
        follow(page, "nav >> text=查询日志")
        page.wait_for_url(f"{url}/looks")
        look(page)
        assert "异议核查" in page.inner_text("table") and "wangmin" in page.inner_text("table")
        page.goto(f"{url}/looks?day=x")
        look(page)


def test_the_file_grows_with_large_type(live_server, stopped):
    with chromium(390) as page:
        sign_in(page, live_server.url, "wangmin")
        follow(page, "text=大字")
        page.goto(f"{live_server.url}/subjects")
        look(page, touch=60)
        page.fill("#text", make.USCC)
        page.check("#purpose-supervise")
        press(page)
        page.wait_for_selector(".record")
        look(page, touch=60)
