"""The frame of the office's pages: whose office this is, where one can go, where one is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chengxin.credit.publishing.city import face
from chengxin.people.roles import ROLES, may
from chengxin.portals.shared.gate import actor


class Word(NamedTuple):
    """One word of the menu: where it leads, and who may go there."""

    label: str
    to: str
    permission: str


MENU: Final = (
    Word("首页", "home", "office.enter"),
    Word("归集", "batches", "batch.see"),
    Word("举报", "fakes", "fake.see"),
    Word("设置", "city", "city.edit"),
)
"""归集 查询 评价 预警 宣传 are the five functions; a word joins the menu with the page it leads to."""


def page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, at: str, status: int = 200
) -> HttpResponse:
    """Return a page in the office's frame; `at` is the menu's word that it belongs to."""
    me = actor(request)
    menu = [word for word in MENU if may(me.role, word.permission)]
    frame = {
        "menu": menu,
        "leads": {word.to for word in menu},  # for links within a page: none that its reader may not follow
        "here": at,
        "me": me.name,
        "role": ROLES[me.role].label,
        "city": face().city,
    }
    return render(request, template, {**frame, **context}, status=status)
