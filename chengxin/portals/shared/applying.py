"""申领: what sending in and deciding an application bring about, each one transaction over the domains that it touches.

An application asks in its own domain (`credit.applications`); the code, the records and the commitment that come of it are
made in theirs, and the business is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chengxin.board import actions as board
from chengxin.credit.applications import actions, queries, rules
from chengxin.credit.applications.queries import Filed
from chengxin.credit.applications.rules import Check, Declared, Facts, Part
from chengxin.credit.codes import actions as codes_actions
from chengxin.credit.codes import giving
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.models import Elsewhere
from chengxin.credit.commitments import queries as commitments
from chengxin.credit.commitments import templates
from chengxin.credit.commitments.templates import Template
from chengxin.credit.publishing.city import face
from chengxin.credit.records import queries as records
from chengxin.credit.records.standing import Standing
from chengxin.credit.scenarios import catalogue
from chengxin.credit.subjects import messages
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.ingest import entering
from chengxin.people import bindings
from chengxin.people.models import Proof, User
from chengxin.people.roles import ROLES
from chengxin.people.trail import Actor, Refused

PLACEMENT: Final = "premises"
"""Where a first code hangs: at the door. Others are placed once there is one."""
OFFICE: Final = "信用办"
REASONS_LENGTH: Final = 700
"""Letters of the reasons that a message repeats; twenty items may each have one of five hundred."""
OFFERED_AT_MOST: Final = 6
"""Commitments that are offered at once, the most fitting: nobody reads more."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an application as it came in."""

    application: int
    state: str  # approved, waiting
    serial: int | None
    checks: tuple[Check, ...]
    is_news: bool = True  # not: it had come already, and nothing was done again


def facts(*, subject: str, person: User | None, body: Mapping[str, Any], today: date) -> Facts:
    """Return what is known of a business and of whoever applies for it; nobody: somebody stands at a counter.

    Of papers, commitments and what stands declared, as far as the body speaks of them.
    """
    registered = subjects.registrations([subject])
    held = bindings.of(person, subject) if person is not None else None
    items = rules.items_of(body)
    proofs = [item.proof for item in items if item.proof is not None]
    template = body.get("commitment", {}).get("template", "")
    return Facts(
        registration=registered[0] if registered else None,
        is_coded=has_code(subject),
        is_coded_elsewhere=is_coded_elsewhere(subject),
        waiting=queries.waiting_count(subject),
        binding="counter" if person is None else held.state if held is not None else "",
        part=held.part if held is not None else "",
        is_contested=bool(held is not None and held.contested and held.state != "accepted"),
        proofs=frozenset(
            Proof.objects.filter(pk__in=proofs, subject=subject, about="declaration").values_list("id", flat=True)
        )
        if proofs
        else frozenset(),
        scenarios=frozenset(catalogue.scenarios()),
        templates=frozenset(one.name for one in offered(registered[0], today=today))
        if registered and template
        else frozenset(),
        standing=frozenset(one.body.get("ZY_BH", "") for one in declarations(subject))
        if any(item.revises for item in items)
        else frozenset(),
        was_frozen=subject in giving.was_frozen([subject]),
    )


def offered(registration: Registered, *, today: date) -> list[Template]:
    """Return the commitments that a business can make now: for its trade, not made already, and with a unit to accept them."""
    area = subjects.area_of([registration.subject]).get(registration.subject, "")
    return [
        one
        for one in templates.for_business(industry=registration.industry)[:OFFERED_AT_MOST]
        if commitments.accepting(one, area=area) is not None
        and (one.name, None) not in commitments.signed(registration.subject, today=today, template=one.name)
    ]


def has_code(subject: str) -> bool:
    """Tell whether a business has a code here that is not gone for good, so that it needs no other one."""
    dead = codes.dead_prefixes()
    return any(
        code.state in ("active", "paused", "frozen")
        and not (code.profile == "full" and code.token.startswith(tuple(dead)))
        for code in codes.standing([subject])
    )


def is_coded_elsewhere(subject: str) -> bool:
    """Tell whether a business has a code that somebody else issued."""
    newest = Elsewhere.objects.filter(subject=subject).order_by("-id").values_list("gone", flat=True).first()
    return newest is False


def declarations(subject: str) -> list[Standing]:
    """Return what a business says of itself now, newest first: what it took back is not among it."""
    return [
        one for one in records.standing([subject]) if one.kind == entering.DECLARATION and one.body.get("ZY_ZT") != "2"
    ]


def key_of(said: str) -> str:
    """Return the key of a form, by which what is sent twice is one; a fresh one where the form carries none of ours."""
    return said if _KEY.fullmatch(said) else uuid4().hex


_KEY: Final = re.compile(r"[0-9a-f]{32}")


# ---- Sending in --------------------------------------------------------------------------------------------------------


