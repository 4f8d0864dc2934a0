"""留着的填写: what somebody typed into a form whose session had ended, until they have signed in again as the same account.

A cookie says which account was on this browser last, by a keyed digest; it opens nothing. It is asked for twice: a form is
kept only for a browser that has it, or strangers could fill the table of sessions; and a browser that has it still gets
an SMS code where strangers have used up a number's share (`people.phone_codes`). docs/adr/0035 says why.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import escape_leading_slashes
from django.views.decorators.http import require_http_methods

from chengxin.credit.publishing.city import face
from chengxin.people.models import User
from chengxin.portals.shared.filling import fill
from chengxin.portals.shared.headers import MARK, length
from chengxin.public.bucket import Buckets

COOKIE: Final = "chengxin_last"
KEPT: Final = "chengxin_kept"
"""Of the session: what is kept."""

KNOWN_FOR: Final = timedelta(days=90)
"""So long a browser is known: operators leave a number unused for about as long before they give it to somebody else."""
WORKDAY: Final = timedelta(hours=12)
"""So long after an account was last here forms are kept for it: who left a page open over lunch, not who left yesterday."""
KEPT_FOR: Final = timedelta(minutes=30)
"""As long as a session lives: what somebody typed is personal data, and is kept no longer than whoever is coming back needs."""
BYTES_AT_MOST: Final = 100_000
"""Of UTF-8, names and values: a long appeal has 3,000, a list pasted into a field 50,000."""
FIELDS_AT_MOST: Final = 500
READ_AT_MOST: Final = 101_000_000
"""Bytes of a form with papers (proofs.py), which are passed over. A larger one hands in a data file with next to nothing beside it."""
SECRET: Final = re.compile(r"password|credential")
"""Names of fields whose form is not kept at all: without them it would say something else."""
WRITTEN: Final = 8
"""Characters of a text that nobody likes to write twice."""
CODE_LENGTH: Final = 10
"""A field `code` that is shorter holds a verification code; the code of a business has eighteen signs."""

_ration: Final = Buckets(burst=20, seconds=180)
"""Forms kept for an account: more than twenty at once, or in an hour, are a program's."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that waits: where it was going, the page it stood on, whether it had files, and what was typed, in order."""

    path: str
    page: str
    files: bool
    fields: tuple[tuple[str, str], ...]
    at: datetime
    fills: bool  # its owner asked for the page, to choose the files again


# ---- Which account it was --------------------------------------------------------------------------------------------


def account(user: User) -> str:
    """Return what the cookie calls an account: nothing that leads back to it without the office's secret."""
    return _digest("account", user.username)


def last(request: HttpRequest, *, within: timedelta = KNOWN_FOR) -> str:
    """Return which account was on this browser last, as `account` calls it, or nothing."""
    return _said(request, within)[0]


def is_known(request: HttpRequest, user: User | None) -> bool:
    """Tell whether an account was the last one on this browser."""
    return user is not None and constant_time_compare(last(request), account(user))


