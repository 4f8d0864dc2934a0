"""Places, carriers and print jobs in a real browser: by keyboard, on a phone and a desk, with a point from the phone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from chengxin.board.city import City
from chengxin.credit.codes import actions
from chengxin.credit.codes.models import Code, Placing, PrintJob
from chengxin.credit.publishing.city import describe_city
from chengxin.people.models import Unit, User
from chengxin.pipeline import print_jobs
from tests import make
from tests.browser import chromium, follow, look, press, settle
from tests.make import CLERK, NOW, USCC
from tests.portals.conftest import bind, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("has_chromium"),
]
PICKS_ARE_LARGE = (
    """least => [...document.querySelectorAll('.pick')].every(one => one.getBoundingClientRect().height >= least)"""
)


@pytest.fixture
def firm(settings, tmp_path, live_server):
    """The address of a taxi firm with its first code, and the cookie of its owner."""
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"
    describe_city(city=City(city="样例市", office="样例市信用办"), logo=None, by=CLERK, at=NOW)
    Unit.objects.create(name="某市交通运输局", uscc="11230500001755309F", area="230402")
    with transaction.atomic():
        make.subject(name="样例出租汽车公司")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE subjects_registration SET industry = 'O8090'")
    signer = actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)
    actions.issue(subjects=[USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)
    user = User.objects.create(username="b-firm", role="business", name="王秀兰")
    bind(user, USCC)
    return f"{live_server.url}/enterprise/{USCC}", signed_in(user).cookies


def beside(work):
    """Do something with the database while a browser is open: its own loop lets nobody of this thread ask."""

    def asked():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(asked).result()


def checked(page, *, touch=44):
    settle(page)
    # What is picked is pressed as a whole: its round or square is smaller than that.
    assert page.evaluate(PICKS_ARE_LARGE, touch)
    page.evaluate("document.querySelectorAll('.pick input').forEach(one => one.style.minHeight = '60px')")
    look(page, touch=touch)


@pytest.mark.parametrize("width", [390, 1280])
def test_from_a_list_to_a_file_of_many(firm, width):
    url, cookies = firm
    with chromium(width) as page:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.context.add_cookies([{"name": name, "value": one.value, "url": url} for name, one in cookies.items()])
        page.goto(f"{url}/codes")
        checked(page)
        page.goto(f"{url}/places/list?kind=taxi")
        checked(page)
        page.fill("#list", "\n".join(f"黑H·T{n:04}" for n in range(30)) + "\n坏的\n")
        page.focus("main button")
        press(page)
        page.wait_for_selector("text=这是预览")
        checked(page)
        page.focus("main .do button")
        press(page)
        page.wait_for_url(f"{url}/print?kind=taxi")
        checked(page)
        page.focus("main .do button")
        press(page)
        page.wait_for_selector("[data-progress] progress")
        checked(page)
        assert beside(lambda: PrintJob.objects.get().total) == 30

        beside(lambda: print_jobs.step(at=timezone.now()))  # the worker, which is a process of its own

        page.wait_for_selector("text=已印 30 个码")  # without anybody pressing anything
        checked(page)
        with page.expect_download() as download:
            page.click("main .btn-primary")
        assert download.value.suggested_filename.endswith(".pdf")
        taxi = beside(lambda: Code.objects.filter(placement="taxi").first().serial)
        for address in ("places?kind=taxi", "prints", f"places/{taxi}"):
            page.goto(f"{url}/{address}")
            checked(page)
        page.goto(f"{url}/poster")
        checked(page)
        follow(page, "button:text-is('大字')")
        page.wait_for_selector("html.large")
        checked(page, touch=60)

    assert [line for line in complaints if "Content Security Policy" in line] == []


def test_a_phone_says_where_the_stall_is(firm):
    url, cookies = firm
    with chromium(390) as page:
        page.context.add_cookies([{"name": name, "value": one.value, "url": url} for name, one in cookies.items()])
        page.context.grant_permissions(["geolocation"])
        page.context.set_geolocation({"latitude": 47.34992, "longitude": 130.29796})
        page.goto(f"{url}/places/add?kind=stall")
        checked(page)
        page.fill("#label", "A区12号")
        page.fill("#lat", "47.1")
        page.click("label[for=county]")
        assert page.input_value("#lat") == ""  # the county alone, or a point
        page.click("button:text('用手机定位')")
        page.wait_for_selector("text=已定位")
        assert not page.is_checked("#county")
        page.click("label[for=point_consent]")
        follow(page, "main .do button")
        page.wait_for_url("**/carriers")

    placing = Placing.objects.get()
    assert (str(placing.lat), str(placing.lon), placing.pointed_by) == ("47.349920", "130.297960", "phone")
