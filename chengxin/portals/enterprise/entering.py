"""What every way in has in common: who may come in, when they last proved themselves, where they were going."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from chengxin.people import bindings, owners, phone_codes, sms, trail
from chengxin.people.entry import why_not
from chengxin.people.models import User
from chengxin.people.trail import Refused
from chengxin.portals.shared import kept
from chengxin.portals.shared.gate import View
from chengxin.public.bucket import household

PROVED: Final = "chengxin_proved_at"
PROVED_FOR: Final = timedelta(minutes=10)
"""So long after a sign-in nobody is asked again; later, changing a way in asks once more who is there."""
BACKEND: Final = "chengxin.people.entry.Accounts"
DOOR: Final = "/enterprise/"

TEXTS: Final = {
    "enter": "用于登录码上诚信",
    "again": "用于确认是您本人在改账号",
    "phone": "用于把这个号码设为登录号码",
}


def enter(request: HttpRequest, user: User, *, way: str) -> None:
    """Sign somebody of a business in. An account of the office never is, whatever proved it.

    :raises PermissionDenied: the account is none of a business's person, or stands no more.
    """
    if not owners.is_owner(user) or why_not(user) is not None:
        raise PermissionDenied
    at = timezone.now()
    with transaction.atomic():
        kept.signing_in(request, user, lambda: login(request, user, backend=BACKEND))
        stamp(request, at=at)
        if way != "sms":
            bindings.assure(
                user=user, way=way, at=at
            )  # a number may be another's by now; what else opens an account is not
        trail.note(by=owners.actor(user), verb="sign-in", thing="enterprise", at=at, detail={"way": way})


def stamp(request: HttpRequest, *, at: datetime) -> None:
    """Remember that whoever sits there has just proved who they are."""
    request.session[PROVED] = at.isoformat()


def proved_lately(request: HttpRequest, *, at: datetime) -> bool:
    """Tell whether whoever sits there has proved themselves within the last minutes, and there is no doubt about them.

    Who came in by the number of a long unused account alone would otherwise give it a password, and prove themselves by that.
    """
    said = request.session.get(PROVED)
    is_late = said is not None and timedelta(0) <= at - datetime.fromisoformat(said) < PROVED_FOR
    return is_late and not (isinstance(request.user, User) and bindings.has_doubts(request.user))


def asks_again(view: View) -> View:
    """Return a view that lets nobody change a way in who has not proved themselves lately."""

    @wraps(view)
    def ask_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not proved_lately(request, at=timezone.now()):
            # What was written is written again: it may have been written by somebody else, and not every page that takes
            # something can be looked at.
            to = request.path if request.method == "GET" else resolve_url("my-account")
            return HttpResponseRedirect(f"{resolve_url('my-again')}?{urlencode({'next': to})}")
        return view(request, *args, **kwargs)

    return ask_first


def said_next(request: HttpRequest) -> str:
    """Return where somebody was going: an address within the businesses' door, or nothing.

    Whoever signs in where a form of theirs is kept goes on to that, whichever page the way in was opened from.
    """
    if kept.waits(request) and not isinstance(request.user, User):
        return kept.page(request)
    to = request.POST.get("next", "") or request.GET.get("next", "")
    is_ours = (
        to.startswith(DOOR)
        and to != DOOR
        and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
        and len(to) <= 500
    )
    return to if is_ours and to.isprintable() else ""


def onward(to: str) -> HttpResponse:
    """Return the way on, to where somebody was going or to the door's first page."""
    return HttpResponseRedirect(to or resolve_url("my"))


def send_code(request: HttpRequest, *, number: str, about: str) -> int:
    """Send a code to a number and return which it is.

    :raises Refused: a ration is used up, or the provider did not take it.
    """
    asked = phone_codes.ask(
        number=number,
        about=about,
        address=household(request.META),
        is_known=kept.is_known(request, owners.of_number(number)),
        at=timezone.now(),
    )
    minutes = phone_codes.GOOD_FOR // timedelta(minutes=1)
    text = f"【码上诚信】验证码 {asked.code}，{TEXTS[about]}，{minutes} 分钟内有效。请勿告诉任何人，工作人员不会索要。"
    try:
        sms.send(number, text, by=sms.Provider(settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_TOKEN))
    except Refused:
        phone_codes.take_back(asked.id)
        raise
    return asked.id


def tell_changed(number: str) -> None:
    """Tell the number that an account had that another signs in now; where that was not its owner, they hear of it there.

    It is told as far as a message goes through: what was changed is changed.
    """
    text = "【码上诚信】您的账号已改用另一个手机号码登录。不是您本人改的，请马上联系信用办。"
    attempt(
        lambda: sms.send(number, text, by=sms.Provider(settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_TOKEN))
    )


def attempt(act: Callable[[], object]) -> str:
    """Do something that may be refused, and return the sentence of a refusal, or nothing."""
    try:
        act()
    except Refused as refusal:
        return str(refusal)
    return ""
