"""接续: a subject goes on under another USCC. Said by the office, only ever added to; the newest word counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.credit.subjects import messages, queries
from chengxin.credit.subjects.actions import touch
from chengxin.credit.subjects.models import Subject
from chengxin.credit.subjects.rules import SUCCESSIONS
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

WHY_LENGTH: Final = 200
CHAIN: Final = 20
"""So many times may one business have gone on under another code: more is a mistake."""


class Onward(NamedTuple):
    """Who a subject went on as, how, and since when."""

    subject: str
    successor: str
    how: str  # rules.SUCCESSIONS
    happened_on: date
    why: str


class Around(NamedTuple):
    """The successions of some subjects, from both sides."""

    onward: dict[str, Onward]
    """Subject → whom it went on as, of those that did."""
    predecessors: dict[str, list[Onward]]
    """Subject → whom it took over, oldest first, of those that did."""


def around(subjects: Sequence[str]) -> Around:
    """Return whom these subjects went on as, and whom they took over."""
    these = frozenset(subjects)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject, successor, how, happened_on, why FROM (
                 SELECT DISTINCT ON (subject) * FROM subjects_succession
                 WHERE subject IN (SELECT unnest(%(these)s::varchar[])
                   UNION SELECT subject FROM subjects_succession WHERE successor = ANY(%(these)s))
                 ORDER BY subject, id DESC) newest
               WHERE successor <> '' ORDER BY happened_on, subject""",
            {"these": list(subjects)},
        )
        found = [Onward._make(row) for row in cursor.fetchall()]
    taken_over: dict[str, list[Onward]] = {}
    for one in found:
        if one.successor in these:
            taken_over.setdefault(one.successor, []).append(one)
    return Around({one.subject: one for one in found if one.subject in these}, taken_over)


def onward(subjects: Sequence[str]) -> dict[str, Onward]:
    """Return who those of these subjects that went on as another went on as."""
    return around(subjects).onward


def predecessors(subjects: Sequence[str]) -> dict[str, list[Onward]]:
    """Return of each of these subjects whom it took over, oldest first."""
    return around(subjects).predecessors


@transaction.atomic
def say(
    *,
    subject: str,
    successor: str,
    how: str,
    happened_on: date,
    why: str,
    unit: str,
    by: Actor,
    at: datetime,
    today: date,
) -> None:
    """Say that a subject went on as another, and tell both; an empty `successor` takes back what was said.

    :param unit: who says so to the businesses.
    :raises Refused: one of them is not registered, it would go on as itself or in a ring, or the day is to come.
    """
    why = " ".join(why.split())
    if not why:
        raise Refused("请写明依据，例如登记通知书的文号。")
    if len(why) > WHY_LENGTH:
        raise Refused(f"依据最多 {WHY_LENGTH} 个字，请写短些。")
    if found := privacy.find(why):
        raise Refused(f"依据里写了{found[0].label}，请删去：它会进入留痕，不能删改。")
    if how not in SUCCESSIONS:
        raise Refused("请选择接续的方式。")
    if happened_on > today:
        raise Refused("接续的日期还没有到，请核对。")
    # One at a time: two clerks must not tie a ring together.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('subjects.succession'))")
    known = set(Subject.objects.filter(uscc__in=[subject, successor]).values_list("uscc", flat=True))
    if subject not in known or (successor and successor not in known):
        raise Refused("库中没有这个统一社会信用代码，请照营业执照核对；新主体的登记信息要先归集。")
    if successor:
        _no_ring(subject, successor)
    before = onward([subject]).get(subject)
    if before is None and not successor:
        raise Refused("没有登记过接续，不需要撤回。")
    if before is not None and before == (subject, successor, how, happened_on, why):
        return  # resent
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_succession (subject, successor, how, happened_on, why, by, at)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            [subject, successor, how, happened_on, why, by.name, at],
        )
    touch({subject, successor, before.successor if before else ""} - {""})
    if successor:
        _tell(subject, successor, how, unit, at)
    detail = {"successor": successor or "taken back", "how": how, "why": why}
    trail.note(by=by, verb="subject.succeed", thing=f"subject:{subject}", at=at, detail=detail)


def _no_ring(subject: str, successor: str) -> None:
    if subject == successor:
        raise Refused("接续的主体和原主体是同一个代码，请核对。")
    now = successor
    for _ in range(CHAIN):
        further = onward([now]).get(now)
        if further is None:
            return
        now = further.successor
        if now == subject:
            raise Refused("对方已登记为由这一家接续，不能互相接续：请先撤回原来的登记。")
    raise Refused("接续的次数太多，请核对代码。")


def _tell(subject: str, successor: str, how: str, unit: str, at: datetime) -> None:
    names = {row.subject: row.name for row in queries.registrations([subject, successor])}
    old, new = (names.get(one, one) for one in (subject, successor))
    messages.tell(
        subjects=[subject],
        about="code",
        title="已登记由新主体接续",
        text=f"您的经营主体已登记为由“{new}”（{successor}）接续（{SUCCESSIONS[how]}）。原来的扫码页会写明并指向新主体。",
        by=unit,
        at=at,
        page="my-codes",
    )
    messages.tell(
        subjects=[successor],
        about="code",
        title="可以按原来的放置处申领新码",
        text=f"已登记由您接续“{old}”（{subject}，{SUCCESSIONS[how]}）。原来贴码的地方可以一次换成新主体的码，请到“诚信码”办理。",
        by=unit,
        at=at,
        page="my-codes",
    )
