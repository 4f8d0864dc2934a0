"""放置 with what belongs to it: places get their codes, and drivers who signed have their commitments entered, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chengxin.credit.codes import actions, placing, queries
from chengxin.credit.codes.places import Place
from chengxin.credit.commitments import queries as commitments
from chengxin.credit.commitments import templates
from chengxin.credit.commitments.templates import Template
from chengxin.credit.subjects import queries as subjects
from chengxin.ingest import entering
from chengxin.people.trail import Actor, Refused


class Registered(NamedTuple):
    """What came of a list: how many codes are new, how many places had one already, how many commitments entered."""

    new: tuple[int, ...]
    kept: int
    signed: int


def promise(subject: str, kind: str) -> Template | None:
    """Return the commitment that whoever works at a kind of place of this business signs, or None if there is none."""
    registered = subjects.registrations([subject])
    found = templates.for_business(industry=registered[0].industry, placement=kind) if registered else []
    return found[0] if found else None


@transaction.atomic
def register(
    *, subject: str, rows: Sequence[tuple[Place, date | None]], way: str, person: int | None, by: Actor, at: datetime
) -> Registered:
    """Give places their codes; where it is said on which day the driver signed, enter his commitment with its code's serial.

    :raises Refused: as `placing.place` and `entering.commit_many` do, or there is no commitment for such a place.
    """
    before = {code.serial for code in queries.standing([subject])}
    signer = actions.signer(folder=settings.KEYS_DIR, by=by, at=at)
    issued = placing.place(subject=subject, places=[one for one, _ in rows], way=way, by=by, at=at, signer=signer)
    new = tuple(dict.fromkeys(one.serial for one in issued if one.serial is not None and one.serial not in before))
    signed = 0
    for kind in dict.fromkeys(place.kind for place, said in rows if said):
        words = promise(subject, kind)
        if words is None:
            raise Refused("这个行业还没有驾驶员的承诺书样式：请把“驾驶员已签承诺”留空。")
        signed_already = commitments.signed(subject, today=timezone.localdate(at), template=words.name)
        stands = {serial for _, serial in signed_already}
        wanted = {
            code.serial: said for code, (place, said) in zip(issued, rows, strict=True)
            if said and place.kind == kind and code.serial is not None and code.serial not in stands
        }  # fmt: skip
        if wanted:
            entering.commit_many(
                subject=subject, template=words.name, by=by, person=person, at=at,
                serials=list(wanted), signed_on=list(wanted.values()),
            )  # fmt: skip
            signed += len(wanted)
    return Registered(new, len(rows) - len(new), signed)
