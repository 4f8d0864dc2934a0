"""Acts with commitments: signed, ended, answered, judged, accepted. Each is one transaction with its trail.

What is signed or found enters the records like everything else (`ingest/entering.py`): here its row is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from chengxin.credit.commitments import queries, rules, templates
from chengxin.credit.commitments.queries import Made
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy

CHINA: Final = ZoneInfo("Asia/Shanghai")
NO_UNIT: Final = "单位名录里还没有可以受理承诺的单位（须有统一社会信用代码），请联系信用办；现在还不能签署。"
INDIVIDUAL: Final = "个体工商户"
BODY: Final = "法人及非法人组织"


class Row(NamedTuple):
    """A commitment as it enters the records: its 承诺编码, and its columns by their codes."""

    number: str
    row: Mapping[str, str]


class Signed(NamedTuple):
    """What was signed: the rows to enter, and the unit that accepts them."""

    rows: tuple[Row, ...]
    unit: str


# ---- Signing -----------------------------------------------------------------------------------------------------


@transaction.atomic
def sign_many(
    *,
    subject: str,
    template: str,
    by: Actor,
    person: int | None,
    at: datetime,
    serials: Sequence[int | None],
    signed_on: Sequence[date] | None = None,
) -> Signed:
    """Sign a form of words once for each of these codes of a business (None: for the whole of it).

    The caller enters the rows in the same transaction. Two at once go one after the other.

    :param signed_on: the day of each, where it was signed on paper before (a driver's own); None: today.
    :raises Refused: the form is not for this trade, it is signed already, no unit can accept it, or a day is to come or
        so long ago that the commitment has ended.
    """
    words = templates.find(template)
    if words is None:
        raise Refused("没有这份承诺书，请从列表中选择。")
    if not serials or len(set(serials)) != len(serials):
        raise Refused("没有选择为哪些码签署，或者同一个码选了两次。")
    registered = _locked(subject)
    if not words.is_for(registered.industry):
        raise Refused(f"“{words.label}”不适用于这个主体登记的行业，请选择其他承诺书。")
    today = at.astimezone(CHINA).date()
    standing = queries.standing(subject, template=template, today=today)
    for serial in serials:
        signed = standing.get(serial)
        refusal = rules.why_not_sign(
            state=registered.state,
            stands=signed is not None,
            stands_until=signed.until if signed else None,
            today=today,
        )
        if refusal:
            raise Refused(refusal)
    days = list(signed_on) if signed_on is not None else [today] * len(serials)
    for day in days:
        if refusal := rules.why_not_signed_on(day, valid_days=words.valid_days, today=today):
            raise Refused(refusal)
    area = subjects.area_of([subject]).get(subject, "")
    unit = queries.accepting(words, area=area)
    if unit is None:
        raise Refused(NO_UNIT)
    numbers = take_numbers(place=queries.place_of(unit, area=area), day=today, count=len(serials))
    ends = [rules.ends(day, words.valid_days) for day in days]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO commitments_signing (subject, number, "placing", template, version, digest, signed_on,
                 until, unit, unit_code, person, by, at)
               SELECT %s, said.number, said.serial, %s, %s, %s, said.day, said.until, %s, %s, %s::bigint, %s, %s
               FROM unnest(%s::varchar[], %s::bigint[], %s::date[], %s::date[]) AS said (number, serial, day, until)""",
            [
                *(subject, words.name, words.version, words.digest),
                *(unit.name, unit.uscc, person, by.name, at),
                *(numbers, list(serials), days, ends),
            ],
        )
    trail.note(
        by=by,
        verb="commitment.sign",
        thing=f"subject:{subject}",
        at=at,
        detail={"name": words.label, "version": words.version, "commitments": len(numbers), "unit": unit.name},
    )
    rows = tuple(
        Row(
            number,
            _row(registered, number, day)
            | {
                "CN_LX": words.type,
                "CN_SY": rules.reason(words.reason, serial),
                "CN_NR": words.text,
                "CN_WNZR": words.consequence,
                "CN_YXQ": until.isoformat(),
                "CN_SLDW": unit.name,
                "CN_SLDWDM": unit.uscc,
                "CN_GKLX": "可向社会公开",
            },
        )
        for number, serial, day, until in zip(numbers, serials, days, ends, strict=True)
    )
    return Signed(rows, unit.name)


