"""What becomes of a business's codes, told to the business in the act itself: frozen, freed, answered, changed by the register.

Single turns stand in `actions`. Here are the acts of the office on several codes at once, the statement that a business
makes against a freeze (and the answer to it), and what the register's news mean for whoever has a code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengxin.board import actions as board
from chengxin.board import token
from chengxin.credit.codes import actions, keyring, listed, queries, rules
from chengxin.credit.codes.models import Plea
from chengxin.credit.subjects import actions as subjects_actions
from chengxin.credit.subjects import messages
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms import privacy, unseen
from chengxin.terms.entity import STATES

WHY_LENGTH: Final = 500
PLEA_LENGTH: Final = 1000
PLEAS_LIMIT: Final = 20
"""Statements that one business may make, over all its years: a freeze may be answered again, a flood may not."""
FREE: Final = "unfreeze"
ANSWERS: Final = {"upheld": "申诉成立，解除冻结", "dismissed": "申诉不成立，维持冻结"}


def reason(text: str) -> str:
    """Return a reason as it is kept.

    :raises Refused: there is none, it is too long, or has what nobody may read there.
    """
    said = " ".join(text.split())
    if not said:
        raise Refused("请写明原因：经营主体会看到，也写入留痕。")
    if len(said) > WHY_LENGTH:
        raise Refused(f"原因最多 {WHY_LENGTH} 个字，现有 {len(said)} 个，请写短些。")
    if found := privacy.find(said):
        raise Refused(f"原因里写了{found[0].label}，请删去：它会进入留痕，不能删改。")
    if unseen.among(said):
        raise Refused("原因里有看不见的字符，请删掉重新输入。")
    return said


@transaction.atomic
def turn(*, subject: str, serials: Sequence[int], verb: str, why: str, unit: str, by: Actor, at: datetime) -> list[int]:
    """Let several codes of a business take one turn, tell the business why, and return their serials.

    What the turn hides is hidden when this returns. A code that is there already is passed over: resent, it changes nothing.

    :param unit: who says so to the business.
    :raises Refused: no reason; a code is not the business's or cannot take the turn.
    """
    why = reason(why)
    actions._lock([subject])
    step = rules.STEPS[verb]
    known = {code.serial: code for code in queries.standing([subject])}
    wanted = list(dict.fromkeys(serials))
    if not wanted:
        raise Refused("请至少选择一个码。")
    if unknown := [serial for serial in wanted if serial not in known]:
        raise Refused(f"编号 {token.grouped(unknown[0])} 不是这家的码，请刷新页面再选。")
    codes = [known[serial] for serial in wanted if known[serial].state != step.after]
    for code in codes:
        if refusal := rules.why_not_step(verb, code.state):
            raise Refused(f"编号 {token.grouped(code.serial)}：{refusal}。")
    turned = [code.serial for code in codes]
    if not turned:
        return []
    paused = queries.paused_before(subject, turned) if verb == FREE else set()
    after = [(serial, "paused" if serial in paused else step.after) for serial in turned]
    actions._turns([(subject, serial, state) for serial, state in after], why=why, by=by, at=at)
    board.take_down(codes=[(serial, state) for serial, state in after if state in rules.HIDES])
    subjects_actions.touch([subject])
    if told := [serial for serial in turned if serial not in paused]:
        _tell(subject, verb, told, why, unit, at)
    if paused:
        _tell(subject, "unfreeze paused", sorted(paused), why, unit, at)
    trail.note(
        by=by, verb=f"code.{verb}", thing=f"subject:{subject}", at=at, detail={"serials": _named(turned), "why": why}
    )
    return turned


def _named(serials: Sequence[int]) -> list[int]:
    """Return serials for the trail: the first hundred, as a freeze of a fleet may have thousands."""
    return sorted(serials)[:100]


_TOLD: Final = {
    "freeze": (
        "诚信码已被冻结",
        "{codes}已被冻结，原因：{why}。冻结期间扫码页会写明这一情况，不展示您自行填报的内容。有不同意见的，请在“诚信码”里说明。",
    ),
    "unfreeze": ("诚信码已解除冻结", "{codes}已解除冻结，即刻恢复有效。原因：{why}。"),
    "unfreeze paused": (
        "诚信码已解除冻结",
        "{codes}已解除冻结；冻结前您已暂停展示，现在仍是暂停，可以自行恢复。原因：{why}。",
    ),
    "cancel": ("诚信码已被注销", "{codes}已被注销，不再证明任何事情，请撕下并停用。原因：{why}。"),
    "supersede": (
        "诚信码已换发",
        "{codes}已换发新码，旧码即刻失效，请撕下旧的、重新下载印制。原因：{why}。",
    ),
}


def _tell(subject: str, verb: str, serials: Sequence[int], why: str, unit: str, at: datetime) -> None:
    if verb not in _TOLD:
        return
    title, text = _TOLD[verb]
    named = "、".join(token.grouped(serial) for serial in serials[:5])
    codes = f"编号 {named} 的码" if len(serials) <= 5 else f"编号 {named} 等 {len(serials)} 个码"
    messages.tell(
        subjects=[subject],
        about="code",
        title=title,
        text=text.format(codes=codes, why=why.rstrip("。")),
        by=unit,
        at=at,
        page="my-codes",
    )


@transaction.atomic
def replace(
    *, subject: str, serial: int, why: str, unit: str, by: Actor, at: datetime, signer: keyring.Signer
) -> actions.Issued:
    """Give a code another serial by the office, and tell the business what to print anew (see `actions.replace`).

    :raises Refused: as there, or no reason.
    """
    why = reason(why)
    made = actions.replace(subject=subject, serial=serial, why=why, by=by, at=at, signer=signer)
    _tell(subject, "supersede", [serial], why, unit, at)
    return made


# ---- A freeze, and what the business says to it -------------------------------------------------------------------------


class Frozen(NamedTuple):
    """The freeze that stands: since when, why, which codes, and what the business said to it last."""

    since: datetime
    why: str
    serials: list[int]
    plea: Plea | None  # the newest word: a statement that waits, or the answer to one


def frozen(subject: str) -> Frozen | None:
    """Return the freeze of a business that stands, or None."""
    serials = [code.serial for code in queries.Listing(subject, ("frozen",))]
    if not serials:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (serial) at, why FROM codes_turn WHERE subject = %s AND serial = ANY(%s)
               ORDER BY serial, id DESC""",
            [subject, serials],
        )
        since, why = max(cursor.fetchall())
    plea = Plea.objects.filter(subject=subject, at__gte=since).order_by("-id").first()
    return Frozen(since, why, serials, plea)


