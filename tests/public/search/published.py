"""The published set: names, the ways people look for them, and the crowd they are found in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from chengxin.board import actions as board
from chengxin.pipeline.demo.businesses import World
from chengxin.terms import finding, uscc
from chengxin.terms.name import take_apart

CROWD = 3000
INSTEAD = "山云海堂记泉春明德福"
ELSEWHERE = ("黑河市爱辉区", "北安市", "鹤岗市南山区", "嫩江市", "绥滨县")


class Query(NamedTuple):
    """One way to look for one name."""

    name: str
    sort: str
    typed: str


def queries() -> list[Query]:
    """Return the set: a name, then its queries, until a blank line."""
    found: list[Query] = []
    name = ""
    for line in (Path(__file__).parent / "queries.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if not line:
            name = ""
        elif not name:
            name = line
        else:
            sort, _, typed = line.partition(" ")
            found.append(Query(name, sort, typed))
    return found


def crowd() -> Iterator[str]:
    """Yield names that are not meant: the demo's, and two neighbours of each that is, a character or a place away."""
    chance = random.Random(1)
    for name in dict.fromkeys(query.name for query in queries()):
        parts = take_apart(name)
        sign = parts.signs[0].text
        place = chance.randrange(len(sign))
        yield parts.place + parts.rest.replace(sign, sign[:place] + chance.choice(INSTEAD) + sign[place + 1 :], 1)
        yield chance.choice(ELSEWHERE) + sign[: max(2, len(sign) - 1)] + chance.choice(("商店", "饭店", "商贸有限公司"))
    world = World(seed=7, today=date(2026, 11, 25))
    for index in range(CROWD):
        yield world.business(index).name


def post(wanted: list[str]) -> dict[str, str]:
    """Post names as holders with a good card and an active code; return the USCC of each."""
    numbers = {name: uscc.compose(department="9", body="2", division="230402", serial=f"{number:08}")
               for number, name in enumerate(dict.fromkeys(wanted))}  # fmt: skip
    now = datetime.now(UTC)
    good_until = now + timedelta(days=30)
    board.post_cards((board.CardRow(number, "subject", "{}", good_until) for number in numbers.values()), at=now)
    board.post_codes(
        board.CodeRow(serial, "subject", number, "active", "premises", "", None, now.date())
        for serial, number in enumerate(numbers.values(), start=1)
    )
    board.post_names(
        board.NameRow(number, "subject", name, "", "", "active", tuple(finding.keys(name)))
        for name, number in numbers.items()
    )
    return numbers
