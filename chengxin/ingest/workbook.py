"""XLSX: a zip that is not trusted, cells that come out as the text the official tables ask for."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import BinaryIO, Final

import openpyxl
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from chengxin.ingest.delimited import HEAD_ROWS, Recognise, Rows
from chengxin.ingest.sniff import CHUNK, Limits, NotReadable, megabytes

MAX_MEMBERS: Final = 5_000
HELD_BYTES: Final = 60 << 20
"""Sheets and strings up to this size are read whole, which is ten times faster; larger ones row by row."""
HELD_CELLS: Final = 3_000_000
"""A sheet read whole is held as a rectangle: two cells in far corners would claim all memory."""
EXACT: Final = 10**15
"""Excel keeps fifteen digits: a longer number has lost some, so it is shown as Excel shows it and no check takes it."""

# SyntaxError: what XML's ParseError is. openpyxl raises the others on parts that are not as they should be.
_DAMAGE: Final = (
    CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    OSError,
)
_BROKEN: Final = "Excel 文件已损坏或没有传完，请重新传一份"
_LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
_POSITION: Final = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,7})["']""")
_OTHER_ZIPS: Final = (
    ("word/", "这是 Word 文档，不是数据表；请把表格复制到 Excel 中存为 .xlsx 再导入"),
    ("ppt/", "这是演示文稿，不是数据表；请向提供单位要 .xlsx 或 CSV"),
    ("xl/workbook.bin", "这是 Excel 二进制工作簿（.xlsb），请另存为 .xlsx 再导入"),
    ("content.xml", "这是 ODF 文档（.ods），请另存为 .xlsx 再导入"),
)


@dataclass(frozen=True, slots=True)
class _Extent:
    """What the sheets hold in all: bytes of XML, and the cells of the largest one's rectangle."""

    sheet_bytes: int
    cells: int


def read(file: BinaryIO, limits: Limits, recognise: Recognise) -> Rows:
    """Yield the rows of the first visible sheet that has a header, each with its number in the sheet.

    :raises NotReadable: the zip is no workbook, damaged, encrypted or a bomb.
    """
    extent = _check(file, limits)
    file.seek(0)
    whole = extent.sheet_bytes <= HELD_BYTES and extent.cells <= HELD_CELLS
    try:
        yield from _read_whole(file, recognise) if whole else _read_by_row(file, recognise)
    except _DAMAGE as error:
        raise NotReadable(_BROKEN) from error
    except BaseException as error:
        # calamine is written in Rust: what it did not foresee comes as a panic, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise NotReadable(_BROKEN) from error
        raise


