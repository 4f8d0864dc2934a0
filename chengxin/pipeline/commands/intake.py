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

DJANGO = True
HELP = "归集一份数据文件（CSV、XLSX、XLS、ODS、JSON Lines 等）"
QUIET_SECONDS = 2


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="数据文件，编码和格式自动识别")
    parser.add_argument("--kind", required=True, metavar="KIND", help=kinds_told())
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="来源：chengxin/ingest/sources 里的名称；没有这个名称的，就把 NAME 当作来源单位的名称。行内有“数据来源单位”的以行内为准",
    )
    parser.epilog = (
        "例：chengxin intake 登记信息.csv --kind subject --source 市市场监督管理局\n"
        "    chengxin intake 行政许可.xlsx --kind licence --json\n"
        "有问题的行不会丢，也不妨碍别的行：写入反馈文件，改好后把改过的行再导入即可。"
    )


def run(args: argparse.Namespace) -> int:
    """Take the file in; 1 with one sentence if it cannot be read, and then nothing of it is kept."""
    from django.conf import settings
    from django.utils import timezone

    from chengxin.ingest import sources
    from chengxin.ingest.intake import take_in
    from chengxin.ingest.read import Limits, NotReadable
    from chengxin.people.trail import Refused

    kind = kind_named(args.kind)
    name = sources.DEFAULT if args.source is None else args.source.strip()
    if not name or len(name) > 200:
        raise Refused("来源的名称应为 1 至 200 字")
    now = timezone.now()
    meter = _Meter()
    try:
        report = take_in(
            path=args.file,
            kind=kind.name,
            source=sources.find(name),
            by=command_line(),
            at=now,
            today=timezone.localdate(now),
            limits=Limits(settings.INTAKE_MAX_BYTES, settings.INTAKE_MAX_UNPACKED_BYTES),
            feedback_dir=settings.FEEDBACK_DIR,
            progress=meter.show if sys.stderr.isatty() else None,
        )
    except NotReadable as error:
        raise Refused(f"{error}。没有导入任何数据。") from error
    finally:
        meter.clear()
    if args.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        print("\n".join(_told(report)))
    return 0


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
