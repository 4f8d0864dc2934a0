"""通行密钥 (WebAuthn): signing in with what unlocks the telephone. allauth keeps the keys and checks the answers.

A passkey belongs to one host and asks for https (or this very machine), so that where the door is served as plain http by
a number, the browser has none, and the page says so.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from allauth.socialaccount.models import SocialAccount
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chengxin.people import owners, trail
from chengxin.people.models import User
from chengxin.portals.enterprise.entering import asks_again, enter, onward, said_next
from chengxin.portals.enterprise.page import plain
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.terms import phone

NOT_THIS: Final = "没有认出这个通行密钥，请重试，或换一种方式。"
LENGTH: Final = 20_000
"""Characters of an answer of a passkey; an ordinary one has two thousand."""
UNREADABLE: Final = (
    *(ValidationError, InvalidSignature, ValueError, TypeError, KeyError, AttributeError),
    RecursionError,  # brackets within brackets, ten thousand deep
)
"""What an answer may come to that no passkey gave: whatever a stranger may write there."""
NAME_AT_MOST: Final = 30


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """What a telephone shows when it is asked for a passkey: whose door it is, and which account."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the host that the keys belong to: the office's own, whatever a request says it is asked for."""
        return {"id": host(), "name": "码上诚信"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Return what the telephone lists the account by."""
        number = owners.number_of(user)
        said = super().get_public_key_credential_user_entity(user)
        return {**said, "display_name": user.name, "name": phone.mask(number) if number else user.name}


def host() -> str:
    """Return the host that passkeys belong to."""
    return urlsplit(settings.OFFICE_URL).hostname or "localhost"


def of(user: User) -> QuerySet[Authenticator]:
    """Return somebody's passkeys, oldest first."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return found.order_by("id")


def linked(user: User) -> dict[str, SocialAccount]:
    """Return by which providers elsewhere somebody may come in."""
    return {one.provider: one for one in SocialAccount.objects.filter(user=user)}


def answered(request: HttpRequest) -> User | None:
    """Return whose passkey answered what this session was asked, or None."""
    try:
        said = json.loads(request.POST.get("credential", "")[:LENGTH])
        user = auth.extract_user_from_response(said)
        found = auth.complete_authentication(user, said)
    except UNREADABLE:
        return None
    finally:
        auth.clear_state()
    found.record_usage()
    return user if isinstance(user, User) and owners.is_owner(user) else None


@require_GET
def options(request: HttpRequest) -> JsonResponse:
    """Return what a browser asks a passkey for."""
    return JsonResponse(auth.begin_authentication())


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whoever's passkey answered."""
    user = answered(request)
    if user is None:
        messages.error(request, NOT_THIS)
        return redirect("my-sign-in")
    to = said_next(request)
    enter(request, user, way="passkey")
    return onward(to)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
def add(request: HttpRequest) -> HttpResponse:
    """Offer to make a passkey, and keep it."""
    user = person(request)
    if of(user)[: owners.PASSKEYS_AT_MOST].count() >= owners.PASSKEYS_AT_MOST:
        messages.error(request, f"通行密钥最多 {owners.PASSKEYS_AT_MOST} 个，请先删掉不用的。")
        return redirect("my-account")
    if request.method != "POST":
        return _page(request)
    try:
        said = json.loads(request.POST.get("credential", "")[:LENGTH])
        auth.parse_registration_response(said)
        bound = auth.complete_registration(said)
    except UNREADABLE:
        return _page(request, fault="通行密钥没有设成，请重试。")
    if not bound.is_user_verified():
        return _page(request, fault="这个设备没有核对是您本人（指纹、人脸或锁屏密码），请换一个设备。")
    with transaction.atomic():
        auth.WebAuthn.add(user, _name(request) or "通行密钥", said)
        trail.note(by=actor(request), verb="passkey.add", thing=f"user {user.username}", at=timezone.now())
    messages.success(request, "通行密钥已设好，下次可以用它登录。")
    return redirect("my-account")


@require_GET
@asks_again
def new_options(request: HttpRequest) -> JsonResponse:
    """Return what a browser asks a new passkey for."""
    return JsonResponse(auth.begin_registration(person(request), passwordless=True))


@require_POST
@asks_again
def rename(request: HttpRequest, number: int) -> HttpResponse:
    """Call a passkey by another name."""
    name = _name(request)
    if name:
        found = _mine(request, number)
        found.data = {**found.data, "name": name}
        found.save(update_fields=["data"])
        messages.success(request, "名称已改好。")
    else:
        messages.error(request, f"请给通行密钥起个名称，最多 {NAME_AT_MOST} 个字。")
    return redirect("my-account")


@require_POST
@asks_again
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take a passkey away."""
    user = person(request)
    with transaction.atomic():
        _mine(request, number).delete()
        trail.note(by=actor(request), verb="passkey.remove", thing=f"user {user.username}", at=timezone.now())
    messages.success(request, "通行密钥已删掉，不能再用它登录。")
    return redirect("my-account")


def _mine(request: HttpRequest, number: int) -> Authenticator:
    found = of(person(request)).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").split())[:NAME_AT_MOST]


def _page(request: HttpRequest, *, fault: str = "") -> HttpResponse:
    return with_script(
        plain(
            request, "enterprise/passkey.html", {"fault": fault, "passkey_host": host()}, status=422 if fault else 200
        )
    )
