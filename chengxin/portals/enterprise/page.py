"""The frame of a business's pages: which business, what can be done here, where one is, what was told and not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import messages
from chengxin.credit.subjects import queries as subjects
from chengxin.people import bindings, parts
from chengxin.people.models import Binding
from chengxin.portals.enterprise.gate import binding
from chengxin.portals.shared.gate import person


class Word(NamedTuple):
    """One word of a business's menu: the page it leads to (the name of its address), the act it asks for."""

    label: str
    to: str
    act: str


MENU: Final = (
    Word("首页", "my-home", "see"),
    Word("诚信码", "my-codes", "see"),
    Word("填报", "my-declarations", "see"),
    Word("承诺", "my-commitments", "see"),
    Word("消息", "my-messages", "see"),
    Word("人员", "my-people", "people"),
)
"""What a business can do here, in the order in which its owner needs it."""

ICONS: Final = {
    "my-home": "M4 11.5 12 4l8 7.5M6.500 10v9.500h11V10M10 19.500v-5h4v5",
    "my-codes": "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.500v2.500H14zM17.500 17.500H20V20h-2.500zM17.500 14H20M14 20h2",
    "my-declarations": "M5 20V4h9l5 5v11zM14 4v5h5M8.500 13h7M8.500 16.500h5",
    "my-commitments": "M12 3.500l7.500 2.500v5.500c0 4.500-3 7.500-7.500 9-4.500-1.500-7.500-4.500-7.500-9V6zM8.500 12l2.500 2.500 4.500-5",
    "my-messages": "M4 5.500h16v11h-9L6.500 20v-3.500H4zM8 9.500h8M8 12.500h5",
    "my-people": "M12 11.500a3.700 3.700 0 1 0 0-7.400 3.700 3.700 0 0 0 0 7.400zM4.500 20c.5-4 3.500-6 7.500-6s7 2 7.500 6",
}
"""Address of a page of the menu → its drawing (the path of an SVG of 24 × 24), which only repeats the word under it."""


class Entry(NamedTuple):
    """A word of the menu as somebody sees it; `waiting` is how much waits behind it."""

    label: str
    to: str
    icon: str
    is_here: bool
    waiting: int


def page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, at: str, status: int = 200
) -> HttpResponse:
    """Return a page of one business in its frame; `at` is the name of the menu's page that it belongs to."""
    held = binding(request)
    registered = subjects.registrations([held.subject])
    unread = messages.unread(held.subject, since=held.seen_at or held.asked_at)
    frame = {
        "menu": [
            Entry(word.label, word.to, ICONS.get(word.to, ""), word.to == at, unread if word.to == "my-messages" else 0)
            for word in MENU
            if bindings.may(held, word.act)
        ],
        "subject": held.subject,
        "name": registered[0].name if registered else held.subject,
        "binding": held,
        "in_doubt": bindings.is_in_doubt(held),
        "part": parts.PARTS[held.part].label,
        "has_others": has_others(held),
        "unread": unread,
        "may": {act for act in parts.ACTS if bindings.may(held, act)},
        "me": person(request),
        "city": face().city,
    }
    return render(request, template, {**frame, **context}, status=status)


def has_others(held: Binding) -> bool:
    """Tell whether the person acts for another business too: only then is there anything to change to."""
    return Binding.objects.filter(user=held.user_id, state__in=bindings.BOUND).exclude(subject=held.subject).exists()


def plain(request: HttpRequest, template: str, context: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """Return a page of no business in particular: signing in, choosing one, claiming one."""
    return render(request, template, {"city": face().city, **context}, status=status)
