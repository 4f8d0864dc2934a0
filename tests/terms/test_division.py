"""行政区划."""

from collections import Counter

import pytest

from chengxin.terms import division


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("230403", "黑龙江省鹤岗市工农区"),
        ("230421", "黑龙江省鹤岗市萝北县"),
        ("231102", "黑龙江省黑河市爱辉区"),
        ("230208", "黑龙江省齐齐哈尔市梅里斯达斡尔族区"),
        ("230624", "黑龙江省大庆市杜尔伯特蒙古族自治县"),
        ("232701", "黑龙江省大兴安岭地区漠河市"),
        ("231121", "黑龙江省黑河市嫩江县"),
        ("2304", "黑龙江省鹤岗市"),
        ("23", "黑龙江省"),
        ("2311ZM", "中国（黑龙江）自由贸易试验区黑河片区管理委员会"),
        ("110101", "北京市"),
        ("990000", ""),
    ],
)
def test_a_code_has_its_full_name(code, name):
    assert division.full_name(code) == name


def test_without_the_province_a_city_still_has_its_name():
    assert division.full_name("230403", province=False) == "鹤岗市工农区"
    assert division.full_name("230000", province=False) == "黑龙江省"


@pytest.mark.parametrize(
    ("text", "within", "codes"),
    [
        ("向阳区", "", ["230402", "230803"]),
        ("向阳区", "2304", ["230402"]),
        ("鹤岗市向阳区", "", ["230402"]),
        ("黑龙江省佳木斯市向阳区", "", ["230803"]),
        ("鹤岗向阳", "", ["230402"]),
        ("黑龙江省 鹤岗市 工农区", "", ["230403"]),
        ("嫩江", "", ["231183", "231121"]),
        ("五大连池市", "", ["231182"]),
        ("黑河自贸片区管委会", "", ["2311ZM"]),
        ("五大连池风景区管委会", "", ["2311WF"]),
        ("东城区", "", []),
        ("", "", []),
    ],
)
def test_a_name_means_every_division_called_so(text, within, codes):
    assert [one.code for one in division.named(text, within=within)] == codes


@pytest.mark.parametrize(
    ("code", "scope", "inside"),
    [
        ("230403", ["2304"], True),
        ("230403", ["230400"], True),
        ("230403", ["230000"], True),
        ("230403", ["230402", "230403"], True),
        ("2311ZM", ["2311"], True),
        ("231121", ["231100"], True),
        ("230403", ["2311"], False),
        ("230403", [], False),
    ],
)
def test_a_code_lies_within_the_divisions_above_it(code, scope, inside):
    assert division.within(code, scope) is inside


def test_a_past_code_leads_to_the_one_that_took_over():
    past = division.find("231121")

    assert (past.name, past.until, past.stands) == ("嫩江县", "2019", False)
    assert division.current("231121").name == "嫩江市"
    assert division.current("110101") is None


def test_a_city_has_its_counties_and_the_bodies_that_govern_like_one():
    assert [one.code for one in division.children("2311")] == [
        *("231102", "231123", "231124", "231181", "231182", "231183", "2311WF", "2311ZM")
    ]
    assert len(division.children("230000")) == 13


def test_bodies_without_a_code_are_marked_as_ours():
    assert {one.code for one in division.DIVISIONS.values() if one.sort == "own"} == {"2311ZM", "2311WF"}
    assert not division.find("2311ZM").official
    assert division.find("230403").official


def test_the_table_holds_together():
    for one in division.DIVISIONS.values():
        assert one.parent in division.DIVISIONS or one.code == "230000"
        assert not one.successor or division.DIVISIONS[one.successor].stands
        assert bool(one.until) == bool(one.successor)
        assert len(one.code) == 6
    counted = Counter(one.parent for one in division.DIVISIONS.values() if one.stands and one.official)
    assert counted["230100"] == 18
    assert counted["230400"] == 8
    assert counted["231100"] == 6
