"""`chengxin verify`: is this code genuine, and does it stand? Loads no Django; asks the board as the public side does.

With `--keys` (and `--status`) it asks nobody: the two documents were fetched before, and what is said rests on them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from chengxin.board import jwks, offline, status, token, verdict
from chengxin.credit.codes import keyring
from chengxin.pipeline import photo
from chengxin.pipeline.commands import why
from chengxin.public import reader
from chengxin.public.line import Down
from chengxin.public.page.words import NOTICES, REPORT_FAKE

DJANGO = False
HELP = "核验一个码（令牌、扫出的网址，或拍下它的照片）"

WORST: Final = (verdict.Exit.FORGED, verdict.Exit.STOPPED, verdict.Exit.CANNOT_TELL, verdict.Exit.GENUINE)
"""Of several codes in one picture the first of these is what counts; codes for something else only where all are."""

REPORT_IT: Final = (
    "请拍下这张码和它所在的位置，在公众端的“举报假码”（/fake）举报，或拨打 12345；已经付款、受到损失的，可拨打 12315。"
)

WHY_STALE: Final = {
    "missing": "没有给出状态名单：请用 --status 指明下载的 status.json",
    "too large": "状态名单文件太大，不是本系统的：请重新下载 status.json",
    "malformed": "状态名单已损坏：请重新下载 status.json",
    "not signed by a known key": "状态名单不是用这些钥匙签的：可能是假的，也可能钥匙已经换过；请把两个文件都重新下载",
    "expired": "状态名单已过期：请联网更新 status.json",
    "not yet valid": "状态名单的时间在将来：请检查本机的日期和时间",
    "past the end": "状态名单里还没有这个编号：请联网更新 status.json",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said of one code."""

    state: verdict.State
    said: token.Seal | token.Claim | None
    notes: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)  # only told to programs

    def for_programs(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        told: dict[str, Any] = {"state": self.state.name, "label": self.state.label, "exit": int(self.state.exit)}
        if isinstance(self.said, token.Seal):
            told |= {"uscc": self.said.holder, "issued_on": self.said.issued_on.isoformat()}
        if self.said is not None:
            told |= {"serial": self.said.serial}
        if self.notes:
            told["note"] = "".join(self.notes)
        return told | self.more

    def for_people(self) -> str:
        """Return it as sentences: what it is, what that means, what to do."""
        words = [self.state.label]
        # Whose code a false site shows is no news for whoever must not believe it.
        if self.said is not None and self.state.exit != verdict.Exit.FORGED:
            words += [self.said.holder] if isinstance(self.said, token.Seal) else []
            words.append(f"编号 {token.grouped(self.said.serial)}")
        notice = NOTICES[self.state.name]
        # Of the page's advice, what speaks of the page.
        advice = [REPORT_IT if step == REPORT_FAKE else step for step in notice.advice]
        return "\n".join(["  ".join(words), *self.notes, *filter(None, [notice.meaning]), *advice])


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "text", metavar="TEXT-OR-IMAGE", help="扫码得到的网址，或其中 /C/ 后面的令牌，或照片（JPEG、PNG、WebP）"
    )
    parser.add_argument("--keys", metavar="FILE", type=Path, help="不联网：用下载的 keys.json 核验签名")
    parser.add_argument("--status", metavar="FILE", type=Path, help="不联网：用下载的 status.json 看是否已停用")
    parser.epilog = (
        "例：chengxin verify HTTP://LOCALHOST:8000/C/101E9123…\n"
        "例：chengxin verify 门口的海报.jpg --keys keys.json --status status.json\n"
        "退出状态：0 真实有效；3 真实但已停用；4 伪造、查无此码或网址不对；5 现在无法判断；1 文件用不了"
    )


def DATABASE(args: argparse.Namespace) -> bool:
    """Tell whether the board is asked."""
    return args.keys is None and args.status is None


def run(args: argparse.Namespace) -> int:
    """Verify each code that was given."""
    try:
        verify = _online(args) if DATABASE(args) else _offline(args)
        is_picture = os.path.isfile(args.text)
        if not is_picture and Path(args.text).suffix.lower() in photo.SUFFIXES:
            raise photo.NoCode(f"找不到图片文件 {args.text}")
        texts = photo.codes(Path(args.text)) if is_picture else [args.text]
    except (photo.NoCode, jwks.NoKeys) as error:
        print(f"chengxin: {error}", file=sys.stderr)
        return 1
    answers = [verify(text) for text in texts]
    # On a counter the code that money is paid to hangs beside ours: it is told, and says nothing of ours.
    strange = [is_picture and _is_something_else(text) for text in texts]
    counted = [answer for answer, is_strange in zip(answers, strange, strict=True) if not is_strange] or answers
    worst = min(counted, key=lambda answer: WORST.index(answer.state.exit))
    if args.json:
        told = worst.for_programs()
        if is_picture:
            told["codes"] = [{"text": text} | each.for_programs() for text, each in zip(texts, answers, strict=True)]
        print(json.dumps(told, ensure_ascii=False))
        return int(worst.state.exit)
    if len(texts) > 1:
        print(f"图片里有 {len(texts)} 个二维码：")
    for text, answer, is_strange in zip(texts, answers, strange, strict=True):
        if is_picture:
            print(f"\n码的内容：{_printable(text)}")
        if is_strange:
            print("这个二维码里没有诚信码，可能是收款码等别的用途。")
        if not is_strange or counted is answers:
            print(answer.for_people())
    return int(worst.state.exit)