def text_of(value: object) -> str:
    """Return a cell as text: dates as 2024-05-06, numbers without a trailing .0 and never as a rounded float.

    >>> text_of(3.0), text_of(0.1 + 0.2), text_of(9.1230402e17), text_of(datetime(2024, 5, 6))
    ('3', '0.3', '9.1230402E+17', '2024-05-06')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\0", "")  # no text of PostgreSQL holds one
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _number(value: float) -> str:
    if abs(value) >= EXACT:
        return _as_excel_shows(value)
    if value == int(value):
        return str(int(value))
    short = format(value, ".15g")
    return short if "e" not in short else format(value, ".15f").rstrip("0")


def _as_excel_shows(value: float) -> str:
    mantissa, exponent = format(value, ".14E").split("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"


def _read_whole(file: BinaryIO, recognise: Recognise) -> Rows:
    book = CalamineWorkbook.from_filelike(file)
    sheets = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
    ]
    # iter_rows begins with the sheet's first row, also where that one is blank: numbers are those people see.
    yield from _first_with_header(sheets, lambda name: book.get_sheet_by_name(name).iter_rows(), recognise)


def _read_by_row(file: BinaryIO, recognise: Recognise) -> Rows:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles that nobody here looks at
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheets = {sheet.title: sheet for sheet in book.worksheets if sheet.sheet_state == "visible"}
    for sheet in sheets.values():
        # Some programs write a false extent into the sheet, and rows would be cut to it.
        sheet.reset_dimensions()
    try:
        yield from _first_with_header(list(sheets), lambda name: sheets[name].iter_rows(values_only=True), recognise)
    finally:
        book.close()


def _first_with_header(
    names: Sequence[str], rows: Callable[[str], Iterable[Iterable[object]]], recognise: Recognise
) -> Rows:
    """Yield the rows of the first sheet whose head holds a header, else of the first that holds anything."""

    def texts(name: str) -> Rows:
        for number, row in enumerate(rows(name), start=1):
            cells = [text_of(cell) for cell in row]
            if any(cells):
                yield number, cells

    heads = {name: [row for _, row in islice(texts(name), HEAD_ROWS)] for name in names}
    found = [name for name in names if any(recognise(row) > 1 for row in heads[name])]
    filled = [name for name in names if heads[name]]
    return texts((found or filled)[0]) if filled else iter(())


def _check(file: BinaryIO, limits: Limits) -> _Extent:
    """Inflate every member once, counting: what a zip says of itself may be a lie.

    :raises NotReadable: not a workbook, damaged, encrypted, too large unpacked.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise NotReadable(_BROKEN) from error
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        sentence = next((said for part, said in _OTHER_ZIPS if any(name.startswith(part) for name in names)), None)
        raise NotReadable(sentence or "这是压缩包，请先解压，再导入里面的数据文件")
    if len(members) > MAX_MEMBERS:
        raise NotReadable(f"Excel 文件里有 {len(members)} 个部分，不正常；请在 Excel 中另存为新文件再导入")
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise NotReadable(_too_large(limits))
    left, sheet_bytes, cells = limits.unpacked_bytes, 0, 0
    for member in members:
        if member.flag_bits & 1:
            raise NotReadable("Excel 文件加了密码，请去掉密码后再导入")
        is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
        size, row, column = 0, 1, 1
        tail = b""
        for piece in _inflated(file, member):
            size += len(piece)
            if size > left:
                raise NotReadable(_too_large(limits))
            if not tail and b"<!DOCTYPE" in piece and member.filename.endswith((".xml", ".rels")):
                raise NotReadable("Excel 文件里有不该有的定义，可能有害；请在 Excel 中另存为新文件再导入")
            if is_sheet:
                for letters, digits in set(_POSITION.findall(tail + piece)):
                    row, column = max(row, int(digits)), max(column, _column(letters))
            tail = piece[-32:]
        if size != member.file_size:
            raise NotReadable(_BROKEN)
        left -= size
        if is_sheet or member.filename == "xl/sharedStrings.xml":
            sheet_bytes += size
        cells = max(cells, row * column)
    return _Extent(sheet_bytes, cells)


def _inflated(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's bytes as they really are, not as many as its header admits."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
        raise NotReadable(_BROKEN)
    name_length, extra_length = _LOCAL_HEADER.unpack(header)[-2:]
    file.seek(name_length + extra_length, 1)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotReadable("Excel 文件用了不常见的压缩方式，请在 Excel 中另存为新文件再导入")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type else None
    left = member.compress_size
    while left > 0:
        packed = file.read(min(CHUNK, left))
        if not packed:
            raise NotReadable(_BROKEN)
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        while packed:
            try:
                piece = inflate.decompress(packed, CHUNK)
            except zlib.error as error:
                raise NotReadable(_BROKEN) from error
            yield piece
            packed = inflate.unconsumed_tail
    while inflate is not None and not inflate.eof:
        # zlib may hold back what did not fit; a stream that never ends is damaged.
        try:
            piece = inflate.decompress(b"", CHUNK)
        except zlib.error as error:
            raise NotReadable(_BROKEN) from error
        if not piece:
            raise NotReadable(_BROKEN)
        yield piece


def _too_large(limits: Limits) -> str:
    return f"Excel 文件解开后超过 {megabytes(limits.unpacked_bytes)}，可能有害；请拆成几个文件，或另存为 CSV 再导入"


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number or 1
