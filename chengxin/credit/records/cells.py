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

from chengxin.credit.records.form import Column, Level
from chengxin.terms import division, entity, industry, period, privacy, uscc

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
    return Problem("E07", column.name, f"“{column.name}”不在规定的取值内（{'、'.join(column.options)}）{other}")


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
            return "", None if nameless else placeholder
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
            return _uscc(column, nameless=named)
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
        "industry": _industry,
    }
    return _Memo(repeated[column.type](column)).__getitem__
