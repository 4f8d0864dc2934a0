"""Whatever a file is and whatever stands in it: no row is lost, and what cannot be read is said in one sentence."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chengxin.ingest.reading import workbook
from chengxin.ingest.reading.table import Limits, NotReadable, open_table
from tests.ingest.reading import forms
from tests.ingest.test_intake import LICENCE, counts, intake, known, table

LIMITS = Limits(file_bytes=100_000_000, unpacked_bytes=50_000_000)
HEADER = ["名称", "代码", "日期"]
LINE_FORMS = [name for name in forms.FORMS if not name.startswith("JSON")]


def recognise(cells: Sequence[str]) -> int:
    return sum(cell.strip() in HEADER for cell in cells)


def read(content: bytes) -> list[list[str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "表"
        path.write_bytes(content)
        with open_table(path, limits=LIMITS, recognise=recognise) as opened:
            assert list(opened.header) == HEADER
            return [list(cells) for _, cells in opened.rows]


# ---- What is written is read -------------------------------------------------------------------------------------

# Letters of every script, punctuation, digits; no control characters, which no form keeps alike.
TEXT = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" \u3000,;|\"'="), max_size=20)
# The first cell keeps a row from being taken for a total, a title or a blank one.
TABLES = st.lists(st.tuples(st.just("店"), TEXT, TEXT).map(list), min_size=1, max_size=8)


def by_openpyxl(rows: forms.Rows) -> bytes:
    book = openpyxl.Workbook()
    for number, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            book.active.cell(number, column).value = cell
            book.active.cell(number, column).data_type = "s"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@settings(max_examples=40)
@given(
    rows=TABLES,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"]),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_csv_is_read_as_it_was_written(
    rows: list[list[str]], encoding: str, delimiter: str, quoting: int, end: str
) -> None:
    assume(not any(cell.startswith(('="', ' "')) for cells in rows for cell in cells))  # said otherwise on purpose

    content = forms.csv_of([HEADER, *rows], encoding, delimiter=delimiter, quoting=quoting, lineterminator=end)

    assert read(content) == rows


@settings(max_examples=25)
@given(rows=TABLES, held=st.sampled_from([workbook.HELD_BYTES, 0]))
def test_a_workbook_is_read_as_either_library_wrote_it(rows: list[list[str]], held: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "HELD_BYTES", held)

        assert read(by_openpyxl([HEADER, *rows])) == read(forms.xlsx_of([HEADER, *rows])) == rows


@settings(max_examples=25)
@given(rows=TABLES, form=st.sampled_from(["JSON lines", "JSON array"]))
def test_json_is_read_as_it_was_written(rows: list[list[str]], form: str) -> None:
    assert read(forms.FORMS[form]([HEADER, *rows])) == rows


# ---- Nothing breaks, nothing is lost -----------------------------------------------------------------------------


@settings(max_examples=80)
@given(
    form=st.sampled_from(["CSV", "CSV, GB18030", "CSV, UTF-16", "XLSX", "JSON lines", "JSON array"]),
    cut=st.integers(0, 2000),
    junk=st.binary(max_size=40),
    place=st.integers(0, 2000),
)
def test_a_damaged_file_is_read_or_refused_with_one_sentence(form: str, cut: int, junk: bytes, place: int) -> None:
    whole = forms.FORMS[form]([HEADER, *([["店", "1", "2026/05/06"]] * 20)])
    damaged = whole[: place % len(whole)] + junk + whole[(place + cut) % len(whole) :]

    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "表"
            path.write_bytes(damaged)
            with open_table(path, limits=LIMITS, recognise=recognise) as opened:
                assert all(len(cells) >= len(opened.header) for _, cells in opened.rows)
    except NotReadable as refusal:
        assert str(refusal) and "\n" not in str(refusal)


JUNK = (
    "",
    " ",
    "NULL",
    "无",
    "测试",
    "=1+1",
    "#N/A",
    "9.12304021234568E+17",
    "２０２６年５月６日",
    "2099/12/31",
    "46148",
    "松岭\n饺子馆",
    "“”，；、",
    "230402199003071233",
    "13800138000",
    "长" * 9000,
    "92230402MA1CTE575M",
    "自然人",
    "𠮷🀄",
)
DATA_ROWS = st.lists(
    st.tuples(
        st.integers(1, 6),  # the number of the licence: the same one may come twice
        st.lists(st.tuples(st.integers(0, 17), st.sampled_from(JUNK)), max_size=3),
    ),
    min_size=1,
    max_size=10,
)
NO_RECORDS = st.lists(
    st.tuples(st.integers(0, 10), st.sampled_from(["blank", "header", "total", "signed"])), max_size=3
)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(form=st.sampled_from(list(forms.FORMS)), data=DATA_ROWS, others=NO_RECORDS, titles=st.integers(0, 5))
def test_every_row_of_a_dirty_file_is_accepted_unchanged_or_rejected(
    tmp_path: Path,
    form: str,
    data: list[tuple[int, list[tuple[int, str]]]],
    others: list[tuple[int, str]],
    titles: int,
) -> None:
    known()
    header, plain = table("licence", [LICENCE])
    number_at = header.index("行政许可决定文书号")
    rows = []
    for number, changes in data:
        cells = list(plain)
        cells[number_at] = f"鹤市监食许〔2026〕{number}号"
        for place, text in changes:
            cells[place % len(cells) or 1] = text  # the first cell stays, lest the row be blank
        rows.append(cells)
    lines = list(rows)
    if form in LINE_FORMS:
        no_records = {
            "blank": [""] * len(header),
            "header": header,
            "total": ["合计", "", "3", *[""] * (len(header) - 3)],
            "signed": ["填表人：张三", *[""] * (len(header) - 1)],
        }
        for place, sort in others:
            lines.insert(min(place, len(lines)), no_records[sort])
        lines = [*[["行政许可信息表", *[""] * (len(header) - 1)]] * titles, header, *lines]
    else:
        lines = [header, *lines]
    path = tmp_path / "表"
    path.write_bytes(forms.FORMS[form](lines))

    report = intake(path)

    assert counts(report)[0] == len(rows)
