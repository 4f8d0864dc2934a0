"""载体: what a code can be put on: looked at, downloaded one by one, or many printed in the background."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Final, NamedTuple

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.board import token
from chengxin.credit.codes import actions, queries
from chengxin.credit.codes import printing as jobs
from chengxin.credit.codes.models import PrintJob
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.queries import Standing
from chengxin.credit.publishing.printing import Chosen
from chengxin.credit.records import required
from chengxin.credit.records.required import Required
from chengxin.credit.subjects import queries as subjects
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared import drawing
from chengxin.portals.shared import print_answers as answers
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.press import badge, lint, typeset
from chengxin.press.carriers import CARRIERS, FORMS, GROUPS, Carrier, for_placement
from chengxin.press.paper import NotPrintable

AT: Final = "my-codes"
A_MINUTE: Final = 60
DRAWN_A_MINUTE: Final = 60
"""Files that one person downloads in a minute: more is a program, and every one of them costs a second."""
JOBS_A_PAGE: Final = 20
FIRST: Final = "premises"


# ---- Carriers of one code --------------------------------------------------------------------------------------------


class Offer(NamedTuple):
    """A carrier as it is offered for one code: its forms (file ending, label), or why it is held back."""

    carrier: Carrier
    size: str
    forms: tuple[tuple[str, str], ...]
    why: str
    reads: str = ""
    snippet: str = ""


@require_safe
def poster(request: HttpRequest, subject: str) -> HttpResponse:
    """Lead to the carriers of the code at the door, or of the oldest that stands."""
    active = [code for code in queries.standing([subject]) if code.state == "active"]
    if not active:
        return page(request, "enterprise/carriers_none.html", {}, at=AT)
    return redirect("my-carriers", subject, min(active, key=lambda code: (code.placement != FIRST, code.serial)).serial)


@require_safe
def carriers(request: HttpRequest, subject: str, serial: int) -> HttpResponse:
    """Show what a code can be put on, with the licences that its trade asks for beside it."""
    code = _code(subject, serial)
    licences = _required(subject, today=timezone.localdate())
    try:
        chosen = drawing.chosen(serial)
    except Refused as refusal:
        context: dict[str, object] = {"code": code, "refusal": str(refusal)}
        return page(request, "enterprise/carriers_none.html", context, at=AT)
    held_back = required.why_not(licences) or ""
    offers = [_offer(carrier, chosen, held_back) for carrier in for_placement(code.placement)]
    offers.sort(key=lambda offer: bool(offer.why))
    context = {
        "code": code,
        "kind": PLACEMENTS[code.placement],
        "serial": token.grouped(serial),
        "address": badge.link(chosen.print),
        "offers": offers,
        "licences": licences,
        "groups": GROUPS,
    }
    return page(request, "enterprise/carriers.html", context, at=AT)


def _offer(carrier: Carrier, chosen: Chosen, held_back: str) -> Offer:
    why = held_back if carrier.licences else ""
    if not why:
        try:
            typeset.ready(carrier, chosen.print)
        except NotPrintable as reason:
            why = str(reason)
    tried = None if why else lint.lint(carrier, chosen.print.content)
    why = why or (tried.why if tried else "") or ""
    return Offer(
        carrier,
        _size(carrier),
        tuple((form, FORMS[form]) for form in carrier.forms if form in drawing.TYPES),
        why,
        ""
        if why or tried is None
        else f"试读通过：{'、'.join(lint.DAMAGES[name]['label'] for name in tried.readings)}",
        badge.html(chosen.print, picture=drawing.BADGE_FILE) if carrier.name == badge.CARRIER and not why else "",
    )


def _required(subject: str, *, today: date) -> list[Required]:
    registered = subjects.registrations([subject])
    return required.of(subject, industry=registered[0].industry, today=today) if registered else []


def _code(subject: str, serial: int) -> Standing:
    code = queries.one(subject, serial)
    if code is None or code.placement not in PLACEMENTS:
        raise Http404
    return code


@require_safe
def preview(request: HttpRequest, subject: str, serial: int, carrier: str) -> HttpResponse:
    """Hand out a small picture of a code on a carrier."""
    code = _code(subject, serial)
    what = _carrier(code, carrier)
    try:
        drawn = drawing.draw(what, serial, form="png", at=timezone.now(), preview=True)
    except Refused as refusal:
        raise Http404 from refusal
    response = HttpResponse(drawn, content_type="image/png")
    response["Cache-Control"] = "private, max-age=300"  # nothing in it that is not for everybody to see
    return response


@require_safe
def file(request: HttpRequest, subject: str, serial: int, carrier: str, form: str) -> HttpResponse:
    """Hand out a code on a carrier as a file, and note it."""
    code = _code(subject, serial)
    what = _carrier(code, carrier)
    if form not in drawing.TYPES or form not in what.forms:
        raise Http404
    at = timezone.now()
    try:
        _slowly(request)
        held_back = required.why_not(_required(subject, today=timezone.localdate(at))) if what.licences else None
        if held_back:
            raise Refused(held_back)
        if why := lint.lint(what, drawing.chosen(serial).print.content).why:
            raise Refused(why)
        drawn = drawing.draw(what, serial, form=form, at=at)  # type: ignore[arg-type]  # it is one of TYPES
    except Refused as refusal:
        messages.error(request, f"{what.label}没有下载：{str(refusal).rstrip('。')}。")
        return redirect("my-carriers", subject, serial)
    actions.note_print(
        thing=f"code:{serial}",
        carrier=what.name,
        printed=1,
        refused=0,
        serials=(serial, serial),
        by=actor(request),
        at=at,
    )
    response = HttpResponse(drawn, content_type=drawing.TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{_named(what, serial, form)}"'
    return response


def _named(carrier: Carrier, serial: int, form: str) -> str:
    if carrier.name == badge.CARRIER and form == "svg":
        return drawing.BADGE_FILE  # as the piece of HTML calls it
    return f"{carrier.name}-{token.grouped(serial)}.{form}"


def _carrier(code: Standing, name: str) -> Carrier:
    carrier = CARRIERS.get(name)
    if carrier is None or code.placement not in carrier.placements:
        raise Http404
    return carrier


def _slowly(request: HttpRequest) -> None:
    """Count what somebody downloads.

    :raises Refused: more than a person would.
    """
    key = f"print.{person(request).pk}.{int(timezone.now().timestamp()) // A_MINUTE}"
    cache.add(key, 0, A_MINUTE)
    if cache.incr(key) > DRAWN_A_MINUTE:
        raise Refused("下载得太快了，请过一分钟再试；要印很多，请用“印一批”。")


# ---- Many ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, subject: str) -> HttpResponse:
    """Ask which codes of one kind are to be printed on what; hand it to the background."""
    said = request.POST if request.method == "POST" else request.GET
    active = [code for code in queries.standing([subject]) if code.state == "active" and code.placement in PLACEMENTS]
    counts = Counter(code.placement for code in active)
    kind = said.get("kind", "")
    if kind not in counts:
        kinds = [(PLACEMENTS[name], count) for name, count in counts.items()]
        return page(request, "enterprise/print_kinds.html", {"kinds": kinds}, at=AT)
    of_kind = [code for code in active if code.placement == kind]
    chosen = {int(text) for text in said.getlist("serial") if text.isascii() and text.isdigit() and len(text) < 12}
    wanted = [code.serial for code in of_kind if code.serial in chosen or not chosen]
    licences = _required(subject, today=timezone.localdate())
    held_back = required.why_not(licences) or ""
    fitting = [carrier for carrier in for_placement(kind) if "pdf" in carrier.forms]
    fault = ""
    if request.method == "POST":
        carrier = next((one for one in fitting if one.name == said.get("carrier", "")), None)
        try:
            if carrier is None:
                raise Refused("请选一种载体。")
            if carrier.licences and held_back:
                raise Refused(held_back)
            if wanted and (why := lint.lint(carrier, drawing.chosen(wanted[0]).print.content).why):
                raise Refused(why)
            job = jobs.ask(
                subject=subject,
                carrier=carrier.name,
                form=said.get("form", ""),
                serials=wanted,
                by=actor(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            fault = f"{str(refusal).rstrip('。')}。"
        else:
            return redirect("my-print-job", subject, job.pk)
    context = {
        "kind": PLACEMENTS[kind],
        "count": len(wanted),
        "serials": wanted if chosen else [],
        "fitting": [(one, _size(one), held_back if one.licences else "") for one in fitting],
        "example": wanted[0] if wanted else of_kind[0].serial,
        "carrier": said.get("carrier", "")
        or next((one.name for one in fitting if not (one.licences and held_back)), ""),
        "forms": jobs.FORMS,
        "form": said.get("form", "pdf"),
        "fault": fault,
        "most": jobs.OF_A_BUSINESS,
    }
    return page(request, "enterprise/print_ask.html", context, at=AT, status=422 if fault else 200)


def _size(carrier: Carrier) -> str:
    if carrier.pixels:
        return f"{carrier.pixels[0]} × {carrier.pixels[1]} 像素"
    return f"{carrier.width:g} × {carrier.height:g} 毫米"


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """List the business's print jobs, newest first."""
    before = request.GET.get("before", "")
    found = jobs.newest(
        subject,
        limit=JOBS_A_PAGE + 1,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 12 else None,
    )
    rows = [answers.line(job) for job in found[:JOBS_A_PAGE]]
    context = {"rows": rows, "earlier": rows[-1].job.pk if len(found) > JOBS_A_PAGE else None, "is_first": not before}
    return page(request, "enterprise/prints.html", context, at=AT)


@require_safe
def show(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Show how far a job is, and its file when it is done."""
    job = _job(subject, number)
    return with_script(page(request, "enterprise/print_job.html", {"line": answers.line(job), "job": job}, at=AT))


@require_safe
def state(request: HttpRequest, subject: str, number: int) -> JsonResponse:
    """Say how far a job is."""
    return answers.state_answer(_job(subject, number))


@require_safe
def result(request: HttpRequest, subject: str, number: int) -> HttpResponseBase:
    """Hand out a job's file."""
    try:
        return answers.file_answer(_job(subject, number))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("my-print-job", subject, number)


@require_safe
def order(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Hand out a job's order for the print shop."""
    try:
        return answers.order_answer(_job(subject, number), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("my-print-job", subject, number)


def _job(subject: str, number: int) -> PrintJob:
    job = jobs.of(subject, number)
    if job is None:
        raise Http404
    return job
