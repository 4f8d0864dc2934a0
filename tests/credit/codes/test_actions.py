"""Issue, turn, withdraw: what each leaves behind, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from chengxin.board.models import BoardCard, BoardCode, BoardKey
from chengxin.board.token import Claim, Seal, key_prefix, unseal
from chengxin.credit.codes import actions, keyring, queries
from chengxin.credit.codes.models import Code, Consent, Elsewhere, Placing, Turn
from chengxin.credit.subjects.models import Touch
from chengxin.people.models import Trail
from chengxin.people.trail import Refused
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db


@pytest.fixture
def signer(tmp_path: Path) -> keyring.Signer:
    return actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


def issue(
    signer: keyring.Signer, *subjects: str, consent: str | None = "申领表 1", **more: str
) -> list[actions.Issued]:
    return actions.issue(subjects=subjects, consent=consent, by=CLERK, at=NOW, signer=signer, **more)


def test_a_code_is_issued_with_its_consent(signer: keyring.Signer) -> None:
    make.subject()

    (answer,) = issue(signer, USCC)

    said = unseal(answer.token, {signer.number: signer.private_key.public_key()})
    assert answer.state == "active"
    assert isinstance(said, Seal)
    assert (said.holder, said.serial, said.placement) == (USCC, answer.serial, 1)
    assert BoardCode.objects.get().state == "active"
    assert Consent.objects.get().reference == "申领表 1"
    assert Trail.objects.get(verb="code.issue").detail["issued"] == 1
    assert Touch.objects.filter(subject=USCC).exists()


def test_without_a_consent_it_stays_pending_until_one_comes(signer: keyring.Signer) -> None:
    make.subject()

    (first,) = issue(signer, USCC, consent=None)
    (second,) = issue(signer, USCC, consent="申领表 2")

    assert (first.state, second.state) == ("pending", "active")
    assert first.serial == second.serial
    assert Code.objects.count() == 1


def test_issuing_again_keeps_the_code(signer: keyring.Signer) -> None:
    make.subject()

    assert issue(signer, USCC)[0].token == issue(signer, USCC, USCC)[0].token
    assert Code.objects.count() == 1


def test_each_placement_is_its_own_serial(signer: keyring.Signer) -> None:
    make.subject()
    (door,) = issue(signer, USCC)
    (taxi,) = issue(signer, USCC, placement="vehicle", label="黑D·T1234")
    (box,) = issue(signer, USCC, placement="package")

    assert len({door.serial, taxi.serial, box.serial}) == 3
    assert isinstance(unseal(box.token, {}), Claim)


def test_one_refusal_does_not_stop_the_others(signer: keyring.Signer) -> None:
    make.subject()
    make.subject(OTHER_USCC, state="deregistered")

    answers = {answer.subject: answer for answer in issue(signer, USCC, OTHER_USCC, "91231183MA1CTE5750")}

    assert answers[USCC].state == "active"
    assert "注销" in answers[OTHER_USCC].refusal
    assert "登记信息" in answers["91231183MA1CTE5750"].refusal


def test_withdrawing_hides_at_once_and_takes_the_consent_along(signer: keyring.Signer) -> None:
    make.subject()
    (door,) = issue(signer, USCC)
    (taxi,) = issue(signer, USCC, placement="vehicle")
    BoardCard.objects.create(
        holder=USCC, kind="subject", document="{}", good_until=NOW + timedelta(days=1), posted_at=NOW
    )

    serials = actions.withdraw(subject=USCC, why="主体申请", by=CLERK, at=NOW)

    assert serials == sorted([door.serial, taxi.serial])
    assert set(BoardCode.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not BoardCard.objects.exists()
    assert queries.consenting([USCC]) == set()
    (again,) = issue(signer, USCC, consent=None)
    assert (again.state, again.serial not in serials) == ("pending", True)


def test_nothing_to_withdraw_is_refused(signer: keyring.Signer) -> None:
    make.subject()

    with pytest.raises(Refused, match="没有可注销"):
        actions.withdraw(subject=USCC, why="主体申请", by=CLERK, at=NOW)
    assert not Trail.objects.filter(verb="code.withdraw").exists()


@pytest.mark.parametrize(
    "verbs, state",
    [
        (["pause"], "paused"),
        (["pause", "resume"], "active"),
        (["freeze", "unfreeze"], "active"),
        (["pause", "freeze"], "frozen"),
        (["supersede"], "superseded"),
    ],
    ids=",".join,
)
def test_a_code_takes_turns(signer: keyring.Signer, verbs: list[str], state: str) -> None:
    make.subject()
    (code,) = issue(signer, USCC)

    for verb in verbs:
        actions.turn(subject=USCC, serial=code.serial, verb=verb, why="测试", by=CLERK, at=NOW)

    assert queries.standing([USCC])[0].state == state
    assert Turn.objects.count() == 1 + len(verbs)


@pytest.mark.parametrize(
    "verbs", [["resume"], ["supersede", "resume"], ["cancel", "activate"], ["freeze", "pause"]], ids=",".join
)
def test_a_turn_that_is_not_in_the_table_is_refused(signer: keyring.Signer, verbs: list[str]) -> None:
    make.subject()
    (code,) = issue(signer, USCC)

    with pytest.raises(Refused, match="不能"):
        for verb in verbs:
            actions.turn(subject=USCC, serial=code.serial, verb=verb, why="测试", by=CLERK, at=NOW)


def test_a_turned_ring_signs_with_the_new_key_and_old_codes_stay_genuine(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    make.subject()
    make.subject(OTHER_USCC)
    (old,) = issue(actions.signer(folder=folder, by=CLERK, at=NOW), USCC)

    actions.rotate(folder=folder, by=CLERK, at=NOW)

    newest = actions.signer(folder=folder, by=CLERK, at=NOW)
    (new,) = issue(newest, OTHER_USCC)
    ring = {signer.number: signer.private_key.public_key() for signer in keyring.signers(folder)}
    assert [unseal(code.token, ring).key for code in (old, new)] == [1, 2]
    assert BoardKey.objects.count() == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_a_lost_ring_gets_a_further_key_and_never_an_old_number(tmp_path: Path) -> None:
    actions.signer(folder=tmp_path / "lost", by=CLERK, at=NOW)

    assert actions.signer(folder=tmp_path / "new", by=CLERK, at=NOW).number == 2


def test_a_broken_key_file_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "0001.pem").write_text("no key")

    with pytest.raises(keyring.RingBroken, match="已损坏"):
        list(keyring.signers(tmp_path))


def test_issuing_to_many_costs_a_bounded_number_of_queries(
    signer: keyring.Signer, django_assert_max_num_queries
) -> None:
    from chengxin.terms import uscc

    many = [
        uscc.compose(department="9", body="2", division="230402", serial=f"MB99{number:04}") for number in range(60)
    ]
    for code in many:
        make.subject(code)

    with django_assert_max_num_queries(24):
        answers = issue(signer, *many)

    assert {answer.state for answer in answers} == {"active"}


# ---- Keys ------------------------------------------------------------------------------------------------------------


def test_a_revoked_key_vouches_for_nothing_and_another_signs_from_now_on(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    actions.signer(folder=folder, by=CLERK, at=NOW)

    after = actions.revoke(number=1, why="备份盘失窃", folder=folder, by=CLERK, at=NOW)

    assert after.number == 2
    assert BoardKey.objects.get(number=1).revoked_at == NOW
    assert actions.signer(folder=folder, by=CLERK, at=NOW).number == 2
    assert Trail.objects.get(verb="key.revoke").detail == {"why": "备份盘失窃"}


def test_revoking_an_older_key_leaves_the_newest_signing(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    actions.signer(folder=folder, by=CLERK, at=NOW)
    actions.rotate(folder=folder, by=CLERK, at=NOW)

    assert actions.revoke(number=1, why="失窃", folder=folder, by=CLERK, at=NOW).number == 2
    assert BoardKey.objects.count() == 2


def revoke(tmp_path: Path) -> keyring.Signer:
    return actions.revoke(number=1, why="失窃", folder=tmp_path / "keys", by=CLERK, at=NOW)


@pytest.mark.parametrize(
    "consent, before", [("申领表 1", "superseded"), (None, "cancelled")], ids=["active", "pending"]
)
def test_a_code_whose_key_was_revoked_is_replaced(
    tmp_path: Path, signer: keyring.Signer, consent: str | None, before: str
) -> None:
    make.subject()
    (old,) = issue(signer, USCC, consent=consent)
    another = revoke(tmp_path)

    (new,) = issue(another, USCC, consent=None)

    assert (new.state, new.serial != old.serial) == (old.state, True)
    assert new.token.startswith(key_prefix(another.number))
    assert {code.serial: code.state for code in queries.standing([USCC])} == {old.serial: before, new.serial: new.state}
    assert set(BoardCode.objects.values_list("serial", "state")) == {(old.serial, before), (new.serial, new.state)}
    assert issue(another, USCC)[0].serial == new.serial


@pytest.mark.parametrize("verb", ["pause", "freeze"])
def test_what_was_stopped_for_a_while_is_not_replaced(tmp_path: Path, signer: keyring.Signer, verb: str) -> None:
    make.subject()
    (old,) = issue(signer, USCC)
    assert old.serial is not None
    actions.turn(subject=USCC, serial=old.serial, verb=verb, why="", by=CLERK, at=NOW)

    (answer,) = issue(revoke(tmp_path), USCC)

    assert answer.serial == old.serial


def test_whoever_has_a_code_of_a_revoked_key_is_to_be_given_one(tmp_path: Path, signer: keyring.Signer) -> None:
    make.subject()
    issue(signer, USCC)

    def codeless(placement="premises"):
        return queries.codeless(placement=placement, label="", after="", limit=9)

    assert codeless() == []

    another = revoke(tmp_path)

    assert codeless() == [USCC]
    assert codeless("vehicle") == []
    issue(another, USCC)
    assert codeless() == []


def test_nothing_is_signed_with_a_key_revoked_a_moment_ago(tmp_path: Path, signer: keyring.Signer) -> None:
    make.subject()
    revoke(tmp_path)

    with pytest.raises(Refused, match="第 1 号签发钥匙刚刚作废"):
        issue(signer, USCC)
    assert not Code.objects.exists()


@pytest.mark.parametrize("number, why", [(1, "已经作废"), (9, "没有第 9 号")], ids=["twice", "a key there is not"])
def test_a_key_that_cannot_be_revoked_is_refused(tmp_path: Path, number: int, why: str) -> None:
    folder = tmp_path / "keys"
    actions.signer(folder=folder, by=CLERK, at=NOW)
    actions.revoke(number=1, why="失窃", folder=folder, by=CLERK, at=NOW)

    with pytest.raises(Refused, match=why):
        actions.revoke(number=number, why="失窃", folder=folder, by=CLERK, at=NOW)


def test_the_codes_of_a_key_are_counted(signer: keyring.Signer) -> None:
    make.subject()
    issue(signer, USCC)
    issue(signer, USCC, placement="vehicle")
    issue(signer, USCC, placement="package")

    assert (queries.signed_with(signer.number), queries.signed_with(9)) == (2, 0)


def test_how_a_code_was_asked_for_and_which_words_were_read_stands_with_it(signer: keyring.Signer) -> None:
    make.subject()
    make.subject(OTHER_USCC)

    issue(signer, USCC, way="self", version="2026-1")
    issue(signer, OTHER_USCC)

    assert dict(Code.objects.values_list("subject_id", "way")) == {USCC: "self", OTHER_USCC: "batch"}
    assert dict(Consent.objects.values_list("subject_id", "version")) == {USCC: "2026-1", OTHER_USCC: ""}


@pytest.mark.parametrize("verbs, state", [([], "active"), (["pause"], "paused"), (["freeze"], "frozen")])
def test_a_lost_code_gets_another_serial_in_the_same_place_and_state(
    signer: keyring.Signer, verbs: list[str], state: str
) -> None:
    make.subject()
    (lost,) = issue(signer, USCC, placement="vehicle", label="黑D·T1234", way="self")
    assert lost.serial is not None
    Placing.objects.create(
        subject_id=USCC, id=10**9, serial=lost.serial, label_shown=True, where="九马路", by="经营者", at=NOW
    )
    for verb in verbs:
        actions.turn(subject=USCC, serial=lost.serial, verb=verb, why="测试", by=CLERK, at=NOW)

    made = actions.replace(subject=USCC, serial=lost.serial, why="贴纸被揭走", by=CLERK, at=NOW, signer=signer)

    old, new = queries.standing([USCC])
    assert (old.state, new.state) == ("superseded", state)
    assert (new.placement, new.label, new.way, new.serial) == ("vehicle", "黑D·T1234", "self", made.serial)
    assert dict(BoardCode.objects.values_list("serial", "state")) == {lost.serial: "superseded", made.serial: state}
    assert Placing.objects.get(serial=made.serial).label_shown
    assert Trail.objects.get(verb="code.supersede").detail["serial"] == made.serial


def test_a_code_that_stopped_is_not_replaced(signer: keyring.Signer) -> None:
    make.subject()
    (door,) = issue(signer, USCC)
    assert door.serial is not None
    actions.replace(subject=USCC, serial=door.serial, why="揭走", by=CLERK, at=NOW, signer=signer)

    with pytest.raises(Refused, match="已换发"):
        actions.replace(subject=USCC, serial=door.serial, why="揭走", by=CLERK, at=NOW, signer=signer)
    make.subject(state="licence_revoked", batch=2)
    newest = queries.standing([USCC])[-1].serial
    with pytest.raises(Refused, match="吊销"):
        actions.replace(subject=USCC, serial=newest, why="揭走", by=CLERK, at=NOW, signer=signer)


def test_coded_is_whoever_has_a_code_that_stands(signer: keyring.Signer) -> None:
    make.subject()
    make.subject(OTHER_USCC)
    (door,) = issue(signer, USCC)
    assert door.serial is not None
    assert queries.coded([USCC, OTHER_USCC]) == {USCC}

    Elsewhere.objects.create(subject_id=OTHER_USCC, id=1, number="HLJ1", way="self", batch=1, row=1, received_at=NOW)
    assert queries.coded([USCC, OTHER_USCC]) == {USCC, OTHER_USCC}
    Elsewhere.objects.create(
        subject_id=OTHER_USCC, id=2, number="HLJ1", way="self", batch=2, row=1, received_at=NOW, gone=True
    )
    actions.turn(subject=USCC, serial=door.serial, verb="pause", why="测试", by=CLERK, at=NOW)
    assert queries.coded([USCC, OTHER_USCC]) == set()

    actions.turn(subject=USCC, serial=door.serial, verb="resume", why="测试", by=CLERK, at=NOW)
    assert queries.coded([USCC]) == {USCC}
    make.subject(state="deregistered", batch=2)
    assert queries.coded([USCC]) == set()
