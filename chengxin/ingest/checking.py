"""A file's rows as checked, one by one: which may be taken in, and what was found about the others, and about these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import msgspec

from chengxin.credit.records import catalogue, rules
from chengxin.credit.records.cells import Problem, problem
from chengxin.credit.records.checks import CHECKS
from chengxin.credit.records.form import Kind
from chengxin.ingest.reading.table import NotReadable, Table
from chengxin.ingest.setaside import Finding, Findings
from chengxin.ingest.sources import Source
from chengxin.terms import privacy

Progress = Callable[[int, float | None], None]
"""Told now and then how many rows were read, and what share of the file that is where it is known."""

EVERY: Final = 4096
TOO_WIDE: Final = "E31"
NO_RECORD: Final = "E40"
SOURCES: Final = 10_000
"""So many senders' rows are counted apart in one file; a file with more is nobody's honest work."""


@dataclass(slots=True)
class Counts:
    """What was counted of a file's rows while they were read: (source's code, code, column, level) → how often."""

    rows: int = 0
    rejected: int = 0
    found: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def add(self, source: str, code: str, column: str = "", level: str = "") -> None:
        """Count one."""
        key = (source, code, column, level)
        self.found[key if key in self.found or len(self.found) < SOURCES else ("", *key[1:])] += 1


def usable(
    table: Table,
    what: Kind,
    source: Source,
    *,
    received_on: date,
    agencies: frozenset[str],
    findings: Findings,
    counts: Counts,
    progress: Progress,
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows that may be taken in, by column.

    `agencies` are the codes of the directory's units; where it has none, nobody is asked to stand in it (E10).

    :raises NotReadable: a column that must be there is not, or is there twice.
    """
    header = source.translate(what.name, table.header)
    _refuse_incomplete(what, header)
    check = rules.compile_checks(what, header, today=received_on, received_on=received_on)
    width = len(header)
    agency = what.roles.authority_code if agencies else ""
    for row, cells in table.rows:
        counts.rows += 1
        if not counts.rows % EVERY:
            progress(counts.rows, table.share)
        body, problems = check(cells)
        if len(cells) > width:
            problems = (_too_wide(len(cells), width), *problems)
        if agency and agency in body and body[agency] not in agencies:
            problems = (*problems, _no_agency(what, agency, body[agency]))
        if not problems:
            yield row, body
            continue
        sender = body.get(what.roles.source_code, source.uscc)
        for one in problems:
            counts.add(sender, one.code, one.column, one.level)
        if any(one.level == "error" for one in problems):
            counts.rejected += 1
            counts.add(sender, "rejected")
            _set_aside(what, row, body, problems, findings)
            continue
        for one in problems:
            findings.add(Finding(row, one.column, one.code, one.level, one.message))
        yield row, body


def _refuse_incomplete(what: Kind, header: Sequence[str]) -> None:
    known = Counter(column.code for name in header if name and (column := what.column_for(name)))
    twice = [what.column(code).name for code, count in known.items() if count > 1]
    if twice:
        raise NotReadable(f"表头里“{'”“'.join(twice)}”出现了不止一次，不知道该用哪一列；请删去多余的列")
    missing = [column.name for column in what.missing(header)]
    if missing:
        found = "、".join(name for name in header if name)
        raise NotReadable(f"缺少必需的列：{'、'.join(missing)}；表头现有：{found[:300]}。{_other_kind(what, header)}")


def _other_kind(what: Kind, header: Sequence[str]) -> str:
    """Return the advice for someone who named the wrong kind."""
    fits = [kind for kind in catalogue.KINDS.values() if kind is not what and not kind.missing(header)]
    return f"这像是{fits[0].label}表，请用 --kind {fits[0].name}" if fits else "请使用官方表，或补上缺少的列"


def _set_aside(what: Kind, row: int, body: dict[str, str], problems: Sequence[Problem], findings: Findings) -> None:
    """Keep a row that cannot be used: what is stored of it names nobody's papers (《个人信息保护法》第 6 条)."""
    errors = [one for one in problems if one.level == "error"]
    papers = {column.code for column in what.columns if column.type == "person_id"}
    kept = {code: value for code, value in body.items() if code not in papers and not privacy.find(value)}
    subject = body.get(what.roles.subject, "")
    first = errors[0]
    text = msgspec.json.encode(kept).decode()
    findings.add(Finding(row, first.column, first.code, first.level, first.message, subject, text))
    for one in problems:
        if one is not first:
            findings.add(Finding(row, one.column, one.code, one.level, one.message))


def _too_wide(cells: int, width: int) -> Problem:
    return problem(TOO_WIDE, "wide", "", cells=cells, width=width)


def _no_agency(what: Kind, column: str, code: str) -> Problem:
    says, name = CHECKS["E10"].says["unit"], what.column(column).name
    return Problem("E10", name, says.texts["zh"].format(column=name, code=code), says.level)
