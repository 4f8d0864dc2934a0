"""The pages of governing areas: two counts side by side, and one business by hand."""

import pytest
from django.test import Client
from django.urls import reverse

from chengxin.credit.subjects import queries
from chengxin.people.models import User
from chengxin.people.queries import looks
from tests import make
from tests.portals.conftest import PASSWORD

pytestmark = pytest.mark.django_db

TAXI, SHOP = "91231102MA1CTE575M", "92231181MA1CTE5750"


@pytest.fixture
def known():
    make.subject(TAXI, name="黑河市边贸出租车公司", division="231102", address="黑河市自贸片区上海路1号")
    make.subject(SHOP, name="北安市松岭商店", division="231181")


def test_the_two_counts_stand_side_by_side_with_the_same_sum(office, known, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        answer = office.get(reverse("areas"))

    rows = {one.code: (one.governed, one.registered) for one in answer.context["rows"]}
    assert rows == {"2311ZM": (1, 0), "231102": (0, 1), "231181": (1, 1)}
    assert answer.context["total"] == 2
    assert "不能相加" in answer.content.decode()


def test_nothing_is_said_where_nobody_is_registered(office):
    assert "库中还没有主体" in office.get(reverse("areas")).content.decode()


@pytest.mark.parametrize(
    "typed, led",
    [(TAXI, True), (f" {TAXI.lower()} ", True), ("91230402MA1CTE575Q", False)],
    ids=["known", "loose", "unknown"],
)
def test_a_business_is_looked_up_by_its_code(office, known, typed, led):
    answer = office.get(reverse("areas"), {"subject": typed})

    if led:
        assert answer.url == reverse("area", args=[TAXI])
    else:
        assert "库中没有这个统一社会信用代码" in answer.content.decode()


def test_an_area_is_given_by_hand_with_a_reason(office, known):
    address = reverse("area", args=[TAXI])
    page = office.get(address)
    assert "黑河自贸片区" in page.content.decode() and "住所写有“自贸片区”" in page.content.decode()

    answer = office.post(address, {"area": "2311WF", "reason": "黑发〔2026〕1号", "seen": page.context["seen"]})

    assert answer.url == address
    assert queries.area_of([TAXI]) == {TAXI: "2311WF"}
    assert "黑发〔2026〕1号" in office.get(address).content.decode()


def test_an_area_by_hand_is_refused_in_a_sentence(office, known):
    address = reverse("area", args=[SHOP])

    answer = office.post(address, {"area": "2311WF", "reason": "", "seen": "0"})
    assert (answer.status_code, "请写明理由" in answer.content.decode()) == (422, True)
    answer = office.post(address, {"area": "2311WF", "reason": "x", "seen": "nonsense"})
    assert (answer.status_code, "刚才有人改过" in answer.content.decode()) == (422, True)
    assert queries.area_of([SHOP]) == {SHOP: "231181"}
    assert office.get(reverse("area", args=["91230402MA1CTE575Q"])).status_code == 404


@pytest.mark.parametrize("how", ["get", "post"])
def test_a_look_at_where_a_business_is_stands_in_the_log(office, known, how):
    address = reverse("area", args=[TAXI])

    assert "自贸片区上海路1号" in getattr(office, how)(address, {"area": "2311WF", "reason": ""}).content.decode()

    (look,) = looks(limit=9)
    assert (look.by, look.subject, look.purpose) == ("wangmin", TAXI, "指定管辖区")


def test_a_county_reads_the_counts_and_gives_no_area(known):
    county = Client()
    county.force_login(User.objects.create_user("county", password=PASSWORD, role="county"))

    assert county.get(reverse("areas")).status_code == 200
    assert county.get(reverse("area", args=[TAXI])).status_code == 403
    assert county.post(reverse("area", args=[TAXI]), {"area": "2311WF", "reason": "x"}).status_code == 403
