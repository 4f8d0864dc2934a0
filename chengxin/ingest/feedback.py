"""反馈: the workbook that goes back to whoever sent a file, to be mended and sent as it is.

Rows stand in it as they were sent, as text; the original is read again for them, row by row, so that what is held is one
row, the notes of at most `NOTES` cells, and nothing else.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final

import xlsxwriter
from django.conf import settings
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from chengxin.credit.records import catalogue
from chengxin.credit.records.checks import CHECKS
from chengxin.ingest import batches
from chengxin.ingest.models import Batch
from chengxin.ingest.reading import headers
from chengxin.ingest.reading.headers import Names
from chengxin.ingest.reading.sheets import DOUBTFUL, GUIDE, REMARKS, WAITING, WRONG
from chengxin.ingest.reading.table import OWN_COLUMNS, Limits, NotReadable, Recognise, Table, open_table
from chengxin.ingest.setaside import LEVELS, Finding

log = logging.getLogger(__name__)

SHEET_ROWS: Final = 1_048_576
"""All that a sheet of Excel holds, its header included."""
CELL_CHARACTERS: Final = 32_767
NOTES: Final = 5_000
"""Cells with a note of their own. Beyond, the fill and the column 问题 still say which cell is wrong and why."""

MUCH: Final = 500_000
"""Bytes of findings, some thousand of them, from which on the workbook takes seconds and is written beforehand."""
_CUT: Final = "…（原文过长，这里没有写完）"
_NO_XML: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_WIDTHS: Final = (8, 60, 60)  # of our own columns, in characters
_WIDTH: Final = 20


def of(batch: Batch, out: BinaryIO) -> None:
    """Write the workbook that goes back for a batch, as it was last checked or applied.

    :raises NotReadable: the original is not kept any more, or not as it came.
    """
    source = batches.source_of(batch)
    write(
        original=batches.original(batch),
        limits=batches.limits(),
        recognise=batches.recogniser(batch),
        findings=batches.findings(batch),
        out=out,
        names=headers.names(catalogue.kind(batch.kind), source),
        encoding=source.encoding,
        folder=settings.FEEDBACK_DIR,
    )


def is_ready(batch: Batch) -> bool:
    """Tell whether the workbook of a batch can be had at once: it is small, or a worker has written it (`Writer`)."""
    found = batches.findings_file(batch.same_as_id or batch.pk)
    # Without the original nobody will ever write it, and whoever asks is told so.
    return _size(found) <= MUCH or _is_written(found) or not batches.original(batch).exists()


def open_for(batch: Batch) -> BinaryIO:
    """Open the workbook that goes back for a batch, for whoever is to have it now. Its place on the disk has no name.

    :raises NotReadable: as `of`.
    """
    found = batches.findings_file(batch.same_as_id or batch.pk)
    if _is_written(found):
        return found.with_suffix(".xlsx").open("rb")
    # In the folder of the feedback, since the rows may hold anybody's papers; gone once it is closed.
    file = tempfile.TemporaryFile(dir=settings.FEEDBACK_DIR)  # noqa: SIM115 — the caller closes it
    try:
        of(batch, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


class Writer:
    """Writes the large workbooks before anybody asks for them, one at a time. What cannot be written is left.

    What is to be done is what lies in the folder, so that a worker that is killed leaves it to the next.
    """

    def __init__(self) -> None:
        self._left: set[tuple[str, int]] = set()

    def step(self) -> bool:
        """Write the next workbook; tell whether there was one."""
        folder: Path = settings.FEEDBACK_DIR
        for found in sorted(folder.glob("*.jsonl"), reverse=True) if folder.exists() else ():
            if _size(found) <= MUCH or _is_written(found):
                continue
            with suppress(FileNotFoundError):
                mark = (found.name, found.stat().st_mtime_ns)
                if mark not in self._left:
                    self._left.add(mark)
                    self._write(int(found.stem), found, mark[1])
                    return True
        return False

    def _write(self, number: int, found: Path, made_at: int) -> None:
        batch = Batch.objects.filter(pk=number).exclude(state__in=("failed", "dropped")).first()
        if batch is None:
            return
        part = found.with_name(f".{number}-{secrets.token_hex(8)}.part")
        try:
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                of(batch, file)
            # It is of these findings and no others: a batch may be checked again meanwhile.
            os.utime(part, ns=(made_at, made_at))
            part.replace(found.with_suffix(".xlsx"))
        except (NotReadable, OSError) as error:
            log.warning("the feedback of batch %s could not be written: %s", number, error)
        finally:
            part.unlink(missing_ok=True)


def _size(found: Path) -> int:
    try:
        return found.stat().st_size
    except FileNotFoundError:
        return 0


def _is_written(found: Path) -> bool:
    try:
        return found.with_suffix(".xlsx").stat().st_mtime_ns == found.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def write(
    *,
    original: Path,
    limits: Limits,
    recognise: Recognise,
    findings: Iterable[Finding],
    out: BinaryIO,
    names: Names = tuple,
    encoding: str = "",
    folder: Path | None = None,
) -> None:
    """Write the workbook that goes back for a file.

    Rows that were not taken in stand on the sheet 待改正, wrong cells marked, with our own columns behind; rows taken in
    with a warning on a second sheet, rows whose subject is not known yet on a third.

    :param findings: in the order of their rows.
    :param folder: where the parts of the workbook stand meanwhile; they are as large as the workbook is.
    :param names: from the header as it was sent to the official names by which findings call columns.
    :raises NotReadable: the original cannot be read any more.
    """
    # A rejected row may hold anybody's ID number: what the writer puts aside stands in a folder of its own, mode 700.
    with tempfile.TemporaryDirectory(prefix=".feedback-", dir=folder) as parts:
        book = xlsxwriter.Workbook(out, {"constant_memory": True, "tmpdir": parts, "strings_to_urls": False})
        book.use_zip64()
        with open_table(original, limits=limits, recognise=recognise, encoding=encoding) as table:
            back = _Back(book, table.header, names(table.header))
            for row, cells, found in _rows_found(table, findings):
                back.add(row, cells, found)
            back.guide()
        book.close()


def _rows_found(table: Table, findings: Iterable[Finding]) -> Iterator[tuple[int, Sequence[str] | None, list[Finding]]]:
    """Yield each row that something was found about; without cells where the reader passes over it."""
    rows = iter(table.rows)
    row, cells = -1, None
    for number, group in groupby(findings, key=lambda finding: finding.row):
        while row < number:
            row, cells = next(rows, (SHEET_ROWS**2, None))
        yield number, cells if row == number else None, list(group)


class _Sheet:
    """A sheet, with others of its name where Excel's rows do not suffice."""

    def __init__(
        self, book: xlsxwriter.Workbook, name: str, header: Sequence[str], widths: Sequence[int], look: Format
    ) -> None:
        self._book, self._name, self._header, self._widths, self._look = book, name, header, widths, look
        self._sheets: list[Worksheet] = []
        self.rows = 0
        self._row = SHEET_ROWS

    def next_row(self, head: Format) -> tuple[Worksheet, int]:
        """Return where the next row is to be written."""
        if self._row >= SHEET_ROWS:
            self._begin(head)
        self.rows += 1
        self._row += 1
        return self._sheets[-1], self._row - 1

    def show(self) -> None:
        """Let the workbook open on this sheet."""
        if self._sheets:
            self._sheets[0].activate()

    def _begin(self, head: Format) -> None:
        number = len(self._sheets) + 1
        sheet = self._book.add_worksheet(self._name if number == 1 else f"{self._name}{number}")
        for column, width in enumerate(self._widths):
            sheet.set_column(column, column, width, self._look)  # of empty cells too
        for column, name in enumerate(self._header):
            sheet.write_string(0, column, _text(name), head)
        sheet.freeze_panes(1, 0)
        self._sheets.append(sheet)
        self._row = 1


