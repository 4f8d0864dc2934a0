"""The form of records and the checks of their rows (domain.md §3.1, E01–E14). Pure: no database, no clock.

A kind is data (`kinds/*.toml`, read by the catalogue). Its checks are compiled once for a file and then run on every row,
so that a million rows take seconds. What a check returns may be kept: numbers of identity documents are masked, personal
data in free text is blotted out, and of a natural person nothing is left at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

from chengxin.terms import division, entity, industry, period, privacy, uscc

Level = Literal["error", "warn", "info"]

TYPES: Final = (
    "text",
    "name",  # a body's name
    "date",
    "amount",  # 万元, six decimals at most
    "choice",
    "choices",  # several, with ; between
    "uscc",  # the subject's
    "agency_uscc",
    "person_id",  # never kept but masked
    "state",  # terms.entity.STATES
    "division",
    "industry",
)

NATURAL_PERSON: Final = "自然人"

EMPTY_WORDS: Final = frozenset(
    ("null", "NULL", "Null", "None", "空", "无", "/", "-", "--", "——", "— —", "测试", "test")
)
"""What people put into a cell that has nothing to say (E01)."""


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


@dataclass(frozen=True, slots=True)
class Check:
    """A check over several columns of a row, by the name of a rule in `RULES`."""

    rule: str
    columns: tuple[str, ...]
    code: str
    message: str
    level: Level = "error"
    values: tuple[str, ...] = ()


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
        return [column for column in self.columns if column.required == "always" and column.code not in there]

    def title(self, body: Mapping[str, str]) -> str:
        """Return what a record is called: the first of its title columns that is filled, else the kind itself."""
        return next((body[code] for code in self.roles.title if body.get(code)), self.label)

    def lines(self, body: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return what a report says of a record: label and value, in its order, without empty values."""
        return [(label, body[column.code]) for column, label in self.report if column.public and body.get(column.code)]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row. It never quotes what a cell holds of a person."""

    code: str
    column: str
    message: str
    level: Level = "error"
    private: bool = False  # of a natural person, or holding personal data: keep nothing but what is normalised


class Checked(NamedTuple):
    """A row as normalised, by code, and what is wrong with it."""

    normalised: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Tell whether the row may be taken in: no problem is an error."""
        return not any(problem.level == "error" for problem in self.problems)


Plan = Callable[[Sequence[str]], Checked]

# ---- Headers ---------------------------------------------------------------------------------------------------

_BRACKETS = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"\(([a-z]{2,6}(?:_[a-z0-9_]+)?)\)")
_CODE = re.compile(r"(?<![a-z])[a-z]{2,4}_[a-z]+(?:_[a-z]+)*")


