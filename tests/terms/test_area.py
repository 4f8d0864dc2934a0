"""Governing areas: what is told by an address, and what is not."""

from datetime import date

import pytest

from chengxin.terms import area, division

ON = date(2026, 11, 25)


@pytest.fixture
def city(tmp_path):
    """A folder for a city's own areas; afterwards there are none."""
    yield tmp_path
    area.load_city(tmp_path / "none")


@pytest.mark.parametrize(
    "address, registered, code",
    [
        ("黑龙江省黑河市自贸片区迎宾街1号", "231102", "2311ZM"),
        ("中国（黑龙江）自由贸易试验区黑河片区上海路", "231102", "2311ZM"),
        ("黑河市爱辉区兴安街8号", "231102", ""),
        ("黑河市自贸片区外环路1号", "231102", ""),
        ("哈尔滨市自贸片区世贸大道", "230109", ""),
        ("黑河市自贸片区", "", "2311ZM"),
        ("自贸片区3号", "", ""),
        ("五大连池风景区药泉山路", "231182", "2311WF"),
        ("五大连池市青山街", "231182", ""),
        ("五大连池市风景区路3号", "231182", ""),
        ("萝北县共青农场二队", "230421", "2304NK"),
        ("萝北县农场路8号", "230421", ""),
        ("萝北县家庭农场院内", "230421", ""),
        ("萝北县鹤北林业局施业区", "230421", "2304SG"),
        ("萝北县林业局家属楼", "230421", ""),
        ("鹤岗市工农区农场大厦", "230403", ""),
        ("嫩江市农场", "231183", ""),
        ("", "231102", ""),
    ],
    ids=lambda value: value or "nothing",
)
def test_an_address_tells_an_area_by_its_words_within_its_divisions(address, registered, code):
    assert area.by_address(address, registered, on=ON)[0] == code


def test_of_two_areas_with_words_in_an_address_the_longer_word_counts(city):
    (city / "own.toml").write_text(
        '[[area]]\ncode = "2304GY"\nname = "循环经济园"\nparent = "230421"\nwords = ["共青农场循环经济园"]\n'
    )
    area.load_city(city)

    assert area.by_address("萝北县共青农场循环经济园1号", "230421", on=ON) == ("2304GY", "共青农场循环经济园")
    assert area.by_address("萝北县共青农场二队", "230421", on=ON)[0] == "2304NK"


def test_an_area_counts_from_its_first_day_to_the_day_before_its_end(city):
    (city / "own.toml").write_text(
        '[[area]]\ncode = "2304GY"\nname = "循环经济园"\nparent = "230403"\nwords = ["循环经济园"]\n'
        'since = 2026-01-01\nuntil = 2027-01-01\nsuccessor = "230403"\n'
    )
    area.load_city(city)

    at = {day: area.by_address("鹤岗市工农区循环经济园", "230403", on=date.fromisoformat(day))[0] for day in
          ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")}  # fmt: skip
    assert at == {"2025-12-31": "", "2026-01-01": "2304GY", "2026-12-31": "2304GY", "2027-01-01": ""}
    assert area.successors()["2304GY"] == "230403"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("area = 3 =", "不是正确的 TOML"),
        ('[[area]]\ncode = "230402"\nname = "x"\nparent = "230400"\nwords = ["园区"]', "代码“230402”不对"),
        ('[[area]]\ncode = "2399AA"\nname = "x"\nparent = "230400"\nwords = ["园区"]', "代码“2399AA”不对"),
        ('[[area]]\ncode = "2304AA"\nname = "x"\nparent = "230400"', "没有写 words"),
        ('[[area]]\ncode = "2304AA"\nname = "x"\nparent = "239999"\nwords = ["园区"]', "区划 239999 不在"),
        ('[[area]]\ncode = "2304AA"\nname = "x"\nparent = "230400"\nwords = ["园"]', "太短"),
        ('[[area]]\ncode = "2304AA"\nname = "x"\nparent = "230400"\nwords = ["园区"]\nsince = "2026"', "写成日期"),
        ('[[area]]\ncode = "2304AA"\nname = "x"\nparent = "230400"\nwords = ["园区"]\nwithout = ["x"]', "不认识"),
        ('[[area]]\ncode = "2311ZM"\nname = "x"\nparent = "231102"\nwords = ["园区"]', "已经有了"),
        ('[[area]]\ncode = "2304AA"\nname = "x"\nparent = "230400"\nwords = ["园区"]\nsuccessor = "2304ZZ"', "没有这个区"),
    ],
    ids=["no toml", "a division", "no such city", "no words", "no such parent", "a short word", "a day in quotes",
         "an unknown entry", "a code that is taken", "no such successor"],
)  # fmt: skip
def test_a_file_of_areas_that_is_wrong_says_what_is_wrong(city, text, complaint):
    (city / "own.toml").write_text(text)

    with pytest.raises(area.Broken, match=complaint):
        area.load_city(city)


@pytest.mark.parametrize(
    "said, codes",
    [
        ("黑河自贸片区", ["2311ZM"]),
        ("2311ZM", ["2311ZM"]),
        ("爱辉区", ["231102"]),
        ("230402", ["230402"]),
        ("向阳区", ["230402", "230803"]),
        ("没有的区", []),
    ],
)
def test_an_area_is_named_as_people_name_it(said, codes):
    assert area.named(said) == codes


def test_every_division_is_an_area_and_no_code_means_two():
    ours = {one.code for one in area.own()}

    assert not ours & {one.code for one in division.DIVISIONS.values() if one.sort != "own"}
    assert {one.code for one in division.DIVISIONS.values() if one.sort == "own"} <= ours
    assert area.label("231102") == "黑河市爱辉区"
    assert (area.label(""), area.label("999999")) == ("未归属", "999999")


@pytest.mark.parametrize(
    "scope, code, holds",
    [
        ("", "231102", True),
        ("231102", "231102", True),
        ("231102", "2311ZM", False),
        ("231100", "2311ZM", True),
        ("231100", "230402", False),
        ("2311ZM", "231102", False),
    ],
    ids=[
        "the whole city",
        "itself",
        "what lies inside it but has its own office",
        "its city",
        "another city",
        "around it",
    ],
)
def test_a_district_does_not_govern_what_lies_inside_it(scope, code, holds):
    assert area.governs(scope, code) is holds


def test_the_areas_of_a_city_are_those_of_its_divisions():
    codes = [one.code for one in area.areas(["2311"], on=ON)]

    assert {"231102", "2311ZM", "2311WF"} <= set(codes)
    assert "231121" not in codes  # 嫩江县 until 2019
    assert all(code.startswith("2311") for code in codes)