def _row(registered: Registered, number: str, day: date) -> dict[str, str]:
    return {
        "CN_BM": number,
        "CN_MC": registered.name,
        "CN_LB": INDIVIDUAL if registered.kind == "individual" else BODY,
        "CN_DM": registered.subject,
        "CN_ZCRQ": day.isoformat(),
    }


def take_numbers(*, place: str, day: date, count: int) -> list[str]:
    """Return the next numbers of a place and day. In the caller's transaction: if that rolls back, no number is missing.

    :raises Refused: the day has no more.
    """
    with connection.cursor() as cursor:
        # The row is locked until the transaction ends: whoever signs at the same time waits for it.
        cursor.execute(
            """INSERT INTO commitments_numbered AS n (division, day, last) VALUES (%s, %s, %s)
               ON CONFLICT (division, day) DO UPDATE SET last = n.last + EXCLUDED.last RETURNING last""",
            [place, day, count],
        )
        (last,) = cursor.fetchone()
    if last > rules.LAST_SERIAL:
        raise Refused("今天的承诺编码已经用完，请明天再签署。")
    return [rules.number(place, day, serial) for serial in range(last - count + 1, last + 1)]


def _locked(subject: str) -> Registered:
    with connection.cursor() as cursor:
        cursor.execute("SELECT uscc FROM subjects_subject WHERE uscc = %s FOR NO KEY UPDATE", [subject])
    registered = subjects.registrations([subject])
    if not registered:
        raise Refused("库中没有这个主体的登记信息，还不能签署承诺。")
    return registered[0]


# ---- Said of it by the business ----------------------------------------------------------------------------------


@transaction.atomic
def end(*, subject: str, number: str, why: str, person: int | None, by: Actor, at: datetime) -> Row:
    """Let a business end a commitment that it signed here, with a reason; return the row that says so.

    It is not unsaid: until today it held, it stays on record with that as its end, and may be judged for that time.

    :raises Refused: it was not signed here, has ended, or no reason is given.
    """
    why = _plain(why, lacking="请写明终止的原因，受理单位会看到。")
    _locked(subject)
    one = _found(subject, number)
    today = at.astimezone(CHINA).date()
    if one.signing is None:
        raise Refused("这份承诺不是在这里签署的，需要终止时请联系受理单位。")
    if refusal := rules.why_not_end(until=one.until, today=today):
        raise Refused(refusal)
    _say(subject, number, "end", why, person=person, by=by, at=at)
    trail.note(by=by, verb="commitment.end", thing=f"subject:{subject}", at=at, detail={"number": number})
    return Row(number, {**one.body, "CN_YXQ": today.isoformat()})


@transaction.atomic
def answer(*, subject: str, number: str, text: str, person: int | None, by: Actor, at: datetime) -> None:
    """Let a business answer a finding about a commitment; the office sees it beside the finding.

    :raises Refused: nothing was found yet, or nothing is said.
    """
    text = _plain(text, lacking="请写下要说明的情况。")
    one = _found(subject, number)
    if not one.kept:
        raise Refused("这份承诺还没有认定，不需要说明。")
    _say(subject, number, "answer", text, person=person, by=by, at=at)
    trail.note(by=by, verb="commitment.answer", thing=f"subject:{subject}", at=at, detail={"number": number})


def _say(subject: str, number: str, about: str, text: str, *, person: int | None, by: Actor, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO commitments_word (subject, number, about, text, person, by, at)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            [subject, number, about, text, person, by.name, at],
        )


# ---- Found by the accepting unit -----------------------------------------------------------------------------------


class Finding(NamedTuple):
    """How far a commitment was kept, on what evidence (domain.md §9.2, items 11 to 16)."""

    kept: str
    evidence: str
    unkept: str = ""
    consequence: str = ""


