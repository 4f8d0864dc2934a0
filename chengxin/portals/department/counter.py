"""代办: whoever has no smartphone signs a paper at the counter, and a clerk applies for him; counted apart.

One page, filled in by keyboard: the signed paper, then what the business says of itself, item by item, and a commitment. No
script is needed: one item more is the same form sent once more, and what was filled in comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.credit.applications import consents, rules
from chengxin.credit.commitments import templates
from chengxin.credit.commitments.templates import Template
from chengxin.credit.publishing import rules as publishing
from chengxin.credit.publishing.city import face
from chengxin.credit.scenarios.catalogue import all_ledgers, scenarios
from chengxin.credit.subjects import queries as subjects
from chengxin.people.models import Proof
from chengxin.people.trail import Refused
from chengxin.portals.department.applications import sees
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared import applying, items, proofs
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.items import Written
from chengxin.portals.shared.proofs import takes_proofs
from chengxin.terms import industry, privacy, uscc

PAPER: Final = "paper-photo"
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
        return _page(request, code, Filled(applying.key_of("")))
    return _apply(request, code)


@dataclass
class Filled:
    """What the form at the counter carries, right or wrong."""

    key: str
    contact: dict[str, str] = field(default_factory=dict)
    paper: str = ""
    proof: Proof | None = None
    scenarios: list[str] = field(default_factory=list)
    template: str = ""  # of the commitment; empty: none is made
    agreed: bool = False
    written: list[Written] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def draft(self) -> dict[str, Any]:
        """Return it as an application holds it."""
        template = templates.find(self.template)
        return {
            "key": self.key,
            "consent": consents.current(timezone.localdate()).version,
            "contact": self.contact,
            "scenarios": self.scenarios,
            "paper": f"柜台同意书 {self.paper}",
            "paper_proof": self.proof.pk if self.proof else None,
            "items": [rules.kept(one.item) for one in self.written],
            "commitment": {"template": template.name, "version": template.version} if template else {},
        }


def _filled(request: HttpRequest, subject: str, *, at: datetime) -> Filled:
    """Return what the form carries; its papers are kept, so that a page with faults does not lose them."""
    form = request.POST
    said = Filled(
        key=applying.key_of(form.get("key", "")),
        contact={name: " ".join(form.get(name, "").split())[:60] for name in ("name", "phone")},
        paper=" ".join(form.get("paper", "").split()),
        scenarios=[one for one in dict.fromkeys(form.getlist("scenario")) if one in scenarios()],
        template=form.get("template", ""),
        agreed=form.get("agree") == "yes",
    )
    kept = form.get("kept", "")
    if kept.isdecimal() and len(kept) < 19:
        said.proof = Proof.objects.filter(pk=int(kept), subject=subject, about="consent").first()
    try:
        for cleaned in proofs.handed_in(request, PAPER):
            said.proof = proofs.keep(
                cleaned, subject=subject, about="consent", user=person(request), by=actor(request), at=at
            )
    except Refused as refusal:
        said.faults[PAPER] = str(refusal)
    registered = subjects.registrations([subject])
    name, today = registered[0].name if registered else "", timezone.localdate(at)
    places = [place for place in range(1, rules.ITEMS_AT_MOST + 1) if f"item-{place}-kind" in form]
    for place in places:
        if form.get("drop", "") != str(place):
            prefix = f"item-{place}-"
            said.written.append(
                items.written(request, subject, before=None, name=name, today=today, at=at, prefix=prefix)
            )
    return said


def _is_blank(one: Written) -> bool:
    item = one.item
    said = (item.title, item.text, item.issuer, item.number, *one.typed.values())
    return not any(said) and item.proof is None and items.PROOF not in one.faults


def _numbered(written: Sequence[Written], *, quiet: bool = False) -> list[Written]:
    """Return items with names by their place; quiet: of what is wrong, only what is lost with this page."""
    return [
        replace(
            one,
            prefix=f"item-{place}-",
            faults={name: said for name, said in one.faults.items() if name == items.PROOF or not quiet},
        )
        for place, one in enumerate(written, start=1)
    ]


def _apply(request: HttpRequest, subject: str) -> HttpResponse:
    """Send in what the form carries; or show it with one item more, or one less."""
    form, at = request.POST, timezone.now()
    said = _filled(request, subject, at=at)
    if "add" in form or "drop" in form:
        said.written = _numbered(said.written, quiet=True)
        if form.get("add", "") in rules.SORTS and len(said.written) < rules.ITEMS_AT_MOST:
            said.written.append(items.blank(form["add"], prefix=f"item-{len(said.written) + 1}-"))
        return _page(request, subject, said, focus=len(said.written) if "add" in form else 0)
    said.written = _numbered([one for one in said.written if not _is_blank(one)])
    is_coded = applying.has_code(subject)
    said.faults |= _faults(request, subject, said, is_coded=is_coded)
    if said.faults or not all(one.is_done for one in said.written):
        return _page(request, subject, said, status=422)
    draft = said.draft
    if is_coded:
        del draft["contact"]  # asked for with the code
    try:
        sent = applying.send(subject=subject, way="counter", draft=draft, person=None, by=actor(request), at=at)
    except Refused as refusal:
        said.faults["send"] = str(refusal)
        return _page(request, subject, said, status=422)
    told = "诚信码已签发，可以当场打印海报。" if sent.serial is not None else "已提交。"
    messages.success(request, told + ("有的内容还要核对，见下面。" if sent.state == "waiting" else ""))
    return redirect("application", subject=subject, number=sent.application)


def _faults(request: HttpRequest, subject: str, said: Filled, *, is_coded: bool) -> dict[str, str]:
    """Return field → one sentence, for each field that is not right; items say theirs themselves."""
    faults = {} if is_coded else rules.contact_faults(said.contact)
    if not said.paper:
        faults["paper"] = "请填写同意书的编号。"
    elif len(said.paper) > PAPER_LENGTH:
        faults["paper"] = f"编号最多 {PAPER_LENGTH} 个字。"
    elif found := privacy.find(said.paper):
        faults["paper"] = f"编号里写了{found[0].label}，请删去：它会进入留痕，不能删改。"
    if said.proof is None and PAPER not in said.faults:
        faults[PAPER] = "请上传签了字的同意书。"
    if request.POST.get("identity") != "yes":
        faults["identity"] = "请先核对来人的身份，并勾选。"
    if said.template and said.template not in {one.name for one in _offered(subject)}:
        faults["template"] = "这份承诺书不适用于它的行业，或者已经签过，请另选一份。"
    elif said.template and not said.agreed:
        faults["agree"] = "请来人读过承诺书、签了字，再勾选。"
    return faults


def _offered(subject: str) -> list[Template]:
    registered = subjects.registrations([subject])
    return applying.offered(registered[0], today=timezone.localdate()) if registered else []


LABELS: Final = {
    "identity": "身份",
    "name": "联系人",
    "phone": "电话",
    "paper": "同意书编号",
    PAPER: "同意书",
    "template": "承诺",
    "agree": "承诺",
}
"""Field → what it is called where all that is wrong is listed, in the order of the page."""


def _wrong(said: Filled) -> list[tuple[str, str]]:
    """Return what is wrong, each with the id of its field, in the order of the page."""
    found = [(name, f"{label}：{said.faults[name]}") for name, label in LABELS.items() if name in said.faults]
    for place, one in enumerate(said.written, start=1):
        found += [(f"{one.prefix}{name}", f"填报第 {place} 项：{sentence}") for name, sentence in one.faults.items()]
        if one.words and not one.kept_anyway and not one.faults:
            found.append((f"{one.prefix}anyway", f"填报第 {place} 项：有几个字要留意，请改一改，或者勾选照样提交。"))
    return found


def _page(request: HttpRequest, subject: str, said: Filled, *, focus: int = 0, status: int = 200) -> HttpResponse:
    """Return the form as it was filled in. `focus`: on which item, counted from 1; none: where somebody was."""
    today = timezone.localdate()
    draft = said.draft
    known = applying.facts(subject=subject, person=None, body={}, today=today)
    found = rules.checks({**draft, "items": [], "commitment": {}}, known, today=today)
    registration = known.registration
    trade = industry.SECTIONS.get(industry.section_of(registration.industry), "") if registration else ""
    every = [scenario for ledger in all_ledgers() for scenario in ledger.scenarios]
    context = {
        "typed": subject,
        "draft": draft,
        "head": publishing.head(registration) if registration else None,
        "checks": [check for check in found if check.name in ("subject", "industry", "coded", "waiting")],
        "may_go_on": not any(check.level == "stop" for check in found if check.name in ("subject", "waiting")),
        "is_coded": known.is_coded,
        "version": consents.current(today).version,
        "fitting": [one for one in every if trade and trade in one.fields],
        "others": [one for one in every if not (trade and trade in one.fields)],
        "faults": said.faults,
        "wrong": _wrong(said) if status == 422 else [],
        "paper": said.paper,
        "proofs": [said.proof] if said.proof else [],
        "length": PAPER_LENGTH,
        "items": [(items.context(one), place == focus) for place, one in enumerate(said.written, start=1)],
        "sorts": rules.SORTS.values() if len(said.written) < rules.ITEMS_AT_MOST else (),
        "offered": _offered(subject),
        "template": said.template,
        "agreed": said.agreed,
        "most": rules.ITEMS_AT_MOST,
        "identity": request.POST.get("identity") == "yes",
        "focus_add": "drop" in request.POST,
    }
    return page(request, "department/counter.html", context, at="counter", status=status)


@require_safe
def consent(request: HttpRequest) -> HttpResponse:
    """Show the words to be signed on paper, ready to be printed; with a business's name and a commitment, if asked."""
    today: date = timezone.localdate()
    city = face().city
    said = {"office": city.office or applying.OFFICE, "phone": city.phone or "12345"}
    words = consents.current(today)
    subject = uscc.normalise(request.GET.get("subject", "")[:40])
    known = uscc.is_valid(subject) and sees(sight_of(request), subject)
    context = {
        "words": words,
        "clauses": [(one.title, one.text.format(**said), one.law) for one in words.clauses],
        "business": next(iter(subjects.registrations([subject])), None) if known else None,
        "commitment": templates.find(request.GET.get("commitment", "")),
    }
    return page(request, "department/counter_consent.html", context, at="counter")
