"""公示期: whether a record may be shown on a day, and until when, by the rules in force.

Rule sets are data with an effective date (`publicity/*.toml`). From its first day a set applies to every record still
shown, counted from the date of the document, and of two ends the earlier holds unless the city sets `newest`. A set known
in advance already bounds what is shown today. `until` is the last day itself (《民法典》第 202 条). Pure: no database, no clock.

>>> judge({"CF_CFLB": "罚款", "CF_NR_FK": "5"}, happened_on=date(2026, 5, 8), today=date(2026, 6, 1)).until
datetime.date(2027, 5, 8)
>>> judge({"CF_CFLB": "警告"}, happened_on=date(2026, 5, 8), today=date(2026, 6, 1)).shown
False
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from chengxin.credit.records.form import Kind
from chengxin.terms.period import is_long_term, last_day

Overlap = Literal["earlier", "newest"]
_DAY: Final = timedelta(days=1)


class Broken(ValueError):
    """A rule set's file is wrong: which, and what in it."""


@dataclass(frozen=True, slots=True)
class Class:
    """One class of misconduct in a rule set, and how long it is shown."""

    name: str
    label: str
    min_months: int
    max_months: int
    shown: bool = True


@dataclass(frozen=True, slots=True)
class When:
    """One line of a classifier: all that it names must hold."""

    into: str
    conditions: tuple[tuple[str, object], ...]

    def holds(self, penalty: Penalty) -> bool:
        """Tell whether a penalty meets every condition."""
        return all(WORDS[word](penalty, wanted) for word, wanted in self.conditions)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one order, and from when to when it is in force."""

    name: str
    title: str
    begins: date
    ends: date | None
    classes: Mapping[str, Class]
    classifier: tuple[When, ...]
    otherwise: str

    def classify(self, penalty: Penalty) -> Class:
        """Return the class of a penalty: that of the first line that holds."""
        name = next((line.into for line in self.classifier if line.holds(penalty)), self.otherwise)
        return self.classes[name]


@dataclass(frozen=True, slots=True)
class Penalty:
    """What the classifiers may look at. A reviewer of fairness reads this and `WORDS`."""

    types: frozenset[str]
    fine: Decimal | None  # 万元
    content: str  # what was imposed
    about: str  # what was done, and against which law
    summary: bool  # by 简易程序
    listed: bool  # the subject stands on a list of 严重失信主体


@dataclass(frozen=True, slots=True)
class Publicity:
    """What the rules make of one penalty on one day."""

    severity: str
    label: str
    shown: bool
    repair_from: date  # the first day on which repair may be applied for
    until: date | None  # the last day it may be shown; None: it never may
    rule: str  # the rule set that decides
    why: str


class Shown(NamedTuple):
    """Whether a record may be shown on a day, and the last day it may; None: no end, or never."""

    shown: bool
    until: date | None


# ---- The words of a classifier ---------------------------------------------------------------------------------


def summary(penalty: Penalty, wanted: Any) -> bool:
    """以简易程序作出。"""
    return penalty.summary is wanted


def listed(penalty: Penalty, wanted: Any) -> bool:
    """当事人已列入严重失信主体名单。"""
    return penalty.listed is wanted


def any_types(penalty: Penalty, wanted: Any) -> bool:
    """处罚类别含所列之一。"""
    return not penalty.types.isdisjoint(wanted)


def only_types(penalty: Penalty, wanted: Any) -> bool:
    """处罚类别全在所列之内。"""
    return bool(penalty.types) and penalty.types.issubset(wanted)


def fine_from(penalty: Penalty, wanted: Any) -> bool:
    """罚款金额（万元）达到所列数额。"""
    return penalty.fine is not None and penalty.fine >= Decimal(wanted)


def fine_below(penalty: Penalty, wanted: Any) -> bool:
    """罚款金额（万元）低于所列数额；金额不明的不算。"""
    return penalty.fine is not None and penalty.fine < Decimal(wanted)


def content(penalty: Penalty, wanted: Any) -> bool:
    """处罚内容写有所列词语之一。"""
    return any(word in penalty.content for word in wanted)


def words(penalty: Penalty, wanted: Any) -> bool:
    """违法行为、违法事实或处罚依据写有所列词语之一。"""
    return any(word in penalty.about for word in wanted)


WORDS: Final[Mapping[str, Callable[[Penalty, Any], bool]]] = {
    word.__name__: word for word in (summary, listed, any_types, only_types, fine_from, fine_below, content, words)
}
"""The closed vocabulary of the classifiers."""

SUMMARY_MARKS: Final = ("简易程序", "当场处罚", "当场行政处罚")
"""Official tables have no column for 简易程序 (《行政处罚法》第 51 条): these words, or 简罚 in the number, tell it."""

# ---- The rule sets ---------------------------------------------------------------------------------------------


def read_rule_set(text: str) -> RuleSet:
    """Return the rule set a file describes.

    :raises Broken: what it says does not hold together.
    """
    try:
        said = tomllib.loads(text)
        classes = {name: Class(name=name, **one) for name, one in said["class"].items()}
        lines = tuple(When(one.pop("is"), tuple(one.items())) for one in said.get("when", ()))
        found = RuleSet(
            name=said["name"],
            title=said["title"],
            begins=said["begins"],
            ends=said.get("ends"),
            classes=classes,
            classifier=lines,
            otherwise=said["otherwise"],
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise Broken(f"{type(wrong).__name__}: {wrong}") from wrong
    for name in (found.otherwise, *(line.into for line in lines)):
        if name not in classes:
            raise Broken(f"{name} is no class of {found.name}")
    for word in (word for line in lines for word, _ in line.conditions):
        if word not in WORDS:
            raise Broken(f"{word} is no word of a classifier")
    for one in classes.values():
        if one.shown and not 0 <= one.min_months < one.max_months:
            raise Broken(f"{one.name} has a minimum beyond its maximum")
    return found


def load(folder: Path) -> tuple[RuleSet, ...]:
    """Return the rule sets in a folder, oldest first.

    :raises Broken: a file is wrong.
    """
    found = [read_rule_set(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(found, key=lambda one: one.begins))


RULE_SETS: Final = load(Path(__file__).with_name("publicity"))


def next_change(today: date) -> date | None:
    """Return the day on which the next known rule set comes into force, or None."""
    return next((one.begins for one in RULE_SETS if one.begins > today), None)


# ---- Penalties -------------------------------------------------------------------------------------------------


def penalty(body: Mapping[str, str], *, listed: bool = False) -> Penalty:
    """Return what the classifiers may know of a penalty's row."""
    try:
        fine = Decimal(body["CF_NR_FK"])
    except (KeyError, InvalidOperation):
        fine = None
    imposed = body.get("CF_NR", "") + body.get("CF_NR_ZKDX", "")
    told = "\n".join((imposed, body.get("CF_CFLB", ""), body.get("CF_YJ", ""), body.get("BZ", "")))
    number = body.get("CF_WSH", "")
    return Penalty(
        types=frozenset(filter(None, body.get("CF_CFLB", "").split(";"))),
        fine=fine,
        content=imposed,
        about="\n".join((body.get("CF_WFXW", ""), body.get("CF_SY", ""), body.get("CF_YJ", ""))),
        summary="简罚" in number or "当罚" in number or any(mark in told for mark in SUMMARY_MARKS),
        listed=listed,
    )


