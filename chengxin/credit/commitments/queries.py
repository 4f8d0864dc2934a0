"""Questions about commitments: who accepts which, what a business has made, what the office has to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet

from chengxin.credit.commitments import rules
from chengxin.credit.commitments.models import Judgment, Listed, Signing, Word
from chengxin.credit.commitments.templates import Template
from chengxin.credit.commitments.templates import find as find_template
from chengxin.credit.records import queries as records
from chengxin.credit.records.standing import Settled
from chengxin.people.models import Unit, User
from chengxin.people.queries import UNITS_AT_MOST
from chengxin.people.sight import Sight
from chengxin.terms import area as areas
from chengxin.terms import division
from chengxin.terms.period import is_long_term

KIND: Final = "commitment"

# ---- Who accepts -------------------------------------------------------------------------------------------------

CREDIT: Final = "信用"
"""A word in the name of every credit office: who accepts what is in no department's field."""


def accepting(template: Template, *, area: str) -> Unit | None:
    """Return the unit that accepts what a business of an area signs (承诺受理单位), or None where the directory has none.

    The unit in whose field it lies, the area's own before the city's; else the area's credit office, else the city's. Only
    a unit in use that has a USCC can: the record names it by that.
    """
    able = list(Unit.objects.filter(is_active=True).exclude(uscc="").order_by("id")[:UNITS_AT_MOST])
    officers = User.objects.filter(is_active=True, role__in=("credit_office", "county"), unit__isnull=False)
    offices = set(officers.values_list("unit", flat=True).distinct()[:UNITS_AT_MOST])
    if template.department and (found := _nearest([one for one in able if template.department in one.name], area)):
        return found
    return _nearest([one for one in able if one.pk in offices or CREDIT in one.name], area)


def _nearest(units: Sequence[Unit], area: str) -> Unit | None:
    """Return the unit that governs an area most closely, of equally close ones the first."""
    known = areas.find(area) if area else None
    city = division.find(f"{area[:4]}00") if area else None
    called = city.name.removesuffix("市") if city else ""

    def distance(unit: Unit) -> tuple[int, bool]:
        order = (area, known.parent if known else "", f"{area[:4]}00", "")
        # A directory may hold the departments of more than one city: the name says of which.
        return order.index(unit.area), bool(called) and called not in unit.name

    near = [one for one in units if one.area in (area, known and known.parent, f"{area[:4]}00", "")]
    return min(near, key=distance, default=None)


def place_of(unit: Unit, *, area: str) -> str:
    """Return the division that a 承诺编码 begins with: that of the place of acceptance, in six digits."""
    known = areas.find(unit.area) if unit.area else None
    if known is not None and known.code.isdigit():
        return known.code
    if known is not None:
        return known.parent
    return f"{area[:4]}00" if area[:4].isdigit() else unit.uscc[2:8]


# ---- What a business has made ------------------------------------------------------------------------------------


class Made(NamedTuple):
    """A commitment as its record stands, with what was said of it here."""

    number: str
    type: str
    reason: str
    text: str
    consequence: str
    signed_on: date
    until: date | None
    unit: str
    unit_code: str
    kept: str  # empty: 未认定
    unkept: str
    pursued: str  # 违诺责任追究内容
    judged_on: date | None
    judged_by: str
    body: Mapping[str, str]
    stopped: str  # the way that stopped it, of records.standing.STOPPING; empty: it stands
    signing: Signing | None  # None: it came from elsewhere
    entered: bool  # False: signed a moment ago, on its way into the records

    @property
    def finding(self) -> str:
        """How far it was kept, in words; nobody having said so is said as that."""
        return self.kept or rules.UNJUDGED

    @property
    def is_breached(self) -> bool:
        """Whether it was found not kept, in part or in whole."""
        return self.kept in rules.BREACHED

    def is_over(self, today: date) -> bool:
        """Tell whether its time is past."""
        return self.until is not None and self.until < today


def made(subject: str) -> list[Made]:
    """Return the commitments of a business, newest first: those on record, and those on their way there."""
    signings = {one.number: one for one in Signing.objects.filter(subject=subject).order_by("-id")[:MADE_AT_MOST]}
    found = [
        _of_record(one, signings.pop(one.body.get("CN_BM", ""), None))
        for one in records.history(subject)
        if one.said.kind == KIND
    ]
    found += [_of_signing(one) for one in signings.values()]
    return sorted(found, key=lambda one: (one.signed_on, one.number), reverse=True)


MADE_AT_MOST: Final = 10_000


def find(subject: str, number: str) -> Made | None:
    """Return one commitment of a business, or None."""
    return next((one for one in made(subject) if one.number == number), None)


