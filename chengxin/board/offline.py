"""What can be said of a code without a network: from its text, the keys, a status list and the moment. Pure.

`docs/code-format.md` has the table; the browser's verifier is another reading of it, and both are held to
`docs/code-vectors.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chengxin.board import token
from chengxin.board.jwks import Trusted
from chengxin.board.status import NotAList, StatusList, is_set
from chengxin.board.verdict import STATES, State


@dataclass(frozen=True, slots=True)
class Found:
    """A verdict, what the code says where its signature is genuine, and how old the list is that it rests on."""

    state: State
    seal: token.Seal | None = None
    serial: int | None = None
    age: timedelta | None = None
    stale_because: str = ""

    @property
    def age_days(self) -> int | None:
        """Whole days."""
        return None if self.age is None else self.age.days


def judge(text: str, *, trusted: Trusted, status: StatusList | NotAList | None, now: datetime) -> Found:
    """Return what is to be said of a text that was scanned, pasted or typed."""
    parts = token.parted(text)
    said = token.unseal(parts.token, trusted.keys)
    if isinstance(said, token.NotGenuine):
        return Found(STATES["unknown_key" if said.reason == "unknown key" else "forged"])
    seal = said if isinstance(said, token.Seal) else None
    if not token.is_of(parts.before, trusted.code_urls):
        return Found(STATES["wrong_host"], seal, said.serial)
    if seal is None:
        return Found(STATES["short"], None, said.serial)
    if not isinstance(status, StatusList):
        return Found(STATES["stale"], seal, seal.serial, stale_because=status.reason if status else "missing")
    age = status.age(now)
    because = status.why_not_at(now) or ("" if status.covers(seal.serial) else "past the end")
    if because:
        name = "stale"
    elif is_set(status.revoked, seal.serial):
        name = "revoked"
    else:
        name = "suspended" if is_set(status.suspended, seal.serial) else "active"
    return Found(STATES[name], seal, seal.serial, age, because)
