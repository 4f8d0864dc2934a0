"""Accounts: the keeper's is made once and never silently changed; all others are opened and closed by it."""

from datetime import UTC, datetime

import pytest

from chengxin.people.actions import KEEPER, close_account, make_keeper, open_account
from chengxin.people.models import Trail, Unit, User
from chengxin.people.trail import Actor, Refused

AT = datetime(2026, 4, 1, tzinfo=UTC)
ROOT = Actor("root", "command")

pytestmark = pytest.mark.django_db


def test_the_keeper_can_sign_in_with_the_password_given():
    assert make_keeper(password="first password", by=ROOT, at=AT)

    keeper = User.objects.get(username=KEEPER)
    assert keeper.check_password("first password")
    assert (keeper.role, keeper.is_superuser, keeper.is_staff) == ("keeper", False, False)


def test_a_second_start_leaves_the_password_alone():
    make_keeper(password="first password", by=ROOT, at=AT)

    assert not make_keeper(password="second password", by=ROOT, at=AT)
    assert User.objects.get(username=KEEPER).check_password("first password")
    assert Trail.objects.count() == 1


def test_a_lost_password_is_reset_and_the_account_opened_again():
    make_keeper(password="first password", by=ROOT, at=AT)
    User.objects.filter(username=KEEPER).update(is_active=False, role="nobody")

    assert make_keeper(password="second password", by=ROOT, at=AT, reset=True)

    keeper = User.objects.get(username=KEEPER)
    assert keeper.check_password("second password")
    assert (keeper.is_active, keeper.role) == (True, "keeper")
    assert list(Trail.objects.order_by("id").values_list("verb", flat=True)) == ["keeper.make", "keeper.reset"]


def test_a_place_has_a_unit_with_a_code_of_its_own_to_be_told_from_those_of_its_shops():
    mall = Unit.objects.create(name="松岭里商场")
    with pytest.raises(Refused, match="要有统一社会信用代码"):
        open_account(username="mall", role="place", password="first password", unit=mall.pk, by=ROOT, at=AT)
    with pytest.raises(Refused, match="要选一个单位"):
        open_account(username="mall", role="place", password="first password", by=ROOT, at=AT)

    Unit.objects.update(uscc="91230402MA1CTE5752")
    assert open_account(username="mall", role="place", password="first password", unit=mall.pk, by=ROOT, at=AT)


# ---- Everybody else ----------------------------------------------------------------------------------------------


def test_an_account_is_opened_in_a_role_and_can_sign_in():
    assert open_account(username="张三", role="credit_office", password="first password", by=ROOT, at=AT)

    user = User.objects.get(username="张三")
    assert user.check_password("first password")
    assert (user.role, user.is_superuser, user.is_staff, user.is_active) == ("credit_office", False, False, True)
    assert Trail.objects.get().detail == {"role": "credit_office", "unit": None, "password": True}


def test_an_account_that_stands_keeps_its_password_unless_it_gets_another():
    open_account(username="张三", role="credit_office", password="first password", by=ROOT, at=AT)

    assert not open_account(username="张三", role="credit_office", password=None, by=ROOT, at=AT)
    assert User.objects.get(username="张三").check_password("first password")
    assert not open_account(username="张三", role="credit_office", password="second password", by=ROOT, at=AT)
    assert User.objects.get(username="张三").check_password("second password")


def test_a_closed_account_signs_in_no_more_until_it_is_opened_again(client):
    open_account(username="张三", role="credit_office", password="first password", by=ROOT, at=AT)
    client.force_login(User.objects.get(username="张三"))
    assert client.get("/").status_code == 200

    close_account(username="张三", by=ROOT, at=AT)

    assert client.get("/").status_code == 302, "whoever is signed in is signed out"
    answer = client.post("/sign-in", {"username": "张三", "password": "first password"})
    assert answer.status_code == 200, "the form comes back"
    open_account(username="张三", role="credit_office", password=None, by=ROOT, at=AT)
    assert User.objects.get(username="张三").is_active


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"username": KEEPER}, "chengxin init"),
        ({"username": "a b"}, "账号名只能用"),
        ({"username": ""}, "账号名只能用"),
        ({"username": "x" * 151}, "账号名只能用"),
        ({"role": "keeper"}, "没有“keeper”这个角色"),
        ({"role": "command"}, "没有“command”这个角色"),
        ({"role": "mayor"}, "没有“mayor”这个角色"),
        ({"password": None}, "没有账号“张三”"),
    ],
)
def test_what_is_no_account_is_refused_in_a_sentence(said, why):
    account = {"username": "张三", "role": "credit_office", "password": "first password"} | said

    with pytest.raises(Refused, match=why):
        open_account(**account, by=ROOT, at=AT)
    assert not User.objects.exists() and not Trail.objects.exists()


def test_nobody_closes_the_keepers_account_or_one_that_is_not_there():
    make_keeper(password="first password", by=ROOT, at=AT)

    with pytest.raises(Refused, match="chengxin init"):
        close_account(username=KEEPER, by=ROOT, at=AT)
    with pytest.raises(Refused, match="没有账号"):
        close_account(username="nobody", by=ROOT, at=AT)
