"""页面填写: what was written on a page enters as every file does, so that there is one river and one way in.

The rows are kept as JSON lines under their digest, received as a batch of the way `page` and taken in by the worker for
small files, within a second. They are checked by their kind's own rules before that, so that whoever writes hears at once
what is wrong; what is refused later all the same comes back as a message (`told.py`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from django.db import transaction
from django.utils import timezone

from chengxin.credit.applications.rules import Declared
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.rules import ON_CARD
from chengxin.credit.commitments import actions as commitments
from chengxin.credit.records import catalogue, rules
from chengxin.credit.records.form import Kind
from chengxin.credit.subjects import messages
from chengxin.credit.subjects import queries as subjects
from chengxin.ingest import batches, sources, told
from chengxin.ingest.models import Batch
from chengxin.ingest.sources import Source
from chengxin.people.models import Unit
from chengxin.people.trail import Actor, Refused

ROWS_AT_MOST: Final = 5000
"""So many rows are written on one page at most: a taxi firm's cars, not a register."""
BUSINESS: Final = "business"
"""The source of what a business says of itself."""
DECLARATION: Final = "declaration"
COMMITMENT: Final = "commitment"


class Faulty(Refused):
    """Rows that their kind's rules do not let in: row (from 1), code of the column, one sentence each."""

    def __init__(self, problems: Sequence[tuple[int, str, str]]) -> None:
        self.problems = tuple(problems)
        row, _, said = self.problems[0]
        super().__init__(said if {one for one, _, _ in self.problems} == {1} else f"第 {row} 条：{said}")


def check(
    kind: str, rows: Sequence[Mapping[str, str]], *, today: date | None = None
) -> tuple[tuple[int, str, str], ...]:
    """Return what the kind's own rules find wrong with rows given by code: row (from 1), code of the column, sentence.

    :param today: the day on which they would be received; now, if not given.
    :raises KeyError: no such kind, or it has no such column.
    """
    what = catalogue.kind(kind)
    day = today or timezone.localdate()
    names = {column.name: column.code for column in what.columns}
    found = []
    for number, row in enumerate(rows, start=1):
        checked = rules.check(what, _whole(what, row), today=day, received_on=day)
        found += [
            (number, names.get(one.column, ""), f"{one.message.rstrip('。')}。")
            for one in checked.problems
            if one.level == "error"
        ]
    return tuple(found)


def _whole(what: Kind, row: Mapping[str, str]) -> dict[str, str]:
    """Return a row with every column of its kind: a column that is not there at all is not asked for by the checks."""
    for code in row:
        what.column(code)
    return {column.code: row.get(column.code, "") for column in what.columns}


def enter(
    *,
    kind: str,
    rows: Sequence[Mapping[str, str]],
    source: Source,
    by: Actor,
    at: datetime,
    unit: int | None = None,
) -> Batch:
    """Receive rows, given by the codes of their columns, as a batch; a worker takes it in within a second.

    Runs in the caller's transaction: nothing is received if that rolls back.

    :param unit: the unit of the directory whose batch it is, for its people to see.
    :raises Faulty: the kind's rules do not let a row in.
    :raises Refused: there are no rows or too many, or the disk is full.
    """
    if not rows:
        raise Refused("没有填写任何内容。")
    if len(rows) > ROWS_AT_MOST:
        raise Refused(f"一次最多填写 {ROWS_AT_MOST:,} 条，请分几次。")
    if problems := check(kind, rows, today=timezone.localdate(at)):
        raise Faulty(problems)
    lines = b"".join(msgspec.json.encode({name: said for name, said in row.items() if said}) + b"\n" for row in rows)
    label = catalogue.kind(kind).label
    with transaction.atomic():
        return batches.receive(
            file=io.BytesIO(lines),
            file_name=f"{label}（页面填写）.jsonl",
            kind=kind,
            source=source,
            way=told.PAGE,
            by=by,
            unit=unit,
            at=at,
            then="apply",
        )


# ---- What a business says ------------------------------------------------------------------------------------------


@transaction.atomic
def commit(
    *, subject: str, template: str, by: Actor, person: int | None, at: datetime, serial: int | None = None
) -> str:
    """Sign a commitment for a business and enter it as a record; return its 承诺编码.

    :param serial: of the code of the vehicle or stall that it is made for; None: for the whole business.
    :raises Refused: the template is not for this business, it is signed already, or no unit can accept it.
    """
    (number,) = commit_many(subject=subject, template=template, by=by, person=person, at=at, serials=[serial])
    return number


@transaction.atomic
def commit_many(
    *,
    subject: str,
    template: str,
    by: Actor,
    person: int | None,
    at: datetime,
    serials: Sequence[int | None],
    signed_on: Sequence[date] | None = None,
) -> list[str]:
    """Sign one commitment for each of several codes of a business, as one batch; return their 承诺编码 in that order.

    :param signed_on: the day of each, where it was signed on paper before; None: today.
    :raises Refused: as `commit`, or a serial is of no code of this business that holds.
    """
    if asked := {serial for serial in serials if serial is not None}:
        held = {code.serial for code in codes.standing([subject]) if code.state in ON_CARD | {"pending"}}
        if missing := sorted(asked - held):
            raise Refused(f"没有编号 {missing[0]} 的码，或者它已经换发、注销；请核对后再签署。")
    signed = commitments.sign_many(
        subject=subject, template=template, by=by, person=person, at=at, serials=serials, signed_on=signed_on
    )
    _enter([one.row for one in signed.rows], by=by, at=at)
    return [one.number for one in signed.rows]


