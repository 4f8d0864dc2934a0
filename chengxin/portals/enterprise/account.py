"""我的账号: one's name, one's ways in, one's end. Whatever changes a way in asks first who is there."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.people import bindings, owners, phone_codes
from chengxin.portals.enterprise import passkeys
from chengxin.portals.enterprise.entering import asks_again, attempt, send_code, stamp, tell_changed
from chengxin.portals.enterprise.page import plain
from chengxin.portals.shared.gate import person
from chengxin.terms import phone

UNDER_WAY: Final = "chengxin_new_number"
WEAK: Final = {
    "password_too_short": "密码不足 10 个字符。",
    "password_too_common": "这个密码太常见，容易被猜中。",
    "password_too_similar": "密码和姓名太相近，容易被猜中。",
}
"""By Django's codes, in our words: its translations lag behind its releases."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what one's account is and how one gets in."""
    user = person(request)
    number, linked = owners.number_of(user), passkeys.linked(user)
    context = {
        "name": user.name,
        "number": phone.mask(number) if number else "",
        "has_password": user.has_usable_password(),
        "passkeys": [(one.pk, one.data.get("name", ""), one.created_at, one.last_used_at) for one in passkeys.of(user)],
        "elsewhere": [(one, linked.get(one.id)) for one in settings.OIDC_PROVIDERS],
        "since": user.date_joined,
    }
    return plain(request, "enterprise/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest) -> HttpResponse:
    """Change one's name."""
    user = person(request)
    if request.method != "POST":
        return plain(request, "enterprise/account_name.html", {"name": user.name})
    said = request.POST.get("name", "")[:200]
    if fault := attempt(lambda: owners.rename(user=user.pk, name=said, at=timezone.now())):
        return plain(request, "enterprise/account_name.html", {"name": said, "fault": fault}, status=422)
    messages.success(request, "姓名已改好。")
    return redirect("my-account")


@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
def number(request: HttpRequest) -> HttpResponse:
    """Ask for another number, and send a code to it."""
    if request.method != "POST":
        return plain(request, "enterprise/account_phone.html", {})
    typed = request.POST.get("phone", "").strip()[:40]
    said, asked = phone.normalise(typed), 0

    def ask() -> None:
        nonlocal asked
        # Whether the number has an account is told only to whoever holds it, after the code.
        asked = send_code(request, number=said or "", about="phone")

    fault = owners.NO_NUMBER if said is None else attempt(ask)
    if fault:
        return plain(request, "enterprise/account_phone.html", {"phone": typed, "fault": fault}, status=422)
    request.session[UNDER_WAY] = {"number": said, "asked": asked}
    return redirect("my-phone-code")


@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
@sensitive_post_parameters("code")
def number_code(request: HttpRequest) -> HttpResponse:
    """Take the code that was sent to the new number, and sign in with that number from now on."""
    way, user, at, fault = request.session.get(UNDER_WAY), person(request), timezone.now(), ""
    if not way:
        return redirect("my-phone")
    if request.method == "POST":
        before = owners.number_of(user)
        typed = request.POST.get("code", "").strip()[:20]
        fault = attempt(
            lambda: phone_codes.prove(asked=way["asked"], number=way["number"], about="phone", code=typed, at=at)
        ) or attempt(lambda: owners.change_number(user=user.pk, number=way["number"], at=at))
        if not fault:
            del request.session[UNDER_WAY]
            if before and before != way["number"]:
                tell_changed(before)
            messages.success(request, "手机号码已换好，下次用新号码登录。")
            return redirect("my-account")
    context = {"hint": f"已发到 {phone.mask(way['number'])}。", "fault": fault}
    return plain(request, "enterprise/account_phone_code.html", context, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Set a password, a first one or another; sessions elsewhere end."""
    user = person(request)
    if request.method != "POST":
        return _password_page(request, {})
    said, faults = request.POST.get("password", "")[:500], {}
    try:
        validate_password(said, user)
    except ValidationError as error:
        faults["password"] = " ".join(WEAK.get(one.code or "", one.messages[0]) for one in error.error_list)
    if said != request.POST.get("again", ""):
        faults["again"] = "两次输入的密码不一样，请重新输入。"
    if faults:
        return _password_page(request, faults)
    changed = owners.set_password(user=user.pk, password=said, at=timezone.now())
    update_session_auth_hash(request, changed)
    messages.success(request, "密码已设好；在别处登录的已退出。")
    return redirect("my-account")


@require_POST
@asks_again
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    user = owners.end_sessions(user=person(request).pk, at=timezone.now())
    update_session_auth_hash(request, user)
    stamp(request, at=timezone.now())
    messages.success(request, "在别处登录的都已退出，只有这里还登录着。")
    return redirect("my-account")


@require_POST
@asks_again
def unlink(request: HttpRequest, provider: str) -> HttpResponse:
    """Let a provider elsewhere sign one in no more, unless it is the only way in."""
    user = person(request)
    found = passkeys.linked(user).get(provider)
    if found is None:
        raise Http404
    if not (owners.number_of(user) or passkeys.of(user).exists()):
        messages.error(request, "这是您唯一的登录方式，请先加上手机号码或通行密钥。")
    else:
        owners.unlink(user=user.pk, provider=provider, at=timezone.now())
        messages.success(request, "已解除，不能再用它登录这个账号。")
    return redirect("my-account")


@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
def close(request: HttpRequest) -> HttpResponse:
    """Say what closing an account means, and close it."""
    user = person(request)
    if request.method == "POST":
        owners.close(user=user.pk, at=timezone.now())
        logout(request)
        messages.success(request, "账号已注销，手机号码和姓名已删除。")
        return redirect("my-sign-in")
    context = {"held": len([one for one in bindings.held(user) if one.state in bindings.BOUND])}
    return plain(request, "enterprise/account_close.html", context)


def _password_page(request: HttpRequest, faults: dict[str, str]) -> HttpResponse:
    user = person(request)
    context = {"has_password": user.has_usable_password(), "faults": faults, "number": owners.number_of(user)}
    return plain(request, "enterprise/account_password.html", context, status=422 if faults else 200)
