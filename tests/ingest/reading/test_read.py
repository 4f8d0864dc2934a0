from __future__ import annotations

import codecs
import io
import os
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from chengxin.ingest.reading import workbook
from chengxin.ingest.reading.table import Limits, NotReadable, open_table

LIMITS = Limits(file_bytes=100_000_000, unpacked_bytes=8_000_000)
HEADER = ["名称", "代码", "日期"]
PLAIN = "名称,代码,日期\n松岭饺子馆,1,2026/05/06\n"


def known(cells: Sequence[str]) -> int:
    return sum(cell.strip() in ("名称", "代码", "日期", "MC", "DM", "RQ") for cell in cells)


def read(path: Path, limits: Limits = LIMITS) -> tuple[str, tuple[str, ...], list[tuple[int, list[str]]]]:
    with open_table(path, limits=limits, recognise=known) as table:
        return table.content.encoding, table.header, [(number, list(cells)) for number, cells in table.rows]


def sheet(*rows: Sequence[object], titles: int = 0) -> bytes:
    book = openpyxl.Workbook()
    for number in range(titles):
        book.active.append([f"行政许可信息归集表之 {number}"])
    for row in rows:
        book.active.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (codecs.BOM_UTF8 + PLAIN.encode(), "utf-8-sig"),
        (PLAIN.encode("gb18030"), "gb18030"),
        (PLAIN.encode("gbk"), "gb18030"),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), "utf-16"),
        (PLAIN.encode("utf-16-le"), "utf-16-le"),
        (PLAIN.encode("utf-16-be"), "utf-16-be"),
        (PLAIN.replace(",", ";").encode(), "utf-8"),
        (PLAIN.replace(",", "|").encode(), "utf-8"),
        (PLAIN.replace(",", "\t").encode("gb18030"), "gb18030"),
        (PLAIN.replace("\n", "\r\n").encode(), "utf-8"),
        (PLAIN.replace("\n", "\r").encode(), "utf-8"),
        (PLAIN.rstrip().encode(), "utf-8"),
        (sheet(HEADER, ["松岭饺子馆", 1, "2026/05/06"]), "xlsx"),
    ],
    ids=[
        "UTF-8",
        "UTF-8 with BOM",
        "GB18030",
        "GBK",
        "UTF-16 little",
        "UTF-16 big",
        "UTF-16 little without BOM",
        "UTF-16 big without BOM",
        "semicolons",
        "bars",
        "tabs",
        "lines of Windows",
        "lines of old Macs",
        "no last newline",
        "XLSX",
    ],
)
@pytest.mark.parametrize("name", ["表.csv", "表.xlsx", "表"])
def test_a_table_is_told_by_its_content_not_its_name(tmp_path: Path, name: str, content: bytes, encoding: str) -> None:
    (tmp_path / name).write_bytes(content)

    assert read(tmp_path / name) == (encoding, tuple(HEADER), [(2, ["松岭饺子馆", "1", "2026/05/06"])])


def test_a_file_that_is_ascii_for_a_megabyte_and_gbk_after_reads_as_gbk(tmp_path: Path) -> None:
    path = tmp_path / "长.csv"
    path.write_bytes(b"MC,DM,RQ\n" + b"shop,1,2026/05/06\n" * 80_000 + "松岭饺子馆,2,2026/05/06\n".encode("gbk"))

    encoding, _, rows = read(path)

    assert (encoding, rows[-1]) == ("gb18030", (80_002, ["松岭饺子馆", "2", "2026/05/06"]))


