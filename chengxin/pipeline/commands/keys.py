"""`chengxin keys`: see the ring of signing keys, turn it, or revoke a key that was stolen."""

from __future__ import annotations

import argparse
import json
from typing import Any

DJANGO = True
HELP = "查看签发钥匙；--rotate 换用新钥匙（旧码仍然有效）；--revoke 作废一把（它签的码全部失效）"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--rotate", action="store_true", help="生成下一把钥匙，以后的码用它签")
    what.add_argument("--revoke", type=int, metavar="N", help="作废第 N 号钥匙（失窃、泄露）：它签的码全部失效，须换发")
    parser.add_argument("--why", default="", metavar="TEXT", help="作废的原因，写入留痕")
    parser.epilog = "例：chengxin keys --rotate\n例：chengxin keys --revoke 1 --why 备份盘失窃"


def run(args: argparse.Namespace) -> int:
    """List the keys, after turning the ring or revoking a key if asked."""
    from django.conf import settings
    from django.utils import timezone

    from chengxin.board.models import BoardKey
    from chengxin.credit.codes import actions, keyring, queries
    from chengxin.people.trail import Refused
    from chengxin.pipeline import flow
    from chengxin.pipeline.commands import command_line

    if args.rotate:
        actions.rotate(folder=settings.KEYS_DIR, by=command_line(), at=timezone.now())
    elif args.revoke is not None:
        why = args.why.strip()
        if not why or len(why) > 500:
            raise Refused("请用 --why 写明作废原因（1 至 500 字）")
        signer = actions.revoke(
            number=args.revoke, why=why, folder=settings.KEYS_DIR, by=command_line(), at=timezone.now()
        )
        if not args.json:
            print(
                f"第 {args.revoke} 号签发钥匙已作废，即刻生效：它签过的 {queries.signed_with(args.revoke)} 个码都不再作数，"
                f"请换发。以后用第 {signer.number} 号钥匙签发。"
            )
    if args.rotate or args.revoke is not None:
        # Not left to the worker, which may not be running: who fetches the list now gets it under a key that stands.
        flow.post_status(at=timezone.now())
    kept = {signer.number for signer in keyring.signers(settings.KEYS_DIR)}
    keys: list[dict[str, Any]] = [
        {
            "number": key.number,
            "since": key.since.isoformat(),
            "can_sign": key.number in kept and key.revoked_at is None,
            "revoked": key.revoked_at is not None,
        }
        for key in BoardKey.objects.order_by("number")
    ]
    if args.json:
        print(json.dumps(keys))
        return 0
    for key in keys:
        use = "已作废" if key["revoked"] else "可签发" if key["can_sign"] else "仅核验"
        print(f"第 {key['number']} 号  {key['since'][:10]} 起  {use}")
    if not keys:
        print("还没有钥匙：第一次签发时自动生成。")
    return 0
