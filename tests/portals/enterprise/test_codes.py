"""诚信码: an owner sees the codes, pauses, reports one lost, gives all up, answers a freeze, takes another's places over."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengxin.board.models import BoardCode
from chengxin.credit.codes import actions, elsewhere, life, queries
from chengxin.credit.codes.models import Elsewhere, Plea
from chengxin.credit.subjects import successions
from chengxin.credit.subjects.models import Message
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db
CODES = f"/enterprise/{USCC}/codes"


@pytest.fixture
def signer(settings):
    return actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)


@pytest.fixture
def door(owner, signer):
    """The serial of the owner's code at the door."""
    return issue(signer)


def issue(signer, subject=USCC, **more):
    (made,) = actions.issue(subjects=[subject], consent="申领表 1", by=CLERK, at=NOW, signer=signer, way="self", **more)
    return made.serial


def states():
    return {code.serial: code.state for code in queries.standing([USCC])}


def text(answer):
    return answer.content.decode()


def test_without_a_code_the_page_leads_to_applying(owner):
    page = text(owner.get(CODES))

    assert "还没有诚信码" in page and "申领诚信码" in page


def test_each_code_is_listed_with_its_place_number_and_state(owner, door, signer):
    taxi = issue(signer, placement="taxi", label="黑H·T1234")
    actions.turn(subject=USCC, serial=taxi, verb="pause", why="测试", by=CLERK, at=NOW)

    page = text(owner.get(CODES))

    assert "店门口" in page and "黑H·T1234" in page and "已暂停" in page and "有效" in page


def test_hundreds_of_codes_come_in_pages_and_can_be_searched(owner, signer, django_assert_max_num_queries):
    for number in range(60):
        issue(signer, placement="taxi", label=f"黑H·T{number:04}")

    with django_assert_max_num_queries(40):
        page = owner.get(CODES)

    assert len(page.context["lines"]) == 50
    assert [line.code.label for line in owner.get(CODES, {"q": "t0042"}).context["lines"]] == ["黑H·T0042"]


def test_one_code_shows_its_picture_number_and_what_became_of_it(owner, door):
    page = text(owner.get(f"{CODES}/{door}"))

    assert '<svg class="qr"' in page and "同意依据：申领表 1" in page and "自主填报" in page
    assert owner.get(f"{CODES}/999999").status_code == 404


def test_another_ones_code_is_not_there(owner, signer):
    make.subject(OTHER_USCC)
    other = issue(signer, OTHER_USCC)

    assert owner.get(f"{CODES}/{other}").status_code == 404
    assert owner.post(f"{CODES}/{other}/turn/pause").status_code == 404


def test_pausing_says_first_what_the_public_sees_and_can_be_undone(owner, door):
    assert "按名称也查不到" in text(owner.get(f"{CODES}/{door}/turn/pause"))
    assert states() == {door: "active"}

    owner.post(f"{CODES}/{door}/turn/pause")
    assert states() == {door: "paused"}
    assert BoardCode.objects.get().state == "paused"
    owner.post(f"{CODES}/{door}/turn/pause")  # resent
    assert states() == {door: "paused"}
    owner.post(f"{CODES}/{door}/turn/resume")
    assert states() == {door: "active"}


def test_a_lost_code_is_replaced_with_a_reason_and_says_what_to_print(owner, door):
    assert owner.post(f"{CODES}/{door}/turn/lost", {"why": "别的"}).status_code == 422

    answer = owner.post(f"{CODES}/{door}/turn/lost", {"why": "丢失或被人揭走"}, follow=True)

    old, new = sorted(states())
    assert (states()[old], states()[new]) == ("superseded", "active")
    assert "重新印制" in text(answer)
    owner.post(f"{CODES}/{door}/turn/lost", {"why": "丢失或被人揭走"})  # resent
    assert len(states()) == 2


@pytest.mark.parametrize("act", ["pause", "resume", "lost", "renew"])
def test_what_the_office_froze_is_not_changed_by_its_owner(owner, door, act):
    actions.turn(subject=USCC, serial=door, verb="freeze", why="冒用", by=CLERK, at=NOW)

    answer = owner.post(f"{CODES}/{door}/turn/{act}", {"why": "丢失或被人揭走"})
    if act == "renew":
        answer = owner.post(f"{CODES}/{door}/turn/{act}", {"why": "其他原因"})

    assert answer.status_code == 302
    assert states() == {door: "frozen"}


@pytest.mark.parametrize("act", ["freeze", "cancel", "nothing"])
def test_other_acts_are_not_there(owner, door, act):
    assert owner.post(f"{CODES}/{door}/turn/{act}").status_code == 404
    assert states() == {door: "active"}


def test_giving_all_up_is_asked_once_more_and_takes_the_consent_back(owner, door):
    assert owner.post(f"{CODES}/withdraw").status_code == 422
    assert states() == {door: "active"}

    owner.post(f"{CODES}/withdraw", {"sure": "1"})

    assert states() == {door: "cancelled"}
    assert queries.consenting([USCC]) == set()
    assert owner.post(f"{CODES}/withdraw", {"sure": "1"}).status_code == 302


def test_a_freeze_is_told_and_answered_once_at_a_time(owner, door):
    life.turn(subject=USCC, serials=[door], verb="freeze", why="有人举报冒用", unit="信用办", by=CLERK, at=NOW)
    assert "有人举报冒用" in text(owner.get(CODES))
    assert Message.objects.get().title == "诚信码已被冻结"

    assert owner.post(f"{CODES}/plea", {"text": "  "}).status_code == 422
    owner.post(f"{CODES}/plea", {"text": "门店换了招牌，已附照片。"})
    assert owner.post(f"{CODES}/plea", {"text": "再说一次"}).status_code == 422

    assert Plea.objects.get().text == "门店换了招牌，已附照片。"
    assert "正在核实" in text(owner.get(CODES))


