"""承诺 on the business's pages: chosen, read, signed, ended, answered; and what each part may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chengxin.credit.commitments.actions import Finding
from chengxin.credit.commitments.models import Signing, Word
from chengxin.credit.commitments.queries import made
from chengxin.ingest import batches, entering
from chengxin.people.models import Unit, User
from chengxin.people.trail import Actor
from chengxin.pipeline import flow
from tests import make
from tests.make import USCC
from tests.portals.conftest import bind, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path):
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


@pytest.fixture
def office():
    return Unit.objects.create(name="鹤岗市社会信用体系建设办公室", uscc="11230400001755304T")


@pytest.fixture
def owner(office):
    from django.db import transaction

    with transaction.atomic():
        make.subject()
    user = User.objects.create(username="b-7f3a", role="business")
    bind(user, USCC)
    return signed_in(user)


def at(name, **more):
    return reverse(name, kwargs={"subject": USCC, **more})


def work():
    while batches.step(at=timezone.now()):
        pass
    flow.drain()


def sign(owner, template="catering"):
    answer = owner.post(at("my-commit"), {"template": template, "agree": "1"})
    assert answer.status_code == 302, answer.content.decode()
    work()
    return answer.url.rsplit("/", 1)[1]


def judge(number, kept="部分履行"):
    entering.judge(
        subject=USCC, number=number, finding=Finding(kept, "检查记录 12 号", "没有明码标价", "约谈"),
        unit="某局", unit_code="11230400001755304T", by=Actor("w", "credit_office"), at=timezone.now(),
    )  # fmt: skip
    work()


def test_an_empty_list_says_what_it_is_for_and_what_to_do(owner):
    page = owner.get(at("my-commitments")).content.decode()

    assert "还没有承诺" in page and at("my-commit") in page


def test_the_forms_of_the_trade_are_offered_and_no_other(owner):
    page = owner.get(at("my-commit")).content.decode()

    assert page.index("餐饮服务承诺") < page.index("诚信经营承诺（通用）")
    assert "出租汽车" not in page


def test_it_is_read_with_who_accepts_it_and_signed_with_a_tick(owner, office):
    page = owner.get(at("my-commit"), {"template": "catering"}).content.decode()
    assert "菜品明码标价" in page and office.name in page

    number = sign(owner)

    assert Signing.objects.get().number == number
    page = owner.get(at("my-commitment", number=number)).content.decode()
    assert "未认定" in page and number in page and "菜品明码标价" in page


def test_without_the_tick_nothing_is_signed(owner):
    answer = owner.post(at("my-commit"), {"template": "catering"})

    assert answer.status_code == 422 and "打勾" in answer.content.decode()
    assert not Signing.objects.exists()


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"template": "taxi"}, 200), ({"template": "没有"}, 200), ({"code": "99"}, 404), ({"code": "x"}, 404)],
    ids=["another trade's", "no such form", "no such code", "no code at all"],
)
def test_what_is_not_offered_cannot_be_signed(owner, asked, status):
    answer = owner.post(at("my-commit"), asked | {"agree": "1"})

    assert answer.status_code == status
    assert not Signing.objects.exists()


def test_signed_twice_it_is_refused_with_the_day_it_can_be_renewed(owner):
    sign(owner)

    answer = owner.post(at("my-commit"), {"template": "catering", "agree": "1"})

    assert answer.status_code == 422 and "60 天可以续签" in answer.content.decode()
    assert "已签" in owner.get(at("my-commit")).content.decode()


def test_without_a_unit_to_accept_it_the_page_says_so_and_has_no_button(owner, office):
    Unit.objects.update(uscc="")

    page = owner.get(at("my-commit"), {"template": "catering"}).content.decode()

    assert "名录里还没有" in page and "签署</button>" not in page


def test_it_is_ended_with_a_reason(owner):
    number = sign(owner)
    assert owner.post(at("my-commitment-end", number=number), {"why": ""}).status_code == 422

    answer = owner.post(at("my-commitment-end", number=number), {"why": "不再经营"})
    work()

    assert answer.status_code == 302
    assert made(USCC)[0].until == timezone.localdate()
    assert Word.objects.get().text == "不再经营"


def test_a_breach_is_shown_with_its_consequence_and_can_be_answered(owner):
    number = sign(owner)
    judge(number)

    page = owner.get(at("my-commitment", number=number)).content.decode()
    for words in ("部分履行", "没有明码标价", "约谈", "检查记录 12 号", "对认定有话要说"):
        assert words in page
    answer = owner.post(at("my-commitment-answer", number=number), {"text": "当天已补上"})
    assert answer.status_code == 302
    assert "当天已补上" in owner.get(at("my-commitment", number=number)).content.decode()


def test_whoever_may_not_commit_sees_no_button(owner):
    number = sign(owner)
    staff = User.objects.create(username="b-staff", role="business")
    bind(staff, USCC, part="staff")
    client = signed_in(staff)

    for page in (client.get(at("my-commitments")), client.get(at("my-commitment", number=number))):
        assert page.status_code == 200
        assert f'href="{at("my-commit")}"' not in page.content.decode() and "终止" not in page.content.decode()


@pytest.mark.parametrize("number", ["1", "23040220261123000099", "x" * 20])
def test_a_commitment_that_is_not_there_is_not_found(owner, number):
    assert owner.get(at("my-commitment", number=number)).status_code == 404


def test_a_list_of_many_takes_no_more_questions_than_one_of_few(owner):
    sign(owner)
    with CaptureQueriesContext(connection) as few:
        owner.get(at("my-commitments"))
    sign(owner, "general")
    sign(owner, "trade_body")
    with CaptureQueriesContext(connection) as many:
        owner.get(at("my-commitments"))

    assert len(many) == len(few) <= 16
