"""新主体: a body that the register does not have asks to be added; a clerk looks at its certificate.

Kindergartens, law firms, clubs and village bodies are registered by other departments than the register of the market comes
from. What is accepted enters by the one way that everything enters (`ingest.entering`); here is only the asking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from chengxin.credit.applications.models import Newcomer
from chengxin.people import bindings, trail
from chengxin.people.models import Proof, User
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

OPEN_AT_MOST: Final = 5
"""Bodies that somebody may wait for at a time."""
TRIES_AT_MOST: Final = 3
"""How often somebody may ask for one body."""
WHY_LENGTH: Final = 500
APPEAL_AT_LEAST: Final = 5
DONE: Final = "这份登记已经处理过了，请刷新后再看。"


def queue(*, area: str | None, state: str = "waiting") -> QuerySet[Newcomer]:
    """Return what was asked for in a governing area (None: in all), the next deadline first; decided ones newest first."""
    found = Newcomer.objects.select_related("user").filter(state=state)
    if area is not None:
        found = found.filter(bindings.within(area))
    return found.order_by("due_on", "id") if state == "waiting" else found.order_by("-decided_at", "-id")


def waited_on() -> list[int]:
    """Return the ids of the papers on which bodies that wait to be added are looked at."""
    waiting = Newcomer.objects.filter(state="waiting").values_list("proofs", flat=True)
    return sorted({proof for proofs in waiting.iterator() for proof in proofs})


def open_of(user: User, *, limit: int = 20) -> list[Newcomer]:
    """Return what somebody asked for that waits, or was refused; bounded."""
    return list(Newcomer.objects.filter(user=user, state__in=("waiting", "refused")).order_by("-id")[:limit])


def others(newcomer: Newcomer) -> list[Newcomer]:
    """Return who else waits to be added under the same code, bounded."""
    found = Newcomer.objects.select_related("user").filter(uscc=newcomer.uscc, state="waiting").exclude(pk=newcomer.pk)
    return list(found.order_by("id")[:20])


@transaction.atomic
def ask(
    *,
    user: User,
    uscc: str,
    body: Mapping[str, str],
    proofs: Sequence[int],
    area: str,
    due_on: date,
    by: Actor,
    at: datetime,
) -> Newcomer:
    """Ask that a body be added; `body` are the columns of the kind `subject`, checked by its rules before.

    :raises Refused: the certificate is missing, the same is asked for already, or too much is.
    """
    if not proofs:
        raise Refused("请上传登记证书的照片。")
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)  # two clicks are one asking
    mine = Newcomer.objects.filter(user=user)
    if mine.filter(uscc=uscc, state="waiting").exists():
        raise Refused("您已经提交过这个主体，请等候结果。")
    if mine.filter(state="waiting").count() >= OPEN_AT_MOST:
        raise Refused(f"您等候核对的新主体已有 {OPEN_AT_MOST} 个，请等有了结果再提交。")
    if mine.filter(uscc=uscc).count() >= TRIES_AT_MOST:
        raise Refused("这个主体您已提交多次，请带登记证书到信用办办理。")
    made = Newcomer.objects.create(
        user=user,
        uscc=uscc,
        name=body["ENTNAME"],
        body=dict(body),
        proofs=list(proofs),
        state="waiting",
        area=area,
        sent_at=at,
        due_on=due_on,
    )
    _note("newcomer.ask", made, by, at)
    return made


@transaction.atomic
def decide(*, newcomer: int, accept: bool, why: str, has_colleague: bool, by: Actor, at: datetime) -> Newcomer:
    """Accept or refuse what was asked. `has_colleague`: somebody else is there to look at an appeal.

    :raises Refused: it is decided already, the reason is missing, or an appeal is for somebody else to look at.
    """
    found = Newcomer.objects.select_for_update(of=("self",)).select_related("user").filter(pk=newcomer).first()
    if found is None or found.state != "waiting":
        raise Refused(DONE)
    why = " ".join(why.split())
    if not accept and len(why) < 2:
        raise Refused("请写明不通过的理由。")
    if len(why) > WHY_LENGTH or privacy.find(why):
        raise Refused(f"理由最多 {WHY_LENGTH} 个字，不要写身份证号、电话等个人信息。")
    own = bool(found.appeal) and found.decided_by == by.name
    if own and has_colleague:
        raise Refused("这条申诉针对的是您自己的决定，请由另一位同事处理。")
    found.state, found.why = ("accepted" if accept else "refused"), why
    found.decided_at, found.decided_by = at, by.name
    found.save()
    _note("newcomer.accept" if accept else "newcomer.refuse", found, by, at, **({"alone": True} if own else {}))
    return found


@transaction.atomic
def correct(
    *, newcomer: int, body: Mapping[str, str], columns: Sequence[str], area: str, by: Actor, at: datetime
) -> None:
    """Correct what somebody mistyped by the certificate; what they wrote is kept beside, and nothing is decided by it.

    :param body: the columns as they are to be registered, checked by the rules of the kind before.
    :param columns: those of them that people write; the others follow.
    :raises Refused: it is decided already, nothing differs, or the same person waits for this code already.
    """
    found = Newcomer.objects.select_for_update(of=("self",)).filter(pk=newcomer).first()
    if found is None or found.state != "waiting":
        raise Refused(DONE)
    changed = [name for name in columns if body.get(name, "") != found.body.get(name, "")]
    if not changed:
        raise Refused("没有改动，和现在的一样。")
    if (code := body["UNISCID"]) != found.uscc:
        if Newcomer.objects.filter(user=found.user_id, uscc=code, state="waiting").exists():
            raise Refused("提交的人另有一份这个代码的登记在等候，请先看那一份。")
        # Who may see a paper is asked of the body that it is about.
        Proof.objects.filter(pk__in=found.proofs, about="newcomer").update(subject=code)
    written = {name: found.said.get(name, found.body.get(name, "")) for name in {*changed, *found.said}}
    found.said = {name: value for name, value in written.items() if value != body.get(name, "")}
    found.uscc, found.name, found.body, found.area = code, body["ENTNAME"], dict(body), area
    found.corrected_at, found.corrected_by = at, by.name
    found.save()
    # Which columns, not what stood in them: one is a person's name.
    _note("newcomer.correct", found, by, at, columns=changed)


@transaction.atomic
def appeal(
    *, newcomer: int, user: User, words: str, proofs: Sequence[int], due_on: date, by: Actor, at: datetime
) -> Newcomer:
    """Let somebody appeal, once, against what was refused, with words and further papers.

    :raises Refused: it is not theirs, was not refused, was appealed before, or nothing is said.
    """
    found = Newcomer.objects.select_for_update().filter(pk=newcomer, user=user, state="refused").first()
    words = " ".join(words.split())
    if found is None:
        raise Refused("这份登记不能申诉。")
    if found.appeal:
        raise Refused("已经申诉过一次了；还有不同意见，请到信用办当面反映。")
    if not APPEAL_AT_LEAST <= len(words) <= WHY_LENGTH:
        raise Refused(f"请用 {APPEAL_AT_LEAST} 至 {WHY_LENGTH} 个字写明为什么应当通过。")
    if privacy.find(words):
        raise Refused("申诉里不要写身份证号、电话；需要的话，请放在证明材料里。")
    if Newcomer.objects.filter(user=user, uscc=found.uscc, state="waiting").exists():
        raise Refused("您另有一份同一主体的登记在等候，请看那一份。")
    found.state, found.appeal, found.due_on, found.proofs = "waiting", words, due_on, [*found.proofs, *proofs]
    found.save()
    _note("newcomer.appeal", found, by, at)
    return found


def _note(verb: str, newcomer: Newcomer, actor: Actor, at: datetime, **detail: object) -> None:
    trail.note(by=actor, verb=verb, thing=f"newcomer {newcomer.pk}", at=at, detail={"subject": newcomer.uscc, **detail})
