"""消息: what the office told a business, newest first. To open the page is to have read them."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from chengxin.credit.subjects import messages
from chengxin.credit.subjects.models import Message
from chengxin.people.bindings import read_messages
from chengxin.portals.enterprise.gate import binding
from chengxin.portals.enterprise.page import page

SHOWN: Final = 20


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """Show a page of messages, what is new among them marked, and note that they were read."""
    held = binding(request)
    said = request.GET.get("before", "")
    before = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None
    told = messages.newest(subject, before=before, limit=SHOWN + 1)
    since = held.seen_at or held.asked_at
    context = {
        "told": [(message, message.at > since, leads_to(message)) for message in told[:SHOWN]],
        "earlier": told[SHOWN - 1].id if len(told) > SHOWN else None,
        "is_first": before is None,
        "unread": 0,
    }
    answer = page(request, "enterprise/messages.html", context, at="my-messages")
    if before is None and told and told[0].at > since:
        read_messages(held, at=told[0].at)  # and not now: another may have come while this page was made
    return answer


def leads_to(message: Message) -> str:
    """Return the address of the page that a message speaks of; none where it names none, or one that is gone."""
    try:
        return reverse(message.page, kwargs={"subject": message.subject_id}) if message.page else ""
    except NoReverseMatch:
        return ""
