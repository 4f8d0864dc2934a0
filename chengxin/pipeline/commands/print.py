"""`chengxin print`: codes onto paper. One, a list, or all of them, in one file that is whole or not there."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import json
import os
import signal
import sys
import tempfile
import time
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from chengxin.pipeline.commands import why
from chengxin.press.carriers import CARRIERS

if TYPE_CHECKING:
    from datetime import datetime

    from chengxin.credit.publishing.printing import Chosen, Wanted
    from chengxin.press.paper import Issuer, Print

DJANGO = True
HELP = "印制诚信码：海报、门贴，一个或一批"
ENDINGS: Final = (".pdf", ".svg", ".png")
QUIET_SECONDS: Final = 2
KEPT: Final = 1000
"""So many of what could not be printed are told in the JSON; all of them are counted, and told on stderr."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    carriers = "；".join(f"{carrier.name} {carrier.label}" for carrier in CARRIERS.values())
    parser.add_argument("carrier", choices=list(CARRIERS), metavar="CARRIER", help=f"印在什么上：{carriers}")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--subject", metavar="USCC", help="一个主体")
    which.add_argument("--list", metavar="FILE", help="一批：每行一个统一社会信用代码或编号；- 为标准输入")
    which.add_argument("--all", action="store_true", help="全部有有效码的主体")
    parser.add_argument(
        "--placement", metavar="NAME", help="只印这一放置处的码（全部），如 vehicle；不写则每个主体印一个"
    )
    parser.add_argument("--serial", metavar="NO", help="只印这一个编号，如 0000-C1S（与 --subject 同用）")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="写到哪里，.pdf、.svg 或 .png；多个码只能用 .pdf"
    )
    parser.epilog = (
        "例：chengxin print poster --subject 91230402MA1CTE575Q --out 海报.pdf\n"
        "    chengxin print sticker --list 名单.txt --out 门贴.pdf     门贴多于一张时，四张拼一页 A4，带裁切线\n"
        "    chengxin print sticker --all --placement vehicle --out 车贴.pdf\n"
        "PDF 内嵌字体，请按实际大小（100%）打印。退出状态：0 全部印好；1 有印不了的，逐个说明，其余照印"
    )


def run(args: argparse.Namespace) -> int:
    """Print; 1 when anything asked for could not be printed."""
    from django.conf import settings
    from django.utils import timezone

    from chengxin.credit.codes import queries as codes
    from chengxin.credit.codes.placements import PLACEMENTS
    from chengxin.credit.publishing import city, printing
    from chengxin.people.trail import Refused

    ending = args.out.suffix.lower()
    if ending not in ENDINGS:
        raise Refused(f"文件名要以 {'、'.join(ENDINGS)} 结尾，而不是“{args.out.name}”。")
    if os.path.isdir(args.out):
        raise Refused(f"写不了 {args.out}：这是一个目录。")
    if args.placement is not None and args.placement not in PLACEMENTS:
        raise Refused(f"没有“{args.placement}”这个放置处，可用：{'、'.join(PLACEMENTS)}")
    now = timezone.now()
    issuer = printing.issuer(city.face().city, code_url=settings.CODE_URL, today=timezone.localdate(now))
    desk = _Desk(quiet=args.json, dead=codes.dead_prefixes())
    with contextlib.ExitStack() as stack:
        stack.enter_context(_orderly())
        wanted, total = _wanted(args, desk, stack)
        chosen = printing.choose(
            wanted,
            placement=args.placement,
            code_url=settings.CODE_URL,
            # Whoever says all has named nobody: a business without a standing code is no fault of his.
            complain=desk.pass_by if args.all else desk.complain,
        )
        desk.expect(total)
        if ending == ".pdf":
            _bind(args, desk, chosen, issuer=issuer, at=now)
        else:
            _picture(args, desk, chosen, issuer=issuer, at=now)
    desk.report(args)
    return 1 if desk.refused or not desk.printed else 0


