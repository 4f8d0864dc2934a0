"""The checks of rows (domain.md §3.1, E01–E14), and what makes a row the same as another. Pure: no database, no clock.

A kind's checks are compiled once for a file and then run on every row, so that a million rows take seconds. What a check
returns may be kept: numbers of identity documents are masked, personal data in free text is blotted out, plates too, and of a
natural person nothing is left at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter
from typing import Final, NamedTuple, cast

import msgspec

from chengxin.credit.records.cells import EMPTY_WORDS, Problem, problem, reader, stands
from chengxin.credit.records.checks import CHECKS
from chengxin.credit.records.form import Check, Kind
from chengxin.terms import privacy

NATURAL_PERSON: Final = "自然人"


class Checked(NamedTuple):
    """A row as normalised, by code, and what is wrong with it."""

    normalised: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Tell whether the row may be taken in: no problem is an error."""
        return not any(problem.level == "error" for problem in self.problems)


Plan = Callable[[Sequence[str]], Checked]

# ---- Several cells ---------------------------------------------------------------------------------------------


def _in_order(check: Check) -> Callable[[Mapping[str, str]], bool]:
    earlier, later = check.columns

    def wrong(body: Mapping[str, str]) -> bool:
        return body.get(earlier, "") > (body.get(later) or "9999")  # ISO days compare as text

    return wrong


def _amount_with(check: Check) -> Callable[[Mapping[str, str]], bool]:
    amount, types = check.columns
    wanted = frozenset(check.values)

    def wrong(body: Mapping[str, str]) -> bool:
        named = not wanted.isdisjoint(body.get(types, "").split(";"))
        return named != (body.get(amount, "0") != "0") and types in body

    return wrong


def _only(check: Check) -> Callable[[Mapping[str, str]], bool]:
    (column,) = check.columns
    wanted = frozenset(check.values)

    def wrong(body: Mapping[str, str]) -> bool:
        return column in body and wanted.issuperset(body[column].split(";"))

    return wrong


def _one_of(check: Check) -> Callable[[Mapping[str, str]], bool]:
    wanted = frozenset(check.columns)
    return wanted.isdisjoint


RULES: Final = {"in_order": _in_order, "amount_with": _amount_with, "only": _only, "one_of": _one_of}
"""The words a kind's checks may use. A rule tells whether a row is wrong."""

TAKES: Final = {"in_order": 2, "amount_with": 2, "only": 1, "one_of": 2}
"""How many columns each word takes."""
CODES: Final = {"in_order": "E06", "amount_with": "E08", "only": "E14", "one_of": "E01"}
"""Which check of `checks.toml` speaks of each, under the word's own name."""


def _wrong(kind: Kind, check: Check) -> Problem:
    """Return what is said of a row that a check finds wrong: of its first column, and naming its second."""
    column, *others = (kind.column(code).name for code in check.columns)
    code = CODES[check.rule]
    if check.message:  # a city's own
        return Problem(code, column, check.message, check.level or CHECKS[code].level)
    return problem(
        code, check.rule, column, level=check.level, other="".join(others[:1]), values="或".join(check.values)
    )


def _lacking(kind: Kind) -> list[tuple[str, str, frozenset[str], Problem]]:
    """Return for each conditional column: its code, the column it hangs on, the values that ask for it, the problem."""
    found = []
    for column in kind.columns:
        if column.required != "conditional" or not (column.when or column.filled):
            continue
        on, values = column.when or (column.filled, ())
        says, other = "when" if values else "filled", kind.column(on).name
        lacking = problem("E01", says, column.name, level=column.lacking, other=other, values="或".join(values))
        found.append((column.code, on, frozenset(values), lacking))
    return found


def compile_checks(kind: Kind, headers: Sequence[str], *, today: date, received_on: date) -> Plan:
    """Return the checks of a file's rows: a function from a row's cells, in the order of the headers, to `Checked`.

    Headers that mean no column are left out. A row may be shorter than the headers. Values are text.
    """
    latest = min(today, received_on)
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        column = kind.column_for(header)
        if column is not None:
            places.setdefault(column.code, place)
    cells = _compile_cells(kind, places, latest)
    searched = tuple(
        (column.code, column.name) for column in kind.columns if column.free_text and column.code in places
    )
    searched_cells = _picker([places[code] for code, _ in searched])
    checks = tuple(
        (RULES[check.rule](check), _wrong(kind, check), frozenset(kind.column(code).name for code in check.columns))
        for check in kind.checks
    )
    lacking = _lacking(kind)
    width = len(headers)
    person_place = places.get(kind.roles.subject_kind, -1)
    person = Checked({}, (problem("E20", "person", kind.label, private=True),))
    is_person = dict[str, bool]()
    suspect, may_hold_plates = privacy.SUSPECT.search, privacy.PLATE_SUSPECT.search

    def run(values: Sequence[str]) -> Checked:
        if len(values) < width:
            values = (*values, *("",) * (width - len(values)))
        if person_place >= 0:
            said = values[person_place]
            if said not in is_person and len(is_person) < 1000:
                is_person[said] = NATURAL_PERSON in said or unicodedata.normalize("NFKC", said).strip() == "个人"
            if is_person.get(said, NATURAL_PERSON in said):
                return person
        body, problems = cells(values)
        # A cell that could not be read has been told of already: what follows from its absence is no news.
        for is_wrong, said_of_it, names in checks:
            if is_wrong(body) and not _told(problems, names):
                problems.append(said_of_it)
        for code, on, asking, said_of_it in lacking:
            asked = code not in body and on in body and (not asking or not asking.isdisjoint(body[on].split(";")))
            if asked and not _told(problems, (said_of_it.column,)):
                problems.append(said_of_it)
        told = "\n".join(searched_cells(values))
        if suspect(told) is not None:
            for code, name in searched:
                found = privacy.find(body.get(code, ""))
                if found:
                    body[code] = privacy.blotted(body[code], found)
                    what = "、".join(dict.fromkeys(one.label for one in found))
                    problems.append(problem("E12", "personal", name, private=True, what=what))
        if may_hold_plates(told) is not None:
            for code, name in searched:
                found = privacy.find_plates(body.get(code, ""))
                if found:
                    body[code] = privacy.blotted(body[code], found)
                    problems.append(problem("E12", "plate", name))
        if problems and any(one.code == "E20" for one in problems):
            return Checked({}, tuple(one for one in problems if one.code == "E20"))
        return Checked(body, tuple(problems))

    return run