def fold_header(header: str) -> str:
    """Return a header without what differs from file to file: width, spaces, stars, case."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(character for character in folded if not character.isspace() and character not in "*★\ufeff:")


@lru_cache(maxsize=64)
def _headers(kind: Kind) -> dict[str, Column]:
    exact: dict[str, Column] = {}
    bare: dict[str, Column] = {}
    for column in kind.columns:
        for name in (column.code, column.name, *column.aliases):
            folded = fold_header(name)
            if exact.setdefault(folded, column) is not column:
                raise ValueError(f"{kind.name}: header {name} means two columns")
            bare.setdefault(_BRACKETS.sub("", folded), column)
    return bare | exact


def _no_column(kind: Kind, code: str) -> Column:
    raise KeyError(f"{kind.name} has no column {code}")


# ---- One cell --------------------------------------------------------------------------------------------------

Cell = tuple[str, Problem | None]


def _printable(text: str) -> str:
    """Return the text on one line, without control characters; its punctuation stays as the office wrote it."""
    spaced = (character if character.isprintable() or not character.isspace() else " " for character in text)
    kept = "".join(character for character in spaced if character.isprintable())
    return " ".join(kept.split())


def _too_long(column: Column, text: str) -> Problem:
    return Problem("E15", column.name, f"“{column.name}”超过 {column.max} 字，现为 {len(text)} 字，请精简")


def _text(column: Column) -> Callable[[str], Cell]:
    most = column.max or 8000

    def read(value: str) -> Cell:
        text = value.strip()
        if not text.isprintable():
            text = _printable(text)
        size = len(text)
        if size > most:
            return "", _too_long(column, text)
        if size < 6 and text in EMPTY_WORDS:
            return "", None
        return text, None

    return read


_WRONG_IN_NAME = re.compile(r"(?<=[\u3400-\u9fff])\s|\s(?=[\u3400-\u9fff])|[\x00-\x1f\x7f\ufffd]")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def _name(column: Column) -> Callable[[str], Cell]:
    read_text = _text(column)

    def read(value: str) -> Cell:
        text = value.strip()
        if (" " in text or not text.isprintable()) and _WRONG_IN_NAME.search(text):
            return "", Problem("E03", column.name, f"“{column.name}”中有空格或不可见字符，请删去后重新报送")
        text, problem = read_text(text)
        if text and (len(text) < 2 or not _HAN.search(text)):
            return "", Problem("E03", column.name, f"“{column.name}”过短或没有汉字，请填写登记的名称全称")
        return text, problem

    return read


def _date(column: Column, latest: date) -> Callable[[str], Cell]:
    parse = period.parse_end if column.long_term else period.parse_date

    def read(value: str) -> Cell:
        if value.strip() in EMPTY_WORDS:
            return "", None
        try:
            day = parse(value)
        except period.NoDate as wrong:
            return "", Problem("E04", column.name, f"“{column.name}”{wrong}")
        if column.past and day > latest:
            return "", Problem("E05", column.name, f"“{column.name}”晚于报送日期，请核对")
        return day.isoformat(), None

    return read


_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,6}0*)?")
_LOOKS_LIKE_YUAN: Final = 10_000  # a hundred million yuan


def _amount(column: Column) -> Callable[[str], Cell]:
    def read(value: str) -> Cell:
        text = unicodedata.normalize("NFKC", value).strip()
        if not text or text in EMPTY_WORDS:
            return "", None
        text = text.removesuffix("万元").replace(",", "").replace(" ", "")
        if text.endswith("元"):
            return "", Problem("E08", column.name, f"“{column.name}”的单位是万元，请换算后填写数字（2000 元写作 0.2）")
        if not _AMOUNT.fullmatch(text):
            return "", Problem("E08", column.name, f"“{column.name}”应为数字，单位万元，小数不超过 6 位")
        amount = f"{Decimal(text).normalize():f}"
        if Decimal(amount) >= _LOOKS_LIKE_YUAN:
            message = f"“{column.name}”达 1 亿元以上，请核对是否把元当作了万元"
            return amount, Problem("E08", column.name, message, "warn")
        return amount, None

    return read


def _explained(text: str) -> bool:
    return len(text.removeprefix("其他").strip(" -—–:()[]")) > 0


def _choose(column: Column, text: str) -> str:
    """Return the official wording of one choice; nothing if it is none."""
    if text in column.choices:
        return text
    meant = (column.means or {}).get(text, "")
    if meant:
        return meant
    return text if column.other and text.startswith("其他") and _explained(text) else ""


def _no_choice(column: Column) -> Problem:
    other = "；“其他”须写明内容，如“其他-说明”" if column.other else ""
    return Problem("E07", column.name, f"“{column.name}”不在规定的取值内（{'、'.join(column.choices)}）{other}")


def _choice(column: Column) -> Callable[[str], Cell]:
    def read(value: str) -> Cell:
        text = unicodedata.normalize("NFKC", value).strip()
        if not text or text in EMPTY_WORDS:
            return "", None
        chosen = _choose(column, text)
        return (chosen, None) if chosen else ("", _no_choice(column))

    return read


_LIST_MARKS = re.compile(r"[,、/|\s]+")


def _choices(column: Column) -> Callable[[str], Cell]:
    def parts(text: str) -> Iterable[str]:
        for part in filter(None, (piece.strip() for piece in text.split(";"))):
            if part.startswith("其他") or _choose(column, part):
                yield part  # an explanation, or an official wording, may hold the marks of a list itself
                continue
            head, other, explanation = part.partition("其他")
            yield from filter(None, _LIST_MARKS.split(head))
            if other:
                yield other + explanation

    def read(value: str) -> Cell:
        text = unicodedata.normalize("NFKC", value).strip()
        if not text or text in EMPTY_WORDS:
            return "", None
        chosen = [_choose(column, part) for part in parts(text)]
        if not chosen or not all(chosen):
            return "", _no_choice(column)
        return ";".join(dict.fromkeys(chosen)), None

    return read


def _uscc(column: Column) -> Callable[[str], Cell]:
    natural = Problem("E20", column.name, "自然人信息不进入本系统", private=True)
    placeholder = Problem(
        "E02", column.name, "填的是“无代码个体工商户”的占位代码，不能识别主体，请补报该户的统一社会信用代码"
    )

    def read(value: str) -> Cell:
        if uscc.is_valid(value) and not value.isdigit():
            return value, None
        code = uscc.normalise(value)
        if not code or code in EMPTY_WORDS:
            return "", None
        # An ID number in a code's place is a person. Some codes are all digits too: those have their inner digit right.
        if privacy.is_id_number(code) and not (uscc.is_valid(code) and uscc.Uscc(code).inner_digit_holds):
            return "", natural
        if code == uscc.PLACEHOLDER:
            return "", placeholder
        try:
            return uscc.parse(code).text, None
        except uscc.Malformed as wrong:
            return "", Problem("E02", column.name, f"“{column.name}”有误：{wrong}")

    return read


def _person_id(column: Column) -> Callable[[str], Cell]:
    def read(value: str) -> Cell:
        text = value.strip()
        return ("", None) if text in EMPTY_WORDS else (privacy.mask_id(text), None)

    return read


def _state(column: Column) -> Callable[[str], Cell]:
    def read(value: str) -> Cell:
        if value.strip() in EMPTY_WORDS:
            return "", None
        state = entity.state_named(value)
        if state is not None:
            return state.label, None
        labels = "、".join(one.label for one in entity.STATES.values())
        return "", Problem("E07", column.name, f"“{column.name}”不是规定的登记状态（{labels}）")

    return read


def _division(column: Column) -> Callable[[str], Cell]:
    def read(value: str) -> Cell:
        text = unicodedata.normalize("NFKC", value).strip()
        if not text or text in EMPTY_WORDS:
            return "", None
        found = [one] if (one := division.find(text)) else division.named(text)
        if len(found) == 1:
            return found[0].code, None
        if len(text) == 6 and text.isdigit() and text[:2] in division.PROVINCES:
            return text, None  # outside the province: taken as it stands
        message = "请写明所在的市" if found else "请填写六位行政区划代码"
        return "", Problem("E07", column.name, f"“{column.name}”不能确定是哪一个区划，{message}", "warn")

    return read


def _industry(column: Column) -> Callable[[str], Cell]:
    by_name = {one.name: one for one in industry.TABLE.by_code.values()}

    def read(value: str) -> Cell:
        text = unicodedata.normalize("NFKC", value).strip().upper()
        if not text or text in EMPTY_WORDS:
            return "", None
        if industry.section_of(text):
            return text, None
        named = by_name.get(value.strip())
        if named is not None:
            return named.full_code, None
        return "", Problem("E07", column.name, f"“{column.name}”不是国民经济行业分类（GB/T 4754-2017）的代码", "warn")

    return read


REMEMBERED = 50_000  # different cells of one column kept; a file of any size is read in bounded memory


class _Memo(dict[str, Cell]):
    """Cells read before. Files hold few different dates, choices and offices in many rows."""

    def __init__(self, read: Callable[[str], Cell]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: str) -> Cell:
        if len(self) > REMEMBERED:
            self.clear()
        cell = self[value] = self._read(value)
        return cell


def _reader(column: Column, latest: date) -> Callable[[str], Cell]:
    match column.type:
        case "text":
            return _text(column)
        case "name":
            return _name(column)
        case "uscc":
            return _uscc(column)
        case "person_id":
            return _person_id(column)
        case "date":
            return _Memo(_date(column, latest)).__getitem__
    repeated: dict[str, Callable[[Column], Callable[[str], Cell]]] = {
        "amount": _amount,
        "choice": _choice,
        "choices": _choices,
        "agency_uscc": _uscc,
        "state": _state,
        "division": _division,
        "industry": _industry,
    }
    return _Memo(repeated[column.type](column)).__getitem__


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


RULES: Final = {"in_order": _in_order, "amount_with": _amount_with, "only": _only}
"""The words a kind's checks may use. A rule tells whether a row is wrong."""


