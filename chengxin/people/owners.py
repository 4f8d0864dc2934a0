"""经营者的账号: opened by whoever holds a telephone or an e-licence, changed and closed by its owner alone.

Its name for the machine (`b-…`) is random and says nothing; its number stands in `people_phone` and nowhere else. What
somebody may do for which business follows from bindings, never from the account.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.models import F

from chengxin.people import bindings, trail
from chengxin.people.actions import NAME_AT_MOST
from chengxin.people.models import Phone, User
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

ROLE: Final = "business"
PASSKEYS_AT_MOST: Final = 10
NO_NUMBER: Final = "这不是手机号码：请写 11 位手机号码；境外号码写上国家代码，如 +7 912 345 67 89。"
TAKEN: Final = "这个号码已经用于另一个账号，请换一个号码，或退出后用它登录。"


def of_number(number: str) -> User | None:
    """Return whose account a number signs in, or None. A closed account has none."""
    found = Phone.objects.select_related("user").filter(number=number).first()
    return found.user if found is not None and is_owner(found.user) else None


def is_owner(user: User) -> bool:
    """Tell whether an account is one of a business's person that stands: no other is ever signed in at their door."""
    return user.role == ROLE and user.is_active


def number_of(user: User) -> str:
    """Return the number that somebody signs in with, or nothing."""
    return Phone.objects.filter(user=user).values_list("number", flat=True).first() or ""


def last_seen(user: User) -> datetime:
    """Return when somebody last signed in, or their number was last shown to be theirs, by themselves or to the office."""
    verified = Phone.objects.filter(user=user).values_list("verified_at", flat=True).first()
    return max(one for one in (user.last_login, user.date_joined, verified) if one is not None)


def is_asleep(user: User, *, at: datetime, after: timedelta) -> bool:
    """Tell whether an account was unused for so long that its number may be somebody else's by now.

    Operators give a number to somebody else some three months after it was given up.
    """
    return at - last_seen(user) > after


@transaction.atomic
def sign_up(*, name: str, number: str, former: User | None = None, at: datetime) -> User:
    """Open the account of somebody who proved that a number is theirs; `number` is empty where an e-licence proved more.

    `former` is whose number it was before the operator gave it to them: that account loses it, and nothing else.

    :raises Refused: the name is none, or the number has an account.
    """
    user = User(username=f"b-{secrets.token_hex(8)}", role=ROLE, name=named(name))
    user.set_unusable_password()
    user.save()
    if former is not None and Phone.objects.filter(user=former, number=number).delete()[0]:
        trail.note(by=actor(user), verb="phone.lose", thing=f"user {former.username}", at=at)
    if number:
        _give_number(user, number, at)
    trail.note(by=actor(user), verb="account.make", thing=f"user {user.username}", at=at, detail={"role": ROLE})
    return user


@transaction.atomic
def rename(*, user: int, name: str, at: datetime) -> None:
    """Call an account's owner by another name.

    :raises Refused: the name is none.
    """
    found = _held(user)
    found.name = named(name)
    found.save(update_fields=["name"])
    trail.note(by=actor(found), verb="account.change", thing=f"user {found.username}", at=at)


@transaction.atomic
def change_number(*, user: int, number: str, at: datetime) -> None:
    """Let an account sign in with another number, which its owner has proven.

    :raises Refused: the number has an account.
    """
    found = _held(user)
    _give_number(found, number, at)
    trail.note(by=actor(found), verb="phone.change", thing=f"user {found.username}", at=at)


@transaction.atomic
def set_password(*, user: int, password: str, at: datetime) -> User:
    """Set an account's password, or a first one, and return the account; its sessions elsewhere end."""
    found = _held(user)
    found.set_password(password)
    found.save(update_fields=["password"])
    trail.note(by=actor(found), verb="password.change", thing=f"user {found.username}", at=at)
    return found


@transaction.atomic
def end_sessions(*, user: int, at: datetime) -> User:
    """End every session of an account, and return it."""
    found = _end_sessions(_held(user))
    trail.note(by=actor(found), verb="sessions.end", thing=f"user {found.username}", at=at)
    return found


@transaction.atomic
def link(*, user: int, provider: str, name: str, at: datetime) -> User:
    """Let a provider elsewhere sign somebody in, by the name that it calls them by; return the account.

    :raises Refused: that name signs another account in.
    """
    found = _held(user)
    try:
        with transaction.atomic():
            SocialAccount.objects.create(user=found, provider=provider, uid=name)
    except IntegrityError as error:
        raise Refused("它已经用于另一个账号，请先退出，再用它登录。") from error
    trail.note(
        by=actor(found), verb="licence.link", thing=f"user {found.username}", at=at, detail={"provider": provider}
    )
    return found


@transaction.atomic
def unlink(*, user: int, provider: str, at: datetime) -> None:
    """Let a provider elsewhere sign somebody in no more."""
    found = _held(user)
    SocialAccount.objects.filter(user=found, provider=provider).delete()
    detail = {"provider": provider}
    trail.note(by=actor(found), verb="licence.unlink", thing=f"user {found.username}", at=at, detail=detail)


@transaction.atomic
def close(*, user: int, at: datetime) -> None:
    """Close an account: nobody signs in with it, it is bound to nothing, and its name and number are forgotten.

    What it did stays in the trail under its random name (个人信息保护法第四十七条: what is no longer needed is deleted).
    """
    found = _held(user)
    _forget_ways_in(found)
    Phone.objects.filter(user=found).delete()
    bindings.end_all(user=found, why="账号已注销", by=actor(found), at=at)
    found.name, found.is_active = "", False
    found.save(update_fields=["name", "is_active"])
    trail.note(by=actor(found), verb="account.close", thing=f"user {found.username}", at=at)


@transaction.atomic
def move_number(*, user: int, number: str, why: str, by: Actor, at: datetime) -> None:
    """Give an account that lost its telephone another number, by the office, after it has seen papers.

    Passkeys and the password may lie with whoever has the old telephone: they go, and every session ends. The new number
    proves itself when it signs in.

    :raises Refused: there is no such account, no reason is given or one with personal data, or the number has an account.
    """
    found = _held(user)
    said = " ".join(why.split())
    if not 4 <= len(said) <= 200:
        raise Refused("请写明核对了什么材料，4 至 200 个字。")
    if privacy.find(said):
        raise Refused("说明里不要写证件号码、手机号码：它会进入留痕，不能删改。")
    _give_number(found, number, at)
    _forget_ways_in(found)
    _end_sessions(found)
    trail.note(by=by, verb="phone.move", thing=f"user {found.username}", at=at, detail={"why": said})


def named(name: str) -> str:
    """Return a person's name as it is kept.

    :raises Refused: it is too short or too long.
    """
    said = " ".join(name.split())
    if not 2 <= len(said) <= NAME_AT_MOST or any(ord(sign) < 32 for sign in said):
        raise Refused(f"请写您的姓名，2 至 {NAME_AT_MOST} 个字。")
    return said


def actor(user: User) -> Actor:
    """Return who acts, for the trail."""
    return Actor(user.username, user.role)


def _held(user: int) -> User:
    found = User.objects.select_for_update().filter(pk=user, role=ROLE, is_active=True).first()
    if found is None:
        raise Refused("没有这个账号，或已注销。")
    return found


def _give_number(user: User, number: str, at: datetime) -> None:
    try:
        with transaction.atomic():
            Phone.objects.update_or_create(user=user, defaults={"number": number, "verified_at": at})
    except IntegrityError as error:
        raise Refused(TAKEN) from error


def _forget_ways_in(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()


def _end_sessions(user: User) -> User:
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])
    return user
