"""批量签发: a street's businesses get codes together, with the paper in which they agreed; once, however often it is sent."""

import io

import pytest
import xlsxwriter
from PIL import Image

from chengxin.credit.codes import actions, queries
from chengxin.credit.codes.models import Code, Consent, Giving
from chengxin.credit.subjects.models import Message
from chengxin.people.models import Proof, Trail, Unit, User
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC
from tests.portals.conftest import signed_in

pytestmark = pytest.mark.django_db
ENDED = "91231102MA1CTE575M"
PAPER = {"paper": "九马路商户同意书 2026-11", "signed_on": "2026-04-01", "end": "1"}


@pytest.fixture(autouse=True)
def street():
    make.subject(address="鹤岗市工农区九马路18号")
    make.subject(OTHER_USCC, name="城北面馆", division="230403", address="鹤岗市南山区九马路2号")
    make.subject(ENDED, name="早歇了的店", state="deregistered")


@pytest.fixture
def county(db):
    unit = Unit.objects.create(name="某县信用办", area="230403")
    return signed_in(User.objects.create_user("xian", password="x" * 12, role="county", unit=unit))


def text(answer):
    return answer.content.decode()


def listed(browser, lines="", **more):
    answer = browser.post("/give", {"list": lines, "placement": "premises", "end": "1"} | more)
    return answer.url if answer.status_code == 302 else answer


def picture():
    file = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(file, "PNG")
    file.seek(0)
    file.name = "同意书.png"
    return file


def test_a_list_is_looked_at_before_it_is_given(office):
    where = listed(office, f"{USCC}\n{OTHER_USCC}\n{ENDED}\n12345\n91231183MA1CTE5750\n")

    page = office.get(where)

    assert [label for _, label, count in page.context["counts"] if count] == ["可以签发", "不能签发", "没有收下"]
    assert "登记状态为“注销”" in text(page) and "第 4 行 12345" in text(page)
    assert not Code.objects.exists()


def test_it_is_given_with_its_paper_told_and_can_be_sent_twice(office):
    where = listed(office, f"{USCC}\n{OTHER_USCC}\n{ENDED}")

    office.post(where, PAPER | {"papers": picture()})
    again = office.post(where, PAPER | {"papers": picture()}, follow=True)

    assert sorted(Code.objects.values_list("subject_id", "way")) == [(OTHER_USCC, "batch"), (USCC, "batch")]
    assert set(Consent.objects.values_list("reference", flat=True)) == {"九马路商户同意书 2026-11（2026-04-01 签署）"}
    assert Message.objects.count() == 2 and Proof.objects.count() == 1
    assert Trail.objects.filter(verb="code.give").count() == 1
    assert "已签发 2 个码" in text(again) and "印这一批" in text(again)
    assert office.get(f"/proofs/{Proof.objects.get().pk}/1.jpg").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"paper": " "}, {"signed_on": ""}, {"signed_on": "2999-01-01"}, {"paper": "长" * 101}]
)
def test_without_a_paper_nothing_is_given(office, wrong):
    where = listed(office, USCC)

    assert office.post(where, PAPER | wrong).status_code == 422
    assert not Code.objects.exists()


def test_whoever_has_one_keeps_it_and_the_frozen_get_none(office, settings):
    signer = actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)
    actions.issue(subjects=[USCC], consent="申领表", by=CLERK, at=NOW, signer=signer, way="self")
    (taxi,) = actions.issue(
        subjects=[OTHER_USCC], consent="申领表", by=CLERK, at=NOW, signer=signer, placement="taxi", label="黑H·T1234"
    )
    actions.turn(subject=OTHER_USCC, serial=taxi.serial, verb="freeze", why="测试", by=CLERK, at=NOW)

    page = office.get(listed(office, f"{USCC}\n{OTHER_USCC}"))
    assert [row.state for row in page.context["listed"]] == ["kept", "refused"]

    actions.withdraw(subject=OTHER_USCC, why="自己注销", by=CLERK, at=NOW)
    page = office.get(listed(office, OTHER_USCC))
    assert "注销前曾被冻结" in text(page)


