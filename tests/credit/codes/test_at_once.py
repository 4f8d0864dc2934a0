"""Two at the same moment: of two who act on one business's codes the second sees what the first did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from chengxin.credit.codes import actions, giving, keyring, life, placing, queries, showing
from chengxin.credit.codes.models import Code, ShowingDecision
from chengxin.credit.codes.places import Place
from chengxin.credit.codes.showing import Seen
from chengxin.credit.subjects.models import Message
from chengxin.people.models import Unit, User
from chengxin.people.trail import Refused
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signer(tmp_path: Path) -> keyring.Signer:
    return actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)


@pytest.fixture
def door(signer: keyring.Signer) -> int:
    with transaction.atomic():
        make.subject()
        make.subject(OTHER_USCC, name="另一家")
    (made,) = actions.issue(subjects=[USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)
    assert made.serial is not None
    return made.serial


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do these at the same moment, each on a line of its own to the database, and return what came of each."""
    together = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))


def states() -> Counter[str]:
    return Counter(code.state for code in queries.standing([USCC]))


def test_a_code_is_replaced_once(door: int, signer: keyring.Signer) -> None:
    made = at_once(
        *[lambda: actions.replace(subject=USCC, serial=door, why="丢失", by=CLERK, at=NOW, signer=signer)] * 4
    )

    assert sum(isinstance(one, Refused) for one in made) == 3
    assert states() == {"active": 1, "superseded": 1}


def test_what_is_given_up_is_not_resumed(door: int) -> None:
    actions.turn(subject=USCC, serial=door, verb="pause", why="歇业", by=CLERK, at=NOW)

    at_once(
        lambda: actions.withdraw(subject=USCC, why="收回同意", by=CLERK, at=NOW),
        lambda: actions.turn(subject=USCC, serial=door, verb="resume", why="恢复", by=CLERK, at=NOW),
    )

    assert states() == {"cancelled": 1}


def test_one_list_sent_by_two_gives_each_place_one_code(door: int, signer: keyring.Signer) -> None:
    cars = [Place("taxi", f"黑H·T{number:04}") for number in range(40)]

    made = at_once(*[lambda: placing.place(subject=USCC, places=cars, way="self", by=CLERK, at=NOW, signer=signer)] * 3)

    assert len({tuple(one.serial for one in each) for each in made}) == 1
    assert Code.objects.filter(placement="taxi").count() == 40


def test_whoever_is_frozen_meanwhile_is_placed_or_given_nothing_more(door: int, signer: keyring.Signer) -> None:
    drawn = giving.draw_up(
        rows=[giving.Asked(one, one) for one in (USCC, OTHER_USCC)],
        turned_away=[],
        placement="counter",
        by=CLERK,
        at=NOW,
    )

    def give() -> object:
        return giving.give(
            number=drawn.pk, paper="同意书 1", signed_on=NOW.date(), proofs=[], unit="信用办", by=CLERK, at=NOW,
            today=NOW.date(), signer=signer,
        )  # fmt: skip

    frozen, *_ = at_once(
        lambda: life.turn(subject=USCC, serials=[door], verb="freeze", why="冒用", unit="信用办", by=CLERK, at=NOW),
        give,
        give,
    )

    assert frozen == [door]
    counts = Counter(code.subject for code in queries.standing([USCC, OTHER_USCC]))
    assert counts[OTHER_USCC] == 1
    assert counts[USCC] in (1, 2)  # before the freeze it was given, or after it not
    given = [code for code in queries.standing([USCC]) if code.placement == "counter"]
    drawn.refresh_from_db()
    answer = {subject: state for subject, _, state, _ in drawn.answers}[USCC]
    assert answer == ("active" if given else "refused")


def test_of_two_clerks_one_says_whether_a_photo_counts(door: int) -> None:
    shown = showing.send(
        subject=USCC, serial=door, proof=1, what=Seen("mine", door, "active"), where="店门口", area="230402",
        by=CLERK, at=NOW,
    )  # fmt: skip

    def say(accepted: bool) -> object:
        return showing.decide(
            subject=USCC, showing=shown.id, accepted=accepted, why="看不清", unit="信用办", by=CLERK,
            today=NOW.date(), at=NOW,
        )  # fmt: skip

    said = at_once(lambda: say(True), lambda: say(True))

    assert sum(isinstance(one, Refused) for one in said) == 1
    assert ShowingDecision.objects.count() == Message.objects.filter(about="showing").count() == 1


@pytest.mark.parametrize(("place_says", "office_says"), [(True, True), (True, False), (False, True)])
def test_of_a_place_and_an_office_one_decides_and_the_other_is_told(
    door: int, place_says: bool, office_says: bool
) -> None:
    mall = Unit.objects.create(name="松岭里商场", uscc=OTHER_USCC)
    User.objects.create(username="mall", role="place", unit=mall)
    shown = showing.send(
        subject=USCC, serial=door, proof=1, what=Seen("mine", door, "active"), where="店门口", area="230402",
        place=mall.pk, by=CLERK, at=NOW,
    )  # fmt: skip

    def say(accepted: bool, place: int | None) -> object:
        return showing.decide(
            subject=USCC, showing=shown.id, accepted=accepted, why="看不清", unit="某单位", place=place, seen=0,
            by=CLERK, today=NOW.date(), at=NOW,
        )  # fmt: skip

    said = at_once(lambda: say(place_says, mall.pk), lambda: say(office_says, None))

    (told,) = [str(one) for one in said if isinstance(one, Refused)]
    assert "已经有人核实过了" in told
    assert ShowingDecision.objects.count() == Message.objects.filter(about="showing").count() == 1
