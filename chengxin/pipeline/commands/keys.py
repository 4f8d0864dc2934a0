"""`chengxin keys`: see the ring of signing keys, or turn it."""

from __future__ import annotations

import argparse
import json
from typing import Any

DJANGO = True
HELP = "查看签发钥匙；--rotate 换用新钥匙（旧码仍然有效）"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--rotate", action="store_true", help="生成下一把钥匙，以后的码用它签")
    parser.epilog = "例：chengxin keys --rotate"


def run(args: argparse.Namespace) -> int:
    """List the keys, after turning the ring if asked."""
    from django.conf import settings
    from django.utils import timezone

    from chengxin.board.models import BoardKey
    from chengxin.credit.codes import actions, keyring
    from chengxin.pipeline.commands import command_line

    if args.rotate:
        actions.rotate(folder=settings.KEYS_DIR, by=command_line(), at=timezone.now())
    kept = {signer.number for signer in keyring.signers(settings.KEYS_DIR)}
    keys: list[dict[str, Any]] = [
        {
            "number": key.number,
            "since": key.since.isoformat(),
            "can_sign": key.number in kept,
            "revoked": key.revoked_at is not None,
        }
        for key in BoardKey.objects.order_by("number")
    ]
    if args.json:
        print(json.dumps(keys))
        return 0
    for key in keys:
        print(f"第 {key['number']} 号  {key['since'][:10]} 起  {'可签发' if key['can_sign'] else '仅核验'}")
    if not keys:
        print("还没有钥匙：第一次签发时自动生成。")
    return 0
