"""预览: the page that a scan would show, with what was filled in so far in its place. Nobody else can open it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.views.decorators.http import require_safe

from chengxin.board import verdict
from chengxin.credit.applications import queries, rules
from chengxin.credit.commitments import templates
from chengxin.credit.publishing import rules as publishing
from chengxin.credit.publishing.city import face
from chengxin.credit.records import queries as records
from chengxin.credit.records.standing import Standing
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.ingest import entering
from chengxin.portals.enterprise.page import page
from chengxin.portals.shared import applying
from chengxin.portals.shared.gate import person
from chengxin.public import assets
from chengxin.public.page import frame, scan
from chengxin.public.page.scan import Hanging

ELSEWHERE: Final = re.compile(r'href="/(?!/)')
"""A link of the public page to another of its own: from here it leads to the public side."""


@require_safe
def show(request: HttpRequest, subject: str) -> HttpResponse:
    """Show what a scan would show."""
    registered = subjects.registrations([subject])
    if not registered:
        return page(request, "enterprise/preview_none.html", {}, at="my-codes", status=404)
    at = timezone.now()
    today = timezone.localdate(at)
    draft = queries.draft(person(request), subject) or {}
    pending = _pending(registered[0], draft, at=at)
    replaced = {one.body.get("ZY_BH", "") for one in pending} - {""}
    standing = [one for one in records.standing([subject]) if one.body.get("ZY_BH", "") not in replaced]
    card = publishing.card(
        registered[0],
        sorted([*pending, *standing], key=lambda one: one.happened_on, reverse=True),
        at=at,
        today=today,
        overlap=settings.PUBLICITY_OVERLAP,
        good_for=timedelta(days=1),
    )
    city = face().city
    view = frame.view_of(
        request.path,
        request.META.get("QUERY_STRING", ""),
        city=_without_logo(city),
        assets={"page.css": "preview:page.css", "mark.svg": "preview:mark.svg", "mark.png": "preview:mark.svg"},
        public_url="",
    )
    sheet = scan.draw(
        view=view,
        state=verdict.of_registration(verdict.STATES["active"], card.head.state),
        hanging=Hanging(placement=applying.PLACEMENT),
        card=card,
        today=today,
    )
    html = sheet.before + (view.tongue.minute(timezone.localtime(at)) if sheet.has_minute else "") + sheet.after
    html = ELSEWHERE.sub(f'href="{escape(settings.PUBLIC_URL)}/', html)
    html = html.replace("preview:page.css", reverse("my-preview-style"))
    html = html.replace("preview:mark.svg", f"{settings.STATIC_URL}portal/mark.svg")
    back, label = ("my-apply", "回到申领") if draft else ("my-home", "回到首页")
    waits = " 您填报的内容提交后、经核对才会公开。" if pending else ""
    note = (
        f'<aside class="trial"><b>预览</b> 扫码的人会看到这样一页，现在只有您能看到。{waits}'
        f' <a href="{reverse(back, args=[subject])}">{label}</a></aside>'
    )
    return HttpResponse(html.replace("<body>", f"<body>{note}", 1))


def _without_logo(city: Any) -> Any:
    return type(city)(**{name: getattr(city, name) for name in city.__struct_fields__} | {"logo": ""})


def _pending(registration: Registered, draft: Mapping[str, Any], *, at: Any) -> list[Standing]:
    """Return what is filled in but not sent, as the records that would come of it."""
    today = timezone.localdate(at)
    subject, name = registration.subject, registration.name
    rows = [
        (
            "declaration",
            entering.declaration_row(item, number=item.revises, subject=subject, name=name, day=today),
            name,
            subject,
        )
        for item in rules.items_of(draft)
        if not rules.item_faults(item, today=today)
    ]
    template = templates.find(draft.get("commitment", {}).get("template", ""))
    if template is not None:
        body = {
            "CN_LX": template.type,
            "CN_SY": template.reason,
            "CN_NR": template.text,
            "CN_WNZR": template.consequence,
            "CN_ZCRQ": today.isoformat(),
            "CN_YXQ": (today + timedelta(days=template.valid_days)).isoformat(),
            "CN_GKLX": "可向社会公开",
            "CN_MC": name,
            "CN_DM": subject,
        }
        rows.append(("commitment", body, applying.office(), ""))
    return [Standing(subject, kind, today, body, source, code, at) for kind, body, source, code in rows]


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Return the public page's own style with the line that marks a preview."""
    answer = HttpResponse(_style(), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@cache
def _style() -> bytes:
    read = assets.read()
    style = read.by_address[read.addresses["page.css"]].plain
    for address, file in read.by_address.items():  # those addresses are the public side's: here the drawings come along
        if file.kind == assets.TYPES[".svg"]:
            style = style.replace(address.encode(), b"data:image/svg+xml;base64," + b64encode(file.plain))
    return style + TRIAL


TRIAL: Final = (
    b".trial{margin:0;padding:.7rem 1rem;border-bottom:2px dashed;background:#fff8e1;color:#3a2f00;font-size:.9375rem;"
    b"line-height:1.5}.trial a{color:#163f70;display:inline-block;padding:.3rem 0}"
)
