"""The directory of units: added, changed, closed. A unit is never deleted: batches and people name it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from chengxin.people import trail
from chengxin.people.models import Unit, User
from chengxin.people.queries import UNITS_AT_MOST, Directory, directory
from chengxin.people.trail import Actor, Refused
from chengxin.terms import area, uscc
from chengxin.terms.name import fold

LABELS: Final = {
    "name": "单位名称",
    "short": "简称",
    "uscc": "统一社会信用代码",
    "area": "管辖区",
    "former_names": "曾用名",
}
FORMER_AT_MOST: Final = 20
_BETWEEN: Final = re.compile(r"[、，,；;/\n]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the directory says of a unit. `area` is the code of a governing area; empty means the whole city."""

    name: str
    short: str = ""
    uscc: str = ""
    area: str = ""
    former_names: tuple[str, ...] = ()


def facts_of(unit: Unit) -> Facts:
    """Return what the directory says of a unit now."""
    return Facts(unit.name, unit.short, unit.uscc, unit.area, tuple(unit.former_names))


def tidy(*, name: str, short: str = "", uscc_text: str = "", area_text: str = "", former_names: str = "") -> Facts:
    """Return what somebody wrote, as it is kept: without stray spaces, the code in its form, the area by its code.

    What is no code and no area stands as it was written, for `faults` to tell.
    """
    return Facts(
        " ".join(name.split()),
        " ".join(short.split()),
        uscc.normalise(uscc_text),
        area_code(area_text),
        tuple(dict.fromkeys(filter(None, (" ".join(one.split()) for one in _BETWEEN.split(former_names))))),
    )


def area_code(text: str) -> str:
    """Return the code of a governing area that is given by its code or its name; empty for the whole city."""
    said = text.strip()
    if said in ("", "全市", "本市"):
        return ""
    meant = area.named(said)
    return meant[0] if len(meant) == 1 or (meant and meant[0] == said.upper()) else said


def area_label(code: str) -> str:
    """Return how a governing area is called."""
    return area.label(code) if code else "全市"


def faults(facts: Facts, *, among: Directory, but: int | None = None) -> dict[str, str]:
    """Return what is wrong with these facts, a sentence for each field; `but` is the unit itself, if it stands."""
    found = {}
    if not 2 <= len(facts.name) <= 200:
        found["name"] = "请写单位的全称，2 至 200 个字。"
    elif (other := among.borne(facts.name, but=but)) is not None:
        found["name"] = f"“{facts.name}”已经在名录里，是“{other.name}”的名称、简称或曾用名。"
    elif (other := among.closed(facts.name, but=but)) is not None:
        found["name"] = f"“{other.name}”是一个已停用的单位，请重新启用它，不必另加。"
    if len(facts.short) > 40:
        found["short"] = "简称最多 40 个字。"
    elif facts.short and (other := among.borne(facts.short, but=but)) is not None:
        found["short"] = f"“{facts.short}”已是“{other.name}”的名称、简称或曾用名，请换一个。"
    if facts.uscc:
        try:
            uscc.parse(facts.uscc)
        except uscc.Malformed as error:
            found["uscc"] = f"统一社会信用代码不对：{error}。"
        else:
            if (other := among.find(facts.uscc)) is not None and other.pk != but:
                found["uscc"] = f"这个代码是“{other.name}”{'' if other.is_active else '（已停用）'}的，请核对。"
    if facts.area and area.find(facts.area) is None:
        found["area"] = "没有这个管辖区：请写县、区的名称或六位代码，管全市的留空。"
    if len(facts.former_names) > FORMER_AT_MOST:
        found["former_names"] = f"曾用名最多 {FORMER_AT_MOST} 个。"
    for former in facts.former_names:
        if len(former) > 200:
            found["former_names"] = "一个曾用名最多 200 个字，几个之间用顿号隔开。"
        elif (other := among.borne(former, but=but)) is not None:
            found["former_names"] = f"“{former}”已是“{other.name}”的名称、简称或曾用名，同一个名称只能归一个单位。"
    return found


