"""Accounts: who may sign in, in which role, for which unit."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chengxin.people import trail
from chengxin.people.models import Invitation, Unit, User
from chengxin.people.roles import ROLES, gives
from chengxin.people.trail import Actor, Refused

KEEPER = "keeper"
"""The account name of the one who keeps the system: the first account, from which others follow."""
NAME_AT_MOST: Final = 60


@transaction.atomic
def make_keeper(*, password: str, by: Actor, at: datetime, reset: bool = False) -> bool:
    """Make the keeper's account with a password, and tell whether anything was done.

    An account that stands keeps the password it has, so that a second start does not undo what its owner chose;
    with `reset` it gets this one and can sign in again.
    """
    user, is_new = User.objects.select_for_update().get_or_create(username=KEEPER, defaults={"role": "keeper"})
    if not is_new and not reset:
        return False
    user.set_password(password)
    user.role, user.is_active = "keeper", True
    user.save(update_fields=["password", "role", "is_active"])
    trail.note(by=by, verb="keeper.make" if is_new else "keeper.reset", thing=f"user {KEEPER}", at=at)
    return True


@transaction.atomic
def open_account(
    *,
    username: str,
    role: str,
    password: str | None,
    by: Actor,
    at: datetime,
    unit: int | None = None,
    name: str = "",
) -> bool:
    """Open an account in a role, or open one that stands again in this role; tell whether it is new.

    `password` is the first one of a new account and a new one of one that stands; None leaves that of one that stands.
    `unit` None and `name` "" leave what stands.

    :raises Refused: the name or the role is none, the role is not for this person to give, it needs a unit and has
        none, the account is the keeper's, or a new one would have no password.
    """
    _check_name(username)
    check_gives(by, role)
    user = User.objects.select_for_update().filter(username=username).first()
    is_new = user is None
    if user is None:
        if password is None:
            raise Refused(f"没有账号“{username}”。")
        user = User(username=username)
    else:
        _check_standing(user, by)
    user.is_active = True
    if password is not None:
        user.set_password(password)
    _settle(user, role=role, unit=unit, name=name)
    trail.note(
        by=by,
        verb="account.make" if is_new else "account.change",
        thing=f"user {username}",
        at=at,
        detail={"role": role, "unit": user.unit_id, "password": password is not None},
    )
    return is_new


@transaction.atomic
def enrol(*, username: str, role: str, unit: int | None, name: str, by: Actor, at: datetime) -> User:
    """Open an account that nobody can sign in with yet: a link lets its owner choose the password.

    :raises Refused: as `open_account`, or there is such an account.
    """
    check_gives(by, role)
    return admit(username=username, role=role, unit=unit, name=name, password=None, by=by, at=at)


@transaction.atomic
def admit(
    *, username: str, role: str, unit: int | None, name: str, password: str | None, by: Actor, at: datetime
) -> User:
    """Open the account that somebody who may give its role has promised. Whether they may is the caller's to ask.

    :raises Refused: the name is none or taken, or the role needs a unit and has none.
    """
    _check_name(username)
    user = User(username=username)
    user.set_password(password)
    _settle(user, role=role, unit=unit, name=name)
    detail = {"role": role, "unit": user.unit_id, "password": password is not None}
    trail.note(by=by, verb="account.make", thing=f"user {username}", at=at, detail=detail)
    return user


@transaction.atomic
def change_account(*, user: int, role: str, unit: int | None, name: str, by: Actor, at: datetime) -> bool:
    """Give an account another role, unit or name, and tell whether anything changed. It stays signed in.

    :raises Refused: the role it has or is to have is not for this person to give, or needs a unit; or the account is
        this person's own.
    """
    found = _found(user, by)
    check_gives(by, role)
    before = (found.role, found.unit_id, found.name)
    _settle(found, role=role, unit=unit, name=name)
    if before == (found.role, found.unit_id, found.name):
        return False
    if before[0] != found.role:
        _end_links(found, at)
    detail = {"role": [before[0], found.role], "unit": [before[1], found.unit_id]}
    trail.note(by=by, verb="account.change", thing=f"user {found.username}", at=at, detail=detail)
    return True


@transaction.atomic
def close_account(*, username: str, by: Actor, at: datetime) -> None:
    """Let an account sign in no more; who is signed in with it is signed out. What it did stays in the trail.

    :raises Refused: there is no such account, it is the keeper's or this person's own, or its role is not for this
        person to take away.
    """
    _check_name(username)
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        raise Refused(f"没有账号“{username}”。")
    _check_standing(user, by)
    User.objects.filter(pk=user.pk).update(is_active=False)
    _end_links(user, at)
    trail.note(by=by, verb="account.close", thing=f"user {username}", at=at)


@transaction.atomic
def reopen_account(*, user: int, by: Actor, at: datetime) -> None:
    """Let a closed account sign in again, with the password it had.

    :raises Refused: its role is not for this person to give.
    """
    found = _found(user, by)
    if not found.is_active:
        User.objects.filter(pk=found.pk).update(is_active=True)
        trail.note(by=by, verb="account.reopen", thing=f"user {found.username}", at=at)


def _end_links(user: User, at: datetime) -> None:
    """End the links to a new password of an account: whoever got one got it for what the account was."""
    Invitation.objects.filter(username=user.username, ended_at=None).update(ended_at=at)


def may_change(by: Actor, user: User) -> bool:
    """Tell whether somebody may change, close or reset an account: one of a role that they give, and not their own."""
    return user.username not in (KEEPER, by.name) and gives(by.role, user.role)


def check_gives(by: Actor, role: str) -> None:
    """Refuse a role that this person may give to nobody."""
    if not gives(by.role, role):
        may_give = "、".join(f"{one.name} {one.label}" for one in ROLES.values() if gives(by.role, one.name))
        raise Refused(f"没有“{role}”这个角色可给，可用：{may_give or '无'}。")


def check_unit(role: str, unit: Unit | None) -> None:
    """Refuse a role without the unit that it sees by, and a unit that is closed."""
    label, sees = ROLES[role].label, ROLES[role].sees
    if unit is not None and not unit.is_active:
        raise Refused(f"“{unit.name}”已停用，请选一个在用的单位。")
    if sees in ("own", "place", "area") and unit is None:
        raise Refused(f"“{label}”要选一个单位：看得到哪些数据由单位决定。")
    if sees == "area" and unit is not None and not unit.area:
        raise Refused(f"“{label}”的单位要有管辖区，请先在单位名录里给“{unit.name}”写上。")
    if sees == "place" and unit is not None and not unit.uscc:
        raise Refused(
            f"“{label}”的单位要有统一社会信用代码，请先在单位名录里给“{unit.name}”写上：凭它认出哪个码是场所自己的。"
        )


def check_may(*, username: str, standing: User | None, role: str, unit: Unit, name: str, by: Actor) -> None:
    """Refuse what `enrol` or `change_account` would refuse, before anything is written."""
    _check_name(username)
    check_gives(by, role)
    if standing is not None:
        _check_standing(standing, by)
    check_unit(role, unit)
    if len(name) > NAME_AT_MOST:
        raise Refused(f"姓名最多 {NAME_AT_MOST} 个字。")


def _settle(user: User, *, role: str, unit: int | None, name: str) -> None:
    if unit is not None:
        # Held until the end: a unit that is being closed is waited for.
        user.unit = Unit.objects.select_for_update(no_key=True).filter(pk=unit).first()
        if user.unit is None:
            raise Refused("没有这个单位。")
    check_unit(role, user.unit)
    user.role = role
    user.name = " ".join(name.split()) or user.name
    if len(user.name) > NAME_AT_MOST:
        raise Refused(f"姓名最多 {NAME_AT_MOST} 个字。")
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Refused(f"账号名“{user.username}”已经有人用了，请换一个。") from error


def _found(user: int, by: Actor) -> User:
    found = User.objects.select_for_update().filter(pk=user).first()
    if found is None:
        raise Refused("没有这个账号。")
    _check_standing(found, by)
    return found


def _check_standing(user: User, by: Actor) -> None:
    if user.username == KEEPER:
        raise Refused("系统管理员的账号由 chengxin init 建立和重设。")
    if user.username == by.name:
        raise Refused("自己的账号请别的管理员来改；密码可以在右上角自己改。")
    # A role that is on no list any more belongs to whoever sits at the server.
    if user.role in ROLES and not gives(by.role, user.role):
        raise Refused(f"“{ROLES[user.role].label}”的账号不由您管理，请联系系统管理员。")


def _check_name(username: str) -> None:
    if username == KEEPER:
        raise Refused("系统管理员的账号由 chengxin init 建立和重设。")
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        raise Refused(f"账号名只能用汉字、字母、数字和 @ . + - _，最多 150 个字，“{username[:40]}”不行。") from error