class Lacking(Refused):
    """A finding lacks something: field → sentence."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(next(iter(self.faults.values())))


@transaction.atomic
def judge(
    *,
    subject: str,
    number: str,
    finding: Finding,
    unit: str,
    unit_code: str,
    by: Actor,
    at: datetime,
    proofs: Callable[[], Sequence[int]] = tuple,
) -> Row:
    """Say how far a commitment was kept; return the record's further revision.

    :param proofs: keeps what was handed in with it and returns the ids (people_proof.id); asked once nothing is lacking.
    :param unit: the unit that finds so (承诺履行状态认定单位), with its USCC.
    :raises Lacking: what a finding has to say is missing.
    :raises Refused: there is no such commitment on record, or it was stopped.
    """
    today = at.astimezone(CHINA).date()
    one = _found(subject, number)
    finding = Finding(
        finding.kept.strip(),
        " ".join(finding.evidence.split()),
        finding.unkept.strip() if finding.kept in rules.BREACHED else "",
        finding.consequence.strip() if finding.kept in rules.BREACHED else "",
    )
    faults = rules.why_not_judge(
        kept=finding.kept,
        unkept=finding.unkept,
        consequence=finding.consequence,
        evidence=finding.evidence,
        signed_on=one.signed_on,
        today=today,
    )
    for name in ("evidence", "unkept", "consequence"):
        if found := privacy.find(getattr(finding, name)):
            what = "、".join(dict.fromkeys(each.label for each in found))
            faults.setdefault(name, f"请删去个人信息（{what}）后再提交。")
    if len(finding.evidence) > EVIDENCE_LENGTH:
        faults.setdefault("evidence", f"依据最多 {EVIDENCE_LENGTH} 个字，请写短些。")
    if faults:
        raise Lacking(faults)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO commitments_judgment
                 (subject, number, kept, unkept, consequence, evidence, proofs, unit, by, at)
               VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s)""",
            [
                *(subject, number, finding.kept, finding.unkept, finding.consequence, finding.evidence),
                *(json.dumps([*proofs()]), unit, by.name, at),
            ],
        )
    detail = {"number": number, "kept": finding.kept, "unit": unit}
    trail.note(by=by, verb="commitment.judge", thing=f"subject:{subject}", at=at, detail=detail)
    found_now = {
        "CN_LXZT": finding.kept,
        "CN_WLX": finding.unkept,
        "CN_ZJ": finding.consequence,
        "CN_RDRQ": today.isoformat(),
        "CN_RDDW": unit,
        "CN_RDDWDM": unit_code,
    }
    return Row(number, {name: said for name, said in {**one.body, **found_now}.items() if said})


EVIDENCE_LENGTH: Final = 500
WORD_LENGTH: Final = 500


def _found(subject: str, number: str) -> Made:
    one = queries.find(subject, number)
    if one is None:
        raise Refused("没有这份承诺，请核对承诺编码。")
    if not one.entered:
        raise Refused("这份承诺刚刚签署，正在入库，请过一会儿再试。")
    if one.stopped:
        raise Refused("这份承诺的记录已停止使用，不能再改动。")
    return one


def _plain(text: str, *, lacking: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Refused(lacking)
    if len(text) > WORD_LENGTH:
        raise Refused(f"最多 {WORD_LENGTH} 个字，请写短些。")
    if found := privacy.find(text):
        what = "、".join(dict.fromkeys(each.label for each in found))
        raise Refused(f"请删去个人信息（{what}）后再提交。")
    return text


# ---- Accepted by a unit ----------------------------------------------------------------------------------------------


class Accepted(NamedTuple):
    """A commitment that a unit took from a business in the course of its own work (审批替代型 and the like)."""

    type: str
    reason: str
    text: str
    consequence: str
    signed_on: date
    until: date | None
    public_type: str


@transaction.atomic
def accept(*, subject: str, said: Accepted, unit: str, unit_code: str, place: str, by: Actor, at: datetime) -> Row:
    """Number a commitment that a unit accepted outside this system; return the row that enters.

    :raises Refused: the business is not registered.
    """
    registered = _locked(subject)
    (number,) = take_numbers(place=place, day=said.signed_on, count=1)
    trail.note(
        by=by,
        verb="commitment.accept",
        thing=f"subject:{subject}",
        at=at,
        detail={"number": number, "unit": unit},
    )
    return Row(
        number,
        _row(registered, number, said.signed_on)
        | {
            "CN_LX": said.type,
            "CN_SY": said.reason,
            "CN_NR": said.text,
            "CN_WNZR": said.consequence,
            "CN_YXQ": said.until.isoformat() if said.until else "",
            "CN_SLDW": unit,
            "CN_SLDWDM": unit_code,
            "CN_GKLX": said.public_type,
        },
    )
