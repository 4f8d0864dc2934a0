"""The published set of queries, asked of a board with a crowd on it: what share is found, by sort of query."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

import pytest

from chengxin.public import finder
from chengxin.public.line import Line
from chengxin.terms import finding
from tests.public.search import published

RECALL = 0.98
FIRST_PAGE = 20


@pytest.mark.django_db(transaction=True)
def test_the_published_queries_find_whom_they_mean(public_dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = published.queries()
    published.post([*(query.name for query in wanted), *published.crowd()])
    found: dict[str, list[int | None]] = defaultdict(list)
    missed = []
    at = datetime.now(UTC)
    with Line(public_dsn, patience=5) as line:
        for query in wanted:
            asked = finding.question(query.typed)
            hits = [hit.name for hit in finder.named(line, asked, at=at).hits] if asked else []
            place = hits.index(query.name) if query.name in hits else None
            found[query.sort].append(place)
            if place is None:
                missed.append(query)
    everything = [place for places in found.values() for place in places]
    with capsys.disabled():
        print(f"\n{'sort':8} queries  found  on the first page")  # noqa: T201 — the figures are the point
        for sort, places in [*found.items(), ("all", everything)]:
            print(f"{sort:8} {len(places):7} {share(places):6.1%} {share(places, FIRST_PAGE):6.1%}")  # noqa: T201
        for query in missed:
            print(f"missed: {query.sort} {query.typed} → {query.name}")  # noqa: T201

    assert len(wanted) >= 300
    assert share(everything) >= RECALL


def share(places: list[int | None], within: int = finder.MOST) -> float:
    return sum(place is not None and place < within for place in places) / len(places)
