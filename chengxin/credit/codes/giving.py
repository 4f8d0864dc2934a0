"""批量签发: codes for the places of a street, a market, a list; with the paper in which their holders agreed (自愿).

A list is drawn up first, and looked at; then it is given, once, in one transaction. One that was given wrongly is taken
back as a whole: its codes that still stand, and the yes that it put on record (docs/adr/0036).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.board import actions as board
from chengxin.credit.codes import actions, elsewhere, keyring, life, queries
from chengxin.credit.codes.models import Giving
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.places import Place, faults
from chengxin.credit.codes.placing import CODES_LIMIT, ENDED
from chengxin.credit.codes.rules import ON_CARD
from chengxin.credit.subjects import actions as subjects_actions
from chengxin.credit.subjects import messages
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

AT_ONCE: Final = 10_000
PAPER_LENGTH: Final = 100
OFFERED: Final = tuple(name for name, kind in PLACEMENTS.items() if kind.given)


class Asked(NamedTuple):
    """One row of a list: the words that it was written in, whose place it means, and that place's label."""

    said: str
    subject: str
    label: str = ""


class Fate(NamedTuple):
    """What would become of one row of a list: new, kept (a code hangs there already), refused; and a word on it."""

    subject: str
    label: str
    state: str
    why: str = ""


def places(one: Giving) -> list[tuple[str, str]]:
    """Return the subject and the label of each row of a list, in its order."""
    return list(zip(one.subjects, one.labels or [""] * len(one.subjects), strict=True))


def fates(wanted: Sequence[tuple[str, str]], *, placement: str) -> list[Fate]:
    """Return what giving these places (subject, label) codes would bring, in their order."""
    subjects = list(dict.fromkeys(subject for subject, _ in wanted))
    refusals = dict(actions._why_not(subjects))
    for subject in was_frozen([one for one in subjects if one not in refusals]):
        refusals[subject] = "注销前曾被冻结，须由这一家申领、工作人员核对后再签发"
    living = [code for code in queries.standing(subjects) if code.state not in ENDED]
    for code in living:
        # Else whoever was frozen would be given another, and go on as if nothing had been.
        if code.state == "frozen":
            refusals.setdefault(code.subject, "有码被冻结，解除冻结以后再签发")
    dead = tuple(queries.dead_prefixes())
    held = {
        (code.subject, code.label)
        for code in living
        if code.placement == placement
        and code.state != "pending"
        and not (code.state == "active" and code.profile == "full" and code.token.startswith(dead))
    }
    counts = Counter(code.subject for code in living)
    holders = Counter(label for label, _ in {(label, subject) for subject, label in wanted if label})
    called = PLACEMENTS[placement].called
    told = []
    for subject, label in wanted:
        if subject in refusals:
            told.append(Fate(subject, label, "refused", refusals[subject]))
        elif (subject, label) in held:
            told.append(Fate(subject, label, "kept"))
        elif counts[subject] >= CODES_LIMIT:
            told.append(Fate(subject, label, "refused", f"这一家已有 {CODES_LIMIT:,} 个码，先停用不再使用的"))
        else:
            counts[subject] += 1
            twice = f"名单里另有主体写了同一个{called}，请核对" if holders[label] > 1 else ""
            told.append(Fate(subject, label, "new", twice))
    return told


