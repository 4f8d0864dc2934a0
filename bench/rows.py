"""The rows of the bench: what is measured, what it should reach, and the function that measures it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench import built, change, codes, demo, intake, press, scan, search, wire
from bench.figures import Figure, Target
from bench.house import House


@dataclass(frozen=True, slots=True)
class Row:
    """One row: design.md §6 in the words of docs/bench.md."""

    name: str
    about: str
    target: Target
    measure: Callable[[House], Figure]
    needs: tuple[str, ...] = ()  # programs that are not ours


ROWS = (
    Row("scan-cached", "scans of a kept page : nginx", Target("at least", 0.5), scan.cached, ("wrk", "nginx")),
    Row("scan-uncached", "scans of a page to be made : plain Django", Target("at least", 10), scan.uncached, ("wrk",)),
    Row("page-200", "a page with 200 records, built", Target("at most", 5, "ms"), built.two_hundred),
    Row(
        "bytes",
        "bytes over the wire, a first visit, everything included",
        Target("at most", 60, "KB"),
        wire.first_visit,
    ),
    Row("change", "a changed licence → the changed page, p99", Target("at most", 1, "s"), change.changed),
    Row("withdraw", "a withdrawn code → the changed page, p99", Target("at most", 1, "s"), change.withdrawn),
    Row(
        "withdraw-alone",
        "the same with the pipeline stopped, p99",
        Target("at most", 1, "s"),
        change.withdrawn_alone,
    ),
    Row("posters", "codes as posters in one PDF, a second", Target("at least", 250, "/s"), press.posters),
    Row("posters-memory", "the most memory that 20,000 posters take", Target("at most", 300, "MB"), press.memory),
    Row("search", "a question to a million names, p95 of a fixed mix", Target("at most", 50, "ms"), search.search),
    Row("intake", "COPY of the rows : an official file taken in", Target("at least", 0.5), intake.intake),
    Row(
        "intake-memory",
        "the most memory that takes, as CSV and JSON lines",
        Target("at most", 300, "MB"),
        intake.memory,
    ),
    Row("same-file", "the identical file again", Target("at most", 5, "s"), intake.same_file),
    Row("same-rows", "the first time : the same rows in another file", Target("at least", 1.5), intake.same_rows),
    Row(
        "uploads",
        "100 files of 10,000 rows sent at once → all in, none twice",
        Target("at most", 600, "s"),
        intake.uploads,
    ),
    Row("foreign", "60,000 codes of others → all in", Target("at most", 10, "s"), codes.foreign),
    Row("fleet", "a list of 300 cars → their stickers in one PDF", Target("at most", 10, "s"), codes.fleet),
    Row("demo", "an empty data folder, 2,000 businesses → the first page", Target("at most", 20, "s"), demo.first_page),
)