@transaction.atomic
def send(*, subject: str, way: str, draft: Mapping[str, Any], person: User | None, by: Actor, at: datetime) -> Sent:
    """Send in what was filled in: what passes the checks is done at once, what does not waits for a clerk.

    The same draft sent twice is one application: the second time nothing is done.

    :raises Refused: something is to be mended first; the first such thing.
    """
    actions.lock(subject)
    key = str(draft.get("key", ""))
    if (before := queries.by_key(subject, key)) is not None:
        return _sent(before)
    today = timezone.localdate(at)
    known = facts(subject=subject, person=person, body=draft, today=today)
    found = rules.checks(draft, known, today=today)
    if refusal := rules.why_not_send(found):
        raise Refused(refusal)
    parts = rules.begun(draft, found, wants_code=not known.is_coded)
    if not parts and not draft.get("scenarios"):
        raise Refused("没有要提交的内容。")
    reference = (
        draft["paper"] if person is None and draft.get("paper") else f"网上同意（{draft.get('consent', '')} 版）"
    )
    done = _do(subject, draft, parts, before={}, way=way, reference=reference, person=person, by=by, at=at)
    number = actions.send(
        subject=subject,
        way=way,
        key=key,
        body=draft,
        checks=found,
        parts=done,
        area=subjects.area_of([subject]).get(subject, ""),
        person=person,
        today=today,
        by=by,
        at=at,
    )
    _tell_sent(subject, done, at=at)
    state = rules.state_of(done)
    return Sent(number, state, _serial(done), tuple(found))


def _sent(before: Filed) -> Sent:
    checks = tuple(Check(**said) for said in before.application.checks)
    return Sent(before.application.id, before.state, _serial(before.parts), checks, is_news=False)


def _serial(parts: Mapping[str, Part]) -> int | None:
    code = parts.get("code")
    return int(code.number) if code is not None and code.number else None


def _do(
    subject: str,
    body: Mapping[str, Any],
    parts: Mapping[str, Part],
    *,
    before: Mapping[str, Part],
    way: str,
    reference: str,
    person: User | None,
    by: Actor,
    at: datetime,
) -> dict[str, Part]:
    """Do what parts say is to be shown and was not before; return them with the numbers that came of it."""
    done = dict(parts)
    fresh = [about for about, part in parts.items() if part.state == "shown" and before.get(about, part).number == ""]
    if "code" in fresh:
        issued = codes_actions.issue(
            subjects=[subject],
            consent=reference,
            by=by,
            at=at,
            signer=codes_actions.signer(folder=settings.KEYS_DIR, by=by, at=at),
            placement=PLACEMENT,
            way=way,
            version=str(body.get("consent", "")),
        )[0]
        if issued.serial is None:
            raise Refused(f"{issued.refusal}。")
        done["code"] = replace(parts["code"], number=str(issued.serial))
    items = rules.items_of(body)
    places = [place for place, _ in enumerate(items, start=1) if f"item {place}" in fresh]
    if places:
        numbers = entering.declare(subject=subject, items=[items[place - 1] for place in places], by=by, at=at)
        for place, number in zip(places, numbers, strict=True):
            done[f"item {place}"] = replace(parts[f"item {place}"], number=number)
    if "commitment" in fresh:
        number = entering.commit(
            subject=subject,
            template=str(body["commitment"]["template"]),
            by=by,
            person=person.pk if person else None,
            at=at,
        )
        done["commitment"] = replace(parts["commitment"], number=number)
    return done


def _tell_sent(subject: str, parts: Mapping[str, Part], *, at: datetime) -> None:
    waits = any(part.state == "waiting" for part in parts.values())
    code = parts.get("code")
    if code is not None and code.state == "shown":
        title = "诚信码已签发"
        text = "可以下载海报、门贴等载体，贴在顾客看得到的地方。"
        text += "填报和承诺由工作人员核对，三个工作日内办结。" if waits else ""
        page = "my-codes"
    elif waits:
        title, text, page = "申请已收到", "由工作人员核对，三个工作日内办结，结果会在这里告诉您。", "my-applications"
    elif parts:
        title, text, page = "填报已展示", "填报的内容已经显示在扫码页上。", "my-declarations"
    else:
        return
    messages.tell(subjects=[subject], about="application", title=title, text=text, by=office(), at=at, page=page)


def office() -> str:
    """Return who speaks to a business: the office, by its name."""
    return face().city.office or OFFICE


