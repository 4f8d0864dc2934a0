from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from chengxin.ingest.reading import workbook
from chengxin.ingest.reading.table import Limits, NotReadable, open_table
from tests.ingest.reading import forms

LIMITS = Limits(file_bytes=100_000_000, unpacked_bytes=50_000_000)
NAMES = ("名称", "代码", "日期", "文号", "相对人户名", "相对人号码", "相对人名称", "机关名称")
HEADER = ["名称", "代码", "日期"]
ROW = ["松岭饺子馆", "00123", "2026/05/06"]


def known(cells: Sequence[str]) -> int:
    return sum(cell.strip() in (*NAMES, "MC", "DM", "RQ") for cell in cells)


class Read:
    """What a file was read as."""

    def __init__(self, folder: Path, content: bytes, limits: Limits = LIMITS) -> None:
        path = folder / "表"
        path.write_bytes(content)
        self.told: list[tuple[int, str]] = []
        with open_table(path, limits=limits, recognise=known, told=lambda *said: self.told.append(said)) as table:
            self.form = table.content.form
            self.header = list(table.header)
            self.rows = [(number, list(cells)) for number, cells in table.rows]


# ---- Every form --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", forms.FORMS.values(), ids=forms.FORMS)
def test_the_same_table_is_read_from_every_form(tmp_path: Path, write: Callable[[forms.Rows], bytes]) -> None:
    rows = [HEADER, ROW, ["含,;|\t“引号”", "=1+1", ""], ["𠮷野家", "1.50", "2026/05/07"]]
    if "tabs" in str(write) or write in (forms.html_of,):
        rows[2][0] = "含,;|“引号”"

    read = Read(tmp_path, write(rows))

    assert read.header == HEADER
    squeezed = [["".join(cell.split()) for cell in cells] for _, cells in read.rows]
    assert squeezed == [["".join(cell.split()) for cell in cells] for cells in rows[1:]]


