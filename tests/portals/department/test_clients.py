"""接口账号: made and revoked by the keeper on a page; a secret is shown once, and nobody else gets in."""

from __future__ import annotations

import re

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chengxin.people import clients
from chengxin.people.models import Unit, User
from tests.make import CLERK, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(name="鹤岗市市场监督管理局")


@pytest.fixture
def keeper() -> Client:
    browser = Client()
    browser.force_login(User.objects.create_user("keeper", password="correct horse battery", role="keeper"))
    return browser


def form(**changes: object) -> dict[str, object]:
    said = {"client": clients.new_id(), "unit": "鹤岗市市场监督管理局", "name": "办案系统"}
    return {**said, "scope": ["records:write", "batches:read"], **changes}


def test_a_client_is_made_and_its_secret_shown_on_that_page_alone(keeper: Client, unit: Unit) -> None:
    answer = keeper.post(reverse("client-add"), form())

    page = answer.content.decode()
    made = OAuthClient.objects.get()
    secret = re.search(r"<code>([\w-]{43})</code>", page)
    assert secret is not None and made.check_secret(secret[1]) and made.pk in page
    assert answer.headers["Cache-Control"] == "no-store"
    listed = keeper.get(reverse("clients")).content.decode()
    assert made.pk in listed and secret[1] not in listed and unit.name in listed


def test_the_form_sent_again_makes_no_second_client(keeper: Client, unit: Unit) -> None:
    said = form()
    keeper.post(reverse("client-add"), said)

    answer = keeper.post(reverse("client-add"), said)

    assert answer.status_code == 422 and "已经建立" in answer.content.decode()
    assert OAuthClient.objects.count() == 1


@pytest.mark.parametrize(
    "changes, says",
    [({"unit": "没有这个局"}, "单位名录里没有"), ({"name": ""}, "哪个系统"), ({"scope": []}, "至少选一项")],
)
def test_what_is_wrong_is_said_and_nothing_written_is_lost(
    keeper: Client, unit: Unit, changes: dict[str, object], says: str
) -> None:
    answer = keeper.post(reverse("client-add"), form(**changes))

    page = answer.content.decode()
    assert answer.status_code == 422 and says in page
    assert ('value="办案系统"' in page) == (changes.get("name") != "")


def test_a_client_is_revoked_after_a_question(keeper: Client, unit: Unit) -> None:
    made = clients.add(unit=unit.pk, name="办案系统", scopes=["batches:read"], by=CLERK, at=NOW)
    address = reverse("client-revoke", args=[made.id])

    assert "不能恢复" in keeper.get(address).content.decode()
    assert clients.revoked_at(OAuthClient.objects.get()) is None
    assert "已停用" in keeper.post(address, follow=True).content.decode()
    assert clients.revoked_at(OAuthClient.objects.get()) is not None
    assert "已经停用" in keeper.post(address, follow=True).content.decode()
    assert keeper.get(address).status_code == 302
    assert keeper.get(reverse("client-revoke", args=["nobody"])).status_code == 404


@pytest.mark.parametrize("role", ["credit_office", "department", "auditor"])
def test_nobody_else_gets_in(role: str, unit: Unit) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("somebody", role=role, unit=unit))

    assert browser.get(reverse("clients")).status_code == 403
    assert browser.post(reverse("client-add"), form()).status_code == 403
    assert not OAuthClient.objects.exists()


def test_a_long_list_costs_no_more_questions(keeper: Client, unit: Unit) -> None:
    def questions() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            keeper.get(reverse("clients"))
        return len(asked)

    clients.add(unit=unit.pk, name="一", scopes=["batches:read"], by=CLERK, at=NOW)
    few = questions()
    for number in range(5):
        clients.add(unit=unit.pk, name=f"第{number}个", scopes=["batches:read"], by=CLERK, at=NOW)

    assert questions() == few
