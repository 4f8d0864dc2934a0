"""绑定 across the domains: what a claim, a decision and an end bring about, each one transaction.

Who acts for whom is kept in `people.bindings`, which knows no businesses; here the register is asked, papers are kept, and
the business is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chengxin.credit.applications import rules
from chengxin.credit.publishing.city import face
from chengxin.credit.subjects import messages
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.people import bindings, owners, parts
from chengxin.people.models import Binding, User
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared import proofs
from chengxin.portals.shared.proofs import Cleaned
from chengxin.terms import entity

OFFICE: Final = "信用办"
PEOPLE: Final = "my-people"
WOKE: Final = "账号很久没有登录，这次只凭短信验证码登录，请核对证照。"
CHANGED_HANDS: Final = "原来的登录号码已归别人使用，请核实本人是否还为这家办事。"

Match = Literal["same", "other", "unknown"]
_HIDDEN: Final = re.compile(r"[*＊×xX某○]")


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is asked for: in which part, shown by what, under which name."""

    part: str
    level: str
    name: str


def match(typed: str, registered: Registered) -> Match:
    """Tell whether a name is that of the one in charge as registered; a masked or missing one says nothing."""
    stands = _folded(registered.body.get("LEREP", ""))
    if not stands or _HIDDEN.search(stands):
        return "unknown"
    return "same" if _folded(typed) == stands else "other"


def _folded(name: str) -> str:
    kept = unicodedata.normalize("NFKC", name).upper()
    return "".join(character for character in kept if not character.isspace() and character not in "·•・.")


def due(at: datetime) -> date:
    """Return the last working day for looking at what came in now, the same as for an application."""
    return rules.due(timezone.localdate(at))


def registered(subject: str) -> Registered | None:
    """Return what the register says of a business, or None if it does not have it."""
    return next(iter(subjects.registrations([subject])), None)


def why_not(business: Registered) -> str:
    """Return why nobody can act for a business any more, or nothing."""
    state = entity.STATES.get(business.state)
    if state is not None and state.ended:
        return f"“{business.name}”{state.wording.removeprefix('该主体') or '已不存在。'}不能再绑定。"
    return ""


@transaction.atomic
def ask(*, subject: str, said: Claimed, papers: Sequence[Cleaned], user: User, by: Actor, at: datetime) -> Binding:
    """Let somebody ask to act for a registered business, keep what they hand in, and tell whoever stands for it.

    :raises Refused: the business is not registered or no more, or a paper or the name is missing; see `bindings.claim`.
    """
    business = registered(subject)
    if business is None:
        raise Refused("登记库里没有这个主体，请先登记为新主体。")
    if reason := why_not(business):
        raise Refused(reason)
    how = parts.LEVELS[said.level]
    if how.paper and not papers:
        raise Refused(f"请上传{how.paper}。")
    if len(_folded(said.name)) < 2:
        raise Refused("请写您的姓名。")
    state = how.state
    # By the name alone nobody is more than asked for where the office wants to look first, or the register says no such
    # name (CLAIM_BY_NAME; docs/adr/0027).
    if said.level == "name" and (settings.CLAIM_BY_NAME != "provisional" or match(said.name, business) != "same"):
        state = "waiting"
    made = bindings.claim(
        user=user,
        subject=subject,
        part=said.part,
        level=said.level,
        name=said.name,
        state=state,
        proofs=_kept(papers, subject, user, by, at),
        area=area_of(subject),
        due_on=due(at),
        by=by,
        at=at,
    )
    _tell_of(made, at)
    return made


@transaction.atomic
def by_licence(*, user: User, subject: str, part: str, at: datetime) -> Binding:
    """Bind somebody to the business whose e-licence they just showed, and tell whoever stood for it.

    :raises Refused: they ask too often.
    """
    before = bindings.of(user, subject)
    made = bindings.claim_by_licence(
        user=user, subject=subject, part=part, at=at, area=area_of(subject), due_on=due(at)
    )
    if (before is None or before.pk != made.pk) and registered(subject) is not None:
        _tell_of(made, at)
    return made


@transaction.atomic
def decide(*, binding: int, accept: bool, why: str, ends: Sequence[int], unit: str, by: Actor, at: datetime) -> Binding:
    """Accept or refuse a claim, and tell the business what was decided; `unit` is who says it.

    :raises Refused: see `bindings.decide`.
    """
    found = bindings.decide(binding=binding, accept=accept, why=why, ends=ends, by=by, at=at)
    label = parts.PARTS[found.part].label
    if accept:
        ended = f"同时结束了 {len(ends)} 人的绑定。" if ends else ""
        _tell(found.subject, "有人绑定了本主体", f"一位{label}的身份已核实，可以为本主体办事。{ended}", unit, at)
    elif found.contested:
        _tell(found.subject, "绑定申请没有通过", f"此前申请绑定本主体的一位{label}没有通过核实。", unit, at)
    return found


