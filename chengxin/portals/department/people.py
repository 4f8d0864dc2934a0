"""人员: who may sign in; invited by a link, changed, closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.people import actions, invitations, queries
from chengxin.people.models import Unit, User
from chengxin.people.roles import ROLES, Role, gives, may
from chengxin.people.trail import Actor, Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor

PEOPLE_A_PAGE: Final = 50
LINKS_SHOWN: Final = 100


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the people, and the links that nobody has used yet."""
    me, text, closed = actor(request), request.GET.get("q", "").strip()[:60], "closed" in request.GET
    may_invite = may(me.role, "account.invite")
    context = {
        "people": Paginator(queries.people(text=text, closed=closed), PEOPLE_A_PAGE).get_page(request.GET.get("page")),
        "text": text,
        "closed": closed,
        "links": [
            (link, gives(me.role, link.role)) for link in queries.open_invitations(at=timezone.now())[:LINKS_SHOWN]
        ]
        if may_invite
        else [],
        "may_invite": may_invite,
        "query": urlencode({"q": text} | ({"closed": "1"} if closed else {})) + "&",
    }
    return page(request, "department/people.html", context, at="people")


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Make a link for somebody who is to have an account, and show it: here and never again."""
    said = request.POST if request.method == "POST" else request.GET
    draft = {"name": said.get("name", "")[:80], "role": said.get("role", "department"), "unit": said.get("unit", "")}
    if request.method != "POST":
        return _invite_page(request, draft)
    try:
        token = invitations.invite(
            role=draft["role"], unit=_number(draft["unit"]), name=draft["name"], by=actor(request), at=timezone.now()
        )
    except Refused as refusal:
        return _invite_page(request, draft, str(refusal))
    return _link_page(request, token, name=draft["name"], is_new=True)


@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """End a link that nobody has used."""
    return _done(
        request,
        lambda by, at: invitations.take_back(invitation=number, by=by, at=at),
        "链接已收回，拿着它的人打不开了。",
        redirect("people"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show somebody's account; change role, unit and name."""
    user = get_object_or_404(User.objects.exclude(role="business").select_related("unit"), pk=number)
    if request.method != "POST":
        return _person_page(request, user, {"name": user.name, "role": user.role, "unit": str(user.unit_id or "")})
    said = request.POST
    draft = {"name": said.get("name", "")[:80], "role": said.get("role", ""), "unit": said.get("unit", "")}
    try:
        is_news = actions.change_account(
            user=user.pk,
            role=draft["role"],
            unit=_number(draft["unit"]),
            name=draft["name"],
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _person_page(request, user, draft, str(refusal))
    messages.success(request, "已保存，下一次点击就按新的角色和单位。") if is_news else messages.info(
        request, "没有改动。"
    )
    return redirect("person", number=user.pk)


@require_POST
def close(request: HttpRequest, number: int) -> HttpResponse:
    """Close an account, or let it sign in again."""
    user = get_object_or_404(User.objects.exclude(role="business"), pk=number)
    if user.is_active:
        return _done(
            request,
            lambda by, at: actions.close_account(username=user.username, by=by, at=at),
            f"账号 {user.username} 已停用，不能再登录，已登录的随即退出。",
            redirect("person", number=number),
        )
    return _done(
        request,
        lambda by, at: actions.reopen_account(user=number, by=by, at=at),
        f"账号 {user.username} 已重新启用。",
        redirect("person", number=number),
    )


@require_POST
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Make a link by which somebody chooses a new password, and show it: here and never again."""
    user = get_object_or_404(User.objects.exclude(role="business"), pk=number)
    try:
        token = invitations.invite_again(user=number, by=actor(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("person", number=number)
    return _link_page(request, token, name=user.name or user.username, is_new=False)


def _done(request: HttpRequest, act: Callable[[Actor, Any], None], said: str, then: HttpResponse) -> HttpResponse:
    try:
        act(actor(request), timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return then


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _roles(me: Actor) -> list[Role]:
    return [role for role in ROLES.values() if gives(me.role, role.name) and "office.enter" in role.may]


def _units() -> list[tuple[str, str]]:
    found = Unit.objects.filter(is_active=True).order_by("name").values_list("pk", "name")
    return [(str(number), name) for number, name in found[: queries.UNITS_AT_MOST]]


def _invite_page(request: HttpRequest, draft: dict[str, str], fault: str = "") -> HttpResponse:
    context = {"draft": draft, "roles": _roles(actor(request)), "units": _units(), "fault": fault}
    return page(request, "department/invite.html", context, at="people", status=422 if fault else 200)


def _person_page(request: HttpRequest, user: User, draft: dict[str, str], fault: str = "") -> HttpResponse:
    me = actor(request)
    context = {
        "person": user,
        "draft": draft,
        "role_label": ROLES[user.role].label if user.role in ROLES else user.role,
        "roles": _roles(me),
        "units": _units(),
        "may_change": may(me.role, "account.invite") and actions.may_change(me, user),
        "is_me": me.name == user.username,
        "has_password": user.has_usable_password(),
        "fault": fault,
    }
    return page(request, "department/person.html", context, at="people", status=422 if fault else 200)


def _link_page(request: HttpRequest, token: str, *, name: str, is_new: bool) -> HttpResponse:
    context = {
        "link": settings.OFFICE_URL + reverse("join", kwargs={"token": token}),
        "name": name,
        "is_new": is_new,
        "until": timezone.now() + invitations.GOOD_FOR,
        "days": invitations.GOOD_FOR.days,
    }
    return page(request, "department/link.html", context, at="people")
