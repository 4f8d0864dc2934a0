"""One place where a code shall hang, as its owner says it; what may be wrong with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chengxin.credit.codes.placements import PLACEMENTS

AT_ONCE: Final = 2000
"""So many places are taken at once: the largest fleet and the longest market street fit."""
WHERE_LIMIT: Final = 200
KEEPER_LIMIT: Final = 200
CENTROID: Final = "centroid"
POINTED_BY: Final = {"phone": "手机定位", "pin": "手工填写", "list": "名单", CENTROID: "只标到县区"}
"""How a point came to be known; a county's own is approximate, and is never handed on without saying so."""
LAT: Final = (Decimal(18), Decimal(54))
LON: Final = (Decimal(73), Decimal(136))
"""Between these parallels and meridians lies the country's land (WGS-84)."""
STEP: Final = Decimal("0.000001")
"""A tenth of a metre: finer no phone knows."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place: its kind, its label and whether that is shown, where it is; a point (WGS-84) only with consent."""

    kind: str
    label: str = ""
    label_shown: bool = False
    where: str = ""
    lat: Decimal | None = None
    lon: Decimal | None = None
    pointed_by: str = ""
    until: date | None = None
    keeper: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells one place of a business from another."""
        return (self.kind, self.label)

    def tidy(self) -> Place:
        """Return the place as it is kept: what its kind does not know left out, a point rounded."""
        kind = PLACEMENTS.get(self.kind)
        if kind is None:
            return self
        label = kind.tidy(self.label)
        pointed = self.lat is not None and self.lon is not None and not kind.moves
        return replace(
            self,
            label=label,
            label_shown=self.label_shown and kind.shows and bool(label),
            where=" ".join(self.where.split()),
            lat=self.lat.quantize(STEP, ROUND_HALF_UP) if pointed and self.lat is not None else None,
            lon=self.lon.quantize(STEP, ROUND_HALF_UP) if pointed and self.lon is not None else None,
            pointed_by=self.pointed_by if pointed else "",
            until=self.until if kind.ends else None,
            keeper=" ".join(self.keeper.split()) if kind.keeper else "",
        )


def faults(place: Place, *, today: date, label_stands: bool = False) -> dict[str, str]:
    """Return what is wrong with a tidy place, field → one sentence; `label_stands`: its label is not being given anew."""
    kind = PLACEMENTS.get(place.kind)
    if kind is None:
        return {"kind": f"没有“{place.kind[:20]}”这种放置处：请从列表中选一种。"}
    found: dict[str, str] = {}
    if not label_stands and (wrong := kind.why_not(place.label)):
        found["label"] = wrong
    if len(place.where) > WHERE_LIMIT:
        found["where"] = f"位置说明不超过 {WHERE_LIMIT} 个字，现有 {len(place.where)} 个：请写短一些。"
    if kind.ends and place.until is None:
        found["until"] = f"{kind.label}的码要写明用到哪一天，如 {today.isoformat()}。"
    elif kind.ends and place.until is not None and place.until < today:
        found["until"] = "结束日期已经过去：请写今天或以后的一天。"
    elif kind.ends and place.until is not None and (place.until - today).days > 366:
        found["until"] = "展位的码最长用一年：长期使用请选“店门口”等放置处。"
    if kind.keeper and not place.keeper:
        found["keeper"] = f"请填写{kind.keeper}的名称。"
    elif len(place.keeper) > KEEPER_LIMIT:
        found["keeper"] = f"{kind.keeper}的名称不超过 {KEEPER_LIMIT} 个字。"
    if wrong := point_fault(place.lat, place.lon):
        found["point"] = wrong
    return found


def point_fault(lat: Decimal | None, lon: Decimal | None) -> str | None:
    """Return what is wrong with a point, or nothing: none at all is none."""
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        return "纬度和经度要一起填，或者都留空。"
    if LAT[0] <= lat <= LAT[1] and LON[0] <= lon <= LON[1]:
        return None
    if LAT[0] <= lon <= LAT[1] and LON[0] <= lat <= LON[1]:
        return "纬度和经度写反了：纬度在前（如 47.349920），经度在后（如 130.297960）。"
    return "这个点不在国内：请填 WGS-84 坐标，如纬度 47.349920、经度 130.297960。"
