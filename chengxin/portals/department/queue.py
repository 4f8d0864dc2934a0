"""待匹配: rows of which it is not known whose they are; a clerk decides once for all that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.credit.records import catalogue
from chengxin.credit.subjects.queries import registrations
from chengxin.credit.subjects.rules import SCHEMES, parts
from chengxin.ingest import candidates, waiting
from chengxin.ingest.models import Batch, Decision, SetAside
from chengxin.people import sight, trail
from chengxin.people.models import User
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.department.words import kind_label
from chengxin.portals.shared.gate import actor
from chengxin.terms import uscc

GROUPS_A_PAGE: Final = 25
ROWS_SHOWN: Final = 10
HISTORY: Final = 10
NUMBER_LENGTH: Final = 9


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows somebody sees: all, or one unit's own."""

    unit: int | None

    @classmethod
    def of(cls, request: HttpRequest) -> Scope:
        """Return the scope of whoever is signed in. Rows that wait are of no area yet: a county sees what it sent."""
        assert isinstance(request.user, User)  # noqa: S101 — the gate lets nobody else in
        seen = sight.of(request.user)
        if seen.sees == "all":
            return cls(None)
        return cls(seen.unit if seen.unit is not None else 0)  # 0: no unit has it


def said(claim: str) -> list[tuple[str, str]]:
    """Return a claim for people: what each part is called, and what it says."""
    labels = {"uscc": "统一社会信用代码", **SCHEMES, "name": "名称"}
    return [(labels.get(scheme, scheme), value) for scheme, value in parts(claim)]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List what waits, by whom it says it is about, those with the most rows first; or what was decided."""
    asked = request.GET
    state = "decided" if asked.get("state") == "decided" else "waiting"
    words = " ".join(asked.get("q", "").split())[:60]
    kind = asked.get("kind", "") if asked.get("kind", "") in catalogue.KINDS else ""
    scope = Scope.of(request)
    context: dict[str, object] = {
        "state": state,
        "states": [("waiting", "待认定"), ("decided", "已认定")] if scope.unit is None else [],
        "words": words,
        "kind": kind,
        "query": f"{urlencode({'state': state, 'q': words, 'kind': kind})}&",
    }
    if state == "decided" and scope.unit is None:
        found = Paginator(waiting.decided(words), GROUPS_A_PAGE).get_page(asked.get("page"))
        names = {one.subject: one.name for one in registrations([one.subject for one in found if one.subject])}
        rows = [(one, said(one.claim), names.get(one.subject, "")) for one in found]
        return page(request, "department/decisions.html", {**context, "found": found, "rows": rows}, at="queue")
    number = (
        int(asked.get("page", "1")) if asked.get("page", "1").isdecimal() and len(asked.get("page", "1")) < 7 else 1
    )
    start = (max(number, 1) - 1) * GROUPS_A_PAGE
    groups = waiting.groups(unit=scope.unit, kind=kind, words=words, start=start, count=GROUPS_A_PAGE)
    total = groups[0].groups if groups else 0
    context |= {
        "groups": [
            (group, said(group.claim), [kind_label(one) for one in group.kinds[:3]], group.sources[:2])
            for group in groups
        ],
        "total": total,
        "found": Paginator(range(total), GROUPS_A_PAGE).get_page(number),
        "kinds": _kinds(scope),
    }
    return page(request, "department/queue.html", context, at="queue")


def _kinds(scope: Scope) -> list[tuple[str, str]]:
    waits = SetAside.objects.filter(waiting=True, code__in=waiting.MATCHING)
    batches = Batch.objects.filter(id__in=waits.values("batch"))
    if scope.unit is not None:
        batches = batches.filter(unit=scope.unit)
    return [(name, kind_label(name)) for name in batches.order_by("kind").values_list("kind", flat=True).distinct()]


@require_safe
@transaction.atomic
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show the rows that say the same as one row, who may be meant, and what was decided."""
    return _page(
        request, _row(request, number).claim, thing=f"row {number}", post=reverse("queue-decide", args=[number])
    )


@require_safe
@transaction.atomic
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """Show a decision with what it is about, to be replaced by a newer one if need be."""
    return _page(
        request,
        _decision(request, number).claim,
        thing=f"decision {number}",
        post=reverse("decision-replace", args=[number]),
    )


