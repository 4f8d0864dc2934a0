"""From a file on a clerk's desk to the database and back as a workbook, in a real browser, with scripts and without."""

import io
import threading
from contextlib import contextmanager

import openpyxl
import pytest
from django.db import connection
from django.utils import timezone

from chengxin.credit.records.models import Record
from chengxin.ingest import batches
from chengxin.ingest.models import Batch
from chengxin.people.models import Trail
from tests import make
from tests.browser import chromium, follow, look
from tests.ingest.test_intake import csv_file, known, licence, table
from tests.portals.conftest import PASSWORD, make_batch, set_aside
from tests.portals.department.test_batches import DIFFERENCE, STATES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]
WRONG = "91230402MA1CTE575X"  # its check digit


class Worker(threading.Thread):
    """Takes what is wanted, as the worker of `serve` does, until told to stop; can be held."""

    def __init__(self):
        super().__init__(daemon=True)
        self.go, self.stopped = threading.Event(), threading.Event()

    def run(self):
        try:
            while not self.stopped.wait(0.05):
                if self.go.is_set():
                    batches.step(at=timezone.now())
        finally:
            connection.close()


@pytest.fixture
def worker():
    one = Worker()
    one.start()
    yield one
    one.stopped.set()
    one.join()


@pytest.fixture
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.FEEDBACK_DIR = tmp_path / "files", tmp_path / "feedback"


@pytest.fixture
def file(tmp_path):
    rows = [licence(1), licence(2), licence(3, XK_XDR_SHXYM=WRONG), licence(4, XK_JDRQ="去年")]
    return csv_file(tmp_path / "行政许可.csv", table("licence", rows), "gb18030")


@contextmanager
def browser(url, *, width=390, scripts=True, sign_in=True):
    with chromium(width, java_script_enabled=scripts) as page:
        if sign_in:
            page.goto(f"{url}/sign-in")
            page.fill("#id_username", "lina")
            page.fill("#id_password", PASSWORD)
            follow(page, "main button")
            page.wait_for_url(f"{url}/")
        yield page


def tab_to(page, selector):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached with the Tab key")


def figures(page):
    return {
        one.query_selector("dt").inner_text(): int(one.query_selector("b").inner_text().replace(",", ""))
        for one in page.query_selector_all(".large-figures > div")
    }


def workbook(page):
    with page.expect_download() as download:
        page.click("text=下载反馈文件")
    return openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))


def said_in(book):
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_a_clerk_sends_looks_confirms_and_gets_back_what_to_mend_by_keyboard_alone(
    live_server, lina, folders, worker, file
):
    known()
    with browser(live_server.url) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))

        page.goto(f"{live_server.url}/send")
        look(page)
        tab_to(page, "#kind")
        for _ in range(60):
            page.keyboard.press("ArrowDown")
            if page.input_value("#kind") == "licence":
                break
        tab_to(page, "#file")
        page.set_input_files("#file", file)  # what Enter opens here is the browser's own window
        assert "行政许可.csv" in page.inner_text(".chosen")
        tab_to(page, "button[type=submit]")
        page.keyboard.press("Enter")

        page.wait_for_selector("[data-progress]")
        look(page)
        worker.go.set()
        page.wait_for_selector("text=还没有入库")
        look(page)
        assert figures(page) == {"新增": 2, "更新": 0, "未变": 0, "不能用": 2, "待匹配": 0}
        assert "统一社会信用代码有误" in page.inner_text("main")
        preview = said_in(workbook(page))

        worker.go.clear()
        tab_to(page, "form[action$=confirm] button")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-progress]")
        look(page)
        worker.go.set()
        page.wait_for_selector(".told.done")
        look(page)
        assert figures(page) == {"新增": 2, "更新": 0, "未变": 0, "不能用": 2, "待匹配": 0}
        result = said_in(workbook(page))

        worker.go.clear()
        page.goto(f"{live_server.url}/send")
        assert page.input_value("#kind") == "licence", "the page remembers"
        page.set_input_files("#file", file)
        page.click("form.send button[type=submit]")
        worker.go.set()
        page.wait_for_selector("text=已经报送过")
        look(page)

    for said in (preview, result):
        assert WRONG in said, "the row stands there as it was sent"
        assert any("统一社会信用代码" in words and "校验" in words for words in said), "with its reason"
    assert [line for line in complaints if "Content Security Policy" in line] == []
    assert Record.objects.filter(subject=make.USCC, kind="licence").count() == 2
    assert Trail.objects.filter(verb="batch.feedback", by="lina").count() == 2


