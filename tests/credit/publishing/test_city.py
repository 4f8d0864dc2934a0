"""The face of the city: checked, posted whole, with a trail of which fields changed."""

from datetime import UTC, datetime

import msgspec
import pytest
from django.db import connection

from chengxin.board.city import City, Link, load
from chengxin.board.models import BoardCity
from chengxin.credit.publishing import city as face
from chengxin.people.models import Trail
from chengxin.people.trail import Actor, Refused

AT = datetime(2026, 4, 1, tzinfo=UTC)
CLERK = Actor("王敏", "credit_office")
OUR_CITY = City(
    city="某市",
    office="某市社会信用体系建设办公室",
    phone="0468-3350000",
    mailbox="xyb@example.gov.cn",
    links=(Link("市民热线", "tel:12345"), Link("信用中国", "https://www.creditchina.gov.cn")),
    divisions=("2304",),
    icp="黑ICP备05000000号-1",
    police="黑公网安备 23040002000000号",
    site_code="2304000001",
)


def describe(city=OUR_CITY, logo=None):
    return face.describe_city(city=city, logo=logo, by=CLERK, at=AT)


def test_a_good_description_has_no_fault():
    assert face.faults(OUR_CITY) == {}


@pytest.mark.parametrize(
    "change, where, sentence",
    [
        ({"city": ""}, "city", "请填写城市名称"),
        ({"office": ""}, "office", "请填写信用办名称"),
        ({"city": "某" * 31}, "city", "不超过 30 个字，现有 31 个"),
        ({"office": "某\u202e办"}, "office", "看不见的字符"),
        ({"phone": "call me"}, "phone", "电话只能有"),
        ({"mailbox": "xyb"}, "mailbox", "邮箱要写成"),
        ({"icp": "12345"}, "icp", "ICP 备案号要写成"),
        ({"police": "12345"}, "police", "公安备案号要写成"),
        ({"site_code": "123"}, "site_code", "10 位"),
        ({"divisions": ("2304", "9x")}, "divisions", "没有代码为 9x"),
        ({"divisions": ("2399",)}, "divisions", "没有代码为 2399"),
        ({"divisions": ("2304", "4403", "99")}, "divisions", "没有代码为 99 "),
        ({"divisions": ("２３０４",)}, "divisions", "没有代码为 ２３０４"),
        ({"divisions": ("2304",) * 201}, "divisions", "最多 200 个"),
        ({"links": (Link("", "https://a.cn"),)}, "links.0.label", "链接的名称"),
        ({"links": (Link("坏", "javascript:alert(1)"),)}, "links.0.url", "https://"),
        ({"links": (Link("坏", "https://a.cn@evil.example/"),)}, "links.0.url", "https://"),
        ({"links": (Link("坏", "https://a.cn/\n"),)}, "links.0.url", "https://"),
        ({"links": (Link("坏", "//a.cn"),)}, "links.0.url", "https://"),
        ({"links": (Link("好", "https://a.cn"), Link("坏", "a.cn"))}, "links.1.url", "https://"),
        ({"links": (Link("好", "https://a.cn"),) * 13}, "links", "最多 12 条"),
    ],
)
def test_each_fault_is_told_beside_its_field(change, where, sentence):
    found = face.faults(msgspec.structs.replace(OUR_CITY, **change))

    assert list(found) == [where]
    assert sentence in found[where]


@pytest.mark.parametrize(
    "typed, codes",
    [
        ("2304", ("2304",)),
        ("2304,2311", ("2304", "2311")),
        ("2304，231102、2311；230421", ("2304", "231102", "2311", "230421")),
        (" 2304 \n 2304 ", ("2304",)),
        ("", ()),
    ],
    ids=["one", "comma", "full-width", "twice", "none"],
)
def test_divisions_are_read_as_people_type_them(typed, codes):
    assert face.split_divisions(typed) == codes


def test_stray_blanks_and_empty_links_are_left_out():
    untidy = City(city=" 某市\u3000", office="办", links=(Link(" ", ""), Link(" 热线 ", " tel:12345 ")))

    assert face.tidy(untidy) == City(city="某市", office="办", links=(Link("热线", "tel:12345"),))


@pytest.mark.django_db
class TestDescribing:
    def test_the_first_description_stands_on_the_board(self):
        assert "city" in describe()

        assert load(BoardCity.objects.get().document) == OUR_CITY
        assert face.face() == face.Face(OUR_CITY, None)

    def test_the_trail_says_which_fields_changed_and_not_to_what(self):
        describe()
        describe(msgspec.structs.replace(OUR_CITY, phone="12345", address="某路 1 号"))

        newest = Trail.objects.latest("id")
        assert (newest.verb, newest.by, newest.detail) == (
            "city.describe",
            "王敏",
            {"changed": ["phone", "address"]},
        )

    def test_saying_the_same_again_is_no_act(self):
        describe()

        assert describe() == ()
        assert Trail.objects.count() == 1

    def test_a_wrong_description_is_refused_and_nothing_is_posted(self):
        with pytest.raises(Refused, match="请填写城市名称。 请填写信用办名称。"):
            describe(City())

        assert not BoardCity.objects.exists() and not Trail.objects.exists()

    def test_a_logo_stays_until_it_is_changed_or_taken_off(self):
        assert describe(logo=b"png")[-1] == "logo"
        named = face.face().city.logo
        assert len(named) == 16

        assert describe() == ()
        assert face.face() == face.Face(msgspec.structs.replace(OUR_CITY, logo=named), b"png")
        assert describe(logo=b"another") == ("logo",)
        assert describe(logo=b"") == ("logo",)
        assert face.face() == face.Face(OUR_CITY, None)


@pytest.mark.django_db(transaction=True)
def test_the_public_side_is_told():
    with connection.cursor() as cursor:
        cursor.execute("LISTEN board")
    describe()

    told = [(notice.channel, notice.payload) for notice in connection.connection.notifies(timeout=5, stop_after=1)]

    with connection.cursor() as cursor:
        cursor.execute("UNLISTEN board")
    assert told == [("board", "city")]
