"""A page ready to send: its bytes, its headers, and until when both are true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from chengxin.board.verdict import State
from chengxin.public.answer import RETRY_SECONDS, STATUS, Environ, Start, headers, takes_gzip, zipped
from chengxin.public.headers import Headers
from chengxin.public.journal import SHANGHAI
from chengxin.public.page.frame import View
from chengxin.public.page.scan import Sheet


@dataclass(slots=True)
class Kept:
    """A page of a code, made for one minute; restamped when that is over."""

    status: str
    verdict: str
    serial: int | None
    is_scan: bool  # a first look, not a click on the page
    view: View
    sheet: tuple[bytes, bytes]
    good_until: float  # when something on it ends
    marks: tuple[str, ...]
    fresh_until: float = 0  # the end of the minute on the page
    headers: Headers = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    zipped_headers: Headers = field(default_factory=list)
    zipped_body: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes held, roughly: the halves and the page made of them; gzip takes a fifth."""
        return 2048 + 2 * (len(self.sheet[0]) + len(self.sheet[1])) + (len(self.body[0]) // 4)

    def restamped(self, now: float) -> Kept:
        """Return the same page with the minute of now. This one may be on its way to somebody."""
        fresh = replace(self, headers=[], body=[], zipped_headers=[], zipped_body=[])
        fresh.stamp(now)
        return fresh

    def stamp(self, now: float, *, retry: bool = False) -> None:
        """Put the minute into the page, and its headers before it."""
        tongue = self.view.tongue
        body = tongue.minute(datetime.fromtimestamp(now, SHANGHAI)).encode().join(self.sheet)
        more = [("Cache-Control", "no-store"), ("Vary", "Accept-Encoding"), ("Content-Language", tongue.html)]
        if retry:
            more.append(("Retry-After", str(RETRY_SECONDS)))
        self.headers = headers("text/html; charset=utf-8", len(body), *more)
        self.body = [body]
        self.fresh_until = min(self.good_until, now - now % 60 + 60)

    def answer(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a request for it; zipped at the first request that takes it so."""
        said, body = self.headers, self.body
        if takes_gzip(environ):
            if not self.zipped_body:
                smaller = zipped(self.body[0])
                # The headers first: another thread takes a body that is there for ready.
                self.zipped_headers = [
                    ("Content-Length", str(len(smaller))) if name == "Content-Length" else (name, value)
                    for name, value in self.headers
                ] + [("Content-Encoding", "gzip")]
                self.zipped_body = [smaller]
            said, body = self.zipped_headers, self.zipped_body
        start_response(self.status, said)
        return [b""] if environ["REQUEST_METHOD"] == "HEAD" else body


def kept(
    *,
    view: View,
    state: State,
    serial: int | None,
    sheet: Sheet,
    now: float,
    good_until: float,
    marks: tuple[str, ...] = (),
) -> Kept:
    """Return a drawn page ready to send. `marks`: what its notifications are called."""
    made = Kept(
        status=STATUS[state.status],
        verdict=state.name,
        serial=serial,
        is_scan=not view.query,
        view=view,
        sheet=(sheet.before.encode(errors="replace"), sheet.after.encode(errors="replace")),
        good_until=good_until,
        marks=marks,
    )
    made.stamp(now, retry=state.status == 503)
    return made
