"""`chengxin verify`: is this code genuine, and does it stand? Loads no Django; asks the board as the public side does."""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC, datetime

from chengxin.board import token, verdict
from chengxin.credit.codes import keyring
from chengxin.public import reader
from chengxin.public.line import Down

DJANGO = False
HELP = "核验一个码（令牌或扫出的网址）"

_IN_ADDRESS = re.compile(r"/C/([^/?#\s]+)", re.IGNORECASE)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("text", metavar="TEXT", help="扫码得到的网址，或其中 /C/ 后面的令牌")
    parser.epilog = (
        "例：chengxin verify HTTP://LOCALHOST:8000/C/101E9123…\n"
        "退出状态：0 真实有效；3 真实但已停用；4 伪造或查无此码；5 现在无法判断"
    )


def token_in(text: str) -> str:
    """Return the token in what a scanner read: an address with `/C/…`, or the token itself."""
    found = _IN_ADDRESS.search(text)
    return found[1] if found else text.strip()


def run(args: argparse.Namespace) -> int:
    """Verify against the board; where it can't be reached, tell whether the signature at least is ours."""
    text = token_in(args.text)
    try:
        said = token.unseal(text, reader.read_keys(args.public_dsn))
        serial = None if isinstance(said, token.NotGenuine) else said.serial
        row = reader.read(args.public_dsn, serial) if serial is not None else None
        state = verdict.judge(said=said, row=row, now=datetime.now(UTC))
        if row and row.document and state.shows_card:
            from chengxin.board import card

            state = verdict.of_registration(state, card.load(row.document).head.state)
        if state.name == "updating" and row is not None:
            # The page waits for a card; whether the code stands is known without one.
            state = verdict.STATES[row.state]
        note = ""
    except Down:
        ring = {signer.number: signer.private_key.public_key() for signer in keyring.signers(args.installation.keys)}
        said = token.unseal(text, ring)
        genuine = not isinstance(said, token.NotGenuine)
        forged = isinstance(said, token.NotGenuine) and said.reason != "unknown key"
        state = verdict.STATES["forged" if forged else "unavailable"]
        note = "签名真实，但现在查不到它是否已停用。" if genuine and isinstance(said, token.Seal) else ""
    answer: dict[str, object] = {"state": state.name, "label": state.label}
    words = [state.label]
    if not isinstance(said, token.NotGenuine) and state.exit != verdict.Exit.FORGED:
        if isinstance(said, token.Seal):
            answer |= {"uscc": said.holder, "issued_on": said.issued_on.isoformat()}
            words.append(said.holder)
        answer |= {"serial": said.serial}
        words.append(f"编号 {token.grouped(said.serial)}")
    if note:
        answer["note"] = note
    print(json.dumps(answer, ensure_ascii=False) if args.json else "\n".join(filter(None, ["  ".join(words), note])))
    return int(state.exit)