def test_an_old_workbook_gives_dates_numbers_and_flags_as_text(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for column, name in enumerate(HEADER):
        sheet.write(0, column, name)
    sheet.write(1, 0, True)
    sheet.write(1, 1, 912304021234567890)
    sheet.write(1, 2, date(2026, 5, 6), xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.write(2, 1, 0.35, xlwt.easyxf(num_format_str="0%"))
    packed = io.BytesIO()
    book.save(packed)

    assert Read(tmp_path, packed.getvalue()).rows == [
        (2, ["是", "9.12304021234568E+17", "2026-05-06"]),
        (3, ["", "0.35", ""]),
    ]


def test_an_old_workbook_with_a_password_is_refused_as_such(tmp_path: Path) -> None:
    plain = forms.xls_of([HEADER, ROW])
    first, second = bytes.fromhex("0908100000060500"), bytes.fromhex("e1000200")
    assert plain.find(second) == plain.find(first) + 20
    encrypted = plain.replace(second, bytes.fromhex("2f000200"), 1)

    with pytest.raises(NotReadable, match="加了打开密码"):
        Read(tmp_path, encrypted)


def test_days_of_a_workbook_that_counts_from_1904_are_the_same_days(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_datetime(1, 2, datetime(2026, 5, 6), book.add_format({"num_format": "yyyy/m/d"}))  # noqa: DTZ001
        sheet.write_number(1, 1, 1234.5, book.add_format({"num_format": "¥#,##0.00"}))

    assert Read(tmp_path, packed.getvalue()).rows == [(2, ["", "1234.5", "2026-05-06"])]


def test_an_error_of_excel_stays_to_be_seen(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["松岭饺子馆", "1"])
        sheet.write_formula(1, 2, "=NA()", None, "#N/A")
        sheet.write_formula(2, 0, '="松"&"岭"', None, "松岭")

    assert Read(tmp_path, packed.getvalue()).rows == [
        (2, ["松岭饺子馆", "1", "#N/A"]),
        (3, ["松岭", "", ""]),
    ]


def test_a_web_page_gives_what_it_shows(tmp_path: Path) -> None:
    page = """
        <html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset=utf-8><style>td{}</style></head>
        <body><script>var x = "<td>名称</td>";</script>
        <table><tr><th colspan="3">许可&nbsp;信息</th></tr>
        <tr><td>名称<td>代码<td>日期
        <tr><td rowspan="2">松岭<br>饺子馆</td><td>&lt;1&gt;</td><td>2026/05/06</td></tr>
        <tr><td>2</td><td> 2026/05/07
        </td></tr></table></body></html>"""

    read = Read(tmp_path, page.encode())

    assert (read.form, read.header) == ("html", HEADER)
    assert read.rows == [(3, ["松岭\n饺子馆", "<1>", "2026/05/06"]), (4, ["", "2", "2026/05/07"])]


def test_the_xml_of_excel_2003_keeps_the_places_of_its_cells(tmp_path: Path) -> None:
    text = forms.xml_of([HEADER, ROW]).decode()
    more = (
        '<Row ss:Index="5"><Cell ss:MergeAcross="1"><Data ss:Type="String">宽</Data></Cell>'
        '<Cell><Data ss:Type="DateTime">2026-05-06T00:00:00.000</Data></Cell></Row>'
        '<Row><Cell ss:Index="2"><Data ss:Type="Number">12</Data></Cell></Row></Table>'
    )

    read = Read(tmp_path, text.replace("</Table>", more).encode())

    assert read.rows == [(2, ROW), (5, ["宽", "", "2026-05-06"]), (6, ["", "12", ""])]


# ---- JSON --------------------------------------------------------------------------------------------------------


def test_objects_name_their_fields_in_any_order_and_leave_some_out(tmp_path: Path) -> None:
    lines = [
        {"名称": "松岭饺子馆", "代码": 912304021234567890},
        {"日期": "2026/05/06", "名称": "后一个", "代码": None},
        {"名称": True, "代码": "零\0"},
    ]
    content = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + '\n{"名称":"小数","代码":0.50}'

    read = Read(tmp_path, content.encode())

    assert read.header == HEADER
    assert read.rows == [
        (1, ["松岭饺子馆", "912304021234567890", ""]),
        (3, ["后一个", "", "2026/05/06"]),
        (5, ["是", "零", ""]),
        (6, ["小数", "0.50", ""]),
    ]


@pytest.mark.parametrize("number", ["0.5", "0.50", "-1.5e3", "1e999999999"])
def test_a_field_that_holds_nothing_but_fractions_is_read_as_it_is_written(tmp_path: Path, number: str) -> None:
    content = f'{{"名称":"a","代码":{number},"日期":""}}\n' * 2

    assert Read(tmp_path, content.encode()).rows == [(1, ["a", number, ""]), (2, ["a", number, ""])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_json_lines_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert Read(tmp_path, forms.lines_of([HEADER, ROW], encoding)).rows == [(1, ROW)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"名称":"a","代码":"1"}\n{"名称":{"x":1}}\n', "第 2 行的“名称”里还有对象或数组"),
        ('{"名称":1,"代码":"1"}\n{"名称":[1]}\n', "第 2 行的“名称”里还有对象或数组"),
        ('{"名称":"a","代码":"1"}\n[1]\n', "第 2 行不是 JSON 对象"),
        ('{"名称":"a","代码":"1"}\n"x"\n', "第 2 行不是 JSON 对象"),
        ('{"名称":"a",\n"代码":"1"}\n', "第 1 行不是完整的 JSON"),
        ('{"名称":"a","代码":"1"}\n{"名称":"a","代', "第 2 行不是完整的 JSON"),
        ('[{"名称":"a","代码":"1"},{"名称":"b"', "JSON 数组不完整"),
        ('[["名称","代码"]]', "第 1 行不是 JSON 对象"),
        ('{"a":"a","b":"1"}\n', "没有找到表头"),
        ("[]", "没有数据"),
        ('{"名称":' * 5000 + "1" + "}" * 5000, "一层套一层"),
        ("[" * 100_000, "JSON 数组不完整"),
        ("{" + ",".join(f'"{n}":""' for n in range(1001)) + "}\n", "1001 种字段名"),
    ],
    ids=[
        "nested",
        "a list",
        "a line that is a list",
        "a line that is text",
        "over several lines",
        "cut",
        "an array cut",
        "arrays in an array",
        "unknown fields",
        "an empty array",
        "deeper than anybody reads",
        "lists in lists without an end",
        "a thousand fields",
    ],
)
def test_json_that_is_no_table_is_refused_with_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(NotReadable, match=sentence):
        Read(tmp_path, content.encode())


# ---- Dialects ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\n名称;代码;日期\n松岭饺子馆;00123;2026/05/06\n",
        "\ufeffSEP=\t\r\n名称\t代码\t日期\r\n松岭饺子馆\t00123\t2026/05/06\r\n",
        '名称,代码,日期\n松岭饺子馆,="00123",2026/05/06\n',
        '名称,代码,日期\n松岭饺子馆,"=""00123""",2026/05/06\n',
        '"名称", "代码", "日期"\n"松岭饺子馆", "00123", "2026/05/06"\n',
        "名称,代码,日期,,\n松岭饺子馆,00123,2026/05/06,,\n",
        "名称|代码|日期\r松岭饺子馆|00123|2026/05/06",
    ],
    ids=["sep=", "sep= after a BOM", '="…"', '="…" quoted', "blanks before quotes", "trailing delimiters", "bars"],
)
def test_the_ways_programs_write_csv_are_read_alike(tmp_path: Path, text: str) -> None:
    read = Read(tmp_path, text.encode())

    assert [name for name in read.header if name] == HEADER
    assert [cells[:3] for _, cells in read.rows] == [ROW]


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("名稱,代碼,日期\n鶴崗市松嶺餃子館有限公司,1,2026/05/06\n", "big5", "Big5"),
        ("MC,DM,RQ\n鶴崗市松嶺餃子館有限公司,1,2026/05/06\n", "big5", "Big5"),
        ("MC,DM,RQ\nほっかいどう食品カンパニー,1,2026/05/06\n", "shift_jis", "Shift-JIS"),
    ],
)
def test_a_file_in_another_chinese_or_japanese_encoding_is_refused_by_its_name(
    tmp_path: Path, text: str, encoding: str, name: str
) -> None:
    with pytest.raises(NotReadable, match=f"{name} 编码"):
        Read(tmp_path, text.encode(encoding))


