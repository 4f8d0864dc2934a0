"""The kinds of records, as the files in `kinds/` describe them, and a city's own folder beside them.

Adding a kind is adding a file (docs/kinds.md). No database, no clock.

>>> kind("penalty").column_for("罚款金额（万元）").code
'CF_NR_FK'
>>> [column.name for column in kind("penalty").missing(["行政处罚决定书文号", "CF_XDR_MC"])][:2]
['行政相对人类别', '违法行为类型']
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

import msgspec

from chengxin.board.card import SECTIONS
from chengxin.credit.records.form import CATEGORIES, DISCLOSURES, STOPS, TYPES, Check, Column, Kind, Roles
from chengxin.credit.records.rules import RULES, TAKES
from chengxin.credit.subjects.rules import SCHEMES

PUBLICITY: Final = ("penalty", "validity", "removal", "public_type", "always", "never")
"""By what a kind's records are shown; `publicity.py` says how each works."""


T = TypeVar("T", Roles, Check, Column)
MAX_LABEL: Final = 31
"""What the name of a spreadsheet's page may have."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class Broken(ValueError):
    """A file of the catalogue is wrong: which, and what in it."""


def _made(form: type[T], where: str, said: Mapping[str, Any]) -> T:
    """Return what is said in its form: an unknown word, a slip of the pen, would else go unnoticed."""
    known = {one.name for one in fields(form)}
    for name in said:
        if name not in known:
            raise Broken(f"{where}里不认识“{name}”")
    try:
        return msgspec.convert(said, form)
    except msgspec.ValidationError as wrong:
        raise Broken(f"{where}里有一项缺少或写得不对（{wrong}）") from wrong


def _column(code: str, said: Mapping[str, Any]) -> Column:
    if not isinstance(said, dict):
        raise Broken(f"栏 {code} 应写作 {{ name = …, type = … }}")
    fields = {"code": code, **said}
    if "with" in fields:
        fields["filled"] = fields.pop("with")
    if isinstance(when := fields.get("when"), dict):
        fields["when"] = next(iter(when.items()), None)
    return _made(Column, f"栏 {code} ", fields)


def read_kind(text: str) -> Kind:
    """Return the kind a file describes.

    :raises Broken: what it says does not hold together; in Chinese, for the city's engineer who wrote it.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise Broken(f"不是合格的 TOML（{wrong}）") from wrong
    for part in ("columns", "roles", "report"):
        if not isinstance(said.get(part), dict):
            raise Broken(f"缺少 [{part}]")
    columns = tuple(_column(code, column) for code, column in said.pop("columns").items())
    by_code = {column.code: column for column in columns}
    report = said.pop("report")
    for code, label in report.items():
        if code not in by_code or not isinstance(label, str):
            raise Broken(f"[report] 的 {code} 应是一个栏，后面写它在报告上的名称")
    kind = Kind(
        roles=_made(Roles, "[roles] ", said.pop("roles")),
        columns=columns,
        report=tuple((by_code[code], label) for code, label in report.items()),
        checks=tuple(_made(Check, "[[check]] ", one) for one in said.pop("check", ())),
        **_head(said),
    )
    for complaint in _complaints(kind, by_code):
        raise Broken(complaint)
    return kind


