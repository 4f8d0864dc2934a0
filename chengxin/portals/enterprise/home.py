"""首页: the businesses somebody acts for, and one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.credit.applications import newcomers
from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings
from chengxin.portals.enterprise.page import page, plain
from chengxin.portals.shared.gate import person


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Show the businesses that somebody acts for, or has asked to, and what is asked of them."""
    me = person(request)
    held = bindings.held(me)
    names = {one.subject: one.name for one in subjects.registrations([each.subject for each in held])}
    mine = [(each, names.get(each.subject, each.subject)) for each in held]
    context = {
        "mine": mine,
        "asked": newcomers.open_of(me),
        "called": bool(bindings.called(me, at=timezone.now(), limit=1)),
    }
    return plain(request, "enterprise/choose.html", context)


@require_safe
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """Show one business's first page."""
    return page(request, "enterprise/home.html", {}, at="my-home")
