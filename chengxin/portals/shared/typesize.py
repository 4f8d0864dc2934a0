"""大字: the large type that a person may choose, kept in a cookie that says nothing else."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE: Final = "chengxin_large"
A_YEAR: Final = 365 * 24 * 3600


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Turn large type on or off, and go back to the page it was asked on."""
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = resolve_url("home")
    response = HttpResponseRedirect(back)
    if request.COOKIES.get(COOKIE):
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        response.set_cookie(COOKIE, "1", max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    return response
