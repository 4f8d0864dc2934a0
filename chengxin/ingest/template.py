"""填报模板: a workbook to fill in, made from a kind's own description, that goes in again as it is.

One sheet to fill, with the official names as its header, drop-downs and notes; one that explains every column; one with the
dictionaries that the drop-downs draw on. Knows no clock: the same kind makes the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from chengxin.credit.records.form import Column, Kind
from chengxin.terms import entity

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_LAST_ROW: Final = 1_048_575  # of an Excel sheet, counted from 0
_TITLE, _MESSAGE = 32, 255  # characters Excel allows in a prompt
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)  # Excel files carry a time; a template has none
_HINTS: Final = "填表说明"
_WORDS: Final = "字典"


@dataclass(frozen=True, slots=True)
class _Type:
    """What a person who fills in a column of a type is told."""

    label: str
    advice: str
    example: str
    width: int = 18


_TYPES: Final[Mapping[str, _Type]] = {
    "text": _Type("文本", "", "", 24),
    "name": _Type("名称", "填写登记的名称全称，中间不留空格。", "鹤岗市工农区好运来饭店", 30),
    "date": _Type("日期", "写作 YYYY/MM/DD。", "2026/04/01", 14),
    "amount": _Type("金额", "单位万元，只填数字，小数不超过 6 位；2000 元写作 0.2。", "0.2", 14),
    "choice": _Type("单选", "从下拉列表中选一项。", ""),
    "choices": _Type("多选", "从下拉列表中选，有几项的用英文分号 ; 隔开。", "", 30),
    "kind": _Type("单选", "从下拉列表中选一项。", ""),
    "uscc": _Type("代码", "18 位，字母大写。", "92230402MA1CTE575M", 24),
    "agency_uscc": _Type("代码", "机关或单位自己的统一社会信用代码，18 位，字母大写。", "12231100MA1CTE575X", 24),
    "person_id": _Type("证件号码", "可以不填；填了也只保留首尾几位，不对外公开。", "", 24),
    "state": _Type("单选", "从下拉列表中选一项。", "存续"),
    "division": _Type("区划", "六位行政区划代码，或写明市和区县的名称。", "230403", 16),
    "area": _Type("管辖区", "管辖区的名称或代码，如“黑河自贸片区”；行政区划也是管辖区。", "2311ZM", 16),
    "industry": _Type("行业", "国民经济行业分类（GB/T 4754-2017）的代码，字母加 2 至 4 位数字。", "H6210", 14),
}


def required(kind: Kind, column: Column) -> str:
    """Return whether a column must be filled, in the words of the template."""
    if column.code == kind.roles.subject and kind.named:
        return "视情必填"
    return {"always": "必填", "conditional": "视情必填", "never": "选填"}[column.required]


def advice(kind: Kind, column: Column) -> str:
    """Return what to know when filling in a column, in whole sentences."""
    said = [column.note] if column.note else []
    said.append(_TYPES[column.type].advice)
    if column.code == kind.roles.subject and kind.named:
        said.append("没有代码的可以不填，但须填准名称，或填注册号等旧号码。")
    if column.long_term:
        said.append("长期有效的填 2099/12/31。")
    if column.past:
        said.append("不晚于报送当天。")
    if column.other:
        said.append("选“其他”的写明内容，如“其他-说明”。")
    if plain := _plain(column):
        said.append("；".join(f"{value} 为{wording}" for value, wording in plain.items()) + "。")
    if column.when:
        on, values = column.when
        said.append(f"“{kind.column(on).name}”为{'、'.join(values)}时必填。")
    if column.filled:
        said.append(f"填了“{kind.column(column.filled).name}”时必填。")
    if not column.public:
        said.append("不对外公开。")
    return "".join(filter(None, said))


def _plain(column: Column) -> dict[str, str]:
    """Return what those choices mean that do not say it themselves, as 1 and 2 do not."""
    if column.type == "kind":
        return {}
    plain: dict[str, str] = {}
    for wording, value in (column.means or {}).items():
        if value.isascii() and not wording.isascii():
            plain.setdefault(value, wording)
    return plain


def example(column: Column) -> str:
    """Return a cell that the column's check lets through; empty where none says more than the name."""
    return column.example or _TYPES[column.type].example or "".join(column.options[:1])


