"""The bench's page says what the bench measures; what it measures is left to `make bench`."""

import re
from pathlib import Path

import pytest

from bench import figures, town
from bench.figures import Target
from bench.rows import ROWS
from bench.scan import words
from chengxin.terms import uscc

PAGE = (Path(__file__).parents[2] / "docs/bench.md").read_text()


def test_every_row_stands_in_the_docs_with_its_target():
    written = re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)

    assert written[: len(ROWS)] == [(row.name, str(row.target)) for row in ROWS]


def test_every_row_says_how_it_is_measured():
    said = re.findall(r"^\*\*(.+?)\.\*\*", PAGE, re.MULTILINE)

    assert {name for line in said for name in re.findall(r"`([a-z0-9-]+)`", line)} == {row.name for row in ROWS}


@pytest.mark.parametrize(
    ("target", "figure", "is_reached"),
    [
        (Target("at least", 0.5), 0.5, True),
        (Target("at least", 0.5), 0.4999, False),
        (Target("at most", 5, "ms"), 5.0, True),
        (Target("at most", 5, "ms"), 5.01, False),
    ],
    ids=["just enough", "too little", "just in time", "too late"],
)
def test_a_target_is_reached_or_missed(target, figure, is_reached):
    assert target.is_reached(figure) is is_reached


def test_a_percentile_is_a_value_that_was_measured():
    assert figures.percentile([*range(1, 201)], 99) == 198
    assert figures.percentile([7.0], 99) == 7.0


def test_a_ratio_is_of_pairs_measured_together():
    # Both sides were slow in the second round: the ratio is not.
    assert figures.ratio([100, 50, 90], [10, 5, 10]) == 10


@pytest.mark.parametrize(("counts", "records"), [(town.THIRTY, 30), (town.TWO_HUNDRED, 200)], ids=["30", "200"])
def test_the_towns_cards_hold_as_many_records_as_the_rows_say(counts, records):
    card = town.card(7, counts)

    assert sum(len(section.items) for section in card.sections) == records
    assert uscc.parse(card.head.uscc).inner_digit_holds


def test_what_two_pages_say_is_compared_by_line():
    ours = "<dl><dt>许可类别</dt><dd>普通</dd></dl><h3>甲&amp;乙</h3>".encode()
    theirs = '<h3 lang="zh">甲&amp;乙</h3> <dt>许可类别</dt>\n<dd>特许</dd>'.encode()

    assert words(ours) == [("h3", "甲&乙"), ("许可类别", "普通")]
    assert words(theirs) != words(ours)
