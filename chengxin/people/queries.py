"""Which unit a name or a code means, who is in the directory, which links are open."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chengxin.people.looks import CHINA, LOOK, Look, of_trail, thing
from chengxin.people.models import Invitation, Trail, Unit, User
from chengxin.people.trail import OVERLAP
from chengxin.terms import uscc
from chengxin.terms.name import fold

UNITS_AT_MOST: Final = 5000
"""A city has some two hundred units; so many are held in memory to find one by any of its names."""


class Directory:
    """The units by every name and code that a file may call them by.

    A name that a unit in use bears now means that unit; else the one that bore it before (营商局 for 数据局); else a
    closed one. A name that two of the same rank bear means nobody: a person decides.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_code: dict[str, Unit] = {}
        self._by_name: tuple[dict[str, dict[int, Unit]], ...] = ({}, {}, {})
        self._places: dict[int, list[tuple[int, str]]] = {}
        self._codes: dict[int, str] = {}
        for unit in units:
            self.put(unit)

    def put(self, unit: Unit) -> None:
        """Take a unit in, or take in anew what has changed of it. It is told by its primary key."""
        for rank, name in self._places.pop(unit.pk, ()):
            del self._by_name[rank][name][unit.pk]
        self._by_code.pop(self._codes.pop(unit.pk, ""), None)
        if unit.uscc:
            self._by_code[unit.uscc] = unit
            self._codes[unit.pk] = unit.uscc
        names = (unit.name, unit.short)
        by_rank = (names, unit.former_names, ()) if unit.is_active else ((), (), names)
        places = {(rank, fold(name)) for rank, said in enumerate(by_rank) for name in said if fold(name)}
        for rank, name in places:
            self._by_name[rank].setdefault(name, {})[unit.pk] = unit
        self._places[unit.pk] = list(places)

    def find(self, text: str) -> Unit | None:
        """Return the unit that a name, a short or former name or a USCC means, or None."""
        if found := self._by_code.get(uscc.normalise(text)):
            return found
        for names in self._by_name:
            if found_by_name := names.get(fold(text)):
                return next(iter(found_by_name.values())) if len(found_by_name) == 1 else None
        return None

    def borne(self, text: str, *, but: int | None = None) -> Unit | None:
        """Return a unit in use, another than `but`, that bears or bore this name."""
        return _another(text, self._by_name[:2], but)

    def closed(self, text: str, *, but: int | None = None) -> Unit | None:
        """Return a closed unit, another than `but`, of this name."""
        return _another(text, self._by_name[2:], but)


def _another(text: str, ranks: Iterable[dict[str, dict[int, Unit]]], but: int | None) -> Unit | None:
    key = fold(text)
    return next((unit for names in ranks for unit in names.get(key, {}).values() if unit.pk != but), None)


def directory() -> Directory:
    """Return the directory as it stands."""
    return Directory(Unit.objects.order_by("-is_active", "id")[:UNITS_AT_MOST])


def unit_named(name_or_code: str) -> Unit | None:
    """Return the unit that a name, a short or former name or a USCC means. For many, ask `directory()` once."""
    return directory().find(name_or_code)


def places() -> QuerySet[Unit]:
    """Return the places (场所) by name: units in use of which somebody of that role may sign in.

    One without a USCC is none: nobody could tell its own code from those of its shops.
    """
    theirs = User.objects.filter(unit=OuterRef("pk"), role="place", is_active=True)
    return Unit.objects.filter(Exists(theirs), is_active=True).exclude(uscc="").order_by("name")


def units(*, text: str = "", closed: bool = False) -> QuerySet[Unit]:
    """Return the units in use (or the closed ones) with their people counted (`people`), by name; a text narrows them."""
    theirs = User.objects.filter(unit=OuterRef("pk"), is_active=True).order_by()
    counted = theirs.values("unit").annotate(n=Count("pk")).values("n")
    found = Unit.objects.filter(is_active=not closed).annotate(people=Coalesce(Subquery(counted), 0))
    if text := text.strip():
        found = found.filter(
            Q(name__icontains=text)
            | Q(short__icontains=text)
            | Q(uscc__startswith=uscc.normalise(text))
            | Q(former_names__icontains=text)
        )
    return found.order_by("name")


def people(*, unit: int | None = None, text: str = "", closed: bool = False) -> QuerySet[User]:
    """Return who may sign in at the office's door (or may no more), with their units, by account name; a unit or a text
    narrows them. People of businesses are not listed: they are nobody's to keep, and there are a hundred thousand."""
    found = User.objects.filter(is_active=not closed).exclude(role="business").select_related("unit")
    if unit is not None:
        found = found.filter(unit=unit)
    if text := text.strip():
        found = found.filter(Q(username__icontains=text) | Q(name__icontains=text) | Q(unit__name__icontains=text))
    return found.order_by("username")


def open_invitations(*, at: datetime) -> QuerySet[Invitation]:
    """Return the links that still open an account at a moment, the newest first."""
    return Invitation.objects.filter(ended_at=None, expires_at__gt=at).select_related("unit").order_by("-id")


def invitation(token: str, *, at: datetime) -> Invitation | None:
    """Return what stands behind a link, if it opens anything at a moment."""
    return open_invitations(at=at).filter(digest=digest(token)).first()


def digest(token: str) -> str:
    """Return what is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


# ---- The trail -------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """Which acts of the trail somebody asks for: whose, of which verb, from when, before when."""

    by: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None


def acts(asked: Asked) -> QuerySet[Trail]:
    """Return the acts that somebody asks for, the newest first. Bound it: the trail of a city has millions."""
    found = Trail.objects.order_by("-id")
    if asked.by:
        found = found.filter(by=asked.by)
    if asked.verb:
        found = found.filter(verb=asked.verb)
    # Ids and times rise together but for what commits late, so a day is a stretch of ids: found by the index on the
    # time at its two ends, and gone through in the order of the list.
    if asked.since:
        first = Trail.objects.filter(at__gte=asked.since).order_by("at").values_list("pk", flat=True).first()
        if first is None:
            return found.none()
        found = found.filter(at__gte=asked.since, pk__gte=first - OVERLAP)
    if asked.until:
        last = Trail.objects.filter(at__lt=asked.until).order_by("-at").values_list("pk", flat=True).first()
        if last is None:
            return found.none()
        found = found.filter(at__lt=asked.until, pk__lte=last + OVERLAP)
    return found


# ---- Looks at files ----------------------------------------------------------------------------------------------


def looks(
    *,
    person: str = "",
    unit: str = "",
    subject: str = "",
    day: date | None = None,
    before: int | None = None,
    limit: int,
) -> list[Look]:
    """Return looks, newest first, of one person, unit, subject or day if asked; `before`: older than this one."""
    since = datetime.combine(day, time.min, CHINA) if day else None
    found = acts(Asked(by=person, verb=LOOK, since=since, until=since and since + timedelta(days=1)))
    if unit:
        found = found.filter(detail__unit=unit)
    if subject:
        found = found.filter(thing=thing(subject))
    if before is not None:
        found = found.filter(id__lt=before)
    return [of_trail(row) for row in found[:limit]]


def looks_at(uscc: str, *, before: int | None = None, limit: int = 100) -> list[Look]:
    """Return who looked at the file of a subject, newest first: what it may ask itself (`before`: older than this one)."""
    return looks(subject=uscc, before=before, limit=limit)
