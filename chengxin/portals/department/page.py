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
    """One word of the menu: the page it leads to (the name of its address), who may go there, the pages under it.

    A word with pages under it leads to the first of them that its reader may open. A word with neither is a function
    that does not stand yet, and says so.
    """

    label: str
    to: str
    permission: str
    under: tuple[Word, ...] = ()


MENU: Final = (
    Word(
        "归集",
        "",
        "batch.see",
        under=(
            Word("批次", "batches", "batch.see"),
            Word("报送", "send", "batch.send"),
            Word("待匹配", "queue", "queue.see"),
            Word("质量", "quality", "quality.see"),
            Word("零报告", "zero", "zero.report"),
            Word("模板", "forms", "batch.see"),
        ),
    ),
    Word(
        "查询",
        "",
        "subject.look",
        under=(Word("查档案", "subjects", "subject.look"), Word("管辖区", "areas", "subject.look")),
    ),
    Word("评价", "", "subject.look"),
    Word("预警", "", "subject.look"),
    Word("宣传", "", "subject.look"),
)
"""The five functions, in the order in which the office speaks of them."""

DESK: Final = (
    Word("首页", "home", "office.enter"),
    Word(
        "赋码",
        "",
        "application.see",
        under=(
            Word("申请", "applications", "application.see"),
            Word("代办", "counter", "application.decide"),
            Word("绑定", "bindings", "application.see"),
            Word("新主体", "newcomers", "application.see"),
            Word("诚信码", "codes", "code.see"),
            Word("批量签发", "give", "code.give"),
            Word("印制", "prints", "code.give"),
            Word("亮码", "showings", "showing.decide"),
            Word("承诺", "commitments", "commitment.see"),
        ),
    ),
    Word("举报", "fakes", "fake.see"),
    Word(
        "单位",
        "",
        "unit.see",
        under=(
            Word("名录", "units", "unit.see"),
            Word("人员", "people", "unit.see"),
            Word("接口账号", "clients", "client.edit"),
        ),
    ),
    Word("留痕", "", "trail.see", under=(Word("留痕", "trail", "trail.see"), Word("查询日志", "looks", "trail.see"))),
    Word("设置", "city", "city.edit"),
)
"""What is no function: the office's own affairs."""


class Entry(NamedTuple):
    """A word of the menu as somebody sees it; `to` is empty where nothing stands yet."""

    label: str
    to: str
    is_here: bool


def page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, at: str, status: int = 200
) -> HttpResponse:
    """Return a page in the office's frame; `at` is the name of the menu's page that it belongs to, or is itself."""
    me = actor(request)
    words = [word for words in (MENU, DESK) for word in words]
    above = next((word for word in words if at and at in (word.to, *(below.to for below in word.under))), None)
    frame = {
        "functions": _open(MENU, me.role, above.label if above else ""),
        "desk": _open(DESK, me.role, above.label if above else ""),
        "above": above.label if above else "",
        "under": [
            Entry(word.label, word.to, word.to == at)
            for word in (above.under if above else ())
            if may(me.role, word.permission)
        ],
        # For links within a page: none that its reader may not follow.
        "leads": {word.to for top in words for word in (top, *top.under) if word.to and may(me.role, word.permission)},
        "me": me.name,
        "role": ROLES[me.role].label,
        "city": face().city,
    }
    return render(request, template, {**frame, **context}, status=status)


def _open(words: tuple[Word, ...], role: str, here: str) -> list[Entry]:
    entries = []
    for word in words:
        below = [one for one in word.under if may(role, one.permission)]
        to = word.to if may(role, word.permission) and word.to else below[0].to if below else ""
        is_to_come = not word.to and not word.under and may(role, word.permission)
        if to or is_to_come:
            # To whom a word means one page alone it is called as that page is.
            label = below[0].label if len(below) == 1 else word.label
            entries.append(Entry(label, to, word.label == here))
    return entries