def remember(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return an answer that tells the browser which account it is on it, or that there is none any more."""
    user = request.user
    if not isinstance(user, User):
        return forget(response)
    mine = (account(user), _token(request))
    if _said(request, WORKDAY / 2) != mine:
        response.set_cookie(
            COOKIE,
            _signer().sign(":".join(mine)),
            max_age=KNOWN_FOR,
            httponly=True,
            samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
    return response


def forget(response: HttpResponseBase) -> HttpResponseBase:
    """Return an answer after which the browser knows no account: somebody has signed out."""
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def signing_in(request: HttpRequest, user: User, login: Callable[[], object]) -> None:
    """Sign somebody in. Pages that the same account opened here before its session ended can still send their forms.

    Django gives out another CSRF token at each sign-in, since whoever could put a cookie of theirs into this browser would
    know the old one. One that this very account had here, and our signature says so, is nobody else's.
    """
    mine = (account(user), _token(request))
    is_same = bool(mine[1]) and _said(request, WORKDAY) == mine
    before = request.META.get("CSRF_COOKIE")
    login()
    if is_same:
        request.META["CSRF_COOKIE"] = before


def _said(request: HttpRequest, within: timedelta) -> tuple[str, str]:
    try:
        found, _, token = _signer().unsign(request.COOKIES.get(COOKIE, ""), max_age=within).partition(":")
    except BadSignature:
        return "", ""
    return found, token


def _token(request: HttpRequest) -> str:
    """Return a digest of the CSRF token of this browser, or nothing where it has none."""
    secret = request.META.get("CSRF_COOKIE")
    return _digest("token", secret) if secret else ""


def _digest(what: str, said: str) -> str:
    return salted_hmac(f"{__name__}.{what}", said, algorithm="sha256").hexdigest()[:32]


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=__name__)


# ---- What was typed --------------------------------------------------------------------------------------------------


def keep(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> bool:
    """Keep what a form says that met the gate without a session, and tell whether it was kept. Files never are."""
    whose = last(request, within=WORKDAY)
    if request.method != "POST" or not whose or length(request) > READ_AT_MOST:
        return False
    if not _ration.take(whose, at=time.monotonic()):
        return False
    passed = None
    if hasattr(view, MARK):
        # Nobody has read the body of such a form, nor looked at its CSRF token (upload.py).
        passed = _Passed(request)
        request.upload_handlers = [passed]
        try:
            # Not asked of the view itself: it is exempt, and checks its form within.
            refusal = CsrfViewMiddleware(show).process_view(request, show, (), {})
        except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
            return False
        if refusal is not None:
            return False
    fields = _typed(request)
    if not fields:
        return False
    request.session[KEPT] = {
        "account": whose,
        "path": request.get_full_path(),
        "page": came_from(request) or request.get_full_path(),
        "files": passed.found if passed else bool(request.FILES),
        "fields": fields,
        "at": timezone.now().isoformat(),
        "fills": False,
    }
    return True


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a form says, in order; nothing of one with a secret, or of one that says too much."""
    said = request.POST.lists()
    fields = [(name, value) for name, values in said if name != "csrfmiddlewaretoken" for value in values]
    is_secret = any(SECRET.search(name) or (name == "code" and len(value) < CODE_LENGTH) for name, value in fields)
    size = sum(len(name.encode()) + len(value.encode()) for name, value in fields)
    return [] if is_secret or len(fields) > FIELDS_AT_MOST or size > BYTES_AT_MOST else fields


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form failed the CSRF check. It is not done and not kept; what its writer wrote at length is there to be copied.

    Only where the browser itself says that the form stood on a page of ours: a form of another site is shown nowhere. Going
    back would not do: browsers leave fields empty that are not to be filled in by themselves.
    """
    is_ours = request.headers.get("Origin") in (f"{request.scheme}://{request.get_host()}", settings.OFFICE_URL)
    # What is all ASCII is a page's own mark: people here write Chinese.
    written = [said for _, said in _typed(request) if len(said) >= WRITTEN and not said.isascii()] if is_ours else []
    return render(request, "403_csrf.html", {"written": written, "city": face().city}, status=403)


def waits(request: HttpRequest) -> bool:
    """Tell whether something is kept for whoever signs in here; whether it is theirs is seen when they have."""
    return KEPT in request.session


def of(request: HttpRequest) -> Kept | None:
    """Return what is kept for whoever is signed in. What is another's, or too old, is deleted unseen."""
    said = request.session.get(KEPT)
    if said is None:
        return None
    at = datetime.fromisoformat(said["at"])
    is_mine = isinstance(request.user, User) and constant_time_compare(said["account"], account(request.user))
    if not is_mine or timezone.now() - at > KEPT_FOR:
        drop(request)
        return None
    fields = tuple((name, value) for name, value in said["fields"])
    return Kept(said["path"], said["page"], said["files"], fields, at, said["fills"])


def drop(request: HttpRequest) -> None:
    """Delete what is kept."""
    request.session.pop(KEPT, None)


def came_from(request: HttpRequest) -> str:
    """Return the page of ours on which a form stood, with its question, or nothing."""
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""  # no address at all
    if not came.path or came.netloc != request.get_host():
        return ""
    # What begins with two slashes would be another site's address.
    return escape_leading_slashes(urlunsplit(came._replace(scheme="", netloc="", fragment="")))


def page(request: HttpRequest) -> str:
    """Return where what is kept can be sent on: a page of the door that a request came to."""
    return resolve_url("my-kept" if request.path.startswith("/enterprise/") else "kept")


def filled(request: HttpRequest, found: Kept, response: HttpResponseBase) -> HttpResponseBase:
    """Return the page on which a form stood with what was typed in its fields again."""
    is_there = found.fills and request.method == "GET" and request.get_full_path() == found.page
    if is_there and isinstance(response, HttpResponse) and response.status_code == 200:
        html = response.content.decode()
        response.content = fill(html, here=found.page, path=found.path, fields=found.fields).encode()
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Say that something is kept, and offer to send it on, to go back to its page, or to let it go."""
    found = of(request)
    if found is None:
        return redirect("my" if request.path.startswith("/enterprise/") else "home")
    if request.method == "POST" and "back" in request.POST:
        request.session[KEPT] = {**request.session[KEPT], "fills": True}
        return redirect(found.page)
    if request.method == "POST":
        drop(request)
        return redirect("my" if request.path.startswith("/enterprise/") else "home")
    return render(request, "portals/kept.html", {"kept": found, "city": face().city})


class _Passed(FileUploadHandler):
    """Passes over the files of a form, and remembers that there were some."""

    found = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.found = True
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        raise SkipFile

    def file_complete(self, file_size: int) -> None:
        return None
