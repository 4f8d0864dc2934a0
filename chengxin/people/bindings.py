"""绑定: who acts for which business; how that comes about, is looked at, and ends.

Nobody takes a business over: whoever claims one that somebody stands for waits until the office has looked at both.
Whoever is let go is out with the next request, since the gate asks each time. The trail names people by their accounts'
names, which say nothing, and holds no name and no number.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from chengxin.people import parts, trail
from chengxin.people.models import Binding, Call, Phone, User
from chengxin.people.queries import digest
from chengxin.people.roles import ROLES
from chengxin.people.trail import Actor, Refused
from chengxin.terms import area as areas
from chengxin.terms import privacy

BOUND: Final = ("provisional", "accepted")
OPEN: Final = ("waiting", "provisional")
LIVE: Final = (*OPEN, "accepted")
RIVALS: Final = ("legal", "agent")
"""The parts that speak for a business: beside somebody of these another claim is a contest. Staff are no rivals."""
LOCK: Final = 0x6269_6E64  # "bind": one change of who acts for a business at a time
DECIDE: Final = "application.decide"
"""The permission of whoever looks at claims."""

CLAIMS_AT_MOST: Final = 10
"""Businesses that somebody may wait for at a time."""
TRIES_AT_MOST: Final = 3
"""Claims of one business that somebody may have refused or given up within the days below."""
TRIES_WITHIN: Final = timedelta(days=30)
PEOPLE_AT_MOST: Final = 200
CALLS_AT_MOST: Final = 50
GOOD_FOR: Final = timedelta(days=7)
WHY_LENGTH: Final = 500
APPEAL_AT_LEAST: Final = 5

DONE: Final = "这条绑定已经处理过了，请刷新后再看。"


class Gone(Refused):
    """An invitation opens nothing: it was used, is over, was taken back, or is for another telephone number."""


# ---- Questions ---------------------------------------------------------------------------------------------------


def of(user: User, subject: str) -> Binding | None:
    """Return by what somebody acts for a business, or None if not at all."""
    return Binding.objects.filter(user=user, subject=subject, state__in=BOUND).first()


def held(user: User, *, limit: int = 200) -> list[Binding]:
    """Return the businesses that somebody acts for, or asked to, oldest first, bounded."""
    return list(Binding.objects.filter(user=user).exclude(state="ended").order_by("id")[:limit])


def people_of(subject: str, *, states: Sequence[str] = LIVE, limit: int = PEOPLE_AT_MOST) -> list[Binding]:
    """Return who acts for a business, or asks to, each with their account, oldest first, bounded."""
    found = Binding.objects.filter(subject=subject, state__in=list(states)).select_related("user")
    return list(found.order_by("id")[:limit])


def queue(*, area: str | None, state: str = "", subject: str = "") -> QuerySet[Binding]:
    """Return the claims of a governing area (None: of all), the next deadline first; of a state, of a business.

    Without a state: those that wait for the office.
    """
    found = Binding.objects.select_related("user")
    # Who is in doubt and has handed in nothing yet is nothing to look at.
    waiting = Q(state__in=OPEN) & ~(Q(state="provisional", decided_at__isnull=False, due_on=None))
    found = found.filter(state=state) if state else found.filter(waiting)
    if subject:
        found = found.filter(subject=subject)
    if area is not None:
        found = found.filter(within(area))
    return found.order_by("due_on", "id") if not state else found.order_by("-decided_at", "-id")


def within(area: str) -> Q:
    """Return what tells apart the rows whose `area` somebody of a governing area governs (terms.area.governs)."""
    if not area:
        return Q()
    inside = [one.code for one in areas.own() if areas.governs(area, one.code)]
    of_city = Q(area__startswith=area[:4]) if area.endswith("00") else Q()
    return Q(area=area) | Q(area__in=inside) | of_city


def others_decide(binding: Binding) -> bool:
    """Tell whether somebody else than who refused a claim is there to look at the appeal."""
    roles = [role.name for role in ROLES.values() if DECIDE in role.may]
    colleagues = User.objects.filter(is_active=True, role__in=roles).exclude(username=binding.decided_by)
    rows = colleagues.select_related("unit").order_by("id")[:1000]
    return any(
        ROLES[one.role].sees == "all"
        or (
            one.unit is not None and one.unit.is_active and one.unit.area and areas.governs(one.unit.area, binding.area)
        )
        for one in rows
    )


def calls(subject: str, *, at: datetime) -> list[Call]:
    """Return the invitations of a business that still open something, newest first."""
    found = Call.objects.filter(subject=subject, ended_at=None, expires_at__gt=at).select_related("by__user")
    return list(found.order_by("-id")[:CALLS_AT_MOST])


def called(user: User, *, at: datetime, limit: int = 20) -> list[Call]:
    """Return the invitations that are for the telephone number of somebody, newest first."""
    number = number_of(user)
    if not number:
        return []
    found = Call.objects.filter(phone=number, ended_at=None, expires_at__gt=at, by__state="accepted")
    return list(found.select_related("by__user").order_by("-id")[:limit])


def call(token: str, *, at: datetime) -> Call | None:
    """Return the invitation behind a link, or None if it opens nothing."""
    found = Call.objects.filter(digest=digest(token), ended_at=None, expires_at__gt=at, by__state="accepted")
    return found.select_related("by__user").first()


def is_in_doubt(binding: Binding) -> bool:
    """Tell whether a binding stood accepted once and is provisional since it was doubted that it is still the same person."""
    return binding.state == "provisional" and binding.decided_at is not None


def may(held: Binding, act: str) -> bool:
    """Tell whether somebody may do something for the business that they act for."""
    if is_in_doubt(held) and act not in parts.IN_DOUBT:
        return False  # who was given a number of somebody else's ends no code of the business and takes nothing back
    return parts.may(held.part, held.state, act)


def has_doubts(user: User) -> bool:
    """Tell whether anything that an account acts by is in doubt."""
    return Binding.objects.filter(user=user, state="provisional", decided_at__isnull=False).exists()


def number_of(user: User) -> str:
    """Return the verified telephone number of an account, or nothing."""
    found = Phone.objects.filter(user=user, verified_at__isnull=False).values_list("number", flat=True).first()
    return found or ""


def numbers_of(users: Sequence[int]) -> dict[int, str]:
    """Return the verified telephone number of each of these accounts that has one."""
    found = Phone.objects.filter(user__in=list(users), verified_at__isnull=False)
    return dict(found.values_list("user_id", "number"))


# ---- Claiming ----------------------------------------------------------------------------------------------------


@transaction.atomic
def claim(
    *,
    user: User,
    subject: str,
    part: str,
    level: str,
    name: str = "",
    state: str | None = None,
    proofs: Sequence[int] = (),
    area: str = "",
    due_on: date | None = None,
    by: Actor,
    at: datetime,
) -> Binding:
    """Let somebody ask to act for a business, and return what came of it.

    What they are at once follows from how they show who they are (`parts.LEVELS`), or is less (`state`). Where somebody
    else speaks for the business, or asks to, the claim waits whatever it is shown by, and changes nothing for them.

    :raises Refused: they act for it already or have asked, the part is not shown that way, or they ask too often.
    """
    how = parts.LEVELS[level]
    if part not in how.parts:
        raise Refused("这样的证明方式不能用于这个身份。")
    _lock(subject)
    if (stands := Binding.objects.filter(user=user, subject=subject, state__in=LIVE).first()) is not None:
        raise Refused(
            "您已经提交过这家的绑定申请，请等候结果。"
            if stands.state == "waiting"
            else "您已经绑定了这家，不用再绑定。"
        )
    if level != "counter":
        _check_tries(user, subject, at)
    # The e-licence is what a rival without one would be asked for: only another legal representative contests it.
    contested = (
        _others(user, subject).filter(part__in=("legal",) if level in ("licence", "counter") else RIVALS).exists()
    )
    reached = "waiting" if contested else (state or how.state)
    made = Binding.objects.create(
        user=user,
        subject=subject,
        part=part,
        proven_by=level,
        name=" ".join(name.split())[:60],
        state=reached,
        proofs=list(proofs),
        contested=contested,
        area=area,
        asked_at=at,
        due_on=due_on if reached in OPEN else None,
        decided_at=at if reached == "accepted" else None,
        decided_by=by.name if reached == "accepted" else "",
    )
    detail = {"user": user.username, "part": part, "way": level, "state": reached}
    _note("binding.ask", made, by, at, **detail, **({"contested": True} if contested else {}))
    return made


@transaction.atomic
def claim_by_licence(
    *, user: User, subject: str, part: str, at: datetime, area: str = "", due_on: date | None = None
) -> Binding:
    """Bind somebody to the business whose e-licence they just showed. What they asked for before is closed by it.

    :raises Refused: they ask too often.
    """
    by = Actor(user.username, user.role)
    _lock(subject)
    stands = Binding.objects.select_for_update().filter(user=user, subject=subject, state__in=LIVE).first()
    if stands is not None and stands.proven_by == "licence" and stands.part == part:
        return stands
    if stands is not None:
        if stands.state == "accepted" and stands.part == part:
            return stands
        _end(stands, why="改用电子营业执照证明身份", by=by, at=at)
    return claim(user=user, subject=subject, part=part, level="licence", area=area, due_on=due_on, by=by, at=at)


@transaction.atomic
def decide(*, binding: int, accept: bool, why: str = "", ends: Sequence[int] = (), by: Actor, at: datetime) -> Binding:
    """Accept or refuse a claim; with `ends`, let go those others of the business whom it proved wrong.

    :raises Refused: it is decided already, the reason is missing, or an appeal is for somebody else to look at.
    """
    found = _locked(binding)
    if found.state not in OPEN:
        raise Refused(DONE)
    why = _why(why, needed=not accept or bool(ends))
    is_appeal = bool(found.appeal) and not is_in_doubt(found)
    if is_appeal and found.decided_by == by.name and others_decide(found):
        raise Refused("这条申诉针对的是您自己的决定，请由另一位同事处理。")
    alone = is_appeal and found.decided_by == by.name
    let_go = list(_others(found.user, found.subject).select_for_update().filter(pk__in=list(ends)))
    if len(let_go) != len(set(ends)):
        raise Refused(DONE)
    if ends and not accept:
        raise Refused("不通过这条申请时，不能结束其他人的绑定。")
    for other in let_go:
        _end(other, why=why, by=by, at=at)
    found.state = "accepted" if accept else "refused"
    found.why, found.decided_at, found.decided_by, found.due_on = why, at, by.name, None
    found.save()
    _note(
        "binding.accept" if accept else "binding.refuse",
        found,
        by,
        at,
        user=found.user.username,
        part=found.part,
        **({"appeal": True} if is_appeal else {}),
        # Nobody else was there to look at it: said, so that whoever reads the trail sees it (回避).
        **({"alone": True} if alone else {}),
        **({"ended": [one.user.username for one in let_go]} if let_go else {}),
    )
    return found


@transaction.atomic
def appeal(
    *, binding: int, user: User, words: str, proofs: Sequence[int] = (), due_on: date | None, at: datetime
) -> Binding:
    """Let somebody appeal, once, against what was refused, with words and further papers. It waits for somebody else.

    :raises Refused: it is not theirs, was not refused, was appealed before, or nothing is said.
    """
    found = _locked(binding)
    words = " ".join(words.split())
    if found.user_id != user.pk or found.state != "refused":
        raise Refused("这条绑定不能申诉。")
    if found.appeal:
        raise Refused("已经申诉过一次了；还有不同意见，请到信用办当面反映。")
    if not APPEAL_AT_LEAST <= len(words) <= WHY_LENGTH:
        raise Refused(f"请用 {APPEAL_AT_LEAST} 至 {WHY_LENGTH} 个字写明为什么应当通过。")
    if privacy.find(words):
        raise Refused("申诉里不要写身份证号、电话；需要的话，请放在证明材料里。")
    if Binding.objects.filter(user=user, subject=found.subject, state__in=LIVE).exists():
        raise Refused("您对这家另有一条绑定，请看那一条。")
    found.state, found.appeal, found.due_on = "waiting", words, due_on
    found.proofs = [*found.proofs, *proofs]
    found.contested = _others(user, found.subject).filter(part__in=RIVALS).exists()
    found.save()
    _note("binding.appeal", found, Actor(user.username, user.role), at)
    return found


# ---- Who stands ----------------------------------------------------------------------------------------------------


@transaction.atomic
def end(*, binding: int, why: str, by: Actor, at: datetime) -> Binding:
    """Let somebody of a business go, by the office: out with the next request.

    :raises Refused: there is nothing to end, or no reason.
    """
    found = _locked(binding)
    if found.state not in LIVE:
        raise Refused(DONE)
    return _end(found, why=_why(why, needed=True), by=by, at=at)


@transaction.atomic
def let_go(*, binding: int, by: Binding, at: datetime) -> Binding:
    """Let somebody of a business go, by one of its own people who gives that part; or leave it oneself.

    :raises Refused: it is not theirs to end.
    """
    found = _locked(binding)
    acting = _locked(by.pk)
    is_self = found.pk == acting.pk
    if is_self and is_in_doubt(found):
        raise Refused("请先证明是您本人，再退出。")
    is_theirs = found.subject == acting.subject and parts.gives(acting.part, acting.state, found.part)
    if found.state not in LIVE or acting.state not in LIVE or not (is_self or is_theirs):
        raise Refused("这条绑定不由您结束；需要的话，请联系信用办。")
    why = "本人退出" if is_self else "由本主体的人结束"
    return _end(found, why=why, by=_actor(acting.user), at=at)


@transaction.atomic
def end_all(*, user: User, why: str, by: Actor, at: datetime) -> None:
    """End everything that somebody is bound to, or asked to be: their account is closed."""
    for found in Binding.objects.select_for_update().filter(user=user, state__in=LIVE).select_related("user"):
        _end(found, why=why, by=by, at=at)


@transaction.atomic
def hand_over(*, to: int, by: Binding, at: datetime) -> Binding:
    """Let the one in charge of a business hand that over to one of its agents, and be an agent from then on.

    :raises Refused: either is not what they would have to be any more.
    """
    acting, found = _locked(by.pk), _locked(to)
    if (acting.part, acting.state) != ("legal", "accepted"):
        raise Refused("只有已核实的法定代表人或负责人可以移交。")
    if (found.subject, found.part, found.state) != (acting.subject, "agent", "accepted"):
        raise Refused("请先把接手的人设为经办人，再移交。")
    who = _actor(acting.user)
    for one, part in ((acting, "agent"), (found, "legal")):
        # A row says how somebody came to a part, so another part is another row.
        Binding.objects.filter(pk=one.pk).update(state="ended", why="移交", decided_at=at, decided_by=who.name)
        Binding.objects.create(
            user=one.user,
            subject=one.subject,
            part=part,
            proven_by="invited",
            name=one.name,
            state="accepted",
            area=one.area,
            asked_at=at,
            decided_at=at,
            decided_by=who.name,
            seen_at=one.seen_at,
        )
    _drop_calls(acting, at)
    _note("binding.hand-over", found, who, at, user=found.user.username)
    return Binding.objects.get(user=found.user, subject=found.subject, state="accepted")


@transaction.atomic
def doubt(*, user: User, why: str, due_on: date | None, by: Actor, at: datetime) -> list[Binding]:
    """Make whatever somebody speaks for a business by provisional again, until they prove themselves or the office has looked.

    Without `due_on` it comes to the office's queue when they have handed in papers (`show_again`). Returns what is doubted.
    """
    rows = Binding.objects.filter(user=user, state="accepted", part__in=RIVALS).order_by("subject")
    doubted = []
    for found in [_locked(pk) for pk in rows.values_list("pk", flat=True)]:
        if found.state != "accepted":
            continue
        found.state, found.why, found.due_on = "provisional", why, due_on
        found.save(update_fields=["state", "why", "due_on"])
        _note("binding.doubt", found, by, at, user=user.username)
        doubted.append(found)
    return doubted


@transaction.atomic
def assure(*, user: User, way: str, at: datetime) -> None:
    """End every doubt about an account: its owner has proved themselves by `way`, which nobody has with the number alone."""
    rows = Binding.objects.filter(user=user, state="provisional", decided_at__isnull=False).order_by("subject")
    for found in [_locked(pk) for pk in rows.values_list("pk", flat=True)]:
        if not is_in_doubt(found):
            continue
        found.state, found.why, found.due_on = "accepted", "", None
        found.save(update_fields=["state", "why", "due_on"])
        _note("binding.assure", found, _actor(user), at, way=way)


@transaction.atomic
def show_again(*, binding: int, user: User, proofs: Sequence[int], due_on: date, at: datetime) -> Binding:
    """Let somebody in doubt hand in papers once more; the office looks at them like at a claim.

    :raises Refused: it is not theirs, or not in doubt.
    """
    found = _locked(binding)
    if found.user_id != user.pk or not is_in_doubt(found):
        raise Refused(DONE)
    found.proofs, found.due_on = [*found.proofs, *proofs], found.due_on or due_on
    found.save(update_fields=["proofs", "due_on"])
    _note("binding.show", found, _actor(user), at)
    return found


def read_messages(held: Binding, *, at: datetime) -> None:
    """Note that somebody has read what their business was told. Each person's own: another's stay unread."""
    Binding.objects.filter(pk=held.pk).update(seen_at=at)


# ---- Taking on -----------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(*, by: Binding, part: str, phone: str = "", at: datetime) -> str:
    """Make a link that takes somebody on for a business, and return what stands in it; it is told once.

    With a telephone number it opens for that number's account alone, which finds it on its own page too.

    :raises Refused: the part is not theirs to give, or too many links are open.
    """
    acting = _locked(by.pk)
    if not parts.gives(acting.part, acting.state, part):
        raise Refused("这个身份不能由您邀请。")
    if Call.objects.filter(subject=acting.subject, ended_at=None, expires_at__gt=at).count() >= CALLS_AT_MOST:
        raise Refused(f"还没用的邀请已有 {CALLS_AT_MOST} 个，请先收回不用的。")
    token = secrets.token_urlsafe(24)
    made = Call.objects.create(
        digest=digest(token),
        subject=acting.subject,
        part=part,
        phone=phone,
        by=acting,
        made_at=at,
        expires_at=at + GOOD_FOR,
    )
    trail.note(
        by=_actor(acting.user),
        verb="binding.invite",
        thing=f"call {made.pk}",
        at=at,
        detail={"subject": acting.subject, "part": part},
    )
    return token


@transaction.atomic
def take_back(*, call: int, by: Binding, at: datetime) -> None:
    """End an invitation before anybody uses it.

    :raises Refused: it is over, or was made for a part that is not theirs to give.
    """
    found = Call.objects.select_for_update().filter(pk=call, subject=by.subject, ended_at=None).first()
    if found is None or not parts.gives(by.part, by.state, found.part):
        raise Refused("这个邀请已经用过、过期或收回了。")
    Call.objects.filter(pk=found.pk).update(ended_at=at, phone="")
    trail.note(
        by=_actor(by.user),
        verb="binding.invite-end",
        thing=f"call {found.pk}",
        at=at,
        detail={"subject": found.subject},
    )


@transaction.atomic
def join(*, call: int, user: User, at: datetime) -> Binding:
    """Let somebody come in by an invitation, and return by what they act. Of two at once one wins.

    :raises Gone: it opens nothing for this account.
    :raises Refused: they act for the business already, or it has too many people.
    """
    found = Call.objects.select_for_update().filter(pk=call, ended_at=None, expires_at__gt=at).first()
    if found is None or (found.phone and found.phone != number_of(user)):
        raise Gone("这个邀请不能用了，或者不是发给这个手机号的；请让对方再发一次。")
    _lock(found.subject)
    acting = Binding.objects.select_related("user").get(pk=found.by_id)
    # Whoever has left, or was let go, takes nobody on any more.
    if not parts.gives(acting.part, acting.state, found.part):
        raise Gone("这个邀请不能用了；请让对方再发一次。")
    stands = Binding.objects.select_for_update().filter(user=user, subject=found.subject, state__in=LIVE).first()
    if stands is not None and stands.state == "accepted":
        raise Refused("您已经绑定了这家，不用再加入。")
    if Binding.objects.filter(subject=found.subject, state__in=LIVE).count() >= PEOPLE_AT_MOST:
        raise Refused(f"这家已经有 {PEOPLE_AT_MOST} 个人，不能再加；请先结束不在的人。")
    who = _actor(user)
    if stands is not None:
        _end(stands, why="改为接受邀请", by=who, at=at)
    made = Binding.objects.create(
        user=user,
        subject=found.subject,
        part=found.part,
        proven_by="invited",
        state="accepted",
        area=acting.area,
        asked_at=at,
        decided_at=at,
        decided_by=acting.user.username,
    )
    Call.objects.filter(pk=found.pk).update(ended_at=at, phone="")
    _note("binding.join", made, who, at, part=found.part, by=acting.user.username)
    return made


# ---- Within --------------------------------------------------------------------------------------------------------


def _lock(subject: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, subject])


def _locked(binding: int) -> Binding:
    subject = Binding.objects.filter(pk=binding).values_list("subject", flat=True).first()
    if subject is None:
        raise Refused("没有这条绑定。")
    _lock(subject)
    return Binding.objects.select_for_update(of=("self",)).select_related("user").get(pk=binding)


def _others(user: User, subject: str) -> QuerySet[Binding]:
    return Binding.objects.filter(subject=subject, state__in=LIVE).exclude(user=user)


def _check_tries(user: User, subject: str, at: datetime) -> None:
    mine = Binding.objects.filter(user=user)
    if mine.filter(state__in=OPEN).count() >= CLAIMS_AT_MOST:
        raise Refused(f"您等候审核的绑定已有 {CLAIMS_AT_MOST} 条，请等有了结果再申请。")
    tried = mine.filter(subject=subject, state__in=("refused", "ended"), asked_at__gt=at - TRIES_WITHIN)
    if tried.exclude(proven_by="invited").count() >= TRIES_AT_MOST:
        raise Refused("这家您近 30 天里已申请多次，请带证照到信用办或政务大厅办理。")


def _why(why: str, *, needed: bool) -> str:
    why = " ".join(why.split())
    if needed and len(why) < 2:
        raise Refused("请写明理由。")
    if len(why) > WHY_LENGTH:
        raise Refused(f"理由最多 {WHY_LENGTH} 个字。")
    if privacy.find(why):
        raise Refused("理由里不要写身份证号、电话等个人信息。")
    return why


def _end(found: Binding, *, why: str, by: Actor, at: datetime) -> Binding:
    found.state, found.why, found.decided_at, found.decided_by, found.due_on = "ended", why, at, by.name, None
    found.save()
    _drop_calls(found, at)
    _note("binding.end", found, by, at, user=found.user.username)
    return found


def _drop_calls(found: Binding, at: datetime) -> None:
    """End the invitations of somebody who is no more what they were: what they gave out would open nothing anyway."""
    Call.objects.filter(by=found, ended_at=None).update(ended_at=at, phone="")


def _actor(user: User) -> Actor:
    return Actor(user.username, user.role)


def _note(verb: str, binding: Binding, actor: Actor, at: datetime, **detail: object) -> None:
    trail.note(by=actor, verb=verb, thing=f"binding {binding.pk}", at=at, detail={"subject": binding.subject, **detail})
