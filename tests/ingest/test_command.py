from __future__ import annotations

import argparse
import json
from pathlib import Path

import openpyxl
import pytest
from django.db import transaction

from chengxin.credit.records import queries
from chengxin.credit.records.models import Record
from chengxin.credit.subjects.models import Registration
from chengxin.ingest import batches, sources
from chengxin.people.trail import Refused
from chengxin.pipeline.commands import intake
from tests import make
from tests.ingest.test_intake import REGISTRATION, csv_file, licence, table

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    intake.configure(parser)
    return intake.run(parser.parse_args(words))


@pytest.fixture(autouse=True)
def own_feedback(settings: object, tmp_path: Path) -> None:
    settings.FEEDBACK_DIR = tmp_path / "反馈"  # type: ignore[attr-defined]
    settings.FILES_DIR = tmp_path / "原件"  # type: ignore[attr-defined]


def test_the_report_is_what_other_programs_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic():
        make.subject()
    rows = [licence(1), licence(2, XK_JDRQ="2026/02/30"), licence(3, XK_XDR_SHXYM=make.OTHER_USCC)]
    path = csv_file(tmp_path / "许可.csv", table("licence", rows), "gb18030")

    status = run(str(path), "--kind", "licence", "--json")

    report = json.loads(capsys.readouterr().out)
    assert status == 0
    assert {name: report[name] for name in ("rows", "accepted", "unchanged", "rejected", "waiting", "warnings")} == {
        "rows": 3,
        "accepted": 1,
        "unchanged": 0,
        "rejected": 2,
        "waiting": 1,
        "warnings": 0,
    }
    assert {"待改正", "等待匹配"} <= set(openpyxl.load_workbook(report["feedback"]).sheetnames)
    assert set(report) >= {"batch", "matched"}


def test_people_are_told_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path / "许可.csv", table("licence", [licence(1), licence(2, XK_JDRQ="2026/02/30")]))

    assert run(str(path), "--kind", "licence") == 0

    said = capsys.readouterr().out
    assert "共 2 行，接收 0，与库中相同 0，搁置 2。" in said
    assert "有误 1 行，待登记信息 1 行，逐行说明见" in said
    assert "再导入一次" in said
    assert "--kind subject" in said


def test_the_source_named_is_the_unit_of_rows_that_name_none(tmp_path: Path) -> None:
    row = {name: value for name, value in REGISTRATION.items() if name != "REGORG"}
    path = csv_file(tmp_path / "登记.csv", table("subject", [row]))

    run(str(path), "--kind", "subject", "--source", " 鹤岗市市场监督管理局 ")

    assert Registration.objects.get().source == "鹤岗市市场监督管理局"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--kind", "licence"], "找不到文件.*没有导入任何数据"),
        (["--kind", "licence", "--source", "national-register"], "不提供行政许可"),
        (["--kind", "licence", "--source", " "], "1 至 200 字"),
    ],
    ids=["no file", "not this source's kind", "a blank source"],
)
def test_what_cannot_be_read_is_refused_with_one_sentence(tmp_path: Path, words: list[str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        run(str(tmp_path / "没有.csv"), *words)


def test_a_preview_is_confirmed_undone_and_sent_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic():
        make.subject()
    path = str(csv_file(tmp_path / "许可.csv", table("licence", [licence(1), licence(2, XK_JDRQ="2026/02/30")])))

    run(path, "--kind", "licence", "--preview", "--json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["new"], shown["rejected"], Record.objects.count()) == (1, 1, 0)

    run("--confirm", str(shown["batch"]))
    assert "接收 1" in capsys.readouterr().out
    assert len(queries.standing([make.USCC])) == 1

    run("--undo", str(shown["batch"]))
    assert "1 项恢复原状" in capsys.readouterr().out
    assert queries.standing([make.USCC]) == []

    run(path, "--kind", "licence")
    assert "接收 1" in capsys.readouterr().out


def test_a_preview_for_people_names_the_batch_and_what_to_do_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction.atomic():
        make.subject()
    run(str(csv_file(tmp_path / "一.csv", table("licence", [licence(1)]))), "--kind", "licence")
    path = csv_file(tmp_path / "二.csv", table("licence", [licence(1, XK_NR="冷食类食品制售")]))

    run(str(path), "--kind", "licence", "--preview")

    said = capsys.readouterr().out
    assert "热食类食品制售 → 冷食类食品制售" in said
    number = said.rpartition("--drop ")[2].strip()
    run("--drop", number)
    assert "没有入库" in capsys.readouterr().out


def test_resuming_takes_in_what_was_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction.atomic():
        make.subject()
    path = csv_file(tmp_path / "许可.csv", table("licence", [licence(1)]))
    with path.open("rb") as file:
        batches.receive(
            file=file,
            file_name="许可.csv",
            kind="licence",
            source=sources.find(),
            way="command",
            by=make.CLERK,
            unit=None,
            at=make.NOW,
            then="apply",
        )

    run("--resume")

    assert "做完了 1 批" in capsys.readouterr().out
    assert Record.objects.count() == 1


def test_a_command_that_says_too_little_is_told_what_is_missing() -> None:
    with pytest.raises(Refused, match="--kind"):
        run("许可.csv")
