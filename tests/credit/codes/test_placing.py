"""Codes for places of a business: in sets, with what is known of where they hang, and their end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengxin.board.models import BoardCode
from chengxin.credit.codes import actions, keyring, placing, queries
from chengxin.credit.codes.models import Code, Placing
from chengxin.credit.codes.places import Place, faults
from chengxin.people.models import Trail
from chengxin.people.trail import Refused
from chengxin.pipeline.flow import post_touched
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
POINT = (Decimal("47.349920"), Decimal("130.297960"))
PLATES = ("黑H·T1234", "黑H·T1235", "黑H·T1236")


@pytest.fixture
def signer(tmp_path: Path) -> keyring.Signer:
    return actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


@pytest.fixture
def shop(signer: keyring.Signer) -> str:
    make.subject()
    actions.issue(subjects=[USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)
    return USCC


def place(signer: keyring.Signer, *places: Place, subject: str = USCC) -> list[actions.Issued]:
    return placing.place(subject=subject, places=places, way="self", by=CLERK, at=NOW, signer=signer)


def taxi(plate: str, **more: object) -> Place:
    return Place("taxi", plate, **more)  # type: ignore[arg-type]


def test_a_fleet_gets_its_codes_in_one_act(shop: str, signer: keyring.Signer) -> None:
    issued = place(signer, *(taxi(plate, label_shown=True) for plate in PLATES))

    assert len({one.serial for one in issued}) == 3
    assert {one.state for one in issued} == {"active"}
    assert set(BoardCode.objects.filter(placement="taxi").values_list("label", flat=True)) == set(PLATES)
    assert set(Code.objects.filter(placement="taxi").values_list("way", flat=True)) == {"self"}
    assert Trail.objects.get(verb="code.place").detail["issued"] == 3


def test_three_hundred_places_cost_no_more_statements_than_three(shop: str, signer: keyring.Signer) -> None:
    with CaptureQueriesContext(connection) as few:
        place(signer, *(taxi(f"黑H·T1{number:03}") for number in range(3)))
    with CaptureQueriesContext(connection) as many:
        place(signer, *(taxi(f"黑H·T2{number:03}") for number in range(300)))

    assert len(many) == len(few)


def test_placing_twice_keeps_the_code(shop: str, signer: keyring.Signer) -> None:
    (first,) = place(signer, taxi("黑ht1234"))
    again = place(signer, taxi("黑H·T1234"), taxi("黑H T1234"))

    assert [one.serial for one in again] == [first.serial] * 2
    assert Code.objects.filter(placement="taxi").count() == 1


@pytest.mark.parametrize("shown", [True, False])
def test_a_label_stands_on_the_board_only_by_consent(shop: str, signer: keyring.Signer, shown: bool) -> None:
    place(signer, taxi("黑H·T1234", label_shown=shown))
    at_once = BoardCode.objects.get(placement="taxi").label

    post_touched(at=NOW)

    assert {at_once, BoardCode.objects.get(placement="taxi").label} == {"黑H·T1234" if shown else ""}


def test_a_label_that_hides_is_hidden_at_once_and_stays_so(shop: str, signer: keyring.Signer) -> None:
    (one,) = place(signer, taxi("黑H·T1234", label_shown=True))
    assert one.serial

    placing.rehang(subject=USCC, serial=one.serial, label_shown=False, by=CLERK, at=NOW)
    at_once = BoardCode.objects.get(placement="taxi").label
    post_touched(at=NOW)

    assert (at_once, BoardCode.objects.get(placement="taxi").label) == ("", "")


def test_a_point_that_is_taken_back_is_erased(shop: str, signer: keyring.Signer) -> None:
    stall = Place("stall", "A区12号", where="东市场一层", lat=POINT[0], lon=POINT[1], pointed_by="phone")
    (one,) = place(signer, stall)
    assert one.serial
    kept = queries.hanging([USCC])[one.serial]

    placing.rehang(subject=USCC, serial=one.serial, label_shown=False, where="东市场一层", by=CLERK, at=NOW)

    assert (kept.lat, kept.lon, kept.pointed_by) == (*POINT, "phone")
    assert not Placing.objects.filter(lat__isnull=False).exists()
    assert Placing.objects.count() == 2


def test_who_wants_no_more_than_the_county_told_has_the_exact_point_erased(shop: str, signer: keyring.Signer) -> None:
    (one,) = place(signer, Place("stall", "A区12号", lat=POINT[0], lon=POINT[1], pointed_by="phone"))
    assert one.serial
    centre = placing.centre(USCC)
    assert centre

    placing.rehang(
        subject=USCC, serial=one.serial, label_shown=False, point=centre.point, pointed_by="centroid", by=CLERK, at=NOW
    )

    kept = queries.hanging([USCC])[one.serial]
    assert (kept.lat, kept.lon, kept.approximate) == (*centre.point, True)
    assert placing.county_of(*centre.point) == centre.county == "向阳区"
    assert [row.lat for row in Placing.objects.filter(lat__isnull=False)] == [centre.point.lat]


def test_what_moves_has_no_point(shop: str, signer: keyring.Signer) -> None:
    (one,) = place(signer, taxi("黑H·T1234", lat=POINT[0], lon=POINT[1], pointed_by="list"))
    assert one.serial

    assert queries.hanging([USCC])[one.serial].lat is None


def test_a_new_plate_is_a_new_code(shop: str, signer: keyring.Signer) -> None:
    (old,) = place(signer, taxi("黑H·T1234", label_shown=True))
    assert old.serial

    new = placing.relabel(subject=USCC, serial=old.serial, label="黑H·T9999", by=CLERK, at=NOW, signer=signer)

    states = {code.serial: (code.state, code.label) for code in queries.standing([USCC])}
    assert states[old.serial] == ("superseded", "黑H·T1234")
    assert new.serial is not None
    assert states[new.serial] == ("active", "黑H·T9999")
    assert BoardCode.objects.get(serial=old.serial).state == "superseded"
    assert BoardCode.objects.get(serial=new.serial).label == "黑H·T9999"


def test_a_sold_car_ends_its_code_and_no_other(shop: str, signer: keyring.Signer) -> None:
    cars = place(signer, *(taxi(plate) for plate in PLATES))
    assert cars[0].serial

    placing.end(subject=USCC, serials=[cars[0].serial], why="车辆已转让", by=CLERK, at=NOW)

    assert BoardCode.objects.get(serial=cars[0].serial).state == "cancelled"
    assert BoardCode.objects.filter(state="active").count() == 3


def test_the_last_code_is_not_ended_here(shop: str) -> None:
    (door,) = queries.standing([USCC])

    with pytest.raises(Refused, match="最后一个码"):
        placing.end(subject=USCC, serials=[door.serial], why="不用了", by=CLERK, at=NOW)


def test_nobody_else_ends_it(shop: str, signer: keyring.Signer) -> None:
    make.subject(OTHER_USCC)
    actions.issue(subjects=[OTHER_USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)
    (door,) = queries.standing([USCC])

    with pytest.raises(Refused):
        placing.end(subject=OTHER_USCC, serials=[door.serial], why="不是我的", by=CLERK, at=NOW)


def test_a_stand_ends_the_day_after_its_last(shop: str, signer: keyring.Signer) -> None:
    place(signer, Place("event", "B3-07", until=TODAY))

    on_the_day = placing.end_past(today=TODAY, by=CLERK, at=NOW)
    after = placing.end_past(today=TODAY + timedelta(days=1), by=CLERK, at=NOW)

    assert (on_the_day, after) == (0, 1)
    assert BoardCode.objects.get(placement="event").state == "cancelled"
    assert placing.end_past(today=TODAY + timedelta(days=1), by=CLERK, at=NOW) == 0


def test_a_stand_prolonged_goes_on(shop: str, signer: keyring.Signer) -> None:
    (one,) = place(signer, Place("event", "B3-07", until=TODAY))
    assert one.serial
    later = TODAY + timedelta(days=3)

    placing.rehang(subject=USCC, serial=one.serial, label_shown=False, until=later, by=CLERK, at=NOW)

    assert placing.end_past(today=TODAY + timedelta(days=1), by=CLERK, at=NOW) == 0


def test_without_a_consent_on_record_there_are_no_further_codes(signer: keyring.Signer) -> None:
    make.subject()

    with pytest.raises(Refused, match="还没有同意申领"):
        place(signer, taxi("黑H·T1234"))


def test_who_was_frozen_cannot_place_another(shop: str, signer: keyring.Signer) -> None:
    (door,) = queries.standing([USCC])
    actions.turn(subject=USCC, serial=door.serial, verb="freeze", why="核查", by=CLERK, at=NOW)

    with pytest.raises(Refused, match="冻结"):
        place(signer, taxi("黑H·T1234"))


def test_a_code_of_a_revoked_key_is_not_kept(shop: str, signer: keyring.Signer, tmp_path: Path) -> None:
    (old,) = place(signer, taxi("黑H·T1234"))
    other = actions.revoke(number=signer.number, why="失窃", folder=tmp_path / "keys", by=CLERK, at=NOW)

    (new,) = place(other, taxi("黑H·T1234"))

    assert new.serial != old.serial
    assert BoardCode.objects.get(serial=old.serial).state == "superseded"


GOOD = Place("stall", "A区12号")


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        pytest.param(replace(GOOD, kind="屋顶"), "kind", "没有“屋顶”这种放置处", id="no such kind"),
        pytest.param(replace(GOOD, where="长" * 201), "where", "不超过 200 个字", id="where too long"),
        pytest.param(Place("event", "B3"), "until", "用到哪一天", id="an event without its end"),
        pytest.param(Place("event", "B3", until=TODAY - timedelta(days=1)), "until", "已经过去", id="an event past"),
        pytest.param(Place("event", "B3", until=date(2029, 1, 1)), "until", "最长用一年", id="an event for years"),
        pytest.param(Place("heritage", "麦秸剪贴"), "keeper", "保护单位", id="a craft without its unit"),
        pytest.param(replace(GOOD, lat=POINT[0]), "point", "一起填", id="half a point"),
        pytest.param(replace(GOOD, lat=POINT[1], lon=POINT[0]), "point", "写反了", id="a point the wrong way round"),
        pytest.param(replace(GOOD, lat=Decimal(1), lon=Decimal(1)), "point", "不在国内", id="a point in the sea"),
    ],
)
def test_what_is_wrong_with_a_place_is_said(wrong: Place, field: str, said: str) -> None:
    assert said in faults(wrong, today=TODAY)[field]


def test_one_wrong_place_stops_all_and_says_which(shop: str, signer: keyring.Signer) -> None:
    with pytest.raises(Refused, match="第 2 处：请填写车牌号"):
        place(signer, taxi("黑H·T1234"), taxi(""))

    assert not Code.objects.filter(placement="taxi").exists()
