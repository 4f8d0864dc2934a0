"""`chengxin areas`: how many businesses each governing area has; look at every address anew after its rules changed."""

from __future__ import annotations

import argparse
import json

DJANGO = True
HELP = "按现行规则重新看一遍所有住所归哪个管辖区，再列出各区的主体数"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = "改过数据目录里 areas/ 的文件后运行一次；写法见 docs/areas.md。例：chengxin areas"


def run(args: argparse.Namespace) -> int:
    """Read the addresses again and count."""
    from django.utils import timezone

    from chengxin.credit.subjects import areas, queries
    from chengxin.pipeline.commands import command_line
    from chengxin.terms import area

    changed = areas.read_again(by=command_line(), at=timezone.now())
    counts = queries.counts_by_area()
    if args.json:
        print(json.dumps({"changed": changed, "areas": counts}))
        return 0
    for code, count in counts.items():
        print(f"{code or '—':8} {area.label(code)}  {count}")
    print(f"合计 {sum(counts.values())}；这次改归的有 {changed} 家。")
    return 0