def example_row(kind: Kind) -> dict[str, str]:
    """Return a row that goes in: every column that must be filled, and those with an example of their own."""
    return {
        column.code: example(column) or "示例"
        for column in kind.columns
        if column.required == "always" or column.example
    }


def workbook(kind: Kind, out: BinaryIO) -> None:
    """Write the template of a kind as XLSX."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{kind.label}填报模板", "created": _MADE})
    formats = _Formats(book)
    # Sheets are written one after the other, as constant memory asks: the one to fill stands first.
    sheet = book.add_worksheet(_sheet_name(kind.label))
    hints, words = book.add_worksheet(_HINTS), book.add_worksheet(_WORDS)
    _fill_in(sheet, kind, formats)
    _explain(hints, kind, formats)
    _list_words(words, kind, formats)
    book.close()


class _Formats:
    """How cells look. What a colour says is said in words too."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        def made(**look: Any) -> Format:
            return book.add_format({"font_name": "宋体", "font_size": 11, "valign": "vcenter", **look})

        head = {"bold": True, "text_wrap": True, "align": "center", "border": 1, "border_color": "#9AA5B1"}
        self.must = made(**head, bg_color="#D6E4F5")
        self.may = made(**head, bg_color="#F1F4F7")
        self.title = made(bold=True, font_size=16)
        self.prose = made(text_wrap=True)
        self.cell = made(text_wrap=True, border=1, border_color="#C9D1D9", valign="top", num_format="@")
        self.text = made(num_format="@")  # or Excel turns a code into 9.12E+17
        self.day = made(num_format="yyyy/mm/dd")
        self.amount = made(num_format="0.######")

    def of(self, column: Column) -> Format:
        return {"date": self.day, "amount": self.amount}.get(column.type, self.text)


def _sheet_name(label: str) -> str:
    return "".join(character for character in label if character not in "[]:*?/\\")[:31]


def _options(column: Column) -> tuple[str, ...]:
    if column.type == "state":
        return tuple(state.label for state in entity.STATES.values())
    return column.options


def _chosen(kind: Kind) -> list[tuple[Column, tuple[str, ...]]]:
    return [(column, options) for column in kind.columns if (options := _options(column))]


def _fill_in(sheet: Worksheet, kind: Kind, formats: _Formats) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 48)
    lists = {column.code: place for place, (column, _) in enumerate(_chosen(kind))}
    for place, column in enumerate(kind.columns):
        need = required(kind, column)
        sheet.set_column(place, place, _TYPES[column.type].width, formats.of(column))
        sheet.write_string(0, place, f"{column.name}（{need}）", formats.must if need == "必填" else formats.may)
        sheet.write_comment(0, place, _note(kind, column), {"x_scale": 2, "y_scale": 1.6, "author": ""})
        rule = _validation(column, lists.get(column.code))
        if rule:
            asked = {"input_title": column.name[:_TITLE], "input_message": _cut(advice(kind, column), _MESSAGE)}
            if not asked["input_message"]:
                asked = {}
            sheet.data_validation(1, place, _LAST_ROW, place, {**rule, **asked})


def _note(kind: Kind, column: Column) -> str:
    lines = [f"{column.name}：{required(kind, column)}", f"类型：{_TYPES[column.type].label}"]
    if size := _size(column):
        lines.append(f"长度：不超过 {size} 字")
    lines.append(advice(kind, column))
    shown = example(column)
    if shown:
        lines.append(f"示例：{shown}")
    return "\n".join(filter(None, lines))


