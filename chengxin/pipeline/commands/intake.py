"""`chengxin intake`: take in a file of official data."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from chengxin.pipeline.commands import command_line, kind_named, kinds_told

if TYPE_CHECKING:
    from chengxin.ingest.intake import Report
    from chengxin.ingest.models import Batch

DJANGO = True
HELP = "归集一份数据文件（CSV、XLSX、XLS、ODS、JSON Lines 等）"
QUIET_SECONDS = 2
SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="数据文件，编码和格式自动识别")
    parser.add_argument("--kind", metavar="KIND", help=kinds_told())
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="来源：chengxin/ingest/sources 里的名称；没有这个名称的，就把 NAME 当作来源单位的名称。行内有“数据来源单位”的以行内为准",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--preview", action="store_true", help="只核对，给出与库中的差异，不入库")
    what.add_argument("--confirm", metavar="N", type=int, help="把核对过的第 N 批入库")
    what.add_argument("--drop", metavar="N", type=int, help="放弃核对过的第 N 批")
    what.add_argument("--undo", metavar="N", type=int, help="撤回已入库的第 N 批（追加记录，不删除）")
    what.add_argument("--resume", action="store_true", help="接着做中断了的和排队的批次")
    parser.epilog = (
        "例：chengxin intake 登记信息.csv --kind subject --source 市市场监督管理局\n"
        "    chengxin intake 行政许可.xlsx --kind licence --json\n"
        "    chengxin intake 行政处罚.csv --kind penalty --preview\n"
        "    chengxin intake --undo 12\n"
        "有问题的行不会丢，也不妨碍别的行：写入反馈文件，改好后把改过的行再导入即可。"
    )


def run(args: argparse.Namespace) -> int:
    """Take the file in, or do what is asked with a batch; 1 with one sentence if it cannot be done."""
    from chengxin.people.trail import Refused

    for act in ("confirm", "drop", "undo"):
        if (number := getattr(args, act)) is not None:
            return _act(act, number, args)
    if args.resume:
        return _resume(args)
    if args.file is None or not args.kind:
        raise Refused("请写明数据文件和 --kind，例如：chengxin intake 行政许可.xlsx --kind licence")
    return _take_in(args)


def _take_in(args: argparse.Namespace) -> int:
    from django.conf import settings
    from django.utils import timezone

    from chengxin.ingest import batches, sources
    from chengxin.ingest.intake import look, take_in
    from chengxin.ingest.reading.table import NotReadable
    from chengxin.people.trail import Refused

    kind = kind_named(args.kind)
    name = sources.DEFAULT if args.source is None else args.source.strip()
    if not name or len(name) > 200:
        raise Refused("来源的名称应为 1 至 200 字")
    now = timezone.now()
    meter = _Meter()
    said = {
        "path": args.file,
        "kind": kind.name,
        "source": sources.find(name),
        "by": command_line(),
        "at": now,
        "limits": batches.limits(),
        "progress": meter.show if sys.stderr.isatty() else None,
    }
    try:
        if args.preview:
            batch = look(**said)
        else:
            report = take_in(**said, today=timezone.localdate(now), feedback_dir=settings.FEEDBACK_DIR)
    except NotReadable as error:
        raise Refused(f"{error}。没有导入任何数据。") from error
    finally:
        meter.clear()
    if args.preview:
        print(json.dumps({"batch": batch.pk, **batch.difference}, ensure_ascii=False) if args.json else _shown(batch))
    else:
        print(json.dumps(report.as_dict(), ensure_ascii=False) if args.json else "\n".join(_told(report)))
    return 0


def _act(act: str, number: int, args: argparse.Namespace) -> int:
    from django.utils import timezone

    from chengxin.ingest import batches
    from chengxin.ingest.reading.table import NotReadable
    from chengxin.people.trail import Refused

    now, by = timezone.now(), command_line()
    if act == "undo":
        undoing = batches.undo(batch=number, by=by, at=now)
        told = {"batch": number, "undone_by": undoing.pk, "taken_back": undoing.accepted, "left": undoing.unchanged}
        left = f"；{undoing.unchanged} 项后来另有更新，保持不变" if undoing.unchanged else ""
        said = f"第 {number} 批已撤回：{undoing.accepted} 项恢复原状{left}。同一份文件可以再导入。"
    elif act == "drop":
        batches.drop(batch=number, by=by, at=now)
        told, said = {"batch": number}, f"第 {number} 批已放弃，没有入库。"
    else:
        batches.confirm(batch=number, by=by, at=now)
        try:
            report = batches.apply(number, at=now)
        except NotReadable as error:
            raise Refused(f"{error}。没有导入任何数据。") from error
        told = report.as_dict()
        said = (
            f"第 {number} 批已入库：共 {report.rows} 行，接收 {report.accepted}，与库中相同 {report.unchanged}，"
            f"搁置 {report.rejected}。"
        )
    print(json.dumps(told, ensure_ascii=False) if args.json else said)
    return 0


def _resume(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from chengxin.ingest import batches, waiting

    done = 0
    while batches.step(at=timezone.now()):
        done += 1
    matched = waiting.take(by=command_line(), at=timezone.now())
    if args.json:
        print(json.dumps({"batches": done, "matched": matched}))
    else:
        print(f"做完了 {done} 批。" + (f"以前搁置的 {matched} 行已自动接收。" if matched else ""))
    return 0


def _shown(batch: Batch) -> str:
    found = batch.difference
    counts = f"新增 {found['new']}，更新 {found['changed']}，未变 {found['unchanged']}，搁置 {found['rejected']}"
    asides = f"（其中待匹配 {found['waiting']}），警告 {found['warnings']} 处。"
    lines = [f"批次 {batch.pk}（尚未入库）：共 {batch.rows} 行，{counts}{asides}"]
    for change in found["sample"][:SHOWN]:
        fields = "；".join(f"{label}：{old or '（空）'} → {new or '（空）'}" for label, old, new in change["fields"])
        lines.append(f"  第 {change['row']} 行 {change['name']} {change['title']}　{fields}")
    lines += [f"  {code} {column} {count} 处" for code, column, _, count in found["reasons"][:SHOWN]]
    lines.append(f"入库：chengxin intake --confirm {batch.pk}　放弃：chengxin intake --drop {batch.pk}")
    return "\n".join(lines)


def _told(report: Report) -> list[str]:
    lines = [
        (
            f"批次 {report.batch}：共 {report.rows} 行，接收 {report.accepted}，与库中相同 {report.unchanged}，"
            f"搁置 {report.rejected}。"
        )
    ]
    if report.matched:
        lines.append(f"以前搁置的 {report.matched} 行等到了登记信息，已自动接收。")
    if report.rejected or report.warnings:
        wrong = report.rejected - report.waiting
        parts = [f"有误 {wrong} 行"] if wrong else []
        parts += [f"待登记信息 {report.waiting} 行"] if report.waiting else []
        parts += [f"警告 {report.warnings} 处（已接收）"] if report.warnings else []
        lines.append(f"其中{'，'.join(parts)}，逐行说明见 {report.feedback}")
        advice = []
        if wrong:
            advice.append("请按反馈文件改正有误的行，再导入一次（已接收的行不会重复）")
        if report.waiting:
            advice.append("待匹配的行在导入登记信息（--kind subject）后自动接收")
        lines += ["；".join(advice) + "。"] if advice else []
    else:
        lines.append("没有发现问题。")
    return lines


class _Meter:
    """A line on the terminal that says how far a long intake has come."""

    def __init__(self) -> None:
        self._since = self._shown = time.monotonic()
        self._stands = False

    def show(self, rows: int, share: float | None) -> None:
        now = time.monotonic()
        if now - self._since < QUIET_SECONDS or now - self._shown < 0.2:
            return
        self._shown, self._stands = now, True
        bar = f"[{'█' * int(share * 20):░<20}] {share:4.0%} " if share is not None else ""
        text = "已读完，正在入库…" if share is not None and share >= 1 else f"已读 {rows:,} 行"
        print(f"\r\x1b[K{bar}{text}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._stands:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
