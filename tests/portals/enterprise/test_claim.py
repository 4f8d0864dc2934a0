"""A shop's owner says which business is theirs and shows it; a stranger gets nowhere; a second one takes nothing over."""

import io

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from chengxin.credit.subjects.models import Message
from chengxin.people.models import Binding, Proof, Trail, User
from chengxin.portals.shared.upload import END
from tests import make
from tests.make import OTHER_USCC, USCC
from tests.portals.conftest import bind, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def shop():
    return make.subject(LEREP="李国强")


@pytest.fixture
def li(shop):
    return User.objects.create(username="b-li", role="business", name="李国强")


@pytest.fixture
def browser(li):
    return signed_in(li)


def licence(name="执照.jpg", picture=None):
    file = io.BytesIO()
    (picture or Image.new("RGB", (400, 300), "white")).save(file, "JPEG", quality=95)
    return SimpleUploadedFile(name, file.getvalue())


def qr(text):
    return Image.fromarray(
        zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=6, add_quiet_zones=True)
    )


def start(browser, code="", **more):
    return browser.post(reverse("my-claim"), {"code": code, END: "1", **more})


def named(browser, name="李国强", part="legal", **more):
    return browser.post(f"/enterprise/claim/{USCC}?as={part}", {"name": name, **more})


def handed_in(browser, *papers, part="legal"):
    return browser.post(f"/enterprise/claim/{USCC}?as={part}", {"paper": papers or [licence()], END: "1"})


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize(
    "typed", [USCC, USCC.lower(), f" {USCC[:2]} {USCC[2:8]}-{USCC[8:]} ", "９２２３０４０２ＭＡ１ＣＴＥ５７５Ｍ"]
)
def test_a_code_is_taken_however_it_is_typed(browser, typed):
    assert start(browser, typed).url == reverse("my-claim-as", args=[USCC])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "请输入 18 位代码"), ("123", "请照证照逐位核对"), (f"{USCC[:-1]}X", "请照证照逐位核对")],
    ids=["nothing", "short", "a digit wrong"],
)
def test_what_is_no_code_gets_a_sentence(browser, typed, sentence):
    answer = start(browser, typed)

    assert answer.status_code == 422
    assert sentence in text(answer)


def test_the_photo_of_a_licence_says_the_code_where_its_qr_does(browser):
    photo = licence(picture=qr(f"https://example.gov.cn/licence?uniscid={USCC}&x=1"))

    assert start(browser, photo=photo).url == reverse("my-claim-as", args=[USCC])


def test_a_photo_whose_qr_says_no_code_or_that_has_none_is_told_apart(browser):
    assert "没有写明统一社会信用代码" in text(start(browser, photo=licence(picture=qr("https://example.gov.cn/abc"))))
    assert "没有读到二维码" in text(start(browser, photo=licence()))


def test_by_the_registered_name_and_the_licence_an_owner_is_in_at_once(browser, li):
    assert "您是这家的谁" in text(browser.get(f"/enterprise/claim/{USCC}"))
    assert named(browser).url.endswith("?as=legal&step=paper")
    answer = handed_in(browser)

    held = Binding.objects.get()
    assert (held.user, held.part, held.state, held.name, held.proven_by) == (
        li,
        "legal",
        "provisional",
        "李国强",
        "name",
    )
    assert Proof.objects.get(pk=held.proofs[0]).about == "binding"
    page = text(browser.get(answer.url))
    assert "先用着" in page
    assert browser.get(reverse("my-home", args=[USCC])).status_code == 200
    assert browser.get(reverse("my-people", args=[USCC])).status_code == 403


def test_an_office_that_wants_to_look_first_lets_nobody_in_by_name(browser, settings):
    settings.CLAIM_BY_NAME = "review"
    named(browser)

    handed_in(browser)

    assert Binding.objects.get().state == "waiting"


def test_another_name_than_registered_is_told_and_waits_if_meant(browser):
    answer = named(browser, "王五")
    assert answer.status_code == 422
    assert "和登记的不一样" in text(answer)
    assert "李国强" not in text(answer).replace('value="李国强"', "").split("<main")[1]

    named(browser, "王五", differs="1")
    handed_in(browser)

    assert Binding.objects.get().state == "waiting"


@pytest.mark.parametrize("registered", ["李*", "李某", "", "李××"], ids=["star", "某", "none", "crosses"])
def test_a_masked_or_missing_name_matches_nobody(li, registered):
    make.subject(LEREP=registered, at=make.NOW.replace(hour=5))
    browser = signed_in(li)
    assert named(browser, registered or "李国强").status_code == (302 if len(registered) != 1 else 422)

    handed_in(browser)

    assert Binding.objects.get().state == "waiting"


@pytest.mark.parametrize("typed", ["李 国 强", "李国强 ", "李·国强"], ids=["blanks", "a blank behind", "a dot"])
def test_blanks_and_dots_are_no_other_name(browser, typed):
    named(browser, typed)
    handed_in(browser)

    assert Binding.objects.get().state == "provisional"


def test_nobody_is_in_without_a_licence(browser):
    named(browser)

    answer = browser.post(f"/enterprise/claim/{USCC}?as=legal", {END: "1"})

    assert answer.status_code == 422
    assert "请上传营业执照或登记证书的照片" in text(answer)
    assert not Binding.objects.exists()


