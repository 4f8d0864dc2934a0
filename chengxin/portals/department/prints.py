"""印制: many codes of a street, a market or a list onto paper, in the background."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.credit.codes import printing as jobs
from chengxin.credit.codes import queries
from chengxin.credit.codes.models import PrintJob
from chengxin.credit.publishing import printing
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of, visible
from chengxin.portals.shared import drawing
from chengxin.portals.shared import print_answers as answers
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.press import lint
from chengxin.press.carriers import CARRIERS, GROUPS

JOBS_A_PAGE: Final = 30
TEXT_LIMIT: Final = 600_000
"""Letters of a list: twenty thousand lines of a USCC and its line's end."""
FAULTS_SHOWN: Final = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the jobs that somebody asked for, newest first."""
    before = request.GET.get("before", "")
    mine = person(request).username
    found = jobs.newest(
        "",
        limit=JOBS_A_PAGE + 1,
        by=mine,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 12 else None,
    )
    rows = [answers.line(job) for job in found[:JOBS_A_PAGE]]
    context = {"rows": rows, "earlier": rows[-1].job.pk if len(found) > JOBS_A_PAGE else None, "is_first": not before}
    return page(request, "department/prints.html", context, at="prints")


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask which codes are to be printed on what: a USCC or a printed serial a line; hand it to the background."""
    said = request.POST if request.method == "POST" else request.GET
    text, faults = said.get("list", "")[:TEXT_LIMIT], list[tuple[str, str]]()
    carrier = CARRIERS.get(said.get("carrier", "poster"))
    if request.method == "POST":
        try:
            if carrier is None or "pdf" not in carrier.forms:
                raise Refused("请选一种载体。")
            serials = _serials(request, text, carrier.placements, faults)
            if faults and not request.POST.get("rest"):
                raise Refused("名单里有印不了的，见下面；改好再提交，或者勾选“只印其余的”。")
            if serials and (why := lint.lint(carrier, drawing.chosen(serials[0]).print.content).why):
                raise Refused(why)
            job = jobs.ask(
                subject="",
                carrier=carrier.name,
                form=said.get("form", ""),
                serials=serials,
                by=actor(request),
                at=timezone.now(),
            )
        except Refused as refusal:
            return _ask_page(request, text, f"{str(refusal).rstrip('。')}。", faults)
        return redirect("print", job.pk)
    return _ask_page(request, text, "", faults)


def _serials(request: HttpRequest, text: str, placements: tuple[str, ...], faults: list[tuple[str, str]]) -> list[int]:
    """Return the serials that a list means: of a USCC, its active codes at places that the carrier is for.

    :raises Refused: nothing is left, or there are more lines than one job may have codes.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > jobs.OF_THE_OFFICE:
        raise Refused(f"一次最多 {jobs.OF_THE_OFFICE:,} 行，这里有 {len(lines):,} 行：请分几次。")
    wanted = list(printing.asked(lines, lambda said, why: faults.append((said, why))))
    owners = queries.holders_of([one.serial for one in wanted if one.serial is not None])
    named = [(one, owners.get(one.serial, "") if one.serial is not None else one.subject) for one in wanted]
    subjects = sorted({subject for _, subject in named if subject})
    seen = set(visible(sight_of(request), subjects))
    held: dict[str, list[queries.Standing]] = {}
    for code in queries.standing(sorted(seen)):
        if code.state == "active":
            held.setdefault(code.subject, []).append(code)
    serials: list[int] = []
    for one, subject in named:
        if subject not in seen:
            faults.append((one.said, "没有这个码或主体，或者不在您的辖区"))
            continue
        fitting = [
            code.serial for code in held.get(subject, ())
            if (one.serial is None or code.serial == one.serial) and code.placement in placements
        ]  # fmt: skip
        if not fitting:
            faults.append((one.said, "没有适合这种载体的有效码"))
        serials += fitting
    return list(dict.fromkeys(serials))


def _ask_page(request: HttpRequest, text: str, fault: str, faults: list[tuple[str, str]]) -> HttpResponse:
    said = request.POST if request.method == "POST" else request.GET
    context = {
        "list": text,
        "groups": [
            (label, [one for one in CARRIERS.values() if one.group == name and "pdf" in one.forms])
            for name, label in GROUPS.items()
        ],
        "carrier": said.get("carrier", "poster"),
        "forms": jobs.FORMS,
        "form": said.get("form", "pdf"),
        "fault": fault,
        "faults": faults[:FAULTS_SHOWN],
        "faults_count": len(faults),
        "most": jobs.OF_THE_OFFICE,
    }
    return page(request, "department/print_ask.html", context, at="prints", status=422 if fault else 200)


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show how far a job is, and its file when it is done."""
    job = _job(request, number)
    return with_script(page(request, "department/print_job.html", {"line": answers.line(job), "job": job}, at="prints"))


@require_safe
def state(request: HttpRequest, number: int) -> JsonResponse:
    """Say how far a job is."""
    return answers.state_answer(_job(request, number))


@require_safe
def result(request: HttpRequest, number: int) -> HttpResponseBase:
    """Hand out a job's file."""
    try:
        return answers.file_answer(_job(request, number))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("print", number)


@require_safe
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a job's order for the print shop."""
    try:
        return answers.order_answer(_job(request, number), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("print", number)


def _job(request: HttpRequest, number: int) -> PrintJob:
    """Return a job of the office that this person asked for: what a county chose is not shown to another."""
    job = jobs.of("", number)
    if job is None or job.by != person(request).username:
        raise Http404
    return job
