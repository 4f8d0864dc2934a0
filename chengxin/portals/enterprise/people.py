"""人员: who acts for a business, whom they take on, whom they let go, to whom they hand over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings, parts
from chengxin.people.bindings import Gone
from chengxin.people.models import Binding, Call
from chengxin.people.trail import Refused
from chengxin.portals.enterprise.entering import attempt
from chengxin.portals.enterprise.gate import binding
from chengxin.portals.enterprise.page import page, plain
from chengxin.portals.shared.gate import person
from chengxin.terms import phone, uscc

HERE: Final = "my-people"
NO_NUMBER: Final = "请写 11 位手机号码，或留空只用链接。"


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """Show who acts for the business, and the invitations that are open."""
    return _index(request)


@require_POST
def invite(request: HttpRequest, subject: str) -> HttpResponse:
    """Make an invitation, and show its link once."""
    part, typed = request.POST.get("part", ""), request.POST.get("phone", "").strip()[:40]
    number = phone.normalise(typed) if typed else ""
    if number is None:
        return _index(request, typed=typed, part=part, fault=NO_NUMBER)
    try:
        token = bindings.invite(by=binding(request), part=part, phone=number, at=timezone.now())
    except Refused as refusal:
        return _index(request, typed=typed, part=part, fault=str(refusal))
    link = request.build_absolute_uri(reverse("my-join", args=[token]))
    context = {
        "link": link,
        "as_part": parts.PARTS[part].label,
        "number": phone.mask(number) if number else "",
        "days": bindings.GOOD_FOR.days,
    }
    return page(request, "enterprise/people_link.html", context, at=HERE, status=201)


@require_POST
def take_back(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """End an invitation before anybody uses it."""
    _act(request, lambda: bindings.take_back(call=number, by=binding(request), at=timezone.now()), told="邀请已收回。")
    return redirect(HERE, subject)


def _act(request: HttpRequest, act: Callable[[], object], *, told: str) -> None:
    """Do something that may be refused, and say on the next page what came of it."""
    if fault := attempt(act):
        messages.error(request, fault)
    else:
        messages.success(request, told)


@require_http_methods(["GET", "HEAD", "POST"])
def let_go(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Ask whether somebody is to go, and let them."""
    mine = binding(request)
    other = _one(subject, number)
    if other.pk == mine.pk:
        return redirect("my-leave", subject)
    if not parts.gives(mine.part, mine.state, other.part):
        raise Http404
    if request.method != "POST":
        context = {"other": other, "label": parts.PARTS[other.part].label, "act": "end"}
        return page(request, "enterprise/people_sure.html", context, at=HERE)
    _act(
        request,
        lambda: bindings.let_go(binding=other.pk, by=mine, at=timezone.now()),
        told=f"{other.user.name or '这个人'}已不能再为本主体办事。",
    )
    return redirect(HERE, subject)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, subject: str, number: int) -> HttpResponse:
    """Ask whether the business is to be handed over, and do it."""
    mine = binding(request)
    other = _one(subject, number)
    if mine.part != "legal" or other.part != "agent" or other.state != "accepted":
        raise Http404
    if request.method != "POST":
        context = {"other": other, "label": parts.PARTS[other.part].label, "act": "hand-over"}
        return page(request, "enterprise/people_sure.html", context, at=HERE)
    _act(
        request,
        lambda: bindings.hand_over(to=other.pk, by=mine, at=timezone.now()),
        told=f"已移交给{other.user.name or '对方'}，您现在是经办人。",
    )
    return redirect(HERE, subject)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, subject: str) -> HttpResponse:
    """Ask whether one wants to act for the business no more, and let them go."""
    mine = binding(request)
    if request.method != "POST":
        alone = len(bindings.people_of(subject, states=("accepted",), limit=2)) < 2
        context = {"act": "leave", "label": parts.PARTS[mine.part].label, "alone": alone}
        return page(request, "enterprise/people_sure.html", context, at=HERE)
    _act(
        request, lambda: bindings.let_go(binding=mine.pk, by=mine, at=timezone.now()), told="您已退出，不再为这家办事。"
    )
    return redirect("my")


# ---- Coming in -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show whoever opens a link which business takes them on, and let them come in."""
    called = bindings.call(token, at=timezone.now())
    if called is None:
        return plain(request, "enterprise/join_gone.html", {}, status=410)
    if request.method == "POST":
        return _joined(request, called)
    registered = subjects.registrations([called.subject])
    context = {
        "name": registered[0].name if registered else called.subject,
        "grouped": uscc.group(called.subject),
        "part": parts.PARTS[called.part],
        "by": called.by.user.name,
    }
    return plain(request, "enterprise/join.html", context)


@require_POST
def join_called(request: HttpRequest, number: int) -> HttpResponse:
    """Let somebody come in by an invitation that is for their telephone number."""
    mine = next((one for one in bindings.called(person(request), at=timezone.now()) if one.pk == number), None)
    if mine is None:
        return plain(request, "enterprise/join_gone.html", {}, status=410)
    return _joined(request, mine)


def _joined(request: HttpRequest, called: Call) -> HttpResponse:
    try:
        made = bindings.join(call=called.pk, user=person(request), at=timezone.now())
    except Gone as gone:
        return plain(request, "enterprise/join_gone.html", {"why": str(gone)}, status=410)
    except Refused as refusal:
        messages.info(request, str(refusal))
        return redirect("my")
    messages.success(request, "您已加入，可以办事了。")
    return redirect("my-home", made.subject)


def _one(subject: str, number: int) -> Binding:
    found = Binding.objects.select_related("user").filter(pk=number, subject=subject, state__in=bindings.LIVE).first()
    if found is None:
        raise Http404
    return found


def _index(request: HttpRequest, *, typed: str = "", part: str = "", fault: str = "") -> HttpResponse:
    mine = binding(request)
    people = [one for one in bindings.people_of(mine.subject) if one.state in bindings.BOUND or one.contested]
    context = {
        "people": [
            {
                "one": one,
                "name": one.name or one.user.name,
                "label": parts.PARTS[one.part].label,
                "level": parts.LEVELS[one.proven_by].label,
                "is_me": one.pk == mine.pk,
                "may_end": one.pk != mine.pk and parts.gives(mine.part, mine.state, one.part) and not one.contested,
                "may_take_over": mine.part == "legal" and one.part == "agent" and one.state == "accepted",
            }
            for one in people
        ],
        "calls": [
            (one, parts.PARTS[one.part].label, phone.mask(one.phone) if one.phone else "")
            for one in bindings.calls(mine.subject, at=timezone.now())
            if parts.gives(mine.part, mine.state, one.part)
        ],
        "offers": [one for one in parts.PARTS.values() if parts.gives(mine.part, mine.state, one.name)],
        "typed": typed,
        "chosen": part,
        "fault": fault,
    }
    return page(request, "enterprise/people.html", context, at=HERE, status=422 if fault else 200)
