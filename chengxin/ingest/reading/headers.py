"""What the headers of one source's files of one kind mean: for the reader, which looks for them, and for the feedback."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chengxin.credit.records.form import Kind
from chengxin.ingest.reading.delimited import Recognise
from chengxin.ingest.sources import Source

Names = Callable[[Sequence[str]], Sequence[str]]
"""The official names of the columns that a header means; a header that means none stands for itself."""


def recognise(kind: Kind, source: Source) -> Recognise:
    """Return what tells how many cells of a row are names of the kind's columns, official or the source's own."""

    def count(cells: Sequence[str]) -> int:
        return sum(kind.column_for(name) is not None for name in source.translate(kind.name, cells) if name)

    return count


def names(kind: Kind, source: Source) -> Names:
    """Return what gives each header of a file the official name of its column."""

    def official(header: Sequence[str]) -> list[str]:
        meant = (kind.column_for(name) if name else None for name in source.translate(kind.name, header))
        return [column.name if column else sent for column, sent in zip(meant, header, strict=True)]

    return official
