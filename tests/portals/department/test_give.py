"""批量签发: a street's businesses get codes together, with the paper in which they agreed; once, however often it is sent."""

import io
from datetime import timedelta

import openpyxl
import pytest
import xlsxwriter
from django.db import connection
from django.utils import timezone
from PIL import Image

from chengxin.board.models import BoardCard, BoardCode
from chengxin.credit.codes import actions, giving, queries
from chengxin.credit.codes.models import Code, Consent, Giving
from chengxin.credit.subjects.models import Message
from chengxin.people.models import Proof, Trail, Unit, User
from chengxin.people.trail import Actor
from chengxin.pipeline.flow import post_touched
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


def test_the_empty_list_goes_in_again_once_filled_in(office):
    book = openpyxl.load_workbook(io.BytesIO(office.get("/give/list.xlsx").content))
    book["名单"].append([USCC, "A区1号"])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "名单.xlsx"

    page = office.get(listed(office, placement="stall", file=file))

    assert [(row.subject, row.label) for row in page.context["listed"]] == [(USCC, "A区1号")]


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


def give(browser, lines, *, placement="stall", **said):
    """Draw a list up, give it, and return its address."""
    where = listed(browser, lines, placement=placement)
    assert browser.post(where, PAPER | said).status_code == 302
    return where


STALLS = f"{USCC}，A区1号\n{USCC}，A区2号\n{USCC} A区2号\n{OTHER_USCC}\tB区1号"


def test_a_holder_gets_a_code_for_each_of_its_stalls_and_keeps_it(office):
    where = give(office, STALLS, label_shown="1")

    hung = {(code.subject, code.label) for code in queries.standing([USCC, OTHER_USCC])}
    assert hung == {(USCC, "A区1号"), (USCC, "A区2号"), (OTHER_USCC, "B区1号")}
    assert set(BoardCode.objects.values_list("label", flat=True)) == {"A区1号", "A区2号", "B区1号"}
    assert "同意公开摊位号" in Consent.objects.first().reference
    page = office.get(where)
    assert [row.label for row in page.context["listed"]] == ["A区1号", "A区2号", "B区1号"]
    job = office.post(
        "/prints/new",
        {"list": page.context["serials"], "carrier": page.context["carriers"][0].name, "form": "pdf", "rest": "1"},
        follow=True,
    )
    assert job.context["job"].total == 3

    again = office.get(listed(office, f"{USCC},A区2号\n{USCC},A区3号", placement="stall"))
    assert [row.state for row in again.context["listed"]] == ["kept", "new"]


def test_a_label_is_shown_to_nobody_unless_the_paper_says_so(office):
    give(office, STALLS)

    assert set(BoardCode.objects.values_list("label", flat=True)) == {""}
    assert not queries.labels_shown([USCC, OTHER_USCC])


def test_rows_that_will_not_do_are_seen_before_the_rest_goes_on(office):
    where = listed(office, f"{USCC},13800138000\n12345,A1\n{OTHER_USCC},B区1号", placement="stall")

    page = office.get(where)
    assert "摊位号里写了手机号码" in text(page) and "13800138000" not in text(page)
    refused = office.post(where, PAPER)
    assert refused.status_code == 422 and "有 2 行没有收下" in text(refused) and not Code.objects.exists()

    office.post(where, PAPER | {"rest": "1"})
    assert [(code.subject_id, code.label) for code in Code.objects.all()] == [(OTHER_USCC, "B区1号")]


def test_one_number_under_two_holders_is_pointed_out(office):
    page = office.get(listed(office, f"{USCC},A1\n{OTHER_USCC},A1\n{USCC},A2", placement="stall"))

    assert [bool(row.why) for row in page.context["listed"]] == [True, True, False]


def test_stands_of_a_fair_end_on_their_day(office):
    assert listed(office, f"{USCC},B3", placement="event").status_code == 422
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    where = listed(office, f"{USCC},B3", placement="event", until=day)
    office.post(where, PAPER)

    (hung,) = queries.hanging([USCC]).values()
    assert hung.until.isoformat() == day


# ---- Who sees the paper ----------------------------------------------------------------------------------------------


def test_a_county_sees_a_lists_paper_only_if_all_of_the_list_are_its_own(office, county, clerk):
    mixed = give(office, f"{OTHER_USCC},A1\n{USCC},A2", papers=picture())
    paper = f"/proofs/{Proof.objects.get().pk}/1.jpg"

    assert Proof.objects.get().subject == OTHER_USCC  # the county's own shop stands first
    assert county.get(paper).status_code == county.get(mixed).status_code == 404
    assert county.post(f"{mixed}/back", {"why": "测试"}).status_code == 404
    assert office.get(paper).status_code == 200

    own = give(office, f"{OTHER_USCC},A3", papers=picture())
    newest = Proof.objects.order_by("-pk").first().pk
    assert county.get(own).status_code == county.get(f"/proofs/{newest}/1.jpg").status_code == 200


def test_whoever_made_a_list_sees_its_paper_though_a_business_has_moved_since(county, office):
    where = give(county, f"{OTHER_USCC},A1", papers=picture())
    make.subject(OTHER_USCC, name="城北面馆", division="230402", address="鹤岗市工农区九马路2号", batch=2)

    assert county.get(where).status_code == 200
    assert county.get(f"/proofs/{Proof.objects.get().pk}/1.jpg").status_code == 200


