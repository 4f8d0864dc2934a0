"""申领: from the first question to a code, each answer kept; sent twice it is one; what needs a clerk waits."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chengxin.board.models import BoardCode
from chengxin.credit.applications import consents, queries
from chengxin.credit.applications.models import Application, Draft, Waiting
from chengxin.credit.codes.models import Code, Consent
from chengxin.credit.subjects.models import Message
from chengxin.ingest.models import Batch
from chengxin.people.models import Proof, Trail, Unit, User
from chengxin.people.trail import Actor
from chengxin.portals.shared import applying
from tests import make
from tests.make import NOW, OTHER_USCC, USCC
from tests.portals.conftest import PASSWORD, bind, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def owner(db):
    make.subject()
    Unit.objects.create(name="某市社会信用体系建设办公室", uscc="11230500001755309F", area="230400")
    user = User.objects.create_user("b-1", password=PASSWORD, role="business", name="王敏")
    bind(user, USCC)
    return signed_in(user)


@pytest.fixture
def newly(db):
    """Somebody whose binding the office has not confirmed."""
    make.subject()
    user = User.objects.create_user("b-2", password=PASSWORD, role="business", name="王敏")
    bind(user, USCC, state="provisional")
    Unit.objects.create(name="某市社会信用体系建设办公室", uscc="11230500001755309F", area="230400")
    return signed_in(user)


def at(step):
    return reverse("my-apply-step", args=[USCC, step])


def version():
    return consents.current(timezone.localdate()).version


def answer(client, **more):
    """Answer all questions that have to be, and more where it is said."""
    client.post(at("registry"))
    client.post(at("consent"), {"version": version(), "agree": "yes"})
    client.post(at("contact"), {"name": "王敏", "phone": "0468-3350000"})
    client.post(at("scenarios"), {"scenario": more.get("scenarios", [])})
    for item in more.get("items", []):
        got = client.post(reverse("my-apply-item", args=[USCC, 0]), {"end": "1", **item})
        assert got.status_code == 302, got.content.decode()
    client.post(at("items"))
    if more.get("commitment"):
        client.post(at("commitment"), {"template": more["commitment"], "agree": "yes"})


def send(client):
    page = client.get(at("check")).content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    return client.post(at("check"), {"key": key})


CHARITY = {"kind": "慈善捐助", "title": "向社区老人捐赠过冬米面", "issuer": "某街道社区居委会"}


def test_a_shop_owner_gets_a_code_at_once(owner):
    assert owner.get(reverse("my-apply", args=[USCC])).url == at("registry")

    answer(owner, scenarios=["heihe-2023/1"])
    sent = send(owner)

    application = Application.objects.get()
    assert sent.url == reverse("my-application", args=[USCC, application.id])
    code = Code.objects.get()
    assert (code.way, code.placement) == ("self", "premises")
    assert BoardCode.objects.get().state == "active"
    assert Consent.objects.get().version == version()
    assert application.scenarios == ["heihe-2023/1"]
    assert not Draft.objects.exists() and not Waiting.objects.exists()
    page = owner.get(sent.url).content.decode()
    assert "诚信码已签发" in page
    assert Message.objects.get().title == "诚信码已签发"
    assert Trail.objects.filter(verb="application.send").count() == 1


def test_what_was_declared_and_promised_enters_as_records(owner):
    answer(owner, items=[CHARITY], commitment="general")
    sent = send(owner)

    assert sorted(Batch.objects.values_list("kind", "way")) == [("commitment", "page"), ("declaration", "page")]
    (filed,) = queries.filed(USCC)
    assert filed.state == "approved" and {part.state for part in filed.parts.values()} == {"shown"}
    assert filed.parts["item 1"].number.startswith("ZY") and len(filed.parts["commitment"].number) == 20
    assert "已通过" in owner.get(sent.url).content.decode()


def test_pressed_twice_it_is_one_application(owner):
    answer(owner)
    page = owner.get(at("check")).content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]

    first, second = (owner.post(at("check"), {"key": key}) for _ in range(2))

    assert first.url == second.url
    assert Application.objects.count() == Code.objects.count() == Message.objects.count() == 1


def test_the_same_draft_sent_again_does_nothing(owner):
    answer(owner)
    user = User.objects.get(username="b-1")
    draft = dict(queries.draft(user, USCC))
    sent = [
        applying.send(
            subject=USCC, way="self", draft=draft, person=user, by=Actor("b-1", "business"), at=timezone.now()
        )
        for _ in range(2)
    ]

    assert [one.is_news for one in sent] == [True, False] and sent[0].serial == sent[1].serial
    assert Application.objects.count() == 1


def test_each_answer_is_kept_and_nobody_elses_draft_is_seen(owner):
    owner.post(at("registry"))
    owner.post(at("consent"), {"version": version(), "agree": "yes"})
    owner.post(at("contact"), {"name": "王敏", "phone": "0468-3350000"})
    colleague = User.objects.create_user("b-9", password=PASSWORD, role="business", name="李娜")
    bind(colleague, USCC, part="agent")
    other = signed_in(colleague)

    assert owner.get(reverse("my-apply", args=[USCC])).url == at("scenarios")
    assert "0468-3350000" in owner.get(at("contact")).content.decode()
    assert other.get(reverse("my-apply", args=[USCC])).url == at("registry")
    assert "0468-3350000" not in other.get(at("contact")).content.decode()


@pytest.mark.parametrize(
    ("step", "said", "fault"),
    [
        pytest.param("consent", {"agree": "yes", "version": "2020-01"}, "新的版本", id="words that are old"),
        pytest.param("consent", {"version": "now"}, "先勾选同意", id="no yes"),
        pytest.param("contact", {"name": "", "phone": "0468-3350000"}, "联系人姓名", id="no name"),
        pytest.param("contact", {"name": "王敏", "phone": "12"}, "电话号码不对", id="no such number"),
        pytest.param(
            "scenarios", {"scenario": [f"heihe-2023/{n}" for n in range(1, 13)]}, "最多选 10 个", id="too many"
        ),
        pytest.param("commitment", {"template": "taxi", "agree": "yes"}, "不适用", id="of another trade"),
        pytest.param("commitment", {"template": "general"}, "先读完承诺书", id="not read"),
    ],
)
def test_an_answer_that_will_not_do_gets_one_sentence(owner, step, said, fault):
    got = owner.post(at(step), {**said, **({"version": version()} if said.get("version") == "now" else {})})

    assert got.status_code == 422 and fault in got.content.decode()


def test_nothing_is_sent_before_the_consent(owner):
    got = owner.post(at("check"), {"key": "x"})
    assert got.url == reverse("my-apply", args=[USCC])
    owner.post(at("registry"))

    page = owner.post(at("check"), {"key": "x"})

    assert page.status_code == 422 and "还没有同意申领" in page.content.decode()
    assert not Application.objects.exists()


def test_forbidden_words_are_pointed_out_before_they_are_kept_and_then_wait(owner):
    item = {**CHARITY, "title": "送出全国最佳饺子，最佳", "end": "1"}
    pointed = owner.post(reverse("my-apply-item", args=[USCC, 0]), item)
    assert pointed.status_code == 422
    html = pointed.content.decode()
    assert html.count("<mark>最佳</mark>") == 2 and "广告法" in html
    assert html.count("<b>最佳</b>") == 1, "what is said of a word is said once"
    assert not (queries.draft(User.objects.get(username="b-1"), USCC) or {}).get("items")

    answer(owner, items=[{**item, "anyway": "1"}])
    send(owner)

    (filed,) = queries.filed(USCC)
    assert filed.parts["code"].state == "shown", "a word keeps nobody from the code"
    assert filed.parts["item 1"].state == "waiting" and filed.state == "waiting"
    assert Waiting.objects.get().due_on == filed.application.due_on
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        pytest.param({"text": "联系我 13800138000"}, "手机号码", id="a phone"),
        pytest.param({"issuer": ""}, "接受或见证的单位", id="nobody saw it"),
        pytest.param({"given_on": "去年"}, "日期写成", id="no day"),
        pytest.param({"valid_to": "2020-01-01"}, "有效期已经过了", id="ended"),
        pytest.param({"kind": "别的"}, "请选择是哪一类", id="no such kind"),
    ],
)
def test_an_item_that_will_not_do_gets_one_sentence_and_loses_nothing(owner, said, fault):
    got = owner.post(reverse("my-apply-item", args=[USCC, 0]), {**CHARITY, "end": "1", **said})

    page = got.content.decode()
    assert got.status_code == 422 and fault in page
    assert said.get("kind") or CHARITY["title"] in page


def test_an_item_is_changed_and_taken_out(owner):
    answer(owner, items=[CHARITY])
    owner.post(reverse("my-apply-item", args=[USCC, 1]), {**CHARITY, "title": "捐赠图书", "end": "1"})
    assert "捐赠图书" in owner.get(at("items")).content.decode()

    owner.post(reverse("my-apply-item-drop", args=[USCC, 1]), {"title": "捐赠图书"})

    assert "捐赠图书" not in owner.get(at("items")).content.decode()


def test_a_paper_goes_with_its_item_and_stays_when_the_page_comes_back(owner):
    picture = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(picture, "JPEG")
    prize = {"kind": "荣誉奖励", "title": "", "issuer": "某市消费者协会", "end": "1"}
    paper = SimpleUploadedFile("奖状.jpg", picture.getvalue(), "image/jpeg")
    lacking = owner.post(reverse("my-apply-item", args=[USCC, 0]), {**prize, "proof": paper})
    assert lacking.status_code == 422
    proof = Proof.objects.get()

    answer(owner, items=[{**prize, "title": "消费者信得过单位", "kept": str(proof.pk)}])
    send(owner)

    (filed,) = queries.filed(USCC)
    assert filed.items[0][1].proof == proof.pk and filed.items[0][2].state == "shown"


def test_a_paper_of_another_business_is_not_taken(owner):
    make.subject(OTHER_USCC, name="另一家")
    theirs = Proof.objects.create(subject=OTHER_USCC, about="declaration", name="x", pages=[], size=1, by="x", at=NOW)

    answer(owner, items=[{**CHARITY, "kept": str(theirs.pk)}])

    assert queries.draft(User.objects.get(username="b-1"), USCC)["items"][0].get("proof") is None


def test_who_is_not_confirmed_yet_gets_the_code_and_the_rest_waits(newly):
    answer(newly, items=[CHARITY], commitment="general")
    send(newly)

    (filed,) = queries.filed(USCC)
    assert {about: part.state for about, part in filed.parts.items()} == {
        "code": "shown",
        "commitment": "waiting",
        "item 1": "waiting",
    }
    assert Code.objects.count() == 1 and Waiting.objects.count() == 1 and not Batch.objects.exists()


def test_a_deregistered_business_gets_none_and_is_told_why(owner):
    make.subject(state="deregistered", batch=2)

    page = owner.get(at("registry")).content.decode()
    owner.post(at("registry"))

    assert "登记状态为“注销”" in page
    assert owner.post(at("check"), {"key": "x"}).status_code == 422 and not Code.objects.exists()


def test_records_of_penalties_keep_nobody_from_a_code(owner):
    make.record("penalty", {"CF_WSH": "1", "CF_WFXW": "x"})
    answer(owner)
    send(owner)

    assert Code.objects.count() == 1


def test_who_has_a_code_is_asked_only_what_can_be_added(owner):
    answer(owner)
    send(owner)

    assert owner.get(reverse("my-apply", args=[USCC])).url == at("scenarios")
    assert owner.get(at("consent")).url == reverse("my-apply", args=[USCC])
    owner.post(at("scenarios"), {"scenario": ["heihe-2023/1"]})
    owner.post(at("items"))
    owner.post(at("commitment"), {"template": ""})
    send(owner)

    newest, _ = queries.filed(USCC)
    assert newest.application.scenarios == ["heihe-2023/1"] and newest.state == "approved"
    assert Code.objects.count() == 1


def test_the_preview_shows_what_was_filled_in_and_nothing_is_published(owner):
    answer(owner, items=[CHARITY], commitment="general")

    page = owner.get(reverse("my-preview", args=[USCC]))

    html = page.content.decode()
    assert page.status_code == 200 and "预览" in html
    assert CHARITY["title"] in html and "松岭里饺子馆" in html and "明码标价" in html
    assert not BoardCode.objects.exists() and "回到申领" in html
    style = owner.get(reverse("my-preview-style"))
    assert "<script" not in html and style.status_code == 200
    assert b"data:image/svg+xml" in style.content and b"/static/" not in style.content


def test_a_page_of_questions_asks_the_database_a_bounded_number_of_times(owner, django_assert_max_num_queries):
    answer(owner, items=[{**CHARITY, "title": f"第{number}次捐赠"} for number in range(1, 4)])
    for step in ("registry", "consent", "contact", "scenarios", "items", "commitment", "check"):
        with django_assert_max_num_queries(40):
            owner.get(at(step))
