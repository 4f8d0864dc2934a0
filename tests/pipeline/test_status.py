"""The status list is made anew within a second of any change, signed with the newest key that stands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction
from django.utils import timezone

from chengxin.board import actions as board
from chengxin.board import status
from chengxin.board.models import BoardCode, BoardKey, BoardStatus
from chengxin.board.status import StatusList
from chengxin.credit.codes import actions as codes
from chengxin.credit.subjects import actions as subjects
from chengxin.pipeline import flow
from tests import make
from tests.conftest import parameters
from tests.make import CLERK, NOW, OTHER_USCC, USCC
from tests.public.door import eventually, promised


@pytest.fixture(autouse=True)
def keys_dir(tmp_path: Path, settings: Any) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    settings.PUBLIC_URL = "https://credit.example"
    return tmp_path / "keys"


def issue(folder: Path, subject: str = USCC, **more: Any) -> int:
    signer = codes.signer(folder=folder, by=CLERK, at=NOW)
    (answer,) = codes.issue(subjects=[subject], by=CLERK, at=NOW, signer=signer, **{"consent": "申领表 1"} | more)
    assert answer.serial is not None
    return answer.serial


def listed() -> StatusList | None:
    """Return the list on the board, as a verifier reads it."""
    row = BoardStatus.objects.first()
    if row is None:
        return None
    standing = BoardKey.objects.filter(revoked_at=None)
    keys = {key.number: Ed25519PublicKey.from_public_bytes(bytes(key.public_key)) for key in standing}
    found = status.read(row.document, keys)
    return found if isinstance(found, StatusList) else None


def bits(serial: int) -> tuple[bool, bool]:
    found = listed()
    assert found is not None
    return status.is_set(found.revoked, serial), status.is_set(found.suspended, serial)


# ---- What stands in it -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_a_key_there_is_no_list() -> None:
    assert flow.post_status(at=NOW) is False
    assert listed() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "verbs, revoked, suspended",
    [
        ([], False, False),
        (["pause"], False, True),
        (["freeze"], False, True),
        (["pause", "resume"], False, False),
        (["supersede"], True, False),
        (["cancel"], True, False),
    ],
    ids=["active", "paused", "frozen", "resumed", "superseded", "cancelled"],
)
def test_each_state_has_its_bit(keys_dir: Path, verbs: list[str], revoked: bool, suspended: bool) -> None:
    make.subject()
    serial = issue(keys_dir)
    for verb in verbs:
        codes.turn(subject=USCC, serial=serial, verb=verb, why="测试", by=CLERK, at=NOW)
    flow.drain()

    flow.post_status(at=NOW)

    assert bits(serial) == (revoked, suspended)


@pytest.mark.django_db
def test_a_code_without_a_consent_is_suspended(keys_dir: Path) -> None:
    make.subject()
    serial = issue(keys_dir, consent=None)

    flow.post_status(at=NOW)

    assert bits(serial) == (False, True)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["deregistered", "revoked_registration"])
def test_a_business_off_the_register_is_revoked_with_all_its_codes_and_may_come_back(
    keys_dir: Path, state: str
) -> None:
    make.subject()
    make.subject(OTHER_USCC)
    door, taxi, other = issue(keys_dir), issue(keys_dir, placement="vehicle"), issue(keys_dir, OTHER_USCC)
    make.subject(state=state)
    flow.drain()

    flow.post_status(at=NOW)
    assert [bits(serial) for serial in (door, taxi, other)] == [(True, False), (True, False), (False, False)]

    make.subject()  # the register was mistaken
    flow.drain()
    flow.post_status(at=NOW)
    assert bits(door) == (False, False)


@pytest.mark.django_db
def test_the_same_list_is_made_anew_only_when_it_ages(keys_dir: Path) -> None:
    make.subject()
    issue(keys_dir)

    said = [flow.post_status(at=NOW + timedelta(minutes=minutes)) for minutes in (0, 1, 8, 9, 10)]

    assert said == [True, False, False, True, False]


@pytest.mark.django_db
def test_a_list_made_while_the_clock_ran_ahead_is_made_anew_when_it_is_set_right(keys_dir: Path) -> None:
    make.subject()
    issue(keys_dir)
    flow.post_status(at=NOW + timedelta(days=1))

    assert flow.post_status(at=NOW) is True
    found = listed()
    assert found is not None and found.valid_from == NOW


@pytest.mark.django_db
def test_making_it_costs_the_same_queries_for_one_and_for_many(keys_dir: Path, django_assert_max_num_queries) -> None:
    make.subject()
    issue(keys_dir)
    BoardCode.objects.bulk_create(
        BoardCode(serial=serial, holder_kind="subject", holder=USCC, state="paused", placement="x", issued_on=NOW)
        for serial in range(10_000, 12_000)
    )

    with django_assert_max_num_queries(8):
        flow.post_status(at=NOW)

    assert bits(11_999) == (False, True)


# ---- Keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_after_a_rotation_the_new_key_signs_the_list(keys_dir: Path) -> None:
    make.subject()
    issue(keys_dir)
    flow.post_status(at=NOW)

    codes.rotate(folder=keys_dir, by=CLERK, at=NOW)

    assert flow.post_status(at=NOW) is True
    found = listed()
    assert found is not None
    assert found.key == 2


@pytest.mark.django_db
def test_a_revoked_key_takes_its_list_along_and_the_next_one_signs(keys_dir: Path) -> None:
    make.subject()
    issue(keys_dir)
    flow.post_status(at=NOW)

    codes.revoke(number=1, why="失窃", folder=keys_dir, by=CLERK, at=NOW)

    assert not BoardStatus.objects.exists()
    assert flow.post_status(at=NOW) is True
    assert (listed() or pytest.fail("no list")).key == 2


@pytest.mark.django_db
def test_a_broken_ring_does_not_stop_the_river(keys_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    make.subject()
    issue(keys_dir)
    (keys_dir / "0009.pem").write_text("rubbish")

    flow._keep_status(at=NOW)

    assert "0009.pem" in caplog.text


# ---- The worker ------------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """The pipeline's worker, in a thread."""
    ended = threading.Event()

    def work() -> None:
        try:
            with psycopg.connect(**parameters(), autocommit=True) as listening:
                flow._work_until_lost(listening, alive=lambda: not ended.is_set())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join(timeout=10)


