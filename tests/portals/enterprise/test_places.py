"""放置处: one added, a list registered with its drivers' commitments, changed, ended; what a stranger gets."""

import io
from datetime import timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chengxin.board.models import BoardCode
from chengxin.credit.codes import actions, queries
from chengxin.credit.codes.models import Code, Placing
from chengxin.credit.commitments.models import Signing
from chengxin.people.models import Trail, Unit, User
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC
from tests.portals.conftest import bind, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def coded(settings, tmp_path):
    """A taxi firm with its first code."""
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"
    Unit.objects.create(name="某市交通运输局", uscc="11230500001755309F", area="230402")
    Unit.objects.create(name="某市社会信用体系建设办公室", uscc="11230500001755310X", area="230402")
    make.subject(name="样例出租汽车公司", claims="")
    signer = actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    actions.issue(subjects=[USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)


@pytest.fixture
def firm(monkeypatch):
    """The taxi firm's owner, at a browser."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subjects_registration SET industry = 'G5413' WHERE subject = %s", [USCC])
    user = User.objects.create(username="b-firm", role="business", name="王秀兰")
    bind(user, USCC)
    return signed_in(user)


@pytest.fixture
def newly(db):
    user = User.objects.create(username="b-new", role="business", name="王敏")
    bind(user, USCC, state="provisional")
    return signed_in(user)


def add(client, **said):
    return client.post(reverse("my-place-add", args=[USCC]), {"kind": "taxi", "label": "黑H·T1234", **said})


def many(client, **said):
    return client.post(reverse("my-places-list", args=[USCC]), {"kind": "taxi", **said})


FLEET = "车牌号\t驾驶员\t公开标识\t已签承诺\n" + "".join(f"黑H·T{n:04}\t张三{n}\t是\t是\n" for n in range(300))


def confirmed(client, text=FLEET, **said):
    page = many(client, list=text)
    again = page.context["text"]
    return many(client, list=again, confirm="1", signed_consent="1", **said)


def test_a_car_gets_its_code_and_leads_to_its_sticker(firm):
    got = add(firm, shown="1")

    code = Code.objects.get(placement="taxi")
    assert got.url == reverse("my-carriers", args=[USCC, code.serial])
    assert (code.label, code.way) == ("黑H·T1234", "self")
    assert BoardCode.objects.get(serial=code.serial).label == "黑H·T1234"


def test_what_is_wrong_is_said_beside_its_field(firm):
    got = add(firm, label="不是车牌")

    assert got.status_code == 422
    assert "不像车牌号或车队编号" in got.content.decode()
    assert 'aria-invalid="true"' in got.content.decode()
    assert not Code.objects.filter(placement="taxi").exists()


def test_a_point_is_kept_only_by_consent(firm):
    without = add(firm, kind="stall", label="A1", lat="47.349920", lon="130.297960")
    with_it = add(
        firm, kind="stall", label="A1", lat="47.349920", lon="130.297960", point_consent="1", pointed_by="phone"
    )

    assert "同意记录这个位置" in without.content.decode()
    assert with_it.status_code == 302
    placing = Placing.objects.get(lat__isnull=False)
    assert (str(placing.lat), str(placing.lon), placing.pointed_by) == ("47.349920", "130.297960", "phone")


def stall(client, **said):
    return add(client, kind="stall", label="A1", county="1", **said)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, "还要勾选“同意记录这个位置”"),
        ({"lat": "47.349920", "lon": "130.297960", "point_consent": "1"}, "请清空坐标，或者取消勾选"),
    ],
    ids=["without consent", "beside an exact point"],
)
def test_a_county_is_told_by_consent_and_alone(firm, said, wrong):
    got = stall(firm, **said)

    assert got.status_code == 422
    assert wrong in got.content.decode()
    assert not Placing.objects.filter(lat__isnull=False).exists()


def test_a_stall_that_says_its_county_alone_shows_no_coordinates_and_takes_it_back(firm):
    stall(firm, point_consent="1")
    serial = Code.objects.get(placement="stall").serial
    page = firm.get(reverse("my-place", args=[USCC, serial])).content.decode()

    assert "约略：向阳区中心一带（只标到县区，经同意）" in page
    assert "47.34" not in page and "130.29" not in page.replace("130.2980", "")
    assert Placing.objects.get(serial=serial).pointed_by == "centroid"

    act(firm, serial, act="change")
    assert not Placing.objects.filter(lat__isnull=False).exists()


def test_who_belongs_to_no_one_county_is_not_offered_one(firm):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subjects_registration SET division = '230400' WHERE subject = %s", [USCC])

    assert "只标到县区" not in firm.get(reverse("my-place-add", args=[USCC]), {"kind": "stall"}).content.decode()
    assert "没有说清在哪个县区" in stall(firm, point_consent="1").content.decode()


def test_three_hundred_stalls_say_their_county_at_once_by_consent(firm):
    text = "摊位号\t约略到县区\n" + "".join(f"A{n}\t是\n" for n in range(300))
    page = many(firm, list=text, kind="stall")
    said = {"list": page.context["text"], "kind": "stall", "confirm": "1"}

    assert "300 处只标到县区" in page.content.decode() and "约略：向阳区中心一带" in page.content.decode()
    assert many(firm, **said).status_code == 422
    assert many(firm, **said, point_consent="1").status_code == 302
    assert set(Placing.objects.values_list("pointed_by", flat=True)) == {"centroid"}


def test_only_a_page_that_asks_for_a_place_may_ask_the_phone(firm):
    pages = {kind: firm.get(reverse("my-place-add", args=[USCC]), {"kind": kind}) for kind in ("stall", "taxi")}

    assert "geolocation=(self)" in pages["stall"].headers["Permissions-Policy"]
    assert "geolocation=()" in pages["taxi"].headers["Permissions-Policy"]
    assert "script-src" not in pages["taxi"].headers["Content-Security-Policy"]


def test_a_list_is_looked_at_before_anything_is_issued(firm):
    page = many(firm, list=FLEET + "黑H·T0001\t李四\t是\t否\n坏的\t王五\t是\t否\n")

    words = page.content.decode()
    assert "这是预览" in words
    assert (page.context["new"], page.context["faulty_count"], page.context["signed"]) == (300, 2, 300)
    assert "张三" not in words
    assert "这些列没有读：驾驶员" in words
    assert not Code.objects.filter(placement="taxi").exists()


def test_a_fleet_is_registered_with_its_drivers_commitments(firm):
    got = confirmed(firm)

    assert got.url == f"{reverse('my-print', args=[USCC])}?kind=taxi"
    assert Code.objects.filter(placement="taxi").count() == 300
    assert Signing.objects.filter(subject=USCC).count() == 300
    assert set(Signing.objects.values_list("placing", flat=True)) == set(
        Code.objects.filter(placement="taxi").values_list("serial", flat=True)
    )
    assert "张三" not in repr([row.detail for row in Trail.objects.all()])


def test_a_list_that_is_sent_twice_is_one(firm):
    confirmed(firm)
    again = confirmed(firm)

    assert Code.objects.filter(placement="taxi").count() == 300
    assert Signing.objects.count() == 300
    assert again.status_code == 302 or "已经有码" in again.content.decode()


def test_a_list_that_was_changed_on_its_way_is_looked_at_again(firm):
    got = many(firm, list="坏的", confirm="1")

    assert got.status_code == 422
    assert "再看一遍" in got.content.decode()


def test_drivers_commitments_want_a_word_that_they_signed(firm):
    text = many(firm, list=FLEET).context["text"]

    got = many(firm, list=text, confirm="1")

    assert "本人已经签字" in got.content.decode()
    assert not Code.objects.filter(placement="taxi").exists()


def test_who_is_not_confirmed_yet_places_but_says_nothing_in_its_name(newly, firm):
    refused = confirmed(newly)
    got = confirmed(newly, "黑H·T0001\n黑H·T0002")

    assert refused.status_code == 422
    assert got.status_code == 302
    assert Code.objects.filter(placement="taxi").count() == 2
    assert not Signing.objects.exists()


def test_a_spreadsheet_goes_the_same_way(firm):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write_column(0, 0, ["车牌号", *(f"黑H·T{n:04}" for n in range(50))])
    book.close()

    page = many(firm, file=SimpleUploadedFile("车辆.xlsx", out.getvalue()))

    assert page.context["new"] == 50


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"PK\x03\x04 broken", "."),
        ("a.pdf", b"%PDF-1.7 not a table", "."),
        ("a.csv", b"", "."),
    ],
    ids=["a broken workbook", "no table at all", "nothing"],
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(firm, name, content, said):
    got = many(firm, file=SimpleUploadedFile(name, content))

    assert got.status_code == 422
    assert got.context["fault"].endswith("。")


def test_a_file_too_large_is_refused_before_it_is_read(firm):
    got = many(firm, file=SimpleUploadedFile("a.csv", b"x" * 1_100_000))

    assert got.status_code == 413


def test_the_template_is_handed_out(firm):
    got = firm.get(reverse("my-places-template", args=[USCC, "taxi"]))

    assert got.content.startswith(b"PK")
    assert firm.get(reverse("my-places-template", args=[USCC, "roof"])).status_code == 404


def the_taxi(client):
    add(client, shown="1")
    return Code.objects.get(placement="taxi").serial


def act(client, serial, **said):
    return client.post(reverse("my-place", args=[USCC, serial]), said)


def test_consent_to_show_is_taken_back_at_once(firm):
    serial = the_taxi(firm)

    act(firm, serial, act="change", where="一车队")

    assert BoardCode.objects.get(serial=serial).label == ""


def test_a_new_plate_gives_a_new_code(firm):
    serial = the_taxi(firm)

    got = act(firm, serial, act="relabel", new_label="黑H·T9999")

    states = {code.serial: code.state for code in queries.standing([USCC])}
    assert states[serial] == "superseded"
    assert got.status_code == 302
    assert BoardCode.objects.get(label="黑H·T9999").state == "active"


def test_a_sold_car_is_ended_with_a_reason(firm):
    serial = the_taxi(firm)

    without = act(firm, serial, act="end")
    got = act(firm, serial, act="end", why="已转让或报废")

    assert "请选一个停用的原因" in without.content.decode()
    assert got.status_code == 302
    assert BoardCode.objects.get(serial=serial).state == "cancelled"


def test_anothers_place_is_not_there(firm, tmp_path):
    make.subject(OTHER_USCC)
    signer = actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    (other,) = actions.issue(subjects=[OTHER_USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)

    assert firm.get(reverse("my-place", args=[USCC, other.serial])).status_code == 404
    assert act(firm, other.serial, act="end", why="填错了").status_code == 404
    assert BoardCode.objects.get(serial=other.serial).state == "active"


def test_who_was_frozen_is_told_so(firm):
    (door,) = queries.standing([USCC])
    actions.turn(
        subject=USCC, serial=door.serial, verb="freeze", why="核查", by=CLERK, at=timezone.now() + timedelta(0)
    )

    page = firm.get(reverse("my-place-add", args=[USCC]))

    assert "冻结期间不能增加" in page.content.decode()


def test_a_page_of_many_places_asks_as_little_as_one_of_few(firm):
    add(firm)
    with CaptureQueriesContext(connection) as few:
        firm.get(reverse("my-codes", args=[USCC]))
    confirmed(firm, "\n".join(f"黑H·T{n:04}" for n in range(300)))
    with CaptureQueriesContext(connection) as many_of_them:
        page = firm.get(reverse("my-codes", args=[USCC]))

    assert len(page.context["lines"]) == 50
    assert len(many_of_them) <= len(few)


def test_a_plate_is_found(firm):
    confirmed(firm, "\n".join(f"黑H·T{n:04}" for n in range(60)))

    page = firm.get(reverse("my-codes", args=[USCC]), {"q": "t0042"})

    assert [line.code.label for line in page.context["lines"]] == ["黑H·T0042"]
