"""The demo's directory: the departments of its two cities, the credit offices of the places in them, and a mall.

Names and codes are those that the demo's files name their sources by; no unit bears such a code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from chengxin.ingest.directory import read
from chengxin.ingest.reading.table import Limits
from chengxin.people import directory
from chengxin.people.directory import Plan
from chengxin.people.rules import COLUMNS
from chengxin.people.trail import Actor
from chengxin.pipeline.demo.businesses import MARKET_OFFICE, city_of, local_name, office_code, office_name
from chengxin.pipeline.demo.words import LICENCES, PLACES

FILE: Final = "00-单位名录.csv"
CITY: Final = "230400"
"""The city whose departments send the demo's files."""
CREDIT: Final = "社会信用体系建设办公室"
DATA: Final = "数据局"
BEFORE: Final = "营商环境建设监督局"
"""What the data bureau was called before (domain.md §1): files of those years still say so."""
OTHERS: Final = (MARKET_OFFICE, "税务局", "民政局", "交通运输局", "教育局", "人民法院", DATA)

MALL_AREA: Final = "230403"
MALL: Final = "演示购物中心"
OF: Final = {
    "bureau": office_code(CITY, MARKET_OFFICE),
    "county": office_code("230403", f"230403{CREDIT}"),
    "mall": office_code(MALL_AREA, MALL),
}
"""The demo's accounts that belong to a unit → its code."""


def bring_in(folder: Path, *, by: Actor, at: datetime) -> Plan:
    """Write the directory's file and import it, by the way that every directory takes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([headings[0] for headings in COLUMNS.values()])
        writer.writerows(_rows())
    return directory.apply(read(path, limits=Limits(1 << 20, 1 << 20)), seen=None, by=by, at=at)


def _rows() -> Iterator[tuple[str, ...]]:
    units = sorted({licence.unit for licence in LICENCES.values()} | set(OTHERS))
    for city in sorted({city_of(place.office) for place in PLACES}):
        for unit in units:
            former = office_name(city, BEFORE) if unit == DATA else ""
            short = local_name(city).removesuffix("市") + unit
            yield office_name(city, unit), short, office_code(city, unit), "", former, "", "", ""
    for place in PLACES:
        # An area that is no division has no digits for a code of its own: it takes those of where it lies.
        code = office_code(place.office, f"{place.code}{CREDIT}")
        yield office_name(place.code, CREDIT), "", code, place.code, "", "", "", ""
    yield office_name(MALL_AREA, MALL), "", office_code(MALL_AREA, MALL), MALL_AREA, "", "", "", ""
