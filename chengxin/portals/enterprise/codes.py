"""诚信码: a business's codes, one of them, and what its people may do with it; each act says first what the public will see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.board import token
from chengxin.credit.codes import actions, elsewhere, life, placing, queries
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.places import AT_ONCE, Place
from chengxin.credit.codes.queries import Standing
from chengxin.credit.codes.rules import STATE_LABELS, WAYS, why_not_step
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects import successions
from chengxin.credit.subjects.rules import SUCCESSIONS
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared.gate import actor
from chengxin.press import qr
from chengxin.terms.entity import STATES

AT: Final = "my-codes"
A_PAGE: Final = 50
CONSENTS_SHOWN: Final = 10
STOPPED_SHOWN: Final = 20
TURNS_SHOWN: Final = 50
LISTED: Final = ("frozen", "paused", "pending", "active")
"""States of codes that stand, in the order in which they are listed: what stops them first."""
ENDED: Final = ("superseded", "cancelled")
SHAPES: Final = {"active": "good", "paused": "wait", "pending": "wait", "frozen": "stop"}
MEANINGS: Final = {
    "active": "扫码能看到您的登记信息、公共信用信息和自行填报的内容。",
    "paused": "扫码能看到登记信息和公共信用信息，并写明您已暂停展示；看不到自行填报的内容。",
    "frozen": "信用办冻结了这个码。扫码能看到登记信息和公共信用信息，并写明已冻结。",
    "pending": "还没有生效，扫码看不到信息。",
    "superseded": "已换发新码。扫这张旧码只会看到“此码已换发新码”。",
    "cancelled": "已注销。扫码只会看到“此码已注销”。",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a code: its words, the turn it is, what the public sees then, what is to be done on paper."""

    name: str
    step: str  # of codes.rules.STEPS
    title: str
    button: str
    sees: str
    paper: str
    done: str
    reasons: tuple[str, ...] = ()


ACTS: Final = {
    act.name: act
    for act in (
        Act(
            "pause",
            "pause",
            "暂停展示",
            "暂停展示",
            "扫这张码仍能看到登记信息和公共信用信息，并写明“经营主体已暂停展示”；您自行填报的内容不再显示，按名称也查不到您。",
            "贴着的码不用撕，随时可以恢复。",
            "已暂停展示，扫码页即刻改变。",
        ),
        Act(
            "resume",
            "resume",
            "恢复展示",
            "恢复展示",
            "扫这张码又能看到您的全部公示内容。",
            "贴着的码照常使用。",
            "已恢复展示。",
        ),
        Act(
            "lost",
            "supersede",
            "挂失换发",
            "挂失并换发新码",
            "扫旧码只会看到“此码已换发新码”，不再证明任何事情；新码照常展示。",
            "旧码即刻失效，不能恢复。所有印着旧编号的海报、贴纸、卡片都要换成新的。",
            "已换发新码，旧码即刻失效。请下载新码的载体，重新印制。",
            ("丢失或被人揭走", "被人翻拍、仿冒", "损坏，扫不出来"),
        ),
        Act(
            "renew",
            "supersede",
            "换发新码",
            "换发新码",
            "扫旧码只会看到“此码已换发新码”；新码照常展示。",
            "旧码即刻失效，不能恢复。请先想好什么时候能换下旧的载体，再来换发。",
            "已换发新码，旧码即刻失效。请下载新码的载体，重新印制。",
            ("名称变更，换新载体", "收到更换签发钥匙的通知", "其他原因"),
        ),
    )
}
"""What the people of a business may do with one code. Freezing and freeing it is the office's."""


class Line(NamedTuple):
    """One code as it is listed."""

    code: Standing
    serial: str  # as printed
    name: str
    shape: str
    state: str


class Heritage(NamedTuple):
    """Whom the business took over, with the places where that one's codes hang and this one has none yet."""

    subject: str
    name: str
    how: str
    places: list[Standing]


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """List the codes, what stops them first; and what can be done with all of them."""
    living = [one for one in queries.tally(subject) if one.state not in ENDED]
    text = request.GET.get("q", "").strip()[:60]
    kind = request.GET.get("kind", "")
    counts = Counter[str]()
    for one in living:
        counts[one.placement] += one.many
    called = tuple(one.name for one in PLACEMENTS.values() if text and text in one.label)
    wanted = queries.Listing(subject, LISTED, kind, text, called)
    rows = Paginator(wanted, A_PAGE).get_page(request.GET.get("page"))
    stopped = queries.Listing(subject, ENDED, newest_first=True)[:STOPPED_SHOWN]
    registered = next(iter(subjects.registrations([subject])), None)
    state = STATES[registered.state] if registered else None
    renamed = subjects.renamed([subject]).get(subject)
    onward = successions.onward([subject]).get(subject)
    context = {
        "rows": rows,
        "lines": [_line(code) for code in rows],
        "total": counts.total(),
        "text": text,
        "kind": kind,
        "kinds": [(PLACEMENTS[name], count) for name, count in counts.items() if name in PLACEMENTS],
        "query": "".join(f"{name}={quote(said)}&" for name, said in (("kind", kind), ("q", text)) if said),
        "stopped": [_line(code) for code in stopped],
        "foreign": elsewhere.standing([subject]),
        "ways": WAYS,
        "frozen": life.frozen(subject) if any(one.state == "frozen" for one in living) else None,
        "answers": life.ANSWERS,
        "plea_length": life.PLEA_LENGTH,
        "registration": None if state is None or state.may_be_coded else state,
        "renamed": renamed if renamed and any(one.oldest <= _day_of(renamed) for one in living) else None,
        "onward": onward,
        "onward_how": SUCCESSIONS.get(onward.how, "") if onward else "",
        "onward_name": _name(onward.successor) if onward else "",
        "heritage": _heritage(subject) if registered else [],
        "may_withdraw": any(why_not_step("cancel", one.state) is None for one in living),
        "consents": queries.consents(subject, limit=CONSENTS_SHOWN),
    }
    return page(request, "enterprise/codes.html", context, at=AT)


