"""承诺: what a business has promised, signing another, ending one, answering what was found about one."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.credit.codes import queries as codes
from chengxin.credit.commitments import actions, queries, rules, templates
from chengxin.credit.commitments.queries import Made
from chengxin.credit.commitments.templates import Template
from chengxin.credit.records.standing import STOPPING
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.ingest import entering
from chengxin.people import proofs
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared.gate import actor, person

MADE_A_PAGE: Final = 20
SERIAL: Final = re.compile(r"[1-9][0-9]{0,17}")
AT: Final = "my-commitments"


class State(NamedTuple):
    """How a commitment stands, in a word and the shape before it (`.state` of the styles)."""

    label: str
    shape: str


def state(one: Made, today: date) -> State:
    """Return how a commitment stands today."""
    if not one.entered:
        return State("正在入库", "wait")
    if one.stopped:
        return State(STOPPING[one.stopped].state, "none")
    if one.is_breached:
        return State(one.kept, "warn")
    if one.is_over(today):
        return State("已到期", "none")
    return State("有效", "good")


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """List what a business has promised, newest first."""
    today = timezone.localdate()
    rows = Paginator(queries.made(subject), MADE_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": rows,
        "shown": [(one, state(one, today), label(one), rules.may_renew(one.until, today)) for one in rows],
        "query": "",
    }
    return page(request, "enterprise/commitments.html", context, at=AT)


def label(one: Made) -> str:
    """Return what a commitment is called: by the form that was signed, else by its 承诺类型."""
    template = templates.find(one.signing.template) if one.signing else None
    return template.label if template else f"{one.type}承诺"


@require_safe
def show(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """Show one commitment: its words, who accepted it, what was found."""
    return _show(request, subject, number, {})


def _show(
    request: HttpRequest, subject: str, number: str, more: dict[str, object], *, status: int = 200
) -> HttpResponse:
    one = queries.find(subject, number)
    if one is None:
        raise Http404
    today = timezone.localdate()
    findings = queries.judgments(subject, number)
    context = {
        "one": one,
        "label": label(one),
        "state": state(one, today),
        "serial": rules.placing(one.reason),
        "findings": findings,
        "proofs": proofs.by_id(findings[0].proofs) if findings else [],
        "words": queries.words(subject, number),
        "may_end": one.signing is not None and one.entered and not one.stopped
        and rules.why_not_end(until=one.until, today=today) is None,
        "may_renew": one.signing is not None and rules.may_renew(one.until, today),
        "length": actions.WORD_LENGTH,
        **more,
    }  # fmt: skip
    return page(request, "enterprise/commitment.html", context, at=AT, status=status)


# ---- Signing -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, subject: str) -> HttpResponse:
    """Show the forms of words to choose from; then one of them to be read; then sign it."""
    asked = request.POST if request.method == "POST" else request.GET
    registered = next(iter(subjects.registrations([subject])), None)
    if registered is None:
        raise Http404
    code = _code(subject, asked.get("code", ""))
    offered = templates.for_business(industry=registered.industry, placement=code.placement if code else "")
    # What none is written for is promised in the general words.
    offered = offered or templates.for_business(industry=registered.industry)
    chosen = next((one for one in offered if one.name == asked.get("template")), None)
    if chosen is None:
        return _choose(request, registered, offered, code)
    if request.method != "POST":
        return _read(request, registered, chosen, code)
    if not request.POST.get("agree"):
        fault = "请先读完承诺书，再在下面打勾表示同意。"
        return _read(request, registered, chosen, code, fault=fault, status=422)
    try:
        number = entering.commit(
            subject=subject,
            template=chosen.name,
            by=actor(request),
            person=person(request).pk,
            at=timezone.now(),
            serial=code.serial if code else None,
        )
    except Refused as refusal:
        return _read(request, registered, chosen, code, fault=str(refusal), status=422)
    messages.success(request, f"已签署，承诺编码 {number}。扫码的人马上可以看到。")
    return redirect("my-commitment", subject=subject, number=number)


def _code(subject: str, said: str) -> codes.Standing | None:
    """Return the code that a commitment is to be made for, None for the whole business."""
    if not said:
        return None
    serial = int(said) if SERIAL.fullmatch(said) else 0
    found = next((one for one in codes.standing([subject]) if one.serial == serial), None)
    if found is None:
        raise Http404
    return found


def _choose(
    request: HttpRequest, registered: Registered, offered: list[Template], code: codes.Standing | None
) -> HttpResponse:
    today = timezone.localdate()
    serial = code.serial if code else None
    signed = queries.signed(registered.subject, today=today)
    ways = []
    for one in offered:
        held = signed.get((one.name, serial))
        ways.append((one, held, held is not None and not rules.may_renew(held.until, today)))
    context = {"ways": ways, "code": code}
    return page(request, "enterprise/commit_choose.html", context, at=AT)


def _read(
    request: HttpRequest,
    registered: Registered,
    template: Template,
    code: codes.Standing | None,
    *,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    area = subjects.area_of([registered.subject]).get(registered.subject, "")
    unit = queries.accepting(template, area=area)
    context = {
        "template": template,
        "code": code,
        "unit": unit,
        "today": today,
        "until": rules.ends(today, template.valid_days),
        "reason": rules.reason(template.reason, code.serial if code else None),
        "fault": fault or ("" if unit else actions.NO_UNIT),
    }
    return page(request, "enterprise/commit.html", context, at=AT, status=status)


# ---- Said of it ----------------------------------------------------------------------------------------------------


@require_POST
def end(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """End a commitment, with a reason."""
    why = request.POST.get("why", "")
    try:
        entering.end(
            subject=subject,
            number=number,
            why=why,
            by=actor(request),
            person=person(request).pk,
            at=timezone.now(),
        )
    except Refused as refusal:
        return _show(request, subject, number, {"why": why, "end_fault": str(refusal)}, status=422)
    messages.success(request, "已终止，有效期到今天为止。终止以前的承诺仍然公开，仍可以认定履行情况。")
    return redirect("my-commitment", subject=subject, number=number)


@require_POST
def answer(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """Answer what was found about a commitment."""
    text = request.POST.get("text", "")
    try:
        actions.answer(
            subject=subject,
            number=number,
            text=text,
            person=person(request).pk,
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _show(request, subject, number, {"text": text, "answer_fault": str(refusal)}, status=422)
    messages.success(request, "说明已提交，认定单位会看到。")
    return redirect("my-commitment", subject=subject, number=number)
