"""XLS, XLSB, ODS, and tables that are web pages: forms that are read as a whole, so in a process of their own.

What is wrong with such a file cannot take us along: the process has its own limits of memory, time and output, no
environment, and writes its rows to a file without a name. Run with `-m`, this module is that process; it loads little.
"""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.parsers import expat

import msgspec
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from chengxin.ingest.reading.celltext import text_of
from chengxin.ingest.reading.delimited import OpenRows, Recognise
from chengxin.ingest.reading.sheets import Told, choose
from chengxin.ingest.reading.sniff import BROKEN, CHUNK, Content, Limits, NotReadable, megabytes

CPU_SECONDS: Final = 120
WALL_SECONDS: Final = 300
MEMORY_TIMES: Final = 16
"""Address space given, in times of what a file of such a form may have. A sheet of two far corners needs 400 MB."""
SPAN: Final = 1024
"""Columns or rows that one cell of a web page may span."""

_BOF: Final = bytes.fromhex("0908100000060500")
_FILEPASS: Final = 0x2F
_DAMAGED: Final = 3
_PASSWORD: Final = 4
_SENTENCES: Final = {
    _DAMAGED: BROKEN,
    _PASSWORD: "文件加了打开密码，请去掉密码后再导入",
}


def read(file: BinaryIO, content: Content, limits: Limits, recognise: Recognise, told: Told) -> OpenRows:
    """Yield the rows of the visible sheet that has the header, each with its number in the sheet.

    :raises NotReadable: damaged, encrypted, or more than the process may hold.
    """
    with tempfile.TemporaryFile() as rows:
        command = [
            sys.executable,
            "-m",
            __name__,
            content.form,
            content.encoding,
            str(MEMORY_TIMES * limits.held_bytes),
            str(limits.unpacked_bytes),
        ]
        try:
            code = subprocess.run(
                command,
                stdin=file,
                stdout=rows,
                stderr=subprocess.DEVNULL,
                env={},
                cwd=Path(__file__).parents[3],
                timeout=WALL_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
        if code:
            raise NotReadable(_SENTENCES.get(code) or _too_much(limits))
        names = [msgspec.json.decode(line) for line in _lines(rows) if line.startswith(b'"')]
        yield from choose(names, lambda name: _sheet(rows, name), recognise, told)


def _too_much(limits: Limits) -> str:
    return (
        f"文件读不出来：表太大（这种格式只读 {megabytes(limits.held_bytes)} 以内的）或已损坏；"
        "请在 Excel 或 WPS 中另存为 .xlsx 或 CSV 后再导入"
    )


def _lines(rows: Any) -> Iterator[bytes]:
    rows.seek(0)
    yield from rows


def _sheet(rows: Any, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    decode = msgspec.json.Decoder(tuple[int, list[str]]).decode
    within = False
    for line in _lines(rows):
        if line.startswith(b'"'):
            if within:
                return
            within = msgspec.json.decode(line) == name
        elif within:
            yield decode(line)


# ---- The process of its own --------------------------------------------------------------------------------------

Sheets = Iterator[tuple[str, Iterator[Sequence[str]]]]


def _main(form: str, encoding: str, memory: int, output: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, out, encode = sys.stdin.buffer, sys.stdout.buffer, msgspec.json.encode
    source.seek(0)  # the place is shared with whoever opened the file, who has read in it
    try:
        for name, rows in {"html": _page, "xml": _excel_2003}.get(form, _book)(source, encoding):
            out.write(encode(name) + b"\n")
            for number, cells in enumerate(rows, start=1):
                if any(cells):
                    out.write(encode((number, cells)) + b"\n")
        out.flush()
    except PasswordError:
        return _PASSWORD
    except (CalamineError, expat.ExpatError, ValueError, LookupError):
        return _DAMAGED
    except BaseException as error:  # noqa: BLE001 — calamine's panics are no Exception, and the file is to blame
        return _DAMAGED if type(error).__name__ == "PanicException" else 1
    return 0


def _book(source: BinaryIO, _: str) -> Sheets:
    whole = source.read()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(whole))
    except CalamineError:
        raise PasswordError if _is_encrypted(whole) else CalamineError from None
    for sheet in book.sheets_metadata:
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible:
            rows = book.get_sheet_by_name(sheet.name).iter_rows()
            yield sheet.name, ([text_of(cell) for cell in row] for row in rows)


def _is_encrypted(whole: bytes) -> bool:
    """Tell whether an old workbook begins with the record FILEPASS, which calamine does not name as the reason."""
    place = whole.find(_BOF)
    for _ in range(5):
        if place < 0 or place + 4 > len(whole):
            return False
        record, length = struct.unpack_from("<HH", whole, place)
        if record == _FILEPASS:
            return True
        place += 4 + length
    return False


class _Page(HTMLParser):
    """The rows of the tables of a web page, with what spans several columns or rows in its first cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span = 1
        self._below: dict[int, int] = {}  # column → rows that are still taken from above
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script"):
            self._silent += 1
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            if self._row is None:
                self._row = []
            self._pass_taken()
            said = dict(attrs)
            self._span = _span(said.get("colspan"))
            for column in range(len(self._row), len(self._row) + self._span) if _span(said.get("rowspan")) > 1 else ():
                self._below[column] = _span(said.get("rowspan"))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._silent = max(0, self._silent - 1)
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data.replace("\n", " ").replace("\r", " "))

    def _pass_taken(self) -> None:
        assert self._row is not None  # noqa: S101 — a cell has begun a row
        while self._below.get(len(self._row), 0) > 0:
            self._row.append("")

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            # Blanks and lines of the page's source are no part of what it shows.
            text = "\n".join(" ".join(line.split()) for line in "".join(self._cell).split("\n") if line.strip())
            self._row += [text, *[""] * (self._span - 1)]
            self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self.rows.append(self._row)
            self._row = None
            self._below = {column: left - 1 for column, left in self._below.items() if left > 1}


def _span(said: str | None) -> int:
    text = (said or "").strip()
    return min(SPAN, max(1, int(text))) if text.isascii() and text.isdigit() else 1


def _page(source: BinaryIO, encoding: str) -> Sheets:
    yield "网页", _page_rows(source, encoding)


def _page_rows(source: BinaryIO, encoding: str) -> Iterator[Sequence[str]]:
    page = _Page()
    text = io.TextIOWrapper(source, encoding=encoding, newline="")
    while piece := text.read(CHUNK):
        page.feed(piece)
        yield from page.rows
        page.rows.clear()
    page.close()
    page.handle_endtag("table")
    yield from page.rows


class _Excel2003:
    """The sheets of a workbook that is one XML file. Only what stands in cells is kept."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, list[list[str]]]] = []
        self._text: list[str] | None = None
        self._sort, self._across = "", 0

    def start(self, tag: str, said: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "Worksheet":
                self.sheets.append((said.get("ss:Name", ""), []))
            case "Row" if self.sheets:
                self._fill(self.sheets[-1][1], said, [])
            case "Cell" if self.sheets and self.sheets[-1][1]:
                self._fill(self.sheets[-1][1][-1], said, "")
                self._across = int(said.get("ss:MergeAcross", "0"))
            case "Data":
                self._text, self._sort = [], said.get("ss:Type", "")

    @staticmethod
    def _fill(line: list[Any], said: dict[str, str], empty: Any) -> None:
        while len(line) < int(said.get("ss:Index", "0")) - 1:
            line.append([] if empty == [] else empty)
        line.append([] if empty == [] else empty)

    def end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "Data" if self._text is not None and self.sheets and self.sheets[-1][1] and self.sheets[-1][1][-1]:
                self.sheets[-1][1][-1][-1] = self._said("".join(self._text))
                self._text = None
            case "Cell" if self.sheets and self.sheets[-1][1]:
                self.sheets[-1][1][-1] += [""] * min(SPAN, self._across)

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _said(self, text: str) -> str:
        match self._sort:
            case "Number":
                return text_of(float(text)) if "." in text or "E" in text else text_of(int(text))
            case "DateTime":
                return text.partition(".")[0].removesuffix("T00:00:00").replace("T", " ")
            case "Boolean":
                return text_of(text == "1")
        return text


def _excel_2003(source: BinaryIO, _: str) -> Sheets:
    book = _Excel2003()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = book.start, book.end
    parser.CharacterDataHandler = book.data
    parser.ParseFile(source)
    for name, rows in book.sheets:
        yield name, iter(rows)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
