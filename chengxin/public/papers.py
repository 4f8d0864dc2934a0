"""Documents for other programs: the public keys and the status list, kept as bytes, ready to send.

Whoever verifies codes fetches them now and then; anyone may, from any page, so they are open to every origin.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chengxin.public.answer import Environ, Start, takes_gzip, zipped
from chengxin.public.headers import SECURITY, Headers

FOR_ALL: Final = (
    # Asked for again each time, and answered with 304 while nothing changed: what is kept is never older than it says.
    ("Cache-Control", "no-cache"),
    ("Access-Control-Allow-Origin", "*"),
    ("Vary", "Accept-Encoding"),
    *SECURITY,
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One document, plain and zipped."""

    kind: str
    plain: bytes
    zipped: bytes
    tag: str

    def answer(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a request for it."""
        headers: Headers = [("ETag", self.tag), *FOR_ALL]
        if _holds(environ.get("HTTP_IF_NONE_MATCH", ""), self.tag):
            start_response("304 Not Modified", headers)
            return [b""]
        body = self.plain
        if takes_gzip(environ):
            body = self.zipped
            headers.append(("Content-Encoding", "gzip"))
        start_response("200 OK", [("Content-Type", self.kind), ("Content-Length", str(len(body))), *headers])
        return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def paper(kind: str, body: bytes) -> Paper:
    """Return a document ready to send."""
    # Weak: plain and zipped are the same document in two wrappings.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Paper(kind, body, zipped(body), tag)


def _holds(wanted: str, tag: str) -> bool:
    return wanted.strip() == "*" or tag in (each.strip() for each in wanted[:2000].split(","))
