"""The frame of a business's pages: which business, what can be done here, where one is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import queries as subjects
from chengxin.people import parts
from chengxin.portals.enterprise.gate import binding
from chengxin.portals.shared.gate import person


class Word(NamedTuple):
    """One word of a business's menu: the page it leads to (the name of its address), the act it asks for."""

    label: str
    to: str
    act: str


MENU: Final = (Word("首页", "my-home", "see"),)
"""What a business can do here, in the order in which its owner needs it."""


def page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, at: str, status: int = 200
) -> HttpResponse:
    """Return a page of one business in its frame; `at` is the name of the menu's page that it belongs to."""
    held = binding(request)
    registered = subjects.registrations([held.subject])
    frame = {
        "menu": [(word, word.to == at) for word in MENU if parts.may(held.part, held.state, word.act)],
        "subject": held.subject,
        "name": registered[0].name if registered else held.subject,
        "binding": held,
        "part": parts.PARTS[held.part].label,
        "me": person(request).name,
        "city": face().city,
    }
    return render(request, template, {**frame, **context}, status=status)


def plain(request: HttpRequest, template: str, context: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """Return a page of no business in particular: signing in, choosing one, claiming one."""
    return render(request, template, {"city": face().city, **context}, status=status)