def _lacking(kind: Kind) -> list[tuple[str, str, frozenset[str], Problem]]:
    """Return for each conditional column: its code, the column it hangs on, the values that ask for it, the problem."""
    found = []
    for column in kind.columns:
        if column.required != "conditional" or not (column.when or column.filled):
            continue
        on, values = column.when or (column.filled, ())
        reason = f"“{kind.column(on).name}”为{'、'.join(values)}时" if values else f"填了“{kind.column(on).name}”时"
        problem = Problem("E01", column.name, f"{reason}，“{column.name}”必填", column.lacking)
        found.append((column.code, on, frozenset(values), problem))
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
    steps = []
    for column in sorted(kind.columns, key=lambda one: one.code):  # so that a digest finds them sorted
        if column.code in places:
            empty = Problem("E01", column.name, f"“{column.name}”必填，不能为空或“无”“/”等字样")
            needed = empty if column.required == "always" else None
            steps.append((places[column.code], column.code, _reader(column, latest), needed))
    searched = tuple(
        (column.code, column.name) for column in kind.columns if column.free_text and column.code in places
    )
    searched_places = tuple(places[code] for code, _ in searched)
    checks = tuple(
        (RULES[check.rule](check), Problem(check.code, kind.column(check.columns[0]).name, check.message, check.level))
        for check in kind.checks
    )
    lacking = _lacking(kind)
    width = len(headers)
    person_place = places.get(kind.roles.subject_kind, -1)
    person = Checked({}, (Problem("E20", kind.label, "自然人信息不进入本系统", private=True),))
    is_person = dict[str, bool]()
    suspect = privacy.is_suspect

    def run(values: Sequence[str]) -> Checked:
        if len(values) < width:
            values = (*values, *("",) * (width - len(values)))
        if person_place >= 0:
            said = values[person_place]
            if said not in is_person and len(is_person) < 1000:
                is_person[said] = NATURAL_PERSON in said or unicodedata.normalize("NFKC", said).strip() == "个人"
            if is_person.get(said, NATURAL_PERSON in said):
                return person
        body: dict[str, str] = {}
        problems: list[Problem] = []
        for place, code, read, needed in steps:
            value = values[place]
            if value:
                value, problem = read(value)
                if value:
                    body[code] = value
                if problem is not None:
                    problems.append(problem)
                    continue
            if needed is not None and not value:
                problems.append(needed)
        for wrong, problem in checks:
            if wrong(body):
                problems.append(problem)
        for code, on, asking, problem in lacking:
            if code not in body and on in body and (not asking or not asking.isdisjoint(body[on].split(";"))):
                problems.append(problem)
        if suspect("\n".join([values[place] for place in searched_places])):
            for code, name in searched:
                found = privacy.find(body.get(code, ""))
                if found:
                    body[code] = _blotted(body[code], found)
                    what = "、".join(dict.fromkeys(one.label for one in found))
                    message = f"“{name}”中含{what}，请删去个人信息后重新报送"
                    problems.append(Problem("E12", name, message, private=True))
        if problems and any(problem.code == "E20" for problem in problems):
            return Checked({}, tuple(problem for problem in problems if problem.code == "E20"))
        return Checked(body, tuple(problems))

    return run


