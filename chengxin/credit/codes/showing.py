"""亮码: whether a code is displayed, as a fact: a photo of it as it hangs that somebody accepted, or people who scan it.

"Has a code" (`queries.coded`) and "displays it" (`displaying`) are two states. The numbers stand in `showing.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from chengxin.board import token
from chengxin.board.models import BoardKey
from chengxin.credit.codes import queries
from chengxin.credit.codes.models import Showing, ShowingDecision, ShowingWaiting
from chengxin.credit.codes.rules import STATE_LABELS
from chengxin.credit.subjects import messages
from chengxin.credit.subjects.actions import touch
from chengxin.people import bindings, trail
from chengxin.people import queries as people
from chengxin.people.models import Unit
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy, unseen, workdays

WHERE_LENGTH: Final = 200
WHY_LENGTH: Final = 200
BY_OFFICE: Final = "不在场所里，由信用办核实"
"""What an owner chooses who names no place."""
WAYS: Final = {"photo": "亮码照片已核实", "scanned": "近期有人扫码"}
"""By what a code counts as displayed, and how that is called: what is not known of a scan is not said of it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a code counts as displayed, as `showing.toml` has it."""

    photo_days: int
    scanned_days: int
    on_days: int
    devices: int
    profile: str
    placements: tuple[str, ...]
    waiting_at_most: int
    place_workdays: int


@cache
def rule() -> Rule:
    """Return the rule that holds."""
    said = tomllib.loads((resources.files(__package__) / "showing.toml").read_text(encoding="utf-8"))
    scanned = said["scanned"]
    return Rule(
        said["photo"]["days"],
        scanned["days"],
        scanned["on_days"],
        scanned["devices"],
        scanned["profile"],
        tuple(scanned["placements"]),
        said["sending"]["waiting_at_most"],
        said["place"]["workdays"],
    )


# ---- Whether it is displayed -------------------------------------------------------------------------------------------


class Displaying(NamedTuple):
    """By what a business displays a code: which of its codes, and until when that holds (of scans: nobody can say)."""

    way: str
    serial: int
    until: date | None

    @property
    def label(self) -> str:
        """Return what it is called."""
        return WAYS[self.way]


def displaying(subjects: Sequence[str], *, today: date) -> dict[str, Displaying]:
    """Return those of these subjects that display a code that stands, and by what; a photo tells more than scans."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{_SHOWN} SELECT DISTINCT ON (subject) subject, way, serial, said FROM shown
                ORDER BY subject, way, said DESC NULLS LAST, serial""",  # noqa: S608 — a constant
            _asked(subjects, today),
        )
        return {row[0]: Displaying._make(row[1:]) for row in cursor.fetchall()}


def shown_until(subjects: Sequence[str], *, today: date) -> dict[str, date]:
    """Return until which day those of these subjects that display a code do so, if nobody scans it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SHOWN} SELECT subject, max(until) FROM shown GROUP BY subject",  # noqa: S608 — a constant
            _asked(subjects, today),
        )
        return dict(cursor.fetchall())


# Counted back from the newest day, the day on which the scans are enough is the oldest that they need: they are
# enough until it falls out of the days that are looked at.
_SHOWN: Final = """WITH standing AS MATERIALIZED (
     SELECT c.subject, c.serial, c.profile, c.placement FROM codes_code c
     JOIN LATERAL (SELECT state FROM codes_turn t WHERE t.subject = c.subject AND t.serial = c.serial
       ORDER BY t.id DESC LIMIT 1) t ON t.state = 'active'
     WHERE c.subject = ANY(%(subjects)s)
       AND NOT (c.profile = 'full' AND left(c.token, 3) = ANY(%(dead)s))),
   decided AS (
     SELECT DISTINCT ON (subject, showing) subject, serial, accepted, until FROM codes_showing_decision
     WHERE subject = ANY(%(subjects)s) ORDER BY subject, showing, id DESC),
   scanned AS (
     SELECT subject, serial, max(day) + %(days)s - 1 AS until FROM (
       SELECT d.subject, d.serial, d.day, count(*) OVER back AS on_days, sum(d.devices) OVER back AS devices
       FROM codes_scan_day d JOIN standing s USING (subject, serial)
       WHERE d.subject = ANY(%(subjects)s) AND d.day BETWEEN %(today)s::date - %(days)s + 1 AND %(today)s
         AND d.scans > 0 AND s.profile = %(profile)s AND s.placement = ANY(%(placements)s)
       WINDOW back AS (PARTITION BY d.subject, d.serial ORDER BY d.day DESC)) so_far
     WHERE on_days >= %(on_days)s AND devices >= %(devices)s GROUP BY subject, serial),
   shown AS (
     SELECT d.subject, 'photo' AS way, d.serial, d.until, d.until AS said
     FROM decided d JOIN standing USING (subject, serial) WHERE d.accepted AND d.until >= %(today)s
     UNION ALL SELECT subject, 'scanned', serial, until, NULL FROM scanned)"""


