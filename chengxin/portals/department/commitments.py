"""承诺: what was promised to a unit, how far it was kept, and the commitments that only a unit can enter."""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.credit.commitments import actions, queries, rules
from chengxin.credit.commitments.models import Listed
from chengxin.credit.records import catalogue
from chengxin.credit.subjects import queries as subjects
from chengxin.ingest import entering
from chengxin.people import proofs as kept_proofs
from chengxin.people import sight
from chengxin.people.models import Unit
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared import proofs
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import uscc

A_PAGE: Final = 25
FILES: Final = 5
ENTERED: Final = ("审批替代型", "容缺受理型", "证明事项型", "信用修复型")
"""The kinds that a unit takes in the course of its own work, and enters itself (domain.md §9.1)."""
KIND: Final = catalogue.kind("commitment")
TEXTS: Final = {"reason": "CN_SY", "text": "CN_NR", "consequence": "CN_WNZR"}
"""Field of the form → column of the record."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the commitments that one sees, newest first, as asked; those to be judged by the day they end."""
    asked, today = request.GET, timezone.localdate()
    show = asked.get("show", "") if asked.get("show", "") in queries.SHOWS else ""
    text = " ".join(asked.get("text", "").split())[:40]
    sees = sight.of(person(request))
    found = queries.listed(sees, show=show, text=text, today=today, before=asked.get("before", ""), limit=A_PAGE + 1)
    rows = found[:A_PAGE]
    more = queries.place(rows[-1], show=show) if len(found) > A_PAGE else ""
    context = {
        "rows": [(one, one.until is not None and one.until < today) for one in rows],
        "shows": queries.SHOWS.items(),
        "show": show,
        "text": text,
        "is_asked": bool(show or text or asked.get("before")),
        "onward": urlencode({"show": show, "text": text, "before": more}) if more else "",
        "is_first": not asked.get("before"),
        "due_days": queries.DUE_DAYS,
        "may_add": _own(request) is not None,
    }
    return page(request, "department/commitments.html", context, at="commitments")


def _own(request: HttpRequest) -> Unit | None:
    """Return the unit in whose name somebody enters commitments and findings: their own, if it has a USCC."""
    unit = person(request).unit
    if unit is None or not unit.is_active or not unit.uscc or not may(person(request).role, "commitment.judge"):
        return None
    return unit


def _listed(request: HttpRequest, subject: str, number: str) -> Listed:
    one = queries.visible(sight.of(person(request))).filter(subject=subject, number=number).first()
    if one is None:
        raise Http404
    return one


