"""`chengxin demo`: an installation to look at, with businesses that do not exist; with `--serve`, served at once."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from chengxin.pipeline.demo.load import State


class Loaded(NamedTuple):
    """A demo that stands."""

    state: State
    opened: frozenset[str]
    """Accounts that were opened just now: whether their passwords still hold need not be asked, which takes a while."""


DJANGO = True
DATABASE = False  # with --serve a taken port is found out first
HELP = "装入演示数据（虚构的经营主体），--serve 随后启动服务"
CLERK = "clerk"
"""The demo's own account of the credit office: a keeper handles no business."""
CAST = {CLERK: "credit_office", "bureau": "department", "county": "county", "mall": "place", "auditor": "auditor"}
"""The demo's own accounts, one for each role that signs in, beside the keeper's."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--size", type=int, default=2000, metavar="N", help="经营主体数，可到 1000000（默认 2000）")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="种子：同一种子、同一天，数据完全相同（默认 1）"
    )
    parser.add_argument("--serve", action="store_true", help="装好后启动公众端和信用办端，Ctrl-C 全部停止")
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="公众端的端口（默认 8000）")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDR", help="监听地址；lan 表示局域网内都可访问")
    # All days in the files are counted from this one; tests name it, everybody else means today.
    parser.add_argument("--today", type=date.fromisoformat, help=argparse.SUPPRESS)
    parser.add_argument("--leash", action="store_true", help=argparse.SUPPRESS)
    parser.epilog = (
        "数据经由官方格式文件（数据目录下的 demo/）归集，与真实数据走同一条路；已装过的不再重装。\n"
        "例：chengxin demo --size 2000 --seed 1\n"
        "    chengxin demo --size 100000 --data /srv/demo --json\n"
        "    chengxin demo --serve --port 8010 --host lan"
    )


def run(args: argparse.Namespace) -> int:
    """Load what is missing, say what there is, and serve it if asked to."""
    from chengxin.pipeline import serve

    if not args.serve:
        with serve.database():
            _report(_load(args), args)
        return 0
    loaded: list[Loaded] = []
    serve.serve(
        host=args.bind,
        port=args.port,
        environment=args.environment,
        fill=lambda: loaded.append(_load(args)),
        announce=lambda: _report(loaded[0], args),
    )
    return 0


def _load(args: argparse.Namespace) -> Loaded:
    from django.conf import settings
    from django.utils import timezone

    from chengxin.people import queries
    from chengxin.people.actions import KEEPER, make_keeper, open_account
    from chengxin.people.models import User
    from chengxin.pipeline.demo import load, owners, units
    from chengxin.pipeline.demo.plan import BY

    now = timezone.now()
    opened = set()
    begun = load.begin(size=args.size, seed=args.seed, today=args.today or timezone.localdate(now))
    if make_keeper(password=settings.INSTALLATION.secret(KEEPER, "password"), by=BY, at=now):
        opened.add(KEEPER)
    load.bring_in_units()
    for name, role in CAST.items():
        if not User.objects.filter(username=name).exists():
            password = settings.INSTALLATION.secret(name, "password")
            unit = queries.unit_named(units.OF[name]) if name in units.OF else None
            open_account(username=name, role=role, password=password, unit=unit.pk if unit else None, by=BY, at=now)
            opened.add(name)
    if begun.reached == "done":
        if not args.json:
            print(f"已有 {begun.size:,} 家、种子 {begun.seed} 的演示数据，不再重装。", file=sys.stderr)
    else:
        if owners.of_demo() is None:
            opened.add(owners.SECRET)
        begun = load.load(begun, quiet=args.json and not sys.stderr.isatty())
    return Loaded(begun, frozenset(opened))


# ---- What there is ---------------------------------------------------------------------------------------------


def _report(loaded: Loaded, args: argparse.Namespace) -> None:
    from django.conf import settings

    from chengxin.people.actions import KEEPER
    from chengxin.people.models import User
    from chengxin.people.roles import ROLES
    from chengxin.pipeline.demo import load, owners
    from chengxin.press import qr

    state, opened = loaded
    counts = load.counts()
    samples = _samples(state)
    passwords: dict[str, str | None] = {}
    for name in (KEEPER, *CAST):
        kept = settings.INSTALLATION.secret(name, "password")
        user = User.objects.filter(username=name).first()
        passwords[name] = kept if name in opened or (user is not None and user.check_password(kept)) else None
    sign_in = f"{settings.OFFICE_URL}/sign-in"
    owner = {
        "url": f"{settings.OFFICE_URL}/enterprise/",
        "phone": owners.NUMBER,
        "password": owners.password(fresh=owners.SECRET in opened),
    }
    if args.json:
        report = {
            "size": state.size,
            "seed": state.seed,
            "today": state.today.isoformat(),
            **counts,
            "samples": samples,
            "public": settings.PUBLIC_URL,
            "sign_in": {"url": sign_in, "username": KEEPER, "password": passwords[KEEPER]},
            **{name: {"url": sign_in, "username": name, "password": passwords[name]} for name in CAST},
            "owner": owner,
        }
        print(json.dumps(report, ensure_ascii=False), flush=True)
        return
    print(
        f"演示数据：经营主体 {counts['subjects']:,}，信用记录 {counts['records']:,}，诚信码 {counts['codes']:,}，"
        f"上栏信息 {counts['cards']:,}，搁置的行 {counts['set_aside']:,}\n"
    )
    for sample in samples:
        print(f"{sample['label']}　{sample['name']}\n  {sample['url']}")
    if samples:
        print(f"\n扫一扫：{samples[0]['name']}\n" + qr.terminal(samples[0]["url"], colour=sys.stdout.isatty()))
        print(
            f"印成海报：.venv/bin/chengxin print poster --data {shlex.quote(str(settings.DATA_DIR))}"
            f" --subject {samples[0]['uscc']} --out 海报.pdf"
        )
    print(
        f"\n公众端    {settings.PUBLIC_URL}　按名称查 /search　离线核验 /verify　举报假码 /fake\n信用办端  {sign_in}\n"
        f"系统管理员 {KEEPER}　密码 {passwords[KEEPER] or '已另行更改（忘了可用 chengxin init --reset-keeper 重设）'}\n"
        + "\n".join(
            f"{ROLES[role].label} {name}　密码 "
            + (passwords[name] or f"已另行更改（忘了可用 chengxin account {name} --reset 重设）")
            for name, role in CAST.items()
        )
        + f"\n经营主体端  {owner['url']}\n{owners.NAME} 手机 {owners.NUMBER.removeprefix('+86')}　"
        + (f"密码 {owner['password']}" if owner["password"] else "密码已另行更改")
        + "；也可用任意手机号码注册，验证码会显示在这里",
        flush=True,
    )


def _samples(state: State) -> list[dict[str, Any]]:
    """Return the codes worth looking at, with their addresses as they are now."""
    from django.conf import settings

    from chengxin.credit.codes import queries as codes
    from chengxin.credit.subjects import queries as subjects
    from chengxin.pipeline.demo.issuing import LABELS

    wanted = [sample.subject for sample in state.samples]
    tokens = {code.serial: code.token for code in codes.standing(wanted)}
    names = {one.subject: one.name for one in subjects.registrations(wanted)}
    return [
        {
            "what": sample.what,
            "label": LABELS[sample.what],
            "name": names[sample.subject],
            "uscc": sample.subject,
            "serial": sample.serial,
            "url": f"{settings.CODE_URL.upper()}/C/{tokens[sample.serial]}",
        }
        for sample in state.samples
        if sample.serial in tokens
    ]
