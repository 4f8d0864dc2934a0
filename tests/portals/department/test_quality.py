"""质量 and 零报告: figures of the units one may see, in words and shapes, and a file of them; nothing of anybody else's."""

import io
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from chengxin.ingest import quality
from chengxin.ingest.models import Batch, Tally, ZeroReport
from chengxin.people.models import Trail, Unit, User
from tests.portals.conftest import make_batch

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
IN_OCTOBER = datetime(2026, 10, 20, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """The pages read the clock: this month is November 2026."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 5, 2, tzinfo=UTC))


@pytest.fixture
def market(db):
    return Unit.objects.create(
        name="演示市市场监督管理局", short="市场监管局", uscc="11230400001755309F", area="230402"
    )


@pytest.fixture
def fire(db):
    return Unit.objects.create(name="演示市消防救援支队", short="消防支队", uscc="11230400001755310A", area="230403")


def browser(role, unit=None, name="lina"):
    client = Client()
    client.force_login(User.objects.create_user(name, role=role, unit=unit))
    return client


def sent(unit, *, at=IN_OCTOBER, kind="licence", state="applied", source_code="", **counts):
    rows, rejected, unchanged = (counts.get(name, 0) for name in ("rows", "rejected", "unchanged"))
    batch = make_batch(
        kind=kind,
        unit=unit,
        received_at=at,
        state=state,
        rows=rows,
        accepted=rows - rejected - unchanged,
        rejected=rejected,
        unchanged=unchanged,
    )
    Tally.objects.bulk_create(
        Tally(batch=batch, source_code=source_code, code=code, count=count, level="error" if code[0] == "E" else "")
        for code, count in counts.items()
    )
    return batch


def figures(unit, month=OCTOBER):
    found = quality.counts(units=[unit.pk], since=month, until=quality.next_month(month))
    return found.get((unit.pk, month))


# ---- The counting ------------------------------------------------------------------------------------------------


def test_the_tallies_of_a_month_are_added_up(market):
    sent(market, rows=100, rejected=4, waiting=1, accepted=90, changed=10, unchanged=6, late=8, E02=2, E09=1)
    sent(market, rows=10, accepted=10)
    sent(market, at=datetime(2026, 11, 1, 1, tzinfo=UTC), rows=7, accepted=7)

    counts = figures(market)

    assert (counts.rows, counts.wrong, counts.firsts, counts.late, counts.wrong_codes) == (110, 3, 90, 8, 3)


def test_a_month_begins_at_midnight_in_china(market):
    sent(market, at=datetime(2026, 9, 30, 16, 0, tzinfo=UTC), rows=1)
    sent(market, at=datetime(2026, 9, 30, 15, 59, tzinfo=UTC), rows=10)

    assert figures(market).rows == 1 and figures(market, date(2026, 9, 1)).rows == 10


def test_a_row_counts_for_the_unit_that_it_names_as_its_source(market, fire):
    sent(market, rows=3, source_code=fire.uscc)
    sent(market, rows=5, source_code="11230000000000009X")

    assert figures(fire).rows == 3 and figures(market).rows == 5


def test_what_was_not_applied_or_taken_back_counts_nothing(market):
    first = sent(market, rows=1)
    for state in ("checked", "dropped", "failed", "undone"):
        sent(market, state=state, rows=1000)
    Batch.objects.filter(pk=sent(market, rows=1000).pk).update(same_as=first)
    Batch.objects.filter(pk=sent(market, rows=1000).pk).update(undoes=first)

    assert figures(market).rows == 1


# ---- What is due -------------------------------------------------------------------------------------------------


def dues(unit, today):
    return [(one.what, one.days) for one in quality.due(units=[unit.pk], today=today)]


def test_rows_sent_back_are_due_in_seven_workdays_until_a_later_batch(market):
    sent(market, at=datetime(2026, 11, 2, 2, tzinfo=UTC), rows=5, rejected=2)

    assert ("mend", 6) in dues(market, date(2026, 11, 5))

    sent(market, at=datetime(2026, 11, 4, 2, tzinfo=UTC), rows=2, accepted=2)
    assert "mend" not in [what for what, _ in dues(market, date(2026, 11, 5))]


def test_a_month_without_data_is_due_by_the_tenth_unless_nought_was_reported(market):
    sent(market, at=datetime(2026, 9, 3, 2, tzinfo=UTC), rows=5)

    assert ("month", 5) in dues(market, date(2026, 11, 5)) and ("month", -2) in dues(market, date(2026, 11, 12))

    ZeroReport.objects.create(unit=market, kind="licence", month=OCTOBER, by="w", made_at=IN_OCTOBER)
    assert "month" not in [what for what, _ in dues(market, date(2026, 11, 5))]


def test_a_silence_is_told_a_week_before_its_thirtieth_day(market):
    sent(market, at=datetime(2026, 10, 10, 2, tzinfo=UTC), kind="honour", rows=5)

    assert dues(market, date(2026, 11, 1)) == []
    assert dues(market, date(2026, 11, 5)) == [("silent", 4)] and dues(market, date(2026, 11, 12)) == [("silent", -3)]


def test_a_year_without_a_calendar_is_not_guessed(market):
    sent(market, at=datetime(2026, 12, 30, 2, tzinfo=UTC), kind="honour", rows=5, rejected=5)

    assert dues(market, date(2026, 12, 31)) == [("mend", None)]


# ---- The pages ---------------------------------------------------------------------------------------------------


def test_a_department_sees_its_own_month_and_nobody_elses(market, fire):
    sent(market, rows=100, rejected=4, accepted=96)
    sent(fire, rows=77, accepted=77)
    department = browser("department", market)

    page = department.get(reverse("quality"), {"month": "2026-10"}).content.decode()

    assert "市场监督管理局" in page and "消防" not in page and "96.0%" in page and "未达标" in page
    assert department.get(reverse("quality-unit", args=[market.pk])).status_code == 200
    assert department.get(reverse("quality-unit", args=[fire.pk])).status_code == 404


def test_a_county_sees_the_units_of_its_area(market, fire):
    county = browser("county", Unit.objects.create(name="向阳区信用办", area="230402"))

    page = county.get(reverse("quality")).content.decode()

    assert "市场监督管理局" in page and "消防" not in page
    assert county.get(reverse("quality-unit", args=[fire.pk])).status_code == 404


def test_who_belongs_to_no_unit_sees_none(market):
    assert "目录里还没有" in browser("department").get(reverse("quality")).content.decode()


def test_a_month_without_data_has_no_rates(market):
    page = browser("department", market).get(reverse("quality"), {"month": "2026-10"}).content.decode()

    assert "没有数据不等于 0%" in page and "0.0%" not in page and "<svg" not in page


@pytest.mark.parametrize("month", ["", "2026-13", "1066-10", "x'; --", "2099-01"])
def test_an_odd_month_is_this_month(market, month):
    page = browser("department", market).get(reverse("quality"), {"month": month})

    assert page.status_code == 200 and "2026年11月" in page.content.decode()


def test_the_chart_tells_by_shape_and_its_table_stands_beside(market, fire):
    sent(market, rows=100, rejected=10, accepted=90)
    sent(fire, rows=100, accepted=100)

    page = browser("credit_office").get(reverse("quality"), {"month": "2026-10"}).content.decode()

    assert page.count('class="point fails"') == 1 and page.count("<circle") == 1
    assert "90.0%" in page and "100.0%" in page and "<table" in page and "style=" not in page


def test_a_units_page_says_why_rows_came_back_and_what_to_do(market):
    sent(market, rows=100, rejected=3, accepted=97, E02=3)

    page = browser("department", market).get(reverse("quality-unit", args=[market.pk]), {"month": "2026-10"})

    assert "统一社会信用代码有误<small>E02</small>" in page.content.decode(), "by name, not by code alone"
    assert "对照营业执照核对" in page.content.decode()


def test_the_pages_ask_the_same_number_of_questions_of_any_city(market, django_assert_max_num_queries):
    for number in range(40):
        sent(Unit.objects.create(name=f"第 {number} 单位"), rows=10, accepted=9, rejected=1)
    office = browser("credit_office")

    with django_assert_max_num_queries(18):
        office.get(reverse("quality"), {"month": "2026-10"})


def test_a_month_is_handed_out_as_a_workbook_and_leaves_a_trail(market, fire):
    sent(market, rows=100, rejected=4, accepted=96, E02=2)
    sent(fire, rows=1)

    answer = browser("department", market).get(reverse("quality-file"), {"month": "2026-10"})

    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert [row[0] for row in book["质量"].iter_rows(values_only=True)][1:] == ["演示市市场监督管理局"]
    assert (
        book["质量"]["H2"].value == 0.96
        and book["原因"]["B2"].value == "E02"
        and book["原因"]["F2"].value == "统一社会信用代码有误"
        and book["指标说明"].max_row > 5
    )
    assert Trail.objects.get(verb="quality.export").detail == {"units": 1}


# ---- 零报告 ------------------------------------------------------------------------------------------------------


def test_a_unit_reports_nought_once(market):
    department = browser("department", market)
    asked = {"kind": "penalty", "month": "2026-10"}

    assert department.post(reverse("zero-report"), asked).status_code == 302
    again = department.post(reverse("zero-report"), asked)

    assert again.status_code == 422 and "已经零报告过" in again.content.decode()
    assert ZeroReport.objects.get().unit == market and Trail.objects.filter(verb="zero.report").count() == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"kind": "penalty", "month": "2026-11"}, "还没有结束"),
        ({"kind": "penalty", "month": "2030-01"}, "还没有结束"),
        ({"kind": "penalty", "month": "x"}, "请选择"),
        ({"kind": "nonsense", "month": "2026-10"}, "没有这个种类"),
        ({"kind": "licence", "month": "2026-10"}, "报送过 5 行"),
        ({}, "请选择"),
    ],
    ids=["this month", "the future", "no month", "no kind", "rows were sent", "nothing"],
)
def test_what_cannot_be_nought_is_refused_in_a_sentence(market, asked, told):
    sent(market, rows=5)

    answer = browser("department", market).post(reverse("zero-report"), asked)

    assert answer.status_code == 422 and told in answer.content.decode() and not ZeroReport.objects.exists()


def test_data_that_come_after_a_zero_report_are_said_beside_it(market):
    ZeroReport.objects.create(unit=market, kind="licence", month=OCTOBER, by="w", made_at=IN_OCTOBER)
    sent(market, rows=5)

    assert "以数据为准" in browser("department", market).get(reverse("zero")).content.decode()


def test_nobody_reports_for_another_unit_or_for_none(market, fire):
    ZeroReport.objects.create(unit=fire, kind="licence", month=OCTOBER, by="w", made_at=IN_OCTOBER)

    assert "消防" not in browser("department", market).get(reverse("zero")).content.decode()
    refused = browser("credit_office", name="office").post(
        reverse("zero-report"), {"kind": "penalty", "month": "2026-10"}
    )
    assert refused.status_code == 422 and "不属于任何单位" in refused.content.decode()


@pytest.mark.parametrize("name", ["quality", "quality-file", "zero"])
def test_a_stranger_gets_nothing(stranger, name):
    assert stranger.get(reverse(name)).status_code == 403
    assert Client().get(reverse(name)).status_code == 302