Cells = Callable[[Sequence[str]], tuple[dict[str, str], list[Problem]]]


def _compile_cells(kind: Kind, places: Mapping[str, int], latest: date) -> Cells:
    """Return what reads the cells of a row, each by itself: what they say by code, sorted, and what is wrong with them.

    It is Python written for the columns that are there, without a loop or a call for a cell that stands as it is: a loop
    over columns would take twice as long. Each column's part says what this does, `read` being its reader:

        if cell:
            said, wrong = read(cell)
            if said: body[code] = said
            if wrong is not None: problems.append(wrong)
            elif needed and not said: problems.append(empty)
        elif needed: problems.append(empty)
    """
    names: dict[str, object] = {"EMPTY_WORDS": EMPTY_WORDS}
    lines: list[str] = []
    picked: list[int] = []
    by_code = sorted(kind.columns, key=lambda one: one.code)  # so that a digest finds them sorted
    for number, column in enumerate(by_code):
        if column.code not in places:
            continue
        # Whoever has no code is named: matching finds them by that, or the row waits.
        named = kind.named and column.code == kind.roles.subject
        picked.append(places[column.code])
        cell, read, empty = f"cell{number}", f"read{number}", f"empty{number}"
        names[read] = reader(column, latest, named=named)
        names[empty] = problem("E01", "empty", column.name)
        needed = column.required == "always" and not named
        asked = [
            f"said, wrong = {read}({cell})",
            f"if said: body[{column.code!r}] = said",
            "if wrong is not None: problems.append(wrong)",
            *([f"elif not said: problems.append({empty})"] if needed else []),
        ]
        as_it_is = stands(column, cell)
        if as_it_is:
            asked = [f"if {as_it_is}: body[{column.code!r}] = {cell}", "else:", *(f"    {line}" for line in asked)]
        lines += [f"if {cell}:", *(f"    {line}" for line in asked)]
        lines += [f"else: problems.append({empty})"] if needed else []
    return _written(lines, picked, names)


def _written(lines: Sequence[str], picked: Sequence[int], names: dict[str, object]) -> Cells:
    """Return the function over the picked cells of a row that is written so."""
    cells = [name.replace("read", "cell") for name in names if name.startswith("read")]
    text = [
        "def cells(values):",
        f"    {''.join(f'{cell}, ' for cell in cells)} = pick(values)" if cells else "    pass",
        "    body, problems = {}, []",
        *(f"    {line}" for line in lines),
        "    return body, problems",
    ]
    names["pick"] = _picker(picked)
    exec("\n".join(text), names)  # noqa: S102 — of the catalogue alone: nothing of a file is in it
    return cast(Cells, names["cells"])


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return what takes the cells at these places out of a row: an itemgetter, which is one only from two places on."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: [values[place] for place in places]


def _told(problems: Sequence[Problem], names: Container[str]) -> bool:
    return any(one.column in names and one.level == "error" for one in problems)


@lru_cache(maxsize=32)
def _plan_of(kind: Kind, headers: tuple[str, ...], today: date, received_on: date) -> Plan:
    return compile_checks(kind, headers, today=today, received_on=received_on)


def check(kind: Kind, row: Mapping[str, str], *, today: date, received_on: date) -> Checked:
    """Return one row, given by code or by any name of its columns, as normalised and what is wrong with it."""
    return _plan_of(kind, tuple(row), today, received_on)(tuple(row.values()))


# ---- Identity --------------------------------------------------------------------------------------------------


def facts_key(kind: Kind, normalised: Mapping[str, str]) -> bytes:
    """Return what makes a record this document and no other, of its subject: a digest of the kind's key columns."""
    key = "\x1f".join([normalised.get(code, "") for code in kind.roles.key])
    return blake2b(fold_number(key).encode(), digest_size=16).digest()


def fold_number(number: str) -> str:
    """Return a document's number as it is compared: width, case, spaces and the form of brackets tell no two apart.

    >>> fold_number("鹤市监许〔２０２６〕1 号") == fold_number("鹤市监许[2026]1号")
    True
    """
    if not number.isascii():
        number = unicodedata.normalize("NFKC", number)
        for bracket, plain in _BRACKETS:  # several times faster than one translate(), which looks up every character
            number = number.replace(bracket, plain)
    return number.upper().replace(" ", "")


_BRACKETS: Final = (("〔", "("), ("〕", ")"), ("[", "("), ("]", ")"), ("【", "("), ("】", ")"))
encode: Final[Callable[[Mapping[str, str]], bytes]] = msgspec.json.Encoder(order="sorted").encode
"""Returns what a record says as JSON, in whatever order its columns came."""


def said(normalised: Mapping[str, str]) -> tuple[str, bytes]:
    """Return what a record says as JSON, in whatever order its columns came, and a digest of that."""
    text = encode(normalised)
    return text.decode(), blake2b(text, digest_size=16).digest()


def digest(normalised: Mapping[str, str]) -> bytes:
    """Return a digest of everything a record says."""
    return said(normalised)[1]
