"""Acts on applications: keeping a draft, sending it in, deciding, appealing. Each is one transaction with its trail.

What an approval brings about (the code, the records, the commitment) is done by whoever calls these, in the same
transaction: `portals/shared/applying.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction

from chengxin.credit.applications import queries, rules
from chengxin.credit.applications.models import Decided, Draft, Waiting
from chengxin.credit.applications.queries import Filed
from chengxin.credit.applications.rules import Check, Part
from chengxin.credit.subjects import queries as subjects
from chengxin.people import trail
from chengxin.people.models import User
from chengxin.people.trail import Actor, Refused

KEPT: Final = ("contact", "items", "commitment", "paper", "paper_proof")
"""What an application keeps of a draft in its body; consent and scenarios have columns of their own."""


def lock(subject: str) -> None:
    """Let nobody else change the applications of a business until the caller's transaction ends.

    :raises Refused: there is no such business.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT uscc FROM subjects_subject WHERE uscc = %s FOR NO KEY UPDATE", [subject])
        if cursor.fetchone() is None:
            raise Refused("库中还没有它的登记信息，请先办理“新主体”登记。")


# ---- Drafts ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep(*, user: User, subject: str, change: Callable[[dict[str, Any]], None], at: datetime) -> Mapping[str, Any]:
    """Change what somebody has filled in for a business, and return it; two windows of one person do not undo each other.

    A draft is nobody's act yet, so it leaves no trail.
    """
    made = {"body": {"key": uuid4().hex}, "changed_at": at}
    Draft.objects.get_or_create(user=user, subject=subject, defaults=made)
    draft = Draft.objects.select_for_update().get(user=user, subject=subject)
    change(draft.body)
    draft.changed_at = at
    draft.save(update_fields=["body", "changed_at"])
    body: dict[str, Any] = draft.body
    return body


def drop(*, user: User, subject: str) -> None:
    """Throw away what somebody has filled in for a business."""
    Draft.objects.filter(user=user, subject=subject).delete()


# ---- Sending in --------------------------------------------------------------------------------------------------------


@transaction.atomic
def send(
    *,
    subject: str,
    way: str,
    key: str,
    body: Mapping[str, Any],
    checks: Sequence[Check],
    parts: Mapping[str, Part],
    area: str,
    person: User | None,
    today: date,
    by: Actor,
    at: datetime,
) -> int:
    """Add an application with what became of its parts so far, and return its number; what waits is queued.

    The caller has locked the business and has done what the parts say is done.
    """
    state = rules.state_of(parts)
    due_on = rules.due(today)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO applications_application
                 (subject, key, way, consent, scenarios, body, checks, person, by, sent_at, due_on)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
            [
                subject,
                key,
                way,
                body.get("consent", ""),
                json.dumps(body.get("scenarios", [])),
                json.dumps({name: body[name] for name in KEPT if name in body}),
                json.dumps([asdict(check) for check in checks]),
                person.pk if person else None,
                by.name,
                at,
                due_on,
            ],
        )
        number = int(cursor.fetchone()[0])
    _decide(subject, number, state=state, parts=parts, why="", by=by, at=at)
    _list(subject, number, state=state, parts=parts, way=way, clerk="" if person else by.name, at=at)
    if state == "waiting":
        Waiting.objects.create(subject=subject, application=number, area=area, way=way, due_on=due_on)
    if person is not None:
        drop(user=person, subject=subject)
    trail.note(
        by=by,
        verb="application.send",
        thing=f"application {subject}/{number}",
        at=at,
        detail={
            "way": way,
            "state": state,
            "consent": body.get("consent", ""),
            "items": len(body.get("items", ())),
            "waiting": sum(part.state == "waiting" for part in parts.values()),
        },
    )
    return number


def _decide(
    subject: str, application: int, *, state: str, parts: Mapping[str, Part], why: str, by: Actor, at: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO applications_decision (subject, application, state, outcome, why, by, at)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            [subject, application, state, json.dumps(rules.outcome(parts)), why, by.name, at],
        )


def _list(
    subject: str,
    application: int,
    *,
    state: str,
    parts: Mapping[str, Part],
    way: str,
    clerk: str,
    at: datetime,
    is_appeal: bool = False,
) -> None:
    """Put an application that ended into the office's list, and take one that waits again out of it.

    :param clerk: the account of whoever decided; empty: nobody of the office did.
    """
    result = rules.result_of(state, parts)
    if not result:
        Decided.objects.filter(subject=subject, application=application).delete()
        return
    area = subjects.area_of([subject]).get(subject, "")
    found = {"area": area, "way": way, "result": result, "is_appeal": is_appeal, "clerk": clerk, "decided_at": at}
    Decided.objects.update_or_create(subject=subject, application=application, defaults=found)


# ---- Deciding ----------------------------------------------------------------------------------------------------------


