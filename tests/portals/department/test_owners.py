"""经营者: a lost telephone is replaced by whoever may decide about applications of that place, for a reason that is kept."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengxin.people import owners
from chengxin.people.models import Trail, Unit, User
from tests import make
from tests.portals.conftest import PASSWORD, bind, signed_in

pytestmark = pytest.mark.django_db
OLD, NEW = "+8613900000000", "+8613900000002"


@pytest.fixture
def li(db):
    user = owners.sign_up(name="李国强", number=OLD, at=timezone.now())
    owners.set_password(user=user.pk, password=PASSWORD, at=timezone.now())
    bind(user, make.subject(division="230402"))
    return user


def move(client, user, **changes):
    said = {"phone": "139 0000 0002", "why": "核对了身份证和营业执照原件"} | changes
    return client.post(reverse("owner", args=[user.pk]), said)


def test_the_account_gets_another_number_and_every_other_way_in_ends(office, li):
    Authenticator.objects.create(user=li, type="webauthn", data={"name": "丢了的手机", "credential": {}})
    theirs = Client()
    theirs.force_login(User.objects.get(pk=li.pk))
    assert "139****0000" in office.get(reverse("owner", args=[li.pk])).content.decode()

    assert move(office, li).url == reverse("owner", args=[li.pk])

    li.refresh_from_db()
    assert (owners.number_of(li), li.has_usable_password()) == (NEW, False)
    assert not Authenticator.objects.exists()
    assert theirs.get(reverse("my")).status_code == 302
    row = Trail.objects.latest("id")
    assert (row.verb, row.by, row.detail) == ("phone.move", "wangmin", {"why": "核对了身份证和营业执照原件"})
    assert "0002" not in str(list(Trail.objects.values())) and "李国强" not in str(list(Trail.objects.values()))


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"phone": "123"}, "11 位手机号码"),
        ({"why": ""}, "请写明核对了什么材料"),
        ({"why": "身份证 230402199003071233 核对无误"}, "不要写证件号码"),
        ({"phone": "+8613900000009"}, "已经用于另一个账号"),
    ],
    ids=["no number", "no reason", "an ID number in the reason", "another one's number"],
)
def test_what_will_not_do_is_said_beside_its_field(office, li, changes, sentence):
    owners.sign_up(name="王芳", number="+8613900000009", at=timezone.now())

    answer = move(office, li, **changes)

    assert answer.status_code == 422 and sentence in answer.content.decode().split('class="fault"', 1)[1]
    assert owners.number_of(li) == OLD


def test_a_county_sees_those_of_its_area_alone(li):
    def county(area):
        unit = Unit.objects.create(name=f"{area}信用办", area=area)
        return signed_in(User.objects.create(username=area, role="county", unit=unit))

    where = reverse("owner", args=[li.pk])
    assert (county("230402").get(where).status_code, county("230403").get(where).status_code) == (200, 404)


def test_only_people_of_businesses_are_there(office, clerk, li):
    alone = owners.sign_up(name="王芳", number="", at=timezone.now())

    assert {office.get(reverse("owner", args=[user.pk])).status_code for user in (clerk, alone)} == {404}
    owners.close(user=li.pk, at=timezone.now())
    assert office.get(reverse("owner", args=[li.pk])).status_code == 404
