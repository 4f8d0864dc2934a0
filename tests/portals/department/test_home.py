"""The first page counts what there is, and says so when counting takes too long."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chengxin.board.models import BoardCard, BoardCode
from chengxin.credit.records.models import Record
from chengxin.credit.subjects.models import Subject, Touch
from chengxin.people.models import Unit, User
from chengxin.portals.department import home
from chengxin.portals.department import page as page_module
from chengxin.portals.department.page import MENU, Word
from tests.portals.conftest import AT, make_batch, set_aside

pytestmark = pytest.mark.django_db


@pytest.fixture
def river():
    subject = Subject.objects.create(uscc="91230402MA1CTE575Q", first_seen_at=AT)
    facts = {"subject": subject, "kind": "penalty", "happened_on": AT.date(), "body": {}, "source": "局", "batch": 1}
    for number, (key, revision) in enumerate([(b"a", 1), (b"a", 2), (b"b", 1)], start=1):
        Record.objects.create(**facts, id=number, key=key, revision=revision, digest=b"d", row=number, received_at=AT)
    for serial, state in enumerate(["active", "active", "paused"], start=1):
        BoardCode.objects.create(
            serial=serial, holder_kind="subject", holder=subject.uscc, state=state, placement="premises", issued_on=AT
        )
    tomorrow = timezone.now() + timedelta(days=1)
    BoardCard.objects.create(holder="A", kind="subject", document="{}", good_until=tomorrow, posted_at=AT)
    BoardCard.objects.create(holder="B", kind="subject", document="{}", good_until=AT, posted_at=AT)
    Touch.objects.create(subject=subject.uscc)


def test_the_figures_count_documents_and_not_their_corrections(river):
    figures = home.figures(timezone.now())

    assert figures == home.Figures(
        subjects=1,
        records=[("行政处罚", 2)],
        codes=[("有效", 2), ("已暂停", 1)],
        cards=2,
        overdue=1,
        waiting=1,
        fakes=0,
        posted_at=AT,
    )


def test_an_empty_installation_counts_nothing(db):
    assert home.figures(AT) == home.Figures(0, [], [], 0, 0, 0, 0, None)


def test_a_count_that_takes_too_long_is_left_out(river, monkeypatch):
    monkeypatch.setattr(home, "PATIENCE_MS", 1)

    def slow(**_):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        return {}

    assert home._counted(slow) is None
    assert Subject.objects.count() == 1, "and the page goes on"


def test_the_page_says_what_it_could_not_count(office, monkeypatch):
    def too_long(*_args, **_kwargs):
        raise OperationalError

    monkeypatch.setattr(home, "_by", too_long)

    assert "未能及时统计" in office.get(reverse("home")).content.decode()


def test_the_page_tells_a_newcomer_what_to_do_first(office):
    page = office.get(reverse("home")).content.decode()

    assert "还没有写明这是哪座城市" in page and "还没有归集过数据" in page


def test_the_page_shows_figures_and_the_newest_batch(office, river, batch):
    page = office.get(reverse("home")).content.decode()

    assert f"第 {batch.pk} 批" in page and "2026-04-01 10:30" in page and "搁置 10 行" in page


def test_the_menu_leads_only_where_one_may_go(office):
    page = office.get(reverse("home")).content.decode()

    assert 'aria-current="page">首页' in page
    assert ">归集<" in page and ">设置<" in page
    assert page.count("尚未开通") == sum(1 for word in MENU if not (word.to or word.under))


def test_a_function_that_does_not_stand_yet_is_a_word_and_no_link(office):
    page = office.get(reverse("home")).content.decode()

    assert '<a class="to-come" role="link" aria-disabled="true">预警<small>尚未开通</small></a>' in page


def test_a_page_under_a_word_marks_both(office, monkeypatch):
    more = MENU[0]._replace(under=(*MENU[0].under, Word("举报", "fakes", "fake.see"), Word("密", "password", "none")))
    monkeypatch.setattr(page_module, "MENU", (more, *MENU[1:]))

    page = office.get(reverse("batches")).content.decode()

    assert f'<a href="{reverse("batches")}" aria-current="true">归集</a>' in page
    assert f'<a href="{reverse("batches")}" aria-current="page">批次</a>' in page
    assert ">密<" not in page, "none that its reader may not open"


def test_the_page_asks_the_database_a_constant_number_of_times(office, river, batch, django_assert_max_num_queries):
    with django_assert_max_num_queries(46) as asked:
        office.get(reverse("home"))

    assert (
        len([query for query in asked.captured_queries if query["sql"].startswith("SELECT") and "FROM" in query["sql"]])
        == 16
    )


def test_the_keeper_is_led_to_the_directory_and_sees_no_business(river):
    client = Client()
    client.force_login(User.objects.create(username="keeper", role="keeper"))

    page = client.get(reverse("home")).content.decode()

    assert "名录还是空的，请先" in page and reverse("units-import") in page
    assert "行政处罚" not in page and "诚信码</h2>" not in page
    Unit.objects.create(name="演示市数据局")
    assert "邀请一个人" in client.get(reverse("home")).content.decode()


def test_the_auditor_is_led_to_the_trail_and_sees_no_business(river):
    client = Client()
    client.force_login(User.objects.create(username="shen", role="auditor"))

    page = client.get(reverse("home")).content.decode()

    assert reverse("trail") in page and reverse("looks") in page
    assert "行政处罚" not in page and "单位与人员" not in page


class TestAUnitsFirstPage:
    def test_it_says_what_is_to_be_done_and_what_became_of_what_was_sent(self, desk, unit):
        mend = make_batch(unit=unit, kind="penalty", rows=5, accepted=2, rejected=3, received_at=timezone.now())
        set_aside(mend, count=3)
        confirm = make_batch(unit=unit, state="checked", file_name="待确认.csv")
        theirs = make_batch(file_name="别家.csv", state="checked")

        page = desk.get(reverse("home")).content.decode()

        assert unit.name in page and "行退回，请改正后重报" in page
        assert reverse("batch", args=[mend.pk]) in page and reverse("batch", args=[confirm.pk]) in page
        assert "等待确认的批次 <em>1</em>" in page and reverse("batch", args=[theirs.pk]) not in page
        assert "公示栏" not in page, "the city's figures are the office's"

    def test_it_tells_a_newcomer_where_to_begin(self, desk):
        page = desk.get(reverse("home")).content.decode()

        assert "本单位还没有报送过数据" in page and reverse("forms") in page and reverse("send") in page

    def test_it_tells_whoever_belongs_to_no_unit_whom_to_ask(self, lina, desk):
        lina.unit = None
        lina.save()

        assert "还没有归到一个单位" in desk.get(reverse("home")).content.decode()

    @pytest.mark.parametrize("count", [1, 30])
    def test_it_asks_the_same_questions_however_much_there_is(self, desk, unit, count, django_assert_max_num_queries):
        for _ in range(count):
            make_batch(unit=unit, state="checked")

        with django_assert_max_num_queries(26):
            desk.get(reverse("home"))

    def test_the_credit_office_sees_what_waits_to_be_confirmed(self, office, unit):
        waiting = make_batch(unit=unit, state="checked")

        page = office.get(reverse("home")).content.decode()

        assert "等待确认的批次 <em>1</em>" in page and reverse("batch", args=[waiting.pk]) in page