@transaction.atomic
def plead(*, subject: str, text: str, by: Actor, at: datetime) -> None:
    """Say, for the business, why its codes should not be frozen. It waits for the office's answer.

    :raises Refused: nothing is frozen, nothing is said, or what was said before still waits.
    """
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise Refused("请写明情况：为什么不应冻结，或者已经怎样改正。")
    if len(said) > PLEA_LENGTH:
        raise Refused(f"最多 {PLEA_LENGTH} 个字，现有 {len(said)} 个，请写短些。")
    actions._lock([subject])
    standing = frozen(subject)
    if standing is None:
        raise Refused("现在没有被冻结的码，不需要申诉。")
    if standing.plea is not None and not standing.plea.answer:
        raise Refused("上一次的说明正在核实，请等信用办答复后再补充。")
    if Plea.objects.filter(subject=subject, answer="").count() >= PLEAS_LIMIT:
        raise Refused("说明的次数已到上限，请直接联系信用办。")
    _say(subject, text=said, answer="", unit="", by=by, at=at)
    trail.note(by=by, verb="code.plead", thing=f"subject:{subject}", at=at)


@transaction.atomic
def answer(*, subject: str, seen: int, upheld: bool, why: str, unit: str, by: Actor, at: datetime) -> None:
    """Answer the statement of a business: upheld, what was frozen is free when this returns.

    :param seen: the id of the statement that is answered: of two clerks the first counts.
    :raises Refused: no reason, or the statement is answered already.
    """
    why = reason(why)
    actions._lock([subject])
    standing = frozen(subject)
    if standing is None or standing.plea is None or standing.plea.answer or standing.plea.id != seen:
        raise Refused("这份说明已有人答复，或者冻结已经解除：请刷新页面看现在的情况。")
    said = "upheld" if upheld else "dismissed"
    _say(subject, text=why, answer=said, unit=unit, by=by, at=at)
    trail.note(by=by, verb="code.answer", thing=f"subject:{subject}", at=at, detail={"state": said, "why": why})
    if upheld:
        turn(subject=subject, serials=standing.serials, verb=FREE, why=why, unit=unit, by=by, at=at)
    else:
        messages.tell(
            subjects=[subject],
            about="code",
            title="对冻结的说明有了答复",
            text=f"信用办核实了您的说明，维持冻结：{why}",
            by=unit,
            at=at,
            page="my-codes",
        )


