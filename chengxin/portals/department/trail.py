"""留痕: who did what, for the auditor. What is taken out of here leaves a trail itself."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.people import queries, trail
from chengxin.people.models import Trail, TrailSeal
from chengxin.people.queries import Asked
from chengxin.people.roles import ROLES
from chengxin.portals.department import filters
from chengxin.portals.department.page import page
from chengxin.portals.department.verbs import VERBS, detail_label, verb_label
from chengxin.portals.shared.gate import actor
from chengxin.terms import privacy

ACTS_A_PAGE: Final = 50
CHECKED: Final = 1000
"""So many links at the end of the chain are gone through for each look at the page; `chengxin trail` takes them all."""
EXPORT_AT_MOST: Final = 50_000


class Question(NamedTuple):
    """What somebody asks of the trail, as it was typed and as it is understood."""

    asked: Asked
    typed: dict[str, str]
    fault: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the acts, newest first, with the state of the chain."""
    question = _question(request)
    before = request.GET.get("before", "")
    acts = queries.acts(question.asked)
    if _is_number(before):
        acts = acts.filter(pk__lt=int(before))
    listed = [] if question.fault else list(acts[: ACTS_A_PAGE + 1])
    newest = TrailSeal.objects.order_by("-number").first()
    said = urlencode({name: value for name, value in question.typed.items() if value})
    context = {
        "acts": [
            (act, ROLES[act.role].label if act.role in ROLES else act.role, _shortened(act))
            for act in listed[:ACTS_A_PAGE]
        ],
        "typed": question.typed,
        "fault": question.fault,
        "verbs": VERBS,
        "said": said,
        "older": listed[ACTS_A_PAGE - 1].pk if len(listed) > ACTS_A_PAGE else None,
        "is_first": not _is_number(before),
        "sealed": newest.number if newest else 0,
        "checked": min(CHECKED, newest.number if newest else 0),
        "broken": trail.verify(newest=CHECKED),
        "export_at_most": EXPORT_AT_MOST,
    }
    return page(request, "department/trail.html", context, at="trail", status=422 if question.fault else 200)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Hand out the acts that are asked for as a file."""
    question = _question(request)
    if question.fault:
        return HttpResponse(question.fault, status=422, content_type="text/plain; charset=utf-8")
    # Beforehand, so that the file tells of its own making.
    trail.note(
        by=actor(request),
        verb="trail.export",
        thing="trail",
        at=timezone.now(),
        detail={name: privacy.blot(value) for name, value in question.typed.items() if value},
    )
    return StreamingHttpResponse(
        _lines(queries.acts(question.asked)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename*=UTF-8''%E7%95%99%E7%97%95.csv"},
    )


def _question(request: HttpRequest) -> Question:
    typed = filters.typed(request, "by", "verb", "from", "to")
    within = filters.span(typed["from"], typed["to"])
    asked = Asked(by=typed["by"], verb=typed["verb"], since=within.since, until=within.until)
    return Question(Asked() if within.fault else asked, typed, within.fault)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _shortened(act: Trail) -> str:
    """Return what a page has room for of an act's detail; the file has all of it."""
    return "；".join(detail_label(name, value) for name, value in act.detail.items() if value not in ("", None, [], {}))


def _detail(act: Trail) -> str:
    return json.dumps(act.detail, ensure_ascii=False) if act.detail else ""


def _lines(acts: QuerySet[Trail]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(("编号", "时间", "账号", "角色", "动作", "对象", "说明"))
    for place, act in enumerate(acts[:EXPORT_AT_MOST].iterator(chunk_size=1000)):
        at = timezone.localtime(act.at).isoformat(timespec="seconds")
        role = ROLES[act.role].label if act.role in ROLES else act.role
        cells = (act.by, role, verb_label(act.verb), act.thing, _detail(act))
        writer.writerow((act.pk, at, *map(_inert, cells)))
        if place % 500 == 499:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _inert(cell: str) -> str:
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