def _blotted(text: str, found: Iterable[privacy.Finding]) -> str:
    characters = list(text)
    for one in found:
        characters[one.start : one.end] = "*" * (one.end - one.start)
    return "".join(characters)


@lru_cache(maxsize=32)
def _plan_of(kind: Kind, headers: tuple[str, ...], today: date, received_on: date) -> Plan:
    return compile_checks(kind, headers, today=today, received_on=received_on)


def check(kind: Kind, row: Mapping[str, str], *, today: date, received_on: date) -> Checked:
    """Return one row, given by code or by any name of its columns, as normalised and what is wrong with it."""
    return _plan_of(kind, tuple(row), today, received_on)(tuple(row.values()))


# ---- Identity --------------------------------------------------------------------------------------------------


def facts_key(kind: Kind, normalised: Mapping[str, str]) -> bytes:
    """Return what makes a record this document and no other, of its subject: a digest of the kind's key columns.

    Width, case and spaces do not tell documents apart: 〔2026〕1号 is written in many ways.
    """
    said = "\x1f".join([normalised.get(code, "") for code in kind.roles.key])
    if not said.isascii():
        said = unicodedata.normalize("NFKC", said)
        for bracket, plain in _BRACKET_KINDS:
            said = said.replace(bracket, plain)
    return blake2b(said.upper().replace(" ", "").encode(), digest_size=16).digest()


_BRACKET_KINDS: Final = (("〔", "("), ("〕", ")"), ("[", "("), ("]", ")"), ("【", "("), ("】", ")"))


def digest(normalised: Mapping[str, str]) -> bytes:
    """Return a digest of everything a record says, in whatever order its columns came."""
    codes = sorted(normalised)
    said = "\x1f".join(codes) + "\x1e" + "\x1f".join([normalised[code] for code in codes])
    return blake2b(said.encode(), digest_size=16).digest()
