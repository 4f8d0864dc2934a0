"""查询留痕: who looked at whose file, of which unit, for what. Every look is one row of the trail, from the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
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
    if name != "other":
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
    trail.note(by=by, verb=LOOK, thing=f"{_THING}{subject}", at=at, detail=detail)


def looks(
    *,
    person: str = "",
    unit: str = "",
    subject: str = "",
    day: date | None = None,
    before: int | None = None,
    limit: int,
) -> list[Look]:
    """Return looks, newest first, of one person, unit, subject or day if asked; `before`: older than this one."""
    found = Trail.objects.filter(verb=LOOK)
    if person:
        found = found.filter(by=person)
    if unit:
        found = found.filter(detail__unit=unit)
    if subject:
        found = found.filter(thing=f"{_THING}{subject}")
    if day:
        begins = datetime.combine(day, time.min, CHINA)
        found = found.filter(at__gte=begins, at__lt=begins + timedelta(days=1))
    if before is not None:
        found = found.filter(id__lt=before)
    return list(_told(found.order_by("-id")[:limit].iterator()))


def _told(rows: Iterator[Trail]) -> Iterator[Look]:
    for row in rows:
        said = row.detail
        yield Look(
            row.id,
            row.at,
            row.by,
            row.role,
            said.get("unit", ""),
            row.thing.removeprefix(_THING),
            said.get("purpose", ""),
            said.get("part", ""),
        )
