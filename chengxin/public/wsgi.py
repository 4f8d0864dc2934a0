"""The public's door as a plain WSGI callable: scans never reach Django.

A scan whose page is kept costs one dictionary look-up. Anything not a scan, a file of ours, the logo or a health check
goes to Django, which loads when first needed.
"""

from __future__ import annotations

import atexit
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from time import monotonic, time
from typing import Any, Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chengxin.board import card as cards
from chengxin.board import city, elsewhere, jwks, status, token, verdict
from chengxin.public import assets, body, reader
from chengxin.public import kept as pages
from chengxin.public.answer import RETRY_SECONDS, Environ, Start, headers, short, takes_gzip
from chengxin.public.cache import Cache
from chengxin.public.headers import SECURITY, Headers
from chengxin.public.journal import BROWSER_LENGTH, FORWARDED_LENGTH, SHANGHAI, Journal
from chengxin.public.kept import Kept
from chengxin.public.line import Down, Line, Refused
from chengxin.public.listener import YOUNG_SECONDS, Listener
from chengxin.public.page import scan
from chengxin.public.page.frame import FAKE_PATH, View, view_of
from chengxin.public.papers import Paper, paper
from chengxin.public.spare import Spare

log = logging.getLogger(__name__)

KEYS_PAUSE_SECONDS: Final = 5.0
"""How often, at most, a code of an unknown key makes us look for new keys."""

UPLOAD_RETRY_SECONDS: Final = 3
BUSY: Final = "现在有别人正在提交，请按“返回”，过几秒钟再提交一次。\n"

PLAIN_CODE: Final = re.compile(
    f"[{token.CROCKFORD}]{{{token.SHORT_LENGTH}}}|[{token.CROCKFORD}]{{{token.FULL_LENGTH}}}"
)
"""What looks like a token and nothing else: only that is handed on in links of ours."""

UNKEPT: Final = frozenset({"forged", "unknown_key", "revoked_key", "unavailable", "updating"})
"""Verdicts that are not kept: anybody can make endless codes of these, and they would push the true pages out."""

PAPERS: Final = frozenset({jwks.PATH, status.PATH})
FOR_ANYBODY: Final = ("Access-Control-Allow-Origin", "*")

CODE_PATH: Final = re.compile(r"/[Cc]/(.+?)/?", re.DOTALL)


class Found(NamedTuple):
    """What a code was found to be: its state; its serial where it is one of ours; the card that may be shown."""

    state: verdict.State
    serial: int | None
    card: cards.Card | None


