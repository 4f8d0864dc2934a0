"""Looking for a business: the search page, the challenge it costs, and the card behind a link of its results."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from time import monotonic, time
from typing import Any, Final

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chengxin.board import card as cards
from chengxin.board import elsewhere
from chengxin.board.verdict import STATES
from chengxin.public import finder, proof, reader
from chengxin.public.bucket import Buckets, household
from chengxin.public.finder import Found
from chengxin.public.headers import security
from chengxin.public.journal import SHANGHAI
from chengxin.public.line import Down, Refused
from chengxin.public.page import scan
from chengxin.public.page import search as pages
from chengxin.public.page.frame import View
from chengxin.public.page.search import Answer, Trouble
from chengxin.public.views import view
from chengxin.terms import finding, uscc

log = logging.getLogger(__name__)

BODY_LIMIT: Final = 8_000
"""Bytes of a form. What the page sends is a tenth of it, a challenge and a pass included."""
LIKE_USCC: Final = re.compile(r"(?=(?:.*[0-9]){8})[0-9A-Z]{12,24}")
"""What cannot be a name, and is a code with a slip in it."""
MAY: Final = {"script-src": "'self'", "worker-src": "'self'", "connect-src": "'self'"}
STATUS: Final = {
    pages.UNAVAILABLE: 503,
    pages.TOO_OFTEN: 429,
    pages.LONG: 400,
    pages.HALF: 400,
    pages.UNPROVEN: 403,
}


@dataclass(frozen=True, slots=True)
class Counter:
    """What stands between the public and the index: proofs, rates, seals. One for each process."""

    proofs: proof.Proofs
    seals: proof.Seals
    # Generous: behind one address of a mobile network are many phones, and each search is proven besides.
    challenges: Buckets
    searches: Buckets
    # For whoever has no JavaScript, and so proves nothing: a full USCC only.
    numbers: Buckets


@lru_cache(maxsize=1)
def counter(secret: str) -> Counter:
    """Return this process's counter for a secret."""
    return Counter(
        proof.Proofs(secret),
        proof.Seals(secret),
        challenges=Buckets(burst=180, seconds=0.7),
        searches=Buckets(burst=120, seconds=1),
        numbers=Buckets(burst=10, seconds=10),
    )


def _counter() -> Counter:
    return counter(settings.SECRET_KEY)


def _ask_board(request: HttpRequest, question: Any) -> Any:
    """Return what the board answers now.

    :raises Down: it does not answer, or what it says may be old.
    """
    door = request.META["chengxin.door"]
    if not door.listener.is_young:
        raise Down("no heartbeat")
    try:
        return door.reader.ask(question)
    except Refused as trouble:
        raise Down(str(trouble)) from trouble


# ---- The page --------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    looked = view(request, path=pages.PATH, indexed=request.method != "POST")
    answer = _answer(request) if request.method == "POST" else None
    said = HttpResponse(pages.page(looked, answer, solver="solver.js"))
    if answer is not None and answer.trouble is not None:
        said.status_code = STATUS.get(answer.trouble, 200)
    for name, value in security(policy=MAY):
        said.headers[name] = value
    return said


def _answer(request: HttpRequest) -> Answer:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:20]) > BODY_LIMIT:
        return Answer(trouble=pages.LONG)
    if len(request.body) < int(length):
        return Answer(trouble=pages.HALF)
    said = request.POST
    typed = "".join(one for one in said.get("q", "") if one.isprintable()).strip()
    if len(typed) > pages.LIMIT:
        return Answer(trouble=pages.LONG)
    code = uscc.normalise(typed)
    if LIKE_USCC.fullmatch(code) and (uscc.is_valid(code) or not elsewhere.number(typed)):
        return _numbered(request, typed, code)
    if number := elsewhere.number(typed):
        return _issued_elsewhere(request, typed, code, number)
    asked = finding.question(typed)
    if asked is None:
        return Answer(typed, trouble=pages.SHORT)
    return _named(request, typed, asked)


def _numbered(request: HttpRequest, typed: str, code: str) -> Answer:
    """Answer whoever gave a full code: it is on the licence in his hands, so he need prove nothing."""
    try:
        number = uscc.parse(code).text
    except uscc.Malformed as why:
        return Answer(typed, trouble=Trouble(pages.MALFORMED.words, str(why)))
    ration = _counter().searches if _is_proven(request) else _counter().numbers
    if not ration.take(household(request.META), at=monotonic()):
        return Answer(typed, trouble=pages.TOO_OFTEN)
    at = datetime.fromtimestamp(time(), SHANGHAI)
    try:
        found: Found = _ask_board(request, lambda line: finder.numbered(line, number, at=at))
    except Down as trouble:
        return _unavailable(typed, trouble)
    return _shown(found, typed=typed, number=number)