def _placement(code: Standing) -> str:
    return PLACEMENTS[code.placement].label if code.placement in PLACEMENTS else code.placement


def _line(code: Standing) -> Line:
    return Line(
        code, token.grouped(code.serial), _placement(code), SHAPES.get(code.state, "none"), STATE_LABELS[code.state]
    )


def _day_of(renamed: subjects.Renamed) -> date:
    return timezone.localdate(renamed.since)


def _name(subject: str) -> str:
    return next((one.name for one in subjects.registrations([subject])), subject)


def _heritage(subject: str) -> list[Heritage]:
    """Return whom this business took over, where that one's codes still hang in places without a code of this one."""
    before = successions.predecessors([subject]).get(subject, [])
    if not before:
        return []
    mine = {(code.placement, code.label) for code in queries.standing([subject]) if code.state not in ENDED}
    names = {one.subject: one.name for one in subjects.registrations([one.subject for one in before])}
    theirs = queries.standing([one.subject for one in before])
    found = []
    for one in before:
        places = {
            (code.placement, code.label): code
            for code in theirs
            if code.subject == one.subject
            and code.state not in ENDED
            and (code.placement, code.label) not in mine
            and code.placement in PLACEMENTS
        }
        if places:
            name = names.get(one.subject, one.subject)
            found.append(Heritage(one.subject, name, SUCCESSIONS.get(one.how, ""), [*places.values()]))
    return found


# ---- One code --------------------------------------------------------------------------------------------------------


@require_safe
def show(request: HttpRequest, subject: str, serial: int) -> HttpResponse:
    """Show one code: its picture, its number and address, how it stands, what became of it, what can be done."""
    code = _found(subject, serial)
    address = f"{settings.CODE_URL.upper()}/C/{code.token}"
    hangs = queries.hanging([subject], serial=serial).get(serial)
    context = {
        "line": _line(code),
        "code": code,
        "meaning": MEANINGS[code.state],
        "hangs": hangs,
        "way": WAYS[code.way],
        "address": address,
        "page": f"{settings.CODE_URL}/C/{code.token}",
        "picture": _picture(address) if code.state not in ENDED else "",
        "turns": [
            (turn, STATE_LABELS[turn.state]) for turn in queries.turns(subject, serial=serial, limit=TURNS_SHOWN)
        ],
        "acts": [act for act in ACTS.values() if _may(act, code)],
    }
    return page(request, "enterprise/code.html", context, at=AT)


def _picture(address: str) -> SafeString:
    """Return the code as an SVG of ours, for a screen: its own size is the page's."""
    drawn = qr.svg(qr.grid(address, level="M"))
    return mark_safe(drawn.replace("<svg ", '<svg class="qr" role="img" aria-label="诚信码的二维码" ', 1))  # noqa: S308 — drawn from digits


def _found(subject: str, serial: int) -> Standing:
    found = queries.one(subject, serial)
    if found is None:
        raise Http404
    return found


def _may(act: Act, code: Standing) -> bool:
    # What the office froze it frees, and replaces; a business that could would go on as if nothing had been.
    return code.state != "frozen" and why_not_step(act.step, code.state) is None


@require_http_methods(["GET", "HEAD", "POST"])
def turn(request: HttpRequest, subject: str, serial: int, act: str) -> HttpResponse:
    """Ask whether somebody means it, and say what the public will see; do it."""
    if act not in ACTS:
        raise Http404
    code = _found(subject, serial)
    wanted = ACTS[act]
    if request.method != "POST":
        if not _may(wanted, code):
            messages.info(request, f"这个码现在是“{STATE_LABELS[code.state]}”，不能{wanted.title}。")
            return redirect("my-code", subject=subject, serial=serial)
        return _confirm(request, code, wanted)
    # Of what is asked no reason, none is taken: it would stand in the trail for good.
    why = request.POST.get("why", "") if wanted.reasons else f"经营主体{wanted.title}"
    if wanted.reasons and why not in wanted.reasons:
        return _confirm(request, code, wanted, fault="请选择原因。", status=422)
    at = timezone.now()
    by = actor(request)
    try:
        if code.state == "frozen":
            raise Refused("这个码已被信用办冻结，不能自行变更：请先看冻结通知，按通知办理")
        if wanted.step == "supersede":
            signer = actions.signer(folder=settings.KEYS_DIR, by=by, at=at)
            made = actions.replace(subject=subject, serial=serial, why=why, by=by, at=at, signer=signer)
            assert made.serial is not None  # noqa: S101 — what was made has its serial; this tells the type checker
            serial = made.serial
        else:
            actions.turn(subject=subject, serial=serial, verb=wanted.step, why=why, by=by, at=at)
    except Refused as refusal:
        messages.error(request, f"{str(refusal).rstrip('。')}。")
    else:
        messages.success(request, wanted.done)
    return redirect("my-code", subject=subject, serial=serial)


