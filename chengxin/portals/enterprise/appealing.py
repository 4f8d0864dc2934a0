"""申诉 against what was refused to a person: in words, with further papers, once; whoever decided it looks at none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from chengxin.people.models import User
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.proofs import Cleaned, handed_in

PAPERS_AT_MOST: Final = 3


class Appeal(Protocol):
    """What takes an appeal, or refuses to."""

    def __call__(self, *, words: str, papers: Sequence[Cleaned], user: User, by: Actor, at: datetime) -> object:
        """Take it.

        :raises Refused: it cannot be appealed against, or something is missing or wrong.
        """


def take(request: HttpRequest, appeal: Appeal, *, to: str, again: Callable[[str, str], HttpResponse]) -> HttpResponse:
    """Take what a form appeals with and go to a page; or show the form again, with its words and the sentence of a refusal."""
    words = request.POST.get("words", "")
    try:
        papers = handed_in(request, "paper", most=PAPERS_AT_MOST)
        appeal(words=words, papers=papers, user=person(request), by=actor(request), at=timezone.now())
    except Refused as refusal:
        return again(words, f"{str(refusal).rstrip('。')}。")
    messages.success(request, "申诉已提交，优先由另一位工作人员处理。")
    return redirect(to)
