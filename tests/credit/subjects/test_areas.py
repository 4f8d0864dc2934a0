"""To which governing area a subject belongs: the strongest way that says something, each subject once."""

from datetime import timedelta

import pytest

from chengxin.credit.subjects import areas, queries
from chengxin.credit.subjects.areas import Place
from chengxin.credit.subjects.models import Attribution
from chengxin.people.models import Trail
from chengxin.people.trail import Refused
from tests import make

pytestmark = pytest.mark.django_db

TAXI, SHOP, HOTEL = "91231102MA1CTE575M", "92231181MA1CTE5750", "93231182MA1CTE575B"


def register(uscc, *, division="231102", address="", at=make.NOW, name=None, batch=1):
    return make.subject(uscc, name=name or f"主体{uscc}", division=division, address=address, at=at, batch=batch)


def area_of(uscc):
    return queries.area_of([uscc])[uscc]


def test_who_has_nothing_else_belongs_to_the_division_of_the_register():
    register(TAXI)
    register(SHOP, division="")

    assert queries.area_of([TAXI, SHOP, HOTEL]) == {TAXI: "231102", SHOP: ""}
    assert not Attribution.objects.exists()


def test_a_division_that_was_merged_counts_for_what_took_over():
    register(TAXI, division="231121")

    assert area_of(TAXI) == "231183"


def test_an_address_tells_an_area_and_a_move_takes_it_back():
    register(TAXI, address="黑河市自贸片区上海路1号")
    assert area_of(TAXI) == "2311ZM"

    register(TAXI, address="黑河市自贸片区上海路2号")
    assert Attribution.objects.count() == 1  # it says the same

    register(TAXI, address="黑河市爱辉区兴安街1号")
    assert area_of(TAXI) == "231102"
    assert list(Attribution.objects.order_by("id").values_list("way", "area", "batch")) == [
        ("address", "2311ZM", 1),
        ("address", "", 1),
    ]


@pytest.mark.parametrize(
    "said, area",
    [
        ({"hand": "231181", "roster": "2311WF", "address": "2311ZM"}, "231181"),
        ({"roster": "2311WF", "address": "2311ZM"}, "2311WF"),
        ({"address": "2311ZM"}, "2311ZM"),
        ({}, "231102"),
    ],
    ids=["hand", "roster", "address", "division"],
)
@pytest.mark.parametrize("turned", [False, True], ids=["the strongest first", "the strongest last"])
def test_the_strongest_way_holds_whichever_came_last(said, area, turned):
    register(TAXI)
    for way, code in sorted(said.items(), reverse=turned):
        areas.attribute([Place(TAXI, code, "x")], way=way, by="w", batch=2, at=make.NOW)

    assert area_of(TAXI) == area


def test_each_subject_counts_once_whatever_is_said_of_it():
    register(TAXI, address="黑河市自贸片区上海路1号")
    register(SHOP, division="231181")
    register(HOTEL, division="231182", address="五大连池风景区药泉山")
    areas.attribute([Place(TAXI, "2311WF", "名册"), Place(SHOP, "2311ZM", "名册")], way="roster", by="w", batch=2,
                    at=make.NOW)  # fmt: skip
    areas.take_back(batch=2, void=[], by="w", by_batch=3, at=make.NOW)
    areas.attribute([Place(SHOP, "2311WF", "x")], way="hand", by="w", batch=None, at=make.NOW)

    assert queries.counts_by_area() == {"2311WF": 2, "2311ZM": 1}
    assert queries.counts_by_division() == {"231102": 1, "231181": 1, "231182": 1}


def test_a_roster_that_is_taken_back_leaves_what_was_said_before_and_since():
    register(TAXI)
    register(SHOP)
    areas.attribute([Place(TAXI, "2311ZM", "第一次")], way="roster", by="w", batch=2, at=make.NOW)
    both = [Place(TAXI, "2311WF", "第二次"), Place(SHOP, "2311WF", "第二次")]
    areas.attribute(both, way="roster", by="w", batch=3, at=make.NOW)
    areas.attribute([Place(SHOP, "231181", "第三次")], way="roster", by="w", batch=4, at=make.NOW)

    assert areas.take_back(batch=3, void=[], by="w", by_batch=5, at=make.NOW) == 1

    assert queries.area_of([TAXI, SHOP]) == {TAXI: "2311ZM", SHOP: "231181"}
    assert areas.take_back(batch=2, void=[3, 5], by="w", by_batch=6, at=make.NOW) == 1
    assert area_of(TAXI) == "231102"


def test_by_hand_it_takes_a_reason_and_what_was_seen():
    register(TAXI)

    areas.assign(subject=TAXI, area="2311ZM", reason=" 黑自贸办〔2026〕3号 ", seen=0, by=make.CLERK, at=make.NOW)

    said = queries.attribution(TAXI)
    assert said == ("2311ZM", "hand", "黑自贸办〔2026〕3号")
    trail = Trail.objects.get(verb="area.assign")
    assert (trail.thing, trail.detail) == (f"subject {TAXI}", {"area": "2311ZM"})

    newest = areas.newest(TAXI)
    areas.assign(subject=TAXI, area="", reason="搬走了", seen=newest, by=make.CLERK, at=make.NOW + timedelta(1))
    assert area_of(TAXI) == "231102"


@pytest.mark.parametrize(
    "said, refusal",
    [
        ({"reason": " "}, "请写明理由"),
        ({"reason": "长" * 201}, "最多 200 个字"),
        ({"area": "999999"}, "没有这个管辖区"),
        ({"area": "231121"}, "没有这个管辖区"),
        ({"subject": SHOP}, "库中没有这个主体"),
        ({"seen": 7}, "刚才有人改过"),
    ],
    ids=[
        "no reason",
        "a long reason",
        "no such area",
        "an area that is no more",
        "no such subject",
        "another was first",
    ],
)
def test_by_hand_it_is_refused_and_nothing_is_said(said, refusal):
    register(TAXI)

    with pytest.raises(Refused, match=refusal):
        areas.assign(
            **{"subject": TAXI, "area": "2311ZM", "reason": "x", "seen": 0, "by": make.CLERK, "at": make.NOW} | said
        )

    assert not Attribution.objects.exists()
    assert not Trail.objects.exists()


def test_addresses_are_read_again_when_the_rules_have_changed(tmp_path):
    from chengxin.terms import area

    register(TAXI, division="230403", address="鹤岗市工农区循环经济园1号")
    (tmp_path / "own.toml").write_text(
        '[[area]]\ncode = "2304GY"\nname = "循环经济园"\nparent = "230403"\nwords = ["循环经济园"]\n'
    )
    area.load_city(tmp_path)
    try:
        assert areas.read_again(by=make.CLERK, at=make.NOW) == 1
        assert area_of(TAXI) == "2304GY"
        assert areas.read_again(by=make.CLERK, at=make.NOW) == 0
    finally:
        area.load_city(tmp_path / "none")
