"""A file as a header and numbered rows of text, whatever it is: the door's one way in.

A file is opened once and never trusted: it is told by its content, counted while it is unpacked, and what cannot be
read is answered by one sentence (`NotReadable`) before or while its rows are handed out.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final

from chengxin.ingest import delimited, workbook
from chengxin.ingest.delimited import HEAD_ROWS, Recognise, Rows
from chengxin.ingest.sniff import XLSX, Content, Limits, NotReadable, examine, open_file

__all__ = ["OWN_COLUMNS", "Content", "Limits", "NotReadable", "Recognise", "Rows", "Table", "open_table"]

OWN_COLUMNS: Final = ("原行号", "问题", "怎么改")
"""What `feedback.write` adds at the end of a row. A workbook that comes back mended is read without them."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one file: its header and the rows below it, read as they are asked for."""

    content: Content
    header: tuple[str, ...]
    rows: Rows
    file: BinaryIO

    @property
    def share(self) -> float | None:
        """How much of the file has been read, where that can be told."""
        return self.file.tell() / self.content.size if self.content.encoding != XLSX else None


@contextmanager
def open_table(path: Path, *, limits: Limits, recognise: Recognise, encoding: str = "") -> Iterator[Table]:
    """Open a file and find its header among the first rows.

    :raises NotReadable: on opening, or while the rows are read.
    """
    with open_file(path, limits) as file:
        content = examine(file, encoding)
        before = path.stat()
        with closing(_rows(file, content, limits, recognise)) as rows:
            header, below = _without_own(*_split(rows, recognise))
            yield Table(content, header, _guarded(below, len(header)), file)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise NotReadable("文件在读取过程中被改动，请等它写完后再导入")


def _rows(
    file: BinaryIO, content: Content, limits: Limits, recognise: Recognise
) -> Generator[tuple[int, Sequence[str]], None, None]:
    if content.encoding == XLSX:
        yield from workbook.read(file, limits, recognise)
    else:
        yield from delimited.read(file, content, recognise)


def _split(rows: Rows, recognise: Recognise) -> tuple[tuple[str, ...], Rows]:
    head = list(islice(rows, HEAD_ROWS))
    if not head:
        raise NotReadable("文件里没有数据；请向提供单位重新要一份")
    place = max(range(len(head)), key=lambda index: recognise(head[index][1]))
    names = head[place][1]
    if recognise(names) < 2:
        raise NotReadable(f"没有找到表头，第一行是：{_quoted(head[0][1])}；请使用官方表的列名，或核对所选的种类")
    below = head[place + 1 :]
    # The official template states its columns twice, by name and by code: the second line is no row.
    while below and recognise(below[0][1]) * 2 > recognise(names):
        below.pop(0)
    first = next(rows, None) if not below else None
    if not below and first is None:
        raise NotReadable("文件里只有表头，没有数据行；请向提供单位重新要一份")
    return tuple(names), chain(below, () if first is None else (first,), rows)


def _without_own(header: tuple[str, ...], rows: Rows) -> tuple[tuple[str, ...], Rows]:
    kept = [index for index, name in enumerate(header) if name.strip() not in OWN_COLUMNS]
    if len(kept) == len(header) or len(kept) < 2:
        return header, rows
    pick, width = itemgetter(*kept), len(header)
    blank = [""] * width
    below = ((number, [*pick([*cells, *blank[len(cells) :]]), *cells[width:]]) for number, cells in rows)
    return tuple(pick(header)), below


def _guarded(rows: Rows, width: int) -> Rows:
    """Hand the rows on with exactly the header's cells, unless there are more that hold something."""
    blank = [""] * width
    for number, cells in rows:
        held = len(cells)
        if held == width:
            yield number, cells
        elif held < width:
            yield number, [*cells, *blank[held:]]
        else:
            yield number, cells if any(cells[width:]) else cells[:width]


def _quoted(cells: Sequence[str]) -> str:
    said = "、".join(cell.strip() for cell in cells if cell.strip())
    return said[:80] + ("…" if len(said) > 80 else "")
