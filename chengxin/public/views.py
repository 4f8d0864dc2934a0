"""The few pages that are no scan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from chengxin.board import token, verdict
from chengxin.public.headers import security
from chengxin.public.line import Down
from chengxin.public.page import front as pages
from chengxin.public.page import scan
from chengxin.public.page import verify as verifier
from chengxin.public.page.frame import View, view_of

if TYPE_CHECKING:
    from chengxin.public.wsgi import Door


def view(request: HttpRequest, *, path: str = "/", indexed: bool = False) -> View:
    """Return how a page is looked at; the door that delegates to us knows the city and the files."""
    door = request.META["chengxin.door"]
    return view_of(
        path,
        request.META.get("QUERY_STRING", ""),
        city=door.face.city,
        assets=door.assets.addresses,
        public_url=door.public_url,
        indexed=indexed,
    )


def code_in(typed: str) -> str | None:
    """Return the code in what somebody typed or pasted, or None if it cannot be one."""
    code = token.normalise(token.parted(typed).token)
    return code if len(code) in (token.FULL_LENGTH, token.SHORT_LENGTH) and code.isascii() else None


def is_moved(typed: str, door: Door) -> bool:
    """Tell whether a code that may be genuine was pasted with an address that is not ours.

    Our page would show it as genuine, and so vouch for a site that only copied it.
    """
    parts = token.parted(typed)
    if token.is_of(parts.before, door.code_urls):
        return False
    return not isinstance(token.unseal(parts.token, door.ring.get), token.NotGenuine)


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    looked = view(request, indexed=True)
    typed = request.GET.get("code", "").strip()
    if is_moved(typed, request.META["chengxin.door"]):
        return HttpResponseRedirect(replace(looked, path="/wrong-address").address)
    code = code_in(typed)
    if code is None or not token.is_of(token.parted(typed).before, request.META["chengxin.door"].code_urls):
        try:
            code = request.META["chengxin.door"].number_of(typed) or code
        except Down:
            # A code's own page says that nothing can be verified now.
            if code is None:
                return _verdict(looked, verdict.STATES["unavailable"], status=503)
    if code:
        looked = view_of(
            f"/C/{quote(code, safe='')}", request.META["QUERY_STRING"], city=looked.city, assets={}, public_url=""
        )
        return HttpResponseRedirect(looked.address)
    host = urlsplit(settings.CODE_URL).netloc
    owners = f"{settings.OFFICE_URL}/enterprise/"
    return HttpResponse(pages.front(looked, host=host, business_url=owners, typed=typed), status=200)


@require_safe
@gzip_page
def verify(request: HttpRequest) -> HttpResponse:
    """The page that verifies without a network."""
    looked = view(request, indexed=True, path=verifier.PATH)
    kept = {"Cache-Control": "no-cache", **dict(security(policy=verifier.POLICY, allowed=("camera",)))}
    return HttpResponse(verifier.verify(looked), headers=kept)


@require_safe
@gzip_page
def verify_worker(request: HttpRequest) -> HttpResponse:
    """The service worker that keeps that page; a browser asks for it anew whenever the page is opened."""
    door = request.META["chengxin.door"]
    source = door.assets.by_address[door.assets.addresses["verify-worker.js"]].plain.decode()
    looked = view(request, indexed=True, path=verifier.PATH)
    kept = {"Cache-Control": "no-cache", **dict(security(policy=verifier.WORKER_POLICY))}
    return HttpResponse(verifier.worker(looked, source), content_type="text/javascript; charset=utf-8", headers=kept)


@require_safe
def verify_manifest(request: HttpRequest) -> HttpResponse:
    """The manifest that puts that page on the home screen."""
    looked = view(request, path=verifier.PATH)
    return HttpResponse(
        verifier.manifest(looked), content_type="application/manifest+json", headers={"Cache-Control": "no-cache"}
    )


@require_safe
def wrong_address(request: HttpRequest) -> HttpResponse:
    """Say what a code under a foreign address is; a page of its own, so that it can be read in another language."""
    state = verdict.STATES["wrong_host"]
    return _verdict(view(request, path="/wrong-address"), state, status=state.status)


def _verdict(looked: View, state: verdict.State, *, status: int) -> HttpResponse:
    sheet = scan.draw(view=looked, state=state, hanging=scan.Hanging(), card=None, today=timezone.localdate())
    minute = looked.tongue.minute(timezone.localtime())
    return HttpResponse(f"{sheet.before}{minute}{sheet.after}", status=status)


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/")


def office(request: HttpRequest, *parts: str, **named: str) -> HttpResponse:
    return HttpResponseRedirect(settings.OFFICE_URL + request.get_full_path())


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(pages.missing(view(request)), status=404)


def odd(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(pages.missing(view(request)), status=400)


def failed(request: HttpRequest) -> HttpResponse:
    # Whatever is wrong, what people read is a page of ours, and it claims nothing.
    return _verdict(view(request), verdict.STATES["unavailable"], status=500)
