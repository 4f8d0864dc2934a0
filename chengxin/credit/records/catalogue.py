"""The kinds of records, as the files in `kinds/` describe them. Adding a kind is adding a file. No database, no clock.

>>> kind("penalty").column_for("罚款金额（万元）").code
'CF_NR_FK'
>>> [column.name for column in kind("penalty").missing(["行政处罚决定书文号", "CF_XDR_MC"])][:2]
['行政相对人类别', '行政相对人代码_1(统一社会信用代码)']
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from chengxin.board.card import SECTIONS
from chengxin.credit.records.form import TYPES, Check, Column, Kind, Roles
from chengxin.credit.records.rules import RULES

PUBLICITY: Final = ("penalty", "validity", "removal", "public_type", "always")
"""By what a kind's records are shown; `publicity.py` says how each works."""


class Broken(ValueError):
    """A file of the catalogue is wrong: which, and what in it."""


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _column(code: str, said: Mapping[str, Any]) -> Column:
    fields = {name: _tuples(value) for name, value in said.items()}
    if "when" in fields:
        ((on, values),) = fields.pop("when").items()
        fields["when"] = (on, tuple(values))
    if "with" in fields:
        fields["filled"] = fields.pop("with")
    return Column(code=code, **fields)


def read_kind(text: str) -> Kind:
    """Return the kind a file describes.

    :raises Broken: what it says does not hold together.
    """
    try:
        said = tomllib.loads(text)
        columns = tuple(_column(code, column) for code, column in said.pop("columns").items())
        by_code = {column.code: column for column in columns}
        kind = Kind(
            roles=Roles(**{name: _tuples(value) for name, value in said.pop("roles").items()}),
            columns=columns,
            report=tuple((by_code[code], label) for code, label in said.pop("report").items()),
            checks=tuple(
                Check(**{name: _tuples(value) for name, value in one.items()}) for one in said.pop("check", ())
            ),
            **said,
        )
    except KeyError as missing:
        raise Broken(f"no column or no part {missing}") from missing
    except (TypeError, ValueError) as wrong:
        raise Broken(str(wrong)) from wrong
    for complaint in _complaints(kind, by_code):
        raise Broken(f"{kind.name}: {complaint}")
    return kind


def _complaints(kind: Kind, by_code: Mapping[str, Column]) -> Iterable[str]:
    if kind.section not in (*SECTIONS, "supplement", ""):
        yield f"section {kind.section} is none of the card's"
    if kind.publicity not in PUBLICITY:
        yield f"publicity {kind.publicity} is none of {PUBLICITY}"
    roles = kind.roles
    says = (roles.subject, roles.name, roles.source, roles.source_code, roles.happened_on, roles.person)
    stands = (roles.subject_kind, roles.authority, roles.authority_code, roles.starts, roles.ends, roles.removed)
    for code in (*says, *stands, roles.state, roles.public_type, *roles.key, *roles.title):
        if code and code not in by_code:
            yield f"a role names the column {code}, which is not there"
    if not roles.key:
        yield "no key columns"
    for column in kind.columns:
        if column.type not in TYPES:
            yield f"{column.code} has the type {column.type}, which is none"
        if (column.type in ("choice", "choices")) != bool(column.choices):
            yield f"{column.code}: a choice has choices, and nothing else has"
        for wanted in (column.means or {}).values():
            if wanted not in column.choices:
                yield f"{column.code}: {wanted} is no choice"
        for on in filter(None, (column.when and column.when[0], column.filled)):
            if on not in by_code:
                yield f"{column.code} hangs on {on}, which is not there"
    for check in kind.checks:
        if check.rule not in RULES:
            yield f"{check.rule} is no rule of rules.RULES"
        yield from (f"a check names {code}, which is not there" for code in check.columns if code not in by_code)
    try:
        kind.column_for("")
    except ValueError as twice:
        yield str(twice)


def load(folder: Path) -> dict[str, Kind]:
    """Return the kinds in a folder, by name.

    :raises Broken: a file is wrong, or not called after its kind.
    """
    found: dict[str, Kind] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            kind = read_kind(path.read_text(encoding="utf-8"))
        except Broken as wrong:
            raise Broken(f"{path.name}: {wrong}") from wrong
        if kind.name != path.stem:
            raise Broken(f"{path.name} describes {kind.name}")
        found[kind.name] = kind
    return found


KINDS: Final[Mapping[str, Kind]] = load(Path(__file__).with_name("kinds"))


def kind(name: str) -> Kind:
    """Return the kind of a name.

    :raises KeyError: there is none.
    """
    return KINDS[name]
