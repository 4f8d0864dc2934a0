"""Who may be signed in: asked at the sign-in page and again at every request, so that whoever may no more is out at once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from chengxin.people.models import User
from chengxin.people.roles import ROLES


def why_not(user: User) -> str | None:
    """Return why somebody may not be signed in at the pages, in one sentence, or None."""
    if user.role in ROLES and not {"office.enter", "business.enter"} & ROLES[user.role].may:
        return "这个账号是给业务系统用的，不能登录页面。"
    if user.unit is not None and not user.unit.is_active:
        return "您所在的单位已停用，账号不能登录，请联系信用办。"
    return None


class Accounts(ModelBackend):
    """Django's accounts, with whoever may not be signed in taken for nobody."""

    def get_user(self, user_id: Any) -> User | None:
        """Return who a session belongs to, with the unit: what they see follows from it."""
        user = User.objects.select_related("unit").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) and why_not(user) is None else None