@dataclass(frozen=True, slots=True)
class _End:
    rules: RuleSet
    into: Class
    until: date | None


def _end(rules: RuleSet, said: Penalty, happened_on: date) -> _End:
    into = rules.classify(said)
    return _End(rules, into, last_day(happened_on, months=into.max_months) if into.shown else None)


def _deciding(ends: list[_End], overlap: Overlap) -> _End:
    """Return the end that holds among those of the sets that have applied to a record, oldest set first."""
    if overlap == "newest":
        return ends[-1]
    return min(reversed(ends), key=lambda end: end.until or date.min)


def judge(
    body: Mapping[str, str],
    *,
    happened_on: date,
    today: date,
    overlap: Overlap = "earlier",
    listed: bool = False,
    rule_sets: tuple[RuleSet, ...] = RULE_SETS,
) -> Publicity:
    """Return what the rules make of a penalty today; `listed`: its subject is on a list of 严重失信主体."""
    said = penalty(body, listed=listed)
    applying = [one for one in rule_sets if one.ends is None or one.ends >= happened_on]
    ends = [_end(one, said, happened_on) for one in applying if one.begins <= max(today, happened_on)]
    decides = _deciding(ends, overlap)
    until = decides.until
    for later in (one for one in applying if one.begins > max(today, happened_on)):
        ends.append(_end(later, said, happened_on))
        if until is None or until < later.begins:
            break
        # What a set known in advance will take down is not promised beyond the eve of its first day.
        then = _deciding(ends, overlap).until
        until = then if then is not None and then >= later.begins else later.begins - _DAY
    given = body.get("CF_GSJZQ", "")
    if until is not None and given and date.fromisoformat(given) < until:
        until = date.fromisoformat(given)  # the authority may end it sooner, never later
    now = next(end for end in reversed(ends) if end.rules.begins <= max(today, happened_on))
    least = last_day(happened_on, months=now.into.min_months)
    return Publicity(
        severity=now.into.name,
        label=now.into.label,
        shown=until is not None and today <= until,
        repair_from=least + _DAY if now.into.min_months else happened_on,
        until=until,
        rule=decides.rules.name,
        why=_why(now, decides, until, today),
    )


def _why(now: _End, decides: _End, until: date | None, today: date) -> str:
    if until is None:
        return f"{decides.into.label}，依{decides.rules.title}不对外公示"
    period = f"公示期已于 {until:%Y-%m-%d} 届满" if until < today else f"公示至 {until:%Y-%m-%d}"
    return f"{now.into.label}，{period}（{decides.rules.title}，最长 {decides.into.max_months} 个月）"


# ---- Every kind ------------------------------------------------------------------------------------------------


def shown_until(
    kind: Kind,
    body: Mapping[str, str],
    *,
    happened_on: date,
    today: date,
    overlap: Overlap = "earlier",
    listed: bool = False,
) -> Shown:
    """Return whether a record of any kind may be shown today, and the last day it may."""
    roles = kind.roles
    if roles.state and body.get(roles.state) in roles.over:
        return Shown(shown=False, until=None)
    match kind.publicity:
        case "penalty":
            found = judge(body, happened_on=happened_on, today=today, overlap=overlap, listed=listed)
            return Shown(found.shown, found.until)
        case "never":
            return Shown(shown=False, until=None)
        case "public_type":
            return Shown(body.get(roles.public_type) in roles.shown_types, until=None)
        case "removal":
            return _until(_earliest(_before(body.get(roles.removed, "")), _at_most(kind, happened_on)), today)
        case "validity":
            ends = body.get(roles.ends, "")
            until = date.fromisoformat(ends) if ends else None
            return _until(None if until is None or is_long_term(until) else until, today)
    return Shown(shown=True, until=None)


def _until(until: date | None, today: date) -> Shown:
    return Shown(until is None or today <= until, until)


def _before(removed: str) -> date | None:
    # Taken off a list, a subject is not on it that day any more.
    return date.fromisoformat(removed) - _DAY if removed else None


def _at_most(kind: Kind, happened_on: date) -> date | None:
    return last_day(happened_on, months=kind.max_months) if kind.max_months else None


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