class Door:
    """The public's door. One for each process; any number of threads may call it."""

    def __init__(
        self,
        *,
        dsn: str,
        public_url: str = "",
        code_urls: Sequence[str] = (),
        leave_with_parent: bool = False,
        otherwise: Callable[[], Callable[[Environ, Start], Iterable[bytes]]] | None = None,
    ) -> None:
        # Together, so that no page of one city gets a part that was drawn for another.
        self._city: tuple[reader.Face, dict[str, str]] = (reader.Face(city.City()), {})
        self.assets = assets.read()
        self.public_url = public_url
        self.code_urls = tuple(code_urls)
        self.dsn = dsn
        # Photos are handed in with reports of fakes: whoever looks for a shop does not wait for somebody else's.
        self.photos, self.forms = self.spares = Spare(), Spare()
        self.cache: Cache[Kept] = Cache()
        self.journal = Journal(dsn)
        self.listener = Listener(dsn, begin=self._begin, hear=self._hear, leave_with_parent=leave_with_parent)
        self.reader = reader.Reader(dsn)
        self._ring = reader.Ring({}, {})
        self._ring_read_at = 0.0
        self._papers: dict[str, Paper] = {}
        self._otherwise = otherwise
        self._django: Callable[[Environ, Start], Iterable[bytes]] | None = None

    # ---- Life ------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Start listening and noting, and wait a moment for the first beat."""
        self.listener.start()
        self.journal.start()
        self.listener.first_beat.wait(timeout=2)

    def close(self) -> None:
        """Write what was noted, and let go of the database."""
        self.listener.stop()
        self.journal.close()
        self.reader.close()

    def _begin(self, line: Line) -> None:
        self._ring = reader.ring(line)
        self._ring_read_at = monotonic()
        self._learn_face(line)
        self._print_keys()
        self._learn_status(line)
        self.cache.clear()

    def _hear(self, line: Line, payloads: list[str]) -> None:
        marks = {mark for payload in payloads for mark in payload.split()}
        if "*" in marks:
            self._begin(line)
            return
        if "keys" in marks:
            self._ring = reader.ring(line)
        if "city" in marks:
            self._learn_face(line)
        if "status" in marks:
            self._learn_status(line)
        if marks & {"keys", "city"}:
            self._print_keys()
            self.cache.clear()
        for mark in marks:
            self.cache.drop(mark)

    def _learn_face(self, line: Line) -> None:
        try:
            self._city = (reader.face(line), {})
        except msgspec.ValidationError as trouble:
            log.error("the city's face on the board cannot be read: %s", trouble)

    def _print_keys(self) -> None:
        trusted = jwks.Trusted(self._ring.keys, self.code_urls, self.face.city.office)
        self._papers[jwks.PATH] = paper(jwks.MEDIA_TYPE, jwks.dump(trusted).encode())

    def _learn_status(self, line: Line) -> None:
        document = reader.status(line)
        if document is None:
            self._papers.pop(status.PATH, None)
        else:
            self._papers[status.PATH] = paper(status.MEDIA_TYPE, document)

    @property
    def ring(self) -> reader.Ring:
        """The public keys as last heard of."""
        return self._ring

    @property
    def face(self) -> reader.Face:
        """The city's face as last posted."""
        return self._city[0]

    # ---- Requests --------------------------------------------------------------------------------------------

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        path = environ["PATH_INFO"]
        kept = self.cache.ready(f"{path}?{query}" if query else path)
        if kept is not None and environ["REQUEST_METHOD"] == "GET" and monotonic() - self.listener.beat < YOUNG_SECONDS:
            now = time()
            if now < kept.fresh_until:
                if kept.is_scan:
                    known = environ.get
                    self.journal.note(
                        (
                            now,
                            kept.serial,
                            kept.verdict,
                            known("REMOTE_ADDR", ""),
                            known("HTTP_X_FORWARDED_FOR", "")[-FORWARDED_LENGTH:],
                            known("HTTP_USER_AGENT", "")[:BROWSER_LENGTH],
                        )
                    )
                if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
                    if kept.zipped_body:
                        start_response(kept.status, kept.zipped_headers)
                        return kept.zipped_body
                else:
                    start_response(kept.status, kept.headers)
                    return kept.body
                return kept.answer(environ, start_response)
        return self._answer(path, query, environ, start_response)

    def _answer(self, path: str, query: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        code = CODE_PATH.fullmatch(path)
        if code is not None:
            if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
                return short(start_response, 405, "", ("Allow", "GET, HEAD"))
            return self._scan(code[1], query, environ).answer(environ, start_response)
        if path.startswith(assets.PREFIX):
            return self._asset(path, environ, start_response)
        if path.startswith("/logo/"):
            return self._logo(path, start_response)
        if path in PAPERS:
            return self._paper(path, environ, start_response)
        if path == "/robots.txt":
            return short(start_response, 200, "User-agent: *\nDisallow: /C/\nDisallow: /c/\nDisallow: /S/\n")
        if path == "/healthz":
            young = self.listener.is_young
            return short(start_response, 200 if young else 503, "ok\n" if young else "no heartbeat\n")
        for spare in self.spares:
            if path == spare.path:
                spare.park()
                return short(start_response, 200, "")
        if path in ("/favicon.ico", "/apple-touch-icon.png"):
            return self._asset(self.assets.addresses["mark.png"], environ, start_response)
        return self._delegate(environ, start_response)

    # ---- Scans -----------------------------------------------------------------------------------------------

    def _scan(self, text: str, query: str, environ: Environ) -> Kept:
        """Return the page for a scan, kept or drawn; note the scan."""
        now = time()
        try:
            kept = self._find(text, query, now)
        except Exception:
            # Whatever is wrong, a scan gets an answer, and the answer claims nothing.
            log.exception("a scan failed")
            view = self._view("/", query)
            hanging = scan.Hanging(code=_plain(text))
            kept = self._draw(view, verdict.STATES["unavailable"], hanging, None, now=now, good_until=now)
        if kept.is_scan and environ["REQUEST_METHOD"] == "GET":
            self.journal.scan(now, kept.serial, kept.verdict, environ)
        return kept

    def _view(self, path: str, query: str) -> View:
        face, drawn = self._city
        return view_of(
            path, query, city=face.city, assets=self.assets.addresses, public_url=self.public_url, drawn=drawn
        )

    def _find(self, text: str, query: str, now: float) -> Kept:
        since = self.cache.moment
        if not self.listener.is_young:
            view, hanging = self._view("/", query), scan.Hanging(code=_plain(text))
            return self._draw(view, verdict.STATES["unavailable"], hanging, None, now=now, good_until=now)
        said = self._read(text, at=datetime.fromtimestamp(now, SHANGHAI))
        if isinstance(said, verdict.State):
            known = self._foreign(text, query, now, since) if said.name == "forged" else None
            if known is not None:
                return known
            view, hanging = self._view("/", query), scan.Hanging(code=_plain(text))
            return self._draw(view, said, hanging, None, now=now, good_until=now)
        view = self._view(f"/C/{token.normalise(text)}", query)
        kept = self.cache.get(view.address)
        if kept is not None and now < kept.good_until:
            if now >= kept.fresh_until:
                kept = kept.restamped(now)
                self.cache.put(view.address, kept, since=since)
            return kept
        return self._fill(view, said, now, since)

    def _read(self, text: str, *, at: datetime) -> token.Seal | token.Claim | verdict.State:
        """Return what a text says as a code, or what it is where the board need not be asked."""
        said = token.unseal(text, self._key)
        if isinstance(said, token.NotGenuine) or (isinstance(said, token.Seal) and said.key in self._ring.revoked):
            return verdict.judge(said=said, row=None, now=at, revoked=self._ring.revoked)
        return said

    def _key(self, number: int) -> Ed25519PublicKey | None:
        key = self._ring.get(number)
        if key is None and monotonic() - self._ring_read_at > KEYS_PAUSE_SECONDS:
            self._ring_read_at = monotonic()
            try:
                self._ring = self.reader.ring()
            except (Down, Refused) as trouble:
                log.warning("keys could not be read: %s", trouble)
            key = self._ring.get(number)
        return key

    def _fill(self, view: View, said: token.Seal | token.Claim, now: float, since: int) -> Kept:
        at = datetime.fromtimestamp(now, SHANGHAI)
        try:
            row = self.reader.row(said.serial)
        except (Down, Refused) as trouble:
            log.warning("a scan could not be answered: %s", trouble)
            hanging = scan.Hanging(code=_plain(view.path[len("/C/") :]))
            return self._draw(view, verdict.STATES["unavailable"], hanging, None, now=now, good_until=now)
        state, card = _judged(said, row, at)
        if state.name == "forged" and isinstance(said, token.Claim):
            # Twenty letters may be the number of a code that somebody else issued.
            known = self._foreign(view.path[len("/C/") :], view.query, now, since)
            if known is not None:
                return known
        stands = row is not None and state.name != "forged"
        hanging = scan.Hanging(
            serial=said.serial if state.name != "forged" else None,
            placement=row.placement if row is not None and stands else "",
            label=row.label if row is not None and stands else "",
            code=_plain(view.path[len("/C/") :]),
        )
        ends = _midnight_after(at)
        if card is not None and row is not None and row.good_until is not None:
            ends = min(ends, row.good_until.timestamp())
        marks = (f"s:{said.serial}", f"h:{row.holder}") if row is not None else (f"s:{said.serial}",)
        kept = self._draw(view, state, hanging, card, now=now, good_until=ends, marks=marks)
        # A short code's bits are guessed as cheaply as a signature is not: an unknown one of those is not kept either.
        if state.name not in UNKEPT and (row is not None or isinstance(said, token.Seal)):
            in_range = not view.section or view.page <= scan.last_page(card, view.section, at.date())
            if in_range:
                self.cache.put(view.address, kept, since=since)
        return kept

    def _foreign(self, text: str, query: str, now: float, since: int) -> Kept | None:
        """Return the page of a code that somebody else issued and told us of, or None where a text is none such."""
        number = elsewhere.number(text)
        if not number:
            return None
        view = self._view(f"/C/{number}", query)
        kept = self.cache.get(view.address)
        if kept is not None and now < kept.good_until:
            if now >= kept.fresh_until:
                kept = kept.restamped(now)
                self.cache.put(view.address, kept, since=since)
            return kept
        at = datetime.fromtimestamp(now, SHANGHAI)
        try:
            row = self.reader.ask(lambda line: reader.foreign(line, number=number))
        except (Down, Refused) as trouble:
            log.warning("a code of others could not be looked up: %s", trouble)
            state, card, row = verdict.STATES["unavailable"], None, None
        else:
            if row is None:
                return None
            state, card = _judged_foreign(row, at)
        hanging = scan.Hanging(code=number, number=number, issuer=row.issuer if row is not None else "")
        if row is None or card is None or row.good_until is None:
            return self._draw(view, state, hanging, None, now=now, good_until=now)
        ends = min(_midnight_after(at), row.good_until.timestamp())
        kept = self._draw(view, state, hanging, card, now=now, good_until=ends, marks=(f"h:{row.holder}",))
        if not view.section or view.page <= scan.last_page(card, view.section, at.date()):
            self.cache.put(view.address, kept, since=since)
        return kept

    def number_of(self, typed: str) -> str:
        """Return the number of the code that somebody else issued and that was typed or pasted; empty where none is.

        :raises Down: the board does not answer, or what it says may be old.
        """
        reach = "" if token.is_of(token.parted(typed).before or "-", self.code_urls) else elsewhere.address(typed)
        number = elsewhere.number(typed)
        if not (reach or number):
            return ""
        if not self.listener.is_young:
            raise Down("no heartbeat")
        try:
            found = self.reader.ask(lambda line: reader.foreign(line, reach=elsewhere.digest(reach))) if reach else None
            if found is None and number:
                found = self.reader.ask(lambda line: reader.foreign(line, number=number))
        except Refused as trouble:
            raise Down(str(trouble)) from trouble
        return found.number if found is not None else ""

    def _draw(
        self,
        view: View,
        state: verdict.State,
        hanging: scan.Hanging,
        card: cards.Card | None,
        *,
        now: float,
        good_until: float,
        marks: tuple[str, ...] = (),
    ) -> Kept:
        today: date = datetime.fromtimestamp(now, SHANGHAI).date()
        sheet = scan.draw(view=view, state=state, hanging=hanging, card=card, today=today)
        return pages.kept(
            view=view,
            state=state,
            serial=hanging.serial,
            sheet=sheet,
            now=now,
            good_until=good_until,
            marks=marks,
        )

    def look_up(self, text: str) -> Found:
        """Return what a code is found to be now, for pages that speak of a code without being its scan."""
        at = datetime.fromtimestamp(time(), SHANGHAI)
        if not self.listener.is_young:
            return Found(verdict.STATES["unavailable"], None, None)
        said = self._read(text, at=at)
        if isinstance(said, verdict.State):
            return Found(said, None, None)
        try:
            row = self.reader.row(said.serial)
        except (Down, Refused) as trouble:
            log.warning("a code could not be looked up: %s", trouble)
            return Found(verdict.STATES["unavailable"], None, None)
        state, card = _judged(said, row, at)
        return Found(state, said.serial if state.name not in ("forged", "unknown") else None, card)

    # ---- The rest --------------------------------------------------------------------------------------------

    def _asset(self, path: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        asset = self.assets.by_address.get(path)
        if asset is None:
            return short(start_response, 404, "not found\n")
        body, more = (
            asset.plain,
            [("Cache-Control", "public, max-age=31536000, immutable"), ("Vary", "Accept-Encoding")],
        )
        if asset.zipped is not None and takes_gzip(environ):
            body = asset.zipped
            more.append(("Content-Encoding", "gzip"))
        start_response("200 OK", headers(asset.kind, len(body), *more))
        return [body]

    def _paper(self, path: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return short(start_response, 405, "", ("Allow", "GET, HEAD"))
        if not self.listener.is_young:
            return short(start_response, 503, "no heartbeat\n", ("Retry-After", str(RETRY_SECONDS)), FOR_ANYBODY)
        found = self._papers.get(path)
        if found is None:
            return short(start_response, 404, "not made yet\n", FOR_ANYBODY)
        return found.answer(environ, start_response)

    def _logo(self, path: str, start_response: Start) -> Iterable[bytes]:
        face = self.face
        if not face.logo or path != f"/logo/{face.city.logo}.png":
            return short(start_response, 404, "not found\n")
        start_response(
            "200 OK",
            headers("image/png", len(face.logo), ("Cache-Control", "public, max-age=31536000, immutable")),
        )
        return [face.logo]

    def _delegate(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if self._otherwise is None:
            return short(start_response, 404, "not found\n")
        if self._django is None:
            self._django = self._otherwise()
        environ["chengxin.door"] = self
        with_body = environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ
        spare = self.photos if environ["PATH_INFO"] == FAKE_PATH else self.forms
        if with_body and not spare.take():
            return short(start_response, 503, BUSY, ("Retry-After", str(UPLOAD_RETRY_SECONDS)))

        def start(status: str, headers: Headers, *error: Any) -> Any:
            said = {name.lower() for name, _ in headers}
            strict = [header for header in SECURITY if header[0].lower() not in said]
            return start_response(status, [*headers, *strict], *error)

        seconds = body.SENDING_SECONDS if spare is self.photos else body.FORM_SECONDS
        try:
            with body.hung_up_after(seconds, environ.get("REMOTE_ADDR", "")) if with_body else nullcontext():
                return self._django(environ, start)
        except (ValueError, LookupError) as trouble:
            # Django reads Content-Type before any of its own nets are spread, and whatever that says may be there.
            log.warning("a request could not be read: %s", type(trouble).__name__)
            return short(start_response, 400, "bad request\n")
        finally:
            if with_body:
                spare.give_back()


def _plain(text: str) -> str:
    """Return the token that a text is, or nothing: a stranger's text goes into no link of ours."""
    code = token.normalise(text)
    return code if PLAIN_CODE.fullmatch(code) else ""


def _judged(
    said: token.Seal | token.Claim, row: verdict.Row | None, at: datetime
) -> tuple[verdict.State, cards.Card | None]:
    """Return the state of a code that stands so on the board, and the card that may be shown with it."""
    state = verdict.judge(said=said, row=row, now=at)
    if row is None or not state.shows_card or row.document is None:
        return state, None
    try:
        card = cards.load(row.document)
    except msgspec.ValidationError as trouble:
        log.error("the card of serial %s cannot be read: %s", said.serial, trouble)
        return verdict.STATES["updating"], None
    return verdict.of_registration(state, card.head.state), card


def _judged_foreign(row: verdict.Foreign, at: datetime) -> tuple[verdict.State, cards.Card | None]:
    """Return the state of a code that somebody else issued, and the card that may be shown with it."""
    state = verdict.judge_foreign(row, now=at)
    if not state.shows_card or row.document is None:
        return state, None
    try:
        card = cards.load(row.document)
    except msgspec.ValidationError as trouble:
        log.error("the card of %s cannot be read: %s", row.holder, trouble)
        return verdict.STATES["unavailable"], None
    # Whoever paused ours, or was stopped, says nothing of himself by another's code either.
    return state, msgspec.structs.replace(card, supplement=()) if row.is_quiet else card


def _midnight_after(at: datetime) -> float:
    return (at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).timestamp()


def _django_application() -> Callable[[Environ, Start], Iterable[bytes]]:
    from django.core.wsgi import get_wsgi_application  # imported late: scans must not wait for Django to load

    return get_wsgi_application()


def make_application(
    *,
    dsn: str,
    public_url: str = "",
    code_urls: Sequence[str] = (),
    leave_with_parent: bool = False,
    with_django: bool = True,
) -> Door:
    """Return the public's door, listening and noting; its `close` ends both."""
    door = Door(
        dsn=dsn,
        public_url=public_url,
        code_urls=code_urls,
        leave_with_parent=leave_with_parent,
        otherwise=_django_application if with_django else None,
    )
    door.open()
    return door


def __getattr__(name: str) -> Any:
    # A server asks for `application` by name; tests and the bench import this module without opening anything.
    if name != "application":
        raise AttributeError(name)
    from django.conf import settings

    door = make_application(
        dsn=settings.PUBLIC_DATABASE_URL,
        public_url=settings.PUBLIC_URL,
        code_urls=settings.CODE_URLS,
        leave_with_parent=True,
    )
    atexit.register(door.close)
    globals()["application"] = door
    return door
