"""The row of the bytes: all that a first visit costs a telephone, headers included, asked for over a bare socket."""

from __future__ import annotations

import gzip
import re
import socket
from urllib.parse import urljoin, urlsplit

from bench.figures import CannotMeasure, Figure, show
from bench.house import House
from bench.town import THIRTY, card, holder

NAMED = re.compile(r'(?:<link rel="(?:stylesheet|icon|manifest)" href|<script src|<img src)="([^"]+)"')
FROM_STYLE = re.compile(r"url\(([^)]+)\)")
KILOBYTE = 1000
PAGES = ("/", "/search", "/verify", "/fake")
"""Beside the page of a scan: the public's other pages."""


def first_visit(house: House) -> Figure:
    """Visit each page with nothing kept, and add up every byte that comes back."""
    town = house.post({holder(number): card(number, THIRTY) for number in range(2000, 2001)}, codes_per_card=1)
    with house.running(house.public):
        costs = {path: _visit(house.base, path) for path in (f"/C/{town.codes[0].token}", *PAGES)}
    names = {path: "a scan, 30 records" if path.startswith("/C/") else path for path in costs}
    dearest = max(costs.values())
    return Figure(
        dearest / KILOBYTE,
        f"{show(dearest / KILOBYTE)} KB",
        notes=tuple(f"{names[path]}: {cost:,} bytes" for path, cost in costs.items()),
    )


def _visit(base: str, path: str) -> int:
    """Return the bytes of a page and of every file it names, each fetched once."""
    total, page = _fetch(base, path)
    waiting = [urljoin(path, found) for found in NAMED.findall(page)]
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        where = urlsplit(address)
        if where.netloc and f"{where.scheme}://{where.netloc}" != base:
            raise CannotMeasure(f"the page at {path} asks another host: {address}")
        cost, said = _fetch(base, where.path)
        total += cost
        if where.path.endswith(".css"):
            waiting += [urljoin(where.path, found) for found in FROM_STYLE.findall(said)]
    return total


def _fetch(base: str, path: str) -> tuple[int, str]:
    """Return how many bytes came back for an address, and what they say."""
    where = urlsplit(base)
    with socket.create_connection((where.hostname or "", where.port or 80), timeout=5) as line:
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: line.recv(1 << 16), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise CannotMeasure(f"{path} answered {head[:40]!r}")
    said = gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body
    return len(answer), said.decode(errors="replace")
