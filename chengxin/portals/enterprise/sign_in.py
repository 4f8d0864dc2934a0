"""The way in by telephone, one question at a time: the number, the code, and for who is new a name. And the way out.

Whoever has an account and whoever has none type the same things until a code has proved the number, so that nobody learns
from these pages whose number has an account.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chengxin.people import owners, phone_codes, trail
from chengxin.people.models import User
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.enterprise import passkeys
from chengxin.portals.enterprise.entering import attempt, enter, onward, said_next, send_code
from chengxin.portals.enterprise.gate import PERMISSION
from chengxin.portals.enterprise.page import plain
from chengxin.portals.shared import claiming, kept
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.terms import phone

UNDER_WAY: Final = "chengxin_way_in"
"""Of the session: the number that was typed, the code that was sent, when it was proved, where one was going."""
PROVEN_FOR: Final = timedelta(minutes=15)
WRONG_PASSWORD: Final = "手机号码或密码不对，请核对后再试，或改用验证码登录。"  # noqa: S105 — a sentence


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, *, is_new: bool = False) -> HttpResponse:
    """Ask for the number, and send a code to it."""
    if _is_in(request):
        return onward(said_next(request))
    if request.method != "POST":
        return _start_page(request, is_new=is_new, number=_under_way(request).get("typed", ""))
    typed = request.POST.get("phone", "").strip()[:40]
    number = phone.normalise(typed)
    if number is None:
        return _start_page(request, is_new=is_new, number=typed, fault=owners.NO_NUMBER)
    if fault := attempt(lambda: _send(request, number, typed, said_next(request))):
        return _start_page(request, is_new=is_new, number=typed, fault=fault)
    return redirect("my-sign-in-code")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent; it signs in, or leads whoever is new to their name."""
    way = _under_way(request)
    if "asked" not in way:
        return redirect("my-sign-in")
    if request.method != "POST":
        return _code_page(request, way)
    at, number = timezone.now(), str(way["number"])
    typed = request.POST.get("code", "").strip()[:20]
    if fault := attempt(
        lambda: phone_codes.prove(asked=int(way["asked"]), number=number, about="enter", code=typed, at=at)
    ):
        return _code_page(request, way, fault=fault)
    user = owners.of_number(number)
    if user is None:
        request.session[UNDER_WAY] = {**way, "proved_at": at.isoformat()}
        return redirect("my-sign-up-name")
    if _is_asleep(user, at):
        request.session[UNDER_WAY] = {**way, "proved_at": at.isoformat()}
        return redirect("my-sign-in-whose")
    return _in(request, user, way, by="sms")


@require_http_methods(["GET", "HEAD", "POST"])
def whose(request: HttpRequest) -> HttpResponse:
    """Ask whoever has the number of a long unused account whether that was theirs. Nothing of it is shown but when it was used."""
    way, at = _under_way(request), timezone.now()
    user = owners.of_number(str(way["number"])) if _is_proved(way, at) else None
    if user is None or not _is_asleep(user, at):
        return redirect("my-sign-in")
    if "mine" in request.POST:
        claiming.woke(user=user, at=at)
        return _in(request, user, way, by="sms")
    if "new" in request.POST:
        request.session[UNDER_WAY] = {**way, "is_new": True}
        return redirect("my-sign-up-name")
    return plain(request, "enterprise/sign_in_whose.html", {"seen": owners.last_seen(user)})


@require_POST
def code_again(request: HttpRequest) -> HttpResponse:
    """Send another code to the number that was typed."""
    way = _under_way(request)
    if "number" not in way:
        return redirect("my-sign-in")
    if fault := attempt(lambda: _send(request, way["number"], way["typed"], way["next"])):
        return _code_page(request, way, fault=fault)
    return redirect("my-sign-in-code")