def _head(said: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("name", "label", "section", "publicity", "standard", "disclosure", "stops")
    wanted: dict[str, type] = {**dict.fromkeys(texts, str), "supplement": bool, "max_months": int, "category": int}
    for name, value in said.items():
        if type(value) is not wanted.get(name):
            raise Broken(f"文件开头里不认识“{name}”，或它的值不对")
    for name in ("name", "label", "section", "publicity"):
        if name not in said:
            raise Broken(f"文件开头里缺少 {name}")
    return dict(said)


def _complaints(kind: Kind, by_code: Mapping[str, Column]) -> Iterable[str]:
    if not _NAME.fullmatch(kind.name):
        yield f"name “{kind.name}”应是小写英文字母开头，只用字母、数字和下划线，不超过 32 个"
    if not 0 < len(kind.label) <= MAX_LABEL:
        yield f"label 应有 1 至 {MAX_LABEL} 个字"
    if kind.section not in (*SECTIONS, "supplement", ""):
        yield f"section “{kind.section}”不是信息卡的类别（{'、'.join(SECTIONS)}、supplement 或空）"
    if kind.publicity not in PUBLICITY:
        yield f"publicity “{kind.publicity}”不在 {'、'.join(PUBLICITY)} 之内"
    if kind.category and kind.category not in CATEGORIES:
        yield f"category {kind.category} 不在全国目录的 1 至 12 类之内"
    if kind.disclosure not in DISCLOSURES:
        yield f"disclosure “{kind.disclosure}”不在 {'、'.join(DISCLOSURES)} 之内"
    elif (kind.disclosure != "public") != (kind.publicity == "never"):
        yield "不向社会公开的（disclosure）publicity 应为 never，公开的不能为 never"
    if (kind.section == "") != (kind.publicity == "never" or not kind.roles.happened_on):
        yield "向社会公开的应有 section，不公开的 section 应为空"
    if kind.stops and kind.stops not in STOPS:
        yield f"stops “{kind.stops}”不在 {'、'.join(STOPS)} 之内"
    yield from _of_roles(kind, by_code)
    for column in kind.columns:
        yield from _of_column(column, by_code)
    for check in kind.checks:
        yield from _of_check(check, by_code)
    try:
        kind.column_for("")
    except ValueError as twice:
        yield str(twice)


def _of_roles(kind: Kind, by_code: Mapping[str, Column]) -> Iterable[str]:
    roles = kind.roles
    says = (roles.subject, roles.name, roles.source, roles.source_code, roles.happened_on, roles.person)
    stands = (roles.subject_kind, roles.authority, roles.authority_code, roles.starts, roles.ends, roles.removed)
    more = (roles.state, roles.public_type, roles.document, *roles.numbers.values(), *roles.key, *roles.title)
    for code in (*says, *stands, *more):
        if code and code not in by_code:
            yield f"[roles] 提到的栏 {code} 不存在"
    if not roles.key:
        yield "[roles] 的 key 不能为空：要靠它分辨两条记录是不是同一条"
    for scheme in roles.numbers:
        if scheme not in SCHEMES or scheme == "name":
            yield f"[roles.numbers] 不认识“{scheme}”"
    if roles.subject in by_code and by_code[roles.subject].type != "uscc":
        yield f"{roles.subject} 是主体的代码，type 应为 uscc"


def _of_column(column: Column, by_code: Mapping[str, Column]) -> Iterable[str]:
    if not _CODE.fullmatch(column.code):
        yield f"栏的代码“{column.code}”应是字母开头，只用字母、数字和下划线"
    if column.type not in TYPES:
        yield f"{column.code} 的 type “{column.type}”不在 {'、'.join(TYPES)} 之内"
    if (column.type in ("choice", "choices")) != bool(column.choices):
        yield f"{column.code}：单选（choice）、多选（choices）要有 choices，别的不能有"
    for wanted in (column.means or {}).values():
        if wanted not in column.choices:
            yield f"{column.code} 的 means 里，“{wanted}”不在 choices 之内"
    for on in filter(None, (column.when and column.when[0], column.filled)):
        if on not in by_code:
            yield f"{column.code} 所依的栏 {on} 不存在"
    if column.type == "person_id" and column.public:
        yield f"{column.code} 是证件号码，须写明 public = false"


def _of_check(check: Check, by_code: Mapping[str, Column]) -> Iterable[str]:
    if check.rule not in RULES:
        yield f"[[check]] 不认识规则“{check.rule}”（有 {'、'.join(RULES)}）"
    elif len(check.columns) != TAKES[check.rule]:
        yield f"[[check]] {check.rule} 要写 {TAKES[check.rule]} 个栏"
    yield from (f"[[check]] 提到的栏 {code} 不存在" for code in check.columns if code not in by_code)


def load(folder: Path) -> dict[str, Kind]:
    """Return the kinds in a folder, by name.

    :raises Broken: a file is wrong, or not called after its kind.
    """
    found: dict[str, Kind] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            kind = read_kind(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as wrong:
            raise Broken(f"{path.name}：不是 UTF-8 编码") from wrong
        except Broken as wrong:
            raise Broken(f"{path.name}：{wrong}") from wrong
        if kind.name != path.stem:
            raise Broken(f"{path.name}：文件名应与 name 相同，写的是 {kind.name}")
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
        raise Broken(f"本市的记录种类文件有误：{folder} 中的 {wrong}；改正或移走该文件后再启动") from wrong
    country = {name: one for name, one in _KINDS.items() if name in _COUNTRYS}
    taken = {one.label for one in country.values()}
    for name, one in own.items():
        if name in country or one.label in taken:
            raise Broken(f"本市的记录种类文件有误：{folder} 中的 {name}.toml 与已有的种类重名，请另起 name 和 label")
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
