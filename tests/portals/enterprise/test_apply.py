"""申领: from the first question to a code, each answer kept; sent twice it is one; what needs a clerk waits."""

import pytest
from django.urls import reverse
from django.utils import timezone

from chengxin.board.models import BoardCode
from chengxin.credit.applications import consents
from chengxin.credit.applications.models import Application, Draft, Waiting
from chengxin.credit.codes.models import Code, Consent
from chengxin.credit.subjects.models import Message
from chengxin.ingest.models import Batch
from chengxin.people.models import Trail, Unit, User
from tests import make
from tests.make import USCC
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


def test_declared_items_and_a_commitment_enter_as_records(owner):
    answer(owner, items=[CHARITY], commitment="general")
    sent = send(owner)

    assert sorted(Batch.objects.values_list("kind", "way")) == [("commitment", "page"), ("declaration", "page")]
    assert "已通过" in owner.get(sent.url).content.decode()
