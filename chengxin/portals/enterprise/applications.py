"""申请: what a business sent in, what was found and decided, and its one appeal."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.board import token
from chengxin.credit.applications import actions, queries, rules
from chengxin.credit.applications.queries import Filed
from chengxin.credit.applications.rules import Check
from chengxin.credit.commitments import templates
from chengxin.credit.scenarios.catalogue import scenarios
from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.gate import binding
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared import applying
from chengxin.portals.shared.gate import actor

AT: Final = "my-codes"
SHOWN: Final = 50


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """List what was sent in, newest first."""
    found = queries.filed(subject, limit=SHOWN)
    is_coded = not found and applying.has_code(subject)
    return page(request, "enterprise/applications.html", {"filed": found, "shown": SHOWN, "is_coded": is_coded}, at=AT)


@require_safe
def show(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Show one application with what became of it."""
    return _page(request, _found(subject, number))


@require_POST
def appeal(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Appeal against what was refused, once, with words."""
    filed = _found(subject, number)
    words = request.POST.get("words", "").replace("\r\n", "\n").strip()
    at = timezone.now()
    try:
        actions.appeal(
            subject=subject,
            application=number,
            words=words,
            area=subjects.area_of([subject]).get(subject, ""),
            today=timezone.localdate(at),
            by=actor(request),
            at=at,
        )
    except Refused as refusal:
        return _page(request, filed, words=words, fault=str(refusal), status=422)
    messages.success(request, "申诉已收到，优先由另一位工作人员办理，三个工作日内答复。")
    return redirect("my-application", subject=subject, number=number)


@require_POST
def withdraw(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Take back an application that waits."""
    _found(subject, number)
    try:
        actions.withdraw(subject=subject, application=number, by=actor(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "申请已撤回。")
    return redirect("my-application", subject=subject, number=number)


def _found(subject: str, number: int) -> Filed:
    found = queries.filed(subject, application=number) if number < 2**63 else []
    if not found:
        raise Http404
    return found[0]


def _page(request: HttpRequest, filed: Filed, *, words: str = "", fault: str = "", status: int = 200) -> HttpResponse:
    application = filed.application
    held = binding(request)
    chosen = application.body.get("commitment", {}).get("template", "")
    context = {
        "filed": filed,
        "code": (code := filed.parts.get("code")),
        "serial": token.grouped(int(code.number)) if code and code.number else "",
        "commitment": filed.parts.get("commitment"),
        "template": templates.find(chosen) if chosen else None,
        "picked": [scenarios()[one] for one in application.scenarios if one in scenarios()],
        "waits": [check for said in application.checks if (check := Check(**said)).level == "wait"],
        "may_appeal": rules.why_not_appeal(filed.state, filed.parts, appealed=filed.appealed, words="x") is None
        and bindings.may(held, "apply"),
        "left": rules.working_days_left(timezone.localdate(), application.due_on),
        "words": words,
        "fault": fault,
        "length": rules.WHY_LENGTH,
    }
    return page(request, "enterprise/application.html", context, at=AT, status=status)
