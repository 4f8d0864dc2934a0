"""放置: codes for places of a business, one or a whole list, in sets; what is known of where they hang; their end.

Who may be given another code has agreed to have one at all: the consent stands on record (自愿). A label is shown, and a
point is kept, only where the business agreed to that as well (《个人信息保护法》第 13、25 条).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.board import actions as board
from chengxin.credit.codes import actions, keyring, queries
from chengxin.credit.codes.actions import Issued, Placed, Wanted
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.places import AT_ONCE, CENTROID, Place, faults
from chengxin.credit.subjects import actions as subjects_actions
from chengxin.credit.subjects import queries as subjects
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import area, point
from chengxin.terms.point import Point

CODES_LIMIT: Final = 10_000
"""So many standing codes one business may have: more than any fleet or chain of the province."""
ENDED: Final = ("superseded", "cancelled")
ENDS_AT_ONCE: Final = 500


@transaction.atomic
def place(
    *, subject: str, places: Sequence[Place], way: str, by: Actor, at: datetime, signer: keyring.Signer
) -> list[Issued]:
    """Give each of these places of a business a code, and return them in the same order; a place that has one keeps it.

    :raises Refused: the business may not be given codes, has not agreed to have one, or the office froze one of its
        codes; too many places; something about one of them is wrong, which the sentence says.
    """
    dead = actions._dead_prefixes(signer)
    actions._lock([subject])
    if refusal := why_not(subject):
        raise Refused(refusal)
    wanted = [one.tidy() for one in places]
    if len(wanted) > AT_ONCE:
        raise Refused(f"一次最多登记 {AT_ONCE:,} 处，这里有 {len(wanted):,} 处：请分几次登记。")
    today = at.astimezone(actions.CHINA).date()
    for number, one in enumerate(wanted, start=1):
        if wrong := faults(one, today=today):
            raise Refused(
                f"第 {number} 处：{next(iter(wrong.values()))}" if len(wanted) > 1 else next(iter(wrong.values()))
            )
    standing = {(c.placement, c.label): c for c in queries.standing([subject]) if c.state not in ENDED}
    lost = {
        key: code for key, code in standing.items()
        if code.state == "active" and code.profile == "full" and code.token.startswith(tuple(dead))
    }  # fmt: skip
    new = {one.key: one for one in reversed(wanted) if one.key not in standing or one.key in lost}
    new = dict(reversed(new.items()))
    if len(standing) - len(lost) + len(new) > CODES_LIMIT:
        raise Refused(f"一个主体最多有 {CODES_LIMIT:,} 个码，现有 {len(standing):,} 个：请先停用不再使用的码。")
    gone = [(subject, lost[key].serial, "superseded") for key in new if key in lost]
    made = actions.make(
        [
            Wanted(subject, one.kind, one.label, PLACEMENTS[one.kind].profile, "active", way, one.label_shown)
            for one in new.values()
        ],
        why="增加放置处",
        by=by,
        at=at,
        signer=signer,
    )
    actions.note_places(
        [_placed(i.serial, subject, one) for i, one in zip(made, new.values(), strict=True)], by=by, at=at
    )
    actions._turns(gone, why="签发钥匙已作废", by=by, at=at)
    board.take_down(codes=[(serial, state) for _, serial, state in gone])
    issued = dict(zip(new, made, strict=True))
    serials = [one.serial for one in made if one.serial is not None]
    if serials:
        subjects_actions.touch([subject])
    trail.note(
        by=by,
        verb="code.place",
        thing=f"subject:{subject}",
        at=at,
        detail={
            "issued": len(made),
            "replaced": len(gone),
            "unchanged": len(wanted) - len(made),
            "way": way,
            "kinds": sorted({one.kind for one in wanted}),
            "serials": [min(serials), max(serials)] if serials else [],
        },
    )
    return [
        issued[one.key]
        if one.key in issued
        else Issued(subject, (had := standing[one.key]).serial, had.token, had.state)
        for one in wanted
    ]


def why_not(subject: str) -> str | None:
    """Return why a business may not be given codes for further places, or nothing if it may."""
    if refusal := actions._why_not([subject]).get(subject):
        return refusal
    if subject not in queries.consenting([subject]):
        return "还没有同意申领诚信码：请先申领，通过后再增加放置处。"
    # Else whoever was frozen would place another, and go on as if nothing had been.
    if any(code.state == "frozen" for code in queries.standing([subject])):
        return "信用办冻结了您的诚信码，冻结期间不能增加放置处：请先看冻结通知，按通知办理。"
    return None


class Centre(NamedTuple):
    """What stands for a place whose owner wants no more than its county told: which county, and its point."""

    county: str
    point: Point


def centre(subject: str) -> Centre | None:
    """Return the centre of the county that governs a business; nothing where that is no one county."""
    governed = subjects.area_of([subject]).get(subject, "")
    found = point.county(governed)
    return Centre(_called(found), point.POINTS[found]) if found else None


def county_of(lat: Decimal, lon: Decimal) -> str:
    """Return what the county is called whose centre a point is; where the table has changed since, in general words."""
    found = point.county_at(lat, lon)
    return _called(found) if found else "所在县区"


def _called(county: str) -> str:
    known = area.find(county)
    return known.label if known else county


def _placed(serial: int | None, subject: str, one: Place) -> Placed:
    assert serial is not None  # noqa: S101 — what was made has its serial; this tells the type checker
    return Placed(subject, serial, one.label_shown, one.where, one.lat, one.lon, one.pointed_by, one.until, one.keeper)


@transaction.atomic
def rehang(
    *,
    subject: str,
    serial: int,
    by: Actor,
    at: datetime,
    label_shown: bool,
    where: str = "",
    point: tuple[Decimal, Decimal] | None = None,
    pointed_by: str = "",
    until: date | None = None,
    keeper: str = "",
) -> None:
    """Say anew where a code hangs: whether its label is shown, its point, its end. A label that hides is hidden at once.

    A point that is taken back is erased from what was said before too: whoever takes his consent back has it deleted
    (《个人信息保护法》第 47 条); so is an exact one when no more than the county shall be told from now on. It is the one
    thing here that is not only added to.

    :raises Refused: no such code that stands, or something said is wrong.
    """
    actions._lock([subject])
    code = standing_code(subject, serial)
    lat, lon = point or (None, None)
    said = Place(
        kind=code.placement, label=code.label, label_shown=label_shown, where=where, lat=lat, lon=lon,
        pointed_by=pointed_by if point else "", until=until, keeper=keeper,
    ).tidy()  # fmt: skip
    if wrong := faults(replace(said, label=code.label), today=at.astimezone(actions.CHINA).date(), label_stands=True):
        raise Refused(next(iter(wrong.values())))
    before = queries.hanging([subject], serial=serial).get(serial)
    if before and before.lat is not None and (said.lat is None or (said.pointed_by == CENTROID != before.pointed_by)):
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE codes_placing SET lat = NULL, lon = NULL, pointed_by = '', point_consent = false
                   WHERE subject = %s AND serial = %s""",
                [subject, serial],
            )
    actions.note_places([_placed(serial, subject, said)], by=by, at=at)
    if not said.label_shown:
        board.take_down(labels=[serial])
    subjects_actions.touch([subject])
    trail.note(
        by=by,
        verb="code.rehang",
        thing=f"code:{serial}",
        at=at,
        detail={"subject": subject, "label_shown": said.label_shown, "point": said.pointed_by},
    )


