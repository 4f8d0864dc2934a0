"""`chengxin account`: who may sign in at the office's door."""

from __future__ import annotations

import argparse
import json
import secrets
from typing import Any

DJANGO = True
HELP = "查看、开立、停用信用办端的账号"
LISTED = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="账号名；不写则列出全部账号")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--role", metavar="ROLE", help="开立账号，或改变它的角色，如 credit_office 信用办")
    what.add_argument("--reset", action="store_true", help="换一个新密码")
    what.add_argument("--close", action="store_true", help="停用：不能再登录，已登录的立即退出")
    parser.add_argument("--unit", metavar="UNIT", help="所属单位：名称、简称、曾用名或统一社会信用代码；不写则不变")
    parser.epilog = (
        "新账号的密码只显示一次，请本人登录后在“修改密码”里换掉。\n"
        "例：chengxin account 张三 --role credit_office\n"
        "    chengxin account 李四 --role department --unit 市交通运输局\n"
        "    chengxin account 张三 --reset\n"
        "    chengxin account 张三 --close"
    )


def run(args: argparse.Namespace) -> int:
    """Open, change or close one account, or list them all."""
    from django.utils import timezone

    from chengxin.people import actions, queries
    from chengxin.people.models import User
    from chengxin.people.trail import Refused
    from chengxin.pipeline.commands import command_line

    if args.name is None:
        if args.role or args.reset or args.close or args.unit:
            raise Refused("请写明账号名，如 chengxin account 张三 --role credit_office")
        return _list(args)
    by, at = command_line(), timezone.now()
    standing = User.objects.filter(username=args.name).first()
    if args.close:
        actions.close_account(username=args.name, by=by, at=at)
        print(json.dumps({"name": args.name, "active": False}) if args.json else f"账号 {args.name} 已停用。")
        return 0
    if not args.role and not args.reset and not args.unit:
        raise Refused("请写明要做什么：--role 角色（开立）、--unit 单位、--reset（换密码）或 --close（停用）")
    role = args.role or (standing.role if standing else "")
    if not role:
        raise Refused(f"没有账号“{args.name}”。")
    password = secrets.token_urlsafe(15) if args.reset or standing is None else None
    unit = queries.unit_named(args.unit) if args.unit else None
    if args.unit and unit is None:
        raise Refused(f"名录里没有“{args.unit}”，请先用 chengxin units 导入，或核对名称。")
    actions.open_account(username=args.name, role=role, password=password, unit=unit.pk if unit else None, by=by, at=at)
    _tell(args, role, password)
    return 0


def _tell(args: argparse.Namespace, role: str, password: str | None) -> None:
    from chengxin.people.roles import ROLES

    if args.json:
        print(json.dumps({"name": args.name, "role": role, "active": True, "password": password}, ensure_ascii=False))
        return
    print(f"账号 {args.name}　{ROLES[role].label}")
    if password:
        print(f"密码 {password}　（只显示这一次）")


def _list(args: argparse.Namespace) -> int:
    from chengxin.people.models import User
    from chengxin.people.roles import ROLES

    rows: list[dict[str, Any]] = [
        {
            "name": user.username,
            "role": user.role,
            "unit": user.unit.name if user.unit else "",
            "active": user.is_active,
            "last_sign_in": user.last_login.isoformat() if user.last_login else None,
        }
        for user in User.objects.exclude(role="business").select_related("unit").order_by("username")[:LISTED]
    ]
    if args.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        label = ROLES[row["role"]].label if row["role"] in ROLES else row["role"]
        seen = f"最近登录 {row['last_sign_in'][:10]}" if row["last_sign_in"] else "没有登录过"
        print(f"{row['name']}　{label}　{row['unit'] or '没有单位'}　{seen}{'' if row['active'] else '　已停用'}")
    return 0
