"""What becomes of codes: statements on a freeze, successions and new names on the card, the register's news told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from chengxin.board import card as cards
from chengxin.board.models import BoardCard
from chengxin.credit.codes import actions, keyring, life, listed, queries
from chengxin.credit.publishing.actions import post
from chengxin.credit.subjects import messages, successions
from chengxin.credit.subjects.models import Message, Touch
from chengxin.ingest import sources
from chengxin.ingest.intake import take_in
from chengxin.ingest.reading.table import Limits
from chengxin.people.trail import Refused
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
LATER = NOW + timedelta(days=2)


@pytest.fixture
def signer(tmp_path: Path) -> keyring.Signer:
    return actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


def issue(signer: keyring.Signer, subject: str = USCC) -> int:
    (made,) = actions.issue(subjects=[subject], consent="申领表 1", by=CLERK, at=NOW, signer=signer)
    assert made.serial is not None
    return made.serial


def posted(*subjects: str) -> cards.Card:
    post(subjects=subjects, at=LATER, today=TODAY, overlap="earlier", good_for=timedelta(days=30))
    return cards.load(BoardCard.objects.get(holder=subjects[0]).document)


def succeed(subject: str = USCC, successor: str = OTHER_USCC, *, on: date = TODAY) -> None:
    successions.say(
        subject=subject, successor=successor, how="converted", happened_on=on, why="通知书 1 号", unit="信用办",
        by=CLERK, at=NOW, today=TODAY,
    )  # fmt: skip


def pleading() -> list[str]:
    return [one.subject for one in listed.in_state(listed.PLEAS, area=None, today=TODAY)]


def test_a_statement_waits_for_its_answer(signer: keyring.Signer) -> None:
    make.subject()
    serial = issue(signer)
    with pytest.raises(Refused, match="没有被冻结"):
        life.plead(subject=USCC, text="为什么", by=CLERK, at=NOW)

    life.turn(subject=USCC, serials=[serial], verb="freeze", why="举报", unit="信用办", by=CLERK, at=NOW)
    life.plead(subject=USCC, text="已换招牌", by=CLERK, at=NOW)

    assert pleading() == [USCC]
    standing = life.frozen(USCC)
    assert standing is not None and standing.plea is not None
    life.answer(subject=USCC, seen=standing.plea.id, upheld=False, why="看不清", unit="信用办", by=CLERK, at=NOW)
    assert pleading() == []


def test_what_was_said_to_an_older_freeze_is_not_shown_with_a_new_one(signer: keyring.Signer) -> None:
    make.subject()
    serial = issue(signer)
    for at in (NOW, LATER):
        life.turn(subject=USCC, serials=[serial], verb="freeze", why="举报", unit="信用办", by=CLERK, at=at)
        if at == NOW:
            life.plead(subject=USCC, text="第一次", by=CLERK, at=at)
            life.turn(subject=USCC, serials=[serial], verb="unfreeze", why="查实", unit="信用办", by=CLERK, at=at)

    standing = life.frozen(USCC)

    assert standing is not None and standing.plea is None
    assert pleading() == []


def test_who_went_on_as_another_says_so_on_the_card_and_leads_to_its_code(signer: keyring.Signer) -> None:
    make.subject()
    make.subject(OTHER_USCC, name="松岭里餐饮有限公司")
    issue(signer)
    succeed()

    onward = posted(USCC).onward
    assert onward is not None
    assert (onward.holder, onward.name, onward.how, onward.token) == (OTHER_USCC, "松岭里餐饮有限公司", "converted", "")

    issue(signer, OTHER_USCC)
    Touch.objects.all().delete()
    posted(OTHER_USCC)
    assert list(Touch.objects.values_list("subject", flat=True)) == [USCC]
    onward = posted(USCC).onward
    assert onward is not None and onward.token == queries.standing([OTHER_USCC])[0].token

    successions.say(
        subject=USCC, successor="", how="converted", happened_on=TODAY, why="登记错了", unit="信用办", by=CLERK, at=NOW,
        today=TODAY,
    )  # fmt: skip
    assert posted(USCC).onward is None


def test_nobody_goes_on_as_himself_in_a_ring_or_tomorrow(signer: keyring.Signer) -> None:
    third = "91231102MA1CTE575M"
    for subject in (USCC, OTHER_USCC, third):
        make.subject(subject)
    succeed(USCC, OTHER_USCC)
    succeed(OTHER_USCC, third)

    for subject, successor, on in (
        (USCC, USCC, TODAY),
        (third, USCC, TODAY),
        (third, OTHER_USCC, TODAY),
        (third, "91231183MA1CTE5750", TODAY),
        (USCC, third, TODAY + timedelta(days=1)),
    ):
        with pytest.raises(Refused):
            succeed(subject, successor, on=on)


def test_a_former_name_stands_on_the_card_while_something_printed_bears_it(signer: keyring.Signer) -> None:
    make.subject(name="松岭里面馆", at=NOW - timedelta(days=1))
    serial = issue(signer)
    assert posted(USCC).head.former == ""

    make.subject(name="松岭里大饭店", batch=2, at=NOW + timedelta(days=1))
    head = posted(USCC).head
    assert (head.name, head.former) == ("松岭里大饭店", "松岭里面馆")

    actions.replace(subject=USCC, serial=serial, why="名称变更", by=CLERK, at=LATER, signer=signer)
    assert posted(USCC).head.former == ""


@pytest.fixture
def register(tmp_path: Path):
    """A way to take in a file of the register with one row: name and state."""

    def taken(name: str, state: str, subject: str = USCC) -> None:
        path = tmp_path / "登记.csv"
        path.write_text(f"主体名称,统一社会信用代码,登记状态\n{name},{subject},{state}\n", encoding="utf-8")
        take_in(
            path=path,
            kind="subject",
            source=sources.find("某市市场监督管理局"),
            by=CLERK,
            at=NOW,
            today=TODAY,
            limits=Limits(file_bytes=1_000_000, unpacked_bytes=1_000_000),
            feedback_dir=tmp_path,
        )

    return taken


@pytest.mark.parametrize(
    ("name", "state", "titles"),
    [
        ("松岭里饺子馆", "存续", []),
        ("松岭里饺子馆", "注销", ["登记状态变为“注销”"]),
        ("松岭里饺子馆", "吊销", ["登记状态变为“吊销”"]),
        ("松岭里饺子馆", "迁出", ["登记状态变为“迁出”"]),
        ("松岭里饺子馆", "歇业", ["登记状态变为“歇业”"]),
        ("松岭里大饭店", "存续", ["登记名称已变更，请重新印制诚信码"]),
        ("松岭里大饭店", "注销", ["登记状态变为“注销”"]),
    ],
)
def test_the_registers_news_are_told_to_whoever_has_a_code(signer, register, name, state, titles) -> None:
    register("松岭里饺子馆", "存续")
    issue(signer)

    register(name, state)
    register(name, state)

    assert [message.title for message in messages.newest(USCC, limit=9)] == titles
    assert all(message.page == "my-codes" for message in messages.newest(USCC, limit=9))


def test_whoever_has_no_code_is_told_nothing(register) -> None:
    register("松岭里饺子馆", "存续")
    register("松岭里饺子馆", "注销")

    assert not Message.objects.exists()


def test_a_deregistered_business_counts_no_more_and_its_codes_say_so(signer, register) -> None:
    register("松岭里饺子馆", "存续")
    serial = issue(signer)
    assert queries.coded([USCC]) == {USCC}

    register("松岭里饺子馆", "吊销")
    assert queries.coded([USCC]) == set()
    with pytest.raises(Refused, match="吊销"):
        actions.replace(subject=USCC, serial=serial, why="换", by=CLERK, at=NOW, signer=signer)
    register("松岭里饺子馆", "存续")
    assert queries.coded([USCC]) == {USCC}