def _say(subject: str, *, text: str, answer: str, unit: str, by: Actor, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO codes_plea (subject, text, answer, unit, by, at) VALUES (%s, %s, %s, %s, %s, %s)",
            [subject, text, answer, unit, by.name, at],
        )
    listed.make([subject], today=at.astimezone(actions.CHINA).date())


# ---- The register's news ------------------------------------------------------------------------------------------------


def tell_of_news(*, by: str, at: datetime) -> int:
    """Tell whoever has a code and is changed by the staged entries of a register (`pg_temp.counted`) what follows from it.

    A step of taking in a file, before its entries are added, in sets. Returns how many were told.
    """
    labels = {state.name: state.label for state in STATES.values()}
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH latest AS MATERIALIZED (
                 SELECT DISTINCT ON (c.whose) c.whose AS subject, e.name, e.state FROM pg_temp.counted c
                 JOIN pg_temp.entries e ON e.ctid = c.place WHERE c.news AND NOT c.is_first ORDER BY c.whose, c.row DESC),
               coded AS MATERIALIZED (
                 SELECT l.* FROM latest l WHERE EXISTS (SELECT FROM codes_code k WHERE k.subject = l.subject)
                   OR EXISTS (SELECT FROM codes_elsewhere f WHERE f.subject = l.subject)),
               changed AS (
                 SELECT n.subject, n.name, n.state, r.name AS old_name, r.state AS old_state FROM coded n
                 JOIN LATERAL (SELECT name, state, gone FROM subjects_registration r WHERE r.subject = n.subject
                   ORDER BY r.id DESC LIMIT 1) r ON NOT r.gone),
               told AS (
                 SELECT subject, '登记状态变为“' || (%(labels)s::jsonb ->> state) || '”' AS title,
                   CASE WHEN state = ANY(%(may)s) THEN '登记机关的信息已更新，您的诚信码按现在的登记状态展示，不需要办理。'
                     WHEN state = ANY(%(ended)s)
                       THEN '登记机关已办理注销或撤销登记，诚信码不再作数：扫码页会写明，请撕下已张贴的码。'
                         || '由别的主体接续经营的，请联系信用办登记接续。'
                     ELSE '登记机关的信息已更新，扫码页会写明现在的登记状态，不展示您自行填报的内容，也不能再印制新的载体。'
                       || '信息有误的，请先到登记机关更正。' END AS text
                 FROM changed WHERE state <> old_state
                 UNION ALL
                 SELECT subject, '登记名称已变更，请重新印制诚信码',
                   '登记名称由“' || left(old_name, 200) || '”变为“' || left(name, 200)
                     || '”。扫码页已改用新名称，并注明原名；已印的载体上还是原名，请重新下载印制后更换。'
                 FROM changed WHERE name <> old_name AND state = ANY(%(may)s))
               INSERT INTO subjects_message (subject, about, title, text, page, by, at)
               SELECT subject, 'code', left(title, 80), left(text, 1000), 'my-codes', %(by)s, %(at)s FROM told""",
            {
                "labels": json.dumps(labels, ensure_ascii=False),
                "may": [state.name for state in STATES.values() if state.may_be_coded],
                "ended": [state.name for state in STATES.values() if state.ended],
                "by": by,
                "at": at,
            },
        )
        return int(cursor.rowcount)
