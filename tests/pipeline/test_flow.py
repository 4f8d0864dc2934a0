"""The pipeline: what is touched is posted, what is withdrawn is never posted again."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from chengxin.board.card import Card, load
from chengxin.board.models import BoardCard, BoardCode, BoardName, BoardSalt
from chengxin.credit.codes import actions as codes
from chengxin.credit.fakes import actions as fakes
from chengxin.credit.publishing import actions as publishing
from chengxin.credit.publishing import rules
from chengxin.credit.subjects import actions as subjects
from chengxin.credit.subjects.models import Touch
from chengxin.inbox.models import InboxFake
from chengxin.people import phone_codes
from chengxin.people.models import PhoneCode, TrailSeal
from chengxin.pipeline import flow
from chengxin.terms import sound, uscc
from tests import make
from tests.credit.fakes.test_actions import fake
from tests.make import CLERK, NOW, OTHER_USCC, USCC

LICENCE = {"XK_XKZS": "食品经营许可证", "XK_YXQZ": "2023-05-21", "XK_YXQZI": "2099-12-31", "XK_ZT": "1"}


def issue(tmp_path: Path, subject: str = USCC) -> int:
    signer = codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    (answer,) = codes.issue(subjects=[subject], consent="申领表 1", by=CLERK, at=NOW, signer=signer)
    assert answer.serial is not None
    return answer.serial


def posted() -> str:
    return BoardCard.objects.get(holder=USCC).document


@pytest.mark.django_db
def test_a_touched_subject_is_posted_with_its_records(tmp_path: Path) -> None:
    make.subject()
    issue(tmp_path)
    make.record("licence", LICENCE)

    assert flow.drain() > 0

    card = load(posted())
    assert card.head.name == "松岭里饺子馆"
    assert [item.title for item in card.sections[0].items] == ["食品经营许可证"]
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_a_correction_takes_the_place_of_what_it_corrects(tmp_path: Path) -> None:
    make.subject()
    issue(tmp_path)
    make.record("licence", LICENCE)
    flow.drain()

    make.record("licence", LICENCE | {"XK_XKZS": "更正后的许可证"})
    flow.drain()

    assert [item.title for item in load(posted()).sections[0].items] == ["更正后的许可证"]


@pytest.mark.django_db
def test_a_business_without_a_code_is_not_on_the_board(tmp_path: Path) -> None:
    make.subject()
    make.record("licence", LICENCE)

    flow.drain()

    assert not BoardCard.objects.exists()
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_a_business_whose_registration_was_taken_back_is_shown_no_more(tmp_path: Path) -> None:
    make.subject(batch=5)
    issue(tmp_path)
    make.record("licence", LICENCE)
    flow.drain()
    assert BoardCard.objects.exists() and BoardName.objects.exists()

    subjects.take_back(batch=5, void=[], by_batch=6, at=NOW)
    flow.drain()
    assert not BoardCard.objects.exists() and not BoardName.objects.exists()

    make.subject(batch=7)
    flow.drain()
    assert [item.title for item in load(posted()).sections[0].items] == ["食品经营许可证"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "verbs, on_board, state",
    [
        (["pause"], True, "paused"),
        (["freeze"], True, "frozen"),
        (["pause", "resume"], True, "active"),
        (["supersede"], False, "superseded"),
        (["cancel"], False, "cancelled"),
    ],
    ids=["paused", "frozen", "paused and resumed", "superseded", "withdrawn"],
)
def test_the_board_follows_a_codes_turns(tmp_path: Path, verbs: list[str], on_board: bool, state: str) -> None:
    make.subject()
    serial = issue(tmp_path)
    flow.drain()

    for verb in verbs:
        codes.turn(subject=USCC, serial=serial, verb=verb, why="测试", by=CLERK, at=NOW)
    flow.drain()

    assert BoardCard.objects.filter(holder=USCC).exists() == on_board
    assert BoardCode.objects.get(serial=serial).state == state


@pytest.mark.django_db
def test_a_persons_act_goes_before_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "CHUNK", 1)
    make.subject()
    make.subject(OTHER_USCC)
    Touch.objects.all().delete()
    Touch.objects.create(subject=OTHER_USCC, bulk=True)
    Touch.objects.create(subject=USCC, bulk=False)

    flow.post_touched(at=NOW)

    assert list(Touch.objects.values_list("subject", flat=True)) == [OTHER_USCC]


@pytest.mark.django_db
def test_one_posting_answers_every_touch_of_a_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "CHUNK", 1)
    make.subject()
    for bulk in (True, False, True):
        Touch.objects.create(subject=USCC, bulk=bulk)

    flow.post_touched(at=NOW)

    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_a_subject_with_very_many_records_is_posted_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "WEIGHT", 2)
    for one in (USCC, OTHER_USCC):
        make.subject(one)
        issue(tmp_path, one)
        for number in ("1", "2"):
            make.record("licence", LICENCE, uscc=one, number=number)

    flow.post_touched(at=NOW)

    assert BoardCard.objects.count() == 1
    flow.drain()
    assert BoardCard.objects.count() == 2
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_a_subject_that_cannot_be_posted_holds_up_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for one in (USCC, OTHER_USCC):
        make.subject(one)
        issue(tmp_path, one)
        make.record("licence", LICENCE, uscc=one)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_record SET body = '[1]' WHERE subject = %s", [OTHER_USCC])

    flow.drain()

    assert [*BoardCard.objects.values_list("holder", flat=True)] == [USCC]
    assert set(Touch.objects.values_list("subject", flat=True)) == {OTHER_USCC}, "it is tried again"
    assert OTHER_USCC in caplog.text


@pytest.mark.django_db
def test_what_could_not_be_posted_is_posted_once_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "AGAIN_AT_MOST", 0.0)
    make.subject()
    issue(tmp_path)
    make.record("licence", LICENCE)
    posting = flow.Posting()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_record SET body = '[1]'")
    posting.post(at=NOW)
    posting.post(at=NOW)
    assert not BoardCard.objects.exists()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_record SET body = %s", [json.dumps(LICENCE)])
    posting.post(at=NOW)

    assert BoardCard.objects.exists()
    assert not Touch.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_posting_that_was_too_slow_gets_more_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database ends a transaction in which nothing is said for too long, and with it the connection."""
    monkeypatch.setattr(flow, "IDLE_SECONDS", 0.4)
    make_in_own_transaction(tmp_path)
    made = rules.card

    def slowly(*args: Any, **keywords: Any) -> Card:
        time.sleep(0.6)
        return made(*args, **keywords)

    monkeypatch.setattr(rules, "card", slowly)

    flow.drain()

    assert BoardCard.objects.exists()
    assert not Touch.objects.exists()