def _issued_elsewhere(request: HttpRequest, typed: str, code: str, number: str) -> Answer:
    """Answer whoever gave what may be the number of a code that somebody else issued, rationed as a full USCC is."""
    ration = _counter().searches if _is_proven(request) else _counter().numbers
    if not ration.take(household(request.META), at=monotonic()):
        return Answer(typed, trouble=pages.TOO_OFTEN)
    at = datetime.fromtimestamp(time(), SHANGHAI)
    try:
        foreign = _ask_board(request, lambda line: reader.foreign(line, number=number))
        found = _ask_board(request, lambda line: finder.numbered(line, foreign.holder, at=at)) if foreign else None
    except Down as trouble:
        return _unavailable(typed, trouble)
    if found is not None and found.hits:
        return _shown(found, typed=typed)
    if LIKE_USCC.fullmatch(code):
        return _numbered(request, typed, code)
    asked = finding.question(typed)
    return Answer(typed, trouble=pages.SHORT) if asked is None else _named(request, typed, asked)


def _named(request: HttpRequest, typed: str, asked: finding.Question) -> Answer:
    now = time()
    said = request.POST
    seals = _counter().seals
    if not _counter().searches.take(household(request.META), at=monotonic()):
        return Answer(typed, trouble=pages.TOO_OFTEN)
    further = said.get("pass", "")
    if not seals.has_pass(further, asked.text, now=now):
        if "altcha" not in said:
            return Answer(typed, trouble=pages.UNPROVEN if further else pages.NEEDS_SCRIPT)
        if not _is_proven(request):
            return Answer(typed, trouble=pages.UNPROVEN)
        further = seals.give_pass(asked.text, now=now)
    at = datetime.fromtimestamp(now, SHANGHAI)
    try:
        found: Found = _ask_board(request, lambda line: finder.named(line, asked, at=at))
    except Down as trouble:
        return _unavailable(typed, trouble)
    return _shown(found, typed=typed, page=said.get("page", ""), further=further)


def _is_proven(request: HttpRequest) -> bool:
    return _counter().proofs.accept(request.POST.get("altcha", ""), now=time())


def _unavailable(typed: str, trouble: Down) -> Answer:
    log.warning("a search could not be answered: %s", trouble)
    return Answer(typed, trouble=pages.UNAVAILABLE)


def _shown(found: Found, *, typed: str, page: str = "", number: str = "", further: str = "") -> Answer:
    now = time()
    last = max(1, -(-len(found.hits) // pages.PAGE_SIZE))
    wanted = int(page) if page.isascii() and page.isdigit() and len(page) <= 3 else 1
    place = min(max(wanted, 1), last)
    shown = found.hits[(place - 1) * pages.PAGE_SIZE : place * pages.PAGE_SIZE]
    seals = _counter().seals
    return Answer(
        typed=typed,
        hits=[(hit, seals.link(kind=hit.kind, holder=hit.holder, now=now)) for hit in shown],
        count=len(found.hits),
        page=place,
        is_cut=found.is_cut,
        number=number,
        further=further,
    )


@never_cache
@require_safe
def challenge(request: HttpRequest) -> HttpResponse:
    if not _counter().challenges.take(household(request.META), at=monotonic()):
        return JsonResponse({}, status=429)
    return JsonResponse(_counter().proofs.challenge(now=time()))


# ---- The card behind a link --------------------------------------------------------------------------------------------


@never_cache
@require_safe
def found(request: HttpRequest, link: str) -> HttpResponse:
    now = time()
    looked = view(request, path=f"/S/{link}")
    holder = _counter().seals.holder(link, now=now)
    if holder is None:
        return HttpResponse(pages.over(looked), status=410)
    at = datetime.fromtimestamp(now, SHANGHAI)
    try:
        posted = _ask_board(request, lambda line: finder.document(line, kind=holder[0], holder=holder[1], at=at))
    except Down as trouble:
        log.warning("a found card could not be shown: %s", trouble)
        return _drawn(looked, "unavailable", None, at)
    if posted is None:
        return HttpResponse(pages.gone(looked), status=410)
    try:
        card = cards.load(posted[0])
    except msgspec.ValidationError as trouble:
        log.error("the card of a found holder cannot be read: %s", trouble)
        return HttpResponse(pages.gone(looked), status=410)
    return _drawn(looked, "found", card, at)


def _drawn(view: View, state: str, card: cards.Card | None, at: datetime) -> HttpResponse:
    sheet = scan.draw(view=view, state=STATES[state], hanging=scan.Hanging(), card=card, today=at.date())
    return HttpResponse(view.tongue.minute(at).join((sheet.before, sheet.after)), status=STATES[state].status)
