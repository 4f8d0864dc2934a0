"""The office's pages in a real browser: axe finds nothing serious, nothing runs off the side, large enough to press."""

import io

import pytest
from PIL import Image

from chengxin.board.city import City
from chengxin.credit.publishing.city import face
from chengxin.people.models import User
from tests.browser import chromium, follow, look, press
from tests.credit.fakes.test_actions import fake
from tests.portals.conftest import PASSWORD, make_batch, set_aside

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]


@pytest.fixture
def office_url(live_server, clerk):
    batch = make_batch(kind="penalty", rejected=60)
    set_aside(batch, count=60)
    make_batch()
    photo = io.BytesIO()
    Image.new("RGB", (800, 600), "navy").save(photo, "JPEG")
    return live_server.url, batch.pk, fake(photo=photo.getvalue(), code="S" * 20, verdict="unknown").pk


@pytest.mark.parametrize("width", [390, 1280])
def test_the_way_through_the_office(office_url, width):
    url, number, key = office_url
    with chromium(width) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))

        page.goto(f"{url}/city")
        assert page.title() == "登录 · 码上诚信"
        look(page)
        page.wait_for_selector("#id_username:focus")  # the page puts it there once it stands
        page.keyboard.type("wangmin")
        page.keyboard.press("Tab")
        page.keyboard.type("wrong")
        press(page)
        page.wait_for_selector("[role=alert]")
        look(page)
        page.wait_for_selector("#id_password:focus")
        page.keyboard.type(PASSWORD)
        press(page)
        page.wait_for_url(f"{url}/city")
        page.fill("#city", "某市")
        page.fill("#office", "某市信用办")
        page.fill("#phone", "call me")
        follow(page, "button:text-is('保存')")
        page.click("[role=alert] a")
        page.wait_for_url("**/city#phone")  # the summary leads to the field
        assert page.input_value("#office") == "某市信用办"
        look(page)
        page.fill("#phone", "12345")
        follow(page, "button:text-is('预览')")
        assert "某市信用办签发" in page.inner_text(".preview .verdict")
        follow(page, "button:text-is('保存')")
        page.wait_for_selector(".told.success")

        pages = ("/", "/password", "/batches", f"/batches/{number}", f"/batches/{number}/undo", "/batches/0", "/send")
        for address in (*pages, "/fakes", f"/fakes/{key}"):
            page.goto(url + address)
            look(page)

        assert page.evaluate("document.querySelector('.evidence').naturalWidth") == 800
        follow(page, "form.sheet button")
        page.wait_for_selector("#note-fault")
        look(page)
        page.fill("#note", "已派人核实。")
        follow(page, "form.sheet button")
        page.wait_for_selector(".told.success")

        page.goto(f"{url}/city")
        follow(page, "button:text-is('大字')")
        page.wait_for_selector("html.large")
        look(page, touch=60)
        follow(page, "button:text-is('退出')")
        page.wait_for_url(f"{url}/sign-in")

    assert [line for line in complaints if "Content Security Policy" in line] == []
    assert face().city == City(city="某市", office="某市信用办", phone="12345")


