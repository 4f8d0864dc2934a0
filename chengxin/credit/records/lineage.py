"""来历: where a fact comes from, with every change of it since: batch, row, source, and what was written over what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from chengxin.credit.records import catalogue
from chengxin.credit.records.form import Kind

REGISTER: Final = "subject"
"""The kind of the register's own file."""
STEPS_AT_MOST: Final = 200
"""Steps of one fact that are read; beyond that the oldest are left out, and the reader is told."""


class Change(NamedTuple):
    """One field that a step wrote anew, under the column's name."""

    label: str
    old: str
    new: str


class Revision(NamedTuple):
    """A fact, or a stop of it, as one row of one batch said it."""

    id: int
    kind: str
    key: bytes
    gone: bool
    happened_on: date | None
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime
    batch: int
    row: int


class Step(NamedTuple):
    """One thing that happened to a fact: it came, it changed, it was taken back; or that happened to what stops it."""

    said: Revision
    is_first: bool  # nothing stood before it
    changes: tuple[Change, ...]  # of all columns, where it came over something that stood


class Lineage(NamedTuple):
    """Everything that happened to a fact, oldest first."""

    steps: tuple[Step, ...]
    is_whole: bool  # nothing older was left out


def changes(kind: Kind | None, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """Return which fields differ, in the order of the kind's columns; what it has no column for comes last by code."""
    names = {column.code: column.name for column in kind.columns} if kind else {}
    codes = [*names, *sorted({*before, *after} - names.keys())]
    return tuple(
        Change(names.get(code, code), before.get(code, ""), after.get(code, ""))
        for code in codes
        if before.get(code, "") != after.get(code, "")
    )


def steps(revisions: Iterable[Revision]) -> tuple[Step, ...]:
    """Return what happened, in the order in which it was received; `revisions` come in that order."""
    newest: dict[tuple[str, bytes], Revision] = {}
    found = []
    for one in revisions:
        before = newest.get((one.kind, one.key))
        newest[one.kind, one.key] = one
        if before is None or before.gone or one.gone:
            found.append(Step(one, before is None or before.gone, ()))
        else:
            found.append(Step(one, False, changes(catalogue.KINDS.get(one.kind), before.body, one.body)))
    return tuple(found)


def of_record(subject: str, kind: str, key: bytes) -> Lineage:
    """Return the lineage of a record with that of everything that stops it, or corrects it, or did."""
    return _lineage(
        """WITH aimed AS (
             SELECT DISTINCT kind, key FROM records_record
             WHERE subject = %(subject)s AND target_kind = %(kind)s AND target_key = %(key)s)
           SELECT id, kind, key, gone, happened_on, body::text, source, source_code, received_at, batch, row
           FROM records_record WHERE subject = %(subject)s
             AND ((kind = %(kind)s AND key = %(key)s) OR (kind, key) IN (SELECT kind, key FROM aimed))
           ORDER BY id DESC LIMIT %(limit)s""",
        {"subject": subject, "kind": kind, "key": key},
    )


def of_registration(subject: str) -> Lineage:
    """Return the lineage of what the register says of a subject."""
    return _lineage(
        """SELECT id, %(kind)s, ''::bytea, gone, NULL, body::text, source, source_code, received_at, batch, row
           FROM subjects_registration WHERE subject = %(subject)s ORDER BY id DESC LIMIT %(limit)s""",
        {"subject": subject, "kind": REGISTER},
    )


def _lineage(query: str, parameters: Mapping[str, Any]) -> Lineage:
    with connection.cursor() as cursor:
        cursor.execute(query, {**parameters, "limit": STEPS_AT_MOST + 1})
        rows = cursor.fetchall()
    said = [Revision._make((*row[:2], bytes(row[2]), *row[3:5], json.loads(row[5]), *row[6:])) for row in rows]
    found = steps(reversed(said))
    # Of one too many the oldest is read for what it says, and not shown: the next one is told as a change of it.
    return Lineage(found if len(found) <= STEPS_AT_MOST else found[1:], len(found) <= STEPS_AT_MOST)