@pytest.mark.parametrize("text", ["朱镕基", "鶴崗市松嶺餃子館有限公司", "㑇喆堃", "é"])
def test_rare_and_traditional_characters_are_no_other_encoding(tmp_path: Path, text: str) -> None:
    read = Read(tmp_path, f"MC,DM,RQ\n{text},1,2026/05/06\n".encode("gb18030"))

    assert read.rows[0][1][0] == text


# ---- Headers, and rows that are no records -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["文号", "相对人", "", "日期"], ["", "户名", "号码", ""]], ["文号", "相对人户名", "相对人号码", "日期"]),
        (
            [["相对人", "", "机关", "日期"], ["名称", "号码", "名称", ""]],
            ["相对人名称", "相对人号码", "机关名称", "日期"],
        ),
        ([["日期", "", "", ""], ["名称", "代码", "x", "y"]], ["名称", "代码", "x", "y"]),
        ([["文号", "日期", "名称", "组"], ["", "", "", "代码"]], ["文号", "日期", "名称", "代码"]),
        ([["组", "", "", ""], ["名称", "代码", "日期", "备考"]], ["名称", "代码", "日期", "备考"]),
        ([["名称", "代码", "日期", "x"], ["MC", "DM", "RQ", ""]], ["名称", "代码", "日期", "x"]),
        ([["名称", "代码", "日期", "x"], ["1", "2", "3", "4"]], ["名称", "代码", "日期", "x"]),
        ([["名称", "代码", "日期", "x"], ["(1)", "(2)", "(3)", "(4)"]], ["名称", "代码", "日期", "x"]),
    ],
    ids=[
        "group and name",
        "a name in each group",
        "a title that is a name",
        "one column below",
        "a group above",
        "by name and code",
        "numbered",
        "numbered in brackets",
    ],
)
def test_a_header_of_two_rows_is_one_header(tmp_path: Path, rows: list[list[str]], header: list[str]) -> None:
    read = Read(tmp_path, forms.csv_of([["标题", "", "", ""], *rows, ["甲", "乙", "丙", "丁"]]))

    assert read.header == header
    assert read.rows == [(4, ["甲", "乙", "丙", "丁"])]


