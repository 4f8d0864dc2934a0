"""What is written on a page enters as every file does."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from chengxin.credit.applications.rules import Declared
from chengxin.credit.commitments.models import Signing
from chengxin.credit.records import queries as records
from chengxin.credit.subjects import messages
from chengxin.ingest import batches, entering, sources
from chengxin.ingest.models import Batch
from chengxin.people.models import Trail, Unit
from chengxin.people.trail import Actor, Refused
from tests import make
from tests.ingest.test_stops import STOP
from tests.make import CLERK, NOW, USCC

pytestmark = pytest.mark.django_db(transaction=True)

OWNER = Actor("my-7f3a", "business")
DAY = date(2026, 11, 23)
GIFT = Declared("慈善捐助", "向社区捐赠冬衣", issuer="社区居委会", given_on=date(2026, 10, 1))


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


@pytest.fixture
def office() -> Unit:
    return Unit.objects.create(name="鹤岗市社会信用体系建设办公室", uscc="11230400001755304T")


def register(uscc: str = USCC, **said: str) -> str:
    with transaction.atomic():
        return make.subject(uscc, **said)


def work() -> None:
    while batches.step(at=NOW):
        pass


def test_what_a_business_says_of_itself_becomes_a_record_whose_source_it_is() -> None:
    register()

    (number,) = entering.declare(subject=USCC, items=[GIFT], by=OWNER, at=NOW)
    work()

    (record,) = records.standing([USCC])
    assert number == "ZY20261123000001"
    assert record.kind == "declaration"
    assert record.body["ZY_BH"] == number
    assert (record.source, record.source_code) == ("松岭里饺子馆", USCC)
    batch = Batch.objects.get()
    assert (batch.way, batch.state, batch.rows, batch.accepted) == ("page", "applied", 1, 1)


def test_nothing_is_received_if_the_callers_transaction_rolls_back() -> None:
    register()

    with pytest.raises(RuntimeError), transaction.atomic():
        entering.declare(subject=USCC, items=[GIFT], by=OWNER, at=NOW)
        raise RuntimeError

    assert not Batch.objects.exists()
    assert not Trail.objects.filter(verb="batch.receive").exists()


def test_a_number_is_taken_by_who_stays_and_not_by_who_gave_up() -> None:
    register()
    with pytest.raises(RuntimeError), transaction.atomic():
        entering.declare(subject=USCC, items=[GIFT, GIFT], by=OWNER, at=NOW)
        raise RuntimeError

    assert entering.declare(subject=USCC, items=[GIFT], by=OWNER, at=NOW) == ["ZY20261123000001"]


@pytest.mark.parametrize(
    ("item", "column", "said"),
    [
        pytest.param(Declared("慈善捐助", ""), "ZY_BT", "标题", id="no title"),
        pytest.param(Declared("别的", "捐赠"), "ZY_LX", "填报类型", id="an unknown kind"),
        pytest.param(
            Declared("荣誉奖励", "先进单位", given_on=date(2027, 1, 1)), "ZY_SYRQ", "授予日期", id="a day to come"
        ),
        pytest.param(Declared("慈善捐助", "捐赠", text="联系 13904680000"), "ZY_NR", "手机号码", id="a telephone"),
        pytest.param(Declared("慈善捐助", "捐" * 201), "ZY_BT", "标题", id="too long"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_sent(item: Declared, column: str, said: str) -> None:
    register()

    with pytest.raises(entering.Faulty) as refused:
        entering.declare(subject=USCC, items=[GIFT, item], by=OWNER, at=NOW)

    assert [(row, code) for row, code, _ in refused.value.problems] == [(2, column)]
    assert said in str(refused.value) and str(refused.value).startswith("第 2 条：")
    assert not Batch.objects.exists()


def test_what_the_checks_ask_of_a_file_they_ask_of_a_page_too() -> None:
    problems = entering.check("declaration", [{"ZY_BT": "捐赠"}], today=DAY)

    assert {code for _, code, _ in problems} == {"ZY_BH", "ZY_MC", "ZY_SHXYM", "ZY_LX", "ZY_TBRQ"} - {"ZY_SHXYM"}


def test_a_column_that_the_kind_does_not_have_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        entering.check("declaration", [{"ZY_XX": "1"}], today=DAY)


@pytest.mark.parametrize("count", [0, entering.ROWS_AT_MOST + 1])
def test_there_are_some_rows_and_not_too_many(count: int) -> None:
    with pytest.raises(Refused):
        entering.enter(kind="declaration", rows=[{}] * count, source=sources.find("business"), by=CLERK, at=NOW)


def test_a_commitment_is_signed_and_enters_with_its_twenty_items(office: Unit) -> None:
    register()

    number = entering.commit(subject=USCC, template="general", by=OWNER, person=7, at=NOW)
    work()

    signing = Signing.objects.get()
    assert number == signing.number == "23040020261123000001"
    assert (signing.person, signing.placing, signing.unit) == (7, None, office.name)
    (record,) = records.standing([USCC])
    assert record.body["CN_BM"] == number
    assert record.body["CN_YXQ"] == "2029-11-21"
    assert "CN_LXZT" not in record.body
    assert record.source == office.name
    assert Batch.objects.get().unit == office
    assert Trail.objects.filter(verb="commitment.sign").count() == 1


def test_two_at_once_get_two_numbers_without_a_gap(office: Unit) -> None:
    several = [register(), register("91230403MA1CTE5757", name="松岭里面馆")]
    begun = threading.Barrier(2)
    numbers: list[str] = []

    def sign(subject: str) -> None:
        begun.wait()
        try:
            numbers.append(entering.commit(subject=subject, template="general", by=OWNER, person=None, at=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=sign, args=[subject]) for subject in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == ["23040020261123000001", "23040020261123000002"]


def test_without_a_unit_that_can_accept_it_nothing_is_signed() -> None:
    register()

    with pytest.raises(Refused, match="名录"):
        entering.commit(subject=USCC, template="general", by=OWNER, person=None, at=NOW)

    assert not Signing.objects.exists()


def test_a_serial_that_is_not_of_the_business_is_refused(office: Unit) -> None:
    register()

    with pytest.raises(Refused, match="编号 5"):
        entering.commit(subject=USCC, template="general", by=OWNER, person=None, at=NOW, serial=5)


def test_rows_that_are_refused_after_all_come_back_as_a_message() -> None:
    register()
    entering.enter(kind="withdrawn", rows=[STOP], source=sources.find(), by=CLERK, at=NOW)
    work()

    assert Batch.objects.get().rejected == 1
    (message,) = messages.newest(USCC, limit=5)
    assert message.title == "撤销撤回没有入库" and "鹤市监罚" in message.text


def test_of_a_business_that_nobody_knows_nothing_is_told() -> None:
    entering.enter(kind="withdrawn", rows=[STOP], source=sources.find(), by=CLERK, at=NOW)
    work()

    assert Batch.objects.get().rejected == 1


def test_a_batch_that_cannot_be_read_comes_back_as_a_message(settings: Any) -> None:
    register()
    entering.declare(subject=USCC, items=[GIFT], by=OWNER, at=NOW)
    batch = Batch.objects.get()
    batches._fail(batch, batches.UNEXPECTED, at=NOW)

    (message,) = messages.newest(USCC, limit=5)
    assert message.title == "自愿填报没有入库"
    assert str(batch.pk) in message.text and "已试过三次" in message.text
    assert message.page == "my-declarations"