@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Decide whose all rows are that say the same as one row."""
    return _decide(
        request, _row(request, number).claim, thing=f"row {number}", post=reverse("queue-decide", args=[number])
    )


@require_POST
def replace(request: HttpRequest, number: int) -> HttpResponse:
    """Decide anew; rows that were taken already stay where they are until their batch is undone."""
    return _decide(
        request,
        _decision(request, number).claim,
        thing=f"decision {number}",
        post=reverse("decision-replace", args=[number]),
    )


def _row(request: HttpRequest, number: int) -> SetAside:
    scope = Scope.of(request)
    found = SetAside.objects.exclude(claim="").filter(pk=number)
    if scope.unit is not None:
        found = found.filter(batch__unit=scope.unit)
    row = found.first()
    if row is None:
        raise Http404
    return row


def _decision(request: HttpRequest, number: int) -> Decision:
    one = Decision.objects.filter(pk=number).first()
    if one is None or Scope.of(request).unit is not None:
        raise Http404
    return one


def _decide(request: HttpRequest, claim: str, *, thing: str, post: str) -> HttpResponse:
    asked = request.POST
    is_match = asked.get("act") == "match"
    other = uscc.normalise(asked.get("other", ""))[:40]
    subject = (other or asked.get("subject", "")) if is_match else ""
    seen = asked.get("seen", "")
    try:
        if is_match and not subject:
            raise Refused("请先选择是哪一家，或填写它的统一社会信用代码。")
        if is_match and not uscc.is_valid(subject):
            raise Refused("统一社会信用代码不对，应是 18 位，请照营业执照核对。")
        done = waiting.decide(
            claim=claim,
            subject=subject,
            reason=asked.get("reason", ""),
            by=actor(request),
            at=timezone.now(),
            seen=int(seen) if seen.isdecimal() and len(seen) <= NUMBER_LENGTH else -1,
        )
    except Refused as refusal:
        chosen = {"chosen": asked.get("subject", ""), "other": other, "reason": asked.get("reason", "")[:400]}
        return _page(request, claim, thing=thing, post=post, fault=str(refusal), status=422, **chosen)
    if is_match:
        messages.success(request, f"已认定是 {subject}，{done.taken} 行已经入库；以后同样的行自动匹配。")
    else:
        messages.success(request, f"已认定库中没有这一家，{done.refused} 行退回报送单位；以后同样的行直接退回。")
    return redirect("decision", number=done.number)


def _page(
    request: HttpRequest,
    claim: str,
    *,
    thing: str,
    post: str,
    fault: str = "",
    status: int = 200,
    chosen: str = "",
    other: str = "",
    reason: str = "",
) -> HttpResponse:
    # Also where an answer was refused: the rows stand on that page as on any other.
    trail.note(by=actor(request), verb="queue.see", thing=thing, at=timezone.now())
    scope = Scope.of(request)
    waits = waiting.rows_of(claim, unit=scope.unit)
    count = waits.count()
    rows = list(waits[:ROWS_SHOWN])
    history = list(waiting.decisions(claim)[:HISTORY])
    names = {one.subject: one.name for one in registrations([one.subject for one in history if one.subject])}
    called = list(dict.fromkeys(filter(None, (_name(row) for row in rows))))
    decides = may(actor(request).role, "queue.decide")
    found = candidates.of(claim, called) if decides else None
    context = {
        "said": said(claim),
        "called": called,
        "count": count,
        "rows": [(row, kind_label(row.batch.kind), _title(row), _fields(row)) for row in rows],
        "more": count - len(rows),
        "history": [(one, names.get(one.subject, "")) for one in history],
        "seen": history[0].pk if history else 0,
        "candidates": found,
        "may_decide": decides,
        "post": post,
        "fault": fault,
        "chosen": chosen,
        "other": other,
        "reason": reason,
        "reason_length": waiting.REASON_LENGTH,
    }
    return page(request, "department/claim.html", context, at="queue", status=status)


def _name(row: SetAside) -> str:
    kind = catalogue.KINDS.get(row.batch.kind)
    return str(row.body.get(kind.roles.name, "")) if kind else ""


def _title(row: SetAside) -> str:
    kind = catalogue.KINDS.get(row.batch.kind)
    return str(row.body.get(kind.roles.document, "")) if kind and kind.roles.document else ""


def _fields(row: SetAside) -> list[tuple[str, str]]:
    """Return what a row says, column by column; papers of persons were left out when it was set aside."""
    kind = catalogue.KINDS.get(row.batch.kind)
    if kind is None:
        return []
    return [
        (column.name, column.written(row.body[column.code]))
        for column in kind.columns
        if row.body.get(column.code) and column.type != "person_id"
    ]
