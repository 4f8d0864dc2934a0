"""Invitations: a link that opens one account once, or gives one that stands a new password.

The link is 192 random bits, told once to whoever makes it; only its digest is kept. Nobody guesses one, so a wrong
link costs one look at an index and is answered like one that was used.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from chengxin.people import trail
from chengxin.people.actions import admit, check_gives, check_unit, may_change
from chengxin.people.models import Invitation, Unit, User
from chengxin.people.queries import digest, open_invitations
from chengxin.people.roles import gives
from chengxin.people.trail import Actor, Refused

GOOD_FOR: Final = timedelta(days=7)
"""A week holds five working days: long enough for whoever is away for some, short enough for a link left in a chat."""
OPEN_AT_MOST: Final = 1000
"""Links open at a time: more than a city has people to invite, and a bound on what a stolen session can make."""


class Gone(Refused):
    """The link opens nothing: it was used, its time is over, it was taken back, or there never was such a link."""


@transaction.atomic
def invite(*, role: str, unit: int | None, name: str, by: Actor, at: datetime) -> str:
    """Make a link that opens an account in a role for a unit, and return what stands in it. It is told once.

    :raises Refused: the role is not for this person to give, or needs a unit; the name is missing.
    """
    check_gives(by, role)
    standing = _unit(unit)
    check_unit(role, standing)
    name = " ".join(name.split())
    if not 2 <= len(name) <= 60:
        raise Refused("请写被邀请人的姓名，2 至 60 个字。")
    return _make(role=role, unit=standing, name=name, username="", by=by, at=at)


@transaction.atomic
def invite_again(*, user: int, by: Actor, at: datetime) -> str:
    """Make a link by which the owner of an account chooses a new password; earlier ones for it end.

    :raises Refused: there is no such account in use, or it is not this person's to change.
    """
    found = User.objects.select_for_update().filter(pk=user, is_active=True).first()
    if found is None or not may_change(by, found):
        raise Refused("不能给这个账号发链接：它已停用，或不由您管理。")
    unit = _unit(found.unit_id)
    check_unit(found.role, unit)
    Invitation.objects.filter(username=found.username, ended_at=None).update(ended_at=at)
    return _make(role=found.role, unit=unit, name=found.name, username=found.username, by=by, at=at)


@transaction.atomic
def take_back(*, invitation: int, by: Actor, at: datetime) -> None:
    """End a link before anybody uses it.

    :raises Refused: it is used, over or taken back already, or was made for a role that is not this person's to give.
    """
    found = Invitation.objects.select_for_update().filter(pk=invitation, ended_at=None).first()
    if found is None or not gives(by.role, found.role):
        raise Refused("这个链接已经用过、过期或收回了。")
    Invitation.objects.filter(pk=found.pk).update(ended_at=at)
    trail.note(by=by, verb="invitation.end", thing=f"invitation {found.pk}", at=at)


@transaction.atomic
def accept(*, token: str, username: str, password: str, at: datetime) -> User:
    """Open the account behind a link, or give it its new password, and return it. Of two at once one wins.

    :raises Gone: the link opens nothing.
    :raises Refused: the account name is none, or somebody has it.
    """
    found = Invitation.objects.select_for_update().filter(digest=digest(token), ended_at=None).first()
    if found is None or found.expires_at <= at:
        raise Gone("这个链接不能用了。")
    if found.unit is not None and not found.unit.is_active:
        raise Gone("这个链接不能用了。")
    if found.username:
        user = _given_another_password(found.username, password)
    else:
        user = admit(
            username=username,
            role=found.role,
            unit=found.unit_id,
            name=found.name,
            password=password,
            by=Actor(username, found.role),
            at=at,
        )
    Invitation.objects.filter(pk=found.pk).update(ended_at=at, username=user.username)
    trail.note(
        by=Actor(user.username, user.role),
        verb="password.reset" if found.username else "invitation.accept",
        thing=f"invitation {found.pk}",
        at=at,
    )
    return user


def _given_another_password(username: str, password: str) -> User:
    user = User.objects.select_for_update().filter(username=username, is_active=True).first()
    if user is None:
        raise Gone("这个链接不能用了。")
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def _make(*, role: str, unit: Unit | None, name: str, username: str, by: Actor, at: datetime) -> str:
    if open_invitations(at=at).count() >= OPEN_AT_MOST:
        raise Refused(f"还没用的链接已有 {OPEN_AT_MOST:,} 个，请先收回不用的。")
    token = secrets.token_urlsafe(24)
    made = Invitation.objects.create(
        digest=digest(token),
        unit=unit,
        role=role,
        name=name,
        username=username,
        by=by.name,
        made_at=at,
        expires_at=at + GOOD_FOR,
    )
    trail.note(
        by=by,
        verb="password.link" if username else "invitation.make",
        thing=f"invitation {made.pk}",
        at=at,
        detail={"role": role, "unit": unit.pk if unit else None, **({"user": username} if username else {})},
    )
    return token


def _unit(unit: int | None) -> Unit | None:
    if unit is None:
        return None
    # Held until the end: a unit that is being closed is waited for.
    found = Unit.objects.select_for_update(no_key=True).filter(pk=unit).first()
    if found is None:
        raise Refused("没有这个单位。")
    return found
