"""Invitations: a link opens one account, once, for a week; nobody gives more than their role may give."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from chengxin.people import invitations, queries, units
from chengxin.people.actions import change_account, close_account, enrol, open_account, reopen_account
from chengxin.people.invitations import GOOD_FOR, Gone
from chengxin.people.models import Invitation, Trail, User
from chengxin.people.roles import ROLES
from chengxin.people.trail import Actor, Refused
from chengxin.people.units import Facts
from tests.people.test_directory import AT, DATA, ROOT

pytestmark = pytest.mark.django_db
CLERK = Actor("wangmin", "credit_office")
KEEPER = Actor("keeper", "keeper")
PASSWORD = "correct horse battery"


@pytest.fixture
def unit():
    return units.add(facts=Facts("演示市数据局", uscc=DATA, area="230403"), by=ROOT, at=AT)


def invite(unit, *, role="department", by=CLERK, name="李雷"):
    return invitations.invite(role=role, unit=unit and unit.pk, name=name, by=by, at=AT)


def accept(token, username="lilei", at=AT):
    return invitations.accept(token=token, username=username, password=PASSWORD, at=at)


def test_a_link_opens_the_account_that_was_promised(unit):
    user = accept(invite(unit))

    assert (user.username, user.role, user.unit, user.name) == ("lilei", "department", unit, "李雷")
    assert user.check_password(PASSWORD)
    assert list(Trail.objects.order_by("id").values_list("verb", "by"))[-3:] == [
        ("invitation.make", "wangmin"),
        ("account.make", "lilei"),
        ("invitation.accept", "lilei"),
    ]


def test_what_is_kept_cannot_be_used(unit):
    token = invite(unit)

    kept = Invitation.objects.get()
    assert token not in kept.digest and len(token) == 32
    assert token not in str(list(Trail.objects.values_list("detail", "thing")))
    assert "李雷" not in str(list(Trail.objects.values_list("detail", "thing"))), "no personal data in the trail"


def test_a_link_is_good_once(unit):
    token = invite(unit)
    accept(token)

    with pytest.raises(Gone):
        accept(token, "another")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("later", "is_good"), [(GOOD_FOR - timedelta(seconds=1), True), (GOOD_FOR, False)], ids=["in time", "late"]
)
def test_a_link_is_good_for_a_week(unit, later, is_good):
    token = invite(unit)

    assert (queries.invitation(token, at=AT + later) is not None) is is_good
    if not is_good:
        with pytest.raises(Gone):
            accept(token, at=AT + later)


def test_a_link_that_was_taken_back_opens_nothing(unit):
    token = invite(unit)
    invitations.take_back(invitation=Invitation.objects.get().pk, by=KEEPER, at=AT)

    with pytest.raises(Gone):
        accept(token)
    with pytest.raises(Refused, match="已经用过、过期或收回"):
        invitations.take_back(invitation=Invitation.objects.get().pk, by=KEEPER, at=AT)


def test_a_link_for_a_unit_that_was_closed_opens_nothing(unit):
    token = invite(unit)
    units.close(unit=unit.pk, by=ROOT, at=AT)

    with pytest.raises(Gone):
        accept(token)


def test_an_account_name_that_is_taken_leaves_the_link_good(unit):
    User.objects.create_user("lilei", role="department", unit=unit)
    token = invite(unit)

    with pytest.raises(Refused, match="已经有人用了"):
        accept(token)
    with pytest.raises(Refused, match="账号名只能用"):
        accept(token, "a b")
    assert accept(token, "lilei2").username == "lilei2"


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins(unit):
    token, won = invite(unit), []
    both = threading.Barrier(2)

    def use(name):
        both.wait()
        try:
            won.append(accept(token, name).username)
        except Gone:
            won.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(name is None for name in won) == [False, True]
    assert User.objects.count() == 1


# ---- Who gives what ----------------------------------------------------------------------------------------------

GIVES = {
    "keeper": {"credit_office", "county", "department", "place", "auditor"},
    "credit_office": {"county", "department", "place"},
    "county": set(),
    "department": set(),
    "place": set(),
    "auditor": set(),
    "machine": set(),
    "business": set(),
    "command": {"credit_office", "county", "department", "place", "auditor", "machine"},
}


@pytest.mark.parametrize("giver", ROLES)
@pytest.mark.parametrize("given", ROLES)
def test_each_gives_the_roles_on_the_list_and_no_other(unit, giver, given):
    by = Actor("giver", giver)
    if given in GIVES[giver]:
        assert invite(unit, role=given, by=by)
        assert enrol(username="x", role=given, unit=unit.pk, name="", by=by, at=AT)
        return
    for act in (
        lambda: invite(unit, role=given, by=by),
        lambda: enrol(username="x", role=given, unit=unit.pk, name="", by=by, at=AT),
        lambda: open_account(username="x", role=given, password=PASSWORD, unit=unit.pk, by=by, at=AT),
    ):
        with pytest.raises(Refused):
            act()
    assert not User.objects.exists() and not Invitation.objects.exists()


@pytest.mark.parametrize("giver", [role for role in ROLES if role != "command"])
@pytest.mark.parametrize("held", [role for role in ROLES if role != "keeper"])
def test_nobody_touches_an_account_of_a_role_that_they_do_not_give(unit, giver, held):
    by = Actor("giver", giver)
    user = User.objects.create_user("other", role=held, unit=unit)
    acts = (
        lambda: invitations.invite_again(user=user.pk, by=by, at=AT),
        lambda: change_account(user=user.pk, role=held, unit=unit.pk, name="新名", by=by, at=AT),
        lambda: close_account(username="other", by=by, at=AT),
        lambda: reopen_account(user=user.pk, by=by, at=AT),
    )
    for act in acts:
        if held in GIVES[giver]:
            act()
        else:
            with pytest.raises(Refused):
                act()
    assert User.objects.get().name == ("新名" if held in GIVES[giver] else "")


def test_three_keep_each_other_apart():
    assert not any(role.gives & {"keeper", "command"} for role in ROLES.values())
    assert [role.name for role in ROLES.values() if "auditor" in role.gives] == ["keeper", "command"]
    keeper, auditor = ROLES["keeper"], ROLES["auditor"]
    business = {"batch.see", "queue.see", "quality.see", "subject.look", "fake.see"}
    assert not keeper.may & business and not auditor.may & business
    assert keeper.sees == auditor.sees == "nothing"
    assert "trail.see" in auditor.may and "trail.see" not in keeper.may
    assert all("trail.see" not in role.may for role in ROLES.values() if role.name != "auditor")


def test_nobody_changes_or_closes_their_own_account(unit):
    user = User.objects.create_user("boss", role="department", unit=unit)
    by = Actor("boss", "credit_office")

    for act in (
        lambda: change_account(user=user.pk, role="county", unit=unit.pk, name="", by=by, at=AT),
        lambda: close_account(username="boss", by=by, at=AT),
        lambda: invitations.invite_again(user=user.pk, by=by, at=AT),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize(
    ("role", "area", "has_unit", "why"),
    [
        ("department", "", False, "要选一个单位"),
        ("county", "", False, "要选一个单位"),
        ("county", "", True, "要有管辖区"),
        ("county", "230403", True, None),
        ("department", "", True, None),
        ("credit_office", "", False, None),
    ],
)
def test_a_role_that_sees_by_unit_or_area_needs_one(role, area, has_unit, why):
    standing = units.add(facts=Facts("演示市数据局", area=area), by=ROOT, at=AT) if has_unit else None
    if why is None:
        assert invite(standing, role=role, by=KEEPER)
    else:
        with pytest.raises(Refused, match=why):
            invite(standing, role=role, by=KEEPER)


@pytest.mark.parametrize("name", ["", "李", "长" * 61])
def test_an_invitation_names_somebody(unit, name):
    with pytest.raises(Refused, match="姓名"):
        invite(unit, name=name)


# ---- A lost password ---------------------------------------------------------------------------------------------


def test_a_fresh_link_gives_a_new_password_and_ends_the_one_before(unit):
    user = enrol(username="lilei", role="department", unit=unit.pk, name="李雷", by=CLERK, at=AT)
    first = invitations.invite_again(user=user.pk, by=CLERK, at=AT)
    second = invitations.invite_again(user=user.pk, by=CLERK, at=AT)

    with pytest.raises(Gone):
        accept(first)
    assert accept(second, "somebody else").username == "lilei", "the account is the link's, not the form's"
    assert User.objects.get().check_password(PASSWORD)
    assert Trail.objects.latest("id").verb == "password.reset"


def test_a_closed_account_gets_no_link_and_its_link_opens_nothing(unit):
    user = enrol(username="lilei", role="department", unit=unit.pk, name="", by=CLERK, at=AT)
    token = invitations.invite_again(user=user.pk, by=CLERK, at=AT)
    close_account(username="lilei", by=CLERK, at=AT)

    with pytest.raises(Refused, match="不能给这个账号发链接"):
        invitations.invite_again(user=user.pk, by=CLERK, at=AT)
    with pytest.raises(Gone):
        accept(token)
    reopen_account(user=user.pk, by=CLERK, at=AT)
    with pytest.raises(Gone):
        accept(token)


def test_a_link_does_not_outlive_the_role_that_it_was_made_for(unit):
    """三员分立: who may reset a clerk of a unit may not become the auditor that this clerk is made."""
    user = enrol(username="lilei", role="department", unit=unit.pk, name="", by=CLERK, at=AT)
    token = invitations.invite_again(user=user.pk, by=CLERK, at=AT)
    change_account(user=user.pk, role="department", unit=unit.pk, name="李雷", by=KEEPER, at=AT)
    assert queries.invitation(token, at=AT), "another name is the same person"

    change_account(user=user.pk, role="auditor", unit=None, name="", by=KEEPER, at=AT)

    assert queries.invitation(token, at=AT) is None
    with pytest.raises(Gone):
        accept(token)


def test_links_are_not_made_without_end(unit, monkeypatch):
    monkeypatch.setattr(invitations, "OPEN_AT_MOST", 1)
    invite(unit)

    with pytest.raises(Refused, match="请先收回"):
        invite(unit)
