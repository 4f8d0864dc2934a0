"""The gate of a portal: whoever is not signed in is sent to the sign-in page, whoever may not is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern

from chengxin.people.models import User
from chengxin.people.roles import may
from chengxin.people.trail import Actor
from chengxin.portals.shared import kept
from chengxin.portals.shared.headers import MARK

View = Callable[..., HttpResponseBase]


def behind(permission: str, patterns: Iterable[URLPattern], *, way_in: str = "sign-in") -> list[URLPattern]:
    """Return these URL patterns with every view behind a permission, so that no view can forget to ask.

    `way_in` names the page that whoever is not signed in is sent to.
    """
    return [
        URLPattern(pattern.pattern, _asked(permission, way_in, pattern.callback), pattern.default_args, pattern.name)
        for pattern in patterns
    ]


def _asked(permission: str, way_in: str, view: View) -> View:
    @wraps(view)
    def ask_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _to_the_way_in(request, resolve_url(way_in), view)
        if not may(request.user.role, permission):
            if request.path == "/" and may(request.user.role, "business.enter"):
                return redirect("my")  # whoever types the host alone comes to their own door
            raise PermissionDenied
        if _has_nul(request, view, kwargs.values()):
            raise BadRequest("a NUL in what was asked")
        waiting = kept.of(request)
        if waiting is not None and request.method == "POST" and request.get_full_path() == waiting.path:
            kept.drop(request)  # it is used once, whatever becomes of it here
        response = view(request, *args, **kwargs)
        if waiting is not None:
            response = kept.filled(request, waiting, response)
        return kept.remember(request, response)

    return ask_first


def _to_the_way_in(request: HttpRequest, way_in: str, view: View) -> HttpResponseBase:
    """Send somebody to sign in and from there on to what was asked for.

    A form that comes after the session has ended is not taken in. Where it can be kept, one goes on to it from there;
    elsewhere one is told that it was not, and led back to the page it stood on (what took it in may answer no GET).
    """
    if kept.keep(request, view):
        return redirect_to_login(kept.page(request), way_in)
    came = kept.came_from(request)
    if request.method in ("GET", "HEAD") or not came:
        return redirect_to_login(request.get_full_path(), way_in)
    return redirect_to_login(came, f"{way_in}?unsent=1")


def _has_nul(request: HttpRequest, view: View, said: Iterable[object]) -> bool:
    """Tell whether somebody asks with U+0000, which no keyboard writes and PostgreSQL keeps in no text."""
    # The body of a file is not read here: whoever takes it in bounds it first.
    asked = (request.GET,) if hasattr(view, MARK) else (request.GET, request.POST)
    values = (value for one in asked for _, values in one.lists() for value in values)
    return any("\0" in str(value) for value in (*said, *values))


def person(request: HttpRequest) -> User:
    """Return the person behind a request that came through the gate."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 — the gate lets nobody else in; this tells the type checker
    return user


def actor(request: HttpRequest) -> Actor:
    """Return who acts in a request that came through the gate."""
    user = person(request)
    return Actor(user.username, user.role)