def within_a_second(holds: Callable[[], bool]) -> None:
    assert eventually(holds) < promised(1)


def register(**more: Any) -> None:
    with transaction.atomic():
        make.subject(**more)


@pytest.mark.usefixtures("worker")
def test_whatever_changes_is_on_the_list_within_a_second(keys_dir: Path) -> None:
    register()
    serial = issue(keys_dir)
    eventually(lambda: listed() is not None)
    codes.turn(subject=USCC, serial=serial, verb="pause", why="测试", by=CLERK, at=timezone.now())
    within_a_second(lambda: bits(serial) == (False, True))
    codes.turn(subject=USCC, serial=serial, verb="resume", why="测试", by=CLERK, at=timezone.now())
    within_a_second(lambda: bits(serial) == (False, False))
    register(state="deregistered")
    within_a_second(lambda: bits(serial) == (True, False))
    codes.rotate(folder=keys_dir, by=CLERK, at=timezone.now())
    within_a_second(lambda: (listed() or pytest.fail("no list")).key == 2)
    codes.withdraw(subject=USCC, why="测试", by=CLERK, at=timezone.now())
    within_a_second(lambda: bits(serial) == (True, False))
    codes.revoke(number=2, why="失窃", folder=keys_dir, by=CLERK, at=timezone.now())
    within_a_second(lambda: (found := listed()) is not None and found.key == 1)


@pytest.mark.usefixtures("worker")
def test_a_withdrawal_does_not_wait_for_a_batch(keys_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty thousand chunks wait to be posted; the withdrawal is on the list long before they are."""
    register()
    serial = issue(keys_dir)
    eventually(lambda: listed() is not None)
    monkeypatch.setattr(flow, "CHUNK", 1)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_touch (subject, bulk) SELECT lpad(n::text, 18, '0'), true
               FROM generate_series(1, 20000) n"""
        )
        codes.withdraw(subject=USCC, why="测试", by=CLERK, at=timezone.now())

        within_a_second(lambda: bits(serial)[0])

        cursor.execute("SELECT count(*) FROM subjects_touch")
        assert cursor.fetchone()[0] > 0, "the batch is still under way"
        cursor.execute("TRUNCATE subjects_touch")


# ---- What the worker listens for -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "tells"),
    [("s:7", True), ("h:91230402MA1CTE575Q s:7", True), ("*", True), ("keys", True), ("keys status", True)]
    + [("h:91230402MA1CTE575Q", False), ("city", False), ("status", False), ("", False)],
)
def test_only_what_is_said_of_codes_and_keys_makes_a_list(payload: str, tells: bool) -> None:
    assert board.tells_of_codes(payload) is tells


@pytest.mark.django_db(transaction=True)
def test_posting_a_code_that_stays_as_it_is_tells_nobody(keys_dir: Path) -> None:
    register()
    issue(keys_dir)
    flow.drain()
    with psycopg.connect(**parameters(), autocommit=True) as listening:
        listening.execute("LISTEN board")
        subjects.touch([USCC])
        flow.drain()

        heard = [note.payload for note in listening.notifies(timeout=30, stop_after=1)]

    assert heard == [f"h:{USCC}"]
