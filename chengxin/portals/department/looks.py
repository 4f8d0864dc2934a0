"""查询日志: who looked at whose file, for whoever watches over that. The watching is itself noted."""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.people import queries, trail
from chengxin.people.looks import Look
from chengxin.people.roles import ROLES
from chengxin.portals.department.page import page
from chengxin.portals.department.words import kind_label
from chengxin.portals.shared.gate import actor
from chengxin.terms import privacy

LOOKS_A_PAGE: Final = 50
PATIENCE_MS: Final = 3000
LENGTH: Final = 150


@require_safe
@transaction.atomic
def index(request: HttpRequest) -> HttpResponse:
    """List looks, newest first: all of them, or those of a person, a unit, a subject or a day."""
    asked = {name: request.GET.get(name, "").strip()[:LENGTH] for name in ("person", "unit", "subject", "day")}
    asked["subject"] = asked["subject"].upper()
    at = timezone.now()
    fault, found = "", []
    try:
        day = date.fromisoformat(asked["day"]) if asked["day"] else None
        if day and not 2000 <= day.year <= 2999:
            raise ValueError(asked["day"])  # beyond every trail
    except ValueError:
        day, fault = None, "日期请写成 2026-11-25 这样，再查一次。"
    if not fault:
        before = request.GET.get("before", "")
        try:
            found = _found(asked, day, int(before) if before.isdecimal() and len(before) < 19 else None)
        except OperationalError:
            fault = "范围太大，没能及时查完；请加上日期、账号或者统一社会信用代码再查。"
    trail.note(
        by=actor(request),
        verb="looks.see",
        thing="looks",
        at=at,
        # What somebody types here is no personal data's place: the trail keeps it for ever.
        detail={name: privacy.blot(said) for name, said in asked.items() if said},
    )
    has_more = len(found) > LOOKS_A_PAGE
    found = found[:LOOKS_A_PAGE]
    context = {
        "asked": asked,
        "fault": fault,
        "looks": [
            (one, ROLES[one.role].label if one.role in ROLES else one.role, kind_label(one.part) if one.part else "")
            for one in found
        ],
        "older": urlencode({**asked, "before": found[-1].id}) if has_more else "",
        "is_first": "before" not in request.GET,
        "newest": urlencode(asked),
    }
    return page(request, "department/looks.html", context, at="looks", status=422 if fault else 200)


def _found(asked: dict[str, str], day: date | None, before: int | None) -> list[Look]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
        return queries.looks(
            person=asked["person"],
            unit=asked["unit"],
            subject=asked["subject"],
            day=day,
            before=before,
            limit=LOOKS_A_PAGE + 1,
        )