def test_what_was_said_of_a_missing_file_goes_when_one_is_chosen(live_server, lina, folders, worker, file):
    with browser(live_server.url) as page:
        page.goto(f"{live_server.url}/send")
        follow(page, "form.send button[type=submit]")
        page.wait_for_selector("#file-fault")
        page.set_input_files("#file", file)
        assert "请选择要报送的文件" not in page.inner_text("form.send")
        assert page.get_attribute("#file", "aria-invalid") is None
        look(page)


def test_it_works_without_a_script(live_server, lina, folders, worker, file):
    known()
    with browser(live_server.url, scripts=False) as page:
        page.goto(f"{live_server.url}/send")
        follow(page, "form.send button[type=submit]")
        assert "请选择要报送的文件" in page.inner_text("main")
        page.select_option("#kind", "licence")
        page.set_input_files("#file", file)
        page.click("form.send button[type=submit]")
        page.wait_for_selector("text=正在检查")
        worker.go.set()
        page.wait_for_selector("text=还没有入库")  # the page looked again by itself
        page.click("form[action$=confirm] button")
        page.wait_for_selector(".told.done")
        assert WRONG in said_in(workbook(page))

    assert Record.objects.filter(subject=make.USCC, kind="licence").count() == 2


def slow(page, bytes_a_second):
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": bytes_a_second},
    )


def test_a_slow_line_shows_how_far_it_is_and_can_be_stopped(live_server, lina, folders, tmp_path):
    large = tmp_path / "大.csv"
    large.write_bytes(b"x" * 1_500_000)
    with browser(live_server.url) as page:
        page.goto(f"{live_server.url}/send")
        page.select_option("#kind", "licence")
        page.set_input_files("#file", large)
        slow(page, 100_000)
        page.click("form.send button[type=submit]")
        shares = []
        while not (shares and 5 < shares[-1] < 50):  # time enough is left to stop it
            page.wait_for_timeout(50)
            shares.append(page.evaluate("document.querySelector('progress').value"))
            assert len(shares) < 400, shares
        assert "正在上传：" in page.inner_text(".doing")
        look(page)
        page.click("text=停止上传")
        page.wait_for_selector("#summary:not([hidden])")
        assert "已停止上传，什么都没有收下" in page.inner_text("#summary")
        look(page)

    assert not Batch.objects.exists()


def test_what_goes_wrong_on_the_way_is_said_in_one_sentence(live_server, lina, folders, settings, tmp_path):
    settings.INTAKE_MAX_BYTES = 1_000_000
    large, small = tmp_path / "大.csv", tmp_path / "小.csv"
    large.write_bytes(b"x" * 1_100_001)
    small.write_bytes(b"x")
    with browser(live_server.url) as page:
        page.goto(f"{live_server.url}/send")
        page.set_input_files("#file", large)
        assert "超过了 976.6 KB 的上限" in page.inner_text("#summary"), "before anything is sent"

        page.set_input_files("#file", small)
        assert page.is_hidden("#summary")
        page.click("form.send button[type=submit]")
        page.wait_for_selector("#summary:not([hidden])")
        assert "请选择这份文件是哪一种数据" in page.inner_text("#summary")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/send#kind")  # the summary leads to the field

        page.context.set_offline(True)
        page.select_option("#kind", "licence")
        page.click("form.send button[type=submit]")
        page.wait_for_selector("text=网络断了")
        page.context.set_offline(False)

        page.context.clear_cookies()
        page.click("form.send button[type=submit]")
        page.wait_for_selector("text=登录已经过期")

    assert not Batch.objects.exists()


@pytest.mark.parametrize("width, large", [(390, False), (390, True), (1280, False)], ids=["phone", "large", "desk"])
def test_every_page_in_every_state_is_fit_to_be_seen(live_server, lina, folders, unit, width, large):
    sent = {"unit": unit, "source": unit.name, "way": "upload", "file_name": f"{'很长的文件名' * 12}.xlsx"}
    made = [make_batch(**{**sent, **state}) for state in STATES.values()]
    applied = make_batch(**sent, **{**STATES["applied"], "difference": DIFFERENCE})
    set_aside(applied, count=60)
    made += [
        applied,
        make_batch(**sent, same_as=applied, unchanged=11),
        make_batch(unit=unit, way="hand", undoes=made[6]),
    ]
    addresses = ["/", "/send", "/batches", "/batches?state=failed&kind=licence&way=api", "/forms", "/forms/penalty"]
    addresses += [f"/batches/{batch.pk}" for batch in made]
    with browser(live_server.url, width=width) as page:
        if large:
            page.context.add_cookies([{"name": "chengxin_large", "value": "1", "url": live_server.url}])
        for address in addresses:
            page.goto(live_server.url + address)
            look(page, touch=60 if large else 44)
