"""Every address of the office against everybody: whoever is not signed in, each role, another unit. One table.

A new address is knocked on without anybody remembering to, and fails here until its line stands in the table.
"""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from chengxin.people.models import Unit, User
from chengxin.people.roles import ROLES, Role

OPEN = {"sign-in", "sign-out", "type-size", "join"}

OFFICE = frozenset({"keeper", "credit_office", "county", "department", "auditor"})
GATHERING = frozenset({"credit_office", "county", "department"})
CITY = frozenset({"keeper", "credit_office"})
CREDIT_OFFICE = frozenset({"credit_office"})
AUDITOR = frozenset({"auditor"})

WHO = {
    "home": OFFICE,
    "password": OFFICE,
    "city": CITY,
    "city-logo": CITY,
    "batches": GATHERING,
    "batch": GATHERING,
    "feedback": GATHERING,
    "queue": GATHERING,
    "queue-claim": GATHERING,
    "queue-decide": CREDIT_OFFICE,
    "decision": CREDIT_OFFICE,
    "decision-replace": CREDIT_OFFICE,
    "areas": GATHERING,
    "area": CREDIT_OFFICE,
    "fakes": CREDIT_OFFICE,
    "fake": CREDIT_OFFICE,
    "fake-photo": CREDIT_OFFICE,
    "fake-handle": CREDIT_OFFICE,
    "units": CITY,
    "unit": CITY,
    "unit-new": CITY,
    "units-import": CITY,
    "units-form": CITY,
    "unit-edit": CITY,
    "unit-close": CITY,
    "people": CITY,
    "invite": CITY,
    "person": CITY,
    "person-close": CITY,
    "person-link": CITY,
    "link-end": CITY,
    "trail": AUDITOR,
    "trail-export": AUDITOR,
}
"""Address → the roles that get in. Whose rows they see there is asked by each page's own tests."""

EVERYBODY = [role for role in ROLES if role not in ("machine", "command")]


def doors(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from doors(pattern)


def address(pattern):
    return reverse(pattern.name, kwargs=dict.fromkeys(pattern.pattern.converters, 1))


GUARDED = [pattern for pattern in doors() if pattern.name not in OPEN]
knocked_on = pytest.mark.parametrize("pattern", GUARDED, ids=lambda pattern: pattern.name)


@pytest.fixture
def cast(db):
    """A browser for each role, and one of each that somebody signed in with may not be signed in with."""
    unit = Unit.objects.create(name="演示市交通运输局", area="230403")
    clients = {}
    for role in (*EVERYBODY, "nobody", "machine"):
        clients[role] = client = Client()
        client.force_login(User.objects.create(username=f"of-{role}", role=role, unit=unit))
    return clients


def test_every_address_stands_in_the_table():
    assert all(pattern.name for pattern in doors())
    assert {pattern.name for pattern in GUARDED} == set(WHO), "say in WHO who gets in"


@knocked_on
def test_each_role_gets_in_where_the_table_says_and_is_told_so_elsewhere(pattern, cast):
    answers = {role: cast[role].get(address(pattern)) for role in (*EVERYBODY, "nobody")}

    assert {role for role, answer in answers.items() if answer.status_code != 403} == WHO[pattern.name]
    assert not [role for role, answer in answers.items() if answer.status_code in (301, 302) and role == "nobody"]
    for role, answer in answers.items():
        if role not in WHO[pattern.name]:
            assert "您的账号不能进入这里" in answer.content.decode()


@knocked_on
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.django_db
def test_whoever_is_not_signed_in_is_sent_to_sign_in(pattern, method):
    answer = getattr(Client(), method)(address(pattern))

    assert answer.status_code == 302
    assert answer.url == f"{reverse('sign-in')}?next={address(pattern)}"


@knocked_on
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_whoever_has_no_role_is_told_so(pattern, method, stranger):
    assert getattr(stranger, method)(address(pattern)).status_code == 403


@knocked_on
def test_a_business_systems_account_is_nobody_at_the_pages(pattern, cast):
    assert cast["machine"].get(address(pattern)).status_code == 302


@knocked_on
def test_whoever_is_switched_off_is_out_at_once(pattern, office, clerk):
    clerk.is_active = False
    clerk.save()

    assert office.get(address(pattern)).status_code == 302


@knocked_on
def test_whoever_is_of_a_closed_unit_is_out_at_once(pattern, cast):
    Unit.objects.update(is_active=False)

    assert {client.get(address(pattern)).status_code for client in cast.values()} == {302}


def test_a_business_system_cannot_sign_in_even_with_its_password(db):
    User.objects.create_user("system", password="correct horse battery", role="machine")

    answer = Client().post(reverse("sign-in"), {"username": "system", "password": "correct horse battery"})

    assert "这个账号是给业务系统用的" in answer.content.decode()


def test_each_goes_only_where_the_role_allows_and_is_led_nowhere_else(office, clerk, batch, monkeypatch):
    monkeypatch.setitem(ROLES, "reader", Role("reader", "查看员", "只看首页。", frozenset({"office.enter"})))
    clerk.role = "reader"
    clerk.save()

    answers = {pattern.name: office.get(address(pattern)).status_code for pattern in GUARDED}

    assert [name for name, status in answers.items() if status != 403] == ["home", "password"]
    page = office.get(reverse("home")).content.decode()
    assert "/city" not in page and "/batches" not in page


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_menu_leads_nowhere_that_is_closed(cast, role):
    page = cast[role].get(reverse("home"))

    led = {word.to for word in (*page.context["functions"], *page.context["desk"]) if word.to}
    assert led
    assert {cast[role].get(reverse(to)).status_code for to in led} == {200}
