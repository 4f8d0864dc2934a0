"""人员: invited by a link, changed, closed; the page behind the link."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengxin.people.models import Invitation, Trail, Unit, User
from tests.portals.conftest import PASSWORD

pytestmark = pytest.mark.django_db
GOOD = {"username": "lilei", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def unit():
    return Unit.objects.create(name="演示市交通运输局")


@pytest.fixture
def person(unit):
    return User.objects.create_user("hanmei", role="department", unit=unit, name="韩梅")


def link_in(answer):
    return re.search(r"/join/[A-Za-z0-9_-]+", answer.content.decode())[0]


@pytest.fixture
def link(office, unit):
    return link_in(office.post(reverse("invite"), {"name": "李雷", "role": "department", "unit": unit.pk}))


def test_whoever_gets_the_link_chooses_name_and_password_and_is_in(link, unit):
    visitor = Client()
    page = visitor.get(link).content.decode()
    assert "李雷，您好" in page and "演示市交通运输局" in page

    assert visitor.post(link, GOOD).url == reverse("home")

    page = visitor.get(reverse("home")).content.decode()
    assert "您的账号名是 lilei" in page
    user = User.objects.get(username="lilei")
    assert (user.role, user.unit, user.name) == ("department", unit, "李雷")
    again = Client()
    assert again.post(reverse("sign-in"), {"username": "lilei", "password": PASSWORD}).url == reverse("home")


def test_the_link_is_shown_once_and_listed_without_its_secret(office, link):
    page = office.get(reverse("people")).content.decode()

    assert "李雷" in page and link not in page and "/join/" not in page


@pytest.mark.parametrize("why", ["wrong", "used", "late", "taken back", "not a link"])
def test_a_link_that_opens_nothing_says_the_same_whatever_the_reason(office, link, why):
    if why == "wrong":
        link = f"/join/{'A' * 32}"
    elif why == "not a link":
        link = "/join/etc"
    elif why == "used":
        Client().post(link, GOOD)
    elif why == "late":
        Invitation.objects.update(expires_at=timezone.now())
    else:
        office.post(reverse("link-end", args=[Invitation.objects.get().pk]))

    answers = [Client().get(link), Client().post(link, GOOD)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers}) == 1
    assert "链接打不开" in answers[0].content.decode()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"username": ""}, "请起一个账号名"),
        ({"username": "a b"}, "账号名只能用"),
        ({"username": "wangmin"}, "已经有人用了"),
        ({"password": ""}, "请填写密码"),
        ({"password": "short", "again": "short"}, "不足 10 个字符"),
        ({"password": "password1234", "again": "password1234"}, "太常见"),
        ({"again": "something else"}, "两次输入的密码不一样"),
    ],
)
def test_what_is_wrong_is_told_and_the_link_stays_good(link, said, why):
    answer = Client().post(link, GOOD | said)

    assert answer.status_code == 422 and why in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert Client().post(link, GOOD).status_code == 302


def test_a_link_takes_over_no_session_of_somebody_else(office, link):
    assert office.post(link, GOOD).status_code == 302

    assert "lilei" in office.get(reverse("home")).content.decode()
    assert office.get(reverse("units")).status_code == 403, "the clerk's rights are gone with the clerk's session"


def test_somebody_gets_a_fresh_link_for_a_lost_password(office, person):
    link = link_in(office.post(reverse("person-link", args=[person.pk])))

    visitor = Client()
    assert "hanmei" in visitor.get(link).content.decode()
    assert visitor.post(link, {"password": PASSWORD, "again": PASSWORD}).url == reverse("home")
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_role_and_unit_are_changed_and_the_account_closed_and_opened(office, person, unit):
    other = Unit.objects.create(name="工农区信用办", area="230403")
    office.post(reverse("person", args=[person.pk]), {"name": "韩梅梅", "role": "county", "unit": other.pk})
    person.refresh_from_db()
    assert (person.role, person.unit, person.name) == ("county", other, "韩梅梅")
    assert Trail.objects.latest("id").detail == {"role": ["department", "county"], "unit": [unit.pk, other.pk]}

    office.post(reverse("person-close", args=[person.pk]))
    assert not User.objects.get(pk=person.pk).is_active
    assert "hanmei" in office.get(reverse("people"), {"closed": 1}).content.decode()
    office.post(reverse("person-close", args=[person.pk]))
    assert User.objects.get(pk=person.pk).is_active


@pytest.mark.parametrize("role", ["auditor", "keeper", "credit_office", "command", "mayor", ""])
def test_a_clerk_gives_no_role_beyond_a_departments_and_a_countys(office, person, unit, role):
    answers = [
        office.post(reverse("person", args=[person.pk]), {"name": "韩梅", "role": role, "unit": unit.pk}),
        office.post(reverse("invite"), {"name": "李雷", "role": role, "unit": unit.pk}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert User.objects.get(pk=person.pk).role == "department" and not Invitation.objects.exists()


def test_a_clerk_sees_an_auditors_account_and_cannot_touch_it(office):
    auditor = User.objects.create_user("shen", role="auditor")

    page = office.get(reverse("person", args=[auditor.pk])).content.decode()
    assert "不由您管理" in page and "停用这个账号" not in page
    for name in ("person-close", "person-link"):
        office.post(reverse(name, args=[auditor.pk]))
    assert User.objects.get(pk=auditor.pk).is_active and not Invitation.objects.exists()


def test_ones_own_account_says_where_to_change_it(office, clerk):
    assert "这是您自己的账号" in office.get(reverse("person", args=[clerk.pk])).content.decode()


def test_the_list_asks_a_constant_number_of_times(office, unit, django_assert_max_num_queries):
    User.objects.bulk_create(User(username=f"u{n:03}", role="department", unit=unit) for n in range(120))
    now = timezone.now()
    Invitation.objects.bulk_create(
        Invitation(
            digest=f"{n}",
            unit=unit,
            role="department",
            name=f"甲{n}",
            by="w",
            made_at=now,
            expires_at=now + timedelta(days=1),
        )
        for n in range(30)
    )

    with django_assert_max_num_queries(12):
        page = office.get(reverse("people")).content.decode()
    assert "共 3 页" in page and "甲29" in page
    found = office.get(reverse("people"), {"q": "u007"}).content.decode()
    assert "u007" in found and "u008" not in found


def test_people_of_businesses_are_nobodys_here(office, clerk):
    User.objects.create(username="b-1", role="business", name="李国强")
    page = office.get(reverse("people")).content.decode()

    assert "李国强" not in page and "b-1" not in page
    number = User.objects.get(username="b-1").pk
    assert office.get(reverse("person", args=[number])).status_code == 404
    assert office.post(reverse("person-close", args=[number])).status_code == 404
    assert office.post(reverse("person-link", args=[number])).status_code == 404