@require_safe
def show(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """Show one commitment with what was found about it and what the business says."""
    return _show(request, subject, number, {})


def _show(
    request: HttpRequest, subject: str, number: str, more: dict[str, object], *, status: int = 200
) -> HttpResponse:
    _listed(request, subject, number)
    one = queries.find(subject, number)
    if one is None:
        raise Http404
    findings = queries.judgments(subject, number)
    papers = {one.pk: one for one in kept_proofs.by_id([key for each in findings for key in each.proofs])}
    context = {
        "one": one,
        "subject": subject,
        "name": one.body.get("CN_MC", ""),
        "is_over": one.is_over(timezone.localdate()),
        "findings": [(each, [papers[key] for key in each.proofs if key in papers]) for each in findings],
        "words": queries.words(subject, number),
        "may_judge": _judging(request, one.unit_code) is not None and not one.stopped,
        "kept": rules.KEPT,
        "breached": rules.BREACHED,
        "faults": {},
        "given": {},
        "files": FILES,
        **more,
    }
    return page(request, "department/commitment.html", context, at="commitments", status=status)


def _judging(request: HttpRequest, accepted_by: str) -> tuple[str, str] | None:
    """Return name and USCC of the unit in whose name somebody judges: their own, else the one that accepted it."""
    me = person(request)
    if not may(me.role, "commitment.judge"):
        return None
    own = _own(request)
    if own is not None:
        return own.name, own.uscc
    unit = Unit.objects.filter(uscc=accepted_by).first() if accepted_by and sight.of(me).sees == "all" else None
    return (unit.name, unit.uscc) if unit else None


@proofs.takes_proofs
@require_POST
def judge(request: HttpRequest, subject: str, number: str) -> HttpResponse:
    """Say how far a commitment was kept, on evidence."""
    listed = _listed(request, subject, number)
    said = {name: request.POST.get(name, "") for name in ("kept", "evidence", "unkept", "consequence")}
    unit = _judging(request, listed.unit_code)
    if unit is None:
        fault = "您的账号不属于有统一社会信用代码的单位，不能认定；请联系系统管理员。"
        return _show(request, subject, number, {"given": said, "faults": {"kept": fault}}, status=422)
    try:
        handed = proofs.handed_in(request, "proofs", most=FILES)
    except Refused as refusal:
        return _show(request, subject, number, {"given": said, "faults": {"proofs": str(refusal)}}, status=422)
    now = timezone.now()
    try:
        entering.judge(
            subject=subject,
            number=number,
            finding=actions.Finding(**said),
            proofs=lambda: [
                proofs.keep(one, subject=subject, about="judgment", user=person(request), by=actor(request), at=now).pk
                for one in handed
            ],
            unit=unit[0],
            unit_code=unit[1],
            by=actor(request),
            at=now,
        )
    except actions.Lacking as lacking:
        return _show(request, subject, number, {"given": said, "faults": lacking.faults}, status=422)
    except Refused as refusal:
        return _show(request, subject, number, {"given": said, "faults": {"kept": str(refusal)}}, status=422)
    messages.success(request, f"已认定为“{said['kept']}”，公开页上一两秒后更新；已通知这家经营主体。")
    return redirect("commitment", subject=subject, number=number)


# ---- Entered by the unit ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Enter a commitment that the unit took from a business in the course of its own work."""
    today = timezone.localdate()
    given: dict[str, str] = {
        "type": ENTERED[0],
        "signed_on": today.isoformat(),
        "public_type": _choices("CN_GKLX")[0],
        **{name: request.POST.get(name, "") for name in request.POST},
    }
    unit = _own(request)
    if request.method != "POST" or unit is None:
        return _form(request, given, {}, status=422 if request.method == "POST" else 200)
    subject = uscc.normalise(given.get("subject", ""))
    faults = _faults(given, subject, today)
    if faults:
        return _form(request, given, faults, status=422)
    try:
        number = entering.accept(
            subject=subject,
            said=actions.Accepted(
                type=given["type"],
                reason=given["reason"].strip(),
                text=given["text"].strip(),
                consequence=given["consequence"].strip(),
                signed_on=date.fromisoformat(given["signed_on"]),
                until=date.fromisoformat(given["until"]) if given.get("until") else None,
                public_type=given["public_type"],
            ),
            unit=unit.name,
            unit_code=unit.uscc,
            place=queries.place_of(unit, area=subjects.area_of([subject]).get(subject, "")),
            by=actor(request),
            at=timezone.now(),
        )
    except entering.Faulty as faulty:
        fields = {column: field for field, column in (*TEXTS.items(), *COLUMNS.items())}
        return _form(
            request, given, {fields.get(code, "subject"): said for _, code, said in faulty.problems}, status=422
        )
    except Refused as refusal:
        return _form(request, given, {"subject": str(refusal)}, status=422)
    messages.success(request, f"已录入，承诺编码 {number}，一两秒后可以在列表中看到。")
    return redirect("commitments")


COLUMNS: Final = {
    "type": "CN_LX",
    "signed_on": "CN_ZCRQ",
    "until": "CN_YXQ",
    "public_type": "CN_GKLX",
    "subject": "CN_DM",
}


def _choices(column: str) -> tuple[str, ...]:
    return KIND.column(column).choices


def _faults(given: dict[str, str], subject: str, today: date) -> dict[str, str]:
    faults = {}
    if not uscc.is_valid(subject):
        faults["subject"] = "请写承诺人的 18 位统一社会信用代码，核对每一位。"
    if given["type"] not in ENTERED:
        faults["type"] = "请选择承诺类型。"
    for name, column in TEXTS.items():
        if not given.get(name, "").strip():
            faults[name] = f"请填写{KIND.column(column).name}。"
    for name in ("signed_on", "until"):
        text = given.get(name, "")
        try:
            day = date.fromisoformat(text) if text else None
        except ValueError:
            faults[name] = "请按 2026-04-01 的样子写日期。"
        else:
            if name == "signed_on" and (day is None or day > today):
                faults[name] = "请写作出承诺的日期，不能晚于今天。"
    if given["public_type"] not in _choices("CN_GKLX"):
        faults["public_type"] = "请选择公开类型。"
    return faults


def _form(request: HttpRequest, given: dict[str, str], faults: dict[str, str], *, status: int) -> HttpResponse:
    context = {
        "given": given,
        "faults": faults,
        "types": ENTERED,
        "public_types": _choices("CN_GKLX"),
        "unit": _own(request),
        "texts": [
            (name, KIND.column(column).name, KIND.column(column).max, given.get(name, ""), faults.get(name, ""))
            for name, column in TEXTS.items()
        ],
    }
    return page(request, "department/commitment_add.html", context, at="commitments", status=status)
