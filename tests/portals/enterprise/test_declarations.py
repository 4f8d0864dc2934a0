"""填报: what a business says of itself, with what became of it; written anew, taken back and gone at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chengxin.board.models import BoardCard
from chengxin.credit.applications import consents, queries
from chengxin.credit.applications.models import Application
from chengxin.credit.publishing import actions as publishing
from chengxin.credit.records import queries as records
from chengxin.ingest import batches
from chengxin.people.models import User
from chengxin.people.trail import Actor
from chengxin.portals.shared import applying
from tests import make
from tests.make import USCC
from tests.portals.conftest import PASSWORD, bind, signed_in

pytestmark = pytest.mark.django_db

ITEM = {"kind": "慈善捐助", "title": "向社区老人捐赠米面", "issuer": "某社区"}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def user(db):
    make.subject()
    user = User.objects.create_user("b-1", password=PASSWORD, role="business", name="王敏")
    bind(user, USCC)
    return user


@pytest.fixture
def owner(user):
    """Somebody of a business that has its code and one thing declared."""
    draft = {
        "key": "0" * 32,
        "consent": consents.current(timezone.localdate()).version,
        "contact": {"name": "王敏", "phone": "13800138000"},
        "items": [ITEM],
    }
    applying.send(subject=USCC, way="self", draft=draft, person=user, by=Actor("b-1", "business"), at=timezone.now())
    take_in()
    return signed_in(user)


def take_in():
    """Let the workers do what they would do within a second."""
    while batches.step(at=timezone.now()):
        pass
    at = timezone.now()
    publishing.post(
        subjects=[USCC], at=at, today=timezone.localdate(at), overlap="earlier", good_for=timedelta(days=30)
    )


def shown():
    document = BoardCard.objects.values_list("document", flat=True).filter(holder=USCC).first()
    return str(document or "")


def write(client, where, **said):
    page = client.get(where).content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    return client.post(where, {**ITEM, "key": key, "end": "1", **said})


def number():
    (one,) = applying.declarations(USCC)
    return one.body["ZY_BH"]


def test_what_was_declared_is_listed_and_shown(owner):
    page = owner.get(reverse("my-declarations", args=[USCC])).content.decode()

    assert ITEM["title"] in page and "展示中" in page
    assert ITEM["title"] in shown()


def test_another_is_written_and_shown(owner):
    answer = write(owner, reverse("my-declare", args=[USCC]) + "?kind=慈善捐助", title="捐赠图书")
    take_in()

    assert answer.status_code == 302
    assert "捐赠图书" in owner.get(answer.url).content.decode() and "捐赠图书" in shown()


def test_pressed_twice_it_is_written_once(owner):
    where = reverse("my-declare", args=[USCC]) + "?kind=慈善捐助"
    key = owner.get(where).content.decode().split('name="key" value="')[1].split('"')[0]
    for _ in range(2):
        owner.post(where, {**ITEM, "title": "捐赠图书", "key": key, "end": "1"})

    assert Application.objects.count() == 2, "that of the code, and this"


def test_a_further_revision_keeps_the_number(owner):
    before = number()

    write(owner, reverse("my-declaration", args=[USCC, before]), title="向社区老人捐赠米面油")
    take_in()

    assert number() == before
    assert "米面油" in shown() and "米面”" not in shown()


def test_a_revision_with_forbidden_words_waits_and_the_old_words_stay(owner):
    write(owner, reverse("my-declaration", args=[USCC, number()]), title="捐赠全国最佳米面", anyway="1")
    take_in()

    page = owner.get(reverse("my-declarations", args=[USCC])).content.decode()
    assert "修改，等待核对" in page and "最佳" not in shown() and ITEM["title"] in shown()
    assert queries.filed(USCC)[0].state == "waiting"


def test_what_is_taken_back_is_gone_at_once(owner):
    where = number()
    assert "马上从扫码页上消失" in owner.get(reverse("my-declaration-end", args=[USCC, where])).content.decode()

    owner.post(reverse("my-declaration-drop", args=[USCC, where]))

    assert shown() == "", "before any worker has looked at it"
    take_in()
    assert shown() and ITEM["title"] not in shown()
    page = owner.get(reverse("my-declarations", args=[USCC])).content.decode()
    assert "已撤回" in page
    assert [one.body["ZY_ZT"] for one in records.standing([USCC]) if one.kind == "declaration"] == ["2"]


def test_what_is_not_there_has_no_page(owner):
    assert owner.get(reverse("my-declaration", args=[USCC, "ZY9"])).status_code == 404
    answer = owner.post(reverse("my-declaration-drop", args=[USCC, "ZY9"]), follow=True)
    assert "没有这一项" in answer.content.decode()


def test_who_has_no_code_is_led_to_apply(user):
    client = signed_in(user)

    assert "先领诚信码" in client.get(reverse("my-declarations", args=[USCC])).content.decode()
    assert client.get(reverse("my-declare", args=[USCC])).url == reverse("my-apply", args=[USCC])


def test_a_list_asks_the_database_a_bounded_number_of_times(owner, django_assert_max_num_queries):
    for place in range(5):
        write(owner, reverse("my-declare", args=[USCC]) + "?kind=慈善捐助", title=f"第{place}次捐赠")
    take_in()

    with django_assert_max_num_queries(16):
        owner.get(reverse("my-declarations", args=[USCC]))
