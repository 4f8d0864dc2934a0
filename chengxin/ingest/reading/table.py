"""A file as a header and numbered rows of text, whatever it is: the door's one way in.

A file is opened once and never trusted: it is told by its content, counted while it is unpacked, and what cannot be
read is answered by one sentence (`NotReadable`) before or while its rows are handed out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final

from chengxin.credit.records.checks import message
from chengxin.ingest.reading import apart, delimited, jsonlines, workbook
from chengxin.ingest.reading.delimited import HEAD_ROWS, OpenRows, Recognise, Rows
from chengxin.ingest.reading.sheets import Told
from chengxin.ingest.reading.sniff import Content, Limits, NotReadable, examine, open_file
from chengxin.terms import privacy

__all__ = ["OWN_COLUMNS", "Content", "Limits", "NotReadable", "Recognise", "Rows", "Table", "Told", "open_table"]

OWN_COLUMNS: Final = ("原行号", "问题", "怎么改")
"""What `feedback.write` adds at the end of a row. A workbook that comes back mended is read without them."""
BELOW_ROWS: Final = 3
"""Rows below the header that may still be of it: by code, a second level, the columns' numbers."""
MOST_COLUMNS: Final = 2000

_NUMBER: Final = re.compile(r"[(（]?(\d{1,4})[)）]?")
_TOTAL: Final = re.compile(r"(?:本[页表])?(?:合\s*计|总\s*计|小\s*计|共\s*计)[:：]?\s*(?:\d+\s*[条户家件个]?)?")
_SIGNED: Final = re.compile(
    r"(?:填\s*表|制\s*表|填\s*报|审\s*核|复\s*核|经\s*办|负\s*责|联\s*系|报\s*送)"
    r"(?:\s*(?:单位|部门|人|人员|时间|日期|电话|方式))*(?:[(（][^)）]{0,20}[)）])?\s*[:：]|(?:注|备注|说明|填表说明)\s*[:：]"
)
_FIRST_LETTERS: Final = "本合总小共填制审复经负联报注备说"


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
        return self.file.tell() / self.content.size if self.content.form in ("text", "json") else None


@contextmanager
def open_table(
    path: Path, *, limits: Limits, recognise: Recognise, encoding: str = "", told: Told = lambda row, said: None
) -> Iterator[Table]:
    """Open a file and find its header among the first rows.

    :param told: hears of every row below the header that is passed over since it is no record, before the next row.
    :raises NotReadable: on opening, or while the rows are read.
    """
    with open_file(path, limits) as file:
        content = examine(file, limits, encoding)
        before = path.stat()
        with closing(_rows(file, content, limits, recognise, told)) as rows:
            head, below = _split(rows, recognise, told)
            header, kept = _without_own(head, _records(below, head, told))
            yield Table(content, header, kept, file)
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise NotReadable("文件在读取过程中被改动，请等它写完后再导入")


def _rows(file: BinaryIO, content: Content, limits: Limits, recognise: Recognise, told: Told) -> OpenRows:
    match content.form:
        case "text":
            return delimited.read(file, content, recognise)
        case "json" | "array":
            return jsonlines.read(file, content)
        case "xlsx" | "xlsb" | "ods":
            return workbook.read(file, content, limits, recognise, told)
        case "xls" | "html" | "xml":
            return apart.read(file, content, limits, recognise, told)


@dataclass(frozen=True, slots=True)
class _Head:
    """The header, and the rows above it and of it as they stand there, by which they are known again below."""

    names: tuple[str, ...]
    seen: frozenset[tuple[str, ...]]


def _split(rows: Rows, recognise: Recognise, told: Told) -> tuple[_Head, Rows]:
    head = list(islice(rows, HEAD_ROWS + BELOW_ROWS))
    if not head:
        raise NotReadable("文件里没有数据；请向提供单位重新要一份")
    place = max(range(min(HEAD_ROWS, len(head))), key=lambda index: recognise(head[index][1]))
    names = _with_group(head[place][1], head[place - 1][1] if place else (), recognise)
    if recognise(names) < 2:
        # A file without a header begins with somebody's row: what is told is kept, and read by more than the sender.
        if any(privacy.find(cell) for cell in head[0][1]):
            raise NotReadable("没有找到表头，第一行像是数据，不是列名；请在最上面加一行官方表的列名，或从模板填写")
        raise NotReadable(f"没有找到表头，第一行是：{_quoted(head[0][1])}；请使用官方表的列名，或核对所选的种类")
    if len(names) > MOST_COLUMNS:
        raise NotReadable(f"表头有 {len(names)} 列，不是官方表；请删去多余的列")
    seen = {_bare(cells) for _, cells in head[: place + 1]}
    below = head[place + 1 :]
    while below and (more := _goes_on(names, below[0][1], recognise)):
        seen.add(_bare(below[0][1]))
        names = more
        below.pop(0)
    if below and _counts_columns(below[0][1]):
        told(below[0][0], message("E40", "numbers"))
        below.pop(0)
    first = next(rows, None) if not below else None
    if not below and first is None:
        raise NotReadable("文件里只有表头，没有数据行；请向提供单位重新要一份")
    return _Head(tuple(names), frozenset(seen)), chain(below, () if first is None else (first,), rows)


