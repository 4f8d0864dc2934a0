"""承诺 on the office's pages: whose one sees, judging on evidence, entering what a unit took."""

import io

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from chengxin.credit.commitments.models import Judgment
from chengxin.credit.commitments.queries import made
from chengxin.credit.subjects import messages
from chengxin.ingest import batches, entering
from chengxin.people.models import Proof, Trail, Unit, User
from chengxin.people.trail import Actor
from chengxin.pipeline import flow
from tests import make
from tests.make import OTHER_USCC, USCC
from tests.portals.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = {
    "subject": USCC,
    "type": "审批替代型",
    "reason": "申请办理食品经营许可证",
    "text": "提交的材料真实。",
    "consequence": "撤销许可。",
    "signed_on": "2026-04-01",
    "until": "",
    "public_type": "可向社会公开",
}


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


@pytest.fixture
def bureau():
    """Who accepts what a restaurant signs, and somebody of it."""
    unit = Unit.objects.create(name="鹤岗市市场监督管理局", uscc="11230500001755309F")
    return signed_in(User.objects.create_user("lina", role="department", unit=unit))


@pytest.fixture
def other():
    unit = Unit.objects.create(name="鹤岗市民政局", uscc="11230400001755304T")
    return signed_in(User.objects.create_user("zhao", role="department", unit=unit))


@pytest.fixture
def clerk():
    return signed_in(User.objects.create_user("wangmin", role="credit_office"))


@pytest.fixture
def number(bureau):
    with transaction.atomic():
        make.subject()
    signed = entering.commit(
        subject=USCC, template="catering", by=Actor("b", "business"), person=None, at=timezone.now()
    )
    work()
    return signed


def work():
    while batches.step(at=timezone.now()):
        pass
    flow.drain()


def at(name, number):
    return reverse(name, kwargs={"subject": USCC, "number": number})


def picture():
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(file, "PNG")
    file.name, _ = "现场.png", file.seek(0)
    return file


def judged(client, number, **said):
    given = {"kept": "部分履行", "evidence": "检查记录 12 号", "unkept": "没有标价", "consequence": "约谈", "end": "1"}
    whole = {name: value for name, value in (given | said).items() if value is not None}
    answer = client.post(at("commitment-judge", number), whole)
    work()
    return answer


def test_a_unit_sees_what_it_accepted_and_nobody_elses(bureau, other, clerk, number):
    for client, sees in ((bureau, True), (clerk, True), (other, False)):
        assert (number in client.get(reverse("commitments")).content.decode()) == sees
        assert client.get(at("commitment", number)).status_code == (200 if sees else 404)


def test_what_nobody_has_judged_is_said_to_be_so(bureau, number):
    assert "未认定" in bureau.get(reverse("commitments")).content.decode()
    assert "已履行" not in bureau.get(at("commitment", number)).content.decode()


def test_it_is_judged_on_evidence_with_its_papers_and_the_business_hears_of_it(bureau, number):
    answer = judged(bureau, number, proofs=picture())

    assert answer.status_code == 302, answer.content.decode()
    (one,) = made(USCC)
    assert (one.kept, one.judged_by) == ("部分履行", "鹤岗市市场监督管理局")
    (judgment,) = Judgment.objects.all()
    assert judgment.proofs == [Proof.objects.get(about="judgment").pk]
    assert messages.newest(USCC, limit=5)[0].by == "鹤岗市市场监督管理局"
    assert Trail.objects.filter(verb="commitment.judge", by="lina").count() == 1
    assert "检查记录 12 号" in bureau.get(at("commitment", number)).content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kept": ""}, "请选择履行状态"),
        ({"evidence": " "}, "认定的依据"),
        ({"unkept": ""}, "未履行的承诺内容"),
        ({"consequence": ""}, "违诺责任追究内容"),
        ({"evidence": "电话 13904680000"}, "删去个人信息"),
        ({"end": None}, "没有传完"),
    ],
    ids=["nothing chosen", "no evidence", "not what", "no consequence", "a telephone", "a broken line"],
)
def test_what_is_lacking_is_said_and_what_was_written_stays(bureau, number, said, words):
    answer = judged(bureau, number, **said)

    page = answer.content.decode()
    assert answer.status_code == 422 and words in page
    assert not Judgment.objects.exists() and not Proof.objects.exists()


def test_no_paper_is_kept_of_a_finding_that_is_refused(bureau, number):
    judged(bureau, number, evidence="", proofs=picture())

    assert not Proof.objects.exists()


def test_another_unit_cannot_judge_it(other, number):
    assert judged(other, number).status_code == 404
    assert not Judgment.objects.exists()


def test_the_credit_office_judges_in_the_name_of_who_accepted_it(clerk, number):
    assert judged(clerk, number).status_code == 302
    assert Judgment.objects.get().unit == "鹤岗市市场监督管理局"


def test_a_unit_enters_what_it_took(bureau, number):
    answer = bureau.post(reverse("commitment-add"), GIVEN)
    work()

    assert answer.status_code == 302, answer.content.decode()
    entered = next(one for one in made(USCC) if one.type == "审批替代型")
    assert (entered.unit, entered.number[:14]) == ("鹤岗市市场监督管理局", "23040020260401")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"subject": "123"}, "18 位"),
        ({"subject": OTHER_USCC}, "没有这个主体"),
        ({"type": "主动型"}, "承诺类型"),
        ({"text": ""}, "请填写承诺内容"),
        ({"reason": "电话 13904680000"}, "手机号码"),
        ({"signed_on": "2099-01-01"}, "不能晚于今天"),
        ({"signed_on": "去年"}, "2026-04-01 的样子"),
        ({"until": "2025-01-01"}, "晚于"),
        ({"public_type": "随便"}, "公开类型"),
    ],
    ids=["no code", "nobody", "not its kind", "no text", "a telephone", "to come", "no day", "ends first", "no type"],
)
def test_what_cannot_be_entered_is_told_beside_its_field(bureau, number, said, words):
    answer = bureau.post(reverse("commitment-add"), GIVEN | said)

    assert answer.status_code == 422 and words in answer.content.decode()
    assert len(made(USCC)) == 1


def test_whoever_has_no_unit_enters_nothing(clerk, number):
    answer = clerk.post(reverse("commitment-add"), GIVEN)

    assert answer.status_code == 422 and "不属于有统一社会信用代码的单位" in answer.content.decode()


def test_batches_of_pages_do_not_crowd_the_list_of_files(bureau, number):
    page = bureau.get(reverse("batches")).content.decode()
    asked = bureau.get(reverse("batches"), {"way": "page"}).content.decode()

    assert "页面填写）" not in page and "页面填写）" in asked


def test_a_page_of_the_list_takes_a_fixed_number_of_questions(clerk, number):
    with CaptureQueriesContext(connection) as asked:
        clerk.get(reverse("commitments"))

    assert len(asked) <= 8
