"""举报: the reports of fake codes that the public handed in, and what was done about them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.fakes import actions, queries
from chengxin.credit.fakes.models import NOTE_LENGTH
from chengxin.inbox.fakes import WRONGS
from chengxin.inbox.models import InboxFake
from chengxin.people import trail
from chengxin.people.roles import may
from chengxin.people.trail import Refused
from chengxin.portals.department.page import page
from chengxin.portals.shared.gate import actor

FAKES_A_PAGE: Final = 25
HANDLED: Final = {"open": False, "done": True}
RECEIPT: Final = re.compile(r"[0-9]{8}")
SEEN: Final = re.compile(r"[0-9]{1,6}")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the reports, newest first: those still open, or as asked; or the one that somebody on the telephone names."""
    asked = request.GET
    wrong = asked.get("wrong", "") if asked.get("wrong", "") in WRONGS else ""
    state = asked.get("state", "") if asked.get("state", "") in (*HANDLED, "all") else "open"
    typed = "".join(asked.get("receipt", "").split())
    receipt = typed if RECEIPT.fullmatch(typed) else ""
    found = queries.reports(wrong=wrong, handled=HANDLED.get(state), receipt=receipt)
    context = {
        "fakes": Paginator(found, FAKES_A_PAGE).get_page(asked.get("page")),
        "wrongs": [("", "全部"), *WRONGS.items()],
        "wrong": wrong,
        "states": [("open", "待处理"), ("done", "已处理"), ("all", "全部")],
        "state": state,
        "typed": typed[:40],
        "fault": "举报编号是 8 位数字，请照来电人报的输入。" if typed and not receipt else "",
        "receipt": receipt,
        "query": f"{urlencode({'wrong': wrong, 'state': state})}&",
    }
    return page(request, "department/fakes.html", context, at="fakes")


@require_safe
@transaction.atomic
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show one report."""
    return _page(request, _found(key))


@require_safe
@transaction.atomic
def photo(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the photo of a report. It was drawn anew when it came in, and is looked at here only."""
    fake = _found(key)
    picture = InboxFake.objects.values_list("photo", flat=True).get(pk=fake.pk)
    if picture is None:
        raise Http404
    trail.note(
        by=actor(request),
        verb="fake.photo",
        thing=f"fake {fake.receipt}",
        at=timezone.now(),
        detail={"key": str(fake.pk)},
    )
    return HttpResponse(
        bytes(picture),
        headers={
            "Content-Type": "image/jpeg",
            "Content-Disposition": f'inline; filename="fake-{fake.receipt}.jpg"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_POST
def handle(request: HttpRequest, key: str) -> HttpResponse:
    """Note what was done about a report."""
    fake = _found(key)
    note = request.POST.get("note", "").replace("\r\n", "\n")
    said = request.POST.get("seen", "")
    seen = int(said) if SEEN.fullmatch(said) else 0
    try:
        is_news = actions.handle(key=fake.pk, note=note, seen=seen, by=actor(request), at=timezone.now())
    except Refused as refusal:
        return _page(request, fake, note=note, fault=str(refusal), status=422)
    if is_news:
        messages.success(request, "处理情况已记下。")
    else:
        messages.info(request, "这条处理情况已经记过，没有重复记。")
    return redirect("fake", key=fake.pk)


def _found(key: str) -> InboxFake:
    try:
        return queries.reports().get(pk=UUID(key))
    except (ValueError, InboxFake.DoesNotExist) as error:
        raise Http404 from error


def _page(request: HttpRequest, fake: InboxFake, *, note: str = "", fault: str = "", status: int = 200) -> HttpResponse:
    # Also where a note was refused: the report stands on that page as on any other.
    trail.note(
        by=actor(request),
        verb="fake.see",
        thing=f"fake {fake.receipt}",
        at=timezone.now(),
        detail={"key": str(fake.pk)},
    )
    code = queries.reported(fake.serial)
    context = {
        "fake": fake,
        "code": code,
        "placement": PLACEMENTS[code.placement].label if code and code.placement in PLACEMENTS else "",
        "handlings": queries.handlings(fake),
        "may_handle": may(actor(request).role, "fake.handle"),
        "note": note,
        "fault": fault,
        "note_length": NOTE_LENGTH,
    }
    return page(request, "department/fake.html", context, at="fakes", status=status)
