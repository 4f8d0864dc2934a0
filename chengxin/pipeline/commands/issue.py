"""`chengxin issue`: issue codes for businesses."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

DJANGO = True
HELP = "签发诚信码"
CHUNK = 2000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("uscc", nargs="*", metavar="USCC", help="统一社会信用代码，可列多个")
    parser.add_argument("--all", action="store_true", help="给所有还没有码、或码的签发钥匙已作废的主体签发")
    parser.add_argument("--consent", metavar="REF", help="同意依据（文件名、编号等）；没有同意的码为“待同意”，不公示")
    parser.add_argument(
        "--placement", default="premises", help="放置处，如 premises 店门口、vehicle 车内、package 包装"
    )
    parser.add_argument("--label", default="", help="放置处的说明，如车牌号、分店名（不超过 60 字）")
    parser.add_argument("--show-label", action="store_true", help="同意依据写明可以公示这个说明时，扫码页才显示它")
    parser.add_argument("--profile", choices=["full", "short"], help="full 可离线核验；short 短码，用于小尺寸印刷")
    parser.epilog = (
        "例：chengxin issue 91230402MA1CTE575Q --consent 申领表2026-017\n"
        "    chengxin issue --all --consent 批量同意书2026-03 --json"
    )


def _chunks(args: argparse.Namespace) -> Iterator[list[str]]:
    from chengxin.credit.codes import queries
    from chengxin.terms import uscc

    if not args.all:
        yield [uscc.parse(text).text for text in args.uscc]
        return
    after = ""
    while subjects := queries.codeless(placement=args.placement, label=args.label, after=after, limit=CHUNK):
        yield subjects
        after = subjects[-1]


def run(args: argparse.Namespace) -> int:
    """Issue, and list what came of it; 1 when any subject was refused by name."""
    from django.conf import settings
    from django.utils import timezone

    from chengxin.board import token
    from chengxin.credit.codes import actions, rules
    from chengxin.credit.codes.placements import PLACEMENTS
    from chengxin.people.trail import Refused
    from chengxin.pipeline.commands import command_line
    from chengxin.terms import uscc

    if bool(args.uscc) == args.all:
        raise Refused("请列出统一社会信用代码，或者用 --all（二选一）")
    if args.placement not in PLACEMENTS:
        raise Refused(f"没有“{args.placement}”这个放置处，可用：{'、'.join(PLACEMENTS)}")
    if args.show_label and not (args.label and args.consent):
        raise Refused("--show-label 要与 --label 和 --consent 同用：同意依据要写明可以公示")
    if len(args.label) > 60:
        raise Refused("放置处的说明不超过 60 字")
    by = command_line()
    signer = actions.signer(folder=settings.KEYS_DIR, by=by, at=timezone.now())
    refused = issued = 0
    first = True
    if args.json:
        print("[", end="")
    try:
        for subjects in _chunks(args):
            for answer in actions.issue(
                subjects=subjects,
                consent=args.consent,
                placement=args.placement,
                label=args.label,
                label_shown=args.show_label,
                profile=args.profile,
                by=by,
                at=timezone.now(),
                signer=signer,
            ):
                url = f"{settings.CODE_URL.upper()}/C/{answer.token}" if answer.token else None
                refused += answer.state == "refused"
                issued += answer.state != "refused"
                if args.json:
                    line = {"uscc": answer.subject, "serial": answer.serial, "url": url, "state": answer.state}
                    if answer.refusal:
                        line["refusal"] = answer.refusal
                    print(("" if first else ",") + "\n " + json.dumps(line, ensure_ascii=False), end="")
                    first = False
                elif answer.refusal:
                    print(f"{answer.subject}  未签发：{answer.refusal}", file=sys.stderr)
                elif answer.serial is not None:
                    print(
                        f"{answer.subject}  编号 {token.grouped(answer.serial)}  {rules.STATE_LABELS[answer.state]}  {url}"
                    )
    except uscc.Malformed as error:
        raise Refused(str(error)) from error
    finally:
        if args.json:
            print("\n]")
    if not args.json:
        print(f"共 {issued} 个码" + (f"，{refused} 个主体未签发" if refused else "") + "。", file=sys.stderr)
    return 1 if refused and not args.all else 0