def _with_group(lower: Sequence[str], upper: Sequence[str], recognise: Recognise) -> list[str]:
    """Return a header of two rows as one: a name may stand above, merged, or be a group's and a column's together.

    >>> known = {"文号", "相对人名称", "机关"}
    >>> _with_group(["", "名称", "代码"], ["文号", "相对人", ""], lambda names: len(known.intersection(names)))
    ['文号', '相对人名称', '代码']
    """
    names, group = list(lower), ""
    if sum(1 for cell in upper if cell.strip()) < 2:
        return names  # a title
    for place, name in enumerate(lower):
        above = upper[place].strip() if place < len(upper) else ""
        group = above or group  # what is merged stands in its first cell
        bare = name.strip()
        both = group + bare
        # Where two groups have a 名称 each, the name alone does not say whose.
        wanted = ((both, name) if lower.count(name) > 1 else (name, both)) if bare else ()
        names[place] = next((one for one in (*wanted, above) if one and recognise([one])), name)
    return names


def _goes_on(names: Sequence[str], cells: Sequence[str], recognise: Recognise) -> list[str] | None:
    """Return the header with the row below it, if that is a part of the header and no row."""
    filled = {place: cell for place, cell in enumerate(cells[: len(names)]) if cell.strip()}
    known = {place for place, cell in filled.items() if recognise([cell])}
    if any(recognise([names[place]]) for place in filled):
        # The official template states its columns twice, by name and by code.
        return list(names) if len(known) * 2 > recognise(names) else None
    joined = _with_group([cells[place] if place in filled else "" for place in range(len(names))], names, recognise)
    better = recognise(joined) > recognise(names)
    return [new or old for new, old in zip(joined, names, strict=True)] if better else None


def _counts_columns(cells: Sequence[str]) -> bool:
    """Tell whether a row numbers the columns: 1, 2, 3, as printed forms do below their header."""
    numbers = [found[1] for cell in cells if (found := _NUMBER.fullmatch(cell.strip()))]
    filled = sum(1 for cell in cells if cell.strip())
    return len(numbers) == filled > 2 and [int(one) for one in numbers] == list(
        range(int(numbers[0]), int(numbers[0]) + filled)
    )


def _without_own(head: _Head, rows: Rows) -> tuple[tuple[str, ...], Rows]:
    kept = [index for index, name in enumerate(head.names) if name.strip() not in OWN_COLUMNS]
    if len(kept) == len(head.names) or len(kept) < 2:
        return head.names, rows
    pick, width = itemgetter(*kept), len(head.names)
    blank = [""] * width
    below = ((number, [*pick([*cells, *blank[len(cells) :]]), *cells[width:]]) for number, cells in rows)
    return tuple(pick(head.names)), below


def _records(rows: Rows, head: _Head, told: Told) -> Rows:
    """Hand on the rows that are records, with exactly the header's cells unless there are more that hold something.

    What is passed over is told, but for rows of blanks: a header or title repeated at a page's top, a total, a signature.
    """
    width = len(head.names)
    blank = [""] * width
    # One look at a row's first letter spares nearly every row the rest.
    suspect = {"", " ", "\u3000", *_FIRST_LETTERS, *(cells[0][:1] for cells in head.seen if cells)}
    for number, cells in rows:
        if cells[0][:1] in suspect:
            said = _no_record(cells, head)
            if said:
                told(number, said)
                continue
            if said is not None:
                continue
        held = len(cells)
        if held == width:
            yield number, cells
        elif held < width:
            yield number, [*cells, *blank[held:]]
        else:
            yield number, cells if any(cells[width:]) else cells[:width]


def _no_record(cells: Sequence[str], head: _Head) -> str | None:
    """Return why a row is no record, nothing where it is blank, None where it is one."""
    filled = [cell.strip() for cell in cells if cell and not cell.isspace()]
    if not filled:
        return ""
    if _bare(cells) in head.seen:
        return message("E40", "repeated")
    if _TOTAL.fullmatch(filled[0]) and len(filled) * 2 <= len(head.names) + 1:
        return message("E40", "total")
    if _SIGNED.match(filled[0]) and len(filled) * 2 <= len(head.names) + 1:
        return message("E40", "signed")
    return None


def _bare(cells: Sequence[str]) -> tuple[str, ...]:
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return tuple(stripped)


def _quoted(cells: Sequence[str]) -> str:
    said = "、".join(cell.strip() for cell in cells if cell.strip())
    return said[:80] + ("…" if len(said) > 80 else "")
