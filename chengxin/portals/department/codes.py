"""诚信码: the codes of businesses as the office sees them: looked for, frozen, freed, replaced, cancelled, gone on as another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.board import token
from chengxin.credit.codes import actions, elsewhere, life, listed, queries, showing
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.queries import Standing
from chengxin.credit.codes.rules import STATE_LABELS, STEPS, WAYS
from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects import search, successions
from chengxin.credit.subjects.models import Succession
from chengxin.credit.subjects.rules import SUCCESSIONS
from chengxin.people.models import User
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.department.applications import sees
from chengxin.portals.department.page import page
from chengxin.portals.department.subjects import sight_of
from chengxin.portals.shared.gate import actor, person
from chengxin.terms import uscc
from chengxin.terms.area import governs
from chengxin.terms.entity import STATES

A_PAGE: Final = 25
CODES_A_PAGE: Final = 50
LOOKED_THROUGH: Final = 20_000
"""Bearers of a name looked through for those of somebody's area; of how many more there may be, the page says so."""
NAMED_AT_MOST: Final = 50
TURNS_SHOWN: Final = 100
QUESTION_LENGTH: Final = 100
FILTERS: Final = {
    listed.PLEAS: "有申诉",
    "frozen": STATE_LABELS["frozen"],
    "paused": STATE_LABELS["paused"],
    "pending": STATE_LABELS["pending"],
    "active": STATE_LABELS["active"],
    "displaying": "正在亮码",
    "hidden": "有码没有亮",
    listed.ELSEWHERE: "外来码",
}
VERBS: Final = {"freeze": "冻结", "unfreeze": "解除冻结", "cancel": "注销"}
"""What the office does with codes of a business, several at once. It pauses nothing: that is the business's own."""
MEANS: Final = {
    "freeze": "扫码页写明已冻结，不展示自行填报的内容；经营主体会收到原因，可以说明情况。",
    "unfreeze": "即刻恢复有效。",
    "cancel": "扫码只看到“此码已注销”，不能恢复。",
}


class Row(NamedTuple):
    """One business as it is listed, with how many of its codes are in which state."""

    subject: str
    name: str
    counts: list[tuple[str, int]]
    displaying: str  # by what, in words; empty: not
    note: str


# ---- Looked for ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """List businesses by the state of their codes, or look for one: a number leads there, a name is asked for by form."""
    if request.method == "POST":
        return _looked_for(request, " ".join(request.POST.get("text", "").split())[:QUESTION_LENGTH])
    who, today = sight_of(request), timezone.localdate()
    area = who.area if who.sees == "area" else None
    state = request.GET.get("state", "")
    if state not in FILTERS:
        state = listed.PLEAS if listed.in_state(listed.PLEAS, area=area, today=today).exists() else "frozen"
    found = listed.in_state(state, area=area, today=today)
    if who.sees not in ("all", "area"):
        found = found.none()
    rows = Paginator(found.values_list("subject", flat=True), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": rows,
        "listed": _rows(list(rows)),
        "filters": FILTERS.items(),
        "state": state,
        "query": f"state={state}&",
    }
    return _index(request, context)


