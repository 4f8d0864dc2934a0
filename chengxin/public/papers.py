"""Documents for other programs: the public keys and the status list, kept as bytes, ready to send.

Whoever verifies codes fetches them now and then; anyone may, from any page, so they are open to every origin.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

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

    def answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request for it."""
        headers: Headers = [("ETag", self.tag), *FOR_ALL]
        if _holds(environ.get("HTTP_IF_NONE_MATCH", ""), self.tag):
            start_response("304 Not Modified", headers)
            return [b""]
        body = self.plain
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body = self.zipped
            headers.append(("Content-Encoding", "gzip"))
        start_response("200 OK", [("Content-Type", self.kind), ("Content-Length", str(len(body))), *headers])
        return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def paper(kind: str, body: bytes) -> Paper:
    """Return a document ready to send."""
    squeezer = zlib.compressobj(5, zlib.DEFLATED, 31)
    # Weak: plain and zipped are the same document in two wrappings.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Paper(kind, body, squeezer.compress(body) + squeezer.flush(), tag)


def _holds(wanted: str, tag: str) -> bool:
    return wanted.strip() == "*" or tag in (each.strip() for each in wanted[:2000].split(","))