@transaction.atomic
def relabel(*, subject: str, serial: int, label: str, by: Actor, at: datetime, signer: keyring.Signer) -> Issued:
    """Give a place another label (a new plate): another code in its stead, since the old paper says the old label.

    :raises Refused: no such code that stands, the label is wrong, or another code has it.
    """
    actions._lock([subject])
    code = standing_code(subject, serial)
    kind = PLACEMENTS[code.placement]
    tidy = kind.tidy(label)
    if wrong := kind.why_not(tidy):
        raise Refused(wrong)
    if tidy == code.label:
        raise Refused(f"{kind.called}没有变。")
    hung = queries.hanging([subject], serial=serial).get(serial)
    (made,) = place(
        subject=subject,
        places=[
            Place(
                kind.name,
                tidy,
                hung.label_shown,
                hung.where,
                hung.lat,
                hung.lon,
                hung.pointed_by,
                hung.until,
                hung.keeper,
            )
            if hung
            else Place(kind.name, tidy)
        ],
        way=code.way,
        by=by,
        at=at,
        signer=signer,
    )
    end(subject=subject, serials=[serial], state="superseded", why=f"{kind.called}变更", by=by, at=at)
    return made


@transaction.atomic
def end(
    *, subject: str, serials: Sequence[int], why: str, by: Actor, at: datetime, state: str = "cancelled"
) -> list[int]:
    """End these codes of a business (a sold car, a stand taken down), for everyone when this returns; return which.

    The last one is not ended here: that would be taking back the code itself (`actions.withdraw`).

    :raises Refused: none of them stands, the office froze one, or nothing would be left.
    """
    actions._lock([subject])
    standing = [code for code in queries.standing([subject]) if code.state not in ENDED]
    ended = sorted({code.serial for code in standing}.intersection(serials))
    if not ended:
        raise Refused("这些码已经停用了。")
    # Else what was frozen would be ended, and another placed in its stead.
    if any(code.state == "frozen" and code.serial in ended for code in standing):
        raise Refused("这个码已被信用办冻结，不能自行停用：请先看冻结通知，按通知办理。")
    if len(ended) == len(standing):
        raise Refused("这是最后一个码：如果不再使用诚信码，请在“诚信码”页注销。")
    actions._turns([(subject, serial, state) for serial in ended], why=why, by=by, at=at)
    board.take_down(codes=[(serial, state) for serial in ended])
    subjects_actions.touch([subject])
    trail.note(
        by=by,
        verb="code.end",
        thing=f"subject:{subject}",
        at=at,
        detail={"serials": ended[:200], "count": len(ended), "state": state, "why": why},
    )
    return ended


