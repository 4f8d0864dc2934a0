"""`chengxin withdraw`: withdraw a business's codes, at once."""

from __future__ import annotations

import argparse
import json

DJANGO = True
HELP = "注销一个主体的全部诚信码，立即生效"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("uscc", metavar="USCC", help="统一社会信用代码")
    parser.add_argument("--why", required=True, metavar="TEXT", help="注销原因，写入留痕")
    parser.epilog = "例：chengxin withdraw 91230402MA1CTE575Q --why 主体申请停用"


def run(args: argparse.Namespace) -> int:
    """Withdraw."""
    from django.utils import timezone

    from chengxin.board import token
    from chengxin.credit.codes import actions
    from chengxin.people.trail import Refused
    from chengxin.pipeline.commands import command_line
    from chengxin.terms import uscc

    why = args.why.strip()
    if not why or len(why) > 500:
        raise Refused("请用 --why 写明注销原因（1 至 500 字）")
    try:
        subject = uscc.parse(args.uscc).text
    except uscc.Malformed as error:
        raise Refused(str(error)) from error
    serials = actions.withdraw(subject=subject, why=why, by=command_line(), at=timezone.now())
    if args.json:
        print(json.dumps({"uscc": subject, "serials": serials, "state": "cancelled"}))
    else:
        print(
            f"已注销 {subject} 的 {len(serials)} 个码（编号 {'、'.join(map(token.grouped, serials))}），扫码页面即刻改变。"
        )
    return 0
