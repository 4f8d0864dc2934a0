"""Which record one that stops others speaks of, and whether a correction can be made. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from chengxin.credit.records import catalogue
from chengxin.credit.records.cells import Problem, problem, reader
from chengxin.credit.records.checks import message
from chengxin.credit.records.form import Column, Kind
from chengxin.credit.records.rules import fold_number
from chengxin.credit.records.standing import FIELD, NEW, OLD, Settled
from chengxin.credit.subjects.rules import fold
from chengxin.terms import privacy

KIND, NUMBER, AUTHORITY, AUTHORITY_CODE, DATED = "TZ_ZL", "TZ_WSH", "TZ_JG", "TZ_JGDM", "TZ_WSRQ"
"""The columns that say which record is meant: kind, number, authority and its code, day."""

NO_TARGET: Final = "E32"  # no such record, or several
OTHER_VALUE: Final = "E35"  # what stands is not the old value
NO_CORRECTION: Final = "E36"  # a field that cannot be corrected, or a new value that cannot stand in it


class Target(NamedTuple):
    """The record meant, or why there is none."""

    found: Settled | None
    problem: str = ""
    waits: bool = False  # a record that is still to come may be the one


def choose(body: Mapping[str, str], held: Iterable[Settled]) -> Target:
    """Return the record that a stop speaks of, among the records of its subject.

    The number decides, or the day where no number is given. A day, and a code of the authority, must agree where both
    sides have one; the authority's name tells only between several, since offices are renamed.
    """
    kind = catalogue.KINDS.get(body.get(KIND, ""))
    if kind is None:
        return Target(None, message("E32", "kind"))
    number, code, dated = body.get(NUMBER, ""), body.get(AUTHORITY_CODE, ""), body.get(DATED, "")
    ofkind = [one for one in held if one.said.kind == kind.name]
    same = [one for one in ofkind if not number or _number(kind, one) == fold_number(number)]
    if not same:
        what = f"文书号为“{number}”的{kind.label}" if number else kind.label
        return Target(None, message("E32", "none", what=what), True)
    agreeing = [one for one in same if _agrees(kind, one, code, dated)]
    if not agreeing:
        return Target(None, message("E32", "differs"), True)
    named = [one for one in agreeing if fold(_authority(kind, one)) == fold(body.get(AUTHORITY, ""))]
    if len(agreeing) > 1 or not number:
        agreeing = named
    if len(agreeing) == 1:
        return Target(agreeing[0])
    if not agreeing:
        return Target(None, message("E32", "authority"), True)
    return Target(None, message("E32", "several", count=len(agreeing)))


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
    field_name = kind.column(FIELD).name
    column = target.column_for(body.get(FIELD, ""))
    if column is None:
        unknown = problem(NO_CORRECTION, "field", field_name, kind=target.label, field=body.get(FIELD, "")[:40])
        return Correction(dict(body), (unknown,))
    if says := _not_correctable(target, column):
        return Correction(dict(body), (problem(NO_CORRECTION, says, field_name, field=column.name),))
    read = reader(column, on)
    shown = _plateless if column.free_text else str
    old, wrong = read(shown(body.get(OLD, "")))  # an old value may be wrong: that is why it is corrected
    new, unfit = read(shown(body.get(NEW, "")))
    problems = []
    told = kind.column(NEW).name
    if unfit:
        problems.append(problem(NO_CORRECTION, "value", told, level=unfit.level, reason=unfit.message))
    elif column.required == "always" and not new:
        problems.append(problem(NO_CORRECTION, "empty", told, field=column.name))
    if found := privacy.find(new):
        what = "、".join(dict.fromkeys(one.label for one in found))
        problems.append(problem("E12", "personal", told, private=True, what=what))
    said = {**body, FIELD: column.code, OLD: body.get(OLD, "") if wrong else old, NEW: new}
    if said[OLD] == new and not unfit:
        problems.append(problem(NO_CORRECTION, "same", told))
    return Correction({code: value for code, value in said.items() if value}, tuple(problems))


def _plateless(text: str) -> str:
    return privacy.blotted(text, privacy.find_plates(text))


def _not_correctable(kind: Kind, column: Column) -> str:
    roles = kind.roles
    if column.code == roles.subject:
        return "subject"
    if column.code in roles.key:
        return "key"
    if column.type == "person_id":
        return "papers"
    return ""


def differs(body: Mapping[str, str], target: Settled) -> bool:
    """Tell whether a correction's old value is not what stands in the record it corrects."""
    return target.body.get(body.get(FIELD, ""), "") != body.get(OLD, "")
