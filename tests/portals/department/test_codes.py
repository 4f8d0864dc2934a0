"""诚信码 at the office: found, frozen with a reason that the business reads, freed, replaced, cancelled; what went on as another."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chengxin.board.models import BoardCode
from chengxin.credit.codes import actions, life, queries
from chengxin.credit.codes.models import Elsewhere, ScanDay
from chengxin.credit.subjects import areas, successions
from chengxin.credit.subjects.models import Message
from chengxin.people.models import Trail, Unit, User
from chengxin.pipeline import flow
from chengxin.terms import uscc
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC
from tests.portals.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGE = f"/codes/{USCC}"


@pytest.fixture
def signer(settings):
    return actions.signer(folder=settings.KEYS_DIR, by=CLERK, at=NOW)


def issue(signer, subject=USCC, **more):
    (made,) = actions.issue(subjects=[subject], consent="申领表 1", by=CLERK, at=NOW, signer=signer, **more)
    return made.serial


@pytest.fixture
def door(signer):
    make.subject()
    return issue(signer)


@pytest.fixture
def taxi(door, signer):
    return issue(signer, placement="taxi", label="黑H·T1234")


@pytest.fixture
def county(db):
    """A browser in which somebody of a county's credit office is signed in."""
    unit = Unit.objects.create(name="某县信用办", area="230403")
    return signed_in(User.objects.create_user("xian", password="x" * 12, role="county", unit=unit))


def states():
    return {code.serial: code.state for code in queries.standing([USCC])}


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("asked", ["number", USCC, USCC.lower()])
def test_a_number_or_a_code_leads_to_the_business(office, door, asked):
    from chengxin.board import token

    answer = office.post("/codes", {"text": token.grouped(door) if asked == "number" else asked})

    assert (answer.status_code, answer.url) == (302, PAGE)


def test_a_name_lists_those_who_bear_it_and_stands_in_no_address(office, door):
    page = office.post("/codes", {"text": "饺子馆"})

    assert page.status_code == 200 and "松岭里饺子馆" in text(page)
    assert office.post("/codes", {"text": "饺"}).status_code == 422


def test_businesses_are_listed_by_the_state_of_their_codes(office, door, taxi):
    assert "松岭里饺子馆" in text(office.get("/codes", {"state": "active"}))
    assert "没有这样的码" in text(office.get("/codes", {"state": "frozen"}))
    actions.turn(subject=USCC, serial=taxi, verb="freeze", why="测试", by=CLERK, at=NOW)

    page = text(office.get("/codes", {"state": "frozen"}))

    assert "有效 1，已冻结 1" in page


def test_the_list_asks_few_questions_however_long_it_is(office, signer, django_assert_max_num_queries):
    for number in range(30):
        shop = uscc.compose(department="9", body="2", division="230402", serial=f"MB99{number:04}")
        issue(signer, make.subject(shop, name=f"第{number}店"))

    with django_assert_max_num_queries(20):
        first = office.get("/codes", {"state": "active"})

    rest = office.get("/codes", {"state": "active", "page": "2"})
    assert [len(page.context["listed"]) for page in (first, rest)] == [25, 5]
    assert first.context["listed"][0].name == "第29店", "the newest code first"


def test_a_county_sees_those_of_its_area_alone_however_new_the_others_are(county, office, signer):
    mine = make.subject(division="230403")
    for subject in (mine, make.subject(OTHER_USCC, name="比邻百货")):
        issue(signer, subject)

    def listed(browser, state="active"):
        return [row.subject for row in browser.get("/codes", {"state": state}).context["listed"]]

    assert (listed(county), listed(office)) == ([mine], [OTHER_USCC, mine])
    areas.assign(subject=OTHER_USCC, area="230403", reason="实际在该区", seen=0, by=CLERK, at=NOW)
    flow.drain()
    assert listed(county) == [OTHER_USCC, mine]
    (serial,) = (one.serial for one in queries.standing([mine]))
    life.turn(subject=mine, serials=[serial], verb="freeze", why="举报", unit="信用办", by=CLERK, at=NOW)
    assert (listed(county), listed(county, "frozen")) == ([OTHER_USCC], [mine])


def test_who_displays_a_code_and_who_only_has_one_are_told_apart(office, door, signer):
    issue(signer, make.subject(OTHER_USCC, name="比邻百货"))
    for back in range(3):
        day = timezone.localdate() - timedelta(days=back)
        ScanDay.objects.create(subject_id=USCC, serial=door, day=day, scans=5, devices=2, bots=0)
    flow.drain()

    shown = text(office.get("/codes", {"state": "displaying"}))
    hidden = text(office.get("/codes", {"state": "hidden"}))

    assert USCC in shown and "近期有人扫码" in shown and OTHER_USCC not in shown
    assert OTHER_USCC in hidden and USCC not in hidden


def test_freezing_needs_a_reason_hides_at_once_and_is_told(office, door, taxi):
    assert office.post(f"{PAGE}/turn", {"verb": "freeze", "serial": [door], "why": " "}).status_code == 422
    assert office.post(f"{PAGE}/turn", {"verb": "freeze", "why": "冒用"}).status_code == 422
    assert states() == {door: "active", taxi: "active"}

    office.post(f"{PAGE}/turn", {"verb": "freeze", "serial": [door, taxi], "why": "有人举报冒用"})

    assert set(states().values()) == {"frozen"}
    assert set(BoardCode.objects.values_list("state", flat=True)) == {"frozen"}
    assert "有人举报冒用" in Message.objects.get().text
    assert Trail.objects.get(verb="code.freeze").detail["serials"] == [door, taxi]
    office.post(f"{PAGE}/turn", {"verb": "freeze", "serial": [door, taxi], "why": "有人举报冒用"})  # resent
    assert Message.objects.count() == 1
    office.post(f"{PAGE}/turn", {"verb": "unfreeze", "serial": [taxi], "why": "核实无误"})
    assert states() == {door: "frozen", taxi: "active"}


