"""批量签发: codes for the businesses of a street, a market, a list; with the paper in which they agreed (自愿).

A list is drawn up first, and looked at; then it is given, once, in one transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.credit.codes import actions, keyring, queries
from chengxin.credit.codes.actions import Issued
from chengxin.credit.codes.models import Giving
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.subjects import messages
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

AT_ONCE: Final = 10_000
TURNED_AWAY_KEPT: Final = 1000
PAPER_LENGTH: Final = 100
OFFERED: Final = ("premises", "counter", "stall")
"""Places that many businesses have alike; a vehicle or a badge has a label of its own, and is placed by its list."""


class Fate(NamedTuple):
    """What would become of one business of a list: new, kept (it has one there already), refused."""

    subject: str
    state: str
    why: str = ""


def fates(subjects: Sequence[str], *, placement: str) -> list[Fate]:
    """Return what giving these businesses codes would bring, in their order."""
    refusals = dict(actions._why_not(subjects))
    for subject in was_frozen([one for one in subjects if one not in refusals]):
        refusals[subject] = "注销前曾被冻结，须由这一家申领、工作人员核对后再签发"
    standing = queries.standing(subjects)
    for code in standing:
        # Else whoever was frozen would be given another, and go on as if nothing had been.
        if code.state == "frozen":
            refusals.setdefault(code.subject, "有码被冻结，解除冻结以后再签发")
    held = {
        code.subject: code.state
        for code in standing
        if (code.placement, code.label) == (placement, "") and code.state not in ("superseded", "cancelled")
    }
    told = []
    for subject in subjects:
        if subject in refusals:
            told.append(Fate(subject, "refused", refusals[subject]))
        elif subject in held and held[subject] != "pending":
            told.append(Fate(subject, "kept"))
        else:
            told.append(Fate(subject, "new"))
    return told


def was_frozen(subjects: Sequence[str]) -> set[str]:
    """Return those of these businesses that gave up a code while it was frozen, and have none that stands since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH turned AS (
                 SELECT subject, id, state, lag(state) OVER (PARTITION BY subject, serial ORDER BY id) AS before
                 FROM codes_turn WHERE subject = ANY(%s)),
               left_frozen AS (
                 SELECT subject, max(id) AS id FROM turned WHERE state = 'cancelled' AND before = 'frozen' GROUP BY subject)
               SELECT f.subject FROM left_frozen f
               WHERE NOT EXISTS (SELECT FROM turned t WHERE t.subject = f.subject AND t.id > f.id AND t.state = 'active')""",
            [list(subjects)],
        )
        return {subject for (subject,) in cursor.fetchall()}


def draw_up(
    *, subjects: Sequence[str], turned_away: Sequence[tuple[str, str]], placement: str, by: Actor, at: datetime
) -> Giving:
    """Keep a list to be looked at before it is given. Of what was written and cannot be, the reasons are kept.

    :raises Refused: nobody is on it, or too many are, or there is no such place to give codes for.
    """
    wanted = list(dict.fromkeys(subjects))
    if placement not in OFFERED:
        raise Refused(f"批量签发的放置处请选{'、'.join(PLACEMENTS[name].label for name in OFFERED)}。")
    if not wanted and not turned_away:
        raise Refused("名单是空的：请每行写一个统一社会信用代码。")
    if len(wanted) > AT_ONCE:
        raise Refused(f"一次最多 {AT_ONCE:,} 家，名单里有 {len(wanted):,} 家：请分几次。")
    kept = [[privacy.blot(said)[:40], why] for said, why in turned_away[:TURNED_AWAY_KEPT]]
    return Giving.objects.create(
        subjects=wanted, placement=placement, turned_away=kept, state="draft", by=by.name, asked_at=at
    )


@transaction.atomic
def give(
    *,
    number: int,
    paper: str,
    signed_on: date | None,
    proofs: Sequence[int],
    unit: str,
    by: Actor,
    at: datetime,
    today: date,
    signer: keyring.Signer,
) -> Giving:
    """Give the businesses of a list codes, and tell each; a list that was given is returned as it is.

    :param paper: the number of the paper in which they agreed; `proofs` are its pictures, `signed_on` its day.
    :raises Refused: no paper, nobody is left on the list, or it is somebody else's.
    """
    one = Giving.objects.select_for_update().filter(pk=number, by=by.name).first()
    if one is None:
        raise Refused("没有这份名单，请重新开始。")
    if one.state == "given":
        return one
    said = " ".join(paper.split())
    if not said:
        raise Refused("请写同意书的编号或名称：没有同意不能签发（自愿）。")
    if len(said) > PAPER_LENGTH:
        raise Refused(f"同意书的编号或名称最多 {PAPER_LENGTH} 个字。")
    if found := privacy.find(said):
        raise Refused(f"同意书的编号或名称里写了{found[0].label}，请删去：它会进入留痕，不能删改。")
    if signed_on is None or signed_on > today:
        raise Refused("请写同意书签署的日期，不能晚于今天。")
    actions._lock(one.subjects)  # whoever is frozen while this is looked at is given none
    told = fates(one.subjects, placement=one.placement)
    wanted = [fate.subject for fate in told if fate.state == "new"]
    if not wanted:
        raise Refused("名单里没有可以签发的主体：都已有码，或者不能签发。")
    one.consent = f"{said}（{signed_on.isoformat()} 签署）"
    issued = actions.issue(
        subjects=wanted, consent=one.consent, by=by, at=at, signer=signer, placement=one.placement, way="batch"
    )
    one.answers = [[a.subject, a.serial, a.state, a.refusal] for a in _all(told, issued)]
    given = [answer.subject for answer in issued if answer.serial is not None]
    one.issued, one.proofs, one.state, one.given_at = len(given), list(proofs), "given", at
    one.save()
    if given:
        messages.tell(
            subjects=given,
            about="code",
            title="诚信码已签发",
            text=f"按您签署的同意书（{said}），已为您签发诚信码，放置处：{PLACEMENTS[one.placement].label}。"
            "可以随时暂停展示，或收回同意、注销诚信码。",
            by=unit,
            at=at,
            page="my-codes",
        )
    counts = Counter(answer[2] for answer in one.answers)
    detail = {"issued": one.issued, "kept": counts["kept"], "refused": counts["refused"], "proofs": list(proofs)}
    trail.note(by=by, verb="code.give", thing=f"giving {one.pk}", at=at, detail=detail)
    return one


def _all(told: Sequence[Fate], issued: Sequence[Issued]) -> list[Issued]:
    """Return an answer for each business of the list, in its order."""
    answers = {answer.subject: answer for answer in issued}
    return [answers.get(fate.subject) or Issued(fate.subject, None, "", fate.state, fate.why) for fate in told]
