"""One's own password: nobody else should know it, not even whoever made the account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chengxin.people import trail
from chengxin.people.models import User
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor

LINES = (
    ("old_password", "现在的密码", "", "current-password"),
    ("new_password1", "新密码", "至少 10 个字符，不要用常见的密码，也不要和账号相近。", "new-password"),
    ("new_password2", "再输一次新密码", "", "new-password"),
)

SENTENCES = {
    "required": "请填写。",
    "password_incorrect": "现在的密码不对，请重新输入。",
    "password_mismatch": "两次输入的新密码不一样，请重新输入。",
    "password_too_short": "新密码不足 10 个字符。",
    "password_too_common": "这个密码太常见，容易被猜中。",
    "password_too_similar": "新密码和账号太相近，容易被猜中。",
}
"""By Django's codes, in our words: its translations lag behind its releases."""


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Change the password of whoever is signed in, and end that person's sessions elsewhere."""
    assert isinstance(request.user, User)  # noqa: S101 — the gate lets nobody else in
    form = PasswordChangeForm(request.user, request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            user = form.save()
            trail.note(by=actor(request), verb="password.change", thing=f"user {user.username}", at=timezone.now())
        update_session_auth_hash(request, user)
        messages.success(request, "密码已更改。下次登录请用新密码；在别处登录的已退出。")
        return redirect("home")
    faults = _faults(form)
    lines = [(*line, " ".join(faults.get(line[0], ()))) for line in LINES]
    context = {"lines": lines, "is_wrong": form.is_bound}
    return page(request, "department/password.html", context, at="", status=422 if form.is_bound else 200)


def _faults(form: PasswordChangeForm) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, errors in form.errors.as_data().items():
        for error in errors:
            # Django tells what is wrong with the new password beside its repetition.
            is_weak = error.code in ("password_too_short", "password_too_common", "password_too_similar")
            sentence = SENTENCES.get(error.code or "", error.messages[0])
            found.setdefault("new_password1" if is_weak else name, []).append(sentence)
    return found
