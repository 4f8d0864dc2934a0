"""Signing in elsewhere (OpenID Connect): the province's e-licence and 龙易办, which say who somebody is, and of which business.

allauth runs the exchange: state, PKCE, the token. Beyond it, here: every address over TLS, a nonce, the ID token's signature
checked even though it came over TLS, nobody joined to an account by e-mail, and nothing kept of what was said but the
subject's own name for somebody.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import Any, Final, NoReturn
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings, owners
from chengxin.people.models import User
from chengxin.people.providers import Provider, is_safe
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.entering import enter, onward, proved_lately, said_next, stamp
from chengxin.portals.enterprise.gate import PERMISSION
from chengxin.portals.enterprise.page import plain
from chengxin.portals.enterprise.passkeys import linked
from chengxin.portals.shared import claiming
from chengxin.terms import uscc

FAILED: Final = "没有从“{}”登录成功，请重试，或换一种方式。"
ODD: Final = (OAuth2Error, RequestException, PermissionDenied, KeyError, ValueError, TypeError, AttributeError)
"""Whatever an answer from elsewhere may be: none of it is a fault of whoever sits there."""
CLAIM_AT_MOST: Final = 100
DESCRIBED_FOR: Final = 600
"""Seconds that a provider's description is believed: a press of the button by a stranger costs it no request."""

logger = logging.getLogger(__name__)


