"""查询日志: for the auditor, who sees who looked at what, and is seen looking."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from chengxin.people import looks, queries
from chengxin.people.models import Trail, User
from chengxin.people.trail import Actor
from tests.portals.conftest import PASSWORD

pytestmark = pytest.mark.django_db

AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
ONE, OTHER = "92230402MA1CTE575M", "91230403MA1CTE5757"


@pytest.fixture
def auditor():
    client = Client()
    client.force_login(User.objects.create_user("auditor", password=PASSWORD, role="auditor"))
    return client


def looked(*, person="lilei", unit="市城管局", subject=ONE, purpose="行政审批", part="", at=AT):
    looks.look(by=Actor(person, "department"), unit=unit, subject=subject, purpose=purpose, part=part, at=at)


def listed(client, **asked):
    return client.get(reverse("looks"), asked).content.decode()


def test_a_look_is_listed_with_who_unit_purpose_and_part(auditor):
    looked(part="penalty")

    page = listed(auditor)

    for told in ("lilei", "部门", "市城管局", ONE, "行政审批", "行政处罚的来历", "2026-06-01 10:00:00"):
        assert told in page


@pytest.mark.parametrize(
    "asked",
    [{"person": "lilei"}, {"unit": "市城管局"}, {"subject": ONE.lower()}, {"day": "2026-06-01"}],
    ids=lambda asked: next(iter(asked)),
)
def test_looks_are_narrowed(auditor, asked):
    looked()
    looked(person="hanmei", unit="市文旅局", subject=OTHER, at=AT + timedelta(days=1))

    page = listed(auditor, **asked)

    assert '<td data-label="谁">lilei' in page and "hanmei" not in page


def test_looking_at_the_log_is_noted_with_what_was_asked(auditor):
    listed(auditor, subject=ONE)

    (note,) = Trail.objects.all()
    assert (note.by, note.verb, note.detail) == ("auditor", "looks.see", {"subject": ONE})


@pytest.mark.parametrize("name", ["looks", "trail-export"])
def test_what_is_asked_is_noted_without_the_numbers_of_persons(auditor, name):
    auditor.get(reverse(name), {"person": "张三230402199003071233", "by": "张三230402199003071233"})

    assert "******" in str(Trail.objects.get().detail) and "2304" not in str(Trail.objects.get().detail)


def test_the_log_goes_back_page_by_page(auditor):
    for number in range(60):
        looked(at=AT + timedelta(minutes=number))

    page = listed(auditor, person="lilei")
    assert page.count('data-label="时间"') == 50 and "更早的" in page and "回到最新" not in page
    oldest_of_page = queries.looks(limit=50)[-1].id
    page = listed(auditor, person="lilei", before=oldest_of_page)
    assert page.count('data-label="时间"') == 10 and "更早的" not in page and "回到最新" in page


@pytest.mark.parametrize(
    "asked", [{"day": "gestern"}, {"day": "2026-13-01"}, {"day": "9999-12-31"}, {"day": "0001-01-01"}]
)
def test_a_day_that_is_none_is_said(auditor, asked):
    answer = auditor.get(reverse("looks"), asked)

    assert answer.status_code == 422 and "日期请写成" in answer.content.decode()


@pytest.mark.parametrize("asked", [{"before": "x"}, {"before": "9" * 40}, {"person": "' --"}, {"unit": "%"}])
def test_an_odd_question_gets_an_answer(auditor, asked):
    assert auditor.get(reverse("looks"), asked).status_code == 200


@pytest.mark.parametrize("count", [1, 40])
def test_the_log_takes_the_same_questions_however_long(auditor, count, django_assert_num_queries):
    for _ in range(count):
        looked()

    # session, user; savepoints 2 × 2, patience, looks; trail; city; session saved in 3
    with django_assert_num_queries(13):
        listed(auditor)


@pytest.mark.parametrize("role", ["department", "county", "credit_office", "keeper"])
def test_nobody_else_sees_the_log(role):
    client = Client()
    client.force_login(User.objects.create_user("other", password=PASSWORD, role=role))

    assert client.get(reverse("looks")).status_code == 403