def test_utf_16_without_a_mark_is_told_though_some_signs_hold_a_nul(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(PLAIN.replace("饺子", "一一").encode("utf-16-le"))  # 一 is U+4E00

    assert read(path)[2] == [(2, ["松岭一一馆", "1", "2026/05/06"])]


def test_the_fourth_byte_sequences_of_gb18030_are_read(tmp_path: Path) -> None:
    path = tmp_path / "生僻字.csv"
    path.write_bytes("名称,代码,日期\n𠮷野,1,2026/05/06\n".encode("gb18030"))

    assert read(path)[2] == [(2, ["𠮷野", "1", "2026/05/06"])]


@pytest.mark.parametrize("held", [workbook.HELD_BYTES, 0], ids=["read whole", "read row by row"])
def test_cells_come_as_the_text_the_official_table_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(workbook, "HELD_BYTES", held)
    path = tmp_path / "表.xlsx"
    path.write_bytes(
        sheet(
            HEADER,
            ["日期格", 12, date(2026, 5, 6)],
            [],
            ["时刻格", 0.2, datetime(2026, 5, 6, 8, 30)],  # noqa: DTZ001 — a cell knows no time zone
            ["丢了三位的代码", 912304021234567890, "2026/05/06"],
            ["文本", "91230402MA1CTE575Q", 0.1 + 0.2],
            ["小数", 0.000001, True],
            titles=2,
        )
    )

    assert read(path)[2] == [
        (4, ["日期格", "12", "2026-05-06"]),
        (6, ["时刻格", "0.2", "2026-05-06 08:30:00"]),
        (7, ["丢了三位的代码", "9.12304021234568E+17", "2026/05/06"]),
        (8, ["文本", "91230402MA1CTE575Q", "0.3"]),
        (9, ["小数", "0.000001", "是"]),
    ]


def test_the_first_visible_sheet_with_a_header_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["填报说明：按模板填写"])
    hidden = book.create_sheet("选项")
    hidden.append(HEADER)
    hidden.append(["选项", "0", "2026/01/01"])
    hidden.sheet_state = "hidden"
    data = book.create_sheet("许可")
    data.append(HEADER)
    data.append(["松岭饺子馆", "1", "2026/05/06"])
    (tmp_path / "表.xlsx").write_bytes(saved(book))

    assert read(tmp_path / "表.xlsx")[2] == [(2, ["松岭饺子馆", "1", "2026/05/06"])]


@pytest.mark.parametrize("titles", [1, 10])
def test_title_rows_above_the_header_are_passed_over(tmp_path: Path, titles: int) -> None:
    (tmp_path / "表.csv").write_text("鹤岗市许可信息\n" * titles + PLAIN)

    assert read(tmp_path / "表.csv")[2] == [(titles + 2, ["松岭饺子馆", "1", "2026/05/06"])]


def test_a_header_stated_twice_by_name_and_by_code_is_one_header(tmp_path: Path) -> None:
    (tmp_path / "表.csv").write_text("名称,代码,日期\nMC,DM,RQ\n松岭饺子馆,1,2026/05/06\n")

    assert read(tmp_path / "表.csv")[1:] == (tuple(HEADER), [(3, ["松岭饺子馆", "1", "2026/05/06"])])


def test_quoted_newlines_and_delimiters_stay_in_their_cell(tmp_path: Path) -> None:
    (tmp_path / "表.csv").write_text('名称,代码,日期\n"松岭,\n饺子馆","说""好""",2026/05/06\n后一行,2,2026/05/07\n')

    assert read(tmp_path / "表.csv")[2] == [
        (2, ["松岭,\n饺子馆", '说"好"', "2026/05/06"]),
        (3, ["后一行", "2", "2026/05/07"]),
    ]


def test_a_short_row_is_filled_and_a_long_one_shows_what_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "表.csv").write_text("名称,代码,日期\n短\n\n长,1,2026/05/06,多\n尾,1,2026/05/06,,\n")

    assert read(tmp_path / "表.csv")[2] == [
        (2, ["短", "", ""]),
        (4, ["长", "1", "2026/05/06", "多"]),
        (5, ["尾", "1", "2026/05/06"]),
    ]


