"""What every answer of the office tells the browser: run nothing, load nothing from elsewhere, keep nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import resolve

BODY_LIMIT: Final = 1_000_000
"""Bytes of a request, but where a data file is handed in (upload.py): that page bounds them itself, behind its gate."""

MARK: Final = "takes_a_file"
"""The attribute of a view that bounds its own body."""

POLICY: Final = (
    "default-src 'none'; style-src 'self'; "
    "img-src 'self' data:; "  # Bootstrap draws the marks of its form controls with data: images
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SCRIPTED: Final = f"{POLICY}; script-src 'self'; connect-src 'self'"

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
        if length(request) > BODY_LIMIT and not _takes_a_file(request):
            response: HttpResponseBase = too_large()
        elif not _is_in_utf_8(request):
            response = HttpResponse(render_to_string("400.html"), status=400)
        else:
            response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def with_script(response: HttpResponse) -> HttpResponse:
    """Let a page run the scripts of this very site, and those alone; no other page of the office runs any."""
    response.headers["Content-Security-Policy"] = SCRIPTED
    return response


def length(request: HttpRequest) -> int:
    """Return how many bytes a request says that its body has."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def too_large() -> HttpResponse:
    """Return the page that says that a body is too large; nothing of it was read."""
    return HttpResponse(render_to_string("413.html"), status=413)


def _is_in_utf_8(request: HttpRequest) -> bool:
    """Tell whether a form is written as every browser writes one of our pages.

    Whoever names UTF-7 writes half characters with it, which PostgreSQL keeps in no text and no page can show; Django itself
    refuses other charsets in forms without files alone.
    """
    return request.content_type != "multipart/form-data" or (request.encoding or "utf-8").lower() in ("utf-8", "utf8")


def _takes_a_file(request: HttpRequest) -> bool:
    try:
        return hasattr(resolve(request.path_info).func, MARK)
    except Http404:
        return False