def _confirm(request: HttpRequest, code: Standing, act: Act, *, fault: str = "", status: int = 200) -> HttpResponse:
    context = {
        "act": act,
        "code": code,
        "line": _line(code),
        "fault": fault,
    }
    return page(request, "enterprise/code_turn.html", context, at=AT, status=status)


# ---- All of them -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, subject: str) -> HttpResponse:
    """Give the codes up, and take the consent back: asked once more, with what follows."""
    standing = [code for code in queries.standing([subject]) if why_not_step("cancel", code.state) is None]
    fault = ""
    if request.method == "POST" and standing:
        if request.POST.get("sure") == "1":
            try:
                serials = actions.withdraw(
                    subject=subject, why="经营主体收回同意", by=actor(request), at=timezone.now()
                )
            except Refused as refusal:
                messages.error(request, f"{refusal}。")
            else:
                messages.success(request, f"已注销 {len(serials)} 个码，同意已收回，扫码页即刻改变。请撕下已张贴的码。")
            return redirect("my-codes", subject=subject)
        fault = "请勾选，确认您知道注销的后果。"
    if not standing:
        messages.info(request, "现在没有可注销的诚信码。")
        return redirect("my-codes", subject=subject)
    context: Mapping[str, object] = {
        "many": len(standing),
        "is_frozen": any(code.state == "frozen" for code in standing),
        "fault": fault,
    }
    return page(request, "enterprise/codes_withdraw.html", context, at=AT, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def plead(request: HttpRequest, subject: str) -> HttpResponse:
    """Say why the codes should not be frozen; the office answers."""
    text = request.POST.get("text", "")[: 2 * life.PLEA_LENGTH]
    fault = ""
    if request.method == "POST":
        try:
            life.plead(subject=subject, text=text, by=actor(request), at=timezone.now())
        except Refused as refusal:
            fault = str(refusal)
        else:
            messages.success(request, "情况说明已送到信用办，核实后会在“消息”里答复您。")
            return redirect("my-codes", subject=subject)
    standing = life.frozen(subject)
    if standing is None:
        messages.info(request, "现在没有被冻结的码，不需要申诉。")
        return redirect("my-codes", subject=subject)
    context = {
        "frozen": standing,
        "serials": [token.grouped(serial) for serial in standing.serials[:20]],
        "answers": life.ANSWERS,
        "text": text,
        "fault": fault,
        "length": life.PLEA_LENGTH,
    }
    return page(request, "enterprise/codes_plea.html", context, at=AT, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def inherit(request: HttpRequest, subject: str) -> HttpResponse:
    """Offer a business that took another over new codes of its own in the same places; give them."""
    heritage = _heritage(subject)
    refusal = placing.why_not(subject) if heritage else None
    if not heritage:
        messages.info(request, "没有可以接续的放置处。")
        return redirect("my-codes", subject=subject)
    if request.method == "POST" and not refusal:
        wanted = [code for one in heritage for code in one.places]
        at = timezone.now()
        by = actor(request)
        try:
            with transaction.atomic():
                made = placing.place(
                    subject=subject,
                    places=_places(wanted),
                    way="self",
                    by=by,
                    at=at,
                    signer=actions.signer(folder=settings.KEYS_DIR, by=by, at=at),
                )
        except Refused as why:
            messages.error(request, f"{str(why).rstrip('。')}。")
        else:
            messages.success(request, f"{len(made)} 处有了新主体的码，请下载新码的载体，换下旧的。")
        return redirect("my-codes", subject=subject)
    context = {
        "heritage": [(one, [_line(code) for code in one.places[:200]]) for one in heritage],
        "refusal": refusal,
    }
    return page(request, "enterprise/codes_inherit.html", context, at=AT)


def _places(codes: list[Standing]) -> list[Place]:
    """Return the places of codes as they hang now: what was shown by the consent of another is asked for anew."""
    hanging = queries.hanging([*{code.subject for code in codes}])
    places: dict[tuple[str, str], Place] = {}
    for code in codes[:AT_ONCE]:
        hangs = hanging.get(code.serial)
        places[code.placement, code.label] = Place(
            kind=code.placement,
            label=code.label,
            where=hangs.where if hangs else "",
            until=hangs.until if hangs else None,
            keeper=hangs.keeper if hangs else "",
        )
    return [*places.values()]
