"""代办: whoever has no smartphone signs a paper at the counter, and a clerk applies for him; counted apart."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.credit.applications import consents, rules
from chengxin.credit.publishing import rules as publishing
from chengxin.credit.publishing.city import face
from chengxin.credit.scenarios.catalogue import all_ledgers, scenarios
from chengxin.people.models import Proof
from chengxin.people.trail import Refused
from chengxin.portals.department.applications import sees
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import applying, proofs
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.proofs import takes_proofs
from chengxin.terms import industry, privacy, uscc

PAPER_LENGTH: Final = 40


@require_http_methods(["GET", "HEAD", "POST"])
@takes_proofs
def counter(request: HttpRequest) -> HttpResponse:
    """Ask whose code it is to be, then for what is needed; apply."""
    asked = request.POST if request.method == "POST" else request.GET
    typed = "".join(asked.get("subject", "").split())[:40]
    code = uscc.normalise(typed)
    fault = ""
    if not typed and "subject" in asked:
        fault = "请输入统一社会信用代码，营业执照上有，18 位。"
    elif typed and not uscc.is_valid(code):
        fault = "统一社会信用代码不对，应是 18 位，请照营业执照核对。"
    elif typed and not sees(sight_of(request), code):
        fault = "这一家不在您的辖区，请到它所在地的窗口办理。"
    if not typed or fault:
        context = {"typed": typed, "fault": fault}
        return page(request, "department/counter.html", context, at="counter", status=422 if fault else 200)
    if request.method != "POST":
        return _page(request, code, {"key": applying.key_of("")})
    return _apply(request, code)


def _apply(request: HttpRequest, subject: str) -> HttpResponse:
    form = request.POST
    at = timezone.now()
    today = timezone.localdate(at)
    faults: dict[str, str] = {}
    proof = Proof.objects.filter(pk=int(form["kept"]), subject=subject, about="consent").first() if form.get("kept", "").isdecimal() and len(form["kept"]) < 19 else None  # fmt: skip
    try:
        for cleaned in proofs.handed_in(request, "paper-photo"):
            proof = proofs.keep(
                cleaned, subject=subject, about="consent", user=person(request), by=actor(request), at=at
            )
    except Refused as refusal:
        faults["paper-photo"] = str(refusal)
    contact = {name: " ".join(form.get(name, "").split())[:60] for name in ("name", "phone")}
    paper = " ".join(form.get("paper", "").split())
    draft: dict[str, Any] = {
        "key": applying.key_of(form.get("key", "")),
        "consent": consents.current(today).version,
        "contact": contact,
        "scenarios": [one for one in dict.fromkeys(form.getlist("scenario")) if one in scenarios()],
        "paper": f"柜台同意书 {paper}",
        "paper_proof": proof.pk if proof else None,
    }
    if not paper:
        faults["paper"] = "请填写同意书的编号。"
    elif len(paper) > PAPER_LENGTH:
        faults["paper"] = f"编号最多 {PAPER_LENGTH} 个字。"
    elif found := privacy.find(paper):
        faults["paper"] = f"编号里写了{found[0].label}，请删去：它会进入留痕，不能删改。"
    if proof is None and "paper-photo" not in faults:
        faults["paper-photo"] = "请上传签了字的同意书。"
    if form.get("identity") != "yes":
        faults["identity"] = "请先核对来人的身份，并勾选。"
    faults |= rules.contact_faults(contact)
    if faults:
        return _page(request, subject, draft, faults=faults, paper=paper, proof=proof, status=422)
    try:
        sent = applying.send(subject=subject, way="counter", draft=draft, person=None, by=actor(request), at=at)
    except Refused as refusal:
        return _page(request, subject, draft, faults={"send": str(refusal)}, paper=paper, proof=proof, status=422)
    if sent.serial is not None:
        messages.success(request, "诚信码已签发，可以当场打印海报。")
    else:
        messages.success(request, "已记下。")
    return redirect("application", subject=subject, number=sent.application)


def _page(
    request: HttpRequest,
    subject: str,
    draft: dict[str, Any],
    *,
    faults: dict[str, str] | None = None,
    paper: str = "",
    proof: Proof | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    known = applying.facts(subject=subject, person=None, body=draft, today=today)
    found = rules.checks({**draft, "consent": consents.current(today).version}, known, today=today)
    registration = known.registration
    trade = industry.SECTIONS.get(industry.section_of(registration.industry), "") if registration else ""
    every = [scenario for ledger in all_ledgers() for scenario in ledger.scenarios]
    context = {
        "typed": subject,
        "draft": draft,
        "head": publishing.head(registration) if registration else None,
        "checks": [check for check in found if check.name in ("subject", "industry", "coded", "waiting")],
        "may_go_on": not any(check.level == "stop" for check in found if check.name in ("subject", "waiting"))
        and not known.is_coded,
        "is_coded": known.is_coded,
        "version": consents.current(today).version,
        "fitting": [one for one in every if trade and trade in one.fields],
        "others": [one for one in every if not (trade and trade in one.fields)],
        "faults": faults or {},
        "paper": paper,
        "proofs": [proof] if proof else [],
        "length": PAPER_LENGTH,
    }
    return page(request, "department/counter.html", context, at="counter", status=status)


@require_safe
def consent(request: HttpRequest) -> HttpResponse:
    """Show the words to be signed on paper, ready to be printed."""
    today: date = timezone.localdate()
    city = face().city
    said = {"office": city.office or applying.OFFICE, "phone": city.phone or "12345"}
    words = consents.current(today)
    clauses = [(one.title, one.text.format(**said), one.law) for one in words.clauses]
    return page(request, "department/counter_consent.html", {"words": words, "clauses": clauses}, at="counter")