def _asked(subjects: Sequence[str], today: date) -> dict[str, Any]:
    said = rule()
    return {
        "subjects": list(subjects),
        "dead": list(queries.dead_prefixes()),
        "days": said.scanned_days,
        "today": today,
        "profile": said.profile,
        "placements": list(said.placements),
        "on_days": said.on_days,
        "devices": said.devices,
    }


# ---- What a photo shows ------------------------------------------------------------------------------------------------


class Seen(NamedTuple):
    """What the codes in a photo say: `what` is mine, stopped, other, false, strange (no code of ours) or nothing."""

    what: str
    serial: int | None = None
    state: str = ""


SAID: Final = {
    "other": "照片里是另一家的诚信码，不是您的；请拍您自己的码再传。",
    "false": "照片里的码不是本系统签发的；如果它贴在您店里，请取下来，并拨打页脚的电话告诉信用办。",
}


def seen(texts: Iterable[str], *, subject: str) -> Seen:
    """Return what was read in a photo, seen from a business: its own code that stands goes before all others."""
    mine = {code.token: code for code in queries.standing([subject])}
    keys = _keys()
    found = [_seen(text, mine, keys) for text in texts]
    return min(found, key=lambda one: _ORDER.index(one.what), default=Seen("nothing"))


_ORDER: Final = ("mine", "stopped", "other", "false", "strange", "nothing")


def _seen(text: str, mine: dict[str, queries.Standing], keys: Callable[[int], Ed25519PublicKey | None]) -> Seen:
    said = token.normalise(token.parted(text).token)
    if said in mine:
        code = mine[said]
        return Seen("mine" if code.state == "active" else "stopped", code.serial, code.state)
    match token.unseal(said, keys):
        case token.Seal() | token.Claim():
            return Seen("other")
        case token.NotGenuine(reason="not a token" | "unknown version"):
            return Seen("strange")
    return Seen("false")


def _keys() -> Callable[[int], Ed25519PublicKey | None]:
    rows = dict(BoardKey.objects.values_list("number", "public_key"))
    return lambda number: Ed25519PublicKey.from_public_bytes(bytes(rows[number])) if number in rows else None


# ---- Acts --------------------------------------------------------------------------------------------------------------


def why_not(what: Seen) -> str | None:
    """Return why a photo is not taken, by what was read in it, or nothing if it is."""
    if what.what == "stopped":
        was = STATE_LABELS[what.state].removeprefix("已")
        return f"照片里的码（编号 {token.grouped(what.serial or 0)}）已{was}；请贴上现在有效的码再拍。"
    return SAID.get(what.what)


@transaction.atomic
def send(
    *,
    subject: str,
    serial: int | None,
    proof: int,
    what: Seen,
    where: str,
    area: str,
    place: int | None = None,
    by: Actor,
    at: datetime,
) -> Showing:
    """Take a photo of a code as it hangs, to be looked at by a person; return it.

    `serial` is the code that the sender means, for a photo in which none could be read; `place` the unit in whose place
    he says that it hangs.

    :raises Refused: the photo shows another's code or one that has stopped, there is no such code or no such place, it
        waits already.
    """
    where = " ".join(where.split())
    if not 2 <= len(where) <= WHERE_LENGTH:
        raise Refused(f"请写明贴在哪里，2 至 {WHERE_LENGTH} 个字，例如“店门口右侧”。")
    if privacy.find(where):
        raise Refused("“贴在哪里”不要写电话、身份证号等个人信息，请删去后再传。")
    if (fault := why_not(what)) is not None:
        raise Refused(fault)
    named = None if place is None else _place(place, subject)
    _lock(subject)
    meant = what.serial if what.what == "mine" else serial
    code = next((code for code in queries.standing([subject]) if code.serial == meant), None)
    if code is None or code.state != "active":
        raise Refused("请选择照片里是哪一个码；只有有效的码才能上传亮码照片。")
    waiting = list(ShowingWaiting.objects.filter(subject=subject).values_list("serial", flat=True)[:1000])
    if code.serial in waiting:
        raise Refused("这个码已经有一张照片在等核实，不用再传。")
    if len(waiting) >= rule().waiting_at_most:
        raise Refused(f"已有 {len(waiting)} 张照片在等核实；请等核实后再传。")
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_showing (subject, serial, proof, "where", read, place, by, at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
            [subject, code.serial, proof, where, what.what == "mine", place, by.name, at],
        )
        (number,) = cursor.fetchone()
    ShowingWaiting.objects.create(
        subject=subject,
        showing=number,
        serial=code.serial,
        area=area,
        place=place,
        due_on=None if place is None else _due(timezone.localdate(at)),
        asked_at=at,
    )
    trail.note(
        by=by,
        verb="showing.send",
        thing=f"showing {subject}/{number}",
        at=at,
        detail={"serials": [code.serial], "read": what.what == "mine"} | ({"place": named.name} if named else {}),
    )
    return Showing.objects.get(subject=subject, id=number)


