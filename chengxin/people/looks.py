"""查询留痕: who looked at whose file, of which unit, for what. Every look is one row of the trail, from the start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from chengxin.people import trail
from chengxin.people.models import Trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

LOOK: Final = "file.look"
"""The verb of a look in the trail."""
CHINA: Final = ZoneInfo("Asia/Shanghai")
_THING: Final = "subject "

PURPOSES: Final[Mapping[str, str]] = {
    "supervise": "日常监管",
    "approve": "行政审批",
    "award": "评优评先",
    "dispute": "异议核查",
    "quality": "数据质量核对",
    "other": "其他",
}
"""What somebody may look at a file for (《个人信息保护法》第 6 条: a clear and reasonable purpose)."""
OTHER: Final = "other"
AREA: Final = "指定管辖区"
"""What the page of a subject's governing area is looked at for; it need not be asked."""
REASON_LENGTH: Final = 60


class Look(NamedTuple):
    """One look at the file of a subject."""

    id: int
    at: datetime
    by: str
    role: str
    unit: str
    subject: str
    purpose: str
    part: str


def purpose(name: str, reason: str = "") -> str:
    """Return a purpose as the trail keeps it.

    :raises Refused: it is none, or says of 其他 nothing, or names somebody.
    """
    reason = " ".join(reason.split())
    if name not in PURPOSES:
        raise Refused("请选择查询用途。")
    if name != OTHER:
        return PURPOSES[name]
    if not 2 <= len(reason) <= REASON_LENGTH:
        raise Refused(f"选择“其他”时，请用 2 至 {REASON_LENGTH} 个字写明用途。")
    if privacy.find(reason):
        raise Refused("用途里不要写身份证号、电话等个人信息，请删去后再查。")
    return f"{PURPOSES[name]}：{reason}"


def look(*, by: Actor, unit: str, subject: str, purpose: str, part: str, at: datetime) -> None:
    """Note, in the caller's transaction, a look at the file of a subject; `part` is the kind of record, or empty.

    For everything that shows or hands out what a file holds: a page, a lineage, a report, an export.
    """
    detail = {"unit": unit, "purpose": purpose, **({"part": part} if part else {})}
    trail.note(by=by, verb=LOOK, thing=thing(subject), at=at, detail=detail)


def thing(subject: str) -> str:
    """Return the file of a subject as the trail names it."""
    return f"{_THING}{subject}"


def of_trail(row: Trail) -> Look:
    """Return the look that a row of the trail notes."""
    said = row.detail
    subject = row.thing.removeprefix(_THING)
    unit, purpose, part = (said.get(name, "") for name in ("unit", "purpose", "part"))
    return Look(row.id, row.at, row.by, row.role, unit, subject, purpose, part)


def of_subject(subject: str, *, before: int | None = None, limit: int) -> list[Look]:
    """Return the looks at the file of a subject, newest first; with `before` (a look's id) those earlier than that."""
    rows = Trail.objects.filter(thing=thing(subject), verb=LOOK)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [of_trail(row) for row in rows.order_by("-id")[:limit]]
