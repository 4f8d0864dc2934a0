"""The way in and the way out."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from chengxin.credit.publishing.city import face
from chengxin.people import trail
from chengxin.people.entry import why_not
from chengxin.people.models import User
from chengxin.people.roles import may
from chengxin.portals.shared import kept
from chengxin.portals.shared.gate import actor

BUSINESS: Final = "这是经营主体的账号，请到 /enterprise/ 用手机号码登录。"


class SignInForm(AuthenticationForm):
    """Name and password, with one sentence for whatever is wrong: which of the two it was helps only a guesser."""

    error_messages = {
        "invalid_login": "账号或密码不对，请核对后再试。",
        "inactive": "账号或密码不对，请核对后再试。",
    }

    def confirm_login_allowed(self, user: User) -> None:
        """Refuse whoever may not be signed in, and say why: this one gave the right password."""
        super().confirm_login_allowed(user)
        if why := why_not(user):
            raise ValidationError(why)
        if may(user.role, "business.enter") and not may(user.role, "office.enter"):
            raise ValidationError(BUSINESS)


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "department/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        said = {"city": face().city, "is_kept": kept.waits(self.request), "is_unsent": "unsent" in self.request.GET}
        return {**super().get_context_data(**kwargs), **said}

    def get_success_url(self) -> str:
        """Return where somebody goes on to: to a form of theirs that is kept, else to what they asked for."""
        return kept.page(self.request) if kept.waits(self.request) else super().get_success_url()

    @transaction.atomic
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        kept.signing_in(self.request, user, lambda: login(self.request, user))
        response = HttpResponseRedirect(self.get_success_url())
        trail.note(by=actor(self.request), verb="sign-in", thing="office", at=timezone.now())
        return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session, for whoever has one."""
    if isinstance(request.user, User):
        with transaction.atomic():
            trail.note(by=actor(request), verb="sign-out", thing="office", at=timezone.now())
            logout(request)
    return kept.forget(redirect("sign-in"))
