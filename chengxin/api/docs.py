"""The API's own documentation, for whoever comes by with a browser: the description, drawn by Swagger UI from our files."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the page. It says nothing that a partner's engineer may not know, and asks for no sign-in."""
    response = render(request, "api/docs.html", {"description": reverse("api:openapi-json")})
    response.headers["Content-Security-Policy"] = POLICY
    return response
