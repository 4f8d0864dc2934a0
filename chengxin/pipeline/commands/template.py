"""`chengxin template`: a workbook to fill in, for one kind of record."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

from chengxin.pipeline.commands import kind_named, kinds_told, why

DJANGO = True  # a city's own kinds are taken up with it
DATABASE = False
HELP = "生成一种记录的填报模板（XLSX，带下拉列表、批注和填表说明）"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("kind", metavar="KIND", help=kinds_told())
    parser.add_argument("--out", metavar="FILE", type=Path, help="写到哪里，默认为当前目录下的“种类填报模板.xlsx”")
    parser.epilog = (
        "例：chengxin template penalty\n"
        "    chengxin template 行政许可 --out 许可模板.xlsx\n"
        "填好后导入：chengxin intake 许可模板.xlsx --kind licence"
    )


def run(args: argparse.Namespace) -> int:
    """Write the template; 1 with one sentence where it cannot be written, and a file that stands stays."""
    from chengxin.ingest import template
    from chengxin.people.trail import Refused

    kind = kind_named(args.kind)
    out: Path = args.out or Path(f"{kind.label}填报模板.xlsx")
    made = io.BytesIO()
    template.workbook(kind, made)
    try:
        with out.open("xb") as file:
            file.write(made.getbuffer())
    except FileExistsError:
        raise Refused(f"{out} 已存在，没有覆盖它：请用 --out 另写一个文件名") from None
    except OSError as error:
        raise Refused(f"不能写 {out}：{why(error)}") from error
    if args.json:
        print(json.dumps({"kind": kind.name, "file": str(out), "columns": len(kind.columns)}, ensure_ascii=False))
    else:
        print(f"{kind.label}填报模板已写到 {out}，共 {len(kind.columns)} 列。")
    return 0
