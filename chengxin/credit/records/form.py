"""The form of records: what a kind is, its columns, and which header of a file means which. Pure: no database, no clock.

A kind is data (`kinds/*.toml`, read by the catalogue).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, Literal

from chengxin.terms.period import is_long_term

Level = Literal["error", "warn", "info"]
Disclosure = Literal["public", "shared", "own"]

CATEGORIES: Final[Mapping[int, str]] = {
    1: "登记注册基本信息",
    2: "司法裁判及执行信息",
    3: "行政管理信息",
    4: "职称和职业信息",
    5: "经营（活动）异常名录（状态）信息",
    6: "严重失信主体名单信息",
    7: "合同履行信息",
    8: "信用承诺及履行情况信息",
    9: "信用评价结果信息",
    10: "遵守法律法规情况信息",
    11: "诚实守信相关荣誉信息",
    12: "经营主体自愿提供的信用信息",
}
"""The categories of 《全国公共信用信息基础目录》 (domain.md §3.2)."""

DISCLOSURES: Final[Mapping[Disclosure, str]] = {
    "public": "向社会公开",
    "shared": "部门共享",
    "own": "报送单位和信用办",
}
"""Who may see the records of a kind: everybody by the rules of publicity; every department; its sender and the credit office."""

STOPS: Final[Mapping[str, str]] = {
    "withdrawn": "撤销撤回",
    "corrected": "更正",
    "repaired": "信用修复",
    "expired": "期满",
    "upheld": "异议成立",
}
"""The five ways a record stops (design.md §5)."""

TYPES: Final = (
    "text",
    "name",  # a body's name
    "date",
    "amount",  # 万元, six decimals at most
    "choice",
    "choices",  # several, with ; between
    "kind",  # another kind of record, by its name; the catalogue fills in which there are
    "uscc",  # the subject's
    "agency_uscc",
    "person_id",  # never kept but masked
    "state",  # terms.entity.STATES
    "division",
    "area",  # terms.area
    "industry",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind: what it is called, what may stand in it and who may see it."""

    code: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()
    max: int = 0  # characters; 0: as many as the type has
    required: Literal["always", "conditional", "never"] = "never"
    when: tuple[str, tuple[str, ...]] | None = None  # required when this column holds one of these
    filled: str = ""  # required when this column is filled
    lacking: Level = "error"  # what a missing conditional value is
    choices: tuple[str, ...] = ()
    other: bool = False  # 其他 may be chosen, with an explanation
    means: Mapping[str, str] | None = None  # other wordings of the choices
    free_text: bool = False  # searched for personal data
    public: bool = True
    past: bool = False  # a day after today is wrong (E05)
    long_term: bool = False  # may be 长期
    note: str = ""  # what whoever fills in the form should know beyond the name and the type
    example: str = ""  # a cell that passes; empty: the type's own
    unsaid: str = ""  # what a report writes where a record says nothing, if that is to be said in words

    @property
    def options(self) -> tuple[str, ...]:
        """What somebody who fills in a form chooses from."""
        return tuple(self.means or ()) if self.type == "kind" else self.choices

    def written(self, value: str) -> str:
        """Return a normalised value as a report writes it."""
        if self.type == "kind":
            return next((label for label, name in (self.means or {}).items() if name == value), value)
        if self.long_term and value and is_long_term(date.fromisoformat(value)):
            return "长期"
        return value


