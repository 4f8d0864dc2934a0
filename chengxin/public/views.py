"""The few pages that are no scan."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from chengxin.board import token
from chengxin.public.headers import security
from chengxin.public.page import front as pages
from chengxin.public.page import verify as verifier
from chengxin.public.page.frame import View, view_of

TYPED: Final = re.compile(r"(?:.*/[Cc]/)?([^/?#]+).*", re.DOTALL)


def view(request: HttpRequest, *, indexed: bool = False, path: str = "/") -> View:
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
    found = TYPED.fullmatch("".join(typed.split()))
    if found is None:
        return None
    code = token.normalise(found[1].replace("-", ""))
    return code if len(code) in (token.FULL_LENGTH, token.SHORT_LENGTH) and code.isascii() else None


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    looked = view(request, indexed=True)
    typed = request.GET.get("code", "").strip()
    if code := code_in(typed):
        looked = view_of(
            f"/C/{quote(code, safe='')}", request.META["QUERY_STRING"], city=looked.city, assets={}, public_url=""
        )
        return HttpResponseRedirect(looked.address)
    host = urlsplit(settings.CODE_URL).netloc
    return HttpResponse(pages.front(looked, host=host, typed=typed), status=200)


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


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/")


def office(request: HttpRequest, *parts: str, **named: str) -> HttpResponse:
    return HttpResponseRedirect(settings.OFFICE_URL + request.get_full_path())


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(pages.missing(view(request)), status=404)


def odd(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(pages.missing(view(request)), status=400)
