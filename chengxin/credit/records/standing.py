"""A record as it stands now: what stopped it, and what was corrected in it. Pure: no database, no clock.

A record is stopped or corrected by a record of its own, of a kind that says by which way it stops others
(`form.STOPS`). Nothing that stands is changed by it: what holds now is worked out here, each time it is asked.

>>> STOPPING["withdrawn"].state, STOPPING["withdrawn"].days
('已撤回', 3)
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from chengxin.credit.records import catalogue
from chengxin.terms import workdays

CORRECTED: Final = "corrected"
"""The one way that leaves a record standing."""
REASON: Final = "TZ_LY"
"""The column that says why."""
FIELD, OLD, NEW = "TZ_ZDM", "TZ_YZ", "TZ_XZ"
"""The columns of a correction: which field, what it was, what it is."""


@dataclass(frozen=True, slots=True)
class Way:
    """One of the five ways a record stops, in the words of the law that knows it."""

    name: str
    label: str
    state: str  # what a record stopped by it is called on a list
    wording: str  # what whoever may see such a record is told
    law: str
    days: int = 0  # working days to take the information back in; 0: no number of days is set

    def late_by(self, decided_on: date, received_on: date) -> int:
        """Return by how many working days a record of this way came later than the law wants.

        :raises workdays.UnknownYear: the days run into a year whose holidays are not known.
        """
        if not self.days:
            return 0
        return max(0, workdays.between(decided_on, received_on, workdays.STATE_COUNCIL) - self.days)


def _ways() -> dict[str, Way]:
    said = tomllib.loads(Path(__file__).with_name("stops.toml").read_text(encoding="utf-8"))
    return {name: Way(name=name, **way) for name, way in said.items()}


STOPPING: Final[Mapping[str, Way]] = _ways()
"""The five ways, the strongest first."""


class Standing(NamedTuple):
    """A record that holds today, in its newest revision with what was corrected in it."""

    subject: str
    kind: str
    happened_on: date
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime


class Said(NamedTuple):
    """The newest revision of a record, or of one that stops another, as it was said."""

    subject: str
    kind: str
    happened_on: date
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime
    id: int
    key: bytes
    batch: int
    row: int
    target_kind: str | None = None
    target_key: bytes | None = None

    @property
    def way(self) -> str:
        """By which of the five ways it stops another record; empty: it is none that stops others."""
        return catalogue.KINDS[self.kind].stops if self.kind in catalogue.KINDS else ""


class Settled(NamedTuple):
    """A record with everything that was said about it."""

    said: Said
    body: Mapping[str, str]  # with its corrections
    state: str  # the way that stopped it, of STOPPING; empty: it stands
    by: Said | None  # what stopped it
    corrections: tuple[Said, ...]  # those that hold, in their order

    @property
    def standing(self) -> Standing:
        """The record as everybody downstream reads it."""
        said, body = self.said, self.body
        happened_on, source, source_code = said.happened_on, said.source, said.source_code
        if self.corrections:  # of what stands in the body too, the body has the last word
            roles = catalogue.kind(said.kind).roles
            if day := body.get(roles.happened_on):
                happened_on = date.fromisoformat(day)
            source = body.get(roles.source, source)
            source_code = body.get(roles.source_code, source_code)
        return Standing(said.subject, said.kind, happened_on, body, source, source_code, said.received_at)


def settle(said: Iterable[Said]) -> list[Settled]:
    """Return the records among these, in their order, each with what those among them that stop others make of it.

    A correction replaces what it found wrong and nothing else: it still holds when the unmended row is sent again, and
    no longer when the field says something third. A further revision of a stopped record stays stopped: it is the same
    document.
    """
    of: dict[tuple[str, str, bytes], list[Said]] = defaultdict(list)
    records = []
    for one in said:
        if not one.way:
            records.append(one)
        elif one.target_kind and one.target_key:
            of[one.subject, one.target_kind, one.target_key].append(one)
    return [_settled(one, of.get((one.subject, one.kind, one.key), ())) for one in records]


def _settled(said: Said, spoken: Sequence[Said]) -> Settled:
    if not spoken:
        return Settled(said, said.body, "", None, ())
    order = list(STOPPING)
    stops = sorted(
        (one for one in spoken if one.way != CORRECTED), key=lambda one: (order.index(one.way), one.happened_on, one.id)
    )
    body, corrections = dict(said.body), []
    # In the order of their days, not of their coming: of two corrections of one field the later builds on the earlier.
    for one in sorted((one for one in spoken if one.way == CORRECTED), key=lambda one: (one.happened_on, one.id)):
        field = one.body.get(FIELD, "")
        if body.get(field, "") == one.body.get(OLD, ""):
            new = one.body.get(NEW, "")
            body.pop(field, None)
            if new:
                body[field] = new
            corrections.append(one)
    first = stops[0] if stops else None
    return Settled(said, body, first.way if first else "", first, tuple(corrections))
