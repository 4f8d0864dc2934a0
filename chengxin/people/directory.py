"""名录导入: what a spreadsheet of units and people would change, and changing it, whole or not at all.

A row names a unit, and may name one person of it with an account. An empty cell leaves what stands; nothing is ever
closed or deleted by a row that is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, NamedTuple

from django.db import transaction

from chengxin.people import actions, trail, units
from chengxin.people.models import Unit, User
from chengxin.people.queries import UNITS_AT_MOST, Directory
from chengxin.people.roles import ROLES, named
from chengxin.people.trail import Actor, Refused
from chengxin.people.units import LABELS, Facts

ROWS_AT_MOST: Final = 2000

What = Literal["new", "changed", "same", "wrong"]


class Row(NamedTuple):
    """One row of a directory's file, as it was written."""

    number: int
    name: str = ""
    short: str = ""
    uscc: str = ""
    area: str = ""
    former_names: str = ""
    person: str = ""
    username: str = ""
    role: str = ""


class Change(NamedTuple):
    """One thing that becomes another."""

    label: str
    old: str
    new: str


@dataclass(slots=True)
class Line:
    """What becomes of one row: of its unit, of its person (`account`), or why it cannot be used.

    `key` tells the units of a plan apart: several rows may name one.
    """

    number: int
    unit: str
    what: What
    key: int = 0
    changes: list[Change] = field(default_factory=list)
    account: str = ""
    account_what: What | None = None
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do to the directory as it stands, row by row. With a fault anywhere nothing is done."""

    lines: Sequence[Line]
    digest: str  # of all of this: whoever says yes says it to this and no other

    @property
    def faulty(self) -> int:
        """How many rows are to be mended first."""
        return sum(1 for line in self.lines if line.faults)

    def count(self, what: What) -> int:
        """How many units are new, changed or the same; one of several rows is counted as the first of these."""
        found: dict[int, set[What]] = {}
        for line in self.lines:
            if not line.faults:
                found.setdefault(line.key, set()).add(line.what)
        ranks: tuple[What, ...] = ("new", "changed", "same")
        return sum(1 for whats in found.values() if next(one for one in ranks if one in whats) == what)

    def accounts(self, what: What) -> int:
        """How many accounts are new, changed or the same."""
        return sum(1 for line in self.lines if line.account_what == what and not line.faults)


class Stale(Refused):
    """The directory has changed since somebody looked at what a file would do."""


class _Account(NamedTuple):
    username: str
    role: str
    unit: Unit  # a draft, saved or not
    name: str
    standing: User | None


@dataclass(slots=True)
class _Work:
    """The directory as it would be: drafts of units, by whom they are found, and the accounts to write."""

    drafts: dict[int, Unit]
    before: dict[int, Facts]
    users: dict[str, User]
    lines: list[Line] = field(default_factory=list)
    accounts: list[_Account] = field(default_factory=list)


def plan(rows: Iterable[Row], *, by: Actor) -> Plan:
    """Return what these rows would do. Writes nothing.

    :raises Refused: there are no rows, or too many.
    """
    return _told(_worked(rows, by))


@transaction.atomic
def apply(rows: Iterable[Row], *, seen: str | None, by: Actor, at: datetime) -> Plan:
    """Do what these rows say, all of it. `seen` is the digest of the plan that was agreed to; None asks for no look.

    :raises Stale: it would do something else by now.
    :raises Refused: a row has a fault, or there are no rows, or too many.
    """
    units.lock()
    work = _worked(rows, by)
    made = _told(work)
    if made.faulty:
        line = next(line for line in made.lines if line.faults)
        raise Refused(f"有 {made.faulty} 行要改，什么都没有写入。第 {line.number} 行：{line.faults[0]}")
    if seen is not None and seen != made.digest:
        raise Stale("您看过之后名录有了变化，请再看一遍下面的结果，再确认。")
    ids = []
    for key, draft in work.drafts.items():
        if units.facts_of(draft) != work.before.get(key):
            draft.pk = key if key in work.before else None
            draft.save()
            ids.append(draft.pk)
    if ids:
        trail.note(by=by, verb="unit.import", thing="units", at=at, detail={"units": ids, "digest": made.digest})
    for account in work.accounts:
        if account.standing is None:
            actions.enrol(
                username=account.username, role=account.role, unit=account.unit.pk, name=account.name, by=by, at=at
            )
        else:
            actions.change_account(
                user=account.standing.pk, role=account.role, unit=account.unit.pk, name=account.name, by=by, at=at
            )
    return made


def _worked(rows: Iterable[Row], by: Actor) -> _Work:
    listed = list(rows)
    if not listed:
        raise Refused("文件里没有单位；请按样表填写后再上传。")
    if len(listed) > ROWS_AT_MOST:
        raise Refused(f"一次最多导入 {ROWS_AT_MOST:,} 行，请分成几份。")
    drafts = {unit.pk: unit for unit in Unit.objects.order_by("-is_active", "id")[:UNITS_AT_MOST]}
    names = {row.username.strip() for row in listed}
    users = {user.username: user for user in User.objects.filter(username__in=names).select_related("unit")}
    work = _Work(drafts, {key: units.facts_of(unit) for key, unit in drafts.items()}, users)
    standing = Directory(drafts.values())
    for row in listed:
        line = Line(row.number, " ".join(row.name.split()), "same")
        work.lines.append(line)
        draft = _unit(row, line, work, standing)
        if draft is None:
            line.what = "wrong"
            continue
        if row.username.strip():
            _account(row, line, draft, work, by)
        elif row.person.strip():
            line.account = f"{row.person.strip()}（没有写账号，不开账号）"
    return work


def _unit(row: Row, line: Line, work: _Work, standing: Directory) -> Unit | None:
    said = units.tidy(
        name=row.name, short=row.short, uscc_text=row.uscc, area_text=row.area, former_names=row.former_names
    )
    by_name = standing.find(said.name) if said.name else None
    by_code = standing.find(said.uscc) if said.uscc else None
    draft = by_code or by_name
    if by_code is not None and by_name is not None and by_code is not by_name:
        line.faults.append(f"代码是“{by_code.name}”的，名称是“{by_name.name}”的，请核对这两格。")
    elif draft is not None and by_code is None and said.uscc and draft.uscc:
        line.faults.append(f"名录里“{draft.name}”的代码是 {draft.uscc}，与这一行不同；代码确实变了，请在单位页面上改。")
    elif draft is not None and not draft.is_active:
        line.faults.append(f"“{draft.name}”已停用，请先在单位页面上重新启用。")
    if line.faults:
        return None
    facts = said if draft is None else _merged(units.facts_of(draft), said)
    found = units.faults(facts, among=standing, but=draft.pk if draft else None)
    line.faults += found.values()
    if found:
        return None
    before = units.facts_of(draft) if draft else None
    if draft is None:
        if len(work.drafts) >= UNITS_AT_MOST:
            line.faults.append(f"名录最多 {UNITS_AT_MOST:,} 个单位。")
            return None
        draft = Unit(pk=-len(work.drafts) - 1, is_active=True)
        work.drafts[draft.pk] = draft
    line.what = "new" if before is None else "same" if facts == before else "changed"
    line.key, line.unit, line.changes = draft.pk, facts.name, _changes(before, facts)
    if line.what != "same":
        units.write_to(draft, facts)
        standing.put(draft)
    return draft


def _merged(before: Facts, said: Facts) -> Facts:
    """Return the facts with what a row says; its empty cells leave what stands, former names are added."""
    after = Facts(
        said.name or before.name,
        said.short or before.short,
        said.uscc or before.uscc,
        said.area or before.area,
        tuple(dict.fromkeys((*before.former_names, *said.former_names))),
    )
    # A row may call a unit by a short or former name: that renames nothing, unless its code says who it is.
    if said.name and not said.uscc:
        after = replace(after, name=before.name)
    return units.renamed(before, after)


def _changes(before: Facts | None, after: Facts) -> list[Change]:
    old = before or Facts("")
    found = []
    for name, label in LABELS.items():
        was, now = getattr(old, name), getattr(after, name)
        if was != now:
            found.append(Change(label, _said(name, was) if before else "", _said(name, now)))
    return found


def _said(name: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return "、".join(value)
    return units.area_label(value) if name == "area" else value


def _account(row: Row, line: Line, unit: Unit, work: _Work, by: Actor) -> None:
    username, person = row.username.strip(), " ".join(row.person.split())
    user = work.users.get(username)
    role = named(row.role) if row.role.strip() else (user.role if user else "department")
    line.account = f"{username}（{ROLES[role].label}）" if role else username
    try:
        if role is None:
            raise Refused(f"没有“{row.role.strip()}”这个角色。")
        if any(one.username == username for one in work.accounts):
            raise Refused(f"账号“{username}”在文件里出现了不止一次。")
        if user is not None and not user.is_active:
            raise Refused(f"账号“{username}”已停用，请先在人员页面上重新启用。")
        same = user is not None and (user.role, user.unit_id) == (role, unit.pk) and person in ("", user.name)
        if not same:
            actions.check_may(username=username, standing=user, role=role, unit=unit, name=person, by=by)
    except Refused as refusal:
        line.faults.append(str(refusal))
        return
    line.account_what = "same" if same else "new" if user is None else "changed"
    if not same:
        work.accounts.append(_Account(username, role or "", unit, person, user))


def _told(work: _Work) -> Plan:
    return Plan(work.lines, hashlib.sha256(repr(work.lines).encode()).hexdigest())
