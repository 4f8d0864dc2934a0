"""Acts with commitments, and what they leave in the records and on the lists."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chengxin.credit.codes import actions as codes
from chengxin.credit.commitments import actions, queries
from chengxin.credit.commitments.actions import Accepted, Finding
from chengxin.credit.commitments.models import Listed, Signing
from chengxin.credit.records import queries as records
from chengxin.credit.subjects import messages
from chengxin.ingest import batches, entering
from chengxin.people.models import Trail, Unit, User
from chengxin.people.sight import Sight
from chengxin.people.trail import Actor, Refused
from chengxin.pipeline import flow
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db(transaction=True)

OWNER = Actor("my-7f3a", "business")
DAY = date(2026, 11, 23)
ALL = Sight("all")
BREACH = Finding("部分履行", "检查记录 12 号", "没有明码标价", "约谈并公开")


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


@pytest.fixture
def office() -> Unit:
    return Unit.objects.create(name="鹤岗市社会信用体系建设办公室", uscc="11230400001755304T")


@pytest.fixture
def shop(office: Unit) -> str:
    with transaction.atomic():
        return make.subject()


def work() -> None:
    while batches.step(at=NOW):
        pass
    flow.drain()


def signed(subject: str = USCC, *, template: str = "general", at: datetime = NOW, serial: int | None = None) -> str:
    number = entering.commit(subject=subject, template=template, by=OWNER, person=7, at=at, serial=serial)
    work()
    return number


def judge(number: str, finding: Finding, *, at: datetime = NOW + timedelta(days=1)) -> None:
    entering.judge(
        subject=USCC,
        number=number,
        finding=finding,
        unit="鹤岗市社会信用体系建设办公室",
        unit_code="11230400001755304T",
        by=CLERK,
        at=at,
    )
    while batches.step(at=at):
        pass
    flow.drain()


def body() -> dict[str, str]:
    (record,) = records.standing([USCC])
    return dict(record.body)


# ---- Signed ------------------------------------------------------------------------------------------------------


def test_what_is_signed_is_what_is_recorded(shop: str) -> None:
    number = signed()

    (one,) = queries.made(USCC)
    assert (one.number, one.label, one.finding, one.entered) == (number, "诚信经营承诺（通用）", "未认定", True)
    assert one.clauses and one.clauses[0] in one.text
    assert one.until == date(2029, 11, 21)
    assert Trail.objects.get(verb="commitment.sign").detail["commitments"] == 1


def test_until_a_worker_has_taken_it_in_it_is_shown_as_on_its_way(shop: str) -> None:
    entering.commit(subject=USCC, template="general", by=OWNER, person=7, at=NOW)

    (one,) = queries.made(USCC)
    assert (one.entered, one.finding, one.type) == (False, "未认定", "主动型")


def test_the_same_form_is_not_signed_twice_but_renewed_before_its_end(shop: str) -> None:
    first = signed()
    with pytest.raises(Refused, match="已经签署"):
        signed(at=NOW + timedelta(days=30))

    second = signed(at=NOW + timedelta(days=1095 - 30))
    assert first != second and Signing.objects.count() == 2


def test_a_form_of_another_trade_is_refused(shop: str) -> None:
    with pytest.raises(Refused, match="不适用"):
        signed(template="taxi")


def test_each_of_three_hundred_codes_has_its_own_in_one_batch_and_few_queries(shop: str, tmp_path: Path) -> None:
    signer = codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    issued = [
        codes.issue(subjects=[USCC], consent="1", placement="counter", label=f"{n}", by=CLERK, at=NOW, signer=signer)[0]
        for n in range(1, 31)
    ]
    serials = [one.serial for one in issued]

    with CaptureQueriesContext(
        connection,
    ) as asked:
        numbers = entering.commit_many(subject=USCC, template="catering", by=OWNER, person=7, at=NOW, serials=serials)
    work()

    assert len(asked) < 30
    assert len(set(numbers)) == 30
    made = queries.made(USCC)
    assert {one.reason for one in made} == {f"自愿作出承诺（诚信码编号 {serial}）" for serial in serials}


def test_what_was_signed_on_paper_holds_from_its_own_day(shop: str, tmp_path: Path) -> None:
    signer = codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    (code,) = codes.issue(subjects=[USCC], consent="1", placement="counter", by=CLERK, at=NOW, signer=signer)
    day = NOW.date() - timedelta(days=40)
    on = {"subject": USCC, "template": "catering", "by": OWNER, "person": 7, "at": NOW, "serials": [code.serial]}

    for wrong, says in ((NOW.date() + timedelta(days=2), "还没有到"), (NOW.date() - timedelta(days=5000), "已经期满")):
        with pytest.raises(Refused, match=says):
            entering.commit_many(**on, signed_on=[wrong])
    entering.commit_many(**on, signed_on=[day])
    work()

    (one,) = queries.made(USCC)
    assert (one.signed_on, one.until) == (day, day + (Signing.objects.get().until - Signing.objects.get().signed_on))


@pytest.mark.parametrize(
    ("area", "department", "accepts"),
    [
        pytest.param("230402", "市场监督管理", "鹤岗市市场监督管理局", id="in whose field it lies"),
        pytest.param("230402", "", "向阳区信用办", id="the area's own credit office"),
        pytest.param("230403", "", "鹤岗市社会信用体系建设办公室", id="the city's, where the area has none"),
        pytest.param("230402", "农业农村", "向阳区信用办", id="no such department"),
    ],
)
def test_the_unit_in_whose_field_and_area_it_lies_accepts_it(
    office: Unit, area: str, department: str, accepts: str
) -> None:
    from dataclasses import replace

    from chengxin.credit.commitments import templates

    Unit.objects.create(name="鹤岗市市场监督管理局", uscc="11230500001755309F")
    Unit.objects.create(name="黑河市市场监督管理局", uscc="11231100MY82DR3Q73")
    Unit.objects.create(name="鹤岗市农业农村局")  # without a USCC nobody can be named
    Unit.objects.create(name="向阳区信用办", uscc="12230402MY80000005", area="230402")
    template = replace(templates.catalogue()["general"], department=department)

    unit = queries.accepting(template, area=area)

    assert unit is not None and unit.name == accepts


def test_who_sits_in_the_credit_office_makes_its_unit_one(db: None) -> None:
    unit = Unit.objects.create(name="鹤岗市数据局", uscc="11230400001755304T")
    User.objects.create_user("w", role="credit_office", unit=unit)
    from chengxin.credit.commitments import templates

    assert queries.accepting(templates.catalogue()["general"], area="230402") == unit


# ---- Ended, judged, answered -------------------------------------------------------------------------------------


def test_what_is_ended_holds_until_that_day_and_stays_on_record(shop: str) -> None:
    number = signed()
    later = NOW + timedelta(days=10)

    entering.end(subject=USCC, number=number, why="不再经营此项", by=OWNER, person=7, at=later)
    while batches.step(at=later):
        pass

    assert body()["CN_YXQ"] == "2026-12-03"
    with pytest.raises(Refused, match="已满"):
        entering.end(subject=USCC, number=number, why="再来", by=OWNER, person=7, at=later)
    assert signed(at=later + timedelta(days=1)), "and may be signed anew"


@pytest.mark.parametrize(
    ("why", "said"),
    [("", "原因"), ("  ", "原因"), ("打 13904680000 找我", "个人信息"), ("长" * 501, "500")],
    ids=["empty", "blank", "a telephone", "too long"],
)
def test_an_end_has_its_reason(shop: str, why: str, said: str) -> None:
    number = signed()

    with pytest.raises(Refused, match=said):
        entering.end(subject=USCC, number=number, why=why, by=OWNER, person=7, at=NOW)


def test_a_finding_is_a_further_revision_with_the_official_items_and_the_business_hears_of_it(shop: str) -> None:
    number = signed()

    judge(number, BREACH)

    said = body()
    assert said["CN_LXZT"] == "部分履行" and said["CN_WLX"] == "没有明码标价" and said["CN_ZJ"] == "约谈并公开"
    assert (said["CN_RDRQ"], said["CN_RDDW"]) == ("2026-11-24", "鹤岗市社会信用体系建设办公室")
    (message,) = messages.newest(USCC, limit=5)
    assert message.title == "承诺履行状态已认定：部分履行" and number in message.text
    assert [one.kept for one in queries.judgments(USCC, number)] == ["部分履行"]


def test_a_later_finding_takes_the_place_of_the_one_before(shop: str) -> None:
    number = signed()
    judge(number, BREACH)
    judge(number, Finding("全部履行", "复查记录 3 号", "没有明码标价", "约谈"), at=NOW + timedelta(days=9))

    said = body()
    assert said["CN_LXZT"] == "全部履行"
    assert "CN_WLX" not in said or not said["CN_WLX"], "what was unkept is not said of what was kept"


def test_a_finding_without_what_it_has_to_say_changes_nothing(shop: str) -> None:
    number = signed()

    with pytest.raises(actions.Lacking) as lacking:
        judge(number, Finding("部分履行", "联系 13904680000"))

    assert set(lacking.value.faults) == {"unkept", "consequence", "evidence"}
    assert "CN_LXZT" not in body() and not messages.newest(USCC, limit=5)


def test_a_business_answers_a_finding_and_nothing_else(shop: str) -> None:
    number = signed()
    with pytest.raises(Refused, match="还没有认定"):
        actions.answer(subject=USCC, number=number, text="不对", person=7, by=OWNER, at=NOW)
    judge(number, BREACH)

    actions.answer(subject=USCC, number=number, text="当天已经补上标价", person=7, by=OWNER, at=NOW)

    (word,) = queries.words(USCC, number)
    assert (word.about, word.text, word.person) == ("answer", "当天已经补上标价", 7)


def test_a_commitment_of_another_business_is_not_there(shop: str) -> None:
    number = signed()
    with transaction.atomic():
        make.subject(OTHER_USCC, name="另一家饭店")

    with pytest.raises(Refused, match="没有这份承诺"):
        entering.end(subject=OTHER_USCC, number=number, why="乱来", by=OWNER, person=7, at=NOW)


def test_a_unit_enters_what_it_took_in_the_course_of_its_work(shop: str) -> None:
    said = Accepted("审批替代型", "申请办理食品经营许可证", "材料真实。", "撤销许可。", DAY, None, "特定范围内公开")

    number = entering.accept(
        subject=USCC, said=said, unit="某局", unit_code="11230400001755304T", place="230402", by=CLERK, at=NOW
    )
    work()

    assert number == "23040220261123000001"
    assert body()["CN_GKLX"] == "特定范围内公开"


# ---- Listed ------------------------------------------------------------------------------------------------------


def test_the_list_says_what_the_records_say_and_follows_them(shop: str) -> None:
    number = signed()
    assert [(one.number, one.kept, one.area) for one in Listed.objects.all()] == [(number, "", "230402")]

    judge(number, BREACH)
    assert [one.kept for one in Listed.objects.all()] == ["部分履行"]

    batch = records.history(USCC)[0].said.batch
    batches.undo(batch=batch, by=CLERK, at=NOW)
    flow.drain()
    assert [one.kept for one in Listed.objects.all()] == [""]


@pytest.mark.parametrize(
    ("sees", "count"),
    [
        pytest.param(Sight("all"), 1, id="everything"),
        pytest.param(Sight("own", 1, "11230400001755304T"), 1, id="what its unit accepted"),
        pytest.param(Sight("own", 2, "11230500001755309F"), 0, id="another unit"),
        pytest.param(Sight("own", 3, ""), 0, id="a unit without a code"),
        pytest.param(Sight("area", 1, area="230402"), 1, id="its own area"),
        pytest.param(Sight("area", 1, area="230400"), 1, id="the city"),
        pytest.param(Sight("area", 1, area="230403"), 0, id="another area"),
        pytest.param(Sight("nothing"), 0, id="nothing"),
    ],
)
def test_everybody_sees_what_is_theirs(shop: str, sees: Sight, count: int) -> None:
    signed()

    assert len(queries.listed(sees, show="", text="", today=DAY, before="", limit=10)) == count


@pytest.mark.parametrize(
    ("show", "text", "count"),
    [
        pytest.param("unjudged", "", 2, id="without a finding"),
        pytest.param("breached", "", 1, id="breached"),
        pytest.param("kept", "", 0, id="kept"),
        pytest.param("due", "", 0, id="due today"),
        pytest.param("", USCC.lower(), 3, id="by code"),
        pytest.param("", "松岭里", 3, id="by the beginning of the name"),
        pytest.param("", "另一家", 0, id="of another"),
    ],
)
def test_the_list_is_asked_by_finding_and_by_whom(shop: str, show: str, text: str, count: int) -> None:
    first = signed()
    signed(template="catering")
    signed(template="trade_body")
    judge(first, BREACH)

    assert len(queries.listed(ALL, show=show, text=text, today=DAY, before="", limit=10)) == count


def test_what_ends_soon_without_a_finding_is_due_and_the_list_goes_on_page_by_page(shop: str) -> None:
    for template in ("general", "catering", "trade_body"):
        signed(template=template)
    soon = date(2029, 11, 1)

    found, before = [], ""
    for _ in range(4):
        page = queries.listed(ALL, show="due", text="", today=soon, before=before, limit=1)
        found += [one.number for one in page]
        before = queries.place(page[-1], show="due") if page else before

    assert len(found) == len(set(found)) == 3
    assert queries.listed(ALL, show="", text="", today=soon, before="nonsense", limit=10), "the first page"