@pytest.mark.parametrize("verb", ["pause", "supersede", "nothing", ""])
def test_the_office_takes_no_other_turn_by_this_form(office, door, verb):
    assert office.post(f"{PAGE}/turn", {"verb": verb, "serial": [door], "why": "测试"}).status_code == 422
    assert states() == {door: "active"}


def test_another_businesss_code_is_not_turned_by_its_number(office, door, signer):
    make.subject(OTHER_USCC)
    other = issue(signer, OTHER_USCC)

    assert office.post(f"{PAGE}/turn", {"verb": "freeze", "serial": [other], "why": "测试"}).status_code == 422
    assert queries.standing([OTHER_USCC])[0].state == "active"


def test_one_is_replaced_and_the_business_told_what_to_print(office, door):
    assert office.post(f"{PAGE}/{door}/replace", {"why": ""}).status_code == 422

    office.post(f"{PAGE}/{door}/replace", {"why": "贴纸被仿冒"})

    assert sorted(states().values()) == ["active", "superseded"]
    assert Message.objects.get().title == "诚信码已换发"


def test_a_statement_is_answered_once_and_upheld_frees(office, door):
    life.turn(subject=USCC, serials=[door], verb="freeze", why="举报", unit="信用办", by=CLERK, at=NOW)
    life.plead(subject=USCC, text="已换招牌", by=CLERK, at=NOW)
    page = office.get("/codes")
    assert "松岭里饺子馆" in text(page) and "已换招牌" in text(office.get(PAGE))
    seen = office.get(PAGE).context["frozen"].plea.id

    assert office.post(f"{PAGE}/answer", {"seen": seen, "why": "核实"}).status_code == 422
    office.post(f"{PAGE}/answer", {"seen": seen, "answer": "upheld", "why": "实地核查无误"})
    again = office.post(f"{PAGE}/answer", {"seen": seen, "answer": "dismissed", "why": "另一位"})

    assert again.status_code == 422
    assert states() == {door: "active"}
    assert Message.objects.order_by("-id").first().title == "诚信码已解除冻结"


def test_a_dismissed_statement_leaves_the_freeze_and_may_be_followed_by_another(office, door):
    life.turn(subject=USCC, serials=[door], verb="freeze", why="举报", unit="信用办", by=CLERK, at=NOW)
    life.plead(subject=USCC, text="已换招牌", by=CLERK, at=NOW)
    seen = life.frozen(USCC).plea.id

    office.post(f"{PAGE}/answer", {"seen": seen, "answer": "dismissed", "why": "照片不清楚"})
    life.plead(subject=USCC, text="又拍了一张", by=CLERK, at=NOW)

    assert states() == {door: "frozen"}


def test_a_succession_is_noted_told_to_both_and_taken_back(office, door):
    make.subject(OTHER_USCC, name="松岭里餐饮有限公司")
    said = {"successor": OTHER_USCC, "how": "converted", "happened_on": "2026-04-01", "why": "登记通知书 1 号"}

    for wrong in ({"successor": "1"}, {"happened_on": ""}, {"how": "x"}, {"why": ""}, {"happened_on": "2999-01-01"}):
        assert office.post(f"{PAGE}/succeed", said | wrong).status_code == 422
    office.post(f"{PAGE}/succeed", said)
    office.post(f"{PAGE}/succeed", said)  # resent

    assert successions.onward([USCC])[USCC].successor == OTHER_USCC
    assert set(Message.objects.values_list("subject_id", flat=True)) == {USCC, OTHER_USCC}
    assert Message.objects.count() == 2
    ring = office.post(f"/codes/{OTHER_USCC}/succeed", said | {"successor": USCC})
    assert ring.status_code == 422
    assert "接续自 松岭里饺子馆" in text(office.get(f"/codes/{OTHER_USCC}"))

    office.post(f"{PAGE}/succeed", {"take-back": "1", "why": "登记错了"})
    assert successions.onward([USCC]) == {}


def test_a_county_sees_and_freezes_those_of_its_own_area(county, door, signer):
    make.subject(OTHER_USCC, name="松岭里餐饮有限公司", division="230403")
    other = issue(signer, OTHER_USCC)

    assert county.get(PAGE).status_code == 404
    assert county.post(f"{PAGE}/turn", {"verb": "freeze", "serial": [door], "why": "测试"}).status_code == 404
    assert county.post(f"{PAGE}/{door}/replace", {"why": "测试"}).status_code == 404
    page = text(county.get("/codes", {"state": "active"}))
    assert "松岭里餐饮有限公司" in page and "松岭里饺子馆" not in page
    assert "没有找到" in text(county.post("/codes", {"text": "饺子馆"}))
    county.post(f"/codes/{OTHER_USCC}/turn", {"verb": "freeze", "serial": [other], "why": "测试"})
    assert queries.standing([OTHER_USCC])[0].state == "frozen"
    said = {"successor": USCC, "how": "merged", "happened_on": "2026-04-01", "why": "通知书"}
    assert county.post(f"/codes/{OTHER_USCC}/succeed", said).status_code == 422


def test_a_code_of_others_is_found_by_its_number(office, door):
    from chengxin.board import actions as board

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
    board.post_elsewhere([board.ElsewhereRow("HLJ-0001", "subject", USCC, "", "省信用信息平台", None)], holders=[])
    flow.drain()

    assert office.post("/codes", {"text": "hlj-0001"}).url == PAGE
    assert "省信用信息平台" in text(office.get(PAGE))
    assert "松岭里饺子馆" in text(office.get("/codes", {"state": "elsewhere"}))
