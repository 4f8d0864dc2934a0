"""Accounts: who may sign in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chengxin.people import trail
from chengxin.people.models import User
from chengxin.people.trail import Actor

KEEPER = "keeper"
"""The account name of the one who keeps the system: the first account, from which others follow."""


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
