"""首页: the businesses somebody acts for; and one of them: its code, the one next thing to do, what came and what ends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.credit.applications import newcomers
from chengxin.credit.applications import queries as applications
from chengxin.credit.applications.queries import Filed
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes import scans
from chengxin.credit.scenarios import benefits
from chengxin.credit.subjects import messages
from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings, looks, parts
from chengxin.portals.enterprise import known as knowing
from chengxin.portals.enterprise.gate import binding
from chengxin.portals.enterprise.known import Known
from chengxin.portals.enterprise.page import page, plain
from chengxin.portals.enterprise.scans import chart
from chengxin.portals.shared.gate import person
from chengxin.press import qr

DAYS: Final = 30
TOLD: Final = 2
LOOKS: Final = 99
"""So many looks are counted; past it a number tells nobody anything more."""
LOOK_DAYS: Final = 90


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Show the businesses that somebody acts for, or has asked to, and what is asked of them."""
    me = person(request)
    held = bindings.held(me)
    names = {one.subject: one.name for one in subjects.registrations([each.subject for each in held])}
    mine = [(each, names.get(each.subject, each.subject)) for each in held]
    context = {
        "mine": mine,
        "asked": newcomers.open_of(me),
        "called": bool(bindings.called(me, at=timezone.now(), limit=1)),
    }
    return plain(request, "enterprise/choose.html", context)


@require_safe
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """Show one business's first page."""
    at = timezone.now()
    held = binding(request)
    known = knowing.of(subject, at=at)
    scanned = scans.of(subject, days=DAYS, today=known.today)
    looked = _looks(subject, at=at)
    filed = next(iter(applications.filed(subject, limit=1)), None)
    first = known.first
    brought = benefits.brought(known.facts())
    context = {
        "known": known,
        "code": first,
        "code_url": f"{settings.CODE_URL}/C/{first.token}" if first else "",
        "symbol": symbol(f"{settings.CODE_URL}/C/{first.token}".upper()) if first and first.state == "active" else None,
        "others": max(0, len(known.active) - 1),
        "displaying": known.displaying,
        "next": next_thing(known, filed, may={act for act in parts.ACTS if bindings.may(held, act)}),
        "scans": scanned,
        "chart": chart(scanned),
        "endings": knowing.endings(known, codes.hanging([subject]).values()) if known.active or known.records else [],
        "newest": messages.newest(subject, limit=TOLD),
        "looks": looked,
        "look_days": LOOK_DAYS,
        "brought": brought,
        "open": sum(not one.missing for one in brought),
        "pages": {name for name in PAGES if _leads(name, subject)},
    }
    return page(request, "enterprise/home.html", context, at="my-home")


PAGES: Final = ("my-apply", "my-applications", "my-codes", "my-poster", "my-commitments", "my-preview")
"""Pages of other parts that this one leads to."""


def _leads(name: str, subject: str) -> bool:
    try:
        return bool(reverse(name, kwargs={"subject": subject}))
    except NoReverseMatch:
        return False


class Next(NamedTuple):
    """The one next thing to do: what, why, and the word and the page to press."""

    title: str
    text: str
    label: str
    page: str


def next_thing(known: Known, filed: Filed | None, *, may: Collection[str]) -> Next | None:
    """Return the one next thing that somebody should do for the business, or None where all is done.

    In the order of the way: ask for a code, wait for the answer, commit, print and hang it, show that it hangs.
    """
    if not known.coded and filed is not None and filed.state in ("waiting", "appealed"):
        due = f"最迟 {filed.application.due_on:%-m月%-d日}答复"
        return Next("申请在核对", f"信用办正在核对，{due}；有结果会告诉您。", "看看进度", "my-applications")
    if not known.coded and filed is not None and filed.state == "refused":
        return Next("申请没有通过", "看看原因，改好再交，或者申诉。", "看原因", "my-applications")
    living = next((code for code in known.codes if code.state in ("paused", "frozen")), None)
    if not known.coded and living is not None:
        was = (
            "您暂停了展示，顾客扫码看不到您填的内容。"
            if living.state == "paused"
            else "信用办冻结了您的码，原因在消息里。"
        )
        return Next("码现在停用", was, "看看我的码", "my-codes")
    if not known.coded:
        return (
            Next("申领诚信码", "几个问题，大约五分钟；不收费，随时可以停用。", "开始申领", "my-apply")
            if "apply" in may
            else None
        )
    if not known.active:
        return None  # somebody else issued it: there is nothing of ours to print or to show
    if "commit" in may and not any(record.kind == "commitment" for record in known.records):
        return Next("作一个信用承诺", "向顾客说一句算数的话，扫码的人看得到。", "选一份承诺", "my-commitments")
    if known.displaying is None:
        return Next("把码贴出来", "下载海报，贴在顾客看得到的地方，再拍一张照片传上来。", "下载海报", "my-poster")
    return None


def _looks(subject: str, *, at: datetime) -> int:
    since = at - timedelta(days=LOOK_DAYS)
    return sum(one.at >= since for one in looks.of_subject(subject, limit=LOOKS))


class Symbol(NamedTuple):
    """A code's picture: the side in modules with its quiet zone, and the path of what is dark."""

    side: int
    path: str


def symbol(text: str) -> Symbol:
    """Return the picture of a code, to be drawn as SVG."""
    rows = qr.grid(text, level="M")
    quiet = qr.QUIET
    path = "".join(f"M{across + quiet} {down + quiet}h{wide}v1h-{wide}z" for across, down, wide in qr.runs(rows))
    return Symbol(len(rows) + 2 * quiet, path)
