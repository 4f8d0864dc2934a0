"""申领: one question at a time, each with an address of its own, kept as a draft with each answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.credit.applications import actions, consents, queries, rules
from chengxin.credit.applications.rules import Check, Facts
from chengxin.credit.commitments import templates
from chengxin.credit.commitments.templates import Template
from chengxin.credit.publishing import rules as publishing
from chengxin.credit.publishing.city import face
from chengxin.credit.scenarios.catalogue import Scenario, all_ledgers, scenarios
from chengxin.credit.subjects import queries as subjects
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared import applying, items
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.proofs import takes_proofs
from chengxin.terms import industry

AT: Final = "my-codes"
FOUND_AT_MOST: Final = 40
QUESTION_LENGTH: Final = 30


class Step(NamedTuple):
    """One question: its name in the address, what it is called, whether a business that has a code is asked it too."""

    name: str
    label: str
    always: bool


STEPS: Final = (
    Step("registry", "核对登记信息", False),
    Step("consent", "阅读同意书", False),
    Step("contact", "留联系方式", False),
    Step("scenarios", "选应用场景", True),
    Step("items", "补充填报", True),
    Step("commitment", "作出承诺", True),
    Step("check", "核对提交", True),
)
"""The questions in their order."""


def _steps(known: Facts) -> list[Step]:
    return [step for step in STEPS if step.always or not known.is_coded]


@require_safe
def start(request: HttpRequest, subject: str) -> HttpResponse:
    """Lead to the first question that was not answered yet: whoever was cut off goes on where he was."""
    known = applying.facts(subject=subject, person=person(request), body={}, today=timezone.localdate())
    done = (queries.draft(person(request), subject) or {}).get("done", [])
    first = next((step for step in _steps(known) if step.name not in done), STEPS[-1])
    return redirect("my-apply-step", subject=subject, step=first.name)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, subject: str, step: str) -> HttpResponse:
    """Ask one question, or take its answer and go on to the next."""
    draft = dict(queries.draft(person(request), subject) or {})
    known = applying.facts(subject=subject, person=person(request), body=draft, today=timezone.localdate())
    if step not in {one.name for one in _steps(known)}:
        if step in {one.name for one in STEPS}:
            return redirect("my-apply", subject=subject)
        raise Http404
    if step == "check" and request.method == "POST":
        return _send(request, subject, draft, known)
    if request.method != "POST":
        return _asked(request, subject, step, draft, known)
    said, faults, again = ANSWERS[step](request, draft, known)
    if faults:
        return _asked(request, subject, step, {**draft, **said}, known, faults=faults, status=422)
    _keep(request, subject, said, step="" if again else step)
    if again:
        words = " ".join(request.POST.get("q", "").split())[:QUESTION_LENGTH]
        return redirect(
            reverse("my-apply-step", args=[subject, step]) + (f"?{urlencode({'q': words})}" if words else "")
        )
    return redirect("my-apply-step", subject=subject, step=_after(step, known))


def _keep(request: HttpRequest, subject: str, said: dict[str, Any], *, step: str) -> None:
    def change(body: dict[str, Any]) -> None:
        body |= said
        if step:
            body["done"] = list(dict.fromkeys([*body.get("done", []), step]))

    actions.keep(user=person(request), subject=subject, change=change, at=timezone.now())


def _after(step: str, known: Facts) -> str:
    names = [one.name for one in _steps(known)]
    return names[min(names.index(step) + 1, len(names) - 1)]


# ---- The answers -------------------------------------------------------------------------------------------------------

Answer = tuple[dict[str, Any], dict[str, str], bool]
"""What was said, what is wrong with it by field, and whether the same question is shown again."""


def _registry(request: HttpRequest, draft: dict[str, Any], known: Facts) -> Answer:
    return {}, {}, False


def _consent(request: HttpRequest, draft: dict[str, Any], known: Facts) -> Answer:
    version = consents.current(timezone.localdate()).version
    if request.POST.get("version") != version:
        return {}, {"agree": "同意书刚有了新的版本，请看过再同意。"}, False
    if request.POST.get("agree") != "yes":
        return {}, {"agree": "请先勾选同意；不同意就不申领，关掉这一页即可。"}, False
    return {"consent": version}, {}, False


def _contact(request: HttpRequest, draft: dict[str, Any], known: Facts) -> Answer:
    contact = {name: " ".join(request.POST.get(name, "").split())[:60] for name in ("name", "phone")}
    return {"contact": contact}, rules.contact_faults(contact), False


def _scenarios(request: HttpRequest, draft: dict[str, Any], known: Facts) -> Answer:
    chosen = [one for one in dict.fromkeys(request.POST.getlist("scenario")) if one in scenarios()]
    faults = {}
    if len(chosen) > rules.SCENARIOS_AT_MOST:
        faults["scenario"] = f"最多选 {rules.SCENARIOS_AT_MOST} 个，现在选了 {len(chosen)} 个，请去掉几个。"
    return {"scenarios": chosen}, faults, "find" in request.POST


def _items(request: HttpRequest, draft: dict[str, Any], known: Facts) -> Answer:
    return {}, {}, False


def _commitment(request: HttpRequest, draft: dict[str, Any], known: Facts) -> Answer:
    name = request.POST.get("template", "")
    if not name:
        return {"commitment": {}}, {}, False
    found = templates.find(name)
    if found is None or name not in {one.name for one in _offered(known)}:
        return {}, {"template": "这份承诺书不适用于您的行业，请另选一份。"}, False
    if "look" not in request.POST and request.POST.get("agree") != "yes":
        return {"commitment": {"template": name}}, {"agree": "请先读完承诺书并勾选。"}, False
    if "look" in request.POST:
        return {"commitment": {"template": name}}, {}, True
    return {"commitment": {"template": name, "version": found.version}}, {}, False


ANSWERS: Final[dict[str, Callable[[HttpRequest, dict[str, Any], Facts], Answer]]] = {
    "registry": _registry,
    "consent": _consent,
    "contact": _contact,
    "scenarios": _scenarios,
    "items": _items,
    "commitment": _commitment,
}


# ---- The questions -----------------------------------------------------------------------------------------------------


def _asked(
    request: HttpRequest,
    subject: str,
    step: str,
    draft: dict[str, Any],
    known: Facts,
    *,
    faults: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    found = rules.checks(draft, known, today=today)
    steps = _steps(known)
    number = [one.name for one in steps].index(step)
    context = {
        "step": step,
        "label": steps[number].label,
        "number": number + 1,
        "count": len(steps),
        "back": reverse("my-apply-step", args=[subject, steps[number - 1].name]) if number else "",
        "draft": draft,
        "faults": faults or {},
        "known": known,
        "checks": [check for check in found if check.name in CHECKED[step]],
        **QUESTIONS[step](request, draft, known, found),
    }
    return page(request, f"enterprise/apply_{step}.html", context, at=AT, status=status)


CHECKED: Final = {
    "registry": ("subject", "industry", "coded", "frozen", "waiting", "identity"),
    "consent": (),
    "contact": (),
    "scenarios": (),
    "items": ("items",),
    "commitment": (),
    "check": (
        "subject",
        "identity",
        "consent",
        "contact",
        "scenarios",
        "items",
        "item",
        "commitment",
        "coded",
        "frozen",
        "waiting",
    ),
}
"""Step → the checks whose sentences stand on its page: what was found is said where it can be mended."""

Found = list[Check]


def _ask_registry(request: HttpRequest, draft: dict[str, Any], known: Facts, found: Found) -> dict[str, Any]:
    registration = known.registration
    return {
        "head": publishing.head(registration) if registration else None,
        "office_of": registration.body.get("REGORG", "") if registration else "",
    }


def _ask_consent(request: HttpRequest, draft: dict[str, Any], known: Facts, found: Found) -> dict[str, Any]:
    city = face().city
    said = {"office": city.office or applying.OFFICE, "phone": city.phone or "12345"}
    words = consents.current(timezone.localdate())
    clauses = [(one.title, one.text.format(**said), one.law) for one in words.clauses]
    return {"words": words, "clauses": clauses, "agreed": draft.get("consent") == words.version}


def _ask_contact(request: HttpRequest, draft: dict[str, Any], known: Facts, found: Found) -> dict[str, Any]:
    return {"contact": draft.get("contact") or {"name": person(request).name, "phone": ""}}


def _ask_scenarios(request: HttpRequest, draft: dict[str, Any], known: Facts, found: Found) -> dict[str, Any]:
    words = " ".join(request.GET.get("q", "").split())[:QUESTION_LENGTH]
    chosen = draft.get("scenarios", [])
    registration = known.registration
    section = industry.section_of(registration.industry) if registration else ""
    trade = industry.SECTIONS.get(section, "")
    every = [scenario for ledger in all_ledgers() for scenario in ledger.scenarios]
    fitting = [one for one in every if trade and trade in one.fields]
    listed = [one for one in every if _says(one, words)] if words else fitting or every
    picked = [one for one in every if one.id in chosen]
    return {
        "picked": picked,
        "listed": [one for one in listed if one.id not in chosen][:FOUND_AT_MOST],
        "others": [] if words else [one for one in every if one not in listed and one.id not in chosen],
        "trade": trade,
        "words": words,
        "ledgers": {ledger.name: ledger.title for ledger in all_ledgers()},
        "most": rules.SCENARIOS_AT_MOST,
    }


def _says(scenario: Scenario, words: str) -> bool:
    return all(word in f"{scenario.name}{scenario.content}{scenario.fields}{scenario.units}" for word in words.split())


def _ask_items(request: HttpRequest, draft: dict[str, Any], known: Facts, found: Found) -> dict[str, Any]:
    checks = {check.about: check for check in found if check.name == "item"}
    listed = [(place, item, checks[f"item {place}"]) for place, item in enumerate(rules.items_of(draft), start=1)]
    return {"listed": listed, "sorts": list(rules.SORTS.values()), "most": rules.ITEMS_AT_MOST}


def _offered(known: Facts) -> list[Template]:
    return applying.offered(known.registration, today=timezone.localdate()) if known.registration else []


def _ask_commitment(request: HttpRequest, draft: dict[str, Any], known: Facts, found: Found) -> dict[str, Any]:
    offered = _offered(known)
    chosen = draft.get("commitment", {}).get("template", "")
    return {"offered": offered, "chosen": next((one for one in offered if one.name == chosen), None)}


def _ask_check(request: HttpRequest, draft: dict[str, Any], known: Facts, found: Found) -> dict[str, Any]:
    template = templates.find(draft.get("commitment", {}).get("template", ""))
    stops = [check for check in found if check.level == "stop"]
    return {
        "listed": rules.items_of(draft),
        "picked": [scenarios()[one] for one in draft.get("scenarios", []) if one in scenarios()],
        "template": template,
        "stops": [(check, STEP_OF.get(check.name, "registry")) for check in stops],
        "waits": [check for check in found if check.level == "wait"],
        "due_on": rules.due(timezone.localdate()),
        "key": draft.get("key", ""),
    }


STEP_OF: Final = {
    "consent": "consent",
    "contact": "contact",
    "scenarios": "scenarios",
    "item": "items",
    "items": "items",
} | {"commitment": "commitment"}
"""Check → the question where what it stopped at is mended."""

QUESTIONS: Final[dict[str, Callable[[HttpRequest, dict[str, Any], Facts, Found], dict[str, Any]]]] = {
    "registry": _ask_registry,
    "consent": _ask_consent,
    "contact": _ask_contact,
    "scenarios": _ask_scenarios,
    "items": _ask_items,
    "commitment": _ask_commitment,
    "check": _ask_check,
}


def _send(request: HttpRequest, subject: str, draft: dict[str, Any], known: Facts) -> HttpResponse:
    key = request.POST.get("key", "")
    if not draft:
        # Pressed twice, or sent in another window: the draft is an application by now.
        before = queries.filed(subject, limit=1)
        if before and before[0].application.key.hex == key:
            return redirect("my-application", subject=subject, number=before[0].application.id)
        return redirect("my-apply", subject=subject)
    try:
        sent = applying.send(
            subject=subject, way="self", draft=draft, person=person(request), by=actor(request), at=timezone.now()
        )
    except Refused as refusal:
        return _asked(request, subject, "check", draft, known, faults={"send": str(refusal)}, status=422)
    if sent.is_news:
        told = (
            "诚信码已签发。"
            if sent.serial is not None
            else "已提交，等工作人员核对。"
            if sent.state == "waiting"
            else "已提交。"
        )
        messages.success(request, told)
    return redirect("my-application", subject=subject, number=sent.application)


# ---- One declared item -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@takes_proofs
def item(request: HttpRequest, subject: str, place: int) -> HttpResponse:
    """Show one declared item to be written, or keep it; its place counts from 1, and 0 is a new one."""
    user = person(request)
    held = rules.items_of(queries.draft(user, subject) or {})
    if place > len(held) or (place == 0 and len(held) >= rules.ITEMS_AT_MOST):
        return redirect("my-apply-step", subject=subject, step="items")
    before = held[place - 1] if place else None
    at = timezone.now()
    if request.method != "POST":
        shown = items.of(before) if before else items.blank(request.GET.get("kind", ""))
        return _item_page(request, subject, place, shown)
    registered = subjects.registrations([subject])
    name = registered[0].name if registered else ""
    shown = items.written(request, subject, before=before, name=name, today=timezone.localdate(at), at=at)
    if not shown.is_done:
        return _item_page(request, subject, place, shown, status=422)

    def change(body: dict[str, Any]) -> None:
        kept = list(body.get("items", []))
        if 0 < place <= len(kept):
            kept[place - 1] = rules.kept(shown.item)
        elif rules.kept(shown.item) not in kept and len(kept) < rules.ITEMS_AT_MOST:  # pressed twice, it is one item
            kept.append(rules.kept(shown.item))
        body["items"] = kept

    actions.keep(user=user, subject=subject, change=change, at=at)
    return redirect("my-apply-step", subject=subject, step="items")


def _item_page(
    request: HttpRequest, subject: str, place: int, shown: items.Written, *, status: int = 200
) -> HttpResponse:
    context = {
        **items.context(shown),
        "place": place,
        "title": "修改这一项" if place else "填报一项",
        "back": reverse("my-apply-step", args=[subject, "items"]),
        "back_label": "补充填报",
        "go": "保存",
    }
    return page(request, "enterprise/item.html", context, at=AT, status=status)


@require_POST
def item_drop(request: HttpRequest, subject: str, place: int) -> HttpResponse:
    """Take a declared item out of the draft."""

    def change(body: dict[str, Any]) -> None:
        kept = list(body.get("items", []))
        if 0 < place <= len(kept) and str(kept[place - 1].get("title", "")) == request.POST.get("title", ""):
            del kept[place - 1]
        body["items"] = kept

    actions.keep(user=person(request), subject=subject, change=change, at=timezone.now())
    return redirect("my-apply-step", subject=subject, step="items")