@transaction.atomic
def decide(
    *,
    subject: str,
    showing: int,
    accepted: bool,
    why: str,
    unit: str,
    place: int | None = None,
    seen: int | None = None,
    by: Actor,
    today: date,
    at: datetime,
) -> None:
    """Accept a photo of a shown code, or refuse it with the reason, and tell the business.

    One that was accepted may be refused later, when somebody has found that the code does not hang there. `place` is the
    unit that decides as the place in which it hangs; None is an office. `seen` is the decision that stood when somebody
    looked, 0 for none; None asks for no look.

    :raises Refused: there is no such photo, somebody was faster, it is not this place's to decide, or a refusal says no
        reason.
    """
    why = " ".join(why.split())
    if not accepted and not 2 <= len(why) <= WHY_LENGTH:
        raise Refused(f"不通过要写明原因，2 至 {WHY_LENGTH} 个字：经营者会看到，据此重拍。")
    if len(why) > WHY_LENGTH or privacy.find(why):
        raise Refused(f"原因最多 {WHY_LENGTH} 个字，不要写电话、身份证号等个人信息。")
    if unseen.among(why):
        raise Refused("原因里有看不见的字符，请删掉重新输入。")
    _lock(subject)
    told = next(iter(of(subject, limit=1, showing=showing)), None)
    if told is None:
        raise Refused("没有这张照片。")
    waits = ShowingWaiting.objects.filter(subject=subject, showing=showing).first()
    newest, shown = told.decision, told.showing
    is_settled = waits is None and (newest is None or accepted or not newest.accepted)
    if is_settled or seen not in (None, newest.id if newest else 0):
        raise Refused("这张照片已经有人核实过了，请刷新后再看。")
    if place is not None and (fault := why_not_the_place(told, Unit.objects.get(pk=place))) is not None:
        raise Refused(fault)
    if waits is not None:
        waits.delete()
    area = waits.area if waits is not None else newest.area if newest is not None else ""
    until = _until(shown, today) if accepted else None
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_showing_decision
                 (subject, showing, serial, accepted, why, until, unit, place, by_place, area, by, at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                subject,
                showing,
                shown.serial,
                accepted,
                why,
                until,
                unit,
                shown.place,
                place is not None,
                area,
                by.name,
                at,
            ],
        )
    if accepted and until is not None:
        title, text = "亮码照片已核实", f"“{shown.where}”的亮码照片已核实，有效至 {until:%Y-%m-%d}；到期前请再拍一张。"
    else:
        title, text = "亮码照片没有通过", f"“{shown.where}”的亮码照片没有通过：{why}。请按原因重拍一张。"
        if place is not None:
            text += f"认为{unit}核实得不对的，重传时场所选“{BY_OFFICE}”。"
    messages.tell(subjects=[subject], about="showing", title=title, text=text, by=unit, at=at, page="my-showing")
    touch([subject])
    trail.note(
        by=by,
        verb="showing.decide",
        thing=f"showing {subject}/{showing}",
        at=at,
        detail={"accepted": accepted, "why": why, "serials": [shown.serial]},
    )