@pytest.mark.parametrize("width", [390, 1280])
def test_from_an_empty_directory_to_a_new_colleague(live_server, clerk, width):
    url = live_server.url
    rows = "单位名称,管辖区,联系人姓名,账号\n某市数据局,,李雷,lilei\n某市工农区信用办,火星区,,\n"
    with chromium(width) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{url}/units")
        page.fill("#id_username", "wangmin")
        page.fill("#id_password", PASSWORD)
        follow(page, "main button")
        page.wait_for_url(f"{url}/units")
        look(page)
        follow(page, "text=导入名录")
        look(page)
        for said in (rows, rows.replace("火星区", "工农区")):
            file = {"name": "名录.csv", "mimeType": "text/csv", "buffer": said.encode()}
            page.set_input_files("#file", file)
            follow(page, "button:text-is('看看会怎样')")
            page.wait_for_selector(".told")
            look(page)
        follow(page, "button:text-is('确认导入')")
        page.wait_for_selector(".told.success")
        follow(page, "text=某市数据局")
        look(page)
        follow(page, "text=修改")
        look(page)
        page.fill("#uscc", "123")
        follow(page, "button:text-is('保存')")
        page.wait_for_selector("#uscc-fault")
        look(page)
        page.goto(f"{url}/people")
        look(page)
        follow(page, "text=lilei")
        look(page)
        follow(page, "button:text-is('大字')")
        page.wait_for_selector("html.large")
        look(page, touch=60)
        page.goto(f"{url}/people/invite")
        follow(page, "button:text-is('生成邀请链接')")
        page.wait_for_selector("[role=alert]")
        look(page, touch=60)
        page.fill("#name", "韩梅梅")
        page.select_option("#unit", label="某市数据局")
        follow(page, "button:text-is('生成邀请链接')")
        page.wait_for_selector("#link")
        look(page, touch=60)
        link = page.input_value("#link")
        page.goto(f"{url}/people")
        look(page, touch=60)

        page.context.clear_cookies()
        page.goto(url + link[link.index("/join/") :])
        look(page)
        follow(page, "main button")
        page.wait_for_selector("#username-fault")
        look(page)
        page.fill("#username", "hanmeimei")
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        follow(page, "main button")
        page.wait_for_selector(".told.success")
        page.goto(url + link[link.index("/join/") :])
        assert page.inner_text("h1") == "链接打不开"
        look(page)

    assert [line for line in complaints if "Content Security Policy" in line] == []
    assert User.objects.get(username="hanmeimei").unit.name == "某市数据局"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_auditors_page(live_server, db, width):
    User.objects.create_user("shen", password=PASSWORD, role="auditor")
    with chromium(width) as page:
        page.goto(f"{live_server.url}/trail")
        page.fill("#id_username", "shen")
        page.fill("#id_password", PASSWORD)
        follow(page, "main button")
        page.wait_for_url(f"{live_server.url}/trail")
        look(page)
        page.select_option("#verb", "sign-in")
        follow(page, "button:text-is('查找')")
        assert "shen" in page.inner_text("table")
        look(page)
        follow(page, "button:text-is('大字')")
        page.wait_for_selector("html.large")
        look(page, touch=60)


def test_the_page_of_a_locked_account_and_of_a_stranger(live_server, db):
    User.objects.create_user("stranger", password=PASSWORD, role="nobody")
    with chromium(390) as page:
        for _ in range(5):
            page.goto(f"{live_server.url}/sign-in")
            page.fill("#id_username", "wangmin")
            page.fill("#id_password", "wrong")
            follow(page, "main button")
        assert page.inner_text("h1") == "暂时不能登录"
        look(page)

        page.goto(f"{live_server.url}/sign-in")
        page.fill("#id_username", "stranger")
        page.fill("#id_password", PASSWORD)
        follow(page, "main button")
        assert page.inner_text("h1") == "您的账号不能进入这里"
        look(page)
        follow(page, "text=退出，换账号登录")
        page.wait_for_url(f"{live_server.url}/sign-in")


def test_on_a_phone_the_way_to_a_page_takes_two_rows_and_the_rest_folds_away(office_url):
    url, *_ = office_url
    with chromium(390) as page:
        sign_in_at(page, f"{url}/batches")
        rows = {round(top) for top in page.evaluate(ROWS)}
        assert len(rows) == 2, "the five words, and the pages under the one that one is at"
        assert not page.is_visible("nav >> text=举报")
        page.focus(".more summary")
        page.keyboard.press("Enter")
        look(page)
        follow(page, ".more >> text=举报")
        page.wait_for_url(f"{url}/fakes")
        assert page.evaluate("getComputedStyle(document.querySelector('.more summary')).fontWeight") == "700"


def test_a_page_printed_has_the_width_of_its_paper_and_no_menu(office_url):
    url, number, _ = office_url
    with chromium(1280) as page:
        sign_in_at(page, f"{url}/batches/{number}")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 718, "height": 1000})  # A4 between margins of a centimetre
        assert page.evaluate("document.querySelector('main').getBoundingClientRect().width") == 718
        assert not page.is_visible(".rail") and not page.is_visible(".under")
        assert page.evaluate("getComputedStyle(document.querySelector('.list tr')).display") == "table-row"


ROWS = "[...document.querySelectorAll('nav a, nav summary')].filter(one => one.checkVisibility()).map(one => one.getBoundingClientRect().top)"


def sign_in_at(page, address):
    page.goto(address)
    page.fill("#id_username", "wangmin")
    page.fill("#id_password", PASSWORD)
    follow(page, "main button")
    page.wait_for_url(address)
