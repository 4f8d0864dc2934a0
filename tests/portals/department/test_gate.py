"""Every address of the office against everybody: whoever is not signed in, each role, another unit. One table.

A new address is knocked on without anybody remembering to, and fails here until its line stands in the table.
"""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from chengxin.people.models import Unit, User
from chengxin.people.roles import ROLES, Role
from chengxin.portals.department import urls
from tests.portals.conftest import make_batch

OPEN = {"sign-in", "sign-out", "type-size", "join"}

OFFICE = frozenset({"keeper", "credit_office", "county", "department", "place", "auditor"})
GATHERING = frozenset({"credit_office", "county", "department"})
CITY = frozenset({"keeper", "credit_office"})
GIVING = frozenset({"credit_office", "county"})
CREDIT_OFFICE = frozenset({"credit_office"})
GIVING = frozenset({"credit_office", "county"})
AUDITOR = frozenset({"auditor"})
KEEPER = frozenset({"keeper"})

WHO = {
    name: roles
    for roles, names in {
        OFFICE: "home password kept",
        CITY: "city city-logo units unit unit-new units-import units-form unit-edit unit-close people invite person person-close person-link link-end",
        GATHERING: "batches batch batch-progress forms form form-file send feedback batch-original batch-confirm batch-drop quality quality-unit quality-file zero zero-report subjects subject subject-registration subject-record queue queue-claim areas proof commitments commitment commitment-add commitment-judge",
        GIVING: "showings showing applications application application-decide application-contact counter counter-consent prints print-ask print print-state print-file print-order application-poster codes code code-turn code-answer code-replace code-succeed give give-template give-look given give-back bindings binding binding-decide binding-end newcomers newcomer newcomer-decide owner newcomer-correct",
        GATHERING | {"place"}: "proof",
        GIVING | {"place"}: "showings showing",
        CREDIT_OFFICE: "batch-undo queue-decide decision decision-replace area fakes fake fake-photo fake-handle",
        AUDITOR: "trail trail-export looks",
        KEEPER: "clients client-add client-revoke",
    }.items()
    for name in names.split()
}
"""Address → the roles that get in. Whose rows they see there is asked by each page's own tests."""

EVERYBODY = [role for role in ROLES if role not in ("machine", "command")]


def address(pattern):
    return reverse(pattern.name, kwargs=dict.fromkeys(pattern.pattern.converters, 1))


PATTERNS = {pattern.name: pattern for pattern in urls.urlpatterns}
GUARDED = {name: address(pattern) for name, pattern in PATTERNS.items() if name not in OPEN}
METHODS = ("get", "post", "put", "delete")


@pytest.fixture
def unit(db):
    return Unit.objects.create(name="演示市交通运输局", area="230403")


def of(role, unit):
    """Return a browser in which somebody of a role is signed in."""
    client = Client()
    client.force_login(User.objects.create(username=f"of-{role}", role=role, unit=unit))
    return client


def answers(client, *methods):
    """Return what each address answers, by each method."""
    return {
        (name, method): getattr(client, method)(where)
        for name, where in GUARDED.items()
        for method in methods or METHODS
    }


def test_every_address_stands_in_the_table():
    assert all(isinstance(pattern, URLPattern) and pattern.name for pattern in urls.urlpatterns)
    assert set(GUARDED) == set(WHO), "say in WHO who gets in"
    rooms = {str(pattern.pattern): pattern.urlconf_name.__name__ for pattern in get_resolver().url_patterns}
    assert rooms == {
        "api/": "chengxin.api.urls",
        "enterprise/": "chengxin.portals.enterprise.urls",
        "": "chengxin.portals.department.urls",
    }, "another door, another table"


@pytest.mark.parametrize("role", [*EVERYBODY, "nobody"])
def test_each_role_gets_in_where_the_table_says_and_is_told_so_elsewhere(role, unit):
    got = answers(of(role, unit), "get")
    if role == "business":
        # Whoever types the host alone comes to their own door.
        assert got.pop(("home", "get")).url == reverse("my")

    assert {name for (name, _), answer in got.items() if answer.status_code != 403} == {
        name for name, roles in WHO.items() if role in roles
    }
    refused = [answer.content.decode() for answer in got.values() if answer.status_code == 403]
    assert all("您的账号不能进入这里" in page for page in refused)


@pytest.mark.django_db
def test_whoever_is_not_signed_in_is_sent_to_sign_in():
    for (name, method), answer in answers(Client()).items():
        assert answer.status_code == 302, (name, method)
        assert answer.url == f"{reverse('sign-in')}?next={GUARDED[name]}"