# ---- Deciding ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    *,
    subject: str,
    application: int,
    state: str,
    why: str,
    by: Actor,
    at: datetime,
    refused: Mapping[str, str] | None = None,
) -> None:
    """Decide an application that waits: what is approved is done, and the business is told, with the reasons.

    :param state: `approved` or `refused`; `refused` part by part with its reason where the rest is approved.
    :raises Refused: somebody else decided it, a reason is missing, or whoever applied is not confirmed yet.
    """
    partly = dict(refused or {})
    approve = state == "approved"
    one = actions.claim(subject=subject, application=application)
    is_appeal = one.state == "appealed"
    person = User.objects.filter(pk=one.application.person).first() if one.application.person else None
    after = rules.decided(one.parts, approve=approve, why=why, refused=partly, appeal=is_appeal)
    fresh = {about for about, part in after.items() if part.state == "shown" and not part.number}
    binding = _binding(one, person, subject)
    refusal = rules.why_not_decide(
        approve=approve, why=why, refused=partly, binding=binding, says_something=bool(fresh - {"code"})
    )
    refusal = refusal or rules.why_not_same(
        is_appeal=is_appeal,
        refused_by=one.refusal.by if one.refusal else "",
        by=by.name,
        others=others(by.name, area=subjects.area_of([subject]).get(subject, "")),
    )
    if refusal:
        raise Refused(refusal)
    if "code" in fresh and has_code(subject):
        raise Refused("它已经有了诚信码，这份申请不用再发码。")
    done = _do(
        subject,
        one.application.body | {"consent": one.application.consent},
        after,
        before=one.parts,
        way=one.application.way,
        reference=one.application.body.get("paper") or f"网上同意（{one.application.consent} 版）",
        person=person,
        by=by,
        at=at,
    )
    _tell_decided(subject, one, done, is_appeal=is_appeal, at=at)
    actions.decide(one=one, parts=done, why=why, by=by, at=at)


def _binding(one: Filed, person: User | None, subject: str) -> str:
    if one.application.way == "counter":
        return "counter"
    held = bindings.of(person, subject) if person is not None else None
    return held.state if held is not None else ""


def deciders(*, area: str | None) -> QuerySet[User]:
    """Return the people of the office, also those who have left, who decide applications of an area; None: of any."""
    deciding = [role for role in ROLES.values() if "application.decide" in role.may]
    if area is None:
        return User.objects.filter(role__in=[role.name for role in deciding])
    found = Q(role__in=[role.name for role in deciding if role.sees == "all"])
    if area:
        local = [role.name for role in deciding if role.sees != "all"]
        found |= Q(role__in=local, unit__area=area, unit__is_active=True)
    return User.objects.filter(found)


def others(name: str, *, area: str) -> int:
    """Return how many other people of the office may decide applications of an area."""
    return deciders(area=area).filter(is_active=True).exclude(username=name).count()


def _tell_decided(subject: str, one: Filed, parts: Mapping[str, Part], *, is_appeal: bool, at: datetime) -> None:
    turned = {about: part for about, part in parts.items() if part != one.parts[about] or is_appeal}
    passed = sum(part.state == "shown" for part in turned.values())
    refused = [part for part in turned.values() if part.state == "refused"]
    code = turned.get("code")
    words = []
    if code is not None and code.state == "shown":
        words.append("诚信码已签发，可以下载载体了。")
        passed -= 1
    if passed:
        words.append(f"{passed} 项内容已通过，显示在扫码页上。")
    if refused:
        reasons = "；".join(dict.fromkeys(part.why for part in refused))
        if len(reasons) > REASONS_LENGTH:
            reasons = f"{reasons[:REASONS_LENGTH]}……（全部原因见申请页面）"
        words.append(f"{len(refused)} 项没有通过：{reasons.rstrip('。')}。")
        words.append("申诉的决定为最后决定。" if is_appeal else "不认可的，可以在申请页面申诉一次。")
    title = "申诉有了决定" if is_appeal else "申请有了结果"
    messages.tell(
        subjects=[subject],
        about="application",
        title=title,
        text="".join(words) or "已办结。",
        by=office(),
        at=at,
        page="my-applications",
    )


# ---- What a business takes back ----------------------------------------------------------------------------------------


@transaction.atomic
def take_back(*, subject: str, number: str, by: Actor, at: datetime) -> None:
    """Take back something that a business says of itself: it is gone when this returns, for everybody.

    The card comes off the board in this act; a worker posts it anew, without the item, within a second.

    :raises Refused: there is nothing of this number that stands.
    """
    actions.lock(subject)
    said = next((one for one in declarations(subject) if one.body.get("ZY_BH") == number), None)
    if said is None:
        raise Refused("这一项已经撤回了，或者没有这一项。")
    entering.declare(subject=subject, items=[replace(declared(said), withdrawn=True)], by=by, at=at)
    board.take_down(holders=[subject])


def declared(said: Standing) -> Declared:
    """Return what a business says of itself, as it stands in its record, in the form that it is written in."""
    body = said.body

    def day(code: str) -> date | None:
        return date.fromisoformat(body[code]) if body.get(code) else None

    note = body.get("BZ", "").removeprefix("证明材料 ")
    return Declared(
        kind=body.get("ZY_LX", ""),
        title=body.get("ZY_BT", ""),
        text=body.get("ZY_NR", ""),
        issuer=body.get("ZY_SYDW", ""),
        number=body.get("ZY_WH", ""),
        given_on=day("ZY_SYRQ"),
        valid_to=day("ZY_YXQZ"),
        proof=int(note) if note.isdecimal() else None,
        revises=body.get("ZY_BH", ""),
    )
