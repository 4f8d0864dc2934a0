"""举报假码: takes a report of a fake code from anybody, and puts it into the inbox. Asks for nobody's name."""

from __future__ import annotations

import io
import logging
import os
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods

from chengxin.board import token
from chengxin.inbox import photo
from chengxin.inbox.fakes import CODE_LENGTH, CONSENT, WHERE_LENGTH, WORDS_LENGTH, WRONGS, Fake, Point, masked, receipt
from chengxin.public import reader
from chengxin.public.body import SENDING_SECONDS
from chengxin.public.bucket import Buckets, household
from chengxin.public.headers import security
from chengxin.public.journal import day_of, device_of
from chengxin.public.line import Down, Line, Refused
from chengxin.public.page import fake as pages
from chengxin.public.page.fake import About, Draft
from chengxin.public.page.frame import FAKE_PATH, View
from chengxin.public.views import code_in, view

if TYPE_CHECKING:
    from chengxin.public.wsgi import Door

log = logging.getLogger(__name__)

BODY_LIMIT: Final = 8_000_000
PATIENCE: Final = 4.0
"""Seconds for the inbox to take a report: half a megabyte at most."""
TICKET: Final = re.compile(r"[0-9a-f]{32}")
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What PostgreSQL does not take, and what turns a line of text around before whoever reads it."""

DEVICES: Final = Buckets(burst=10, seconds=60)
"""For each address. A whole street may stand behind one address of a mobile network: a few in a row are no flood."""
EVERYBODY: Final = Buckets(burst=120, seconds=5)
"""For all together, so that a flood from everywhere fills no disk: 350 MB an hour at the very most."""

HEADERS: Final = dict(
    security(
        policy={"script-src": "'self'", "connect-src": "'self'", "img-src": "'self' blob:"}, allowed=("geolocation",)
    )
) | {
    # With `no-referrer`, a browser that sends no Sec-Fetch-Site would say `Origin: null` of our own form.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

INTO: Final = (
    b'INSERT INTO inbox_fake (id, at, receipt, wrong, code, serial, verdict, "where", words, lat, lon, photo,'
    b" point_consent, photo_consent, consent, device) VALUES ($1::uuid, $2::timestamptz, $3, $4, $5, $6::bigint, $7, $8,"
    b" $9, $10::numeric, $11::numeric, $12::bytea, $13::boolean, $14::boolean, $15, $16::bytea)"
)
ALREADY_THERE: Final = "23505"


class InMemory(MemoryFileUploadHandler):
    """Takes every file into memory: the body is limited already, and no photo of anybody's comes to lie on a disk."""

    def handle_raw_input(self, *_args: Any, **_kwargs: Any) -> None:
        self.activated = True


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Show the questions; take the answers."""
    looked = replace(view(request), path=FAKE_PATH)
    if request.method != "POST":
        return _asked(request, looked)
    if not is_ours(request):
        return _form(request, looked, _blank(), fault="elsewhere", status=403)
    length = _length(request)
    if length > BODY_LIMIT:
        return _form(request, looked, _blank(), fault="too large", status=413)
    if length <= 0:
        return _form(request, looked, _blank(), fault="unread", status=400)
    try:
        draft, upload = _draft(*_parsed(request, length), request.META["chengxin.door"])
    except (UnreadablePostError, MultiPartParserError):
        return _form(request, looked, _blank(), fault="unread", status=400)
    return _take(request, looked, draft, upload)


def is_ours(request: HttpRequest) -> bool:
    """Tell whether a form was sent from a page of ours, as far as the browser says (ADR 0019)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    said = request.headers.get("Origin") or request.headers.get("Referer")
    # Neither: no browser of this century. What needs no session is no worse sent by a program.
    try:
        return said is None or urlsplit(said).netloc in (request.get_host(), urlsplit(settings.PUBLIC_URL).netloc)
    except ValueError:
        return False  # no address at all


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _parsed(request: HttpRequest, length: int) -> tuple[QueryDict, MultiValueDict[str, UploadedFile[Any]]]:
    """Return the fields and files of a form.

    :raises UnreadablePostError: it did not arrive whole, or not in time.
    :raises MultiPartParserError: it is no such form.
    """
    body = io.BytesIO()
    until = monotonic() + SENDING_SECONDS
    # By ourselves: Django would take half a form, its photo cut off, for a whole one.
    while body.tell() < length:
        piece = request.read(min(length - body.tell(), 65_536))
        if not piece or monotonic() > until:
            raise UnreadablePostError("half a form")
        body.write(piece)
    body.seek(0)
    return MultiPartParser(request.META, body, [InMemory()]).parse()


def _blank() -> Draft:
    return Draft(ticket=secrets.token_hex(16))


def _asked(request: HttpRequest, looked: View) -> HttpResponse:
    """Show the questions, the code and what is likely wrong with it filled in where the link says so."""
    code = code_in(request.GET.get("code", "")) or ""
    wrong = request.GET.get("why", "")
    more = [f"code={code}"] if code else []
    if wrong in WRONGS:
        more.append(f"why={wrong}")
    draft = replace(_blank(), code=code, wrong=wrong if wrong in WRONGS else "")
    return _form(request, replace(looked, more="&".join(more)), draft)


def _form(request: HttpRequest, looked: View, draft: Draft, *, fault: str = "", status: int = 200) -> HttpResponse:
    say = looked.tongue.say
    sentence = say(pages.FAULTS[fault]) if fault else ""
    page = pages.form(looked, draft, about=_about(request, draft.code), days=settings.FAKE_PHOTO_DAYS, fault=sentence)
    return HttpResponse(page, status=status, headers=HEADERS)


