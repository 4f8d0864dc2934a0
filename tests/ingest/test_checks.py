"""The checks that need the file, the register or what stood before: each has rows that fail it and rows that pass.

Those of a row alone stand in tests/credit/records/test_checks.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter

from chengxin.credit.records import checks
from chengxin.credit.records.checks import CHECKS
from chengxin.credit.subjects.rules import called
from chengxin.ingest import batches, waiting
from chengxin.ingest.models import Batch
from chengxin.people.models import Unit
from tests import make
from tests.ingest.test_batches import applied, content, licences
from tests.ingest.test_intake import OFFICE, known, licence, table
from tests.ingest.test_stops import correct, penalties, stop

pytestmark = pytest.mark.django_db(transaction=True)

NAME: Final = "鹤岗市工农区松岭里饺子馆"
REGNO: Final = "230402600012345"
NAMELESS: Final = {"XK_XDR_SHXYM": "", "XK_XDR_MC": NAME}


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


def named(row: Mapping[str, str] = NAMELESS, **registered: Any) -> Batch:
    """Take in a licence that gives no code, of a business registered as said."""
    known(**{"name": NAME, **registered})
    return licences(licence(1, **row))


def decided(subject: str) -> Batch:
    known(name="别的饺子馆")
    licences(licence(1, **NAMELESS))
    waiting.decide(claim=f"name:{NAME}", subject=subject, reason="去过现场", by=make.CLERK, at=make.NOW, seen=0)
    return licences(licence(2, **NAMELESS))


def sheet(*extra: list[str], first: bool = False) -> Batch:
    """Take in a file of one licence with lines that are none."""
    known()
    header, row = table("licence", [licence(1)])
    text = io.StringIO()
    csv.writer(text).writerows([header, *extra, row] if first else [header, row, *extra])
    return applied(text.getvalue().encode())


def twins() -> Batch:
    known(name=NAME)
    known(uscc=make.OTHER_USCC, name=NAME)
    return licences(licence(1, **NAMELESS))


def directory(*codes: str) -> Batch:
    known()
    for code in codes:
        Unit.objects.create(name=f"单位 {code[-2:]}", uscc=code)
    return licences(licence(1))


def pages() -> Batch:
    known()
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet("一季度")
    for number, line in enumerate(table("licence", [licence(1)])):
        page.write_row(number, 0, line)
    book.add_worksheet("走访").write_column(0, 0, ["事由", "看望"])
    book.close()
    return applied(out.getvalue(), file_name="许可.xlsx")


def stopped(**change: str) -> Batch:
    known()
    penalties()
    return stop("withdrawn", change)


def corrected(old: str, new: str, field: str = "罚款金额") -> Batch:
    known()
    penalties()
    return correct(old, new, field)


def two_decisions() -> Batch:
    known()
    penalties({}, {"CF_JDRQ": "2026/10/09", "CF_CFJGDM": "12231100MA1CTE575X"})
    return stop("withdrawn")


def enrolled(uscc: str) -> Batch:
    known()
    row = {"GX_MC": "松岭里饺子馆", "GX_SHXYM": uscc, "GX_QY": "230402", "GX_LYDW": OFFICE["MC"]}
    return applied(content("roster", row), "roster")


FAILING: Final[list[tuple[str, str, Callable[[], Batch]]]] = [
    ("E09", "name", lambda: (known(), licences(licence(1, XK_XDR_MC="松岭里面馆")))[1]),
    ("E10", "unit", lambda: directory("11230000000000001X")),
    ("E11", "later", lambda: (known(), licences(licence(1, XK_NR="先写的"), licence(1, XK_NR="后写的")))[1]),
    ("E11", "other_number", lambda: (known(), licences(licence(1, XK_XKBH="J1"), licence(2, XK_XKBH="J1")))[1]),
    ("E30", "unknown", lambda: licences(licence(1))),
    ("E30", "vague", lambda: named({"XK_XDR_SHXYM": "", "XK_XDR_MC": "松岭里饺子馆"}, name="松岭里饺子馆")),
    ("E30", "differs", lambda: named({**NAMELESS, "XK_XDR_GSZC": REGNO}, claims=called("别家", {"REGNO": REGNO}))),
    ("E30", "over", lambda: named(state="deregistered")),
    ("E30", "early", lambda: named(established_on=date(2026, 5, 7))),
    ("E31", "wide", lambda: sheet(["多"] * 40)),
    ("E32", "none", lambda: (known(), stop("withdrawn"))[1]),
    ("E32", "differs", lambda: stopped(TZ_WSRQ="2026/10/01")),
    ("E32", "authority", lambda: stopped(TZ_WSH="", TZ_WSRQ="2026/10/08", TZ_JG="鹤岗市应急管理局")),
    ("E32", "several", two_decisions),
    ("E33", "named", named),
    ("E33", "matched", lambda: named({**NAMELESS, "XK_XDR_GSZC": REGNO}, claims=called(NAME, {"REGNO": REGNO}))),
    ("E33", "decided", lambda: decided(make.USCC)),
    ("E34", "several", twins),
    ("E35", "differs", lambda: corrected("7", "0.5")),
    ("E36", "field", lambda: corrected("5", "6", "金额")),
    ("E36", "subject", lambda: corrected(make.USCC, make.OTHER_USCC, "CF_XDR_SHXYM")),
    ("E36", "key", lambda: corrected("12号", "13号", "CF_WSH")),
    ("E36", "papers", lambda: corrected("1", "2", "CF_FR_ZJHM")),
    ("E36", "value", lambda: corrected("5", "五千")),
    ("E36", "empty", lambda: corrected("罚款", "", "CF_CFLB")),
    ("E36", "same", lambda: corrected("5", "5.0")),
    ("E37", "refused", lambda: decided("")),
    ("E38", "nobody", lambda: named({"XK_XDR_SHXYM": "", "XK_XDR_MC": "个体工商户"})),
    ("E39", "unknown", lambda: enrolled(make.OTHER_USCC)),
    ("E40", "repeated", lambda: sheet(table("licence", [licence(1)])[0])),
    ("E40", "total", lambda: sheet(["合计", "1"])),
    ("E40", "signed", lambda: sheet(["填表人：某某"])),
    ("E40", "numbers", lambda: sheet([str(number) for number in range(1, 19)], first=True)),
    ("E40", "sheet", pages),
]
PASSING: Final[list[tuple[str, Callable[[], Batch]]]] = [
    ("E09", lambda: (known(), licences(licence(1, XK_XDR_MC="松岭里饺子馆")))[1]),
    ("E09", lambda: (known(), licences(licence(1, XK_XDR_MC="个体工商户")))[1]),
    ("E10", directory),
    ("E10", lambda: directory(OFFICE["DM"])),
    ("E11", lambda: (known(), licences(licence(1), licence(2, XK_NR="冷食类食品制售")))[1]),
    ("E30", lambda: (known(), licences(licence(1)))[1]),
    ("E31", lambda: sheet()),
    ("E32", lambda: stopped(TZ_WSRQ="2026/10/08")),
    ("E33", lambda: (known(), licences(licence(1)))[1]),
    ("E34", named),
    ("E35", lambda: corrected("5", "0.5")),
    ("E36", lambda: corrected("罚款五万元", "罚款五千元", "处罚内容")),
    ("E37", lambda: decided(make.USCC)),
    ("E38", named),
    ("E39", lambda: enrolled(make.USCC)),
    ("E40", lambda: sheet()),
]
ELSEWHERE: Final = {
    "E13": "by when a source began to send: test_batches.py, test_quality.py",
    "E43": "of codes that others issued: test_foreign.py",
    "E44": "of codes that others issued: test_foreign.py",
    "E32.kind": "a kind of a city that took its file away: tests/credit/records/test_targets.py",
}


@pytest.mark.parametrize(("code", "says", "taken"), FAILING, ids=[f"{code} {says}" for code, says, _ in FAILING])
def test_rows_that_fail_are_told_so_in_the_words_of_the_file(code: str, says: str, taken: Callable[[], Batch]) -> None:
    found = [(one.code, one.message, one.level) for one in batches.findings(taken())]

    saying = CHECKS[code].says[says]
    pattern = checks._reader(saying.texts["zh"])
    told = [level for its, message, level in found if its == code and pattern.fullmatch(message)]
    assert told and set(told) == {saying.level}, found


@pytest.mark.parametrize(("code", "taken"), PASSING, ids=[f"{code} {n}" for n, (code, _) in enumerate(PASSING)])
def test_rows_that_pass_are_told_nothing_of_it(code: str, taken: Callable[[], Batch]) -> None:
    assert [one for one in batches.findings(taken()) if one.code == code] == []


def test_every_check_of_a_set_has_rows_that_fail_it_and_rows_that_pass() -> None:
    here = {code: one for code, one in CHECKS.items() if one.found == "set" or code in ("E31", "E40")}
    messages = {f"{code}.{says}" for code, one in here.items() for says in one.says}

    assert {f"{code}.{says}" for code, says, _ in FAILING} == {
        name for name in messages if name not in ELSEWHERE and name.split(".")[0] not in ELSEWHERE
    }
    assert {code for code, _ in PASSING} == set(here) - set(ELSEWHERE)
