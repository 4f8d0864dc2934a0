"""县区中心点: one approximate point for each county, for places whose owner wants no more than the county told.

The table is `points.csv` beside this file: WGS-84, two decimals (about a kilometre), every point inside its county; made
by `tools/points.py` from a published package, and to be replaced by official points where somebody has them. It marks no
border and is no map. Pure: no database, no clock.

>>> of("230403")
Point(lat=Decimal('47.32'), lon=Decimal('130.26'))
>>> county("231121"), county("2311ZM"), of("230400") is None  # 嫩江县 is 嫩江市 now; a 片区 lies in 爱辉区; a city has none
('231183', '231102', True)
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from chengxin.terms import area


class Point(NamedTuple):
    """A point in degrees, WGS-84."""

    lat: Decimal
    lon: Decimal


def load(lines: Iterable[str]) -> dict[str, Point]:
    """Return code → point of the counties in lines of CSV with a header row."""
    return {row["code"]: Point(Decimal(row["lat"]), Decimal(row["lon"])) for row in csv.DictReader(lines)}


with Path(__file__).with_name("points.csv").open(encoding="utf-8", newline="") as _file:
    POINTS: Final[Mapping[str, Point]] = load(_file)


def county(code: str) -> str | None:
    """Return the county that an area's point is that of: itself, the one that took over, or the one it lies in.

    A city has none, nor what lies in a city and in no one county of it.
    """
    past = area.successors()
    now = past.get(code, code)
    if now in POINTS:
        return now
    one = area.find(now)
    above = past.get(one.parent, one.parent) if one else ""
    return above if above in POINTS else None


def of(code: str) -> Point | None:
    """Return the point of the county that an area is or lies in, or nothing where that is no one county."""
    found = county(code)
    return POINTS[found] if found else None


def county_at(lat: Decimal, lon: Decimal) -> str | None:
    """Return the county whose point this is, to the last digit; nothing where it is no county's (of an earlier table)."""
    return next((code for code, point in POINTS.items() if point == (lat, lon)), None)