def _of_record(one: Settled, signing: Signing | None) -> Made:
    said = one.body.get
    return Made(
        number=said("CN_BM", ""),
        type=said("CN_LX", ""),
        reason=said("CN_SY", ""),
        text=said("CN_NR", ""),
        consequence=said("CN_WNZR", ""),
        signed_on=date.fromisoformat(one.body["CN_ZCRQ"]),
        until=_day(said("CN_YXQ", "")),
        unit=said("CN_SLDW", ""),
        unit_code=said("CN_SLDWDM", ""),
        kept=said("CN_LXZT", ""),
        unkept=said("CN_WLX", ""),
        pursued=said("CN_ZJ", ""),
        judged_on=_day(said("CN_RDRQ", "")),
        judged_by=said("CN_RDDW", ""),
        body=one.said.body,
        stopped=one.state,
        signing=signing,
        entered=True,
    )


def _of_signing(one: Signing) -> Made:
    template = find_template(one.template)
    words = template if template is not None and template.digest == bytes(one.digest) else None
    return Made(
        number=one.number,
        type=words.type if words else "",
        reason=rules.reason(words.reason, one.placing) if words else "",
        text=words.text if words else "",
        consequence=words.consequence if words else "",
        signed_on=one.signed_on,
        until=one.until,
        unit=one.unit,
        unit_code=one.unit_code,
        kept="",
        unkept="",
        pursued="",
        judged_on=None,
        judged_by="",
        body={},
        stopped="",
        signing=one,
        entered=False,
    )


def _day(text: str) -> date | None:
    day = date.fromisoformat(text) if text else None
    return None if day is not None and is_long_term(day) else day


def words(subject: str, number: str) -> list[Word]:
    """Return what a business said of a commitment, newest first, bounded."""
    return list(Word.objects.filter(subject=subject, number=number).order_by("-id")[:WORDS_SHOWN])


def judgments(subject: str, number: str) -> list[Judgment]:
    """Return the findings about a commitment, newest first, bounded."""
    return list(Judgment.objects.filter(subject=subject, number=number).order_by("-id")[:WORDS_SHOWN])


WORDS_SHOWN: Final = 20


def standing(subject: str, *, template: str, today: date) -> dict[int | None, Signing]:
    """Return placing → the newest signing of a form of words that stands on a day and was not ended."""
    ended = Word.objects.filter(subject=subject, about="end").values("number")
    signed = Signing.objects.filter(subject=subject, template=template).exclude(number__in=ended).order_by("id")
    return {one.placing: one for one in signed if one.until is None or one.until >= today}


# ---- What the office looks at --------------------------------------------------------------------------------------

DUE_DAYS: Final = 30
"""A commitment whose time ends within so many days, and about which nothing was found, is to be judged."""
SHOWS: Final[Mapping[str, str]] = {
    "": "全部",
    "due": "该认定的",
    "unjudged": "未认定",
    "breached": "违诺",
    "kept": "全部履行",
}


def visible(sees: Sight) -> QuerySet[Listed]:
    """Return the commitments that somebody sees: those their unit accepted, those of their area's businesses, or all."""
    match sees.sees:
        case "all":
            return Listed.objects.all()
        case "area":
            if sees.area.endswith("00"):
                return Listed.objects.filter(area__startswith=sees.area[:4])
            return Listed.objects.filter(area=sees.area)
        case "own" if sees.uscc:
            return Listed.objects.filter(unit_code=sees.uscc)
    return Listed.objects.none()


def listed(sees: Sight, *, show: str, text: str, today: date, before: str, limit: int) -> list[Listed]:
    """Return commitments that somebody sees, a page of them, newest first; what is to be judged by the day it ends.

    :param show: of `SHOWS`.
    :param before: `place` of the last row of the page before; empty: the first page.
    """
    found = visible(sees)
    if text:
        found = found.filter(Q(subject=text.upper()) | Q(number=text) | Q(name__startswith=text))
    day, number = _place(before)
    if show == "due":
        found = found.filter(kept="", until__lte=today + timedelta(days=DUE_DAYS))
        if day:
            found = found.filter(Q(until__gt=day) | Q(until=day, id__gt=number))
        return list(found.order_by("until", "id")[:limit])
    if show == "unjudged":
        found = found.filter(kept="")
    elif show == "breached":
        found = found.filter(kept__in=rules.BREACHED)
    elif show == "kept":
        found = found.filter(kept=rules.KEPT[0])
    if day:
        found = found.filter(Q(signed_on__lt=day) | Q(signed_on=day, id__lt=number))
    return list(found.order_by("-signed_on", "-id")[:limit])


def place(row: Listed, *, show: str) -> str:
    """Return where a row stands in its list, for the page after it."""
    day = row.until if show == "due" else row.signed_on
    return f"{day:%Y-%m-%d}.{row.pk}"


def _place(text: str) -> tuple[date | None, int]:
    day, _, number = text.partition(".")
    try:
        return (date.fromisoformat(day), int(number)) if text else (None, 0)
    except ValueError:
        return None, 0