def _wanted(args: argparse.Namespace, desk: _Desk, stack: contextlib.ExitStack) -> tuple[Iterable[Wanted], int | None]:
    """Return what is asked for, and how much that is, if anybody can say."""
    from chengxin.board import token
    from chengxin.credit.codes import queries as codes
    from chengxin.credit.publishing import printing
    from chengxin.people.trail import Refused
    from chengxin.terms import uscc

    if args.serial is not None and args.subject is None:
        raise Refused("--serial 要与 --subject 同用；多个编号请写成名单，用 --list。")
    if args.all:
        return printing.everybody(), codes.holder_count()
    if args.list is not None:
        lines, total = _lines(args.list, stack)
        return printing.asked(lines, desk.complain), total
    try:
        subject = uscc.parse(args.subject).text
    except uscc.Malformed as error:
        raise Refused(str(error)) from error
    if args.serial is None:
        return [printing.Wanted(subject, subject=subject)], 1
    serial = token.ungrouped(args.serial)
    if serial is None:
        raise Refused(f"“{args.serial}”不是编号，编号是 7 位，如 0000-C1S。")
    if codes.holders_of([serial]).get(serial) != subject:
        raise Refused(f"{subject} 没有编号为 {token.grouped(serial)} 的码。")
    return [printing.Wanted(args.serial, serial=serial)], 1


def _lines(name: str, stack: contextlib.ExitStack) -> tuple[IO[str], int | None]:
    from chengxin.people.trail import Refused

    if name == "-":
        return sys.stdin or io.StringIO(), None  # closed by whoever started us: nobody is asked for
    try:
        # What is no UTF-8 ends as a line that is no USCC, and is told as one.
        lines = stack.enter_context(Path(name).open(encoding="utf-8-sig", errors="replace"))  # noqa: SIM115 — the stack closes it
        if not lines.seekable():
            return lines, None
        total = sum(1 for line in lines if line.strip() and not line.startswith("#"))
        lines.seek(0)
    except OSError as error:
        raise Refused(f"读不了名单 {name}：{why(error)}。") from error
    return lines, total


@contextlib.contextmanager
def _orderly() -> Iterator[None]:
    """Let a job that is ended from outside (kill, a closed terminal) take its unfinished file away."""

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# ---- Onto paper --------------------------------------------------------------------------------------------------


def _bind(args: argparse.Namespace, desk: _Desk, chosen: Iterator[Chosen], *, issuer: Issuer, at: datetime) -> None:
    from chengxin.people.trail import Refused
    from chengxin.press import job
    from chengxin.press.paper import NotPrintable

    with _beside(args.out) as file:
        try:
            desk.printed = job.bind(
                file,
                CARRIERS[args.carrier],
                (one.print for one in desk.noted(chosen)),
                issuer=issuer,
                at=at,
                refused=desk.refuse,
                progress=desk.show,
            )
        except NotPrintable as reason:  # of the words that all pieces share
            raise Refused(str(reason)) from reason
        if desk.printed:
            _finish(args, desk, file, at=at)


def _picture(args: argparse.Namespace, desk: _Desk, chosen: Iterator[Chosen], *, issuer: Issuer, at: datetime) -> None:
    from chengxin.people.trail import Refused
    from chengxin.press import job
    from chengxin.press.paper import NotPrintable

    found = list(zip(desk.noted(chosen), range(2), strict=False))
    if len(found) > 1:
        raise Refused("SVG 和 PNG 一个文件只能放一个码：请用 .pdf，或用 --subject 和 --serial 选一个。")
    for one, _ in found:
        try:
            drawn = job.picture(
                CARRIERS[args.carrier], one.print, issuer=issuer, at=at, format=args.out.suffix.lower()[1:]
            )
        except NotPrintable as reason:
            desk.refuse(one.print, str(reason))
            return
        desk.printed = 1
        with _beside(args.out) as file:
            file.write(drawn)
            _finish(args, desk, file, at=at)


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """Give a file beside `path`, which `_finish` puts in its place; what was not finished is taken away."""
    from chengxin.people.trail import Refused

    try:
        file = tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent, delete=False)  # noqa: SIM115 — closed below
    except OSError as error:
        raise Refused(f"写不了 {path}：{why(error)}。") from error
    try:
        with file:
            yield file
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EISDIR, errno.EIO):
            raise Refused(f"写不了 {path}：{why(error)}。") from error
        raise
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(file.name)