@pytest.mark.django_db
def test_the_database_is_never_left_without_a_word_for_a_whole_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine with much else to do the drawing of hundreds of cards takes longer than a stopped worker is waited for."""
    monkeypatch.setattr(publishing, "STEP", 2)
    for number in range(5):
        issue(
            tmp_path, make.subject(uscc.compose(department="9", body="2", division="230402", serial=f"MB99{number:04}"))
        )
    said: list[str] = []
    made = rules.card

    def noted(*args: Any, **keywords: Any) -> Card:
        said.append("card")
        return made(*args, **keywords)

    def told(execute: Any, *query: Any) -> Any:
        said.append(" ")
        return execute(*query)

    monkeypatch.setattr(rules, "card", noted)
    sound._dictionary.cache_clear()
    posting = flow.Posting()
    assert sound._dictionary.cache_info().currsize, "it is loaded before any lock is taken"

    with connection.execute_wrapper(told):
        posting.post(at=NOW)

    runs = "".join(said).split()
    assert runs == ["cardcard", "cardcard", "card"]


@pytest.mark.django_db
def test_an_ageing_card_is_posted_anew_before_it_goes_out(tmp_path: Path) -> None:
    make.subject()
    issue(tmp_path)
    flow.drain()
    BoardCard.objects.update(good_until=timezone.now() + timedelta(days=1))

    assert flow.refresh_cards(at=timezone.now()) == 1
    assert flow.refresh_cards(at=timezone.now()) == 0, "one touch is enough"
    flow.drain()
    assert BoardCard.objects.get().good_until > timezone.now() + timedelta(days=20)


@pytest.mark.django_db
def test_the_clocks_may_strike_twice() -> None:
    make.CLERK  # noqa: B018 — the trail needs an act
    for _ in range(2):
        flow.keep_clocks(at=NOW)
    flow.keep_clocks(at=NOW + timedelta(days=1))

    assert BoardSalt.objects.count() == 1, "yesterday's salt is destroyed"


@pytest.mark.django_db
def test_the_photo_of_a_closed_report_is_destroyed_when_the_office_said(settings: Any) -> None:
    settings.FAKE_PHOTO_DAYS = 7
    one = fake(at=NOW)
    fakes.handle(key=one.pk, note="已核实。", seen=0, by=CLERK, at=NOW)

    flow.keep_hours(at=NOW + timedelta(days=6))
    assert InboxFake.objects.filter(photo__isnull=False).exists()
    flow.keep_hours(at=NOW + timedelta(days=7))
    assert not InboxFake.objects.filter(photo__isnull=False).exists()


@pytest.mark.django_db
def test_sessions_that_ended_and_codes_of_yesterday_are_forgotten() -> None:
    for key, hours in (("over", 0), ("on", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=NOW + timedelta(hours=hours))
    phone_codes.ask(number="+8613900000000", about="enter", address="198.51.100.1", at=NOW - timedelta(days=1))
    phone_codes.ask(number="+8613900000001", about="enter", address="198.51.100.1", at=NOW)

    flow.keep_hours(at=NOW)

    assert [session.session_key for session in Session.objects.all()] == ["on"]
    assert PhoneCode.objects.count() == 1


@pytest.mark.django_db
def test_every_act_is_sealed_in_the_chain(tmp_path: Path) -> None:
    make.subject()
    issue(tmp_path)
    codes.withdraw(subject=USCC, why="测试", by=CLERK, at=NOW)

    flow.keep_clocks(at=NOW)

    assert TrailSeal.objects.count() >= 3  # key, issue, withdraw


@pytest.mark.django_db
def test_posting_costs_the_same_queries_for_one_and_for_many(tmp_path: Path, django_assert_num_queries) -> None:
    many = [
        uscc.compose(department="9", body="2", division="230402", serial=f"MB99{n:04}") for n in range(publishing.STEP)
    ]
    signer = codes.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    for code in many:
        make.subject(code)
        make.record("licence", LICENCE, uscc=code)
    codes.issue(subjects=many, consent="x", by=CLERK, at=NOW, signer=signer)

    # Fifteen, four for the office's list of codes, and one each for what may be said of any of them: codes of others
    # (asked, and put on the board or taken off it), commitments for the office's list, former names, successions. Of
    # labels only those that have one are asked. More than one step of cards asks some more a step.
    with django_assert_num_queries(23):
        flow.post_touched(at=NOW)

    assert BoardCard.objects.count() == publishing.STEP


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_during_posting_is_not_undone_by_it(tmp_path: Path) -> None:
    """The pipeline has read the code as active; the withdrawal waits for it, and has the last word."""
    make_in_own_transaction(tmp_path)
    withdrawn = threading.Thread(target=withdraw_in_a_thread)

    with transaction.atomic():
        publishing.post(subjects=[USCC], at=NOW, today=NOW.date(), overlap="earlier", good_for=timedelta(days=30))
        withdrawn.start()
        withdrawn.join(timeout=0.5)
        assert withdrawn.is_alive(), "the withdrawal must wait for the posting"
    withdrawn.join(timeout=60)

    assert set(BoardCode.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not BoardCard.objects.exists()


def make_in_own_transaction(tmp_path: Path) -> None:
    with transaction.atomic():
        make.subject()
        issue(tmp_path)


def withdraw_in_a_thread() -> None:
    try:
        codes.withdraw(subject=USCC, why="测试", by=CLERK, at=NOW)
    finally:
        connection.close()
