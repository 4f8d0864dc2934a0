"""`chengxin init`: say which city this is, and make the keeper's account. Again and again if need be."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chengxin.board.city import City

DJANGO = True
HELP = "写明这是哪座城市、哪个信用办，并建立管理员账号；可以反复运行"

# The command's help loads no Django, so these stand here; a test holds them to the table of fields.
OPTIONS = (
    ("city", "城市名称，如 ××市"),
    ("office", "信用办名称（签发单位全称）"),
    ("letterhead", "文头"),
    ("centre", "报告出具单位"),
    ("phone", "咨询电话"),
    ("mailbox", "电子邮箱"),
    ("address", "办公地址"),
    ("site_name", "网站名称"),
    ("icp", "ICP 备案号"),
    ("police", "公安备案号"),
    ("site_code", "网站标识码"),
)
ASKED = ("city", "office", "phone", "mailbox", "divisions")
"""What is asked on a terminal; the rest waits on the office's page."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    for name, label in OPTIONS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=label)
    parser.add_argument(
        "--division", action="append", metavar="CODE", help="行政区划范围，GB/T 2260 代码，可写多个：--division 2304"
    )
    parser.add_argument(
        "--link", action="append", metavar="名称=网址", help="页脚链接，可写多个：--link 市民热线=tel:12345"
    )
    parser.add_argument("--logo", type=Path, metavar="PNG", help="标志图片，PNG，不超过 200 KB")
    parser.add_argument("--file", type=Path, metavar="TOML", help="从文件读取以上各项；命令行上写的优先")
    parser.add_argument("--reset-keeper", action="store_true", help="把管理员的密码重设为数据目录里保存的那个")
    parser.epilog = (
        "没有写的项保持原样。什么都不写、又在终端上运行时，会逐项询问。\n"
        "例：chengxin init --city ××市 --office ××市社会信用体系建设办公室 --phone 0468-3350000 --division 2304\n"
        "    chengxin init --file city.toml --json\n"
        "    chengxin init --reset-keeper"
    )


def run(args: argparse.Namespace) -> int:
    """Describe the city, make the keeper's account, say how to sign in."""
    from django.conf import settings
    from django.db import transaction
    from django.utils import timezone

    from chengxin.credit.publishing import city as publishing
    from chengxin.credit.publishing import logo as logos
    from chengxin.people.actions import KEEPER, make_keeper
    from chengxin.pipeline.commands import command_line

    by, at = command_line(), timezone.now()
    standing = publishing.face().city
    said = _said(args)
    if not said and not args.logo and not args.reset_keeper and not args.json and sys.stdin.isatty():
        said = _ask(standing)
    logo = logos.clean(_bytes(args.logo)) if args.logo else None
    password = settings.INSTALLATION.secret(KEEPER, "password")
    changed: tuple[str, ...] = ()
    with transaction.atomic():
        if said or logo is not None:
            changed = publishing.describe_city(city=_merged(standing, said), logo=logo, by=by, at=at)
        made = make_keeper(password=password, by=by, at=at, reset=args.reset_keeper)
    _report(args, changed=changed, made=made, password=password)
    return 0


def _said(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the file and the command line say of the city, the command line last."""
    from chengxin.people.trail import Refused

    said = _file(args.file) if args.file else {}
    for name, _ in OPTIONS:
        if (value := getattr(args, name)) is not None:
            said[name] = value
    if args.division is not None:
        said["divisions"] = args.division
    if args.link is not None:
        said["links"] = []
        for link in args.link:
            label, equals, url = link.partition("=")
            if not equals:
                raise Refused(f"链接要写成 名称=网址 的样子，例如 市民热线=tel:12345，而不是“{link}”。")
            said["links"].append({"label": label, "url": url})
    return said


def _file(path: Path) -> dict[str, Any]:
    from chengxin.people.trail import Refused

    try:
        return tomllib.loads(_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused(f"{path} 不是 UTF-8 编码的文本，请另存为 UTF-8 后再用。") from error
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{path} 不是正确的 TOML：{error}。") from error


def _bytes(path: Path) -> bytes:
    from chengxin.people.trail import Refused

    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(f"没有 {path} 这个文件。") from error
    except OSError as error:
        raise Refused(f"读不了 {path}：{error.strerror}。") from error


def _ask(standing: City) -> dict[str, Any]:
    """Ask on the terminal, each thing until its answer will do; an empty answer keeps what stands."""
    from chengxin.credit.publishing.city import LABELS, faults, split_divisions
    from chengxin.people.trail import Refused

    said: dict[str, Any] = {}
    for name in ASKED:
        now = getattr(standing, name)
        shown = "，".join(now) if isinstance(now, tuple) else now
        question = LABELS[name] + (f"（现为 {shown}，直接回车不改）" if shown else "") + "："
        while True:
            try:
                answer = input(question).strip()
            except EOFError as error:
                raise Refused("没有答完，没有做任何改动。") from error
            if answer:
                said[name] = split_divisions(answer) if name == "divisions" else answer
            sorry = faults(_merged(standing, said)).get(name)
            if not sorry:
                break
            print(sorry)
    return said


def _merged(standing: City, said: dict[str, Any]) -> City:
    import msgspec

    from chengxin.board.city import City
    from chengxin.credit.publishing.city import tidy
    from chengxin.people.trail import Refused

    known = {field for field in City.__struct_fields__ if field != "logo"}
    if unknown := sorted(set(said) - known):
        raise Refused(f"没有“{'、'.join(unknown)}”这一项，可用：{'、'.join(sorted(known))}。")
    try:
        return tidy(msgspec.convert({**msgspec.to_builtins(standing), **said}, City))
    except msgspec.ValidationError as error:
        raise Refused(f"文件里有一项写法不对：{error}。") from error


def _report(args: argparse.Namespace, *, changed: tuple[str, ...], made: bool, password: str) -> None:
    from django.conf import settings

    from chengxin.credit.publishing.city import LABELS, face
    from chengxin.people.actions import KEEPER
    from chengxin.people.models import User

    city = face().city
    still = User.objects.get(username=KEEPER).check_password(password)
    if args.json:
        report = {
            "city": city.city,
            "office": city.office,
            "changed": list(changed),
            "sign_in": {
                "url": f"{settings.OFFICE_URL}/sign-in",
                "username": KEEPER,
                "password": password if still else None,
                "made": made,
            },
        }
        print(json.dumps(report, ensure_ascii=False))
        return
    print(
        f"本市：{city.city}　{city.office}"
        if city.city
        else "还没有写明城市：请用 --city 和 --office，或在信用办端“设置”页填写。"
    )
    if changed:
        print(f"已更新：{'、'.join(LABELS[name] for name in changed)}")
    print(f"信用办端：{settings.OFFICE_URL}/sign-in")
    print(f"账号：{KEEPER}　密码：{password if still else '已另行更改，忘了可用 chengxin init --reset-keeper 重设'}")