def _finish(args: argparse.Namespace, desk: _Desk, file: IO[bytes], *, at: datetime) -> None:
    """Note the print, and put the file in its place: both or neither."""
    from django.db import transaction

    from chengxin.credit.codes import actions
    from chengxin.credit.publishing import printing
    from chengxin.pipeline.commands import command_line

    file.flush()
    os.fsync(file.fileno())
    mask = os.umask(0)
    os.umask(mask)
    os.fchmod(file.fileno(), 0o666 & ~mask)  # a temporary file is its owner's alone; a poster is like any other file
    with transaction.atomic():
        printing.recheck(desk.serials, since=at, dead=desk.dead)
        actions.note_print(
            thing=f"subject:{desk.subject}" if args.subject else f"codes:{desk.printed}",
            carrier=args.carrier,
            printed=desk.printed,
            refused=desk.refused,
            serials=(min(desk.serials), max(desk.serials)),
            by=command_line(),
            at=at,
        )
        os.replace(file.name, args.out)


# ---- What is said ------------------------------------------------------------------------------------------------


class _Desk:
    """The counter where a job is watched: what came, what could not be printed, how far it is."""

    def __init__(self, *, quiet: bool, dead: frozenset[str] = frozenset()) -> None:
        self.printed = self.refused = self.passed = 0
        self.subject = ""
        self.serials = array("Q")
        self.dead = dead
        self._quiet = quiet
        self._told: list[dict[str, str]] = []
        self._began = self._shown = time.monotonic()
        self._total: int | None = None
        self._stands = False

    def expect(self, total: int | None) -> None:
        self._total = total

    def noted(self, chosen: Iterator[Chosen]) -> Iterator[Chosen]:
        for one in chosen:
            self.subject = one.print.code.replace(" ", "")
            self.serials.append(one.serial)
            yield one

    def pass_by(self, said: str, reason: str) -> None:
        self.passed += 1

    def refuse(self, one: Print, reason: str) -> None:
        self.serials.pop()  # refused as it comes, before the next is asked for
        self.complain(f"{one.code.replace(' ', '')}（编号 {one.serial}）", reason)

    def complain(self, said: str, reason: str) -> None:
        self.refused += 1
        if len(self._told) < KEPT:
            self._told.append({"asked": said, "reason": reason})
        self._clear()
        said = "".join(character if character.isprintable() else "\ufffd" for character in said)
        print(f"{said}  未印：{reason}", file=sys.stderr)

    def show(self, done: int) -> None:
        """Say how far a long job is: a line that redraws itself on a terminal, a plain one now and then elsewhere."""
        now, drawn = time.monotonic(), sys.stderr.isatty()
        if (
            now - self._began < QUIET_SECONDS
            or now - self._shown < (0.2 if drawn else 5)
            or (self._quiet and not drawn)
        ):
            return
        self._shown, rate = now, done / (now - self._began)
        text = f"已印 {done:,} 个，每秒 {rate:.0f} 个"
        if self._total:
            through = done + self.refused + self.passed
            share = min(1.0, through / self._total)
            left = (self._total - through) * (now - self._began) / through if through else 0
            text = f"[{'█' * int(share * 20):░<20}] {share:4.0%} {text}，约剩 {max(0.0, left):.0f} 秒"
        self._stands = drawn
        print(f"\r\x1b[K{text}" if drawn else text, end="" if drawn else "\n", file=sys.stderr, flush=True)

    def report(self, args: argparse.Namespace) -> None:
        self._clear()
        took = time.monotonic() - self._began
        if args.json:
            report: dict[str, Any] = {
                "carrier": args.carrier,
                "out": str(args.out) if self.printed else None,
                "printed": self.printed,
                "refused": self.refused,
                "without": self.passed,
                "seconds": round(took, 2),
                "refusals": self._told,
            }
            print(json.dumps(report, ensure_ascii=False))
            return
        if not self.printed:
            print("没有可以印的码，没有生成文件。", file=sys.stderr)
            return
        rest = f"，{self.refused} 个未印" if self.refused else ""
        rest += f"，{self.passed} 个主体没有可印的码" if self.passed else ""
        print(f"已印 {self.printed:,} 个码{rest}：{args.out}（{took:.1f} 秒）")
        if args.out.suffix.lower() == ".pdf":
            print("请按实际大小（100%）打印。")

    def _clear(self) -> None:
        if self._stands:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._stands = False
