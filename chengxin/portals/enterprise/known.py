"""What is known of a business on its own pages: its register, its codes, the records that stand, what is about to end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.utils import timezone

from chengxin.board.card import Card
from chengxin.credit.codes import elsewhere, queries, showing
from chengxin.credit.codes.elsewhere import Standing as Foreign
from chengxin.credit.codes.queries import Hanging, Standing
from chengxin.credit.codes.showing import Displaying
from chengxin.credit.publishing import rules as publishing
from chengxin.credit.records import catalogue
from chengxin.credit.records import queries as records
from chengxin.credit.records.standing import Standing as Record
from chengxin.credit.scenarios.benefits import Facts
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.terms.period import is_long_term

AHEAD: Final = timedelta(days=60)
"""So long before something ends its owner is told."""
PAST: Final = timedelta(days=90)
"""So long after it has ended it is told still."""
ENDINGS_AT_MOST: Final = 12
AGAIN: Final = {
    "licence": ("到期前向发证机关申请延续；已经延续的，请发证机关报送新的有效期", ""),
    "confirmation": ("到期前向确认机关申请延续", ""),
    "practice": ("到期前向发证机关申请延续", ""),
    "declaration": ("到“填报”里改有效期，或换一条", "my-declarations"),
    "commitment": ("到期后可以再作一次承诺", "my-commitments"),
}
"""Kind of record → what to do when it ends, and the page where it is done. Others end without anybody's doing."""


@dataclass(frozen=True, slots=True)
class Known:
    """One business as its own pages see it at a moment."""

    subject: str
    registered: Registered | None
    codes: tuple[Standing, ...]
    foreign: tuple[Foreign, ...]
    displaying: Displaying | None
    records: tuple[Record, ...]
    card: Card | None
    today: date

    @property
    def active(self) -> tuple[Standing, ...]:
        """Codes of ours that stand."""
        return tuple(code for code in self.codes if code.state == "active")

    @property
    def first(self) -> Standing | None:
        """The code to show first: one that stands, at the door if there is one; else the newest that is not over."""
        standing = sorted(self.active, key=lambda code: (code.placement != "premises", code.serial))
        living = [code for code in self.codes if code.state in ("pending", "paused", "frozen")]
        return next(iter(standing), None) or (living[-1] if living else None)

    @property
    def coded(self) -> bool:
        """Whether it has a code that stands, of ours or of somebody else's."""
        return bool(self.active or self.foreign)

    def facts(self) -> Facts:
        """Return what may count for a benefit."""
        section = {one.code: len(one.items) for one in self.card.sections} if self.card else {}
        return Facts(
            self.registered.division if self.registered else "",
            self.registered.industry if self.registered else "",
            self.coded,
            self.displaying is not None,
            section.get("serious", 0),
            section.get("judgment", 0),
            section.get("abnormal", 0),
        )


def of(subject: str, *, at: datetime) -> Known:
    """Return what is known of a business at a moment."""
    today = timezone.localdate(at)
    registered = next(iter(subjects.registrations([subject])), None)
    standing = tuple(records.standing([subject]))
    card = registered and publishing.card(
        registered, standing, at=at, today=today, overlap=settings.PUBLICITY_OVERLAP, good_for=timedelta(days=1)
    )
    return Known(
        subject,
        registered,
        tuple(queries.standing([subject])),
        tuple(elsewhere.standing([subject])),
        showing.displaying([subject], today=today).get(subject),
        standing,
        card,
        today,
    )


class Ending(NamedTuple):
    """Something that ends, or ended a while ago: when, what, what to do about it, and on which page."""

    on: date
    what: str
    advice: str
    page: str
    is_over: bool


def endings(known: Known, hanging: Iterable[Hanging]) -> list[Ending]:
    """Return what ends in the next days, or ended in the last, first what ends first; bounded."""
    first, last = known.today - PAST, known.today + AHEAD
    found = [(*one, first) for one in _of_records(known.records)]
    standing = {code.serial for code in known.active}
    # Of what ended of itself there is nothing to be done any more.
    for hung in hanging:
        if hung.until is not None and hung.serial in standing:
            advice = "到期后这个码自动停用；还要用的，改截止日"
            found.append((hung.until, f"{hung.where or '活动展位'}的码", advice, "my-codes", known.today))
    if known.displaying is not None and known.displaying.until is not None:
        found.append((known.displaying.until, "亮码照片", "再拍一张上传", "my-showing", known.today))
    near = sorted((on, what, advice, page) for on, what, advice, page, since in found if since <= on <= last)
    return [Ending(on, what, advice, page, on < known.today) for on, what, advice, page in near[:ENDINGS_AT_MOST]]


def _of_records(standing: Sequence[Record]) -> Iterable[tuple[date, str, str, str]]:
    for record in standing:
        if record.kind not in AGAIN:
            continue
        kind = catalogue.kind(record.kind)
        said = record.body.get(kind.roles.ends, "") if kind.roles.ends else ""
        if said and not is_long_term(on := date.fromisoformat(said)):
            advice, page = AGAIN[record.kind]
            yield on, kind.title(record.body) or kind.label, advice, page
