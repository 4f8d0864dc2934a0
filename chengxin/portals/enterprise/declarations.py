"""填报: what a business says of itself, with what became of each; another, a further revision, one taken back."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.credit.applications import queries, rules
from chengxin.credit.applications.rules import Declared
from chengxin.credit.records import queries as records
from chengxin.credit.subjects import queries as subjects
from chengxin.ingest import entering
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared import applying, items
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.proofs import takes_proofs

AT: Final = "my-declarations"
A_PAGE: Final = 20
LOOKED_AT: Final = 50
"""Applications that are looked through for what waits or was refused, the newest."""


class Line(NamedTuple):
    """One thing declared, as it is listed: its state in words, the shape before the word, and what can be done."""

    item: Declared
    state: str
    shape: str  # good, wait, stop, none, warn
    why: str
    number: str  # 填报编号, where it can be changed
    application: int | None


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """List what the business says of itself: what waits first, then what is shown, then what is no more."""
    today = timezone.localdate()
    lines = [*_waiting(subject), *_standing(subject, today)]
    context = {
        "rows": Paginator(lines, A_PAGE).get_page(request.GET.get("page")),
        "sorts": list(rules.SORTS.values()),
        "is_coded": applying.has_code(subject),
        "query": "",
    }
    return page(request, "enterprise/declarations.html", context, at=AT)


def _waiting(subject: str) -> list[Line]:
    lines = []
    for filed in queries.filed(subject, limit=LOOKED_AT):
        for _, item, part in filed.items:
            if part.state == "waiting":
                said = "修改，等待核对" if item.revises else "等待核对"
                lines.append(Line(item, said, "wait", "", "", filed.application.id))
            elif part.state == "refused":
                lines.append(Line(item, "未通过", "stop", part.why, "", filed.application.id))
    return lines


def _standing(subject: str, today: date) -> list[Line]:
    shown, ended = [], []
    for settled in records.history(subject):
        if settled.said.kind != entering.DECLARATION:
            continue
        item = applying.declared(settled.standing)
        if settled.state:
            ended.append(Line(item, "已停止展示", "none", "", "", None))
        elif settled.body.get("ZY_ZT") == "2":
            ended.append(Line(item, "已撤回", "none", "", "", None))
        elif item.valid_to and item.valid_to < today:
            ended.append(Line(item, "已过期", "warn", "有效期过了，不再展示；换了新的可以修改。", item.revises, None))
        else:
            shown.append(Line(item, "展示中", "good", "", item.revises, None))
    return [*shown, *ended]


@require_http_methods(["GET", "HEAD", "POST"])
@takes_proofs
def add(request: HttpRequest, subject: str) -> HttpResponse:
    """Write one more thing, and send it in."""
    return _write(request, subject, None)


@require_http_methods(["GET", "HEAD", "POST"])
@takes_proofs
def edit(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """Write a thing anew: a further revision, which goes the way of any other."""
    return _write(request, subject, _found(subject, number))


@require_http_methods(["GET", "HEAD"])
def ask_drop(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """Ask whether a thing is to be taken back."""
    return page(request, "enterprise/declaration_drop.html", {"item": _found(subject, number)}, at=AT)


@require_POST
def drop(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """Take a thing back: it is gone at once."""
    try:
        applying.take_back(subject=subject, number=number, by=actor(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已撤回，扫码页上不再显示。")
    return redirect("my-declarations", subject=subject)


def _found(subject: str, number: str) -> Declared:
    for one in applying.declarations(subject):
        if one.body.get("ZY_BH") == number:
            return applying.declared(one)
    raise Http404


def _write(request: HttpRequest, subject: str, before: Declared | None) -> HttpResponse:
    if not applying.has_code(subject):
        messages.info(request, "先申领诚信码，填报在申领时一起写。")
        return redirect("my-apply", subject=subject)
    user = person(request)
    if request.method != "POST":
        shown = items.of(before) if before else items.blank(request.GET.get("kind", ""))
        return _page(request, subject, before, shown, key=applying.key_of(""))
    at = timezone.now()
    registered = subjects.registrations([subject])
    name = registered[0].name if registered else ""
    shown = items.written(request, subject, before=before, name=name, today=timezone.localdate(at), at=at)
    key = applying.key_of(request.POST.get("key", ""))
    if not shown.is_done:
        return _page(request, subject, before, shown, key=key, status=422)
    draft = {"key": key, "items": [rules.kept(shown.item)]}
    try:
        sent = applying.send(subject=subject, way="self", draft=draft, person=user, by=actor(request), at=at)
    except (Refused, ValueError) as refusal:
        shown.faults["send"] = str(refusal) if isinstance(refusal, Refused) else "这一页打开太久了，请重新打开再提交。"
        return _page(request, subject, before, shown, key=applying.key_of(""), status=422)
    if sent.is_news:
        told = "已提交，一两秒后显示在扫码页上。" if sent.state == "approved" else "已提交，等工作人员核对。"
        messages.success(request, told)
    return redirect("my-declarations", subject=subject)


def _page(
    request: HttpRequest,
    subject: str,
    before: Declared | None,
    shown: items.Written,
    *,
    key: str,
    status: int = 200,
) -> HttpResponse:
    context = {
        **items.context(shown),
        "place": 1 if before else 0,
        "title": "修改填报" if before else "填报一项",
        "back": reverse("my-declarations", args=[subject]),
        "back_label": "填报",
        "go": "提交",
        "key": key,
    }
    return page(request, "enterprise/item.html", context, at=AT, status=status)