# ---- What is no table --------------------------------------------------------------------------------------------


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def workbook_with(name: str, content: bytes) -> bytes:
    """Return a true workbook in which one member holds something else."""
    packed = io.BytesIO()
    whole = io.BytesIO(sheet(HEADER, ["松岭饺子馆", 1, "2026/05/06"]))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member.filename, old.read(member))
        new.writestr(name, content)
    return packed.getvalue()


def lying_bomb() -> bytes:
    """Return a workbook whose sheet unpacks to 64 MB and says that it is 1,000 bytes."""
    bomb = workbook_with("xl/worksheets/sheet1.xml", b" " * 64_000_000)
    true, false = struct.pack("<I", 64_000_000), struct.pack("<I", 1000)
    assert bomb.count(true) == 2
    return bomb.replace(true, false)


def encrypted() -> bytes:
    plain = bytearray(sheet(HEADER))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = plain.find(mark)
        while start >= 0:
            plain[start + place] |= 1
            start = plain.find(mark, start + 4)
    return bytes(plain)


GOOD_XLSX = sheet(HEADER, *(["松岭饺子馆", number, "2026/05/06"] for number in range(500)))
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "空的"),
    "only a BOM": (codecs.BOM_UTF8, "没有数据"),
    "only newlines": (b"\n\n\n", "没有数据"),
    "only a header": ("名称,代码,日期\n".encode(), "只有表头"),
    "only a header, XLSX": (sheet(HEADER), "只有表头"),
    "an empty workbook": (sheet(), "没有数据"),
    "no header": (b"a,b,c\n1,2,3\n", "没有找到表头，第一行是：a、b、c"),
    "data for a header": ("张三,230402199003071233,工农区\n".encode() * 3, "没有找到表头，第一行像是数据，不是列名"),
    "header below eleven rows": (("注\n" * 11 + PLAIN).encode(), "没有找到表头"),
    "old Excel, damaged": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "损坏"),
    "old Excel, encrypted": (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "密码"),
    "old Word": (bytes.fromhex("d0cf11e0a1b11ae1") + "WordDocument".encode("utf-16-le"), "Word"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0", "图片"),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF", "图片"),
    "HTML called Excel": ("\ufeff  <html xmlns:x='excel'><table><tr><td>名称".encode(), "没有找到表头，第一行是：名称"),
    "a page without a table": (b"<!DOCTYPE html><html><body><p>x</p></body></html>", "没有数据"),
    "XML of Excel 2003": (b'<?xml version="1.0"?><Workbook>', "这是 XML"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "先解压"),
    "gzip": (b"\x1f\x8b\x08\0" + bytes(8), "先解压"),
    "a zip of a CSV": (zipped(("许可.csv", PLAIN.encode())), "先解压"),
    "Word": (zipped(("word/document.xml", b"<x/>")), "Word"),
    "ODS": (zipped(("mimetype", b"x"), ("content.xml", b"<x/>")), "损坏|没有数据"),
    "a header that begins with PK": (b"PK,b,c\n1,2,3\n", "第一行是：PK、b、c"),
    "XLSB": (zipped(("xl/workbook.bin", b"x")), "损坏"),
    "a NUL in the text": (b"MC,DM,RQ\nx,\0,1\n", "第 2 行里有空字节"),
    "neither encoding": (b"MC,DM,RQ\n\xff\xff,1,2\n", "第 2 行既不是 UTF-8 也不是 GB18030"),
    "damaged UTF-8": ((PLAIN * 20).encode() + b"\xff\xfe,1,2\n", "第 41 行的编码坏了"),
    "cut inside a character": ((PLAIN * 20 + "饺").encode()[:-1], "没有传完"),
    "cut inside a character of GBK": (PLAIN.encode("gbk") + "松".encode("gbk")[:1], "没有传完"),
    "cut inside a row": ((PLAIN + "松岭,2").encode(), "最后一行只有 2 格，应有 3 格"),
    "a quote never closed": ((PLAIN + '"松岭,2,2026/05/06\n' + PLAIN).encode(), "引号没有配对"),
    "a quote never closed in a long file": (
        (PLAIN + '"松,2\n' + "松岭,2,2026/05/06\n" * 9000).encode(),
        "引号没有配对",
    ),
    "a line without end": (b"x" * 3_000_000, "一行超过 1 MB"),
    "a cut zip": (GOOD_XLSX[: len(GOOD_XLSX) // 2], "损坏或没有传完"),
    "a changed zip": (GOOD_XLSX[:700] + bytes(300) + GOOD_XLSX[1000:], "损坏"),
    "an encrypted zip": (encrypted(), "密码"),
    "a bomb": (workbook_with("xl/media/a.bin", bytes(9_000_000)), "解开后超过 7 MB"),
    "a bomb that lies": (lying_bomb(), "解开后超过 7 MB"),
    "a thousand parts too many": (
        zipped(("xl/workbook.xml", b"<x/>"), *((f"{n}", b"") for n in range(5001))),
        "个部分",
    ),
    "entities": (workbook_with("xl/workbook.xml", ENTITIES), "可能有害"),
    "a sheet that is no XML": (workbook_with("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"), "损坏"),
    "a workbook part that is no XML": (workbook_with("xl/workbook.xml", b"nonsense"), "损坏|没有数据"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD_FILES.values(), ids=BAD_FILES)
@pytest.mark.parametrize("held", [workbook.HELD_BYTES, 0], ids=["whole", "by row"])
def test_what_is_no_whole_table_is_refused_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, sentence: str, held: int
) -> None:
    monkeypatch.setattr(workbook, "HELD_BYTES", held)
    (tmp_path / "表.xlsx").write_bytes(content)

    with pytest.raises(NotReadable, match=sentence) as refusal:
        read(tmp_path / "表.xlsx")

    assert "\n" not in str(refusal.value)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def five_gigabytes(path: Path) -> None:
    path.touch()
    os.truncate(path, 5 * 1024**3)


def nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (a_folder, "是文件夹"),
        (a_pipe, "不是普通文件"),
        (five_gigabytes, "5.0 GB，超过上限 95 MB"),
        (nothing, "找不到文件"),
    ],
)
def test_what_cannot_be_opened_is_refused_at_once(tmp_path: Path, make: Callable[[Path], None], sentence: str) -> None:
    make(tmp_path / "表")

    with pytest.raises(NotReadable, match=sentence):
        read(tmp_path / "表")


