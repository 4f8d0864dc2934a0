"""The page behind an invitation: choose an account name and a password, and be in."""

from __future__ import annotations

import re
from typing import Final

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chengxin.credit.publishing.city import face
from chengxin.people import invitations, queries
from chengxin.people.invitations import Gone
from chengxin.people.models import Invitation, User
from chengxin.people.roles import ROLES
from chengxin.people.trail import Refused
from chengxin.portals.department.password import SENTENCES

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a link opens, and open it. A wrong link and one that was used are answered alike."""
    found = queries.invitation(token, at=timezone.now()) if TOKEN.fullmatch(token) else None
    if found is None:
        return _gone(request)
    if request.method != "POST":
        return _page(request, found, "", {})
    username = found.username or request.POST.get("username", "").strip()
    password = request.POST.get("password", "")
    faults = _faults(username, password, request.POST.get("again", ""), found)
    if not faults:
        try:
            user = invitations.accept(token=token, username=username, password=password, at=timezone.now())
        except Gone:
            return _gone(request)
        except Refused as refusal:
            faults["username"] = str(refusal)
    if faults:
        return _page(request, found, username, faults)
    login(request, user, backend="chengxin.people.entry.Accounts")
    messages.success(request, f"密码已设好，您的账号名是 {user.username}。下次用账号名和密码登录。")
    return redirect("home")


def _faults(username: str, password: str, again: str, found: Invitation) -> dict[str, str]:
    faults = {}
    if not username:
        faults["username"] = "请起一个账号名。"
    if not password:
        return faults | {"password": "请填写密码。"}
    try:
        validate_password(password, User(username=username, first_name=found.name))
    except ValidationError as error:
        faults["password"] = " ".join(SENTENCES.get(one.code or "", one.messages[0]) for one in error.error_list)
    if again != password:
        faults["again"] = "两次输入的密码不一样，请重新输入。"
    return faults


def _page(request: HttpRequest, found: Invitation, username: str, faults: dict[str, str]) -> HttpResponse:
    context = {
        "city": face().city,
        "link": found,
        "role": ROLES[found.role],
        "username": found.username or username,
        "faults": faults,
    }
    return render(request, "department/join.html", context, status=422 if faults else 200)


def _gone(request: HttpRequest) -> HttpResponse:
    context = {"city": face().city, "days": invitations.GOOD_FOR.days}
    return render(request, "department/join_gone.html", context, status=404)
