"""新主体: somebody asks that a body which the register does not have be added, with its certificate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chengxin.credit.applications import newcomers
from chengxin.credit.applications.models import Newcomer
from chengxin.people.models import Binding
from chengxin.people.trail import Refused
from chengxin.portals.enterprise import appealing
from chengxin.portals.enterprise.page import plain
from chengxin.portals.shared import claiming, newcoming
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.headers import with_script
from chengxin.portals.shared.newcoming import ASKED
from chengxin.portals.shared.proofs import PROOF_BYTES, handed_in, takes_proofs
from chengxin.portals.shared.upload import END
from chengxin.terms import entity, industry, uscc

PAPERS_AT_MOST: Final = 3
SAID: Final = "chengxin_newcomer"
"""Of the session: what was said of a new body, until its certificate is handed in."""


@takes_proofs
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask what the body is, then for its certificate."""
    try:
        code = uscc.parse(request.GET.get("code", "")[:40]).text
    except uscc.Malformed:
        return redirect("my-claim")
    here = f"{reverse('my-newcomer')}?code={code}"
    if mine := Newcomer.objects.filter(user=person(request), uscc=code, state="waiting").first():
        return redirect("my-newcomer-sent", mine.pk)
    if newcoming.why_not(code):
        return redirect("my-claim-as", code)  # which says what it is: registered, or on its way
    kept = request.session.get(SAID) or {}
    said: Mapping[str, str] = kept if kept.get("code") == code else {}
    if request.method != "POST":
        if said and request.GET.get("step") == "paper":
            return _paper(request, code, said)
        return _facts(request, code, said)
    if "ENTNAME" in request.POST:
        said = {name: request.POST.get(name, "")[:500] for name in ASKED}
        if faults := newcoming.faults(newcoming.body(code, said)):
            return _facts(request, code, said, faults)
        request.session[SAID] = {**said, "code": code}
        return redirect(f"{here}&step=paper")
    if not said:
        return redirect(here)
    try:
        made = newcoming.ask(
            code=code,
            said=said,
            papers=handed_in(request, "paper", most=PAPERS_AT_MOST),
            user=person(request),
            by=actor(request),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _paper(request, code, said, fault=f"{str(refusal).rstrip('。')}。")
    del request.session[SAID]
    return redirect("my-newcomer-sent", made.pk)


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show what became of what one asked for."""
    return _sent(request, _mine(request, number))


@takes_proofs
@require_POST
def appeal(request: HttpRequest, number: int) -> HttpResponse:
    """Take an appeal against a refusal, with words and further papers."""
    mine = _mine(request, number)
    return appealing.take(
        request,
        partial(newcoming.appeal, newcomer=mine.pk),
        to=reverse("my-newcomer-sent", args=[mine.pk]),
        again=lambda words, fault: _sent(request, mine, words=words, fault=fault),
    )


def _mine(request: HttpRequest, number: int) -> Newcomer:
    found = Newcomer.objects.filter(pk=number, user=person(request)).first()
    if found is None:
        raise Http404
    return found


def _facts(
    request: HttpRequest, code: str, said: Mapping[str, str], faults: Mapping[str, str] | None = None
) -> HttpResponse:
    context = {
        "code": code,
        "grouped": uscc.group(code),
        "kind": entity.kind_of(code).label,
        "said": {**said, "LEREP": said.get("LEREP") or person(request).name},
        "faults": faults or {},
        "industries": [(letter, f"{letter} {name}") for letter, name in industry.SECTIONS.items()],
    }
    return plain(request, "enterprise/newcomer.html", context, status=422 if faults else 200)


def _paper(request: HttpRequest, code: str, said: Mapping[str, str], *, fault: str = "") -> HttpResponse:
    context = {
        "code": code,
        "grouped": uscc.group(code),
        "said": said,
        "days": settings.PROOF_DAYS,
        "fault": fault,
        "end": END,
        "limit": PROOF_BYTES,
    }
    return with_script(plain(request, "enterprise/newcomer_paper.html", context, status=422 if fault else 200))


def _sent(request: HttpRequest, mine: Newcomer, *, words: str = "", fault: str = "") -> HttpResponse:
    held = Binding.objects.filter(user=person(request), subject=mine.uscc).order_by("-id").first()
    context = {
        "mine": mine,
        "grouped": uscc.group(mine.uscc),
        "held": held,
        "corrections": newcoming.corrections(mine),
        "is_registered": claiming.registered(mine.uscc) is not None,
        "words": words[: newcomers.WHY_LENGTH],
        "fault": fault,
        "why_length": newcomers.WHY_LENGTH,
        "end": END,
    }
    return plain(request, "enterprise/newcomer_sent.html", context, status=422 if fault else 200)
