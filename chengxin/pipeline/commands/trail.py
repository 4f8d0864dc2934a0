"""`chengxin trail`: is the chain of the trail whole?"""

from __future__ import annotations

import argparse
import json

DJANGO = True
HELP = "核对留痕的哈希链是否完整"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = "例：chengxin trail\n退出状态：0 完整；1 有改动或缺失"


def run(args: argparse.Namespace) -> int:
    """Seal what is not sealed yet, and go through the chain."""
    from django.utils import timezone

    from chengxin.people import trail
    from chengxin.people.models import TrailSeal

    trail.seal(at=timezone.now())
    broken = trail.verify()
    newest = TrailSeal.objects.order_by("-number").first()
    count = newest.number if newest else 0
    digest = bytes(newest.digest).hex() if newest else ""
    if args.json:
        print(json.dumps({"sealed": count, "broken": broken, "digest": digest}))
    elif broken is None:
        print(f"留痕完整，共 {count} 条。")
        # Whoever cuts off the end of the chain cannot be found out by the chain itself: keep this elsewhere.
        print(f"请另行保存末条摘要，以后可据此核对：{digest}")
    else:
        print(f"留痕在第 {broken} 条处被改动或缺失。")
    return 0 if broken is None else 1