def _is_something_else(text: str) -> bool:
    """Tell whether a text is no code of ours and does not look like one."""
    parts = token.parted(text)
    said = token.unseal(parts.token, {})
    return not parts.before and isinstance(said, token.NotGenuine) and said.reason == "not a token"


def _printable(text: str) -> str:
    """Return a foreign text as a terminal may be given it: no escape sequences, and not for ever."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text[:200])
    return f"{shown}…" if len(text) > 200 else shown


# ---- Asking nobody -------------------------------------------------------------------------------------------------


def _offline(args: argparse.Namespace) -> Callable[[str], Answer]:
    if args.keys is None:
        raise jwks.NoKeys("不联网核验要有钥匙：请同时用 --keys 指明下载的 keys.json")
    trusted = jwks.load(_bytes(args.keys, jwks.DOCUMENT_LIMIT))
    listed = status.read(_bytes(args.status, status.DOCUMENT_LIMIT), trusted.keys) if args.status is not None else None
    now = datetime.now(UTC)

    def verify(text: str) -> Answer:
        found = offline.judge(text, trusted=trusted, status=listed, now=now)
        notes = []
        more: dict[str, Any] = {"offline": True, "office": trusted.office}
        if found.stale_because:
            notes.append(f"{WHY_STALE[found.stale_because]}。")
            more["stale_because"] = found.stale_because
        if found.age is not None and isinstance(listed, status.StatusList):
            notes.append(f"状态名单{_age(found.age)}。")
            more |= {
                "age_days": found.age_days,
                "status_from": listed.valid_from.isoformat(),
                "status_until": listed.valid_until.isoformat(),
            }
        said = found.seal or (token.Claim(found.serial, 0) if found.serial is not None else None)
        return Answer(found.state, said, notes, more)

    return verify


def _bytes(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise jwks.NoKeys(f"读不了 {path}：{why(error)}") from error


def _age(age: timedelta) -> str:
    if age.days:
        return f"为 {age.days} 天前"
    hours = age // timedelta(hours=1)
    return f"为 {hours} 小时前" if hours else "为一小时内"


# ---- Asking the board ----------------------------------------------------------------------------------------------


def _online(args: argparse.Namespace) -> Callable[[str], Answer]:
    dsn = args.installation.public_dsn(args.environment)

    def verify(text: str) -> Answer:
        parts = token.parted(text)
        is_foreign = not token.is_of(parts.before, args.code_urls)
        try:
            return _ask(dsn, parts.token, is_foreign=is_foreign)
        except Down:
            ring = {each.number: each.private_key.public_key() for each in keyring.signers(args.installation.keys)}
            return _without_the_board(token.unseal(parts.token, ring), is_foreign=is_foreign)

    return verify


def _ask(dsn: str, text: str, *, is_foreign: bool) -> Answer:
    ring = reader.read_ring(dsn)
    said = token.unseal(text, ring.get)
    known = None if isinstance(said, token.NotGenuine) else said
    row = reader.read(dsn, known.serial) if known is not None and not is_foreign else None
    state = verdict.judge(said=said, row=row, now=datetime.now(UTC), revoked=ring.revoked, is_foreign=is_foreign)
    if row and row.document and state.shows_card:
        from chengxin.board import card

        state = verdict.of_registration(state, card.load(row.document).head.state)
    if state.name == "updating" and row is not None:
        # The page waits for a card; whether the code stands is known without one.
        state = verdict.STATES[row.state]
    return Answer(state, known if state.exit != verdict.Exit.FORGED else None)


def _without_the_board(said: token.Seal | token.Claim | token.NotGenuine, *, is_foreign: bool) -> Answer:
    """Tell whether the signature at least is ours."""
    if isinstance(said, token.NotGenuine):
        return Answer(verdict.STATES["unavailable" if said.reason == "unknown key" else "forged"], None)
    if is_foreign:
        return Answer(verdict.STATES["wrong_host"], None)
    notes = ["签名真实，但现在查不到它是否已停用。"] if isinstance(said, token.Seal) else []
    return Answer(verdict.STATES["unavailable"], said, notes)