class _Back:
    """The workbook while it is written."""

    def __init__(self, book: xlsxwriter.Workbook, header: Sequence[str], meant: Sequence[str]) -> None:
        self._book = book
        self._width = len(header)
        self._places: dict[str, int] = {}
        for place, name in reversed(list(enumerate(meant))):
            self._places[name] = place
        looks: dict[str, Any] = {"num_format": "@", "valign": "top"}  # text stays text, also when it is mended
        self._plain = book.add_format(looks)
        self._wrapped = book.add_format({**looks, "text_wrap": True})
        self._marked = book.add_format({**looks, "bg_color": "#FFC7CE", "bottom": 5, "bottom_color": "#9C0006"})
        self._head = book.add_format({"bold": True, "bg_color": "#E7ECF3", "text_wrap": True, "valign": "top"})
        own = (*header, *OWN_COLUMNS)
        widths = (*[_WIDTH] * self._width, *_WIDTHS)
        self._wrong, self._waiting, self._doubtful = (
            _Sheet(book, name, own, widths, self._plain) for name in (WRONG, WAITING, DOUBTFUL)
        )
        self._remarks = _Sheet(book, REMARKS, ("原行号", "列", "级别", "说明"), (8, 30, 8, 80), self._plain)
        self._notes = NOTES

    def add(self, row: int, cells: Sequence[str] | None, found: Sequence[Finding]) -> None:
        """Add what was found about one row, and the row."""
        worst = [one for one in found if one.level == "error"]
        told = [one for one in found if one.level != "info"]
        if cells is not None and worst:
            self._row(self._waiting if all(one.waiting for one in worst) else self._wrong, row, cells, told)
        elif cells is not None and told:
            self._row(self._doubtful, row, cells, told)
        for one in found if cells is None else (one for one in found if one.level == "info"):
            sheet, place = self._remarks.next_row(self._head)
            for column, text in enumerate((str(row), one.column, LEVELS[one.level], one.message)):
                sheet.write_string(place, column, _text(text), self._wrapped)

    def _row(self, where: _Sheet, row: int, cells: Sequence[str], found: Sequence[Finding]) -> None:
        sheet, place = where.next_row(self._head)
        wrong: dict[int, list[str]] = {}
        for one in found:
            if one.column in self._places:
                wrong.setdefault(self._places[one.column], []).append(one.message)
        for column, text in enumerate(cells[: self._width]):
            if text or column in wrong:
                sheet.write_string(place, column, _text(text), self._marked if column in wrong else self._plain)
        for column, messages in wrong.items():
            if self._notes > 0:
                self._notes -= 1
                sheet.write_comment(place, column, "\n".join(messages), {"author": "", "x_scale": 2})
        said = [_said(one) for one in found]
        if beyond := [text for text in cells[self._width :] if text]:
            said.append(f"表头之外多出的内容：{'、'.join(beyond)[:500]}")
        problem = said[0] if len(said) == 1 else "\n".join(f"{n}. {one}" for n, one in enumerate(said, start=1))
        advice = "\n".join(dict.fromkeys(CHECKS[one.code].advice for one in found if one.code in CHECKS))
        for column, text in enumerate((str(row), problem, advice), start=self._width):
            sheet.write_string(place, column, _text(text), self._wrapped)

    def guide(self) -> None:
        """Add the sheet that says what to do with the others."""
        self._wrong.show()
        sheet = self._book.add_worksheet(GUIDE)
        sheet.set_column(0, 0, 100)
        for place, text in enumerate(self._guide()):
            sheet.write_string(place, 0, text, self._head if not place else self._wrapped)

    def _guide(self) -> Iterator[str]:
        yield "这份表怎么用"
        if self._wrong.rows:
            yield f"“{WRONG}”有 {self._wrong.rows} 行没有入库。错的格已标出，“问题”一列写明是哪一列、错在哪里。"
            yield f"请直接在“{WRONG}”里改好，保存后把这份文件整个再报送一次。“{'”“'.join(OWN_COLUMNS)}”不用删，系统不读这几列。"
        else:
            yield "没有需要改正的行。"
        if self._waiting.rows:
            yield (
                f"“{WAITING}”有 {self._waiting.rows} 行，库里还没有这个主体。不用再报，主体登记信息到后自动入库；"
                f"如果是代码写错了，改好后移到“{WRONG}”里再报送。"
            )
        if self._doubtful.rows:
            yield f"“{DOUBTFUL}”有 {self._doubtful.rows} 行有疑问，但可用，照报来的样子入库；确实错了的，改好后移到“{WRONG}”里再报送。"
        if self._remarks.rows:
            yield f"“{REMARKS}”有 {self._remarks.rows} 条，不用处理。"


def _said(found: Finding) -> str:
    """Return the message, with the column's name before it where it does not name the column itself."""
    return found.message if not found.column or found.column in found.message else f"“{found.column}”：{found.message}"


def _text(cell: str) -> str:
    """Return a cell as Excel can hold it."""
    text = _NO_XML.sub("", cell)
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - len(_CUT)] + _CUT
