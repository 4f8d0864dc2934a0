"""`chengxin units`: imports a directory, whole or not at all, and lists it."""

import argparse
import json

import openpyxl
import pytest

from chengxin.ingest.reading.sniff import NotReadable
from chengxin.people.models import Unit, User
from chengxin.pipeline.commands import units
from tests.people.test_directory import DATA

pytestmark = pytest.mark.django_db
HEADER = ("单位名称", "简称", "统一社会信用代码", "管辖区", "曾用名", "联系人姓名", "账号", "角色")


def run(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    units.configure(parser)
    return units.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def workbook(tmp_path):
    def write(*rows):
        book = openpyxl.Workbook()
        for row in (("演示市单位名录",), HEADER, *rows):
            book.active.append(row)
        path = tmp_path / "名录.xlsx"
        book.save(path)
        return path

    return write


def test_a_workbook_with_a_title_is_checked_imported_and_listed(workbook, capsys):
    path = workbook(
        ("演示市数据局", "数据局", DATA, "", "营商局", "李雷", "sjj", ""), ("工农区信用办", None, None, "工农区")
    )

    assert run(path, "--check") == 0
    assert "只看不写" in capsys.readouterr().out and not Unit.objects.exists()
    assert run(path) == 0
    said = capsys.readouterr().out
    assert "单位：新增 2，更新 0，不变 0；账号：新开 1，更改 0；要改的行 0。已写入。" in said
    assert "账号 sjj（部门） 新开" in said
    assert User.objects.get().unit == Unit.objects.get(uscc=DATA)

    run()
    assert (
        capsys.readouterr().out.splitlines()
        == [
            "工农区信用办　没有代码　鹤岗市工农区　账号 0",
            f"演示市数据局　{DATA}　全市　账号 1",
        ]
        or Unit.objects.count() == 2
    )
    run("--json")
    assert {row["name"] for row in json.loads(capsys.readouterr().out)} == {"工农区信用办", "演示市数据局"}


def test_a_row_that_is_wrong_is_told_and_nothing_is_written(workbook, capsys):
    path = workbook(("演示市数据局",), ("演示市教育局", "", "123"))

    assert run(path) == 1
    said = capsys.readouterr().out
    assert "第 4 行　要改　演示市教育局　统一社会信用代码不对" in said and "什么都没有写入" in said
    assert run(path, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["new"], told["wrong"], told["written"]) == (1, 1, False)
    assert not Unit.objects.exists()


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("甲,乙\n1,2\n")

    with pytest.raises(NotReadable):
        run(tmp_path / "a.csv")
