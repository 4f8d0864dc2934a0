"""接口账号: the systems of units that push records, made and revoked. A secret is shown on one page, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.people import clients
from chengxin.people.models import Unit
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor

A_PAGE: Final = 50
UNITS_OFFERED: Final = 500
"""Names that the browser completes; a unit beyond them is typed in full."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote in the form."""

    unit: str = ""
    name: str = ""
    scopes: tuple[str, ...] = tuple(clients.SCOPES)
    fault: str = ""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the clients, newest first, with the form for another beneath."""
    return _list(request, Draft())


@sensitive_variables("made")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Make a client, and show its secret in this answer alone: sent again, the form is told that it is made."""
    form = request.POST
    draft = Draft(form.get("unit", ""), form.get("name", ""), tuple(form.getlist("scope")))
    try:
        made = clients.add(
            unit=clients.unit_called(draft.unit),
            name=draft.name,
            scopes=draft.scopes,
            by=actor(request),
            at=timezone.now(),
            client=form.get("client", ""),
        )
    except Refused as refusal:
        return _list(request, Draft(draft.unit, draft.name, draft.scopes, str(refusal)), status=422)
    context = {"made": made, "name": " ".join(draft.name.split()), "unit": draft.unit, "office": settings.OFFICE_URL}
    return page(request, "department/client_made.html", context, at="clients")


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, client: str) -> HttpResponse:
    """Ask whether a client is to be revoked, and do it."""
    found = clients.listed().filter(pk=client).first()
    if found is None:
        raise Http404
    if request.method != "POST" and clients.revoked_at(found) is None:
        return page(request, "department/client_revoke.html", {"client": found}, at="clients")
    try:
        clients.revoke(client=client, by=actor(request), at=timezone.now())
        messages.success(request, f"接口账号“{found.name}”已停用，它的令牌已经失效。")
    except Refused as refusal:
        messages.info(request, str(refusal))
    return redirect("clients")


def _list(request: HttpRequest, draft: Draft, *, status: int = 200) -> HttpResponse:
    shown = Paginator(clients.listed(), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "clients": shown,
        "lines": [(one, clients.last_used_at(one), clients.revoked_at(one)) for one in shown],
        "units": list(
            Unit.objects.filter(is_active=True).order_by("name").values_list("name", flat=True)[:UNITS_OFFERED]
        ),
        "scopes": [(name, label, name in draft.scopes) for name, label in clients.SCOPES.items()],
        "draft": draft,
        "new_id": clients.new_id(),
        "name_length": clients.NAME_LENGTH,
    }
    return page(request, "department/clients.html", context, at="clients", status=status)
