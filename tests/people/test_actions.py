"""The keeper's account is made once and never silently changed."""

from datetime import UTC, datetime

import pytest

from chengxin.people.actions import KEEPER, make_keeper
from chengxin.people.models import Trail, User
from chengxin.people.trail import Actor

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
