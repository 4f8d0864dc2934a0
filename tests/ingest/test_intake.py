from __future__ import annotations

import csv
import io
import threading
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection, transaction

from chengxin.credit.records import actions as records
from chengxin.credit.records import catalogue
from chengxin.credit.records.models import Record
from chengxin.credit.subjects.models import Registration, Subject, Touch
from chengxin.ingest import batches, sources
from chengxin.ingest.intake import Report, take_in
from chengxin.ingest.models import Batch, SetAside
from chengxin.ingest.reading.table import Limits, NotReadable
from chengxin.ingest.setaside import Finding
from chengxin.ingest.sources import Source
from chengxin.people.models import Trail
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = date(2026, 11, 23)
LIMITS = Limits(file_bytes=100_000_000, unpacked_bytes=50_000_000)
ID_NUMBER = "230402199003071233"
OFFICE = {"MC": "鹤岗市市场监督管理局", "DM": "11230500001755309F"}
LICENCE = {
    "XK_XDR_MC": "松岭里饺子馆",
    "XK_XDR_LB": "个体工商户",
    "XK_XDR_SHXYM": make.USCC,
    "XK_FRDB": "张三",
    "XK_XKWS": "食品经营许可决定书",
    "XK_WSH": "鹤市监食许〔2026〕1号",
    "XK_XKLB": "普通",
    "XK_XKZS": "食品经营许可证",
    "XK_XKBH": "JY22304020000017",
    "XK_NR": "热食类食品制售",
    "XK_JDRQ": "2026/05/06",
    "XK_YXQZ": "2026/05/06",
    "XK_YXQZI": "2031/05/05",
    "XK_XKJG": OFFICE["MC"],
    "XK_XKJGDM": OFFICE["DM"],
    "XK_ZT": "1",
    "XK_LYDW": "鹤岗市营商环境建设监督局",
    "XK_LYDWDM": OFFICE["DM"],
}
REGISTRATION = {
    "ENTNAME": "松岭里饺子馆",
    "UNISCID": make.USCC,
    "LEREP": "张三",
    "ENTTYPE": "个体工商户",
    "ESTDATE": "2019/05/01",
    "REGORG": "鹤岗市工农区市场监督管理局",
    "REGSTATE": "存续（在营、开业、在册）",
    "INDUSTRYCO": "H6210",
    "DOMDISTRICT": "230402",
}


@transaction.atomic
def known(**said: Any) -> None:
    make.subject(**said)


def licence(number: int = 1, **changes: str) -> dict[str, str]:
    return {**LICENCE, "XK_WSH": f"鹤市监食许〔2026〕{number}号", "XK_XKBH": f"JY2230402{number:07}", **changes}


def table(kind: str, rows: Sequence[Mapping[str, str]], *, by_code: bool = False) -> list[list[str]]:
    columns = [column for column in catalogue.kind(kind).columns if any(column.code in row for row in rows)]
    header = [column.code if by_code else column.name for column in columns]
    return [header, *([row.get(column.code, "") for column in columns] for row in rows)]


