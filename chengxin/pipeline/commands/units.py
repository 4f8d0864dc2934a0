"""`chengxin units`: the directory of units, listed or imported."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chengxin.people.directory import Line

DJANGO = True
HELP = "查看单位名录，或从表格导入（CSV 或 Excel）"
LABELS = {"new": "新增", "changed": "更新", "same": "不变", "wrong": "要改"}
FILE_AT_MOST = 20_000_000
"""Bytes, packed or not."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from chengxin.people.rules import COLUMNS

    headings = "、".join(said[0] for said in COLUMNS.values())
    parser.add_argument(
        "file", nargs="?", metavar="FILE", type=Path, help=f"名录文件，列名：{headings}；不写则列出名录"
    )
    parser.add_argument("--check", action="store_true", help="只看每一行会怎样，不写入")
    parser.epilog = (
        "有一行要改，就什么都不写入；空着的格不改动已有的内容，表里没有的单位不受影响。\n"
        "新开的账号没有密码：用 chengxin account 账号 --reset，或在“人员”页面给本人发链接。\n"
        "例：chengxin units 单位名录.xlsx --check\n"
        "    chengxin units 单位名录.xlsx\n"
        "退出状态：0 已导入（或 --check 无误）；1 有行要改"
    )


def run(args: argparse.Namespace) -> int:
    """Import a directory's file, or list the units."""
    from django.utils import timezone

    from chengxin.ingest.directory import read
    from chengxin.ingest.reading.table import Limits
    from chengxin.people import directory
    from chengxin.pipeline.commands import command_line

    if args.file is None:
        return _list(args)
    rows = read(args.file, limits=Limits(FILE_AT_MOST, FILE_AT_MOST))
    plan = directory.plan(rows, by=command_line())
    if not plan.faulty and not args.check:
        plan = directory.apply(rows, seen=plan.digest, by=command_line(), at=timezone.now())
    if args.json:
        counts = {what: plan.count(what) for what in ("new", "changed", "same")}
        said = {**counts, "wrong": plan.faulty, "written": not plan.faulty and not args.check}
        print(json.dumps({**said, "lines": [asdict(line) for line in plan.lines]}, ensure_ascii=False))
        return 1 if plan.faulty else 0
    for line in plan.lines:
        print(_told(line))
    done = "有行要改，什么都没有写入" if plan.faulty else "只看不写" if args.check else "已写入"
    print(
        f"单位：新增 {plan.count('new')}，更新 {plan.count('changed')}，不变 {plan.count('same')}；"
        f"账号：新开 {plan.accounts('new')}，更改 {plan.accounts('changed')}；要改的行 {plan.faulty}。{done}。"
    )
    return 1 if plan.faulty else 0


def _told(line: Line) -> str:
    said = [f"第 {line.number} 行", LABELS["wrong" if line.faults else line.what], line.unit or "（没有单位名称）"]
    if line.faults:
        said += line.faults
    elif line.what == "changed":
        said += [f"{change.label}：{change.old or '空'} → {change.new}" for change in line.changes]
    if line.account_what in ("new", "changed") and not line.faults:
        said.append(f"账号 {line.account} {'新开' if line.account_what == 'new' else '更改'}")
    return "　".join(said)


def _list(args: argparse.Namespace) -> int:
    from chengxin.people import queries, units

    columns = ("name", "short", "uscc", "area", "former_names", "is_active", "people")
    rows = [
        row
        for closed in (False, True)
        for row in queries.units(closed=closed).values(*columns)[: queries.UNITS_AT_MOST]
    ]
    if args.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(
            f"{row['name']}　{row['uscc'] or '没有代码'}　{units.area_label(row['area'])}"
            f"　账号 {row['people']}{'' if row['is_active'] else '　已停用'}"
        )
    if not rows:
        print("名录是空的。导入：chengxin units 单位名录.xlsx")
    return 0
