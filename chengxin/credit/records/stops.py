"""The five ways a record stops, where rows become records: the record that each staged row speaks of is found here."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import Any, Final

from django.db import connection

from chengxin.credit.records import catalogue, queries, rules, targets
from chengxin.credit.records.cells import Problem
from chengxin.credit.records.checks import message
from chengxin.credit.records.form import Kind
from chengxin.credit.records.standing import CORRECTED, OLD, Settled
from chengxin.credit.records.targets import NO_TARGET, NUMBER, OTHER_VALUE

CHUNK: Final = 200
"""Rows, and so subjects, whose records are held at once."""


def resolve(kind: str) -> None:
    """Fill in, of each staged row of a kind that stops others, which record it speaks of.

    For a row that finds none, `pg_temp.found` says why: it waits for its record as rows wait for their subject, or has to
    be mended. Corrections are staged anew in their normal form, so that the same one in other words is the same record.
    Runs after the subjects of the rows were found; of any other kind it does nothing.
    """
    what = catalogue.kind(kind)
    if not what.stops:
        return
    after = -1
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                """SELECT f.ctid::text, f.row, f.subject, f.body, f.happened_on FROM pg_temp.facts f
                   WHERE f.row > %s AND EXISTS (SELECT FROM subjects_subject s WHERE s.uscc = f.subject)
                     AND NOT EXISTS (SELECT FROM pg_temp.found u WHERE u.row = f.row AND u.level = 'error')
                   ORDER BY f.row LIMIT %s""",
                [after, CHUNK],
            )
            rows = cursor.fetchall()
            if not rows:
                break
            after = rows[-1][1]
            _resolve(what, rows)


def _resolve(what: Kind, rows: list[tuple[Any, ...]]) -> None:
    held: dict[str, list[Settled]] = defaultdict(list)
    for record in queries.settled([row[2] for row in rows]):
        held[record.said.subject].append(record)
    aimed, found = [], []
    for place, row, subject, text, happened_on in rows:
        body, problems = _read(what, json.loads(text), happened_on)
        found += [(row, one.code, one.column, one.level, one.message, False) for one in problems]
        if any(one.level == "error" for one in problems):
            continue
        target = targets.choose(body, held[subject])
        if target.found is None:
            number = what.column(NUMBER).name
            found.append((row, NO_TARGET, number, "error", target.problem, target.waits))
            continue
        if what.stops == CORRECTED and targets.differs(body, target.found):
            told = message(OTHER_VALUE, "differs", column=what.column(OLD).name)
            found.append((row, OTHER_VALUE, what.column(OLD).name, "warn", told, False))
        said, digest = rules.said(body)
        aimed.append((place, said, rules.facts_key(what, body), digest, target.found.said.kind, target.found.said.key))
    with connection.cursor() as cursor:
        if aimed:
            cursor.execute(
                """UPDATE pg_temp.facts f SET body = n.body, key = n.key, digest = n.digest,
                     target_kind = n.target_kind, target_key = n.target_key
                   FROM unnest(%s::tid[], %s::text[], %s::bytea[], %s::bytea[], %s::text[], %s::bytea[])
                     AS n (place, body, key, digest, target_kind, target_key)
                   WHERE f.ctid = n.place""",
                [list(column) for column in zip(*aimed, strict=True)],
            )
        with cursor.copy('COPY pg_temp.found (row, code, "column", level, message, waiting) FROM STDIN') as copy:
            for one in found:
                copy.write_row(one)


def _read(what: Kind, body: dict[str, str], happened_on: date) -> tuple[dict[str, str], tuple[Problem, ...]]:
    if what.stops != CORRECTED:
        return body, ()
    correction = targets.correct(what, body, on=happened_on)
    return correction.body, correction.problems
