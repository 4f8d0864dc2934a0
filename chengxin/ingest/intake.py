"""归集: one file in, in one transaction: read, checked, matched, added; what cannot be used set aside, never dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec
from django.db import connection, transaction

from chengxin.credit.records import actions as records
from chengxin.credit.records import catalogue, rules
from chengxin.credit.records.cells import Problem
from chengxin.credit.records.form import Kind
from chengxin.credit.subjects import actions as subjects
from chengxin.ingest import names, setaside, waiting
from chengxin.ingest.facts import SUBJECT, entry, fact
from chengxin.ingest.models import Batch
from chengxin.ingest.read import Limits, NotReadable, Table, open_table
from chengxin.ingest.setaside import Feedback, Finding, Findings
from chengxin.ingest.sources import Source
from chengxin.people import trail
from chengxin.people.trail import Actor
from chengxin.terms import privacy

Progress = Callable[[int, float | None], None]
"""Told now and then how many rows were read, and what share of the file that is where it is known."""

EVERY: Final = 4096
WAITING: Final = "E30"
TOO_WIDE: Final = "E31"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file: `rows` = `accepted` + `unchanged` + `rejected`; `waiting` is a part of `rejected`."""

    batch: int
    rows: int
    accepted: int
    unchanged: int
    rejected: int
    waiting: int
    warnings: int
    matched: int  # rows of earlier files whose subject is known now
    feedback: Path

    def as_dict(self) -> dict[str, int | str]:
        """Return the report as it is given to other programs."""
        return {**asdict(self), "feedback": str(self.feedback)}


@dataclass(slots=True)
class _Tally:
    rows: int = 0
    rejected: int = 0
    warnings: int = 0


def take_in(
    *,
    path: Path,
    kind: str,
    source: Source,
    by: Actor,
    at: datetime,
    today: date,
    limits: Limits,
    feedback_dir: Path,
    progress: Progress | None = None,
) -> Report:
    """Take in a file of one kind.

    :raises NotReadable: the file cannot be read to its end; nothing of it was kept.
    """
    what = catalogue.kind(kind)
    if source.kinds and kind not in source.kinds:
        raise NotReadable(f"来源“{source.label}”不提供{what.label}；请核对 --kind 和 --source")
    feedback_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # a rejected row may hold anybody's ID number
    with ExitStack() as stack:
        checked, unknown, misnamed = (stack.enter_context(Findings(feedback_dir)) for _ in range(3))
        feedback = stack.enter_context(Feedback(feedback_dir))
        # The file is left inside the transaction: that it changed while it was read is found out on leaving it.
        with transaction.atomic(), _opened(path, what, source, limits) as table:
            _make_room()
            batch = _new_batch(path, what, source, table, by=by, at=at)
            tally = _Tally()
            rows = _usable(table, what, source, today, checked, tally, progress)
            if kind == SUBJECT:
                registered = subjects.register(
                    entries=(entry(what, row, body, source.unit, source.uscc) for row, body in rows),
                    batch=batch.id,
                    received_at=at,
                )
                batch.accepted, batch.unchanged = registered
            else:
                outcome = records.append(
                    kind=kind,
                    facts=(fact(what, row, body, source.unit, source.uscc) for row, body in rows),
                    batch=batch.id,
                    received_at=at,
                )
                batch.accepted, batch.unchanged, batch.waiting = outcome
                for row, subject, body in records.unmatched():
                    unknown.add(_not_known(row, subject, body))
                for row, message in names.differing(what.roles.name):
                    misnamed.add(Finding(row, what.column(what.roles.name).name, "E09", "warn", message))
                    tally.warnings += 1
            batch.rows, batch.rejected = tally.rows, tally.rejected + batch.waiting
            setaside.store(batch=batch.id, findings=setaside.in_order(checked, unknown))
            batch.save()
            trail.note(by=by, verb="intake", thing=f"batch {batch.id}", at=at, detail=_told(batch))
            path_back = feedback_dir / f"{at:%Y%m%d-%H%M%S}-{kind}-{batch.id}.csv"
            feedback.write(path_back, setaside.in_order(checked, unknown, misnamed))
    return Report(
        batch=batch.id,
        rows=batch.rows,
        accepted=batch.accepted,
        unchanged=batch.unchanged,
        rejected=batch.rejected,
        waiting=batch.waiting,
        warnings=tally.warnings,
        matched=waiting.take(by=by, at=at),
        feedback=path_back,
    )


def _make_room() -> None:
    """Let this transaction sort a large file's rows in memory, and spare it the compiler: its statements are few."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")


def _opened(path: Path, what: Kind, source: Source, limits: Limits) -> AbstractContextManager[Table]:
    def recognise(cells: Sequence[str]) -> int:
        return sum(what.column_for(name) is not None for name in source.translate(what.name, cells) if name)

    return open_table(path, limits=limits, recognise=recognise, encoding=source.encoding)


def _new_batch(path: Path, what: Kind, source: Source, table: Table, *, by: Actor, at: datetime) -> Batch:
    return Batch.objects.create(
        kind=what.name,
        source=source.unit,
        source_code=source.uscc,
        file_name=path.name[-255:],
        sha256=table.content.sha256,
        size=table.content.size,
        encoding=table.content.encoding,
        received_at=at,
        by=by.name,
    )


def _usable(
    table: Table,
    what: Kind,
    source: Source,
    today: date,
    findings: Findings,
    tally: _Tally,
    progress: Progress | None,
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows that may be taken in, by column; keep what was found about the others, and about these."""
    header = source.translate(what.name, table.header)
    _refuse_incomplete(what, header)
    check = rules.compile_checks(what, header, today=today, received_on=today)
    width = len(header)
    for row, cells in table.rows:
        tally.rows += 1
        if progress and not tally.rows % EVERY:
            progress(tally.rows, table.share)
        body, problems = check(cells)
        if len(cells) > width:
            problems = (_too_wide(len(cells), width), *problems)
        if not problems:
            yield row, body
        elif any(problem.level == "error" for problem in problems):
            tally.rejected += 1
            _set_aside(what, row, body, problems, findings)
        else:
            for problem in problems:
                findings.add(Finding(row, problem.column, problem.code, problem.level, problem.message))
                tally.warnings += problem.level == "warn"
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
    errors = [problem for problem in problems if problem.level == "error"]
    papers = {column.code for column in what.columns if column.type == "person_id"}
    kept = {code: value for code, value in body.items() if code not in papers and not privacy.find(value)}
    subject = body.get(what.roles.subject, "")
    first = errors[0]
    stored = Finding(
        row,
        first.column,
        first.code,
        first.level,
        first.message,
        subject,
        msgspec.json.encode(kept).decode(),
    )
    findings.add(stored)
    for problem in problems:
        if problem is not first:
            findings.add(Finding(row, problem.column, problem.code, problem.level, problem.message))


def _too_wide(cells: int, width: int) -> Problem:
    return Problem(TOO_WIDE, "", f"这一行有 {cells} 格，表头只有 {width} 格，可能有未加引号的分隔符；请核对这一行")


def _not_known(row: int, subject: str, body: str) -> Finding:
    message = "库中没有这个主体，待登记信息到后自动匹配"
    return Finding(row, "", WAITING, "error", message, subject, body, waiting=True)


def _told(batch: Batch) -> dict[str, object]:
    counts = {name: getattr(batch, name) for name in ("rows", "accepted", "unchanged", "rejected", "waiting")}
    return {"kind": batch.kind, "source": batch.source, "sha256": batch.sha256, **counts}