@dataclass(frozen=True, slots=True)
class Check:
    """A check over several columns of a row, by the name of a rule in `RULES`; what it says stands in `checks.toml`."""

    rule: str
    columns: tuple[str, ...]
    values: tuple[str, ...] = ()
    level: Level | None = None  # another than there
    message: str = ""  # another than there


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column says what every record says; empty where a kind has none."""

    subject: str
    name: str
    source: str
    source_code: str
    key: tuple[str, ...]
    title: tuple[str, ...]
    happened_on: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)  # scheme of `subjects.rules.SCHEMES` -> its column
    document: str = ""  # the number of the document, by which an authority speaks of the record
    person: str = ""
    subject_kind: str = ""
    authority: str = ""
    authority_code: str = ""
    starts: str = ""
    ends: str = ""
    ends_word: str = ""
    removed: str = ""
    state: str = ""
    over: tuple[str, ...] = ()  # values of the state after which a record no longer stands
    public_type: str = ""
    shown_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of record (or the registry file), as one file in `kinds/` describes it."""

    name: str
    label: str
    section: str
    publicity: str
    roles: Roles
    columns: tuple[Column, ...]
    report: tuple[tuple[Column, str], ...]  # the columns a report shows, in its order, under its labels
    checks: tuple[Check, ...] = ()
    supplement: bool = False
    max_months: int = 0
    category: int = 0  # of the national catalogue (CATEGORIES); 0: none, what a city or this system adds
    standard: str = ""  # where its columns come from; empty: no public list, built on its like
    disclosure: Disclosure = "public"
    stops: str = ""  # by which of STOPS a record of this kind stops another

    @property
    def named(self) -> bool:
        """Whether a row may say whom it is about by a name or an older number alone. The register's own may not."""
        return bool(self.roles.happened_on) and self.column(self.roles.name).required == "always"

    def column(self, code: str) -> Column:
        """Return the column of a code.

        :raises KeyError: the kind has none of this code.
        """
        return next((column for column in self.columns if column.code == code), None) or _no_column(self, code)

    def column_for(self, header: str) -> Column | None:
        """Return the column a header of a file means, or None: official name, code, older name, any width or case."""
        headers = _headers(self)
        folded = fold_header(header)
        # 罚款金额（万元） means what 罚款金额 means, and a code may stand before or behind the name.
        for wanted in (folded, _BRACKETS.sub("", folded), *_BRACKETED.findall(folded), *_CODE.findall(folded)):
            found = headers.get(wanted)
            if found is not None:
                return found
        return None

    def missing(self, headers: Iterable[str]) -> list[Column]:
        """Return the columns that must be there and that no header means."""
        there = {column.code for header in headers if (column := self.column_for(header))}
        if self.named:
            there.add(self.roles.subject)
        return [column for column in self.columns if column.required == "always" and column.code not in there]

    def title(self, body: Mapping[str, str]) -> str:
        """Return what a record is called: the first of its title columns that is filled, else the kind itself."""
        return next((body[code] for code in self.roles.title if body.get(code)), self.label)

    def lines(self, body: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return what a report says of a record: label and value, in its order; any day of 2099 is written 长期."""
        return [
            (label, column.written(body.get(column.code, "")) or column.unsaid)
            for column, label in self.report
            if column.public
        ]


# ---- Headers ---------------------------------------------------------------------------------------------------

_BRACKETS = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"\(([a-z]{2,6}(?:_[a-z0-9_]+)?)\)")
_MARK = re.compile(r"\((?:必填|选填|视情必填)\)$")  # what a template writes behind a name, for people
_CODE = re.compile(r"(?<![a-z])[a-z]{2,4}_[a-z]+(?:_[a-z]+)*")


def fold_header(header: str) -> str:
    """Return a header without what differs from file to file: width, spaces, stars, case, and a mark that it is required."""
    folded = _MARK.sub("", unicodedata.normalize("NFKC", header).casefold().rstrip())
    return "".join(character for character in folded if not character.isspace() and character not in "*★\ufeff:")


@lru_cache(maxsize=64)
def _headers(kind: Kind) -> dict[str, Column]:
    exact: dict[str, Column] = {}
    bare: dict[str, Column] = {}
    for column in kind.columns:
        for name in (column.code, column.name, *column.aliases):
            folded = fold_header(name)
            if exact.setdefault(folded, column) is not column:
                raise ValueError(f"表头“{name}”指两个栏")
            bare.setdefault(_BRACKETS.sub("", folded), column)
    return bare | exact


def _no_column(kind: Kind, code: str) -> Column:
    raise KeyError(f"{kind.name} has no column {code}")