@transaction.atomic
def add(*, facts: Facts, by: Actor, at: datetime) -> Unit:
    """Add a unit to the directory.

    :raises Refused: something is wrong with the facts (the first fault), or the directory is full.
    """
    standing = _locked()
    _check(facts, standing)
    if Unit.objects.count() >= UNITS_AT_MOST:
        raise Refused(f"名录最多 {UNITS_AT_MOST:,} 个单位。")
    unit = Unit(is_active=True)
    write_to(unit, facts)
    unit.save()
    trail.note(by=by, verb="unit.add", thing=f"unit {unit.pk}", at=at, detail={"name": facts.name})
    return unit


@transaction.atomic
def change(*, unit: int, facts: Facts, by: Actor, at: datetime) -> list[str]:
    """Change what the directory says of a unit, and return the labels of what changed.

    A unit that takes another name keeps the old one among its former names: files of earlier years still say it.

    :raises Refused: something is wrong with the facts, or there is no such unit.
    """
    standing = _locked()
    found = _found(unit)
    before = facts_of(found)
    facts = renamed(before, facts)
    _check(facts, standing, but=unit)
    changed = [name for name in LABELS if getattr(before, name) != getattr(facts, name)]
    if changed:
        write_to(found, facts)
        found.save()
        trail.note(
            by=by,
            verb="unit.change",
            thing=f"unit {unit}",
            at=at,
            detail={name: [getattr(before, name), getattr(facts, name)] for name in changed},
        )
    return [LABELS[name] for name in changed]


@transaction.atomic
def close(*, unit: int, by: Actor, at: datetime) -> None:
    """Close a unit: its people sign in no more and are out at their next click, what it sent stays.

    :raises Refused: there is no such unit, or the person who acts belongs to it.
    """
    lock()
    found = _found(unit)
    if User.objects.filter(username=by.name, unit=unit).exists():
        raise Refused("不能停用自己所在的单位：停用后您自己也不能登录。")
    if found.is_active:
        Unit.objects.filter(pk=unit).update(is_active=False)
        trail.note(by=by, verb="unit.close", thing=f"unit {unit}", at=at)


@transaction.atomic
def reopen(*, unit: int, by: Actor, at: datetime) -> None:
    """Take a closed unit into use again.

    :raises Refused: there is no such unit, or another bears one of its names by now.
    """
    standing = _locked()
    found = _found(unit)
    if not found.is_active:
        _check(facts_of(found), standing, but=unit)
        Unit.objects.filter(pk=unit).update(is_active=True)
        trail.note(by=by, verb="unit.reopen", thing=f"unit {unit}", at=at)


def renamed(before: Facts, after: Facts) -> Facts:
    """Return the facts with the old name among the former ones, and no present name among them."""
    former = [*after.former_names]
    if fold(before.name) != fold(after.name) and fold(before.name) not in map(fold, former):
        former.append(before.name)
    present = {fold(after.name), fold(after.short)}
    return replace(after, former_names=tuple(one for one in former if fold(one) not in present))


def lock() -> None:
    """Let nobody else change the directory until this transaction ends.

    That no two units bear one name no constraint can say: former names stand in lists.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people.units'))")


def write_to(unit: Unit, facts: Facts) -> None:
    """Put facts into a unit, unsaved."""
    unit.name, unit.short, unit.uscc, unit.area = facts.name, facts.short, facts.uscc, facts.area
    unit.former_names = list(facts.former_names)


def _locked() -> Directory:
    lock()
    return directory()


def _found(unit: int) -> Unit:
    found = Unit.objects.select_for_update().filter(pk=unit).first()
    if found is None:
        raise Refused("没有这个单位。")
    return found


def _check(facts: Facts, standing: Directory, *, but: int | None = None) -> None:
    if found := faults(facts, among=standing, but=but):
        raise Refused(next(iter(found.values())))
