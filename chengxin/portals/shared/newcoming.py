"""新主体 across the domains: asked for, looked at, registered like everything that is registered, and bound. One transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from chengxin.credit.applications import newcomers
from chengxin.credit.applications.models import Newcomer
from chengxin.credit.subjects import queries as subjects
from chengxin.ingest import entering, sources
from chengxin.ingest.sources import Source
from chengxin.people import bindings
from chengxin.people.models import Binding, Unit, User
from chengxin.people.trail import Actor, Refused
from chengxin.portals.shared import proofs
from chengxin.portals.shared.claiming import due, office
from chengxin.portals.shared.proofs import Cleaned
from chengxin.terms import entity, industry, unseen
from chengxin.terms import uscc as codes

KIND: Final = "subject"
LABELS: Final = {
    "ENTNAME": "名称",
    "LEREP": "负责人姓名",
    "REGORG": "发证单位",
    "DOM": "住所",
    "INDUSTRYCO": "行业",
}
ASKED: Final = tuple(LABELS)
"""What somebody says of a new body, by the columns of the kind; the code is asked before, the type and the state follow."""
CODE: Final = "UNISCID"
MARKET: Final = "9"
"""Of codes given by the register of the market: those come by its file and nobody else's word (GB 32100, table 1)."""


def body(code: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return what somebody says of a new body as it would be registered."""
    parsed = codes.parse(code)
    return {
        **{name: " ".join(said.get(name, "").split()) for name in ASKED},
        CODE: parsed.text,
        "ENTTYPE": entity.kind_of(parsed.text).label,
        "REGSTATE": entity.STATES["active"].label,
        "DOMDISTRICT": parsed.division,
    }


def faults(of: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with it, by the code of the column that is written: one sentence each."""
    told = entering.check(KIND, [of])
    # What nobody writes here follows from the code.
    found = {column if column in ASKED else CODE: sentence for _, column, sentence in told}
    for column, sentence in (
        ("ENTNAME", "请写全称，和登记证书上的一样。"),
        ("LEREP", "请写负责人的姓名。"),
        ("REGORG", "请写发证的单位，例如“某市民政局”。"),
        ("DOM", "请写住所，和登记证书上的一样。"),
    ):
        if len(of.get(column, "")) < 2:
            found[column] = sentence
        elif unseen.among(of[column]):
            found[column] = "这里有看不见的字符，请删掉重新输入。"
    if (trade := of.get("INDUSTRYCO", "")) and not industry.section_of(trade):
        found["INDUSTRYCO"] = "没有这个行业，请从列表里选一个，或者选“不清楚”。"
    return found


def why_not(code: str) -> str:
    """Return why a body cannot be asked for here, or nothing."""
    if subjects.registrations([code]):
        return "登记库里已经有这个主体，请直接绑定。"
    if code.startswith(MARKET):
        return "市场监管部门登记的主体，登记信息会自动送到，不用在这里登记；刚办的执照请过几个工作日再来。"
    return ""


@transaction.atomic
def ask(
    *, code: str, said: Mapping[str, str], papers: Sequence[Cleaned], user: User, by: Actor, at: datetime
) -> Newcomer:
    """Ask that a body be added, and keep its certificate.

    :raises Refused: it is registered, comes by the register of the market, or something is missing or wrong.
    """
    if refusal := why_not(code):
        raise Refused(refusal)
    of = body(code, said)
    if wrong := faults(of):
        raise Refused(next(iter(wrong.values())))
    kept = [proofs.keep(one, subject=code, about="newcomer", user=user, by=by, at=at).pk for one in papers]
    area = codes.parse(code).division
    return newcomers.ask(user=user, uscc=code, body=of, proofs=kept, area=area, due_on=due(at), by=by, at=at)


@transaction.atomic
def decide(
    *, newcomer: int, accept: bool, why: str, unit: Unit | None, by: Actor, at: datetime
) -> tuple[Newcomer, Binding | None]:
    """Accept a new body, which registers it and binds who asked; or refuse it.

    Where the register got it meanwhile, what it says stands, and only the binding is made.

    :raises Refused: see `newcomers.decide` and `bindings.claim`.
    """
    waits = Newcomer.objects.select_related("user").filter(pk=newcomer).first()
    if waits is None:
        raise Refused(newcomers.DONE)
    has_colleague = bindings.others_decide(Binding(decided_by=waits.decided_by, area=waits.area))
    found = newcomers.decide(newcomer=newcomer, accept=accept, why=why, has_colleague=has_colleague, by=by, at=at)
    if not accept:
        return found, None
    if not subjects.registrations([found.uscc]):
        entering.enter(kind=KIND, rows=[found.body], source=_source(unit), by=by, at=at, unit=unit.pk if unit else None)
    made = bindings.claim(
        user=found.user,
        subject=found.uscc,
        part="legal",
        level="newcomer",
        name=found.body.get("LEREP", ""),
        state="accepted",
        proofs=found.proofs,
        area=found.area,
        due_on=due(at),
        by=by,
        at=at,
    )
    return found, made


@transaction.atomic
def correct(*, newcomer: int, code: str, said: Mapping[str, str], by: Actor, at: datetime) -> None:
    """Correct what somebody wrote of a new body by its certificate.

    :raises Refused: it cannot be asked for under that code, something is wrong, or see `newcomers.correct`.
    """
    waits = Newcomer.objects.filter(pk=newcomer).values_list("uscc", flat=True).first()
    if code != waits and (refusal := why_not(code)):
        raise Refused(refusal)
    of = body(code, said)
    if wrong := faults(of):
        raise Refused(next(iter(wrong.values())))
    area = codes.parse(code).division
    newcomers.correct(newcomer=newcomer, body=of, columns=(CODE, *ASKED), area=area, by=by, at=at)


class Corrected(NamedTuple):
    """One thing that a clerk corrected: what it is called, what was written, what stands now."""

    label: str
    was: str
    now: str


def corrections(of: Newcomer) -> list[Corrected]:
    """Return what a clerk corrected of what somebody wrote, for people."""
    labels = {CODE: "统一社会信用代码", **LABELS}
    return [
        Corrected(label, _written(column, of.said[column]), _written(column, of.body.get(column, "")))
        for column, label in labels.items()
        if column in of.said
    ]


def _written(column: str, value: str) -> str:
    said = industry.label(value) if column == "INDUSTRYCO" else codes.group(value) if column == CODE else value
    return said or "没有写"


@transaction.atomic
def appeal(*, newcomer: int, words: str, papers: Sequence[Cleaned], user: User, by: Actor, at: datetime) -> Newcomer:
    """Let somebody appeal against what was refused.

    :raises Refused: see `newcomers.appeal`.
    """
    code = Newcomer.objects.filter(pk=newcomer, user=user).values_list("uscc", flat=True).first()
    if code is None:
        raise Refused("这份登记不能申诉。")
    kept = [proofs.keep(one, subject=code, about="newcomer", user=user, by=by, at=at).pk for one in papers]
    return newcomers.appeal(newcomer=newcomer, user=user, words=words, proofs=kept, due_on=due(at), by=by, at=at)


def _source(unit: Unit | None) -> Source:
    label = unit.name if unit else office()
    return Source(name=sources.DEFAULT, label=label, unit=label, uscc=unit.uscc if unit else "")
