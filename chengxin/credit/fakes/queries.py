"""Questions about reports of fake codes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from chengxin.board.models import BoardCode
from chengxin.credit.fakes.models import Handling
from chengxin.credit.subjects import queries as subjects
from chengxin.inbox.models import InboxFake

HANDLED = Exists(Handling.objects.filter(fake=OuterRef("pk")))


@dataclass(frozen=True, slots=True)
class Reported:
    """The code that a report is about, where it is one of ours."""

    holder: str
    name: str
    state: str
    placement: str
    label: str


def reports(*, wrong: str = "", handled: bool | None = None, receipt: str = "") -> QuerySet[InboxFake]:
    """Return the reports that were handed in, newest first, without their photos; `handled` and `has_photo` are said."""
    found = (
        InboxFake.objects.annotate(
            handled=HANDLED,
            has_photo=ExpressionWrapper(Q(photo__isnull=False), output_field=BooleanField()),
        )
        .defer("photo")
        .order_by("-at", "-id")
    )
    if receipt:
        return found.filter(receipt=receipt)
    if wrong:
        found = found.filter(wrong=wrong)
    return found if handled is None else found.filter(handled=handled)


def unhandled() -> QuerySet[InboxFake]:
    """Return the reports that nobody has dealt with yet."""
    return InboxFake.objects.filter(~HANDLED)


def reported(serial: int | None) -> Reported | None:
    """Return what is known of the code with a serial, or None."""
    code = BoardCode.objects.filter(serial=serial).first() if serial is not None else None
    if code is None:
        return None
    known = subjects.registrations([code.holder])
    return Reported(code.holder, known[0].name if known else "", code.state, code.placement, code.label)


def handlings(fake: InboxFake) -> QuerySet[Handling]:
    """Return what was done about a report, in order."""
    return Handling.objects.filter(fake=fake).order_by("id")
