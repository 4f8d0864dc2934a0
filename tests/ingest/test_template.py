"""Templates: made from the kinds, filled in, and sent back."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.db import transaction

from chengxin.credit.records import rules
from chengxin.credit.records.catalogue import KINDS, kind
from chengxin.credit.records.form import Kind
from chengxin.ingest import sources, template
from chengxin.ingest.intake import take_in
from chengxin.ingest.reading.table import Limits, open_table
from chengxin.people.trail import Refused
from chengxin.pipeline.commands import template as command
from tests import make

TODAY = date(2026, 11, 25)
LIMITS = Limits(file_bytes=10_000_000, unpacked_bytes=50_000_000)


def made(what: Kind) -> bytes:
    out = io.BytesIO()
    template.workbook(what, out)
    return out.getvalue()


def opened(what: Kind) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(made(what)))


def filled(folder: Path, what: Kind, *rows: dict[str, str]) -> Path:
    """Fill a template in as a clerk would, and save it."""
    book = opened(what)
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, start=2):
        for place, column in enumerate(what.columns, start=1):
            if row.get(column.code):
                sheet.cell(number, place, row[column.code])
    path = folder / f"{what.name}.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("one", KINDS.values(), ids=KINDS)
def test_every_kind_has_a_template_that_says_what_goes_where(one: Kind) -> None:
    sheet, hints, words = opened(one).worksheets

    header = [cell.value for cell in sheet[1]]
    assert [one.column_for(name) for name in header] == list(one.columns)
    assert all(name.startswith(column.name) for name, column in zip(header, one.columns, strict=True))
    assert all(name.endswith(("（必填）", "（视情必填）", "（选填）")) for name in header), "words, not colour alone"
    assert all(column.name in cell.comment.text for cell, column in zip(sheet[1], one.columns, strict=True))
    assert sheet.freeze_panes == "A2"
    explained = [row[2] for row in hints.iter_rows(min_row=7, values_only=True)]
    assert explained == [column.code for column in one.columns]
    lists = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    for cell, column in zip(sheet[1], one.columns, strict=True):
        rule = lists.get(f"{cell.column_letter}2")
        if column.type in ("choice", "choices", "kind", "state"):
            assert rule is not None and rule.type == "list"
            place = rule.formula1.split("$")[1]
            listed = [cell.value for cell in words[place][1:] if cell.value]
            assert listed and (listed == list(column.options) or column.type == "state")
        if column.type == "date":
            assert rule is not None and rule.type == "date"
        if column.type == "amount":
            assert rule is not None and rule.type == "decimal"
        if column.type not in ("date", "amount"):
            looks = [look for look in sheet.column_dimensions.values() if look.min <= cell.column <= look.max]
            assert [look.number_format for look in looks] == ["@"], "or Excel turns a code into 9.12E+17"


@pytest.mark.parametrize("one", KINDS.values(), ids=KINDS)
def test_a_template_filled_in_by_its_own_examples_goes_in_again(one: Kind, tmp_path: Path) -> None:
    path = filled(tmp_path, one, template.example_row(one), template.example_row(one))

    with open_table(
        path, limits=LIMITS, recognise=lambda cells: sum(one.column_for(name) is not None for name in cells if name)
    ) as table:
        check = rules.compile_checks(one, table.header, today=TODAY, received_on=TODAY)
        found = [check(cells) for _, cells in table.rows]

    assert len(found) == 2
    assert [problem for checked in found for problem in checked.problems if problem.level != "info"] == []
    assert found[0].normalised.keys() >= template.example_row(one).keys()


@pytest.mark.django_db(transaction=True)
def test_rows_of_a_template_are_taken_in(tmp_path: Path) -> None:
    with transaction.atomic():
        make.subject(make.USCC, name="鹤岗市工农区好运来饭店")
    example = template.example_row(kind("licence"))
    rows = [example, {**example, "XK_WSH": "鹤市监许〔2026〕2号", "XK_NR": "冷食类食品制售"}]

    report = take_in(
        path=filled(tmp_path, kind("licence"), *rows),
        kind="licence",
        source=sources.find(),
        by=make.CLERK,
        at=make.NOW,
        today=TODAY,
        limits=LIMITS,
        feedback_dir=tmp_path / "feedback",
    )

    assert (report.rows, report.accepted, report.warnings) == (2, 2, 0)


@pytest.mark.parametrize("name", ["penalty", "corrected"])
def test_the_same_kind_makes_the_same_bytes(name: str) -> None:
    assert made(kind(name)) == made(kind(name))


def test_a_choice_that_says_nothing_by_itself_is_explained() -> None:
    assert "1 为有效；2 为无效。" in template.advice(kind("licence"), kind("licence").column("XK_ZT"))


# ---- On the command line ---------------------------------------------------------------------------------------


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.configure(parser)
    return command.run(parser.parse_args(words))


@pytest.mark.parametrize("name", ["penalty", "行政处罚"])
def test_a_kind_is_asked_for_by_either_name(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "模板.xlsx"

    assert run(name, "--out", str(out)) == 0

    assert out.read_bytes() == made(kind("penalty"))
    assert "共 30 列" in capsys.readouterr().out


def test_programs_are_told_where_it_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run("licence", "--json") == 0

    assert json.loads(capsys.readouterr().out) == {"kind": "licence", "file": "行政许可填报模板.xlsx", "columns": 28}
    assert (tmp_path / "行政许可填报模板.xlsx").exists()


def test_a_file_that_stands_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "模板.xlsx"
    out.write_text("填了一半")

    with pytest.raises(Refused, match="已存在，没有覆盖它"):
        run("licence", "--out", str(out))

    assert out.read_text() == "填了一半"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"不能写 .*没有/模板.xlsx：没有这个文件或目录"):
        run("licence", "--out", str(tmp_path / "没有" / "模板.xlsx"))


def test_a_kind_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(Refused, match="没有“走访”这种记录；现有：.*penalty（行政处罚）"):
        run("走访")


def test_nothing_starts_while_a_citys_kind_is_broken(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "visit.toml").write_text('name = "visit"\n', encoding="utf-8")

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "chengxin",
            "template",
            "licence",
            "--data",
            str(tmp_path),
            "--out",
            str(tmp_path / "x"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"chengxin: 本市的记录种类文件有误：{tmp_path}/kinds 中的 visit.toml：缺少 [columns]")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x").exists()
