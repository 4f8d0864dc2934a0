"""载体: looked at, downloaded, many printed in the background; held back where a licence is missing; a stranger's nothing."""

import io

import pikepdf
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chengxin.board.city import City
from chengxin.board.token import grouped
from chengxin.credit.codes import actions, placing
from chengxin.credit.codes.models import PrintJob
from chengxin.credit.codes.places import Place
from chengxin.credit.publishing.city import describe_city
from chengxin.people.models import Trail, User
from chengxin.pipeline import print_jobs
from chengxin.portals.enterprise import prints
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC
from tests.portals.conftest import bind, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def codes(settings, tmp_path):
    """A shop with a code at its door, one on the net, and three cars."""
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"
    describe_city(city=City(city="样例市", office="样例市信用办"), logo=None, by=CLERK, at=NOW)
    with transaction.atomic():
        make.subject()
        make.subject(OTHER_USCC, name="另一家")
    signer = actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)
    (door,) = actions.issue(subjects=[USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)
    (other,) = actions.issue(subjects=[OTHER_USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)
    more = [Place("online", "小店"), *(Place("taxi", f"黑H·T{n:04}") for n in range(3))]
    net, *cars = placing.place(subject=USCC, places=more, way="self", by=CLERK, at=NOW, signer=signer)
    return {"door": door.serial, "net": net.serial, "cars": [car.serial for car in cars], "other": other.serial}


@pytest.fixture
def licensed():
    """The shop's food licence is on record."""
    with transaction.atomic():
        make.record("licence", {"XK_XKZS": "食品经营许可证", "XK_YXQZ": "2099/12/31", "XK_ZT": "1"})


@pytest.fixture
def owner(codes):
    user = User.objects.create(username="b-shop", role="business", name="李国强")
    bind(user, USCC)
    return signed_in(user)


@pytest.fixture
def stranger(codes):
    user = User.objects.create(username="b-other", role="business", name="赵")
    bind(user, OTHER_USCC)
    return signed_in(user)


def file(client, serial, carrier="poster", form="pdf"):
    return client.get(reverse("my-carrier-file", args=[USCC, serial, carrier, form]))


def test_two_taps_from_home_there_is_a_poster(owner, codes, licensed):
    first = owner.get(reverse("my-poster", args=[USCC]), follow=True)
    got = file(owner, codes["door"])

    assert reverse("my-carrier-file", args=[USCC, codes["door"], "poster", "pdf"]) in first.content.decode()
    with pikepdf.open(io.BytesIO(got.content)) as pdf:
        assert len(pdf.pages) == 1
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert Trail.objects.get(verb="code.print").detail["carrier"] == "poster"


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("svg", b"<svg"), ("png", b"\x89PNG")])
def test_each_form_is_handed_out(owner, codes, licensed, form, begins):
    assert file(owner, codes["door"], "sticker", form).content.startswith(begins)


def test_a_badge_for_the_web_comes_as_picture_code_and_data(owner, codes, licensed):
    page = owner.get(reverse("my-carriers", args=[USCC, codes["net"]])).content.decode()

    assert "&lt;a href=" in page
    assert file(owner, codes["net"], "web-badge", "svg").content.startswith(b"<svg")
    assert b"chengxin-badge.svg" in file(owner, codes["net"], "web-badge", "html").content
    assert file(owner, codes["net"], "web-badge", "json").json()["uscc"] == USCC


def test_a_missing_licence_holds_back_what_consumers_see_and_says_why(owner, codes):
    page = owner.get(reverse("my-carriers", args=[USCC, codes["door"]])).content.decode()
    got = file(owner, codes["door"])

    assert "食品经营许可" in page
    assert "暂不能下载" in page
    assert got.status_code == 302
    assert not Trail.objects.filter(verb="code.print").exists()


def test_a_preview_is_small(owner, codes, licensed):
    got = owner.get(reverse("my-carrier-look", args=[USCC, codes["door"], "poster"]))

    assert Image.open(io.BytesIO(got.content)).width < 500


@pytest.mark.parametrize(("carrier", "form"), [("roof", "pdf"), ("badge", "pdf"), ("poster", "exe"), ("banner", "png")])
def test_what_does_not_fit_the_place_is_not_there(owner, codes, licensed, carrier, form):
    assert file(owner, codes["door"], carrier, form).status_code == 404


def test_anothers_code_is_not_there(owner, stranger, codes, licensed):
    assert file(owner, codes["other"]).status_code == 404
    assert owner.get(reverse("my-carriers", args=[USCC, codes["other"]])).status_code == 404
    assert stranger.get(reverse("my-carrier-file", args=[USCC, codes["door"], "poster", "pdf"])).status_code == 404


def test_a_paused_code_is_not_downloaded(owner, codes, licensed):
    actions.turn(subject=USCC, serial=codes["door"], verb="pause", why="装修", by=CLERK, at=timezone.now())

    page = owner.get(reverse("my-carriers", args=[USCC, codes["door"]]))

    assert "只印有效的码" in page.content.decode()
    assert file(owner, codes["door"]).status_code == 302


def test_a_program_that_downloads_is_slowed(owner, codes, licensed, monkeypatch):
    monkeypatch.setattr(prints, "DRAWN_A_MINUTE", 2)
    monkeypatch.setattr(prints, "A_MINUTE", 10**6)  # so that none ends in between

    got = [file(owner, codes["door"], "sticker").status_code for _ in range(3)]

    assert got == [200, 200, 302]


def test_the_page_of_carriers_asks_the_database_little(owner, codes, licensed):
    owner.get(reverse("my-carriers", args=[USCC, codes["door"]]))
    with CaptureQueriesContext(connection) as asked:
        owner.get(reverse("my-carriers", args=[USCC, codes["door"]]))

    assert len(asked) <= 30


