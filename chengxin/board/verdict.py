"""What a scan finds, from the token, the board's row and the moment. Pure: the page and `chengxin verify` both ask here.

The table of states is design.md §4; the words for people stand with the page.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final

from chengxin.board import token


class Exit(IntEnum):
    """What `chengxin verify` exits with."""

    GENUINE = 0
    STOPPED = 3
    FORGED = 4
    CANNOT_TELL = 5


@dataclass(frozen=True, slots=True)
class State:
    """One state of a code, and what follows from it for every reader."""

    name: str
    label: str
    status: int  # HTTP status of the public page; what is found without a network has no page there, but would be this
    exit: Exit
    shows_card: bool  # the register's facts and public records
    shows_supplement: bool  # what the business says of itself


STATES: Final = {
    state.name: state
    for state in (
        State("active", "有效", 200, Exit.GENUINE, True, True),
        State("paused", "经营主体已暂停展示", 200, Exit.STOPPED, True, False),
        State("frozen", "信用办已冻结", 200, Exit.STOPPED, True, False),
        State("superseded", "已换发新码", 410, Exit.STOPPED, False, False),
        State("cancelled", "已注销", 410, Exit.STOPPED, False, False),
        State("deregistered", "该主体已注销登记", 200, Exit.STOPPED, True, False),
        State("pending", "尚未生效", 404, Exit.STOPPED, False, False),
        State("forged", "不是本系统签发", 404, Exit.FORGED, False, False),
        State("unknown", "查无此码", 404, Exit.FORGED, False, False),
        State("wrong_host", "网址不是本系统的", 404, Exit.FORGED, False, False),
        State("unknown_key", "签发钥匙不在册", 404, Exit.CANNOT_TELL, False, False),
        State("revoked_key", "签发钥匙已作废", 410, Exit.CANNOT_TELL, False, False),
        State("updating", "信息正在更新", 503, Exit.CANNOT_TELL, False, False),
        State("unavailable", "暂时无法核验", 503, Exit.CANNOT_TELL, False, False),
        State("revoked", "已停止使用", 410, Exit.STOPPED, False, False),
        State("suspended", "现在停用", 200, Exit.STOPPED, False, False),
        State("stale", "签名真实，不知是否已停用", 503, Exit.CANNOT_TELL, False, False),
        State("short", "短码须联网核验", 503, Exit.CANNOT_TELL, False, False),
        State("found", "按名称查到，未经扫码", 200, Exit.CANNOT_TELL, True, True),
        State("elsewhere", "外单位签发，本市已登记", 200, Exit.CANNOT_TELL, True, True),
    )
}
"""`updating`: the code stands but its card is not posted or past `good_until`; `unavailable`: the board can't be read;
`revoked`, `suspended`, `stale` and `short` are what a verifier without a network finds (`board.offline`): a status list
has two bits for six states; `found`: no code was looked at, the holder of one was looked for by name; `elsewhere`:
somebody else issued the code and told us whose it is, so nothing of it was verified here."""

STORED: Final = ("pending", "active", "paused", "frozen", "superseded", "cancelled")
"""The states a row of the board may hold; the rest are found out by the reader."""

ENDED_REGISTRATIONS: Final = frozenset({"deregistered", "revoked_registration"})
"""Registration states (terms.entity) after which a code says 「该主体已注销登记」: 注销 and 撤销."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the board holds for a serial: the code, and its holder's card if one is posted."""

    holder_kind: str
    holder: str
    state: str
    placement: str
    label: str
    bits: int | None
    issued_on: date
    document: bytes | None
    good_until: datetime | None


@dataclass(frozen=True, slots=True)
class Foreign:
    """What the board holds for a code that somebody else issued: whose it is, who says so, the card if one is posted."""

    number: str
    holder_kind: str
    holder: str
    issuer: str
    issued_on: date | None
    is_quiet: bool  # the holder has codes of ours and none of them is active: what it says of itself is not shown
    document: bytes | None
    good_until: datetime | None


def judge_foreign(row: Foreign, *, now: datetime) -> State:
    """Return the state of a code that somebody else issued."""
    ready = row.document is not None and row.good_until is not None and now < row.good_until
    return STATES["elsewhere" if ready else "unavailable"]


def judge(
    *,
    said: token.Seal | token.Claim | token.NotGenuine,
    row: Row | None,
    now: datetime,
    revoked: Collection[int] = (),
    is_foreign: bool = False,
) -> State:
    """Return the state of a code, but for `deregistered`, which the card itself tells (see `of_registration`).

    `revoked`: numbers of keys that vouch for nothing any more, whatever they signed. `is_foreign`: the code was found
    under an address that is not ours, where a genuine one proves nothing.
    """
    if isinstance(said, token.NotGenuine):
        return STATES["unknown_key" if said.reason == "unknown key" else "forged"]
    if isinstance(said, token.Seal) and said.key in revoked:
        return STATES["revoked_key"]
    if is_foreign:
        return STATES["wrong_host"]
    if isinstance(said, token.Claim):
        # Anybody can write a short code down: "no such serial" would tell whoever tries how many codes there are.
        if row is None or row.bits is None or said.bits != row.bits:
            return STATES["forged"]
    elif row is None:
        return STATES["unknown"]
    elif (said.holder_kind, said.holder) != (row.holder_kind, row.holder) or row.bits is not None:
        return STATES["forged"]
    state = STATES[row.state]
    if state.shows_card and (row.document is None or row.good_until is None or now >= row.good_until):
        return STATES["updating"]
    return state


def of_registration(state: State, registration: str) -> State:
    """Return the state in the light of the registration state on the card."""
    if state.shows_card and registration in ENDED_REGISTRATIONS:
        return STATES["deregistered"]
    return state