def _size(column: Column) -> str:
    """Return how long a cell may be; empty where the type says it, or a list does."""
    return str(column.max) if column.max and column.type in ("text", "name") else ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _validation(column: Column, place: int | None) -> dict[str, Any]:
    """Return what the spreadsheet checks itself. What the checks at the door are milder about, it only warns of."""
    if place is not None:
        letter = xl_col_to_name(place)
        source = f"={_WORDS}!${letter}$2:${letter}${len(_options(column)) + 1}"
        free = column.other or column.type == "choices"
        return {
            "validate": "list",
            "source": source,
            "error_type": "information" if free else "stop",
            "error_title": "请从列表中选择",
            "error_message": "不在列表内：请核对。" if free else "请从下拉列表中选择一项。",
        }
    match column.type:
        case "date":
            return {
                "validate": "date",
                "criteria": "between",
                "minimum": date(1900, 1, 1),
                "maximum": "=TODAY()" if column.past else date(2099, 12, 31),
                "error_title": "日期不对",
                "error_message": "请写作 YYYY/MM/DD，如 2026/04/01"
                + ("；不能晚于今天。" if column.past else "；长期有效的填 2099/12/31。" if column.long_term else "。"),
            }
        case "amount":
            return {
                "validate": "decimal",
                "criteria": ">=",
                "value": 0,
                "error_title": "金额不对",
                "error_message": "单位是万元，只填数字；2000 元写作 0.2。",
            }
        case "uscc" | "agency_uscc":
            return {
                "validate": "length",
                "criteria": "==",
                "value": 18,
                "error_title": "代码不是 18 位",
                "error_message": "统一社会信用代码是 18 位，请核对。",
            }
    if column.max:
        return {
            "validate": "length",
            "criteria": "<=",
            "value": column.max,
            "error_title": "太长",
            "error_message": f"不超过 {column.max} 字，请精简。",
        }
    return {}


def _explain(sheet: Worksheet, kind: Kind, formats: _Formats) -> None:
    widths = (6, 36, 20, 10, 8, 10, 60, 26)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, f"{kind.label}填报说明", formats.title)
    prose = (
        f"一行一条记录，从“{_sheet_name(kind.label)}”表的第 2 行填起；不要改动表头，不用的列可以留空或删去。",
        "代码、文号等列已设为文本格式，从别处粘贴时请选“只粘贴值”，以免变成科学计数。",
        "表头注明“必填”的不能空；“视情必填”的见说明。不要填写身份证号码、手机号码、银行卡号等个人信息。",
    )
    for row, line in enumerate(prose, start=1):
        sheet.merge_range(row, 0, row, len(widths) - 1, "", formats.prose)
        sheet.write_string(row, 0, line, formats.prose)
    head = len(prose) + 2
    for place, label in enumerate(("序号", "字段名称", "字段代码", "类型", "长度", "必填", "说明", "示例")):
        sheet.write_string(head, place, label, formats.may)
    for number, column in enumerate(kind.columns, start=1):
        cells = (
            str(number),
            column.name,
            column.code,
            _TYPES[column.type].label,
            _size(column),
            required(kind, column),
            advice(kind, column),
            example(column),
        )
        for place, cell in enumerate(cells):
            sheet.write_string(head + number, place, cell, formats.cell)


def _list_words(sheet: Worksheet, kind: Kind, formats: _Formats) -> None:
    chosen = _chosen(kind)
    for place, (column, options) in enumerate(chosen):
        sheet.set_column(place, place, max(18, min(44, 2 * max(map(len, (column.name, *options))) + 2)))
    # Row by row: a sheet in constant memory takes no earlier row once a later one is begun.
    for row in range(max((len(options) for _, options in chosen), default=0) + 1):
        for place, (column, options) in enumerate(chosen):
            if row == 0:
                sheet.write_string(0, place, column.name, formats.may)
            elif row <= len(options):
                sheet.write_string(row, place, options[row - 1], formats.cell)