@transaction.atomic
def appeal(*, binding: int, words: str, papers: Sequence[Cleaned], user: User, by: Actor, at: datetime) -> Binding:
    """Let somebody appeal against what was refused, with words and further papers.

    :raises Refused: see `bindings.appeal`.
    """
    subject = Binding.objects.filter(pk=binding, user=user).values_list("subject", flat=True).first()
    if subject is None:
        raise Refused("这条绑定不能申诉。")
    kept = _kept(papers, subject, user, by, at)
    return bindings.appeal(binding=binding, user=user, words=words, proofs=kept, due_on=due(at), at=at)


@transaction.atomic
def end(*, binding: int, why: str, unit: str, by: Actor, at: datetime) -> Binding:
    """Let somebody of a business go, by the office, and tell those who stay.

    :raises Refused: see `bindings.end`.
    """
    found = bindings.end(binding=binding, why=why, by=by, at=at)
    _tell(
        found.subject, "有人的绑定已结束", f"一位{parts.PARTS[found.part].label}不再为本主体办事：{found.why}", unit, at
    )
    return found


@transaction.atomic
def woke(*, user: User, at: datetime) -> None:
    """Let somebody in again who says that a long unused account is theirs, and has shown its number alone so far."""
    bindings.doubt(user=user, why=WOKE, due_on=None, by=owners.actor(user), at=at)


@transaction.atomic
def show_again(*, binding: int, papers: Sequence[Cleaned], user: User, by: Actor, at: datetime) -> Binding:
    """Let somebody whose account was long unused hand in the licence once more.

    :raises Refused: nothing is handed in; see `bindings.show_again`.
    """
    subject = Binding.objects.filter(pk=binding, user=user).values_list("subject", flat=True).first()
    if subject is None:
        raise Refused(bindings.DONE)
    if not papers:
        raise Refused("请上传营业执照、登记证书或授权书的照片。")
    kept = _kept(papers, subject, user, by, at)
    return bindings.show_again(binding=binding, user=user, proofs=kept, due_on=due(at), at=at)


@transaction.atomic
def begin_anew(*, name: str, number: str, at: datetime) -> User:
    """Open the account of somebody who was given a number that signed in another account, which has not been used for long.

    That account loses it. Whoever acts for its businesses is told, and the office looks whether its owner still does.

    :raises Refused: the name is none, or the account was used in the meantime.
    """
    former = owners.of_number(number)
    if former is not None and not owners.is_asleep(former, at=at, after=timedelta(days=settings.PHONE_SLEEP_DAYS)):
        raise Refused(owners.TAKEN)
    user = owners.sign_up(name=name, number=number, former=former, at=at)
    if former is None:
        return user
    bindings.doubt(user=former, why=CHANGED_HANDS, due_on=due(at), by=owners.actor(user), at=at)
    for held in bindings.held(former):
        if held.state in bindings.BOUND:
            text = (
                f"本主体一位{parts.PARTS[held.part].label}的登录号码已归别人使用，那个号码不能再为本主体办事。"
                "本人还在的，请其用通行密钥登录，或带证照到信用办换号码；不在了的，请结束其绑定。"
            )
            _tell(held.subject, "有人的登录号码换了主人", text, office(), at)
    return user


def office() -> str:
    """Return whose office says what no unit of the directory says."""
    return face().city.office or OFFICE


def area_of(subject: str) -> str:
    """Return the governing area of a business, empty where nothing says one."""
    return subjects.area_of([subject]).get(subject, "")


def _kept(papers: Sequence[Cleaned], subject: str, user: User, by: Actor, at: datetime) -> list[int]:
    return [proofs.keep(one, subject=subject, about="binding", user=user, by=by, at=at).pk for one in papers]


def _tell_of(made: Binding, at: datetime) -> None:
    """Tell a business that somebody asks to act for it, or does; no name of theirs in it."""
    label = parts.PARTS[made.part].label
    if made.contested:
        text = (
            f"有人以{label}的身份申请绑定本主体。本主体现有人员的绑定不受影响，信用办核实后再决定。"
            "如果您不知情，请联系信用办。"
        )
        _tell(made.subject, "有人申请绑定本主体", text, office(), at)
    elif made.state == "accepted":
        how = parts.LEVELS[made.proven_by].label
        _tell(made.subject, "有人绑定了本主体", f"一位{label}凭{how}绑定了本主体。", office(), at)


def _tell(subject: str, title: str, text: str, unit: str, at: datetime) -> None:
    messages.tell(subjects=[subject], about="binding", title=title, text=text[:1000], by=unit, at=at, page=PEOPLE)
