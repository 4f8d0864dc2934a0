"""What came in, and what was set aside: reasons, never the rows themselves; a look leaves a trail."""

import pytest
from django.urls import reverse

from chengxin.people.models import Trail
from tests.portals.conftest import make_batch, set_aside

pytestmark = pytest.mark.django_db


def test_batches_are_listed_newest_first(office):
    for name in ("旧.csv", "新.csv"):
        make_batch(file_name=name)

    page = office.get(reverse("batches")).content.decode()

    assert page.index("新.csv") < page.index("旧.csv")


def test_batches_are_listed_by_kind(office):
    make_batch(kind="licence", file_name="许可.csv")
    make_batch(kind="penalty", file_name="处罚.csv")

    page = office.get(reverse("batches"), {"kind": "penalty"}).content.decode()

    assert "处罚.csv" in page and "许可.csv" not in page


@pytest.mark.parametrize(
    "asked", [{"kind": "nonsense"}, {"page": "99"}, {"page": "x"}, {"kind": "'; --", "page": "-1"}]
)
def test_an_odd_question_still_gets_a_list(office, asked):
    make_batch(file_name="许可.csv")

    answer = office.get(reverse("batches"), asked)

    assert answer.status_code == 200 and "许可.csv" in answer.content.decode()


def test_a_long_list_has_pages_and_keeps_its_kind(office):
    for _ in range(30):
        make_batch()
    make_batch(kind="penalty")

    page = office.get(reverse("batches"), {"kind": "licence"}).content.decode()

    assert "第 1 页，共 2 页" in page and 'href="?kind=licence&amp;page=2"' in page


def test_nothing_yet_says_what_to_do(office):
    assert "chengxin intake" in office.get(reverse("batches")).content.decode()


def test_a_batch_shows_why_rows_were_set_aside_but_not_the_rows(office, batch):
    set_aside(batch, count=3)

    page = office.get(reverse("batch", args=[batch.pk])).content.decode()

    assert "第 2 行的校验位不对" in page and "E01：3 行" in page and "等待主体入库" in page
    assert "不该出现的名字" not in page


def test_many_set_aside_rows_have_pages(office, batch):
    set_aside(batch, count=120)

    page = office.get(reverse("batch", args=[batch.pk]), {"page": 3}).content.decode()

    assert "第 3 页，共 3 页" in page and "第 121 行的校验位不对" in page and "第 2 行的校验位不对" not in page


def test_a_look_at_a_batch_leaves_a_trail(office, batch):
    office.get(reverse("batch", args=[batch.pk]))

    look = Trail.objects.get()
    assert (look.by, look.role, look.verb, look.thing) == ("wangmin", "credit_office", "batch.see", f"batch {batch.pk}")


def test_a_batch_that_is_not_there_is_not_found_and_leaves_no_trail(office):
    assert office.get(reverse("batch", args=[404])).status_code == 404
    assert not Trail.objects.exists()


def test_the_feedback_file_is_handed_out_with_a_trail(office, batch, settings, tmp_path):
    settings.FEEDBACK_DIR = tmp_path
    (tmp_path / f"{batch.pk}.csv").write_text("行,代码\n2,E01\n")
    set_aside(batch, count=1)

    assert reverse("feedback", args=[batch.pk]) in office.get(reverse("batch", args=[batch.pk])).content.decode()
    answer = office.get(reverse("feedback", args=[batch.pk]))

    assert b"".join(answer.streaming_content).decode() == "行,代码\n2,E01\n"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert Trail.objects.latest("id").verb == "batch.feedback"


def test_a_feedback_file_that_is_not_there_is_not_offered(office, batch, settings, tmp_path):
    settings.FEEDBACK_DIR = tmp_path / "none"
    set_aside(batch, count=1)

    assert "没有反馈文件" in office.get(reverse("batch", args=[batch.pk])).content.decode()
    assert office.get(reverse("feedback", args=[batch.pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 50])
def test_a_page_of_rows_takes_the_same_questions_however_many(office, batch, count, django_assert_num_queries):
    set_aside(batch, count=count)

    # session, user, savepoint, batch, reasons, trail, city, count, rows, messages' none, session saved: 4 more for saving
    with django_assert_num_queries(13):
        office.get(reverse("batch", args=[batch.pk]))


@pytest.mark.parametrize("count", [1, 25])
def test_a_page_of_batches_takes_the_same_questions_however_many(office, count, django_assert_num_queries):
    for _ in range(count):
        make_batch()

    with django_assert_num_queries(9):
        office.get(reverse("batches"))
