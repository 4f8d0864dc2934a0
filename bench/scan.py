"""The two scan rows: a page that is kept, beside nginx; a page that is not, beside a plain Django view."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape

import msgspec

from bench import nginx
from bench.figures import CannotMeasure, Figure, ratio, show
from bench.house import House
from bench.load import press
from bench.programs import answers, free_port, page, patiently
from bench.town import THIRTY, Town, card, holder
from chengxin.pipeline.door import THREADS
from chengxin.pipeline.processes import Child, stop

ROUNDS = 3
SECONDS = 5
UNCACHED_SECONDS = 4
WANTED_BYTES = 10_000
CARDS = 300
CODES_PER_CARD = 100


def cached(house: House) -> Figure:
    """Press one kept page of ten kilobytes, and the same bytes as a file of nginx's, in turns."""
    cards = {holder(number): card(number, {"administration": number}) for number in range(1, 12)}
    town = house.post(cards, codes_per_card=1)
    with house.running(house.public):
        sizes = {f"/C/{code.token}": len(page(f"{house.base}/C/{code.token}")[1]) for code in town.codes}
        path = min(sizes, key=lambda each: abs(sizes[each] - WANTED_BYTES))
        body = page(house.base + path)[1]
        with nginx.serving(body, path=path, folder=house.folder / "nginx") as theirs:
            for base in (house.base, theirs):
                press(base + path, seconds=1)
            mine, others = [], []
            for _ in range(ROUNDS):
                mine.append(press(house.base + path, seconds=SECONDS).per_second)
                others.append(press(theirs + path, seconds=SECONDS).per_second)
        _look_at_journal()
    return Figure(
        ratio(mine, others),
        f"{show(sorted(mine)[ROUNDS // 2])}/s",
        f"{show(sorted(others)[ROUNDS // 2])}/s",
        (f"{len(body):,} bytes, identity encoding, 16 connections", f"rounds: {_pairs(mine, others)}"),
    )


def uncached(house: House) -> Figure:
    """Press thousands of different codes, each asked for once, here and at the plain Django view, in turns."""
    town = house.post({holder(n): card(n, THIRTY) for n in range(1000, 1000 + CARDS)}, codes_per_card=CODES_PER_CARD)
    paths = [f"/C/{code.token}" for code in town.codes]
    scratch = house.folder / "paths"
    with house.running(house.public), plain(house, town) as theirs:
        _same_page(page(house.base + paths[-1])[1], page(theirs + paths[-1])[1])
        mine, others = [], []
        place = 0
        for number in range(ROUNDS + 1):
            ours = press(house.base, seconds=UNCACHED_SECONDS if number else 1, paths=paths[place:-1], scratch=scratch)
            other = press(theirs, seconds=UNCACHED_SECONDS if number else 1, paths=paths[place:-1], scratch=scratch)
            place += ours.requests + 16  # a page once asked for is kept: never asked for again
            if number:  # the first warms both
                mine.append(ours.per_second)
                others.append(other.per_second)
    return Figure(
        ratio(mine, others),
        f"{show(sorted(mine)[ROUNDS // 2])}/s",
        f"{show(sorted(others)[ROUNDS // 2])}/s",
        ("30 records on the page, every code asked for once, 16 connections", f"rounds: {_pairs(mine, others)}"),
    )


def _pairs(mine: list[float], others: list[float]) -> str:
    return ", ".join(f"{show(each)} : {show(other)}" for each, other in zip(mine, others, strict=True))


def _look_at_journal() -> None:
    """Make sure that scans were noted while they were counted."""
    from chengxin.inbox.models import InboxScan

    patiently(lambda: InboxScan.objects.exists(), seconds=5, what="the journal of scans")


@contextlib.contextmanager
def plain(house: House, town: Town) -> Iterator[str]:
    """Serve the plain Django project with the same town while the block runs; give its address."""
    port = free_port()
    file = house.folder / "town"
    file.write_bytes(msgspec.msgpack.encode(town))
    environment = {
        **house.environment,
        "DJANGO_SETTINGS_MODULE": "bench.plain.settings",
        "PLAIN_DATABASE": house.make_database("plain"),
    }
    loading = subprocess.run(
        [sys.executable, "-m", "bench.plain.load", str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if loading.returncode:
        raise CannotMeasure(f"the plain project could not be loaded: {loading.stderr.strip()}")
    # granian with the flags of our own public door, so that the server is no difference.
    command = (
        sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--workers", "1",
        "--blocking-threads", str(THREADS["public"]), "--log-level", "warning", "--host", "127.0.0.1",
        "--port", str(port), "bench.plain.wsgi:application",
    )  # fmt: skip
    child = Child("plain", command, environment)
    child.start()
    try:
        url = f"http://127.0.0.1:{port}"
        first = f"{url}/C/{town.codes[-1].token}"
        patiently(lambda: answers(first), seconds=30, what="the plain project", process=child.process)
        yield url
    finally:
        stop([child])


def words(body: bytes) -> list[tuple[str, str]]:
    """Return what a page says in label-value lines, and its headings."""
    text = body.decode()
    lines = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", text, re.DOTALL)
    heads = [("h3", found) for found in re.findall(r"<h3[^>]*>(.*?)</h3>", text, re.DOTALL)]
    return sorted((unescape(label), unescape(value)) for label, value in lines + heads)


def _same_page(ours: bytes, theirs: bytes) -> None:
    mine, others = words(ours), words(theirs)
    if mine != others:
        odd = sorted(set(mine) ^ set(others))[:4]
        raise CannotMeasure(f"the two pages do not say the same: {len(mine)} and {len(others)} lines, {odd}")
    if not 0.85 < len(theirs) / len(ours) < 1.15:
        raise CannotMeasure(f"the two pages are not as large as each other: {len(ours)} and {len(theirs)} bytes")