def csv_file(path: Path, lines: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def intake(
    path: Path, kind: str = "licence", *, source: Source | None = None, days: int = 0, today: date = TODAY
) -> Report:
    return take_in(
        path=path,
        kind=kind,
        source=source or sources.find(),
        by=make.CLERK,
        at=make.NOW + timedelta(days=days),
        today=today,
        limits=LIMITS,
        feedback_dir=path.parent / "feedback",
    )


def licences(folder: Path, *rows: Mapping[str, str], days: int = 0) -> Report:
    return intake(csv_file(folder / "许可.csv", table("licence", rows)), days=days)


def counts(report: Report) -> tuple[int, ...]:
    assert report.rows == report.accepted + report.unchanged + report.rejected
    assert report.waiting <= report.rejected
    return report.rows, report.accepted, report.unchanged, report.rejected, report.waiting


def everything() -> str:
    """Return all that the database holds, as text."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names() if not name.startswith("django_")]
        cursor.execute(" UNION ALL ".join(f"SELECT t::text FROM {name} t" for name in names))
        return "\n".join(text for (text,) in cursor.fetchall())


def found(report: Report) -> list[Finding]:
    return list(batches.findings(Batch.objects.get(pk=report.batch)))


# ---- What comes in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("by_code", [False, True], ids=["official names", "XK codes"])
def test_a_licence_file_becomes_records_with_their_provenance(tmp_path: Path, encoding: str, by_code: bool) -> None:
    known()
    path = csv_file(tmp_path / "许可.csv", table("licence", [licence(1), licence(2)], by_code=by_code), encoding)

    report = intake(path)

    assert counts(report) == (2, 2, 0, 0, 0)
    first = Record.objects.get(row=2)
    assert first.body["XK_XDR_MC"] == "松岭里饺子馆"
    assert (first.kind, first.revision, first.happened_on) == ("licence", 1, date(2026, 5, 6))
    assert (first.source, first.source_code) == ("鹤岗市营商环境建设监督局", OFFICE["DM"])
    assert (first.batch, first.received_at) == (report.batch, make.NOW)


def test_a_workbook_with_titles_and_date_cells_says_the_same_as_its_csv(tmp_path: Path) -> None:
    known()
    lines: list[list[object]] = [*table("licence", [licence()])]
    book = openpyxl.Workbook()
    book.active.append(["行政许可信息归集表"])
    for line in lines:
        book.active.append([date(2026, 5, 6) if cell == "2026/05/06" else cell for cell in line])
    book.save(tmp_path / "许可.xlsx")

    as_workbook = intake(tmp_path / "许可.xlsx")
    as_csv = licences(tmp_path, licence())

    assert (counts(as_workbook), counts(as_csv)) == ((1, 1, 0, 0, 0), (1, 0, 1, 0, 0))
    assert Record.objects.get().row == 3


def test_the_same_rows_again_change_nothing(tmp_path: Path) -> None:
    known()
    licences(tmp_path, licence(1), licence(2))
    Touch.objects.all().delete()

    report = licences(tmp_path, licence(2), licence(1))

    assert counts(report) == (2, 0, 2, 0, 0)
    assert not Touch.objects.exists()


def test_a_correction_is_a_further_revision_and_the_old_one_stays(tmp_path: Path) -> None:
    known()
    licences(tmp_path, licence())

    report = licences(tmp_path, licence(XK_NR="热食类、冷食类食品制售"), days=1)

    assert counts(report) == (1, 1, 0, 0, 0)
    assert list(Record.objects.order_by("revision").values_list("revision", "body__XK_NR")) == [
        (1, "热食类食品制售"),
        (2, "热食类、冷食类食品制售"),
    ]


def test_a_registry_file_becomes_subjects_with_their_registration(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "登记.csv", table("subject", [REGISTRATION]), "gb18030")

    report = intake(path, "subject")

    assert counts(report) == (1, 1, 0, 0, 0)
    found = Registration.objects.get()
    assert (found.subject_id, found.name, found.state, found.kind) == (
        make.USCC,
        "松岭里饺子馆",
        "active",
        "individual",
    )
    assert (found.division, found.industry, found.established_on) == ("230402", "H6210", date(2019, 5, 1))
    assert found.source == "鹤岗市工农区市场监督管理局"


@pytest.mark.parametrize(
    ("said", "source", "expected"),
    [
        ({}, None, ("鹤岗市工农区市场监督管理局", "")),
        ({}, Source("x", "x", "测试单位", OFFICE["DM"]), ("测试单位", OFFICE["DM"])),
        ({"LYDW": "鹤岗市信用办"}, Source("x", "x", "测试单位", OFFICE["DM"]), ("鹤岗市信用办", "")),
        ({"LYDW": "鹤岗市信用办", "LYDWDM": OFFICE["DM"]}, None, ("鹤岗市信用办", OFFICE["DM"])),
    ],
    ids=["who registered it", "the source of the file", "the row before the file", "the row with its code"],
)
def test_every_row_has_a_source(
    tmp_path: Path, said: dict[str, str], source: Source | None, expected: tuple[str, str]
) -> None:
    path = csv_file(tmp_path / "登记.csv", table("subject", [{**REGISTRATION, **said}]))

    intake(path, "subject", source=source)

    assert Registration.objects.values_list("source", "source_code").get() == expected


def test_a_batch_and_one_trail_row_tell_of_the_file(tmp_path: Path) -> None:
    known()

    report = licences(tmp_path, licence(1), licence(2, XK_XDR_SHXYM="91230402MA1CTE575X"))

    batch = Batch.objects.get()
    assert (batch.file_name, batch.encoding, batch.rows, batch.accepted, batch.rejected) == (
        "许可.csv",
        "utf-8",
        2,
        1,
        1,
    )
    received, note = Trail.objects.order_by("id")
    assert (received.verb, received.thing) == ("batch.receive", note.thing)
    assert (note.verb, note.thing, note.by) == ("intake", f"batch {report.batch}", make.CLERK.name)
    assert note.detail["sha256"] == batch.sha256


# ---- What is set aside -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"XK_XDR_SHXYM": "92230402MA1CTE575X"}, "E02", "行政相对人代码_1(统一社会信用代码)"),
        ({"XK_JDRQ": "2026/02/30"}, "E04", "许可决定日期"),
        ({"XK_JDRQ": "2027/01/01"}, "E05", "许可决定日期"),
        ({"XK_YXQZI": "2020/01/01"}, "E06", "有效期自"),
        ({"XK_NR": "无"}, "E01", "许可内容"),
        ({"XK_ZT": "不明"}, "E07", "当前状态"),
    ],
    ids=["check digit", "no such day", "tomorrow", "ends before it starts", "empty word", "no choice"],
)
def test_a_row_that_cannot_be_used_is_set_aside_and_stops_no_other(
    tmp_path: Path, change: dict[str, str], code: str, column: str
) -> None:
    known()

    report = licences(tmp_path, licence(1), licence(2, **change), licence(3))

    assert counts(report) == (3, 2, 0, 1, 0)
    aside = SetAside.objects.get()
    assert (aside.batch_id, aside.row, aside.code, aside.column, aside.waiting) == (
        report.batch,
        3,
        code,
        column,
        False,
    )
    assert aside.body["XK_WSH"] == "鹤市监食许〔2026〕2号"
    assert {one.row for one in found(report)} == {3}
    assert found(report)[0][:5] == (3, column, code, "error", aside.message)


def test_a_row_with_more_cells_than_the_header_is_set_aside(tmp_path: Path) -> None:
    known()
    header, row = table("licence", [licence()])

    report = intake(csv_file(tmp_path / "许可.csv", [header, [*row, "多出来的"]]))

    assert counts(report) == (1, 0, 0, 1, 0)
    assert SetAside.objects.get().code == "E31"


def test_a_row_set_aside_and_mended_is_accepted_with_the_others_unchanged(tmp_path: Path) -> None:
    known()
    licences(tmp_path, licence(1), licence(2, XK_JDRQ="2026/02/30"))

    report = licences(tmp_path, licence(1), licence(2, XK_JDRQ="2026/02/28"))

    assert counts(report) == (2, 1, 1, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"XK_NR": f"经营者身份证号{ID_NUMBER}，热食类"},
        {"XK_XDR_MC": f"张三{ID_NUMBER}"},
        {"XK_XDR_SHXYM": ID_NUMBER},
        {"XK_XDR_LB": "自然人", "XK_XDR_ZJHM": ID_NUMBER},
        {"XK_FR_ZJHM": ID_NUMBER, "XK_JDRQ": "2026/02/30"},
        {"XK_WSH": ID_NUMBER, "XK_JDRQ": "2026/02/30"},
        {"BZ": f"联系 {ID_NUMBER[:6]} {ID_NUMBER[6:14]} {ID_NUMBER[14:]}"},
    ],
    ids=["in free text", "in the name", "for a USCC", "of a person", "in its column", "for a number", "with spaces"],
)
def test_an_id_number_in_a_row_set_aside_is_stored_nowhere(tmp_path: Path, change: dict[str, str]) -> None:
    known()

    report = licences(tmp_path, licence(**change))

    assert counts(report) == (1, 0, 0, 1, 0)
    kept = (everything() + str(found(report))).replace(" ", "")
    assert ID_NUMBER not in kept
    assert ID_NUMBER[6:14] not in kept


def test_of_a_natural_person_nothing_but_the_reason_is_kept(tmp_path: Path) -> None:
    report = licences(tmp_path, licence(XK_XDR_LB="自然人", XK_XDR_MC="王某某", XK_XDR_ZJHM=ID_NUMBER))

    aside = SetAside.objects.get()
    assert (counts(report), aside.code, aside.body, aside.subject) == ((1, 0, 0, 1, 0), "E20", {}, "")


def test_the_papers_of_an_accepted_row_are_masked(tmp_path: Path) -> None:
    known()

    licences(tmp_path, licence(XK_FR_ZJHM=ID_NUMBER))

    assert Record.objects.get().body["XK_FR_ZJHM"] == "2304********1233"
    assert ID_NUMBER not in everything()


def test_a_name_the_register_never_knew_is_a_warning_and_a_former_name_is_not(tmp_path: Path) -> None:
    known(name="松岭里（老）饺子馆", at=make.NOW - timedelta(days=9))
    known(name="松岭里饺子馆")

    report = licences(
        tmp_path,
        licence(1, XK_XDR_MC="山岭里饺子馆"),
        licence(2, XK_XDR_MC="松岭里(老)饺子馆"),
        licence(3),
        licence(4, XK_XDR_MC="个体工商户"),
    )

    assert (counts(report), report.warnings) == ((4, 4, 0, 0, 0), 1)
    assert [one[:4] for one in found(report)] == [(2, "行政相对人名称", "E09", "warn")]
    assert "松岭里饺子馆" in found(report)[0].message


# ---- What waits --------------------------------------------------------------------------------------------------


def test_rows_wait_for_their_subject_and_are_taken_when_it_comes(tmp_path: Path) -> None:
    early = licences(tmp_path, licence(1), licence(2), licence(3, XK_XDR_SHXYM=make.OTHER_USCC))
    registry = csv_file(tmp_path / "登记.csv", table("subject", [REGISTRATION]))

    assert counts(early) == (3, 0, 0, 3, 3)
    assert set(SetAside.objects.values_list("code", "waiting")) == {("E30", True)}

    late = intake(registry, "subject", days=3)

    assert late.matched == 2
    taken = Record.objects.order_by("row")
    assert [(record.row, record.batch, record.received_at) for record in taken] == [
        (2, early.batch, make.NOW),
        (3, early.batch, make.NOW),
    ]
    assert taken[0].source == LICENCE["XK_LYDW"]
    assert list(SetAside.objects.order_by("row").values_list("waiting", "taken_at")) == [
        (False, make.NOW + timedelta(days=3)),
        (False, make.NOW + timedelta(days=3)),
        (True, None),
    ]
    assert Trail.objects.filter(verb="intake.match").get().detail == {"matched": 2}


def test_rows_that_waited_are_unchanged_when_their_file_comes_again(tmp_path: Path) -> None:
    rows = [licence(1, XK_FR_ZJHM=ID_NUMBER), licence(2)]
    licences(tmp_path, *rows)
    intake(csv_file(tmp_path / "登记.csv", table("subject", [REGISTRATION])), "subject")

    report = licences(tmp_path, *rows)

    assert counts(report) == (2, 0, 2, 0, 0)


def test_a_subject_that_came_between_is_found_by_the_next_intake_of_any_kind(tmp_path: Path) -> None:
    licences(tmp_path, licence(1))
    known()

    report = licences(tmp_path, licence(2))

    assert (report.accepted, report.matched) == (1, 1)


# ---- What is refused ---------------------------------------------------------------------------------------------


def nothing_is_kept(folder: Path) -> bool:
    left = list((folder / "feedback").glob("*")) if (folder / "feedback").exists() else []
    in_it = Batch.objects.exclude(state__in=("failed", "dropped")).exists()
    return not (left or in_it or Record.objects.exists() or SetAside.objects.exists())


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda lines: [line[:-1] for line in lines], "缺少必需的列：数据来源单位统一社会信用代码"),
        (lambda lines: [[*line, line[0]] for line in lines], "“行政相对人名称”出现了不止一次"),
        (lambda lines: lines[:1], "只有表头"),
        (lambda lines: [["甲", "乙"], ["1", "2"]], "没有找到表头"),
    ],
    ids=["a column missing", "a column twice", "no rows", "no header"],
)
def test_a_table_that_is_not_whole_is_refused(tmp_path: Path, spoil: object, sentence: str) -> None:
    lines = spoil(table("licence", [licence()]))  # type: ignore[operator]

    with pytest.raises(NotReadable, match=sentence):
        intake(csv_file(tmp_path / "许可.csv", lines))

    assert nothing_is_kept(tmp_path)


def test_a_table_of_another_kind_is_refused_with_its_kind(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "许可.csv", table("licence", [licence()]))

    with pytest.raises(NotReadable, match="--kind licence"):
        intake(path, "penalty")


def test_a_file_that_breaks_off_at_its_end_leaves_nothing_of_its_rows(tmp_path: Path) -> None:
    known()
    path = csv_file(tmp_path / "许可.csv", table("licence", [licence(number) for number in range(3000)]))
    path.write_bytes(path.read_bytes()[:-30])

    with pytest.raises(NotReadable, match="没有传完"):
        intake(path)

    assert nothing_is_kept(tmp_path)


def test_an_interruption_leaves_nothing_half_loaded(tmp_path: Path) -> None:
    known()
    path = csv_file(tmp_path / "许可.csv", table("licence", [licence(number) for number in range(9000)]))

    def interrupt(rows: int, share: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(
            path=path,
            kind="licence",
            source=sources.find(),
            by=make.CLERK,
            at=make.NOW,
            today=TODAY,
            limits=LIMITS,
            feedback_dir=tmp_path / "feedback",
            progress=interrupt,
        )

    assert nothing_is_kept(tmp_path)


def test_progress_is_told_with_the_share_of_the_file(tmp_path: Path) -> None:
    known()
    path = csv_file(tmp_path / "许可.csv", table("licence", [licence(number) for number in range(9000)]))
    told: list[tuple[int, float | None]] = []

    take_in(
        path=path,
        kind="licence",
        source=sources.find(),
        by=make.CLERK,
        at=make.NOW,
        today=TODAY,
        limits=LIMITS,
        feedback_dir=tmp_path / "feedback",
        progress=lambda rows, share: told.append((rows, share)),
    )

    assert [rows for rows, _ in told] == [4096, 8192]
    assert all(share is not None and 0 < share <= 1 for _, share in told)


def test_two_intakes_of_the_same_rows_at_once_keep_each_row_once(tmp_path: Path) -> None:
    known()
    rows = [licence(number) for number in range(500)]
    paths = [csv_file(tmp_path / f"许可{number}.csv", table("licence", rows)) for number in range(2)]
    reports: list[Report] = []

    def run(path: Path) -> None:
        try:
            reports.append(intake(path))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts(report) for report in reports) == [(500, 0, 500, 0, 0), (500, 500, 0, 0, 0)]
    assert Record.objects.count() == 500


def test_a_subject_and_its_records_at_once_end_up_together(tmp_path: Path) -> None:
    paths = {
        "licence": csv_file(tmp_path / "许可.csv", table("licence", [licence(number) for number in range(500)])),
        "subject": csv_file(tmp_path / "登记.csv", table("subject", [REGISTRATION])),
    }

    def run(kind: str) -> None:
        try:
            intake(paths[kind], kind)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(kind,)) for kind in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Subject.objects.count(), Record.objects.count()) == (1, 500)
    assert not SetAside.objects.filter(waiting=True).exists()


def test_a_subject_registered_while_its_rows_are_matched_loses_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = records.settle

    def meanwhile(**said: Any) -> records.Difference:
        monkeypatch.setattr(records, "settle", settle)
        difference = settle(**said)
        registrar = threading.Thread(target=registered)
        registrar.start()
        registrar.join()
        return difference

    def registered() -> None:
        try:
            known()
        finally:
            connection.close()

    monkeypatch.setattr(records, "settle", meanwhile)

    report = licences(tmp_path, licence(1), licence(2))

    assert (counts(report), report.matched) == ((2, 0, 0, 2, 2), 2)
    assert Record.objects.count() == 2