@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Ask whoever is new for their name, and open their account."""
    way, at = _under_way(request), timezone.now()
    if not _is_proved(way, at):
        return redirect("my-sign-in")
    said = request.POST.get("name", "")[:200]
    if request.method != "POST":
        return plain(request, "enterprise/sign_up_name.html", {})
    try:
        # A number with an account goes to nobody else by the code alone: they were asked, and said that it is new to them.
        if way.get("is_new"):
            user = claiming.begin_anew(name=said, number=way["number"], at=at)
        else:
            user = owners.sign_up(name=said, number=way["number"], at=at)
    except Refused as refusal:
        context = {"name": said, "fault": str(refusal)}
        return plain(request, "enterprise/sign_up_name.html", context, status=422)
    enter(request, user, way="sms")
    request.session[UNDER_WAY] = {"next": way["next"]}
    return redirect("my-welcome")


@require_GET
def welcome(request: HttpRequest) -> HttpResponse:
    """Tell whoever is new what they have, and offer what makes the next time quicker. None of it is asked for."""
    return plain(
        request, "enterprise/welcome.html", {"name": person(request).name, "next": _under_way(request).get("next", "")}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def password(request: HttpRequest) -> HttpResponse:
    """Ask for number and password. One sentence answers whatever is wrong."""
    if _is_in(request):
        return onward(said_next(request))
    way = _under_way(request)
    if request.method != "POST":
        context = {"phone": way.get("typed", ""), "next": said_next(request) or way.get("next", "")}
        return plain(request, "enterprise/sign_in_password.html", context)
    typed = request.POST.get("phone", "").strip()[:40]
    user = authenticate(request, username=_account(typed), password=request.POST.get("password", "")[:500])
    if not isinstance(user, User) or not owners.is_owner(user):
        context = {"phone": typed, "next": said_next(request), "fault": WRONG_PASSWORD}
        return plain(request, "enterprise/sign_in_password.html", context, status=422)
    return _in(request, user, {"next": said_next(request)}, by="password")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session, for whoever has one."""
    if isinstance(request.user, User):
        with transaction.atomic():
            trail.note(by=actor(request), verb="sign-out", thing="enterprise", at=timezone.now())
            logout(request)
    return kept.forget(redirect("my-sign-in"))


def _account(typed: str) -> str:
    """Return the account name that a number signs in with; of an unknown number one that nobody has.

    django-axes locks by it, a number without an account like any other, and keeps it: so it may not be the number.
    """
    number = phone.normalise(typed)
    user = owners.of_number(number) if number else None
    return user.username if user else f"?{salted_hmac(__name__, number or typed, algorithm='sha256').hexdigest()[:32]}"


def _is_in(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and may(request.user.role, PERMISSION)


def _is_proved(way: dict[str, Any], at: datetime) -> bool:
    return "proved_at" in way and at - datetime.fromisoformat(way["proved_at"]) <= PROVEN_FOR


def _is_asleep(user: User, at: datetime) -> bool:
    return owners.is_asleep(user, at=at, after=timedelta(days=settings.PHONE_SLEEP_DAYS))


def _under_way(request: HttpRequest) -> dict[str, Any]:
    found = request.session.get(UNDER_WAY)
    return found if isinstance(found, dict) else {}


def _send(request: HttpRequest, number: str, typed: str, to: str) -> None:
    asked = send_code(request, number=number, about="enter")
    request.session[UNDER_WAY] = {"number": number, "typed": typed, "asked": asked, "next": to}


def _in(request: HttpRequest, user: User, way: dict[str, Any], *, by: str) -> HttpResponse:
    enter(request, user, way=by)
    request.session.pop(UNDER_WAY, None)
    return onward(way.get("next", ""))


def _start_page(request: HttpRequest, *, is_new: bool, number: str, fault: str = "") -> HttpResponse:
    context = {
        "is_new": is_new,
        "phone": number,
        "fault": fault,
        "next": said_next(request),
        "is_unsent": "unsent" in request.GET,
        "is_kept": kept.waits(request),
        "passkey_host": passkeys.host(),
        "elsewhere": settings.OIDC_PROVIDERS,
        "is_office": isinstance(request.user, User),
    }
    return with_script(plain(request, "enterprise/sign_in.html", context, status=422 if fault else 200))


def _code_page(request: HttpRequest, way: dict[str, Any], *, fault: str = "") -> HttpResponse:
    minutes = phone_codes.GOOD_FOR // timedelta(minutes=1)
    context = {"hint": f"已发到 {phone.mask(str(way['number']))}，{minutes} 分钟内有效。", "fault": fault}
    return plain(request, "enterprise/sign_in_code.html", context, status=422 if fault else 200)
