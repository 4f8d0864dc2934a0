"""The kinds of records, as the files in `kinds/` describe them, and a city's own folder beside them.

Adding a kind is adding a file (docs/kinds.md). No database, no clock.

>>> kind("penalty").column_for("罚款金额（万元）").code
'CF_NR_FK'
>>> [column.name for column in kind("penalty").missing(["行政处罚决定书文号", "CF_XDR_MC"])][:2]
['行政相对人类别', '行政相对人代码_1(统一社会信用代码)']
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from chengxin.board.card import SECTIONS
from chengxin.credit.records.form import CATEGORIES, DISCLOSURES, STOPS, TYPES, Check, Column, Kind, Roles
from chengxin.credit.records.rules import RULES, TAKES
from chengxin.credit.subjects.rules import SCHEMES

PUBLICITY: Final = ("penalty", "validity", "removal", "public_type", "always", "never")
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
    more = (roles.state, roles.public_type, roles.document, *roles.numbers.values(), *roles.key, *roles.title)
    for code in (*says, *stands, *more):
        if code and code not in by_code:
            yield f"a role names the column {code}, which is not there"
    if not roles.key:
        yield "no key columns"
    yield from (f"{scheme} is no scheme of numbers" for scheme in roles.numbers if scheme not in SCHEMES)
    if kind.category and kind.category not in CATEGORIES:
        yield f"category {kind.category} is none of the national catalogue's"
    if kind.disclosure not in DISCLOSURES:
        yield f"disclosure {kind.disclosure} is none of {tuple(DISCLOSURES)}"
    if (kind.disclosure != "public") != (kind.publicity == "never"):
        yield "what is not for the public is shown never, and nothing else is"
    if kind.stops and kind.stops not in STOPS:
        yield f"{kind.stops} is no way to stop"
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
        elif len(check.columns) != TAKES[check.rule]:
            yield f"{check.rule} takes {TAKES[check.rule]} columns"
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


def _filled(kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """Return the kinds, those that speak of others knowing of which: every record that can stop, by its label."""
    labels = {kind.label: kind.name for kind in kinds.values() if kind.roles.happened_on and not kind.stops}
    return {name: _knowing(kind, labels) for name, kind in kinds.items()}


def _knowing(kind: Kind, labels: Mapping[str, str]) -> Kind:
    def known(column: Column) -> Column:
        if column.type != "kind":
            return column
        return replace(column, choices=tuple(labels.values()), means=labels)

    if all(column.type != "kind" for column in kind.columns):
        return kind
    by_code = {column.code: known(column) for column in kind.columns}
    return replace(
        kind,
        columns=tuple(by_code.values()),
        report=tuple((by_code[column.code], label) for column, label in kind.report),
    )


_KINDS: Final[dict[str, Kind]] = _filled(load(Path(__file__).with_name("kinds")))

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(_KINDS)
"""The kinds by name: the country's, and a city's own once `load_city` has run."""

_COUNTRYS: Final = frozenset(_KINDS)


def load_city(folder: Path) -> None:
    """Take up a city's own kinds, one file each; a folder that is not there has none.

    Called once when a process starts: what is there before a page or a command asks is what there is.

    :raises Broken: a file is wrong, or names a kind that the country's catalogue has; in one Chinese sentence.
    """
    try:
        own = load(folder)
    except Broken as wrong:
        raise Broken(f"本市的记录种类文件有误，不能启动：{folder} 中的 {wrong}") from wrong
    country = {name: one for name, one in _KINDS.items() if name in _COUNTRYS}
    taken = {one.label for one in country.values()}
    for name, one in own.items():
        if name in country or one.label in taken:
            raise Broken(
                f"本市的记录种类文件有误，不能启动：{folder} 中的 {name}.toml 与国家目录已有的种类重名，请改名"
            )
        taken.add(one.label)
    filled = _filled(country | own)
    _KINDS.clear()
    _KINDS.update(filled)


@lru_cache(maxsize=256)
def digest(kind: Kind) -> str:
    """Return what tells whether a file would be read today as it was then: a digest of all that the kind says."""
    return blake2b(repr(kind).encode(), digest_size=16).hexdigest()


def kind(name: str) -> Kind:
    """Return the kind of a name.

    :raises KeyError: there is none.
    """
    return KINDS[name]
