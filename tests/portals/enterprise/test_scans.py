"""扫码: an owner sees how often, by day and by place, programs apart; a chart with its table; nobody else's."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chengxin.credit.codes.models import Code, ScanDay
from tests.make import USCC

pytestmark = pytest.mark.django_db
PAGE = f"/enterprise/{USCC}/scans"


@pytest.fixture
def scanned(owner):
    today = timezone.localdate()
    for serial, placement, label in ((1, "premises", ""), (2, "vehicle", "黑H·T1234")):
        Code.objects.create(
            subject_id=USCC, serial=serial, profile="full", placement=placement, label=label, token="",
            issued_on=date(2026, 1, 1),
        )  # fmt: skip
    for serial, back, scans, bots in ((1, 0, 12, 3), (1, 2, 5, 0), (2, 40, 7, 0)):
        ScanDay.objects.create(
            subject_id=USCC, serial=serial, day=today - timedelta(days=back), scans=scans, devices=2, bots=bots
        )
    return today


def test_thirty_days_are_told_unless_asked_otherwise(owner, scanned):
    told = owner.get(PAGE).context["told"]

    assert (len(told.days), told.scans, told.bots, told.busy_days) == (30, 17, 3, 2)


@pytest.mark.parametrize(("asked", "days", "scans"), [("7", 7, 17), ("90", 90, 24), ("365", 30, 17), ("x", 30, 17)])
def test_one_looks_back_over_as_many_days_as_there_are_to_choose_from(owner, scanned, asked, days, scans):
    told = owner.get(PAGE, {"days": asked}).context["told"]

    assert (len(told.days), told.scans) == (days, scans)


def test_the_chart_has_its_table(owner, scanned):
    page = owner.get(PAGE).content.decode()

    assert page.count('<rect class="bar"') == 2
    assert f"{scanned.month}月{scanned.day}日：12 次" in page
    assert f'<time datetime="{scanned:%Y-%m-%d}">' in page


def test_each_place_says_which_it_is(owner, scanned):
    page = owner.get(PAGE, {"days": 90}).content.decode()

    assert "店门口 <small>编号 1" in page and "车内 黑H·T1234" in page


def test_before_anybody_scanned_it_says_what_to_do(owner):
    page = owner.get(PAGE).content.decode()

    assert "这些天还没有人扫码" in page and '<svg class="chart"' not in page


def test_the_page_asks_as_much_however_many_days_and_codes_there_are(owner, scanned, django_assert_num_queries):
    with django_assert_num_queries(12):
        owner.get(PAGE, {"days": 90})