def _index(request: HttpRequest, context: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    told = {"length": QUESTION_LENGTH, "may_give": may(actor(request).role, "code.give"), **context}
    return page(request, "department/codes.html", told, at="codes", status=status)


def _looked_for(request: HttpRequest, text: str) -> HttpResponse:
    """Lead to the business that a number means, or list those that bear a name. A name never stands in an address."""
    code = uscc.normalise(text)
    serial = token.ungrouped(text)
    named = code if uscc.is_valid(code) else ""
    if not named and serial is not None:
        named = queries.holders_of([serial]).get(serial, "")
    if not named and text:
        named = elsewhere.holder(text)
    if named and sees(sight_of(request), named) and subjects.registrations([named]):
        return redirect("code", subject=named)
    fault = ""
    found: list[str] = []
    if len(text) < search.SHORTEST:
        fault = "请写码的编号、统一社会信用代码，或者名称中至少两个字。"
    else:
        try:
            with transaction.atomic():
                found = [one.subject for one in search.find(text, limit=LOOKED_THROUGH)]
        except OperationalError:
            fault = "符合的太多，没能及时查完；请把名称写得更全。"
    mine = _mine(request, found)
    context = {
        "text": text,
        "fault": fault,
        "listed": _rows(mine[:NAMED_AT_MOST]),
        "is_cut": len(mine) > NAMED_AT_MOST or len(found) >= LOOKED_THROUGH,
        "named_at_most": NAMED_AT_MOST,
        "filters": FILTERS.items(),
    }
    return _index(request, context, status=422 if fault else 200)


def _mine(request: HttpRequest, found: Sequence[str]) -> list[str]:
    """Return those of these businesses whose codes somebody sees, in their order: a county those of its area."""
    who = sight_of(request)
    if who.sees == "all":
        return list(found)
    if who.sees != "area":
        return []
    areas = subjects.area_of(found)
    return [subject for subject in found if governs(who.area, areas.get(subject, "-"))]


def _rows(found: Sequence[str]) -> list[Row]:
    registered = {one.subject: one for one in subjects.registrations(found)}
    counts: dict[str, Counter[str]] = {subject: Counter() for subject in found}
    for code in queries.standing(found):
        counts[code.subject][code.state] += 1
    foreign = Counter(code.subject for code in elsewhere.standing(found))
    shown = showing.displaying(found, today=timezone.localdate())
    rows = []
    for subject in found:
        said = registered.get(subject)
        state = STATES[said.state] if said else None
        told = [(STATE_LABELS[name], counts[subject][name]) for name in STATE_LABELS if counts[subject][name]]
        if foreign[subject]:
            told.append((FILTERS[listed.ELSEWHERE], foreign[subject]))
        note = "" if state is None or state.may_be_coded else state.label
        displayed = shown[subject].label if subject in shown else ""
        rows.append(Row(subject, said.name if said else subject, told, displayed, note))
    return rows


# ---- One business's ------------------------------------------------------------------------------------------------------


@require_safe
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """Show the codes of a business with their turns, and what the office may do."""
    _seen(request, subject)
    return _page(request, subject)


@require_POST
def turn(request: HttpRequest, subject: str) -> HttpResponse:
    """Freeze, free or cancel the codes that were ticked, with a reason that the business reads."""
    _seen(request, subject)
    verb = request.POST.get("verb", "")
    try:
        if verb not in VERBS:
            raise Refused("请选择要做什么。")
        turned = life.turn(
            subject=subject,
            serials=_ticked(request),
            verb=verb,
            why=request.POST.get("why", ""),
            unit=unit_of(person(request)),
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, subject, fault=str(refusal), asked=request.POST, status=422)
    if turned:
        messages.success(request, f"{len(turned)} 个码已{VERBS[verb]}，扫码页即刻改变，经营主体会收到消息。")
    else:
        messages.info(request, "选中的码已经是这样，没有改变。")
    return redirect("code", subject=subject)


def _ticked(request: HttpRequest) -> list[int]:
    said = request.POST.getlist("serial")[:CODES_A_PAGE]
    return [int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 19]


@require_POST
def replace(request: HttpRequest, subject: str, serial: int) -> HttpResponse:
    """Give one code another serial; the old one stops at once."""
    _seen(request, subject)
    at = timezone.now()
    by = actor(request)
    try:
        made = life.replace(
            subject=subject,
            serial=serial,
            why=request.POST.get("why", ""),
            unit=unit_of(person(request)),
            by=by,
            at=at,
            signer=actions.signer(folder=settings.KEYS_DIR, by=by, at=at),
        )
    except Refused as refusal:
        return _page(request, subject, fault=f"{str(refusal).rstrip('。')}。", asked=request.POST, status=422)
    assert made.serial is not None  # noqa: S101 — what was made has its serial; this tells the type checker
    messages.success(request, f"已换发，新编号 {token.grouped(made.serial)}，旧码即刻失效。")
    return redirect("code", subject=subject)


@require_POST
def answer(request: HttpRequest, subject: str) -> HttpResponse:
    """Answer what a business says to a freeze."""
    _seen(request, subject)
    said = request.POST.get("seen", "")
    verdict = request.POST.get("answer", "")
    try:
        if verdict not in life.ANSWERS:
            raise Refused("请选择申诉是否成立。")
        life.answer(
            subject=subject,
            seen=int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0,
            upheld=verdict == "upheld",
            why=request.POST.get("why", ""),
            unit=unit_of(person(request)),
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _page(request, subject, plea_fault=str(refusal), asked=request.POST, status=422)
    messages.success(request, f"{life.ANSWERS[verdict]}，经营主体会收到消息。")
    return redirect("code", subject=subject)


@require_POST
def succeed(request: HttpRequest, subject: str) -> HttpResponse:
    """Say that a business went on under another USCC, or take that back."""
    _seen(request, subject)
    said = request.POST
    at = timezone.now()
    successor = uscc.normalise(said.get("successor", "")[:40])
    try:
        if "take-back" in said:
            before = successions.onward([subject]).get(subject)
            how, day, successor = (before.how, before.happened_on, "") if before else ("", at.date(), "")
        else:
            how, day = said.get("how", ""), _day(said.get("happened_on", ""))
            if not uscc.is_valid(successor):
                raise Refused("新主体的统一社会信用代码不对，应是 18 位，请照营业执照核对。")
            if not sees(sight_of(request), successor):
                raise Refused("新主体不在您的辖区，或者登记信息还没有归集；请与它所在的县区或市信用办核对。")
        successions.say(
            subject=subject,
            successor=successor,
            how=how,
            happened_on=day,
            why=said.get("why", ""),
            unit=unit_of(person(request)),
            by=actor(request),
            at=at,
            today=timezone.localdate(at),
        )
    except Refused as refusal:
        return _page(request, subject, succession_fault=str(refusal), asked=said, status=422)
    messages.success(request, "接续已撤回。" if not successor else "接续已登记，扫码页会写明，双方会收到消息。")
    return redirect("code", subject=subject)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as wrong:
        raise Refused("请写接续的日期，如 2026-11-23。") from wrong


def unit_of(user: User) -> str:
    """Return who speaks to a business when somebody of the office acts."""
    return user.unit.name if user.unit else face().city.office or "信用办"


def _seen(request: HttpRequest, subject: str) -> None:
    if not uscc.is_valid(subject) or not sees(sight_of(request), subject) or not subjects.registrations([subject]):
        raise Http404


def _page(
    request: HttpRequest,
    subject: str,
    *,
    fault: str = "",
    plea_fault: str = "",
    succession_fault: str = "",
    asked: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    (registered,) = subjects.registrations([subject])
    states = {one.state for one in queries.tally(subject)}
    codes = queries.Listing(subject, tuple(STATE_LABELS), newest_first=True)
    rows = Paginator(codes, CODES_A_PAGE).get_page(request.GET.get("page"))
    role = actor(request).role
    onward = successions.onward([subject]).get(subject)
    before = successions.predecessors([subject]).get(subject, [])
    names = {
        one.subject: one.name
        for one in subjects.registrations([*(one.subject for one in before), *([onward.successor] if onward else [])])
    }
    state = STATES[registered.state]
    renamed = subjects.renamed([subject]).get(subject)
    context = {
        "subject": subject,
        "registered": registered,
        "state": state,
        "renamed": renamed,
        "rows": rows,
        "lines": [(code, _placement(code), STATE_LABELS[code.state]) for code in rows],
        "ways": WAYS,
        "consents": queries.consents(subject, limit=20),
        "foreign": elsewhere.standing([subject])[:CODES_A_PAGE],
        "turns": [(one, STATE_LABELS[one.state]) for one in queries.turns(subject, limit=TURNS_SHOWN)],
        "turns_shown": TURNS_SHOWN,
        "frozen": life.frozen(subject),
        "answers": life.ANSWERS,
        "verbs": [
            (verb, label, MEANS[verb]) for verb, label in VERBS.items() if not states.isdisjoint(STEPS[verb].before)
        ],
        "may_freeze": may(role, "code.freeze"),
        "may_give": may(role, "code.give"),
        "why_length": life.WHY_LENGTH,
        "onward": onward,
        "onward_name": names.get(onward.successor, "") if onward else "",
        "predecessors": [(one, names.get(one.subject, ""), SUCCESSIONS.get(one.how, one.how)) for one in before],
        "successions": SUCCESSIONS,
        "history": [
            (one, SUCCESSIONS.get(one.how, one.how))
            for one in Succession.objects.filter(subject=subject).order_by("-id")[:10]
        ],
        "fault": fault,
        "plea_fault": plea_fault,
        "succession_fault": succession_fault,
        "asked": asked or {},
        "ticked": set(_ticked(request)) if request.method == "POST" else set(),
    }
    return page(request, "department/code.html", context, at="codes", status=status)


def _placement(code: Standing) -> str:
    return PLACEMENTS[code.placement].label if code.placement in PLACEMENTS else code.placement
