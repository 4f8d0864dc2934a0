"""`chengxin client`: the systems of units that may speak to the API."""

from __future__ import annotations

import argparse
import json
from typing import Any

DJANGO = True
HELP = "接口账号：建立、停用、列出报送数据的业务系统"
LISTED = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    add = words.add_parser("add", help="建立一个接口账号，密钥只显示一次")
    add.add_argument("unit", metavar="UNIT", help="单位名录里的名称、简称或统一社会信用代码")
    add.add_argument("name", metavar="NAME", help="是哪个系统，如 行政处罚办案系统")
    add.add_argument(
        "--scope", action="append", metavar="SCOPE", help="权限：records:write、batches:read，可写几次；不写则两项都有"
    )
    revoke = words.add_parser("revoke", help="停用一个接口账号，它的令牌立即失效")
    revoke.add_argument("client", metavar="ID", help="接口账号的编号")
    words.add_parser("list", help="列出接口账号")
    parser.epilog = (
        "例：chengxin client add 市市场监督管理局 行政处罚办案系统\n"
        "    chengxin client list\n"
        "    chengxin client revoke 0123456789abcdef0123456789abcdef"
    )


def run(args: argparse.Namespace) -> int:
    """Add, revoke or list."""
    from django.utils import timezone

    from chengxin.people import clients
    from chengxin.pipeline.commands import command_line

    by, at = command_line(), timezone.now()
    if args.word == "list":
        return _list(args)
    if args.word == "revoke":
        clients.revoke(client=args.client, by=by, at=at)
        print(json.dumps({"id": args.client, "active": False}) if args.json else f"接口账号 {args.client} 已停用。")
        return 0
    made = clients.add(
        unit=clients.unit_called(args.unit), name=args.name, scopes=args.scope or list(clients.SCOPES), by=by, at=at
    )
    if args.json:
        print(json.dumps({"id": made.id, "secret": made.secret}))
    else:
        print(f"编号 client_id     {made.id}\n密钥 client_secret {made.secret}　（只显示这一次）")
    return 0


def _list(args: argparse.Namespace) -> int:
    from chengxin.people import clients

    rows: list[dict[str, Any]] = []
    for client in clients.listed()[:LISTED]:
        used, revoked = clients.last_used_at(client), clients.revoked_at(client)
        unit = client.owner.unit.name if client.owner and client.owner.unit else ""
        rows.append(
            {
                "id": client.pk,
                "name": client.name,
                "unit": unit,
                "scopes": client.get_scopes(),
                "active": revoked is None,
                "last_used": used.isoformat() if used else None,
            }
        )
    if args.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        seen = f"最近使用 {row['last_used'][:10]}" if row["last_used"] else "没有用过"
        print(f"{row['id']}　{row['unit']}　{row['name']}　{seen}{'' if row['active'] else '　已停用'}")
    return 0
