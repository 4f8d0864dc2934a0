"""The cast: a clerk of the credit office, Li Na of a department and Zhao of another one, a stranger without a role."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from chengxin.ingest.models import Batch, SetAside
from chengxin.people.models import Binding, Unit, User
from tests.make import subject

AT = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def clerk(db):
    return User.objects.create_user("wangmin", password=PASSWORD, role="credit_office")


@pytest.fixture
def office(clerk):
    """A browser in which the clerk is signed in."""
    client = Client()
    client.force_login(clerk)
    return client


@pytest.fixture
def stranger(db):
    """A browser in which somebody without a role is signed in."""
    client = Client()
    client.force_login(User.objects.create_user("stranger", password=PASSWORD, role="nobody"))
    return client


@pytest.fixture
def unit(db):
    return Unit.objects.create(name="某市市场监督管理局", uscc="11230500001755309F", area="230402")


@pytest.fixture
def lina(unit):
    return User.objects.create_user("lina", password=PASSWORD, role="department", unit=unit)


@pytest.fixture
def desk(lina):
    """A browser in which Li Na is signed in."""
    return signed_in(lina)


@pytest.fixture
def neighbour(db):
    """A browser in which somebody of another department is signed in."""
    other = Unit.objects.create(name="某市交通运输局", area="230403")
    return signed_in(User.objects.create_user("zhao", password=PASSWORD, role="department", unit=other))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def keeper_of_a_shop(db):
    """Somebody who acts for 松岭里饺子馆 as its legal representative."""
    person = User.objects.create_user("shop-1", password=PASSWORD, role="business", name="李国强")
    bind(person, subject())
    return person


@pytest.fixture
def owner(keeper_of_a_shop):
    """A browser in which the owner of a shop is signed in."""
    return signed_in(keeper_of_a_shop)


def bind(person, uscc, *, part="legal", state="accepted"):
    """Bind somebody to a business, as the office's decision does."""
    decided = None if state in ("waiting", "provisional") else AT
    return Binding.objects.create(
        user=person, subject=uscc, part=part, proven_by="letter", state=state, asked_at=AT, decided_at=decided
    )


@pytest.fixture
def batch(db):
    return make_batch(kind="penalty", rows=100, accepted=90, rejected=10, waiting=2)


def make_batch(**changes):
    facts = {"kind": "licence", "source": "某市市场监督管理局", "file_name": "许可.csv", "sha256": "0" * 64}
    facts["rows"] = sum(changes.get(name, 0) for name in ("accepted", "unchanged", "rejected"))
    return Batch.objects.create(
        **{**facts, "size": 12_345, "encoding": "gb18030", "received_at": AT, "by": "w"} | changes
    )


def set_aside(batch, *, count):
    SetAside.objects.bulk_create(
        SetAside(
            batch=batch,
            row=number,
            code="E01",
            column="统一社会信用代码",
            message=f"第 {number} 行的校验位不对",
            body={"name": "不该出现的名字"},
            waiting=number % 2 == 0,
        )
        for number in range(2, count + 2)
    )
