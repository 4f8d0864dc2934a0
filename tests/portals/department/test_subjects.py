"""查询: found with a purpose, seen by those who may, noted each time."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from chengxin.credit.records.standing import Said
from chengxin.credit.subjects.models import Identity
from chengxin.credit.subjects.rules import fold
from chengxin.people.models import Trail, Unit, User
from chengxin.people.sight import Sight
from chengxin.portals.department import purposes, subject_file, subjects
from tests import make

pytestmark = pytest.mark.django_db

PENALTY = {
    "CF_WSH": "鹤市监罚〔2026〕12号",
    "CF_WFXW": "未明码标价",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款 5 万元，联系电话13800138000",
    "CF_NR_FK": "5",
    "CF_JDRQ": "2026-05-21",
    "CF_CFJG": "测试市场监督管理局",
    "CF_FR_ZJHM": "2304********1233",
}
NAME = "鹤岗市松岭里饺子馆"


@pytest.fixture(autouse=True)
def subject():
    make.subject(name=NAME, ENTNAME=NAME, LEREP="张三", ENTTYPE="个体工商户")
    Identity.objects.bulk_create([Identity(scheme="name", value=fold(NAME), subject=make.USCC)], ignore_conflicts=True)
    make.record("penalty", PENALTY)
    return make.USCC


def browser(role, *, name="", **unit):
    client = Client()
    theirs = Unit.objects.create(name=name or f"{role}的单位", **unit)
    user = User.objects.create_user(f"{name}{role}", password="correct horse battery", role=role, unit=theirs)
    client.force_login(user)
    return client


@pytest.fixture
def department():
    return browser("department", uscc="11230500001755309F")


@pytest.fixture
def county():
    return browser("county", area="230402")


@pytest.fixture
def other_county():
    return browser("county", name="邻区", area="230403")


def key():
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(key, 'hex') FROM records_record WHERE kind = 'penalty'")
        return cursor.fetchone()[0]


def pages():
    return [
        reverse("subject", args=[make.USCC]),
        reverse("subject-registration", args=[make.USCC]),
        reverse("subject-record", args=[make.USCC, "penalty", key()]),
    ]


def told(client, subject=make.USCC, purpose="supervise", reason=""):
    """Say for what one looks, and return what comes then."""
    return client.post(reverse("subject", args=[subject]), {"purpose": purpose, "reason": reason})


def looks():
    return list(Trail.objects.filter(verb="file.look").order_by("id"))


# ---- Asking --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked, fault",
    [
        ({"text": "松岭里"}, "请选择查询用途"),
        ({"text": "松岭里", "purpose": "curiosity"}, "请选择查询用途"),
        ({"text": "松岭里", "purpose": "other"}, "写明用途"),
        ({"text": "松岭里", "purpose": "other", "reason": "核对13800138000"}, "不要写身份证号、电话"),
        ({"text": "松", "purpose": "supervise"}, "至少两个字"),
        ({"text": "  ", "purpose": "supervise"}, "至少两个字"),
    ],
    ids=["no purpose", "an odd purpose", "another without words", "personal data", "one character", "nothing"],
)
def test_a_question_without_a_purpose_or_a_name_is_asked_again_with_what_was_written(office, asked, fault):
    answer = office.post(reverse("subjects"), asked)

    page = answer.content.decode()
    assert answer.status_code == 422 and fault in page and f'value="{asked["text"].strip()}"' in page
    assert NAME not in page


def test_what_is_found_is_listed_and_the_question_stands_in_no_address(office):
    answer = office.post(reverse("subjects"), {"text": "松岭里", "purpose": "approve"}, follow=True)

    page = answer.content.decode()
    assert answer.redirect_chain == [(reverse("subjects"), 302)]
    assert NAME in page and make.USCC in page and "用途：行政审批" in page
    assert 'value="approve" required checked' in page, "who asks again need not say it again"
    assert looks() == [], "a name on a list is no look at a file"


def test_a_code_leads_straight_to_its_file(office):
    answer = office.post(reverse("subjects"), {"text": f" {make.USCC.lower()}", "purpose": "dispute"})

    assert (answer.status_code, answer.url) == (302, reverse("subject", args=[make.USCC]))
    assert "用途：异议核查" in office.get(answer.url).content.decode()


def test_nobody_is_found_and_that_is_said(office):
    answer = office.post(reverse("subjects"), {"text": "没有这家店", "purpose": "approve"}, follow=True)

    assert "没有查到" in answer.content.decode()


def test_a_county_finds_those_of_its_area_alone(county, other_county):
    asked = {"text": "松岭里", "purpose": "approve"}

    assert NAME in county.post(reverse("subjects"), asked, follow=True).content.decode()
    assert NAME not in other_county.post(reverse("subjects"), asked, follow=True).content.decode()
    by_code = other_county.post(reverse("subjects"), asked | {"text": make.USCC}, follow=True)
    assert by_code.status_code == 200 and NAME not in by_code.content.decode()


def test_many_are_listed_page_by_page_with_the_same_questions(office, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(subjects, "FOUND_A_PAGE", 1)
    make.subject(make.OTHER_USCC, name="松岭里商贸有限公司")
    Identity.objects.bulk_create(
        [Identity(scheme="name", value="松岭里商贸有限公司", subject=make.OTHER_USCC)], ignore_conflicts=True
    )
    office.post(reverse("subjects"), {"text": "松岭里", "purpose": "approve"})

    # session, user; search in two savepoints with its patience; who may; names; city; session saved in 3
    with django_assert_num_queries(14):
        page = office.get(reverse("subjects"), {"page": 2}).content.decode()
    assert "第 2 页，共 2 页" in page and NAME in page


# ---- The file ------------------------------------------------------------------------------------------------------


def test_a_file_asks_for_what_before_it_shows_anything(office):
    page = office.get(reverse("subject", args=[make.USCC])).content.decode()

    assert "查询用途" in page and "未明码标价" not in page and "张三" not in page
    assert looks() == []


@pytest.mark.parametrize("address", [1, 2], ids=["registration", "record"])
def test_lineage_asks_for_what_first_too(office, address):
    answer = office.get(pages()[address])

    assert (answer.status_code, answer.url) == (302, reverse("subject", args=[make.USCC]))
    assert looks() == []


def test_an_odd_purpose_is_asked_again(office):
    answer = told(office, purpose="other")

    assert answer.status_code == 422 and "写明用途" in answer.content.decode()


def test_every_look_is_noted_with_unit_and_purpose(department):
    told(department, purpose="other", reason="文明单位评选")
    for address in pages():
        assert department.get(address).status_code == 200

    assert [(one.by, one.role, one.thing) for one in looks()] == [
        ("department", "department", f"subject {make.USCC}")
    ] * 3
    assert [one.detail for one in looks()] == [
        {"unit": "department的单位", "purpose": "其他：文明单位评选"},
        {"unit": "department的单位", "purpose": "其他：文明单位评选", "part": "subject"},
        {"unit": "department的单位", "purpose": "其他：文明单位评选", "part": "penalty"},
    ]


def test_a_purpose_is_asked_again_after_an_hour(office, monkeypatch):
    monkeypatch.setattr(purposes, "REMEMBERED", timedelta(0))
    told(office)

    assert "查询用途" in office.get(reverse("subject", args=[make.USCC])).content.decode()


def test_a_purpose_is_of_one_subject(office):
    make.subject(make.OTHER_USCC, name="松岭里商贸有限公司")
    told(office)

    assert "查询用途" in office.get(reverse("subject", args=[make.OTHER_USCC])).content.decode()


def test_a_file_shows_register_and_records_with_their_state_and_no_personal_data(office):
    told(office)

    page = office.get(reverse("subject", args=[make.USCC])).content.decode()

    assert "张三" in page and "经营者" in page, "those inside see the register's names (domain.md §8.1)"
    assert "未明码标价" in page and "未公示" in page
    assert "13800138000" not in page and "***********" in page
    assert "2304********1233" not in page, "papers are in no report"
    assert reverse("subject-record", args=[make.USCC, "penalty", key()]) in page


def test_who_reads_a_file_reads_no_number_of_a_person_where_its_source_should_be(office):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_record SET source = '张三13800138000'")
    told(office)

    for address in (
        reverse("subject", args=[make.USCC]),
        reverse("subject-record", args=[make.USCC, "penalty", key()]),
    ):
        page = office.get(address).content.decode()
        assert "13800138000" not in page and "张三***********" in page


def test_a_heavy_file_shows_the_first_of_each_section_and_pages_of_the_rest(office, monkeypatch):
    monkeypatch.setattr(subject_file, "FIRST_OF_A_PART", 2)
    monkeypatch.setattr(subject_file, "RECORDS_A_PAGE", 3)
    for number in range(2, 5):
        make.record("penalty", PENALTY | {"CF_WFXW": f"第{number}件"}, number=str(number))
    told(office)
    address = reverse("subject", args=[make.USCC])

    page = office.get(address).content.decode()
    assert "查看全部 4 条" in page and page.count("<article") == 2
    page = office.get(address, {"part": "administration", "page": 2}).content.decode()
    assert "第 2 页，共 2 页" in page and page.count("<article") == 1
    assert office.get(address, {"part": "nonsense"}).status_code == 200


def test_a_subject_without_records_says_that_this_is_no_praise(office):
    make.subject(make.OTHER_USCC, name="松岭里商贸有限公司")
    told(office, make.OTHER_USCC)

    assert "没有记录不等于信用良好" in office.get(reverse("subject", args=[make.OTHER_USCC])).content.decode()


@pytest.mark.parametrize("count", [1, 8])
def test_a_file_takes_the_same_questions_however_many_records(office, count, django_assert_num_queries):
    for number in range(2, count + 1):
        make.record("penalty", PENALTY, number=str(number))
    told(office)

    # session, user; savepoint; register 2; records; trail; city; savepoint's end; session saved
    with django_assert_num_queries(12):
        office.get(reverse("subject", args=[make.USCC]))


def test_lineage_tells_every_change_with_its_batch(office, batch):
    make.record("penalty", PENALTY | {"CF_NR_FK": "6"})
    told(office)

    page = office.get(reverse("subject-record", args=[make.USCC, "penalty", key()])).content.decode()

    assert "首次报来" in page and "<del>5</del>" in page and "<ins>6</ins>" in page
    assert "13800138000" not in page


@pytest.mark.parametrize("count", [1, 8])
def test_lineage_takes_the_same_questions_however_many_steps(office, count, django_assert_num_queries):
    for fine in range(1, count):
        make.record("penalty", PENALTY | {"CF_NR_FK": str(fine)})
    told(office)
    address = pages()[2]

    # session, user; savepoint; register 2; records; lineage; trail; batches; city; savepoint's end; session saved in 3
    with django_assert_num_queries(14):
        office.get(address)


# ---- Who may -------------------------------------------------------------------------------------------------------


def test_a_department_looks_at_files_by_its_duties_and_a_county_at_those_of_its_area(department, county, other_county):
    for client, status in ((department, 200), (county, 200), (other_county, 404)):
        told(client)
        assert [client.get(address).status_code for address in pages()] == [status] * 3
    assert {one.by for one in looks()} == {"department", "county"}


@pytest.mark.parametrize("role", ["auditor", "keeper"])
def test_who_watches_or_keeps_the_system_sees_no_file(role):
    client = browser(role)

    for address in (reverse("subjects"), *pages()):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403
    assert looks() == []


def test_a_county_without_an_area_sees_nothing():
    client = browser("county")

    assert told(client).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        ("subject", ["92230402MA1CTE575X"]),
        ("subject", [make.OTHER_USCC]),
        ("subject", ["x"]),
        ("subject-registration", [make.OTHER_USCC]),
        ("subject-record", [make.USCC, "penalty", "00"]),
        ("subject-record", [make.USCC, "penalty", "ü"]),
        ("subject-record", [make.USCC, "nonsense", "00"]),
    ],
    ids=["a wrong code", "an unknown subject", "no code", "its register", "no such record", "no key", "no kind"],
)
def test_what_is_not_there_has_no_page(office, address):
    told(office)

    assert office.get(reverse(address[0], args=address[1])).status_code == 404


@pytest.mark.parametrize(
    "kind, who, sees",
    [
        ("penalty", Sight("own", 1, "11230403MB1234567A"), True),
        ("repaired", Sight("own", 1, "11230403MB1234567A"), True),
        ("of another catalogue", Sight("own", 1, "11230500001755309F"), True),
        ("of another catalogue", Sight("own", 1, "11230403MB1234567A"), False),
        ("of another catalogue", Sight("own", 1, ""), False),
        ("of another catalogue", Sight("area", 1, "11230403MB1234567A", "230402"), False),
        ("of another catalogue", Sight("all"), True),
    ],
    ids=["public", "shared", "own, its sender", "own, another", "own, a unit without a code", "own, a county", "all"],
)
def test_what_is_its_senders_own_is_seen_by_it_and_the_credit_office(kind, who, sees):
    said = Said(make.USCC, kind, date(2026, 5, 21), {}, "局", "11230500001755309F", make.NOW, 1, b"k", 1, 1)

    assert subject_file.sees(who, said) is sees