def was_frozen(subjects: Sequence[str]) -> set[str]:
    """Return those of these subjects that gave up a code while it was frozen, and have none that stands since."""
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
    *,
    rows: Sequence[Asked],
    turned_away: Sequence[tuple[str, str]],
    placement: str,
    by: Actor,
    at: datetime,
    until: date | None = None,
) -> Giving:
    """Keep a list to be looked at before it is given; rows that say the same are one.

    Of what was written and cannot be, the reasons are kept beside it: those in `turned_away` (the words, why), and rows
    whose label will not do for such a place.

    :param until: the last day, of places that end.
    :raises Refused: nobody is on it, or too many are; there is no such place to give codes for, or its last day is wrong.
    """
    kind = PLACEMENTS.get(placement)
    if kind is None or placement not in OFFERED:
        raise Refused(f"批量签发的放置处请选{'、'.join(PLACEMENTS[name].label for name in OFFERED)}。")
    if not rows and not turned_away:
        raise Refused("名单是空的：请每行写一个统一社会信用代码。")
    if len(rows) > AT_ONCE:
        raise Refused(f"一次最多 {AT_ONCE:,} 行，名单里有 {len(rows):,} 行：请分几次。")
    today = at.astimezone(actions.CHINA).date()
    away, wanted = list(turned_away), dict[tuple[str, str], None]()
    for row in rows:
        place = Place(kind.name, row.label, until=until).tidy()
        wrong = faults(place, today=today)
        if "until" in wrong:
            raise Refused(wrong["until"])
        if wrong:
            away.append((row.said, next(iter(wrong.values()))))
        else:
            wanted[row.subject, place.label] = None
    return Giving.objects.create(
        subjects=[subject for subject, _ in wanted],
        labels=[label for _, label in wanted],
        placement=placement,
        until=until if kind.ends else None,
        turned_away=[[privacy.blot(said)[:60], why] for said, why in away],
        state="draft",
        by=by.name,
        asked_at=at,
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
    label_shown: bool = False,
    has_seen: bool = False,
) -> Giving:
    """Give the places of a list codes, and tell each holder; a list that was given is returned as it is.

    :param paper: the number of the paper in which they agreed; `proofs` are its pictures, `signed_on` its day.
    :param label_shown: the paper says that labels may be shown to whoever scans (《个人信息保护法》第 13、25 条).
    :param has_seen: whoever gives it has seen which rows were turned away, and goes on without them.
    :raises Refused: no paper, rows were turned away unseen, nobody is left on the list, its last day is over, or it is
        somebody else's.
    """
    one = Giving.objects.select_for_update().filter(pk=number, by=by.name).first()
    if one is None:
        raise Refused("没有这份名单，请重新开始。")
    if one.state != "draft":
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
    if one.turned_away and not has_seen:
        raise Refused(f"名单里有 {len(one.turned_away):,} 行没有收下：请看过以后勾选“先签发其余的”，或者改好名单重来。")
    if one.until is not None and one.until < today:
        raise Refused("名单上写的最后一天已经过去：请重新开始，写今天或以后的一天。")
    kind = PLACEMENTS[one.placement]
    actions._lock(one.subjects)  # whoever is frozen while this is looked at is given none
    told = fates(places(one), placement=one.placement)
    wanted = [fate for fate in told if fate.state == "new"]
    if not wanted:
        raise Refused("名单里没有可以签发的：都已有码，或者不能签发。")
    one.label_shown = label_shown and kind.shows and any(one.labels)
    agreed = f"，同意公开{kind.called}" if one.label_shown else ""
    one.consent = f"{said}（{signed_on.isoformat()} 签署{agreed}）"
    issued = actions.issue(
        subjects=[fate.subject for fate in wanted],
        labels=[fate.label for fate in wanted],
        label_shown=one.label_shown,
        until=one.until,
        consent=one.consent,
        by=by,
        at=at,
        signer=signer,
        placement=one.placement,
        way="batch",
    )
    serials = iter(issued)
    one.answers = [
        [fate.subject, *((made := next(serials)).serial, made.state, made.refusal)]
        if fate.state == "new"
        else [fate.subject, None, fate.state, fate.why]
        for fate in told
    ]
    given = [answer.subject for answer in issued if answer.serial is not None]
    one.issued, one.proofs, one.state, one.given_at = len(given), list(proofs), "given", at
    one.save()
    if given:
        shown = f"扫码的人能看到{kind.called}。" if one.label_shown else ""
        messages.tell(
            subjects=given,
            about="code",
            title="诚信码已签发",
            text=f"按您签署的同意书“{one.consent}”，已为您签发诚信码，放置处：{kind.label}。{shown}"
            "可以随时暂停展示，或收回同意、注销诚信码。没有签过这份同意书的，请联系签发单位。",
            by=unit,
            at=at,
            page="my-codes",
        )
    counts = Counter(answer[2] for answer in one.answers)
    detail = {"issued": one.issued, "kept": counts["kept"], "refused": counts["refused"], "proofs": list(proofs)}
    trail.note(by=by, verb="code.give", thing=f"giving {one.pk}", at=at, detail=detail)
    return one


# ---- Taken back ------------------------------------------------------------------------------------------------------


def serials(one: Giving) -> list[int]:
    """Return the codes that a list gave, in its order."""
    return [serial for _, serial, _, _ in one.answers if serial is not None]