def test_a_code_of_others_is_listed_as_theirs(owner):
    Elsewhere.objects.create(
        subject_id=USCC,
        id=10**9,
        number="HLJ-0001",
        way="self",
        issuer="省信用信息平台",
        batch=1,
        row=1,
        received_at=NOW,
    )
    assert elsewhere.standing([USCC])

    page = text(owner.get(CODES))

    assert "HLJ-0001" in page and "省信用信息平台" in page


def test_who_was_renamed_is_told_to_print_anew_until_every_code_is_newer(owner, door, signer):
    make.subject(name="松岭里大饭店", batch=2)

    assert "松岭里饺子馆" in text(owner.get(CODES)) and "重新印制" in text(owner.get(CODES))


def test_whoever_is_deregistered_is_told_what_follows(owner, door):
    make.subject(state="deregistered", batch=2)

    page = text(owner.get(CODES))

    assert "登记状态：注销" in page and "撕下" in page and "增加一处" not in page


def test_whoever_took_another_over_gets_codes_in_the_same_places(owner, door, signer):
    make.subject(OTHER_USCC, name="松岭里小吃店")
    issue(signer, OTHER_USCC, placement="taxi", label="黑H·T0007")
    issue(signer, OTHER_USCC)
    successions.say(
        subject=OTHER_USCC, successor=USCC, how="converted", happened_on=NOW.date(), why="登记通知书 1 号", unit="信用办",
        by=CLERK, at=NOW, today=NOW.date(),
    )  # fmt: skip
    page = text(owner.get(CODES))
    assert "松岭里小吃店" in page and "原来贴码的 1 处" in page

    assert "黑H·T0007" in text(owner.get(f"{CODES}/inherit"))
    owner.post(f"{CODES}/inherit")

    assert sorted(code.placement for code in queries.standing([USCC])) == ["premises", "taxi"]
    assert owner.post(f"{CODES}/inherit").status_code == 302
    assert len(queries.standing([USCC])) == 2


def so_many(count):
    """Give the owner so many codes: the first frozen, every hundredth paused; and as many again that stopped."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_code (subject, serial, profile, placement, label, token, issued_on, way)
               SELECT %(subject)s, n, 'short', CASE WHEN n %% 2 = 0 THEN 'taxi' ELSE 'stall' END, 'L' || n,
                 'S' || lpad(upper(to_hex(n)), 7, '0') || repeat('Z', 12), %(at)s, 'self'
               FROM generate_series(1, 2 * %(count)s) n;
               INSERT INTO codes_turn (subject, serial, state, why, by, at)
               SELECT %(subject)s, n, CASE WHEN n > %(count)s THEN 'cancelled' WHEN n = 1 THEN 'frozen'
                 WHEN n %% 100 = 0 THEN 'paused' ELSE 'active' END, '', 'test', %(at)s
               FROM generate_series(1, 2 * %(count)s) n""",
            {"subject": USCC, "at": NOW, "count": count},
        )


@pytest.mark.parametrize(
    ("asked", "first", "found"),
    [
        pytest.param({}, ["L1", "L100", "L200"], 400, id="what stops first"),
        pytest.param({"page": "8"}, ["L350", "L351", "L352"], 400, id="the last page"),
        pytest.param({"kind": "taxi", "page": "3"}, ["L196", "L198", "L202"], 200, id="of one kind"),
        pytest.param({"q": " l399 "}, ["L399"], 1, id="a label"),
        pytest.param({"q": "0000-007"}, ["L7"], 1, id="the number as printed"),
        pytest.param({"q": "oooo-oo7"}, ["L7"], 1, id="the number, misread"),
        pytest.param({"q": "摊位"}, ["L1", "L3", "L5"], 200, id="the name of a kind"),
        pytest.param({"q": "摊位", "kind": "taxi"}, [], 0, id="the name of another kind"),
        pytest.param({"q": "L%_"}, [], 0, id="signs that mean something to LIKE"),
        pytest.param({"q": "-"}, [], 0, id="a hyphen alone"),
    ],
)
def test_codes_are_sought_by_label_number_and_place(owner, asked, first, found):
    so_many(400)
    page = owner.get(CODES, asked)

    assert [line.code.label for line in page.context["lines"]][:3] == first
    assert page.context["rows"].paginator.count == found
    assert [line.code.label for line in page.context["stopped"]][:2] == ["L800", "L799"]


def test_ten_thousand_codes_are_counted_and_cut_by_the_database(owner):
    owner.get(CODES)
    with CaptureQueriesContext(connection) as few:
        owner.get(CODES)
    so_many(10_000)
    with CaptureQueriesContext(connection) as many:
        page = owner.get(CODES, {"page": "200"})
    listed = [one["sql"] for one in many.captured_queries if "codes_code" in one["sql"]]

    assert [line.code.label for line in page.context["lines"]][-1] == "L9999"
    assert (page.context["total"], len(page.context["stopped"])) == (10_000, 20)
    assert len(many) <= len(few) + 3  # a freeze has its codes, its day and its plea
    assert all("LIMIT" in sql.rpartition("ON true")[2] or "count(*)" in sql for sql in listed)