# ---- Many ------------------------------------------------------------------------------------------------------------


def ask(client, **said):
    return client.post(
        reverse("my-print", args=[USCC]), {"kind": "taxi", "carrier": "vehicle-sticker", "form": "pdf", **said}
    )


@pytest.fixture
def cabs(licensed):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subjects_registration SET industry = 'O8090'")


def test_many_are_printed_in_the_background_and_come_as_one_file(owner, cabs):
    got = ask(owner)
    job = PrintJob.objects.get()
    waiting = owner.get(got.url)
    state = owner.get(reverse("my-print-state", args=[USCC, job.pk])).json()

    print_jobs.step(at=timezone.now())

    done = owner.get(got.url).content.decode()
    file = owner.get(reverse("my-print-file", args=[USCC, job.pk]))
    order = owner.get(reverse("my-print-order", args=[USCC, job.pk]))
    assert state == {"over": False, "state": "排队中", "done": 0, "total": 3}
    assert '<noscript><meta http-equiv="refresh"' in waiting.content.decode()
    assert "已印 <b>3</b> 个码" in done
    with pikepdf.open(io.BytesIO(b"".join(file.streaming_content))) as pdf:
        assert len(pdf.pages) == 3
    assert order.content.startswith(b"%PDF")


@pytest.mark.parametrize("verb", ["freeze", "pause"])
def test_a_file_with_a_code_that_stopped_since_is_not_handed_out_again(owner, office, codes, cabs, verb):
    ask(owner)
    office.post(
        reverse("print-ask"),
        {"list": "\n".join(map(grouped, codes["cars"])), "carrier": "vehicle-sticker", "form": "pdf"},
    )
    while print_jobs.step(at=timezone.now()):
        pass
    mine, theirs = PrintJob.objects.order_by("pk")
    files = [
        (owner, reverse("my-print-file", args=[USCC, mine.pk])),
        (office, reverse("print-file", args=[theirs.pk])),
    ]
    for client, file in files:
        assert b"".join(client.get(file).streaming_content).startswith(b"%PDF")

    actions.turn(subject=USCC, serial=codes["cars"][1], verb=verb, why="冒用", by=CLERK, at=timezone.now())

    for client, file in files:
        told = client.get(file, follow=True).content.decode()
        assert f"编号 {grouped(codes['cars'][1])} 的码停用了，这份文件不能再下载" in told


def test_some_of_a_kind_are_printed(owner, codes, cabs):
    ask(owner, serial=[codes["cars"][1]])

    assert PrintJob.objects.get().serials == [codes["cars"][1]]


def test_a_stranger_gets_nothing_of_a_job(owner, stranger, cabs):
    ask(owner)
    job = PrintJob.objects.get()
    print_jobs.step(at=timezone.now())

    for name in ("my-print-job", "my-print-state", "my-print-file", "my-print-order"):
        assert stranger.get(reverse(name, args=[OTHER_USCC, job.pk])).status_code == 404
        assert stranger.get(reverse(name, args=[USCC, job.pk])).status_code == 404


def test_what_is_not_chosen_is_asked_for(owner, cabs):
    got = ask(owner, carrier="")

    assert got.status_code == 422
    assert "请选一种载体" in got.content.decode()


def test_the_list_of_jobs_is_paged(owner, cabs):
    PrintJob.objects.bulk_create(
        PrintJob(subject=USCC, carrier="poster", form="pdf", state="failed", by="x", role="business", asked_at=NOW)
        for _ in range(45)
    )

    first = owner.get(reverse("my-prints", args=[USCC]))
    last = owner.get(reverse("my-prints", args=[USCC]), {"before": first.context["earlier"]})

    assert len(first.context["rows"]) == len(last.context["rows"]) == 20


# ---- The office ------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(db):
    return signed_in(User.objects.create(username="clerk", role="credit_office"))


def of_the_office(client, text, **said):
    return client.post(reverse("print-ask"), {"list": text, "carrier": "poster", "form": "zip", **said})


def test_the_office_prints_no_poster_of_whoever_lacks_a_licence(office, codes):
    of_the_office(office, f"{USCC}\n{OTHER_USCC}\n")
    print_jobs.step(at=timezone.now())

    job = PrintJob.objects.get()
    assert (job.state, len(job.refused)) == ("failed", 2)
    assert "食品经营许可" in job.refused[0][1]


def test_the_office_prints_a_street_from_a_list(office, codes, cabs):
    got = of_the_office(office, f"{USCC}\n{OTHER_USCC}\n")
    print_jobs.step(at=timezone.now())

    job = PrintJob.objects.get()
    assert (job.subject, job.by, job.done) == ("", "clerk", 2)
    assert "下载压缩包" in office.get(got.url).content.decode()


def test_lines_that_cannot_be_printed_are_told_first(office, codes):
    first = of_the_office(office, f"{USCC}\n91231183MA1CTE5750\n什么")
    then = of_the_office(office, f"{USCC}\n91231183MA1CTE5750\n什么", rest="1")

    assert first.status_code == 422
    assert "不在您的辖区" in first.content.decode()
    assert then.status_code == 302
    assert PrintJob.objects.get().serials == [codes["door"]]


def test_a_job_of_one_clerk_is_not_anothers(office, codes):
    got = of_the_office(office, USCC)
    other = signed_in(User.objects.create(username="clerk-2", role="credit_office"))

    assert other.get(got.url).status_code == 404
    assert other.get(reverse("print-file", args=[PrintJob.objects.get().pk])).status_code == 404