@transaction.atomic
def take_back(*, number: int, why: str, unit: str, by: Actor, at: datetime) -> Giving:
    """Take a list that was given wrongly back: cancel its codes that are still active, for everyone when this returns.

    What its holders paused, what is frozen and what was replaced since is not touched. The yes that it put on record goes
    too: whoever had agreed before has agreed as before, whoever is left with nothing has not. Each is told. A list that was
    taken back is returned as it is.

    :param unit: who says so to the businesses.
    :raises Refused: no reason, no such list that was given, or none of its codes is active any more.
    """
    one = Giving.objects.select_for_update().filter(pk=number).exclude(state="draft").first()
    if one is None:
        raise Refused("没有这份签发过的名单。")
    if one.state == "back":
        return one
    why = life.reason(why)
    mine = set(serials(one))
    subjects = sorted({subject for subject, serial, _, _ in one.answers if serial is not None})
    actions._lock(subjects)
    living = [code for code in queries.standing(subjects) if code.state not in ENDED]
    ending = [code for code in living if code.serial in mine and code.state == "active"]
    if not ending:
        raise Refused("这份名单签发的码已经没有一个有效，不用撤回。")
    ended = {code.serial for code in ending}
    rest = [code for code in living if code.serial not in ended]
    touched = sorted({code.subject for code in ending})
    actions._turns([(code.subject, code.serial, "cancelled") for code in ending], why=why, by=by, at=at)
    _unsay(one, touched, living={code.subject for code in rest}, by=by, at=at)
    shown = {code.subject for code in rest if code.state in ON_CARD}
    board.take_down(
        holders=[subject for subject in touched if subject not in shown],
        codes=[(serial, "cancelled") for serial in ended],
    )
    subjects_actions.touch(touched)
    messages.tell(
        subjects=touched,
        about="code",
        title="批量签发的诚信码已撤回",
        text=f"按同意书“{one.consent}”为您签发的诚信码（放置处：{PLACEMENTS[one.placement].label}）已撤回，"
        f"不再证明任何事情，已张贴的请撕下。原因：{why.rstrip('。')}。您另外的诚信码不受影响。",
        by=unit,
        at=at,
        page="my-codes",
    )
    one.state, one.back_at, one.back_why, one.cancelled = "back", at, why, len(ending)
    one.save()
    trail.note(
        by=by,
        verb="code.take-back",
        thing=f"giving {one.pk}",
        at=at,
        detail={"count": len(ending), "serials": [min(ended), max(ended)], "why": why},
    )
    return one


def _unsay(one: Giving, subjects: Sequence[str], *, living: set[str], by: Actor, at: datetime) -> None:
    """Add the word that stood before lists to those of these subjects whose newest word is a list's that is taken back.

    What other lists that were taken back said, and what taking them back added, is no word of theirs, in whatever order it
    was done. Who said nothing before has not agreed, if nothing is left to them (`living` have other codes). One whose code
    of another issuer stands is left alone: a no would hide that code's page, which the list never made.
    """
    bare = [subject for subject in subjects if subject not in living]
    elsewhere_too = {code.subject for code in elsewhere.standing(bare)}
    back = list(Giving.objects.filter(state="back").values_list("consent", "given_at", "back_at"))
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH words AS (
                 SELECT subject, id, given, reference, version, at = ANY(%(back_at)s::timestamptz[]) AS again,
                   (reference, at) IN (SELECT * FROM unnest(%(references)s::varchar[], %(given_at)s::timestamptz[])) AS listed
                 FROM codes_consent WHERE subject = ANY(%(subjects)s)),
               newest AS (SELECT DISTINCT ON (subject) * FROM words ORDER BY subject, id DESC),
               own AS (SELECT DISTINCT ON (subject) * FROM words WHERE NOT listed AND NOT again ORDER BY subject, id DESC),
               said AS (
                 SELECT n.subject, o.given, o.reference, o.version FROM newest n LEFT JOIN own o USING (subject)
                 WHERE n.given AND (n.listed OR n.again AND (o.given, o.reference) IS DISTINCT FROM (true, n.reference)))
               INSERT INTO codes_consent (subject, given, reference, version, at, by)
               SELECT subject, coalesce(given, false), CASE WHEN given THEN reference ELSE %(why)s END,
                 CASE WHEN given THEN version ELSE '' END, %(at)s, %(by)s
               FROM said WHERE given OR (NOT given AND subject = ANY(%(bare)s)) OR subject = ANY(%(unsaid)s)""",
            {
                "subjects": list(subjects),
                "references": [one.consent, *(consent for consent, _, _ in back)],
                "given_at": [one.given_at, *(given_at for _, given_at, _ in back)],
                "back_at": [back_at for _, _, back_at in back],
                "why": f"批量签发的名单 {one.pk} 已撤回",
                "at": at,
                "by": by.name,
                "bare": bare,
                "unsaid": [subject for subject in bare if subject not in elsewhere_too],
            },
        )
