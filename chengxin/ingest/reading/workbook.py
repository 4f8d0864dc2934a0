"""XLSX and its kin: a zip that is not trusted, cells that come out as the text the official tables ask for."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import openpyxl
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from chengxin.ingest.reading import apart, sheets
from chengxin.ingest.reading.celltext import text_of
from chengxin.ingest.reading.delimited import OpenRows, Recognise, Rows
from chengxin.ingest.reading.sheets import Told
from chengxin.ingest.reading.sniff import BROKEN, CHUNK, Content, Limits, NotReadable, directory, megabytes

HELD_BYTES: Final = 60 << 20
"""Sheets and strings up to this size are read whole, which is ten times faster; larger ones row by row."""
HELD_CELLS: Final = 3_000_000
"""A sheet read whole is held as a rectangle: two cells in far corners would claim all memory."""
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
_LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
_POSITION: Final = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,7})["']""")
_ERROR_CELL: Final = re.compile(rb"""<c [^>]*\bt=["']e["']""")
_OTHER_ZIPS: Final = (
    ("word/", "这是 Word 文档，不是数据表；请把表格复制到 Excel 中存为 .xlsx 再导入"),
    ("ppt/", "这是演示文稿，不是数据表；请向提供单位要 .xlsx 或 CSV"),
)
_BOOKS: Final = {"xlsx": "xl/workbook.xml", "xlsb": "xl/workbook.bin", "ods": "content.xml"}


@dataclass(frozen=True, slots=True)
class _Extent:
    """What the sheets hold in all: bytes of XML, the cells of the largest one's rectangle, whether one is an error."""

    sheet_bytes: int
    cells: int
    errors: bool


def read(file: BinaryIO, content: Content, limits: Limits, recognise: Recognise, told: Told) -> OpenRows:
    """Yield the rows of the visible sheet that has the header, each with its number in the sheet.

    :raises NotReadable: the zip is no workbook, damaged, encrypted or a bomb.
    """
    extent = _check(file, content.form, limits)
    file.seek(0)
    if content.form != "xlsx":
        yield from apart.read(file, content, limits, recognise, told)
        return
    # calamine gives an error (#N/A) as an empty cell, in which a lost value would not be seen.
    whole = extent.sheet_bytes <= HELD_BYTES and extent.cells <= HELD_CELLS and not extent.errors
    try:
        yield from (_read_whole if whole else _read_by_row)(file, recognise, told)
    except _DAMAGE as error:
        raise NotReadable(BROKEN) from error
    except BaseException as error:
        # calamine is written in Rust: what it did not foresee comes as a panic, which is no Exception.
        if type(error).__name__ == "PanicException":
            raise NotReadable(BROKEN) from error
        raise


def _read_whole(file: BinaryIO, recognise: Recognise, told: Told) -> Rows:
    book = CalamineWorkbook.from_filelike(file)
    names = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
    ]
    # iter_rows begins with the sheet's first row, also where that one is blank: numbers are those people see.
    yield from sheets.choose(names, lambda name: _texts(book.get_sheet_by_name(name).iter_rows()), recognise, told)


def _read_by_row(file: BinaryIO, recognise: Recognise, told: Told) -> Rows:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles that nobody here looks at
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    visible = {sheet.title: sheet for sheet in book.worksheets if sheet.sheet_state == "visible"}
    for sheet in visible.values():
        # Some programs write a false extent into the sheet, and rows would be cut to it.
        sheet.reset_dimensions()
    try:
        yield from sheets.choose(
            list(visible), lambda name: _texts(visible[name].iter_rows(values_only=True)), recognise, told
        )
    finally:
        book.close()


def _texts(rows: Iterable[Iterable[object]]) -> Rows:
    for number, row in enumerate(rows, start=1):
        cells = [text_of(cell) for cell in row]
        if any(cells):
            yield number, cells


def _check(file: BinaryIO, form: str, limits: Limits) -> _Extent:
    """Inflate every member once, counting: what a zip says of itself may be a lie.

    :raises NotReadable: not a workbook, damaged, encrypted, too large unpacked.
    """
    members = directory(file)
    if _BOOKS[form] not in members:
        sentence = next((said for part, said in _OTHER_ZIPS if any(name.startswith(part) for name in members)), None)
        raise NotReadable(sentence or "这是压缩包，请先解压，再导入里面的数据文件")
    most = limits.unpacked_bytes if form == "xlsx" else min(limits.unpacked_bytes, 8 * limits.held_bytes)
    if sum(member.file_size for member in members.values()) > most:
        raise NotReadable(_too_large(most))
    left, sheet_bytes, cells, errors = most, 0, 0, False
    for member in members.values():
        if member.flag_bits & 1:
            raise NotReadable("Excel 文件加了密码，请去掉密码后再导入")
        is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
        size, row, column = 0, 1, 1
        tail = b""
        for piece in _inflated(file, member):
            size += len(piece)
            if size > left:
                raise NotReadable(_too_large(most))
            if not tail and b"<!DOCTYPE" in piece and member.filename.endswith((".xml", ".rels")):
                raise NotReadable("Excel 文件里有不该有的定义，可能有害；请在 Excel 中另存为新文件再导入")
            if is_sheet:
                errors = errors or _ERROR_CELL.search(tail + piece) is not None
                for letters, digits in set(_POSITION.findall(tail + piece)):
                    row, column = max(row, int(digits)), max(column, _column(letters))
            tail = piece[-64:]
        if size != member.file_size:
            raise NotReadable(BROKEN)
        left -= size
        if is_sheet or member.filename == "xl/sharedStrings.xml":
            sheet_bytes += size
        cells = max(cells, row * column)
    return _Extent(sheet_bytes, cells, errors)


def _inflated(file: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's bytes as they really are, not as many as its header admits."""
    if member.header_offset < 0:
        raise NotReadable(BROKEN)
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
        raise NotReadable(BROKEN)
    name_length, extra_length = _LOCAL_HEADER.unpack(header)[-2:]
    file.seek(name_length + extra_length, 1)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotReadable("Excel 文件用了不常见的压缩方式，请在 Excel 中另存为新文件再导入")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type else None
    left = member.compress_size
    while left > 0:
        packed = file.read(min(CHUNK, left))
        if not packed:
            raise NotReadable(BROKEN)
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        while packed:
            try:
                piece = inflate.decompress(packed, CHUNK)
            except zlib.error as error:
                raise NotReadable(BROKEN) from error
            yield piece
            packed = inflate.unconsumed_tail
    while inflate is not None and not inflate.eof:
        # zlib may hold back what did not fit; a stream that never ends is damaged.
        try:
            piece = inflate.decompress(b"", CHUNK)
        except zlib.error as error:
            raise NotReadable(BROKEN) from error
        if not piece:
            raise NotReadable(BROKEN)
        yield piece


def _too_large(most: int) -> str:
    return f"Excel 文件解开后超过 {megabytes(most)}，可能有害；请拆成几个文件，或另存为 CSV 再导入"


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number or 1
