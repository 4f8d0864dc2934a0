"""Who can be found by name: posted with the card, taken down within the act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from chengxin.credit.codes import actions as codes
from chengxin.credit.publishing import actions as publishing
from chengxin.public import finder
from chengxin.public.line import Line
from chengxin.terms import finding
from tests.make import CLERK, USCC, subject


@pytest.fixture
def issued(transactional_db: None, tmp_path: Path) -> int:
    """A subject with a code, posted; its serial."""
    register()
    at = datetime.now(UTC)
    signer = codes.signer(folder=tmp_path, by=CLERK, at=at)
    (code,) = codes.issue(subjects=[USCC], consent="申领表", by=CLERK, at=at, signer=signer)
    post()
    assert code.serial is not None
    return code.serial


def register(name: str = "松岭里饺子馆") -> None:
    with transaction.atomic():
        subject(name=name)


def post() -> None:
    at = datetime.now(UTC)
    publishing.post(subjects=[USCC], at=at, today=at.date(), overlap="earlier", good_for=timedelta(days=30))


def found(dsn: str, typed: str = "松岭里") -> list[str]:
    asked = finding.question(typed)
    assert asked is not None
    with Line(dsn, patience=5) as line:
        return [hit.name for hit in finder.named(line, asked, at=datetime.now(UTC)).hits]


def rows() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT holder, kind, name, place, trade, state, keys, xmin::text FROM board_name")
        return [tuple(row) for row in cursor.fetchall()]


def test_a_name_is_posted_with_its_card(issued: int, public_dsn: str) -> None:
    ((holder, kind, name, place, trade, state, keys, _),) = rows()

    assert (holder, kind, name, place, trade, state) == (
        USCC, "subject", "松岭里饺子馆", "鹤岗市向阳区", "正餐服务", "active"
    )  # fmt: skip
    assert keys == finding.keys("松岭里饺子馆")
    assert found(public_dsn) == ["松岭里饺子馆"]


def test_posting_again_changes_nothing(issued: int) -> None:
    before = rows()
    post()

    assert rows() == before


def test_a_changed_name_is_found_instead(issued: int, public_dsn: str) -> None:
    register("云溪居面馆")
    post()

    assert (found(public_dsn), found(public_dsn, "云溪居")) == ([], ["云溪居面馆"])


def test_who_withdraws_is_found_by_nobody_when_the_act_returns(issued: int, public_dsn: str) -> None:
    codes.withdraw(subject=USCC, why="主体申请停用", by=CLERK, at=datetime.now(UTC))

    assert (rows(), found(public_dsn)) == ([], [])
    post()
    assert rows() == []


@pytest.mark.parametrize(("verb", "back"), [("pause", "resume"), ("freeze", "unfreeze")])
def test_who_pauses_is_found_by_nobody_until_resuming(issued: int, public_dsn: str, verb: str, back: str) -> None:
    codes.turn(subject=USCC, serial=issued, verb=verb, why="", by=CLERK, at=datetime.now(UTC))

    assert found(public_dsn) == []
    post()
    assert found(public_dsn) == []
    codes.turn(subject=USCC, serial=issued, verb=back, why="", by=CLERK, at=datetime.now(UTC))
    post()
    assert found(public_dsn) == ["松岭里饺子馆"]


def test_a_code_that_waits_for_a_consent_is_not_found(transactional_db: None, public_dsn: str, tmp_path: Path) -> None:
    register()
    at = datetime.now(UTC)
    signer = codes.signer(folder=tmp_path, by=CLERK, at=at)
    codes.issue(subjects=[USCC], consent=None, by=CLERK, at=at, signer=signer)
    post()

    assert (rows(), found(public_dsn)) == ([], [])
