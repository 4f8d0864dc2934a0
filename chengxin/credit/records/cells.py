"""The checks of one cell: from the text of a file to its normalised value, or what is wrong with it (domain.md §3.1).

Pure: no database, no clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from chengxin.credit.records.checks import CHECKS, message
from chengxin.credit.records.form import Column, Level
from chengxin.terms import area, division, entity, industry, period, privacy, uscc

EMPTY_WORDS: Final = frozenset(
    ("null", "NULL", "Null", "None", "空", "无", "/", "-", "--", "——", "— —", "测试", "test")
)
"""What people put into a cell that has nothing to say (E01)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row. It never quotes what a cell holds of a person."""

    code: str
    column: str
    message: str
    level: Level = "error"
    private: bool = False  # of a natural person, or holding personal data: keep nothing but what is normalised


Cell = tuple[str, Problem | None]


def problem(
    code: str, says: str, column: str = "", /, *, level: Level | None = None, private: bool = False, **values: object
) -> Problem:
    """Return what a check says of a column, in the words and as grave as `checks.toml` has it.

    :param level: another than there.
    """
    text = message(code, says, column=column, **values)
    return Problem(code, column, text, level or CHECKS[code].says[says].level, private)


def _printable(text: str) -> str:
    """Return the text on one line, without control characters; its punctuation stays as the office wrote it."""
    spaced = (character if character.isprintable() or not character.isspace() else " " for character in text)
    kept = "".join(character for character in spaced if character.isprintable())
    return " ".join(kept.split())


def _too_long(column: Column, text: str) -> Problem:
    return problem("E15", "long", column.name, most=column.max, size=len(text))


_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?E\+\d{2,3}", re.IGNORECASE)
_ERRORS_OF_SHEETS: Final = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)


def _spoilt(column: Column, text: str) -> Problem | None:
    """Return what a spreadsheet did to a text: digits lost to 1.23E+17, or an error in its place."""
    if text in _ERRORS_OF_SHEETS:
        return problem("E42", "error", column.name)
    return problem("E41", "digits", column.name) if _LOST_DIGITS.fullmatch(text) else None


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
        if size < 24 and ("+" in text or text < "$"):  # begins with # or less: nearly no text pays for the rest
            spoilt = _spoilt(column, text)
            return ("", spoilt) if spoilt else (text, None)
        return text, None

    return read


_WRONG_IN_NAME = re.compile(r"(?<=[\u3400-\u9fff])\s|\s(?=[\u3400-\u9fff])|[\x00-\x1f\x7f\ufffd]")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def _name(column: Column) -> Callable[[str], Cell]:
    read_text = _text(column)
    most = column.max or 8000

    def read(value: str) -> Cell:
        text = value.strip()
        if " " in text or "\ufffd" in text or not text.isprintable():
            if _WRONG_IN_NAME.search(text):
                return "", problem("E03", "space", column.name)
            text = _printable(text)
        if 6 <= len(text) <= most and "\u3400" <= text[0] <= "\u9fff":
            return text, None  # nearly every name
        text, wrong = read_text(text)
        if text and (len(text) < 2 or not _HAN.search(text)):
            return "", problem("E03", "short", column.name)
        return text, wrong

    return read


def _date(column: Column, latest: date) -> Callable[[str], Cell]:
    parse = period.parse_end if column.long_term else period.parse_date

    def read(value: str) -> Cell:
        if value.strip() in EMPTY_WORDS:
            return "", None
        try:
            day = parse(value)
        except period.NoDate as wrong:
            return "", problem("E04", "date", column.name, reason=wrong)
        if column.past and day > latest:
            return "", problem("E05", "future", column.name)
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
            return "", problem("E08", "yuan", column.name)
        if not _AMOUNT.fullmatch(text):
            return "", problem("E08", "number", column.name)
        amount = f"{Decimal(text).normalize():f}"
        if Decimal(amount) >= _LOOKS_LIKE_YUAN:
            return amount, problem("E08", "large", column.name)
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
    says = "choice_or_other" if column.other else "choice"
    return problem("E07", says, column.name, choices="、".join(column.options))


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


def _uscc(column: Column, *, nameless: bool = False) -> Callable[[str], Cell]:
    natural = problem("E20", "person", column.name, private=True)
    placeholder = problem("E02", "placeholder", column.name)

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
            return "", None if nameless else placeholder
        try:
            return uscc.parse(code).text, None
        except uscc.Malformed as wrong:
            return "", _spoilt(column, value.strip()) or problem("E02", "code", column.name, reason=wrong)

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
        return "", problem("E07", "state", column.name, choices=labels)

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
        return "", problem("E07", "division_city" if found else "division", column.name)

    return read


def _area(column: Column) -> Callable[[str], Cell]:
    def read(value: str) -> Cell:
        text = value.strip()
        if not text or text in EMPTY_WORDS:
            return "", None
        found = area.named(text)
        if len(found) == 1:
            return found[0], None
        return "", problem("E07", "area_city" if found else "area", column.name)

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
        return "", problem("E07", "industry", column.name)

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


def stands(column: Column, cell: str) -> str:
    """Return Python that tells of a cell, by the name it has there, that `reader` would return it as it stands.

    Nearly every text is right as it is, and a file has millions: asking so costs a fraction of a call. Where the answer is
    no, the reader is asked; where nothing can be told so cheaply this is nothing.

    >>> told = stands(Column("XK_WSH", "许可决定文书号", "text", max=64), "a")
    >>> [eval(told, {"a": cell, "EMPTY_WORDS": EMPTY_WORDS}) for cell in ("样审许〔2026〕1号", " 1号", "无", "1.2E+17", "#N/A")]
    [True, False, False, False, False]
    """
    most = column.max or 8000
    match column.type:
        case "text":  # what begins with % or more begins with no blank, and with no # of a sheet's error
            return (
                f'{cell} > "%" and {cell}[-1] != " " and len({cell}) <= {most} and "+" not in {cell}'
                f" and {cell}.isprintable() and (len({cell}) > 5 or {cell} not in EMPTY_WORDS)"
            )
        case "name":
            return (
                f'6 <= len({cell}) <= {most} and "\u3400" <= {cell}[0] <= "\u9fff" and " " not in {cell}'
                f' and "\ufffd" not in {cell} and {cell}.isprintable()'
            )
    return ""


def reader(column: Column, latest: date, *, named: bool = False) -> Callable[[str], Cell]:
    """Return the check of one column's cells.

    :param latest: the last day that may have been.
    :param named: the row says by a name whom it is about, so that the placeholder for 无代码个体工商户 says no less.
    """
    match column.type:
        case "text":
            return _text(column)
        case "name":
            return _name(column)
        case "uscc":
            return _Memo(_uscc(column, nameless=named)).__getitem__  # a subject's rows often stand together
        case "person_id":
            return _person_id(column)
        case "date":
            return _Memo(_date(column, latest)).__getitem__
    repeated: dict[str, Callable[[Column], Callable[[str], Cell]]] = {
        "amount": _amount,
        "choice": _choice,
        "kind": _choice,
        "choices": _choices,
        "agency_uscc": _uscc,
        "state": _state,
        "division": _division,
        "area": _area,
        "industry": _industry,
    }
    return _Memo(repeated[column.type](column)).__getitem__
