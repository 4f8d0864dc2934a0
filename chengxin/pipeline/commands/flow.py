"""`chengxin flow`: post what is waiting, once, and say how much that was."""

from __future__ import annotations

import argparse
import json

DJANGO = True
HELP = "把待上公示栏的变化全部上栏一次（平时由 serve 的后台进程随时进行）"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = "例：chengxin flow --json"


def run(args: argparse.Namespace) -> int:
    """Post everything touched."""
    from chengxin.pipeline import flow

    posted = flow.drain()
    print(json.dumps({"posted": posted}) if args.json else f"已上栏 {posted} 项变化。")
    return 0
