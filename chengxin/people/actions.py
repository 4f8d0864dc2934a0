"""Accounts: who may sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from chengxin.people import trail
from chengxin.people.models import User
from chengxin.people.roles import ROLES
from chengxin.people.trail import Actor, Refused

KEEPER = "keeper"
"""The account name of the one who keeps the system: the first account, from which others follow."""

RESERVED: Final = frozenset({"keeper", "command"})
"""Roles that nobody is given: the one keeper's, and whoever sits at the command line."""


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
def open_account(*, username: str, role: str, password: str | None, by: Actor, at: datetime) -> bool:
    """Open an account in a role, or open one that stands again in this role; tell whether it is new.

    `password` is the first one of a new account and a new one of one that stands; None leaves that of one that stands.

    :raises Refused: the name or the role is none, or the account is the keeper's, or a new one would have no password.
    """
    _check_name(username)
    if role not in ROLES or role in RESERVED:
        raise Refused(f"没有“{role}”这个角色，可用：{'、'.join(name for name in ROLES if name not in RESERVED)}")
    user = User.objects.select_for_update().filter(username=username).first()
    is_new = user is None
    if user is None:
        if password is None:
            raise Refused(f"没有账号“{username}”。")
        user = User(username=username)
    user.role, user.is_active = role, True
    if password is not None:
        user.set_password(password)
    user.save()
    trail.note(
        by=by,
        verb="account.make" if is_new else "account.change",
        thing=f"user {username}",
        at=at,
        detail={"role": role, "password": password is not None},
    )
    return is_new


@transaction.atomic
def close_account(*, username: str, by: Actor, at: datetime) -> None:
    """Let an account sign in no more; who is signed in with it is signed out. What it did stays in the trail.

    :raises Refused: there is no such account, or it is the keeper's.
    """
    _check_name(username)
    if not User.objects.filter(username=username).update(is_active=False):
        raise Refused(f"没有账号“{username}”。")
    trail.note(by=by, verb="account.close", thing=f"user {username}", at=at)


def _check_name(username: str) -> None:
    if username == KEEPER:
        raise Refused("系统管理员的账号由 chengxin init 建立和重设。")
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        raise Refused(f"账号名只能用汉字、字母、数字和 @ . + - _，最多 150 个字，“{username[:40]}”不行。") from error