@transaction.atomic
def end(*, subject: str, number: str, why: str, by: Actor, person: int | None, at: datetime) -> None:
    """End a commitment that a business signed here, and enter that as its record's further revision.

    :raises Refused: as `commitments.actions.end`.
    """
    row = commitments.end(subject=subject, number=number, why=why, person=person, by=by, at=at)
    _enter([row.row], by=by, at=at)


@transaction.atomic
def judge(
    *,
    subject: str,
    number: str,
    finding: commitments.Finding,
    unit: str,
    unit_code: str,
    by: Actor,
    at: datetime,
    proofs: Callable[[], Sequence[int]] = tuple,
) -> None:
    """Enter how far a commitment was kept as its record's further revision, and tell the business.

    :param proofs: keeps what was handed in with it and returns the ids (people_proof.id); asked once nothing is lacking.
    :raises Refused: as `commitments.actions.judge`.
    :raises Faulty: the record, as it was sent in, is not one that the kind's rules let in.
    """
    row = commitments.judge(
        subject=subject, number=number, finding=finding, unit=unit, unit_code=unit_code, by=by, at=at, proofs=proofs
    )
    _enter([row.row], by=by, at=at)
    messages.tell(
        subjects=[subject],
        about=COMMITMENT,
        title=f"承诺履行状态已认定：{row.row['CN_LXZT']}",
        text=f"承诺编码 {number}。认为不对的，可以在这份承诺的页面上说明情况，认定单位会看到。",
        by=unit,
        at=at,
        page="my-commitments",
    )


@transaction.atomic
def accept(
    *, subject: str, said: commitments.Accepted, unit: str, unit_code: str, place: str, by: Actor, at: datetime
) -> str:
    """Enter a commitment that a unit took in the course of its work, and return its 承诺编码.

    :raises Refused: the business is not registered.
    :raises Faulty: the kind's rules do not let it in.
    """
    row = commitments.accept(subject=subject, said=said, unit=unit, unit_code=unit_code, place=place, by=by, at=at)
    _enter([row.row], by=by, at=at)
    return row.number


def _enter(rows: Sequence[Mapping[str, str]], *, by: Actor, at: datetime) -> None:
    """Enter commitments that one unit accepted, as its batch."""
    unit, code = rows[0]["CN_SLDW"], rows[0]["CN_SLDWDM"]
    known = Unit.objects.filter(uscc=code).values_list("pk", flat=True).first()
    enter(kind=COMMITMENT, rows=rows, source=Source(sources.DEFAULT, unit, unit, code), by=by, at=at, unit=known)


@transaction.atomic
def declare(*, subject: str, items: Sequence[Declared], by: Actor, at: datetime) -> list[str]:
    """Enter what a business says of itself as records, and return their 填报编号 in the order of the items.

    An item that `revises` another keeps its number: it is a further revision of the same record.

    :raises Faulty: an item is not as the kind asks; its column's code says where.
    :raises Refused: the business is not registered, or there are no items.
    """
    registered = subjects.registrations([subject])
    if not registered:
        raise Refused("库中没有这个主体的登记信息，还不能填报。")
    day = timezone.localdate(at)
    fresh = iter(commitments.take_numbers(place=DECLARED, day=day, count=sum(not item.revises for item in items)))
    numbers = [item.revises or next(fresh) for item in items]
    enter(
        kind=DECLARATION,
        rows=[
            declaration_row(item, number=number, subject=subject, name=registered[0].name, day=day)
            for number, item in zip(numbers, items, strict=True)
        ],
        source=sources.find(BUSINESS),
        by=by,
        at=at,
    )
    return numbers


def declaration_row(item: Declared, *, number: str, subject: str, name: str, day: date) -> dict[str, str]:
    """Return a declared item as a row of its kind, by the codes of the columns."""
    return {
        "ZY_BH": number,
        "ZY_MC": name,
        "ZY_SHXYM": subject,
        "ZY_LX": item.kind,
        "ZY_BT": item.title,
        "ZY_NR": item.text,
        "ZY_SYDW": item.issuer,
        "ZY_WH": item.number,
        "ZY_SYRQ": item.given_on.isoformat() if item.given_on else "",
        "ZY_YXQZ": item.valid_to.isoformat() if item.valid_to else "",
        "ZY_TBRQ": day.isoformat(),
        "ZY_ZT": "2" if item.withdrawn else "1",
        "BZ": f"证明材料 {item.proof}" if item.proof is not None else "",
    }


DECLARED: Final = "ZY"
"""What a 填报编号 begins with, where a 承诺编码 has its place."""
