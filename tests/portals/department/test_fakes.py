"""举报: listed for those who handle them, never loaded with their photos, and every look leaves a trail."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from chengxin.board.models import BoardCode
from chengxin.credit.fakes.models import Handling
from chengxin.people.models import Trail, User
from tests import make
from tests.credit.fakes.test_actions import fake
from tests.portals.conftest import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(db):
    client = Client()
    client.force_login(User.objects.create_user("keeper", password="correct horse battery", role="keeper"))
    return client


def listed(office, **asked):
    return office.get(reverse("fakes"), asked).content.decode()


def test_open_reports_are_listed_newest_first(office):
    fake(receipt="11111111", where="旧")
    fake(receipt="22222222", where="新", at=AT + timedelta(hours=1))
    done = fake(receipt="33333333", where="办完的")
    Handling.objects.create(fake=done, note="好", at=AT, by="w")

    page = listed(office)

    assert page.index("2222 2222") < page.index("1111 1111")
    assert "3333 3333" not in page
    assert "3333 3333" in listed(office, state="done") and "1111 1111" not in listed(office, state="done")
    assert "3333 3333" in listed(office, state="all") and "1111 1111" in listed(office, state="all")


def test_reports_are_listed_by_what_is_wrong(office):
    fake(wrong="mismatched", receipt="11111111")
    fake(wrong="not_genuine", receipt="22222222")

    page = listed(office, wrong="not_genuine")

    assert "2222 2222" in page and "1111 1111" not in page


def test_a_report_is_found_by_the_number_that_somebody_reads_out(office):
    fake(receipt="11111111")
    done = fake(receipt="22222222")
    Handling.objects.create(fake=done, note="好", at=AT, by="w")

    page = listed(office, receipt=" 2222 2222")

    assert "2222 2222" in page and "1111 1111" not in page
    assert "没有编号是 9999 9999 的举报" in listed(office, receipt="99999999")
    assert "举报编号是 8 位数字" in listed(office, receipt="hello")


@pytest.mark.parametrize("asked", [{"wrong": "nonsense"}, {"state": "'; --"}, {"page": "x"}, {"receipt": "%"}])
def test_an_odd_question_still_gets_a_list(office, asked):
    fake(receipt="11111111")

    assert "1111 1111" in listed(office, **asked)


def test_a_long_list_has_pages_and_keeps_what_was_asked(office):
    for _ in range(30):
        fake(wrong="other")

    page = listed(office, wrong="other", state="all")

    assert "第 1 页，共 2 页" in page and 'href="?wrong=other&amp;state=all&amp;page=2"' in page


@pytest.mark.parametrize("count", [1, 25])
def test_a_list_takes_the_same_questions_however_many_and_no_photo(office, count, django_assert_num_queries):
    for _ in range(count):
        fake()

    # session, user, savepoint, count, rows, city, messages' none, session saved: 4 more for saving
    with django_assert_num_queries(8) as asked:
        office.get(reverse("fakes"))
    assert not [query for query in asked.captured_queries if '"inbox_fake"."photo",' in query["sql"]]


def test_nothing_yet_is_said(office):
    assert "没有待处理的举报" in listed(office)


def test_a_report_is_shown_with_the_code_and_its_holder(office):
    subject = make.subject()
    BoardCode.objects.create(
        serial=7,
        holder_kind="subject",
        holder=subject,
        state="active",
        placement="premises",
        label="总店",
        issued_on=AT,
    )
    one = fake(serial=7, verdict="active", code="S000000700000000009C", words="<b>贴错</b>\n了")

    page = office.get(reverse("fake", args=[one.pk])).content.decode()

    assert "松岭里饺子馆" in page and subject in page and "0000-007" in page and "总店" in page
    assert "&lt;b&gt;贴错&lt;/b&gt;<br>了" in page
    assert "纬度 47.3300，经度 130.2800" in page
    assert f'src="{reverse("fake-photo", args=[one.pk])}"' in page
    look = Trail.objects.get()
    assert (look.by, look.verb, look.thing, look.detail) == (
        "wangmin",
        "fake.see",
        "fake 48217730",
        {"key": str(one.pk)},
    )


def test_a_report_of_a_code_that_is_none_of_ours_says_so(office):
    one = fake(verdict="forged", code="X" * 20, photo=None)

    page = office.get(reverse("fake", args=[one.pk])).content.decode()

    assert "不是本系统签发的码" in page and "照片已按期限删除" in page


@pytest.mark.parametrize("key", ["nonsense", "621d8c6c-bc50-4e0a-b49a-5c69d941428d", "1"])
@pytest.mark.parametrize("name", ["fake", "fake-photo"])
def test_a_report_that_is_not_there_is_not_found_and_leaves_no_trail(office, name, key):
    assert office.get(reverse(name, args=[key])).status_code == 404
    assert office.post(reverse("fake-handle", args=[key]), {"note": "x"}).status_code == 404
    assert not Trail.objects.exists()


def test_a_photo_is_handed_out_as_a_picture_and_nothing_else(office):
    answer = office.get(reverse("fake-photo", args=[fake().pk]))

    assert answer.content == b"JPEG"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == 'inline; filename="fake-48217730.jpg"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert Trail.objects.get().verb == "fake.photo"


def test_a_report_without_a_photo_has_none_to_hand_out(office):
    assert office.get(reverse("fake-photo", args=[fake(photo=None).pk])).status_code == 404


def test_a_report_is_handled_and_stays_handled(office):
    one = fake()
    answer = office.post(reverse("fake-handle", args=[one.pk]), {"note": "已派人核实，\r\n贴纸揭下。"}, follow=True)

    page = answer.content.decode()
    assert "处理情况已记下" in page and "已派人核实，<br>贴纸揭下。" in page and "已处理" in page
    assert Handling.objects.get().note == "已派人核实，\n贴纸揭下。"
    again = office.post(reverse("fake-handle", args=[one.pk]), {"note": "已派人核实，\n贴纸揭下。"}, follow=True)
    assert "没有重复记" in again.content.decode()
    assert Handling.objects.count() == 1


def test_who_writes_while_another_notes_something_is_told_and_loses_nothing(office):
    one = fake()
    handle = reverse("fake-handle", args=[one.pk])
    assert 'name="seen" value="0"' in office.get(reverse("fake", args=[one.pk])).content.decode()
    Handling.objects.create(fake=one, note="我去看过了。", at=AT, by="王五")

    answer = office.post(handle, {"note": "已派人去看。", "seen": "0"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "王五 已经记下了处理情况" in page and "我去看过了。" in page and "已派人去看。" in page
    assert 'name="seen" value="1"' in page
    assert Handling.objects.count() == 1
    assert office.post(handle, {"note": "已派人去看。", "seen": "1"}).status_code == 302
    assert Handling.objects.count() == 2


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30, "１"])
def test_an_odd_count_of_notes_is_none(office, seen):
    assert office.post(reverse("fake-handle", args=[fake().pk]), {"note": "好", "seen": seen}).status_code == 302


def test_a_note_that_is_refused_stays_on_the_page(office):
    answer = office.post(reverse("fake-handle", args=[fake().pk]), {"note": "字" * 501})

    assert answer.status_code == 422
    assert "请缩短" in answer.content.decode() and "字" * 501 in answer.content.decode()
    assert not Handling.objects.exists()


def test_the_first_page_counts_what_is_open_and_leads_there(office):
    fake()
    Handling.objects.create(fake=fake(), note="好", at=AT, by="w")

    page = office.get(reverse("home")).content.decode()

    assert f'<a href="{reverse("fakes")}">待处理的举报</a></th><td>1</td>' in page


@pytest.mark.parametrize("name", ["fakes", "fake", "fake-photo", "fake-handle"])
def test_the_keeper_of_the_system_handles_no_reports(keeper, name):
    one = fake()
    address = reverse(name, args=[] if name == "fakes" else [one.pk])

    assert keeper.get(address).status_code == keeper.post(address, {"note": "x"}).status_code == 403
    assert "举报" not in keeper.get(reverse("home")).content.decode()
