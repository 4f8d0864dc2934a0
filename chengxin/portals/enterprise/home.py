"""首页: the businesses somebody acts for, and one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings
from chengxin.portals.enterprise.page import page, plain
from chengxin.portals.shared.gate import person


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Show the businesses that somebody acts for, or has asked to."""
    held = bindings.held(person(request))
    names = {one.subject: one.name for one in subjects.registrations([each.subject for each in held])}
    mine = [(each, names.get(each.subject, each.subject)) for each in held]
    return plain(request, "enterprise/choose.html", {"mine": mine})


@require_safe
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """Show one business's first page."""
    return page(request, "enterprise/home.html", {}, at="my-home")
