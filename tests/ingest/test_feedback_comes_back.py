"""The feedback workbook, mended where it is marked and nowhere else, goes in whole."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chengxin.credit.records.models import Record
from chengxin.ingest.reading.sheets import DOUBTFUL, WAITING, WRONG
from chengxin.ingest.reading.table import OWN_COLUMNS
from tests import make
from tests.ingest.reading import forms
from tests.ingest.test_intake import counts, intake, known, licence, table

pytestmark = pytest.mark.django_db(transaction=True)

# What may be wrong with which column. One that is wrong is told at once with all others of its row.
SPOILT = {
    "XK_XDR_MC": ("", "松岭里 饺子馆", "A", "测试"),
    "XK_XDR_LB": ("", "公司", "#N/A"),
    "XK_XDR_SHXYM": ("92230402MA1CTE575X", "9.22304021234568E+17", "12"),
    "XK_FRDB": ("",),
    "XK_WSH": ("", "NULL", "长" * 300, "1.23E+17"),
    "XK_XKLB": ("", "别的", "其他"),
    "XK_NR": ("", "联系电话13800138000", "身份证号230402199003071233"),
    "XK_JDRQ": ("", "2026/02/30", "２０２６年十三月", "2027/01/01"),
    "XK_YXQZ": ("", "某日"),
    "XK_XKJGDM": ("", "1123050000175530"),
    "XK_ZT": ("", "3"),
}
SPOILS = st.dictionaries(st.sampled_from(sorted(SPOILT)), st.integers(0, 3), max_size=3)


def mended(back: Path, good: Mapping[int, Mapping[str, str]]) -> Path:
    """Put into each marked cell what should have stood there, by the number of its row in the file sent."""
    book = openpyxl.load_workbook(back)
    sheet = book[WRONG]
    header = [cell.value for cell in sheet[1]]
    number_at = header.index(OWN_COLUMNS[0])
    for row in sheet.iter_rows(min_row=2):
        marked = [cell for cell in row if cell.fill.fill_type == "solid"]
        assert marked, [cell.value for cell in row]
        for cell in marked:
            assert cell.comment
            cell.value = good[int(row[number_at].value)][header[cell.column - 1]]
    book.save(back)
    return back


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    form=st.sampled_from(list(forms.FORMS)),
    spoils=st.lists(SPOILS, min_size=1, max_size=8),
    by_code=st.booleans(),
    titles=st.integers(0, 3),
)
def test_a_mended_feedback_workbook_goes_in_whole(
    tmp_path: Path, form: str, spoils: list[dict[str, int]], by_code: bool, titles: int
) -> None:
    known()
    before = Record.objects.count()
    number = make.NOW.year * 10_000 + before  # other licences than those of earlier examples
    right = [licence(number + place) for place in range(len(spoils))]
    wrong = [
        {**row, **{code: SPOILT[code][which % len(SPOILT[code])] for code, which in spoil.items()}}
        for row, spoil in zip(right, spoils, strict=True)
    ]
    header, *sent = table("licence", wrong, by_code=by_code)
    _, *good = table("licence", right, by_code=by_code)
    above = [] if form.startswith("JSON") else [["行政许可信息", *[""] * (len(header) - 1)]] * titles
    path = tmp_path / "表"
    path.write_bytes(forms.FORMS[form]([*above, header, *sent]))
    first_row = 1 if form.startswith("JSON") else len(above) + 2
    by_row = {first_row + place: dict(zip(header, cells, strict=True)) for place, cells in enumerate(good)}

    report = intake(path)

    rejected = counts(report)[3]
    assert report.waiting == 0
    if rejected:
        assert report.feedback
        again = intake(mended(report.feedback, by_row), days=1)
        assert counts(again) == (rejected, rejected, 0, 0, 0)
    assert Record.objects.count() - before == len(spoils)


def test_rows_that_wait_and_rows_in_doubt_stand_apart_and_are_not_read_again(tmp_path: Path) -> None:
    known()
    rows = [licence(1, XK_JDRQ="某日"), licence(2, XK_XDR_SHXYM=make.OTHER_USCC), licence(3, XK_XDR_MC="山岭里饺子馆")]
    path = tmp_path / "许可.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table("licence", rows))

    report = intake(path)

    assert report.feedback
    assert {WRONG, WAITING, DOUBTFUL} <= set(openpyxl.load_workbook(report.feedback).sheetnames)
    header, good = table("licence", [licence(1)])
    again = intake(mended(report.feedback, {2: dict(zip(header, good, strict=True))}), days=1)
    assert counts(again) == (1, 1, 0, 0, 0)