def end_past(*, today: date, by: Actor, at: datetime) -> int:
    """End the codes of stands whose last day is over, some of them; return how many. To be called until it says none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.subject, p.serial FROM codes_placing p
               JOIN LATERAL (SELECT id, until FROM codes_placing n WHERE n.subject = p.subject AND n.serial = p.serial
                 ORDER BY n.id DESC LIMIT 1) newest ON newest.id = p.id
               JOIN LATERAL (SELECT state FROM codes_turn t WHERE t.subject = p.subject AND t.serial = p.serial
                 ORDER BY t.id DESC LIMIT 1) t ON t.state NOT IN ('superseded', 'cancelled')
               WHERE p.until < %s ORDER BY p.subject, p.serial LIMIT %s""",
            [today, ENDS_AT_ONCE],
        )
        past = cursor.fetchall()
    by_subject: dict[str, list[int]] = {}
    for subject, serial in past:
        by_subject.setdefault(subject, []).append(serial)
    for subject, serials in by_subject.items():
        _end_all(subject, serials, by=by, at=at)
    return len(past)


@transaction.atomic
def _end_all(subject: str, serials: Sequence[int], *, by: Actor, at: datetime) -> None:
    actions._lock([subject])
    standing = {code.serial for code in queries.standing([subject]) if code.state not in ENDED}
    ended = sorted(standing.intersection(serials))
    actions._turns([(subject, serial, "cancelled") for serial in ended], why="展期已结束", by=by, at=at)
    board.take_down(codes=[(serial, "cancelled") for serial in ended])
    subjects_actions.touch([subject])
    trail.note(
        by=by, verb="code.end", thing=f"subject:{subject}", at=at,
        detail={"serials": ended[:200], "count": len(ended), "state": "cancelled", "why": "展期已结束"},
    )  # fmt: skip


def standing_code(subject: str, serial: int) -> queries.Standing:
    """Return one code of a business that has not ended.

    :raises Refused: there is none.
    """
    code = queries.one(subject, serial)
    if code is None or code.state in ENDED:
        raise Refused("这个码已经停用，不能再改。")
    return code
