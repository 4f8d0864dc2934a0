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
    lines = [(*line, " ".join(str(one) for one in form[line[0]].errors)) for line in LINES]
    context = {"lines": lines, "is_wrong": form.is_bound}
    return page(request, "department/password.html", context, at="", status=422 if form.is_bound else 200)
