"""Which record one that stops others speaks of, and whether a correction can be made. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from chengxin.credit.records import catalogue
from chengxin.credit.records.cells import Problem, reader
from chengxin.credit.records.checks import message
from chengxin.credit.records.form import Kind
from chengxin.credit.records.rules import fold_number
from chengxin.credit.records.standing import FIELD, NEW, OLD, Settled
from chengxin.credit.subjects.rules import fold
from chengxin.terms import privacy

KIND, NUMBER, AUTHORITY, AUTHORITY_CODE, DATED = "TZ_ZL", "TZ_WSH", "TZ_JG", "TZ_JGDM", "TZ_WSRQ"
"""The columns that say which record is meant: kind, number, authority and its code, day."""

NO_TARGET: Final = "E32"  # no such record, or several
OTHER_VALUE: Final = "E35"  # what stands is not the old value
NO_CORRECTION: Final = "E36"  # a field that cannot be corrected, or a new value that cannot stand in it


class Missing(NamedTuple):
    """Why the record that is meant cannot be told."""

    problem: Problem
    waits: bool  # a record that is still to come may be the one


def choose(stop: Kind, body: Mapping[str, str], held: Iterable[Settled]) -> Settled | Missing:
    """Return which of a subject's records a row of a kind that stops others speaks of, or why none can be told.

    The number decides, or the day where no number is given. A day, and a code of the authority, must agree where both
    sides have one; the authority's name tells only between several, since offices are renamed.
    """

    def none(says: str, column: str, *, waits: bool = True, **values: object) -> Missing:
        name = stop.column(column).name
        text = message(NO_TARGET, says, **{"column": name, "kind": label, **values})
        return Missing(Problem(NO_TARGET, name, text), waits)

    kind = catalogue.KINDS.get(body.get(KIND, ""))
    label = kind.label if kind else ""
    if kind is None:
        return none("kind", KIND, waits=False)
    number, code, dated = body.get(NUMBER, ""), body.get(AUTHORITY_CODE, ""), body.get(DATED, "")
    ofkind = [one for one in held if one.said.kind == kind.name]
    same = [one for one in ofkind if not number or _number(kind, one) == fold_number(number)]
    if not same:
        return none("none", NUMBER)
    agreeing = [one for one in same if _agrees(kind, one, code, dated)]
    if not agreeing:
        return none("differs", NUMBER)
    if len(agreeing) > 1 or not number:
        agreeing = [one for one in agreeing if fold(_authority(kind, one)) == fold(body.get(AUTHORITY, ""))]
    if not agreeing:
        return none("authority", AUTHORITY)
    if len(agreeing) > 1:
        return none("several", NUMBER, waits=False, count=len(agreeing))
    return agreeing[0]


def _number(kind: Kind, one: Settled) -> str:
    column = kind.roles.document
    return fold_number(one.said.body.get(column, "")) if column else ""


def _authority(kind: Kind, one: Settled) -> str:
    return one.said.body.get(kind.roles.authority, "") or one.said.source


def _agrees(kind: Kind, one: Settled, code: str, dated: str) -> bool:
    theirs = one.said.body.get(kind.roles.authority_code, "") or one.said.source_code
    if code and theirs and code != theirs:
        return False
    # The day as the record was sent, or as it was corrected since: a stop may name either.
    return not dated or dated in (one.said.happened_on.isoformat(), one.standing.happened_on.isoformat())


class Correction(NamedTuple):
    """A correction as normalised: the row with the field's code and both values in their normal form, and its faults."""

    body: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Tell whether it may be taken in."""
        return not any(problem.level == "error" for problem in self.problems)


def correct(kind: Kind, body: Mapping[str, str], *, on: date) -> Correction:
    """Return a row of 更正 as normalised: what it says is new passes the same check as a cell of a file would.

    :param kind: the kind of corrections; its columns give the names that are told.
    :param on: the day of the correction; no day of the record can be later.
    """
    target = catalogue.KINDS.get(body.get(KIND, ""))
    if target is None:
        return Correction(dict(body), ())  # `choose` says so

    def wrong(column: str, says: str, **values: object) -> Problem:
        return Problem(NO_CORRECTION, kind.column(column).name, message(NO_CORRECTION, says, **values))

    column = target.column_for(body.get(FIELD, ""))
    if column is None:
        return Correction(dict(body), (wrong(FIELD, "field", kind=target.label, field=_shown(body.get(FIELD, ""))),))
    if column.code in (target.roles.subject, *target.roles.key):
        return Correction(dict(body), (wrong(FIELD, "fixed", field=column.name),))
    if column.type == "person_id":
        return Correction(dict(body), (wrong(FIELD, "papers", field=column.name),))
    read = reader(column, on)
    old, odd = read(body.get(OLD, ""))  # an old value may be wrong: that is why it is corrected
    new, problem = read(body.get(NEW, ""))
    said = {**body, FIELD: column.code, OLD: body.get(OLD, "") if odd else old, NEW: new}
    problems = []
    if problem:
        problems.append(replace(wrong(NEW, "value", reason=problem.message), level=problem.level))
    elif column.required == "always" and not new:
        problems.append(wrong(NEW, "empty", field=column.name))
    elif said[OLD] == new:
        problems.append(wrong(NEW, "same"))
    return Correction({code: value for code, value in said.items() if value}, tuple(problems))


def _shown(field: str) -> str:
    """Return what somebody wrote for a field as it is told back: short, and nothing of a person in it."""
    return privacy.blot(field[:40])


def differs(body: Mapping[str, str], target: Settled) -> bool:
    """Tell whether a correction's old value is not what stands in the record it corrects."""
    return target.body.get(body.get(FIELD, ""), "") != body.get(OLD, "")