def test_a_file_we_may_not_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:  # root, as which tests may run, may read everything
        raise PermissionError

    (tmp_path / "表").write_text(PLAIN)
    monkeypatch.setattr(Path, "open", forbidden)

    with pytest.raises(NotReadable, match="没有读取.*的权限"):
        read(tmp_path / "表")


def test_two_cells_in_far_corners_do_not_claim_all_memory(tmp_path: Path) -> None:
    rows = (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>MC</t></is></c><c r="B1" t="inlineStr"><is><t>DM</t></is></c></row>'
        b'<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    content = b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (space, rows)
    (tmp_path / "表.xlsx").write_bytes(workbook_with("xl/worksheets/sheet1.xml", content))

    rows_read = read(tmp_path / "表.xlsx")[2]

    assert [number for number, _ in rows_read] == [2, 1_048_576]


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text(PLAIN)

    with (
        pytest.raises(NotReadable, match="被改动"),
        open_table(path, limits=LIMITS, recognise=known) as table,
        path.open("a") as other,
    ):
        other.write("后来的,2,2026/05/06\n")
        other.flush()
        list(table.rows)


def test_the_size_is_that_of_the_bytes_as_they_came(tmp_path: Path) -> None:
    (tmp_path / "表.csv").write_bytes(PLAIN.encode())

    with open_table(tmp_path / "表.csv", limits=LIMITS, recognise=known) as table:
        content = table.content

    assert content.size == len(PLAIN.encode())
