"""The measures of quality, as a table that an auditor can read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from chengxin.ingest.measures import CLOCK, MEASURES, Counts

OCTOBER = date(2026, 10, 1)
CLEAN = Counts(rows=1000, accepted=1000)


@pytest.mark.parametrize(
    ("counts", "compliance", "timeliness", "wrong_codes", "duplication"),
    [
        (Counts(), None, None, None, None),
        (CLEAN, 1.0, 1.0, 0.0, 0.0),
        (Counts(rows=100, rejected=5, waiting=3, accepted=95), 0.98, 1.0, 0.0, 0.0),
        (Counts(rows=100, rejected=100), 0.0, None, 0.0, 0.0),
        (Counts(rows=100, accepted=60, changed=10, unchanged=40, late=5), 1.0, 0.9, 0.0, 0.4),
        (Counts(rows=10_000, accepted=10_000, wrong_codes=1), 1.0, 1.0, 0.0001, 0.0),
        (Counts(rows=2, rejected=2, wrong_codes=3), 0.0, None, 1.0, 0.0),
        (Counts(hidden=4), None, None, None, None),
    ],
    ids=[
        "nothing sent is no nought",
        "clean",
        "a waiting row is no error",
        "all rejected",
        "an update is neither early nor late",
        "one wrong code in ten thousand",
        "two wrong codes in one row",
        "found elsewhere",
    ],
)
def test_what_is_said_of_a_month(counts, compliance, timeliness, wrong_codes, duplication):
    said = [MEASURES[name].of(counts) for name in ("compliance", "timeliness", "wrong_codes", "duplication")]

    assert said == [compliance, timeliness, wrong_codes, duplication]


@pytest.mark.parametrize(
    ("name", "counts", "month", "misses"),
    [
        ("compliance", Counts(rows=100, rejected=2), OCTOBER, False),
        ("compliance", Counts(rows=1000, rejected=21), OCTOBER, True),
        ("compliance", Counts(), OCTOBER, False),
        ("compliance", Counts(rows=1, rejected=1), date(2023, 10, 1), False),
        ("wrong_codes", Counts(rows=10_000, wrong_codes=1), OCTOBER, False),
        ("wrong_codes", Counts(rows=10_000, wrong_codes=2), OCTOBER, True),
        ("hidden", Counts(rows=1, hidden=1), OCTOBER, True),
        ("timeliness", Counts(rows=10, accepted=10, late=10), OCTOBER, False),
    ],
    ids=[
        "98 % reaches 98 %",
        "97.9 % does not",
        "nothing sent misses nothing",
        "before the target was set",
        "one in ten thousand",
        "two in ten thousand",
        "one hidden",
        "no target, no miss",
    ],
)
def test_what_falls_short(name, counts, month, misses):
    assert MEASURES[name].misses(counts, month) is misses


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("compliance", 0.97999, "97.9%"),
        ("compliance", 0.98, "98.0%"),
        ("compliance", 1.0, "100.0%"),
        ("compliance", None, "—"),
        ("wrong_codes", 0.0001, "万分之 1.0"),
        ("late", 1234.0, "1,234"),
    ],
    ids=["never rounded up to a target", "98", "100", "nothing", "of ten thousand", "a number"],
)
def test_how_a_value_is_written(name, value, written):
    assert MEASURES[name].written(value) == written


def test_every_measure_is_published_with_formula_and_source():
    for measure in MEASURES.values():
        assert measure.label and measure.formula and measure.about and measure.basis
    assert len({measure.label for measure in MEASURES.values()}) == len(MEASURES)


def test_two_months_add_up():
    both = Counts(rows=3, rejected=1, late=2) + Counts(rows=4, accepted=4)

    assert (both.rows, both.rejected, both.accepted, both.late) == (7, 1, 4, 2)


def test_the_clock_is_said_in_one_place():
    assert CLOCK.mend_workdays == 7 and CLOCK.silent_days == 30 and CLOCK.duty == ("licence", "penalty")


def test_the_published_page_says_what_the_code_counts():
    published = (Path(__file__).parents[2] / "docs" / "quality.md").read_text(encoding="utf-8")

    for measure in MEASURES.values():
        assert f"| {measure.label} | {measure.formula} | {measure.about} | {measure.basis} |" in published
        for since, value in measure.targets:
            assert f"| {measure.label} | {since} | {measure.written(value)} |" in published
