"""已办结: the applications that ended, newest first, asked for by way, result, area, clerk and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from chengxin.credit.applications import queries, rules
from chengxin.credit.applications.queries import NOBODY, Ended
from chengxin.credit.subjects import queries as subjects
from chengxin.portals.department import filters
from chengxin.portals.department.page import page
from chengxin.portals.shared import applying

A_PAGE: Final = 25
WAYS: Final = {"self": "自主填报", "counter": "柜台代办"}
"""How an application may be made; a batch is none."""
CLERKS_AT_MOST: Final = 200


def listed(request: HttpRequest, *, scope: str | None, areas: Sequence[tuple[str, str]]) -> HttpResponse:
    """List what ended in an area (None: in all), a page of it, as the address asks; `areas` are those to choose from."""
    typed = filters.typed(request, "way", "result", "area", "clerk", "from", "to")
    chosen = typed["area"] if typed["area"] in dict(areas) else ""
    within = filters.span(typed["from"], typed["to"])
    asked = Ended(
        area=chosen or scope,
        way=typed["way"] if typed["way"] in WAYS else "",
        result=typed["result"] if typed["result"] in rules.RESULTS else "",
        clerk=typed["clerk"],
        since=within.since,
        until=within.until,
    )
    before = request.GET.get("before", "")[:60]
    found = [] if within.fault else queries.decided(asked, before=before, limit=A_PAGE + 1)
    rows = found[:A_PAGE]
    names = {one.subject: one.name for one in subjects.registrations([one.subject for one in rows])}
    said = urlencode({"state": "done"} | {name: value for name, value in typed.items() if value})
    context = {
        "listed": [(row, names.get(row.subject, row.subject), rules.RESULTS[row.result]) for row in rows],
        "typed": typed,
        "said": said,
        "is_asked": any(typed.values()),
        "fault": within.fault,
        "is_first": not before,
        "older": f"{said}&{urlencode({'before': queries.place(rows[-1])})}" if len(found) > A_PAGE else "",
        "ways": WAYS,
        "results": rules.RESULTS,
        "areas": areas,
        "clerks": applying.deciders(area=scope).order_by("username")[:CLERKS_AT_MOST],
        "nobody": NOBODY,
    }
    return page(request, "department/decided.html", context, at="applications", status=422 if within.fault else 200)
