"""What every answer of the office tells the browser: run nothing, load nothing from elsewhere, keep nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

BODY_LIMIT: Final = 1_000_000
"""Bytes of a request. The only file that people hand in at this door is a logo of 200 KB."""

POLICY: Final = (
    "default-src 'none'; style-src 'self'; "
    "img-src 'self' data:; "  # Bootstrap draws the marks of its form controls with data: images
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    # 剩余信息保护 (GB/T 22239): on a shared computer, Back after signing out shows nothing.
    "Cache-Control": "no-store",
}


def strict(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return a middleware that sends these headers with every answer, and reads no body beyond the limit."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        # Before the CSRF check, which would read a stranger's upload of any size to look for its token.
        response = _too_large() if _length(request) > BODY_LIMIT else get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _too_large() -> HttpResponse:
    return HttpResponse(render_to_string("413.html"), status=413)