def test_an_owner_sees_by_which_paper_it_agreed_and_never_the_paper(office, owner):
    give(office, f"{USCC},A1\n{OTHER_USCC},A2", papers=picture())
    paper = Proof.objects.get()
    assert paper.subject == USCC

    for page in ("codes", "messages"):
        said = text(owner.get(f"/enterprise/{USCC}/{page}"))
        assert "九马路商户同意书 2026-11（2026-04-01 签署）" in said and OTHER_USCC not in said
    assert owner.get(f"/enterprise/{USCC}/proofs/{paper.pk}/1.jpg").status_code == 404


# ---- Taken back --------------------------------------------------------------------------------------------------------


def test_a_list_given_wrongly_is_taken_back_with_the_yes_that_it_put_on_record(office, settings):
    signer = actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)
    (door,) = actions.issue(subjects=[USCC], consent="网上同意", by=CLERK, at=NOW, signer=signer, way="self")
    where = give(office, STALLS)
    one = Giving.objects.get()
    paused = one.answers[1][1]
    actions.turn(subject=USCC, serial=paused, verb="pause", why="歇业", by=CLERK, at=NOW)

    assert office.post(f"{where}/back", {"why": " "}).status_code == 422
    page = office.get(f"{where}/back")
    assert page.context["active"] == 2 and page.context["others"] == [("已暂停", 1)]
    office.post(f"{where}/back", {"why": "录错了市场"})
    office.post(f"{where}/back", {"why": "再点一次"})

    states = {code.serial: code.state for code in queries.standing([USCC, OTHER_USCC])}
    assert states == {
        door.serial: "active",
        one.answers[0][1]: "cancelled",
        paused: "paused",
        one.answers[2][1]: "cancelled",
    }
    assert dict(BoardCode.objects.values_list("serial", "state")) == states
    # Who had agreed before has agreed as before; who is left with nothing has not.
    assert queries.consents(USCC, limit=1)[0].reference == "网上同意"
    assert queries.refusing([USCC, OTHER_USCC]) == {OTHER_USCC}
    assert Message.objects.filter(text__contains="录错了市场").count() == 2
    assert Trail.objects.filter(verb="code.take-back").count() == 1
    assert "名单已撤回" in text(office.get(where))

    office.get(listed(office, OTHER_USCC))
    assert office.get("/give").context["rows"].paginator.count == 2


def test_taking_a_list_back_takes_the_card_down_and_leaves_what_another_issued(office):
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_elsewhere (subject, number, address, way, issuer, batch, row, received_at)
               VALUES (%s, 'HLJ-1', '', 'self', '省平台', 1, 1, %s)""",
            [OTHER_USCC, NOW],
        )
    where = give(office, f"{USCC},A1\n{OTHER_USCC},A2")
    post_touched(at=timezone.now(), idle=60)
    assert BoardCard.objects.count() == 2

    office.post(f"{where}/back", {"why": "录错了市场"})

    assert not BoardCard.objects.exists()
    post_touched(at=timezone.now(), idle=60)
    assert list(BoardCard.objects.values_list("holder", flat=True)) == [OTHER_USCC]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the older first", "the newer first"])
def test_of_two_lists_that_are_taken_back_neithers_yes_comes_back_by_the_other(office, order):
    where = [listed(office, f"{USCC},{label}", placement="stall") for label in ("A1", "A2")]
    for number, one in enumerate(where):
        office.post(one, PAPER | {"papers": picture(), "paper": f"同意书 {number}"})

    for number in order:
        office.post(f"{where[number]}/back", {"why": "录错了市场"})

    newest = Consent.objects.latest("id")
    assert not newest.given and "已撤回" in newest.reference


def test_a_list_none_of_whose_codes_stands_is_not_taken_back(office):
    where = give(office, f"{USCC},A1")
    actions.withdraw(subject=USCC, why="收回同意", by=CLERK, at=NOW)

    assert "不用撤回" in text(office.get(f"{where}/back"))
    assert office.post(f"{where}/back", {"why": "测试"}).status_code == 422
    assert Giving.objects.get().state == "given"


def test_two_thousand_are_given_in_sets(office, django_assert_max_num_queries, settings):
    subjects = [f"92230402MA{number:07}X" for number in range(2000)]
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
    by = Actor("wangmin", "credit_office")
    one = giving.draw_up(rows=rows, turned_away=[], placement="stall", by=by, at=NOW)
    signer = actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)

    with django_assert_max_num_queries(40):
        given = giving.give(
            number=one.pk, paper="同意书", signed_on=NOW.date(), proofs=[], unit="信用办", by=by, at=NOW,
            today=NOW.date(), signer=signer, label_shown=True,
        )  # fmt: skip

    assert given.issued == 2000
    assert len(queries.coded(subjects)) == 2000
    with django_assert_max_num_queries(20):
        assert len(office.get(f"/give/{one.pk}").context["listed"]) == 50
    with django_assert_max_num_queries(30):
        giving.take_back(number=one.pk, why="录错市场", unit="信用办", by=CLERK, at=NOW)
    assert not queries.coded(subjects)