def test_a_hostile_file_is_refused_and_nothing_is_kept(browser):
    named(browser)

    answer = handed_in(browser, SimpleUploadedFile("x.jpg", b"<script>alert(1)</script>"))

    assert answer.status_code == 422
    assert "不是照片" in text(answer)
    assert not Binding.objects.exists() and not Proof.objects.exists()


def test_papers_without_a_name_lead_back_to_the_name(browser):
    assert handed_in(browser).url.endswith("?as=legal")


def test_an_agent_hands_in_a_letter_and_waits(browser):
    named(browser, part="agent")
    answer = handed_in(browser, part="agent")

    assert Binding.objects.get().state == "waiting"
    assert "等候核实" in text(browser.get(answer.url))
    assert browser.get(reverse("my-home", args=[USCC])).status_code == 404


def test_the_letter_is_a_paper_with_the_businesss_name(browser):
    answer = browser.get(reverse("my-letter", args=[USCC]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert browser.get(reverse("my-letter", args=[OTHER_USCC])).status_code == 404


def test_whoever_comes_second_waits_and_the_first_is_told(browser, owner):
    named(browser)
    handed_in(browser)

    second = Binding.objects.get(user__username="b-li")
    assert (second.state, second.contested) == ("waiting", True)
    told = Message.objects.get()
    assert (told.subject_id, told.about, told.page) == (USCC, "binding", "my-people")
    assert "不受影响" in told.text and "李国强" not in told.text
    assert "正在申请" in text(owner.get(reverse("my-people", args=[USCC])))
    assert owner.get(reverse("my-home", args=[USCC])).status_code == 200


def test_a_business_that_is_no_more_is_claimed_by_nobody(li):
    make.subject(state="deregistered", at=make.NOW.replace(hour=6))
    browser = signed_in(li)

    assert "已注销登记" in text(browser.get(f"/enterprise/claim/{USCC}?as=legal"))
    named(browser)
    assert not Binding.objects.exists()


def test_a_code_that_is_not_registered_leads_to_the_newcomers_or_says_wait(browser):
    kindergarten = "52230403MJY1234588"

    assert reverse("my-newcomer") in text(browser.get(f"/enterprise/claim/{kindergarten}"))
    assert "过几个工作日" in text(browser.get(f"/enterprise/claim/{OTHER_USCC}"))
    assert browser.get("/enterprise/claim/nonsense").status_code == 404


def test_ones_claim_is_nobody_elses(browser, li):
    mine = bind(li, USCC, state="refused")
    other = signed_in(User.objects.create(username="b-other", role="business"))

    assert browser.get(reverse("my-claimed", args=[mine.pk])).status_code == 200
    assert other.get(reverse("my-claimed", args=[mine.pk])).status_code == 404
    assert (
        other.post(reverse("my-claim-appeal", args=[mine.pk]), {"words": "申诉申诉申诉", END: "1"}).status_code == 404
    )


def test_a_refusal_says_why_and_one_appeals_once_with_further_papers(browser, li):
    mine = bind(li, USCC, state="refused")
    Binding.objects.filter(pk=mine.pk).update(why="照片看不清", decided_by="wangmin")
    here = reverse("my-claim-appeal", args=[mine.pk])
    assert "照片看不清" in text(browser.get(reverse("my-claimed", args=[mine.pk])))

    assert browser.post(here, {"words": "", END: "1"}).status_code == 422
    assert browser.post(here, {"words": "重新拍过了，请再看", "paper": [licence()], END: "1"}).status_code == 302

    mine.refresh_from_db()
    assert (mine.state, mine.appeal, len(mine.proofs)) == ("waiting", "重新拍过了，请再看", 1)
    assert "另一位工作人员" in text(browser.get(reverse("my-claimed", args=[mine.pk])))


def test_a_proof_of_a_person_is_no_colleagues_affair(browser, li, owner):
    named(browser)
    handed_in(browser)
    proof = Proof.objects.get()
    Binding.objects.filter(user=li).update(state="accepted")
    here = reverse("my-proof", args=[USCC, proof.pk, 1])

    assert browser.get(here).headers["Content-Type"] == "image/jpeg"
    assert owner.get(here).status_code == 404


def test_the_pages_name_nobody_in_their_addresses_and_the_trail_names_nobody(browser):
    answer = named(browser)
    assert "李国强" not in answer.url
    handed_in(browser)

    assert "李国强" not in str(list(Trail.objects.values_list("thing", "detail")))


def test_a_form_without_its_token_is_refused_before_it_is_read(li):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(li)

    assert strict.post(reverse("my-claim"), {"code": USCC, END: "1"}).status_code == 403


def test_a_nul_is_a_bad_request(browser):
    assert start(browser, f"{USCC}\0").status_code == 400


def test_claiming_asks_the_database_little(browser, li, django_assert_max_num_queries):
    for number in range(20):
        bind(li, f"91230403MA1CT{number:04}X", state="waiting")

    with django_assert_max_num_queries(12):
        browser.get(reverse("my"))
    with django_assert_max_num_queries(10):
        browser.get(f"/enterprise/claim/{USCC}")
