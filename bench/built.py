"""The row of the page with 200 records, built in this process; beside it the plain project's template."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from time import thread_time
from types import SimpleNamespace
from typing import TypeVar
from unittest import mock

import msgspec
from django.template import Context, Engine

from bench import plain
from bench.figures import CannotMeasure, Figure, show
from bench.house import House
from bench.plain import page as theirs
from bench.scan import words
from bench.town import CITY, TWO_HUNDRED, card
from chengxin.board import card as cards
from chengxin.board.verdict import STATES
from chengxin.public import assets
from chengxin.public.page import report, scan
from chengxin.public.page.frame import view_of

ROUNDS = 60
TODAY = date(2026, 3, 2)
PATH = "/C/" + "1" * 136

Thing = TypeVar("Thing")


def two_hundred(house: House) -> Figure:
    """Build the pages of businesses with 200 records, document to bytes, all records on the one page."""
    # Each a card of its own: of one card again and again, every line would be remembered from the time before.
    documents = [cards.dump(card(number, TWO_HUNDRED)) for number in range(ROUNDS + 1)]
    addresses = assets.read().addresses
    drawn: dict[str, str] = {}  # the city's own lines, which the door draws once a city

    def ours(document: bytes) -> bytes:
        loaded = cards.load(document)
        view = view_of(PATH, "", city=CITY, assets=addresses, public_url="https://example.invalid", drawn=drawn)
        hanging = scan.Hanging(1, "premises")
        sheet = scan.draw(view=view, state=STATES["active"], hanging=hanging, card=loaded, today=TODAY)
        return f"{sheet.before}2026年3月2日 09:00{sheet.after}".encode()

    served = _milliseconds(ours, documents)
    # Nobody is served 200 records on a page: the rest of a long list stands on pages of its own. Built they are here.
    with mock.patch.object(report, "PAGE_SIZE", 200):
        body = ours(documents[0])
        mine = _milliseconds(ours, documents)
    template = _template()
    fetched = [_Fetched(cards.load(document)) for document in documents]
    if words(body) != words(template(fetched[0])):
        raise CannotMeasure("the two pages do not say the same")
    others = _milliseconds(template, fetched[: 1 + ROUNDS // 3])
    return Figure(
        mine,
        f"{show(mine)} ms",
        f"{show(others)} ms",
        (
            f"{body.count(b'<article>') - 1} records on one page of {len(body):,} bytes",
            f"as it is served, in pages of {report.PAGE_SIZE}: {show(served)} ms",
        ),
    )


def _milliseconds(build: Callable[[Thing], bytes], things: Sequence[Thing]) -> float:
    build(things[0])
    took = []
    gc.collect()
    for thing in things[1:]:
        began = thread_time()
        build(thing)
        took.append(thread_time() - began)
    return median(took) * 1000


class _Fetched:
    """What the plain project's view has in hand once its queries are answered."""

    def __init__(self, loaded: cards.Card) -> None:
        head = loaded.head
        subject = SimpleNamespace(**msgspec.structs.asdict(head), as_of=loaded.as_of)
        self.code = SimpleNamespace(serial=1, subject=subject, placement="premises", label="")
        self.records = [
            SimpleNamespace(section=section.code, lines=item.lines, **msgspec.structs.asdict(item))
            for section in loaded.sections
            for item in cards.shown(section.items, TODAY)
        ]


def _template() -> Callable[[_Fetched], bytes]:
    """Return the plain project's way from rows to a page."""
    city = msgspec.to_builtins(CITY)
    engine = Engine(
        dirs=[str(Path(plain.__file__).parent / "templates")],
        libraries={"plain": "bench.plain.templatetags.plain"},
    )
    template = engine.get_template("plain/scan.html")

    def build(fetched: _Fetched) -> bytes:
        context = theirs.context(code=fetched.code, records=fetched.records, city=city, today=TODAY, page_size=200)
        return template.render(Context({**context, "request": SimpleNamespace(path=PATH)})).encode()

    return build