class Exchange(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth ships no types
    """The exchange with one provider."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's own description, once it names itself as we do and every address of it is safe."""
        server = self.get_provider().app.settings["server_url"]
        if (kept := cache.get(key := f"openid:{server}")) is not None:
            return dict(kept)
        config: dict[str, Any] = super().openid_config
        ours = server.partition("/.well-known/")[0]
        if str(config["issuer"]).rstrip("/") != ours.rstrip("/"):
            raise OAuth2Error("the issuer is another one")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
            if name in config and not is_safe(str(config[name])):
                raise OAuth2Error(f"{name} is not an https address")
        cache.set(key, config, DESCRIBED_FOR)
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: object, **kwargs: Any) -> SocialLogin:
        """Return who signed in, after the ID token's signature, issuer, audience and time were checked."""
        claims = jwtkit.verify_and_decode(
            credential=kwargs["response"]["id_token"],
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if "userinfo_endpoint" in self.openid_config:
            said = self._fetch_user_info(kwargs["response"]["access_token"])
            if said.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
                raise OAuth2Error("userinfo is about somebody else")
            claims = {**said, **claims}
        found: SocialLogin = self.get_provider().sociallogin_from_response(request, {"sub": claims["sub"]})
        found.claims = claims
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return where the provider sends people back to: the office's own address, whatever host was asked for."""
        return f"{settings.OFFICE_URL}{reverse('my-sign-in-back', args=[app.provider_id])}"


class Elsewhere(OpenIDConnectProvider):  # type: ignore[misc]  # allauth ships no types
    """A provider, of whose answer nothing but its name for somebody is kept."""

    oauth2_adapter_class = Exchange

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep none of the claims: they are personal data that nothing here needs again."""
        return {}


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Where allauth asks: which providers there are, and what becomes of whoever came back from one."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the providers of the settings; a table of them would be one more place to change."""
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=one.id,
                name=one.label,
                client_id=one.client,
                secret=one.secret,
                settings={"server_url": one.server, "oauth_pkce_enabled": True, "scope": one.scope.split()},
            )
            for one in settings.OIDC_PROVIDERS
            if provider in (None, one.id, "openid_connect") and client_id in (None, one.client)
        ]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Elsewhere:
        """Return a provider by its id."""
        return Elsewhere(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Take over from allauth: its own ways of signing in, of opening accounts and of joining them are not ours."""
        state = sociallogin.state
        if not constant_time_compare(str(state.get("nonce", "")), str(sociallogin.claims.get("nonce", "-"))):
            raise OAuth2Error("the nonce is another one")
        one = _provider(sociallogin.account.provider)
        raise ImmediateHttpResponse(_arrived(request, one, sociallogin, str(state.get("next") or "")))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Elsewhere,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> NoReturn:
        """Lead back to the sign-in page with a sentence."""
        raise ImmediateHttpResponse(_failed(request, provider.app.name, exception or error))


@require_POST
def start(request: HttpRequest, provider: str) -> HttpResponse:
    """Send somebody to a provider. To link it to the account that is signed in is a new way in, so that it asks once more."""
    one = _provider(provider)
    if _may_not_link(request, one):
        return redirect(
            f"{resolve_url('my-again')}?{urlencode({'next': said_next(request) or resolve_url('my-account')})}"
        )
    going = Adapter(request).get_provider(request, one.id)
    nonce = secrets.token_urlsafe(24)
    try:
        response: HttpResponse = going.redirect(
            request, "login", next_url=said_next(request), auth_params={"nonce": nonce}, nonce=nonce
        )
    except ODD as trouble:
        return _failed(request, one.label, trouble)
    # Not a redirect: the policy of our pages lets no form lead to another site, not even by way of us.
    return plain(request, "enterprise/going.html", {"to": response.headers["Location"], "label": one.label})


@require_GET
def back(request: HttpRequest, provider: str) -> HttpResponse:
    """Take somebody back who comes from a provider."""
    one = _provider(provider)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(Exchange(request, one.id))(request)
    except ODD as trouble:
        return _failed(request, one.label, trouble)
    return answer


def _arrived(request: HttpRequest, one: Provider, came: SocialLogin, to: str) -> HttpResponse:
    """Sign in whoever came back, link them to the account that is signed in, or open one; bind them to their business."""
    at, me = timezone.now(), request.user
    known = came.user if came.is_existing else None
    with transaction.atomic():
        if isinstance(me, User) and may(me.role, PERMISSION):
            if known is not None and known.pk != me.pk:
                messages.error(request, f"这个“{one.label}”已经用于另一个账号，请先退出，再用它登录。")
                return redirect("my-account")
            if known is not None:
                stamp(request, at=at)
                bindings.assure(user=me, way=one.id, at=at)
            elif proved_lately(request, at=at):
                owners.link(user=me.pk, provider=one.id, name=came.account.uid, at=at)
            else:
                return redirect("my-again")
            user = me
        else:
            user = known or _new(one, came, at)
            enter(request, user, way=one.id)
        _bind(request, user, one, came.claims, at)
    return onward(to)


def _may_not_link(request: HttpRequest, one: Provider) -> bool:
    """Tell whether somebody signed in, who has not shown lately that it is them, would link a provider to their account."""
    me = request.user
    if not isinstance(me, User) or not may(me.role, PERMISSION):
        return False
    return not proved_lately(request, at=timezone.now()) and one.id not in linked(me)


def _new(one: Provider, came: SocialLogin, at: datetime) -> User:
    try:
        user = owners.sign_up(name=_claim(came.claims, one.name), number="", at=at)
    except Refused:  # no name among the claims that would do for one
        user = owners.sign_up(name="未填姓名", number="", at=at)
    return owners.link(user=user.pk, provider=one.id, name=came.account.uid, at=at)


def _bind(request: HttpRequest, user: User, one: Provider, claims: dict[str, Any], at: datetime) -> None:
    subject = uscc.normalise(_claim(claims, one.uscc))
    if not subject:
        return
    if not uscc.is_valid(subject) or not subjects.registrations([subject]):
        messages.error(
            request, f"“{one.label}”给出的统一社会信用代码不在本市登记信息里，请在下面自己找，或联系信用办。"
        )
        return
    is_legal = bool(one.legal) and _claim(claims, one.part) == one.legal
    try:
        made = claiming.by_licence(user=user, subject=subject, part="legal" if is_legal else "agent", at=at)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return
    if made.state == "waiting":
        messages.info(request, "这家已经有人绑定，您的绑定要等信用办核对，结果会在这里告诉您。")


def _claim(claims: dict[str, Any], name: str) -> str:
    return str(claims.get(name) or "")[:CLAIM_AT_MOST] if name else ""


def _provider(name: str) -> Provider:
    for one in settings.OIDC_PROVIDERS:
        if one.id == name:
            return one
    raise Http404


def _failed(request: HttpRequest, label: str, trouble: object) -> HttpResponse:
    logger.warning("a sign-in elsewhere failed: %s", type(trouble).__name__ if trouble else "no state")
    messages.error(request, FAILED.format(label))
    return redirect("my-sign-in")