def test_a_table_is_read_by_its_column_of_codes_whatever_else_it_holds(office):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["序号", "店名", "统一社会信用代码（18位）", "电话"])
        sheet.write_row(1, 0, ["1", "甲", USCC, "13800000000"])
        sheet.write_row(2, 0, ["2", "乙", OTHER_USCC, "13800000001"])
    file.seek(0)
    file.name = "商户.xlsx"

    where = listed(office, file=file)

    assert Giving.objects.get().subjects == [USCC, OTHER_USCC]
    assert "13800000000" not in str(Giving.objects.values().get())
    assert office.get(where).status_code == 200


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "是空的"), (b"name,phone\na,1\n", "统一社会信用代码"), (b"\x00\x01\x02", "")],
    ids=["empty", "no such column", "no table"],
)
def test_a_file_that_is_no_list_gets_one_sentence(office, content, says):
    file = io.BytesIO(content)
    file.name = "名单.csv"

    answer = listed(office, file=file)

    assert answer.status_code == 422 and says in text(answer)


def test_an_empty_list_and_an_unfinished_form_are_told(office):
    assert "名单是空的" in text(listed(office, "  \n"))
    assert office.post("/give", {"list": USCC, "placement": "premises"}).status_code == 422
    assert listed(office, USCC, placement="badge").status_code == 422
    assert listed(office, USCC, placement="event").status_code == 422


def test_a_street_is_found_by_its_address_and_ticked(office):
    page = office.post("/give/look", {"words": "九马路"})
    assert [one.subject for one, _ in page.context["found"]] == sorted([USCC, OTHER_USCC])
    assert [
        one.subject for one, _ in office.post("/give/look", {"words": "九马路", "names": "面馆"}).context["found"]
    ] == [OTHER_USCC]
    assert [
        one.subject for one, _ in office.post("/give/look", {"words": "九马路", "area": "230403"}).context["found"]
    ] == [OTHER_USCC]
    assert office.post("/give/look", {"words": "九"}).status_code == 422
    assert office.get("/give/look").status_code == 302

    where = listed(office, subject=[OTHER_USCC])

    assert Giving.objects.get().subjects == [OTHER_USCC]
    assert office.get(where).status_code == 200


def test_a_county_gives_to_its_own_and_sees_no_other_ones_list(county, office):
    where = listed(county, f"{USCC}\n{OTHER_USCC}")
    assert office.get(where).status_code == 404
    assert county.post(where, PAPER).status_code == 422
    county.post(where, PAPER | {"rest": "1"})

    assert list(Code.objects.values_list("subject_id", flat=True)) == [OTHER_USCC]
    assert Giving.objects.get().turned_away == [[f"第 1 行 {USCC}", "不在您的辖区"]]
    assert office.get(where).status_code == 200
    assert [one.subject for one, _ in county.post("/give/look", {"words": "九马路"}).context["found"]] == [OTHER_USCC]


def test_two_thousand_are_given_in_sets(office, django_assert_max_num_queries, settings):
    from chengxin.credit.codes import giving

    subjects = [f"92230402MA{number:07}X" for number in range(2000)]
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_subject (uscc, first_seen_at) SELECT unnest(%s::varchar[]), now()""", [subjects]
        )
        cursor.execute(
            """INSERT INTO subjects_registration (subject, name, state, kind, division, industry, body, digest, source,
                 source_code, batch, row, received_at)
               SELECT unnest(%s::varchar[]), '店', 'active', 'individual', '230402', '', '{}', '', 's', '', 1, 1, now()""",
            [subjects],
        )
    rows = [giving.Asked(subject, subject, f"A区{number}号") for number, subject in enumerate(subjects)]
    one = giving.draw_up(rows=rows, turned_away=[], placement="stall", by=CLERK, at=NOW)
    signer = actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)

    with django_assert_max_num_queries(40):
        given = giving.give(
            number=one.pk, paper="同意书", signed_on=NOW.date(), proofs=[], unit="信用办", by=CLERK, at=NOW,
            today=NOW.date(), signer=signer, label_shown=True,
        )  # fmt: skip

    assert given.issued == 2000
    assert len(queries.coded(subjects)) == 2000
    with django_assert_max_num_queries(30):
        giving.take_back(number=one.pk, why="录错市场", unit="信用办", by=CLERK, at=NOW)
    assert not queries.coded(subjects)
