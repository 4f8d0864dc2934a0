"""A body that the register does not have is asked for with its certificate, looked at, and then registered like any other."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chengxin.credit.applications.models import Newcomer
from chengxin.credit.subjects import queries as subjects
from chengxin.ingest import batches
from chengxin.ingest.models import Batch
from chengxin.people.models import Binding, Proof, Trail, Unit, User
from chengxin.portals.shared.upload import END
from tests import make
from tests.portals.conftest import bind, signed_in

pytestmark = pytest.mark.django_db
SCHOOL = "52230403MJY1234588"
OTHER_SCHOOL = "52230405MJY1234585"
SAID = {
    "ENTNAME": "演示市小太阳幼儿园",
    "LEREP": "赵敏",
    "REGORG": "演示市民政局",
    "DOM": "演示市红旗路18号",
    "INDUSTRYCO": "P",
}


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def head():
    return User.objects.create(username="b-head", role="business", name="赵敏")


@pytest.fixture
def browser(head):
    return signed_in(head)


def certificate():
    file = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, "PNG")
    return SimpleUploadedFile("证书.png", file.getvalue())


def text(answer):
    return answer.content.decode()


def here(code=SCHOOL):
    return f"{reverse('my-newcomer')}?code={code}"


def asked(browser, **changes):
    browser.post(here(), SAID | changes)
    return browser.post(here(), {"paper": [certificate()], END: "1"})


def clerk_of(name="wangmin", **more):
    return signed_in(User.objects.create(username=name, role="credit_office", **more))


def decided(clerk, *, accept=True, why=""):
    waits = Newcomer.objects.get()
    said = {"seen": f"{waits.state} {bool(waits.appeal)}", "why": why, "accept" if accept else "refuse": "1"}
    return clerk.post(reverse("newcomer-decide", args=[waits.pk]), said)


def test_what_is_missing_is_told_field_by_field(browser):
    answer = browser.post(here(), {**SAID, "ENTNAME": "", "DOM": " "})

    assert answer.status_code == 422
    assert "请写全称" in text(answer) and "请写住所" in text(answer) and "请写发证的单位" not in text(answer)


def test_asked_for_with_a_certificate_it_waits_three_working_days(browser, head):
    answer = asked(browser)

    waits = Newcomer.objects.get()
    assert (waits.user, waits.uscc, waits.state, waits.area, len(waits.proofs)) == (
        head,
        SCHOOL,
        "waiting",
        "230403",
        1,
    )
    assert waits.body["ENTTYPE"] == "民办非企业单位"
    assert "等候核对" in text(browser.get(answer.url))
    assert not Batch.objects.exists()


def test_without_a_certificate_nothing_is_asked(browser):
    browser.post(here(), SAID)

    assert "请上传登记证书的照片" in text(browser.post(here(), {END: "1"}))
    assert not Newcomer.objects.exists()


@pytest.mark.parametrize("code", [make.USCC, make.OTHER_USCC], ids=["registered", "of the market"])
def test_what_is_registered_or_comes_by_itself_leads_to_the_claim(browser, code):
    make.subject()

    assert browser.get(here(code)).url == reverse("my-claim-as", args=[code])
    assert browser.get(f"{reverse('my-newcomer')}?code=nonsense").url == reverse("my-claim")


def test_accepted_it_is_registered_by_the_river_and_whoever_asked_is_in(browser, head, transactional_db):
    asked(browser)
    unit = Unit.objects.create(name="演示市信用办", uscc="11230500001755309F")

    decided(clerk_of(unit=unit))

    batch = Batch.objects.get()
    assert (batch.kind, batch.way, batch.source) == ("subject", "page", "演示市信用办")
    held = Binding.objects.get()
    assert (held.user, held.state, held.part, held.proven_by) == (head, "accepted", "legal", "newcomer")
    assert batches.step(at=timezone.now())
    (registered,) = subjects.registrations([SCHOOL])
    assert (registered.name, registered.state, registered.kind) == (SAID["ENTNAME"], "active", "private_non_enterprise")
    assert browser.get(reverse("my-home", args=[SCHOOL])).status_code == 200


def test_refused_with_a_reason_one_appeals_once_to_somebody_else(browser):
    asked(browser)
    clerk = clerk_of()
    assert decided(clerk, accept=False).status_code == 422
    decided(clerk, accept=False, why="照片看不清")
    mine = Newcomer.objects.get()
    assert "照片看不清" in text(browser.get(reverse("my-newcomer-sent", args=[mine.pk])))

    appeal = reverse("my-newcomer-appeal", args=[mine.pk])
    assert browser.post(appeal, {"words": "", END: "1"}).status_code == 422
    browser.post(appeal, {"words": "重新拍过了，请再看", "paper": [certificate()], END: "1"})

    other = clerk_of("lihua")
    assert "另一位同事" in text(clerk.get(reverse("newcomer", args=[mine.pk])))
    assert decided(clerk).status_code == 422
    decided(other)
    mine.refresh_from_db()
    assert (mine.state, len(mine.proofs)) == ("accepted", 2)


def test_where_the_register_got_it_meanwhile_that_stands_and_only_the_binding_is_made(browser):
    asked(browser)
    make.subject(SCHOOL, name="演示市小太阳幼儿园（登记）")
    clerk = clerk_of()
    page = text(clerk.get(reverse("newcomer", args=[Newcomer.objects.get().pk])))
    assert "登记信息里现在已经有它了" in page and "教育" in page

    decided(clerk)

    assert not Batch.objects.exists()
    assert Binding.objects.get().state == "accepted"


def test_where_somebody_else_stands_bound_meanwhile_it_is_a_contest(browser):
    asked(browser)
    bind(User.objects.create(username="b-first", role="business"), SCHOOL)

    answer = decided(clerk_of())

    mine = Binding.objects.get(user__username="b-head")
    assert (mine.state, mine.contested) == ("waiting", True)
    assert answer.url == reverse("binding", args=[mine.pk])


def test_what_one_asked_for_is_nobody_elses(browser):
    asked(browser)
    other = signed_in(User.objects.create(username="b-other", role="business"))

    assert other.get(reverse("my-newcomer-sent", args=[Newcomer.objects.get().pk])).status_code == 404


@pytest.mark.parametrize(("area", "status"), [("230403", 200), ("230402", 404)], ids=["own", "another"])
def test_a_county_sees_those_of_its_own_area(browser, area, status):
    asked(browser)
    unit = Unit.objects.create(name="某区信用办", area=area)
    clerk = signed_in(User.objects.create(username="county", role="county", unit=unit))

    assert clerk.get(reverse("newcomer", args=[Newcomer.objects.get().pk])).status_code == status
    assert (SAID["ENTNAME"] in text(clerk.get(reverse("newcomers")))) is (status == 200)


def corrected(clerk, *, seen="waiting False", **changes):
    waits = Newcomer.objects.get()
    said = {**waits.body, "UNISCID": waits.uscc, "seen": seen, **changes}
    return clerk.post(reverse("newcomer-correct", args=[waits.pk]), said)


def test_a_clerk_corrects_by_the_certificate_and_both_are_kept(browser, head):
    asked(browser, ENTNAME="演示市小大阳幼儿园")
    clerk = clerk_of()

    answer = corrected(clerk, ENTNAME="演示市小太阳幼儿园", LEREP="赵旻", INDUSTRYCO="")

    mine = Newcomer.objects.get()
    assert (mine.name, mine.body["LEREP"], mine.state, mine.decided_by) == ("演示市小太阳幼儿园", "赵旻", "waiting", "")
    office = text(clerk.get(answer.url))
    assert "申请人写的：演示市小大阳幼儿园 → 改为：<b>演示市小太阳幼儿园</b>" in office and "申请人写的：教育" in office
    told = text(browser.get(reverse("my-newcomer-sent", args=[mine.pk])))
    assert "改了 3 处" in told and "您写的：赵敏 → 改为：<b>赵旻</b>" in told
    noted = Trail.objects.get(verb="newcomer.correct")
    assert noted.detail == {"subject": SCHOOL, "columns": ["ENTNAME", "LEREP", "INDUSTRYCO"]}
    assert decided(clerk).status_code == 422, "what was decided on is no longer what stands"


def test_a_trade_that_is_closer_than_a_section_is_not_lost_by_a_correction(browser):
    asked(browser, INDUSTRYCO="P8310")

    assert '<option value="P8310" selected>P8310 学前教育' in text(
        clerk_of().get(reverse("newcomer", args=[Newcomer.objects.get().pk]))
    )


def test_what_is_corrected_back_is_no_correction(browser):
    asked(browser)
    clerk = clerk_of()
    corrected(clerk, DOM="演示市红旗路19号")
    mark = f"waiting False {Newcomer.objects.get().corrected_at.isoformat()}"

    assert corrected(clerk, DOM=SAID["DOM"]).status_code == 422, "somebody else corrected first"
    corrected(clerk, seen=mark, DOM=SAID["DOM"])

    assert Newcomer.objects.get().said == {}


def test_a_corrected_code_takes_the_papers_along_and_leaves_the_area(browser):
    asked(browser)
    unit = Unit.objects.create(name="某区信用办", area="230403")
    clerk = signed_in(User.objects.create(username="county", role="county", unit=unit))

    answer = corrected(clerk, UNISCID=OTHER_SCHOOL)

    mine = Newcomer.objects.get()
    assert answer.url == reverse("newcomers")
    assert (mine.uscc, mine.area, mine.body["DOMDISTRICT"], mine.said) == (
        OTHER_SCHOOL,
        "230405",
        "230405",
        {"UNISCID": SCHOOL},
    )
    assert Proof.objects.get().subject == OTHER_SCHOOL
    assert clerk.get(reverse("newcomer", args=[mine.pk])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, "没有改动"),
        ({"DOM": ""}, "请写住所"),
        ({"UNISCID": "5223"}, "应为 18 位"),
        ({"UNISCID": SCHOOL[:-1] + "9"}, "校验码"),
        ({"UNISCID": make.OTHER_USCC}, "市场监管部门"),
        ({"seen": "refused False"}, "有了变化"),
        ({"LEREP": "赵\u202e旻"}, "看不见的字符"),
        ({"INDUSTRYCO": "230402199003071233"}, "没有这个行业"),
    ],
    ids=[
        "nothing",
        "no address",
        "a short code",
        "a mistyped code",
        "of the market",
        "seen before",
        "unseen",
        "no trade",
    ],
)
def test_a_correction_that_cannot_be_gets_a_sentence_and_loses_nothing(browser, changes, fault):
    asked(browser)

    answer = corrected(clerk_of(), **{"ENTNAME": SAID["ENTNAME"], **changes})

    assert answer.status_code == 422 and fault in text(answer) and '<details class="sheet" open>' in text(answer)
    mine = Newcomer.objects.get()
    assert (mine.uscc, mine.said, mine.corrected_at) == (SCHOOL, {}, None)


def test_what_is_overdue_says_so(browser):
    asked(browser)
    Newcomer.objects.update(due_on=make.NOW.date() - timedelta(days=400))

    assert "超期" in text(clerk_of().get(reverse("newcomers")))


def test_the_trail_names_nobody(browser):
    asked(browser)
    decided(clerk_of())

    assert "赵敏" not in str(list(Trail.objects.values_list("thing", "detail")))
