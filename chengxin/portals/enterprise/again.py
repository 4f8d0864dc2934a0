"""Showing once more that it is oneself, before a way in is changed: by telephone, password or passkey."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings, owners, phone_codes
from chengxin.people.models import User
from chengxin.portals.enterprise import passkeys
from chengxin.portals.enterprise.entering import attempt, said_next, send_code, stamp
from chengxin.portals.enterprise.page import plain
from chengxin.portals.shared.gate import person
from chengxin.portals.shared.headers import with_script
from chengxin.terms import phone

UNDER_WAY: Final = "chengxin_again"
WRONG_PASSWORD: Final = "密码不对，请重新输入，或换一种方式。"  # noqa: S105 — a sentence


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def show(request: HttpRequest) -> HttpResponse:
    """Offer the ways somebody has, and take a password."""
    if request.method != "POST":
        return _page(request)
    user = authenticate(request, username=person(request).username, password=request.POST.get("password", "")[:500])
    if user is None or user.pk != person(request).pk:
        return _page(request, fault=WRONG_PASSWORD)
    return _proved(request, by="password")


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a code to the number that the account has."""
    number = owners.number_of(person(request))
    if not number or bindings.has_doubts(person(request)):
        return redirect("my-again")
    asked = 0

    def ask() -> None:
        nonlocal asked
        asked = send_code(request, number=number, about="again")

    if fault := attempt(ask):
        return _page(request, fault=fault)
    request.session[UNDER_WAY] = {"asked": asked, "next": said_next(request)}
    return redirect("my-again-code")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """Take the code that was sent."""
    way, number = request.session.get(UNDER_WAY), owners.number_of(person(request))
    if not way or not number:
        return redirect("my-again")
    fault = ""
    if request.method == "POST":
        typed = request.POST.get("code", "").strip()[:20]
        fault = attempt(
            lambda: phone_codes.prove(asked=way["asked"], number=number, about="again", code=typed, at=timezone.now())
        )
        if not fault:
            del request.session[UNDER_WAY]
            return _proved(request, way["next"], by="sms")
    context = {"fault": fault, "hint": f"已发到 {phone.mask(number)}。"}
    return plain(request, "enterprise/again_code.html", context, status=422 if fault else 200)


@require_POST
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Take the answer of one of the account's passkeys."""
    found = passkeys.answered(request)
    if found is None or found.pk != person(request).pk:
        return _page(request, fault=passkeys.NOT_THIS)
    return _proved(request, by="passkey")


def _proved(request: HttpRequest, to: str = "", *, by: str) -> HttpResponse:
    at = timezone.now()
    request.session.cycle_key()
    stamp(request, at=at)
    if by != "sms":
        bindings.assure(user=person(request), way=by, at=at)
    return redirect(to or said_next(request) or resolve_url("my-account"))


def can_prove(user: User) -> bool:
    """Tell whether somebody has any way but the telephone to prove themselves by: a password, a passkey, another provider."""
    linked = passkeys.linked(user)
    return (
        user.has_usable_password()
        or passkeys.of(user).exists()
        or any(one.id in linked for one in settings.OIDC_PROVIDERS)
    )


def _page(request: HttpRequest, *, fault: str = "") -> HttpResponse:
    user = person(request)
    number = owners.number_of(user)
    linked = passkeys.linked(user)
    doubted = [one for one in bindings.held(user) if bindings.is_in_doubt(one)]
    names = {one.subject: one.name for one in subjects.registrations([one.subject for one in doubted])}
    context = {
        "doubted": [(one.pk, names.get(one.subject, one.subject)) for one in doubted],
        "next": said_next(request),
        "number": phone.mask(number) if number else "",
        "has_password": user.has_usable_password(),
        "passkey_host": passkeys.host(),
        "has_passkey": passkeys.of(user).exists(),
        "elsewhere": [one for one in settings.OIDC_PROVIDERS if one.id in linked],
        "fault": fault,
    }
    return with_script(plain(request, "enterprise/again.html", context, status=422 if fault else 200))