def _about(request: HttpRequest, code: str) -> About | None:
    """Return what is known of a code; None where what was written is no token."""
    if code_in(code) != code:
        return None
    found = request.META["chengxin.door"].look_up(code)
    return About(found.state.name, found.serial, found.card.head.name if found.card is not None else "")


def _is_elsewhere(typed: str, door: Door) -> bool:
    """Tell whether a code stands under an address that is not ours: then the address is what there is to report."""
    return code_in(typed) is not None and not token.is_of(token.parted(typed).before, door.code_urls)


def _draft(form: QueryDict, files: MultiValueDict[str, UploadedFile[Any]], door: Door) -> tuple[Draft, bytes]:
    """Return what was written, tidied, and the photo as it was sent."""
    written = {name: _tidy(form.get(name, "")) for name in ("code", "where", "words")}
    ticket = form.get("ticket", "")
    file = files.get("photo")
    draft = Draft(
        ticket=ticket if TICKET.fullmatch(ticket) else secrets.token_hex(16),
        code=written["code"] if _is_elsewhere(written["code"], door) else code_in(written["code"]) or written["code"],
        wrong=form.get("wrong", "") if form.get("wrong", "") in WRONGS else "",
        where=written["where"],
        words=written["words"],
        point=Point.of(form.get("lat", ""), form.get("lon", "")),
        photo_consent=form.get("photo-consent") == "1",
    )
    return draft, file.read() if file is not None else b""


def _tidy(text: str) -> str:
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _faults(draft: Draft, upload: bytes) -> dict[str, tuple[str, int]]:
    """Return what is wrong with which answer: the name of its sentence, and how much would be allowed."""
    found: dict[str, tuple[str, int]] = {}
    if len(draft.code) > CODE_LENGTH:
        found["code"] = ("code too long", CODE_LENGTH)
    if not draft.wrong:
        found["wrong"] = ("wrong", 0)
    if len(draft.where) > WHERE_LENGTH:
        found["where"] = ("where too long", WHERE_LENGTH)
    elif not (draft.code or draft.where or draft.point or draft.words or upload):
        found["where"] = ("nothing", 0)
    if upload and not draft.photo_consent:
        found["photo-consent"] = ("no consent", 0)
    if len(draft.words) > WORDS_LENGTH:
        found["words"] = ("words too long", WORDS_LENGTH)
    return found


def _take(request: HttpRequest, looked: View, draft: Draft, upload: bytes) -> HttpResponse:
    """Put a report into the inbox, or say what is wrong with it and lose nothing."""
    say = looked.tongue.say
    faults = _faults(draft, upload)
    # A browser empties its file field when the page comes back.
    again = {"photo": say(pages.PHOTO_AGAIN)} if upload else {}
    if faults:
        told = {name: say(pages.FAULTS[which]).format(most=most) for name, (which, most) in faults.items()}
        return _form(request, looked, replace(draft, faults=again | told), status=422)
    who, now = household(request.META), monotonic()
    if not (DEVICES.take(who, at=now) and EVERYBODY.take("", at=now)):
        return _form(request, looked, replace(draft, faults=again), fault="too often", status=429)
    try:
        picture = photo.redraw(upload) if upload else None
    except photo.Unusable as trouble:
        return _form(request, looked, replace(draft, faults={"photo": say(pages.FAULTS[trouble.why])}), status=422)
    fake = _fake(request, draft, picture)
    key = fake.key(draft.ticket)
    try:
        _put(request, fake, key)
    except (Down, Refused) as trouble:
        log.warning("a report of a fake code could not be kept: %s", trouble)
        return _form(request, looked, replace(draft, faults=again), fault="not kept", status=503)
    return HttpResponse(pages.received(looked, receipt=receipt(key)), headers=HEADERS)


def _fake(request: HttpRequest, draft: Draft, picture: bytes | None) -> Fake:
    code = code_in(draft.code)
    about = request.META["chengxin.door"].look_up(code) if code is not None else None
    verdict = about.state.name if about is not None else ""
    # A genuine code proves nothing under a foreign address; its serial tells the office whose it is.
    if code != draft.code and about is not None and about.serial is not None:
        verdict = "wrong_host"
    return Fake(
        wrong=draft.wrong,
        code=draft.code if code == draft.code else masked(draft.code),
        serial=about.serial if about is not None else None,
        verdict=verdict,
        where=masked(draft.where),
        words=masked(draft.words),
        point=draft.point,
        photo=picture,
    )


def _put(request: HttpRequest, fake: Fake, key: UUID) -> None:
    """Add a report to the inbox; the same one sent again is already there.

    :raises Down: the database did not answer in time.
    :raises Refused: the database says no.
    """
    at = time()
    with Line(request.META["chengxin.door"].dsn, patience=PATIENCE) as line:
        salt = reader.salts(line).get(day_of(at)) or os.urandom(32)
        device = device_of(
            salt,
            remote=request.META.get("REMOTE_ADDR", ""),
            forwarded=request.META.get("HTTP_X_FORWARDED_FOR", ""),
            browser=request.META.get("HTTP_USER_AGENT", ""),
        )
        values: tuple[object, ...] = (
            key,
            datetime.fromtimestamp(at, UTC).isoformat(),
            receipt(key),
            fake.wrong,
            fake.code,
            fake.serial,
            fake.verdict,
            fake.where,
            fake.words,
            fake.point and fake.point.lat,
            fake.point and fake.point.lon,
            fake.photo and f"\\x{fake.photo.hex()}",
            fake.point is not None,
            fake.photo is not None,
            CONSENT,
            f"\\x{device.hex()}",
        )
        try:
            line.ask(INTO, [None if value is None else str(value).encode(errors="replace") for value in values])
        except Refused as refusal:
            if refusal.code != ALREADY_THERE:
                raise