def claim(*, subject: str, application: int) -> Filed:
    """Return an application that waits, taken off the queue, for the rest of the caller's transaction.

    :raises Refused: somebody else has decided it meanwhile, or it was taken back.
    """
    lock(subject)
    found = queries.filed(subject, application=application)
    if not found:
        raise Refused("没有这份申请。")
    taken, _ = Waiting.objects.filter(subject=subject, application=application).delete()
    if not taken:
        newest = found[0].decisions[0]
        raise Refused(f"这份申请已经由 {newest.by} 办理（{found[0].state_label}），您的决定没有记下。")
    return found[0]


@transaction.atomic
def decide(*, one: Filed, parts: Mapping[str, Part], why: str, by: Actor, at: datetime) -> None:
    """Note what a clerk decided of an application that he has claimed."""
    subject, application = one.application.subject_id, one.application.id
    state = rules.state_of(parts)
    _decide(subject, application, state=state, parts=parts, why=why, by=by, at=at)
    way, is_appeal = one.application.way, one.state == "appealed"
    _list(subject, application, state=state, parts=parts, way=way, clerk=by.name, at=at, is_appeal=is_appeal)
    trail.note(
        by=by,
        verb="application.decide",
        thing=f"application {subject}/{application}",
        at=at,
        detail={"state": state, "refused": sum(part.state == "refused" for part in parts.values()), "why": why},
    )


@transaction.atomic
def appeal(*, subject: str, application: int, words: str, area: str, today: date, by: Actor, at: datetime) -> None:
    """Appeal against what was refused: once, in the business's own words; somebody else decides anew.

    :raises Refused: nothing was refused, or it was appealed against before.
    """
    lock(subject)
    found = queries.filed(subject, application=application)
    if not found:
        raise Refused("没有这份申请。")
    one = found[0]
    if refusal := rules.why_not_appeal(one.state, one.parts, appealed=one.appealed, words=words):
        raise Refused(refusal)
    _decide(subject, application, state="appealed", parts=one.parts, why=words, by=by, at=at)
    _list(subject, application, state="appealed", parts=one.parts, way=one.application.way, clerk="", at=at)
    Waiting.objects.create(
        subject=subject,
        application=application,
        area=area,
        way=one.application.way,
        is_appeal=True,
        due_on=rules.due(today),
    )
    trail.note(by=by, verb="application.appeal", thing=f"application {subject}/{application}", at=at)


@transaction.atomic
def withdraw(*, subject: str, application: int, by: Actor, at: datetime) -> None:
    """Take back an application that waits; what was done of it already stays done.

    :raises Refused: it waits no more.
    """
    one = claim(subject=subject, application=application)
    left = {about: part for about, part in one.parts.items() if part.state != "waiting"}
    gone = {about: Part("refused", "申请人已撤回") for about, part in one.parts.items() if part.state == "waiting"}
    ended = {**left, **gone}
    _decide(subject, application, state="withdrawn", parts=ended, why="", by=by, at=at)
    _list(subject, application, state="withdrawn", parts=ended, way=one.application.way, clerk="", at=at)
    trail.note(by=by, verb="application.withdraw", thing=f"application {subject}/{application}", at=at)


# ---- Kept no longer than needed ----------------------------------------------------------------------------------------

SWEPT_AT_ONCE: Final = 1000


@transaction.atomic
def sweep(*, at: datetime, drafts_after: timedelta, contacts_after: timedelta) -> tuple[int, int]:
    """Throw away drafts that nobody touched for so long, and erase the contact of applications decided so long ago.

    Returns how many of each, some at a time. 《个人信息保护法》第 19 条: no longer than the purpose needs. The contact is for
    questions while an application is being dealt with; what was asked for and decided stays. It is the one thing of an
    application that is not only added to.
    """
    old = Draft.objects.filter(changed_at__lte=at - drafts_after).order_by("pk").values("pk")[:SWEPT_AT_ONCE]
    drafts, _ = Draft.objects.filter(pk__in=old).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE applications_application a SET body = a.body - 'contact'
               FROM (SELECT o.subject, o.id FROM applications_application o
                     JOIN LATERAL (SELECT state, at FROM applications_decision d
                       WHERE d.subject = o.subject AND d.application = o.id ORDER BY d.id DESC LIMIT 1) newest ON true
                     WHERE o.body ? 'contact' AND o.sent_at <= %(until)s AND newest.at <= %(until)s
                       AND newest.state NOT IN ('waiting', 'appealed')
                     ORDER BY o.sent_at LIMIT %(most)s) done
               WHERE (a.subject, a.id) = (done.subject, done.id)""",
            {"until": at - contacts_after, "most": SWEPT_AT_ONCE},
        )
        contacts = int(cursor.rowcount)
    if contacts:
        trail.note(by=Actor("pipeline", "pipeline"), verb="application.forget", thing=f"{contacts} applications", at=at)
    return drafts, contacts
