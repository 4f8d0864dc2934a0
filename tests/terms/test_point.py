"""A county's point: which area has one, and whose."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from chengxin.terms import division, point


@pytest.mark.parametrize(
    "code, county",
    [
        pytest.param("230403", "230403", id="a district"),
        pytest.param("231121", "231183", id="a county that is a city now: 嫩江"),
        pytest.param("230833", "230883", id="a county that is a city now: 抚远"),
        pytest.param("230715", "230724", id="a district that was merged away: 红星区, 丰林县"),
        pytest.param("2311ZM", "231102", id="自贸片区 lies in 爱辉区"),
        pytest.param("2311WF", None, id="风景区 lies in the city"),
        pytest.param("2304NK", None, id="农垦 lies in two counties"),
        pytest.param("230671", None, id="高新区 lies in the city"),
        pytest.param("230400", None, id="a city"),
        pytest.param("230000", None, id="the province"),
        pytest.param("110101", None, id="another province"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_an_area_has_the_point_of_the_one_county_it_is_in(code, county):
    assert point.county(code) == county
    assert point.of(code) == (point.POINTS[county] if county else None)


def test_every_county_of_the_province_has_a_point_of_its_own():
    counties = {
        one.code for one in division.DIVISIONS.values() if one.stands and one.sort == "gb" and one.code[4:] != "00"
    }

    assert counties == set(point.POINTS)
    assert len(set(point.POINTS.values())) == len(counties) == 121
    assert all(43 < lat < 54 and 121 < lon < 136 for lat, lon in point.POINTS.values())  # the province's outermost


def test_a_point_is_no_finer_than_a_kilometre_and_known_again():
    lat, lon = point.POINTS["230403"]

    assert {value.as_tuple().exponent for one in point.POINTS.values() for value in one} == {-2}
    assert point.county_at(Decimal("47.320000"), Decimal("130.260000")) == "230403" == point.county_at(lat, lon)
    assert point.county_at(lat, Decimal("130.261")) is None


def test_the_table_brings_the_licence_of_its_source():
    folder = Path(point.__file__).parent

    assert "MIT License" in (folder / "points.LICENSE").read_text()
    with (folder / "points.csv").open(newline="") as file:
        assert next(csv.reader(file)) == ["code", "lat", "lon"]