def why_not_the_place(told: Told, place: Unit) -> str | None:
    """Return why a place may not decide about a photo, or nothing if it may: what is said to hang in it, and no code of its own."""
    if told.showing.place != place.pk:
        return "这张照片不是贴在本场所的。"
    if told.showing.subject_id == place.uscc:
        return "这是本单位自己的码，由信用办核实。"
    if told.decision is not None and told.decision.accepted and not told.decision.by_place:
        return "这张照片是信用办核实通过的；现场没有看到这个码，请告诉信用办。"
    return None


def _place(place: int, subject: str) -> Unit:
    found = people.places().filter(pk=place).first()
    if found is None:
        raise Refused(f"没有这个场所，或者它不再核实照片了；请另选一个，或选“{BY_OFFICE}”。")
    if found.uscc == subject:
        raise Refused(f"自己管理的场所不能核实自己的码，请选“{BY_OFFICE}”。")
    return found


def _due(day: date) -> date:
    return workdays.deadline(day, rule().place_workdays, workdays.STATE_COUNCIL)


def _until(shown: Showing, today: date) -> date:
    """Return until when an accepted photo counts; of an event's stand no longer than the event."""
    until = today + timedelta(days=rule().photo_days)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT until FROM codes_placing WHERE subject = %s AND serial = %s ORDER BY id DESC LIMIT 1",
            [shown.subject_id, shown.serial],
        )
        row = cursor.fetchone()
    return min(until, row[0]) if row and row[0] else until


def _lock(subject: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM subjects_subject WHERE uscc = %s FOR NO KEY UPDATE", [subject])


# ---- Questions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One photo with what was decided of it last, if anything was."""

    showing: Showing
    decision: ShowingDecision | None

    def state(self, today: date) -> str:
        """Return its state: waiting, accepted, ended (accepted, and its days are over) or refused."""
        if self.decision is None:
            return "waiting"
        if not self.decision.accepted:
            return "refused"
        return "accepted" if self.decision.until is None or self.decision.until >= today else "ended"


def of(subject: str, *, limit: int, showing: int | None = None) -> list[Told]:
    """Return the photos that a business sent, newest first, or the one of a number: two looks, however many there are."""
    found = Showing.objects.filter(subject=subject).order_by("-id")
    some = list(found.filter(id=showing) if showing is not None else found[:limit])
    newest: dict[int, ShowingDecision] = {}
    asked = ShowingDecision.objects.filter(subject=subject, showing__in=[one.id for one in some]).order_by("id")
    for decision in asked:
        newest[decision.showing] = decision
    return [Told(one, newest.get(one.id)) for one in some]


RANKS: Final = {"overdue": 0, "office": 1, "place": 2}
"""Whose turn it is to look at a photo, in the order in which an office is shown them."""


def waiting(*, today: date, area: str | None = None, whose: str = "") -> QuerySet[ShowingWaiting]:
    """Return the photos that wait to be looked at: all of them, or those of what an area governs.

    Each says whose turn it is (`rank`), and in that order they come, then oldest first: what a place has not looked at in
    its days, or whose place is no more; what hangs in no place; what a place still has its days for. `whose` narrows them
    to the turn of a `place`, or of the `office`.
    """
    still = When(due_on__gte=today, place__in=people.places().values("pk"), then=Value(RANKS["place"]))
    rank = Case(
        When(place=None, then=Value(RANKS["office"])),
        still,
        default=Value(RANKS["overdue"]),
        output_field=IntegerField(),
    )
    found = ShowingWaiting.objects.annotate(rank=rank).order_by("rank", "id")
    if whose == "place":
        found = found.filter(rank=RANKS["place"])
    elif whose:
        found = found.filter(rank__lt=RANKS["place"])
    return found if area is None else found.filter(bindings.within(area))


def waiting_in(place: int, *, uscc: str) -> QuerySet[ShowingWaiting]:
    """Return the photos that wait and are said to hang in a place, oldest first, but those of its own code."""
    return ShowingWaiting.objects.filter(place=place).exclude(subject=uscc).order_by("id")


def decided(*, area: str | None = None, unit: str = "", place: int | None = None) -> QuerySet[ShowingDecision]:
    """Return what was decided, newest first: all of it, of what an area governs and by one unit, or of one place."""
    found = ShowingDecision.objects.order_by("-at", "-id")
    if place is not None:
        return found.filter(place=place)
    return found if area is None else found.filter(bindings.within(area) | Q(unit=unit))


def hangs_in(place: int, *, subject: str, proof: int) -> bool:
    """Tell whether a photo is of a code that its owner says hangs in a place."""
    return Showing.objects.filter(subject=subject, proof=proof, place=place).exists()