def test_what_is_no_record_is_passed_over_and_told(tmp_path: Path) -> None:
    rows = [
        ["许可信息表"],
        HEADER,
        ROW,
        ["小计", "", "1"],
        [" ", "", "\u3000"],
        ["许可信息表"],
        HEADER,
        ["合计餐饮有限公司", "2", "2026/05/06"],
        ["", "3", "2026/05/06"],
        ["合 计：2 户", "", ""],
        ["", "填表人：张三", ""],
        ["审核人（签字）：", "", ""],
    ]

    read = Read(tmp_path, forms.xlsx_of(rows))

    assert [cells[1] for _, cells in read.rows] == ["00123", "2", "3"]
    assert [(number, said[4:9]) for number, said in read.told] == [
        (4, "合计，不是"),
        (6, "重复的标题"),
        (7, "重复的标题"),
        (10, "合计，不是"),
        (11, "表末的填表"),
        (12, "表末的填表"),
    ]


def test_of_several_sheets_the_one_with_the_best_header_is_read_and_named(tmp_path: Path) -> None:
    read = Read(tmp_path, forms.xlsx_of([["名称", "代码"], ["别的", "1"]], 许可=[HEADER, ROW], 说明页=[["请填写"]]))

    assert read.rows == [(2, ROW)]
    assert read.told == [(1, "读取的是工作表“许可”，没有读取“表”、“说明页”")]


def test_two_sheets_with_one_header_are_refused_rather_than_one_of_them_lost(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="2 张工作表的表头相同（表、五月）"):
        Read(tmp_path, forms.xlsx_of([HEADER, ROW], 五月=[HEADER, ROW], 空表=[HEADER]))


# ---- Limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["XLS", "ODS", "web page", "XML of Excel 2003", "JSON array"])
def test_forms_that_are_held_whole_have_a_smaller_limit_of_their_own(tmp_path: Path, form: str) -> None:
    content = forms.FORMS[form]([HEADER, *([ROW] * 200)])

    with pytest.raises(NotReadable, match="只读 1 MB 以内的"):
        Read(tmp_path, content, Limits(file_bytes=100_000_000, unpacked_bytes=50_000_000, held_bytes=1000))


def test_a_small_file_that_holds_too_much_cannot_take_us_along(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="100" office:value-type="string"><text:p>名</text:p>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-cell></table:table-row>'

    with pytest.raises(NotReadable, match="读不出来：表太大"):
        Read(tmp_path, forms.ods_with(f'<table:table table:name="x">{row}</table:table>'))


def test_cells_of_an_error_are_found_across_the_pieces_of_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for number in range(3000):
        book.active.append(["松岭饺子馆" * 20, number, "#N/A" if number == 2999 else "2026/05/06"])
    packed = io.BytesIO()
    book.save(packed)

    assert Read(tmp_path, packed.getvalue()).rows[-1][1][2] == "#N/A"
    assert workbook.HELD_CELLS