def test_whoever_has_no_role_is_told_so_by_every_method(stranger):
    assert {answer.status_code for answer in answers(stranger).values()} == {403}


def test_a_business_systems_account_is_nobody_at_the_pages(unit):
    assert {answer.status_code for answer in answers(of("machine", unit)).values()} == {302}


def test_whoever_is_switched_off_is_out_at_once(office, clerk):
    clerk.is_active = False
    clerk.save()

    assert {answer.status_code for answer in answers(office).values()} == {302}


@pytest.mark.parametrize("role", [*EVERYBODY, "nobody"])
def test_whoever_is_of_a_closed_unit_is_out_at_once(role, unit):
    client = of(role, unit)
    Unit.objects.update(is_active=False)

    assert {answer.status_code for answer in answers(client, "get").values()} == {302}


def test_a_business_system_cannot_sign_in_even_with_its_password(db):
    User.objects.create_user("system", password="correct horse battery", role="machine")

    answer = Client().post(reverse("sign-in"), {"username": "system", "password": "correct horse battery"})

    assert "这个账号是给业务系统用的" in answer.content.decode()


def test_each_goes_only_where_the_role_allows_and_is_led_nowhere_else(office, clerk, batch, monkeypatch):
    monkeypatch.setitem(ROLES, "reader", Role("reader", "查看员", "只看首页。", frozenset({"office.enter"})))
    clerk.role = "reader"
    clerk.save()

    got = answers(office, "get")

    assert [name for (name, _), answer in got.items() if answer.status_code != 403] == ["home", "password", "kept"]
    page = office.get(reverse("home")).content.decode()
    assert "/city" not in page and "/batches" not in page


@pytest.mark.parametrize("role", sorted(OFFICE))
def test_the_menu_leads_nowhere_that_is_closed(role, unit):
    client = of(role, unit)
    page = client.get(reverse("home"))

    led = {word.to for word in (*page.context["functions"], *page.context["desk"]) if word.to}
    assert led
    assert {client.get(reverse(to)).status_code for to in led} == {200}


# ---- What nobody types --------------------------------------------------------------------------------------------

NUL = "92231123\0"
FIELDS = [
    "q",
    "by",
    "verb",
    "person",
    "unit",
    "subject",
    "day",
    "name",
    "role",
    "reason",
    "text",
    "kind",
    "month",
    "area",
    "note",
    "username",
    "page",
    "state",
]


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_nul_in_a_question_is_a_bad_request_and_no_fault_of_ours(role, unit):
    client = of(role, unit)
    asked = dict.fromkeys(FIELDS, NUL)

    for name, where in GUARDED.items():
        if role in WHO[name]:
            assert client.get(where, asked).status_code == 400, name
            # What takes a file in bounds it before it reads the rest, and keeps none of its words.
            assert client.post(where, asked).status_code in ((405, 422) if name == "send" else (400,)), name
            if where != (odd := where.replace("/1", "/%00")) and "<int" not in str(PATTERNS[name].pattern):
                assert client.get(odd).status_code in (400, 404), name


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["sign-in", "sign-out", "type-size"])
def test_a_nul_at_an_open_door_is_no_fault_of_ours_either(name):
    said = {"username": NUL, "password": NUL, "back": NUL}

    assert Client().post(reverse(name), said).status_code < 500
    assert Client().get(reverse(name), {"next": NUL}).status_code < 500


# ---- Another unit ------------------------------------------------------------------------------------------------

OF_A_UNIT = {
    "batch": "get",
    "batch-progress": "get",
    "feedback": "get",
    "batch-original": "get",
    "batch-confirm": "post",
    "batch-drop": "post",
    "batch-undo": "post",
    "quality-unit": "get",
}
"""Addresses with a number of something that is a unit's → how one knocks."""


@pytest.mark.parametrize("name", OF_A_UNIT)
@pytest.mark.parametrize("role", ["department", "county"])
def test_what_is_another_units_is_not_there(name, role, db):
    own, other, elsewhere = (
        Unit.objects.create(name=f"演示市{number}局", area=area)
        for number, area in enumerate(["230403", "230403", "230402"])
    )
    foreign = elsewhere if role == "county" else other
    number = foreign.pk if name == "quality-unit" else make_batch(unit=foreign, state="checked").pk
    client = Client()
    client.force_login(User.objects.create(username="x", role=role, unit=own))

    answer = getattr(client, OF_A_UNIT[name])(reverse(name, args=[number]))

    assert answer.status_code == (404 if role in WHO[name] else 403)
