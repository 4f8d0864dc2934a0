"""The demo's codes: issued to whoever has one, some turned to another state, and those that are worth looking at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.utils import timezone

from chengxin.credit.codes import actions as codes
from chengxin.credit.codes import queries
from chengxin.credit.codes.keyring import Signer
from chengxin.pipeline.demo import records
from chengxin.pipeline.demo.businesses import Business, World
from chengxin.pipeline.demo.plan import AT_MOST, BY, Planned, walk
from chengxin.pipeline.demo.progress import Step

CHUNK: Final = 2000
PLATES: Final = 20
"""So many taxis have a number plate on their second code; each asks for a transaction of its own."""

ANY: Final = "any"
"""Any code that stands: the sample of a demo so small that none has more to say."""
LABELS: Final = {
    "active": "有效",
    "penalised": "有公示期内行政处罚",
    "abnormal": "在经营异常名录",
    "heavy": f"{records.HEAVY} 条行政许可",
    "taxi": "车内的码",
    "package": "产品包装上的短码",
    "paused": "经营主体已暂停展示",
    "frozen": "信用办已冻结",
    "superseded": "已换发新码",
    "cancelled": "已注销",
    "deregistered": "主体已注销登记",
    "pending": "待同意，尚未生效",
}
"""What each sample of the demo shows, in the order of the table."""


class Sample(NamedTuple):
    """A code worth looking at."""

    what: str
    subject: str
    serial: int


class _Issuer:
    """Issues codes of one placement, a chunk at a time."""

    def __init__(self, signer: Signer, *, placement: str, consents: Iterator[str | None]) -> None:
        self._signer = signer
        self._placement = placement
        self._consents = consents
        self._waiting: list[str] = []
        self.issued = 0

    def add(self, subject: str) -> None:
        self._waiting.append(subject)
        if len(self._waiting) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self.issued += len(
                codes.issue(
                    subjects=self._waiting,
                    consent=next(self._consents),
                    placement=self._placement,
                    by=BY,
                    at=timezone.now(),
                    signer=self._signer,
                )
            )
        self._waiting = []


def _consents(today: date) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"演示同意书 {today.year}-{number:04}"


def _nothing() -> Iterator[None]:
    while True:
        yield None


def issue(world: World, size: int, *, quiet: bool) -> list[Sample]:
    """Issue the codes of all who have one, and return which are worth looking at."""
    signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=timezone.now())
    consents = _consents(world.today)
    doors = _Issuer(signer, placement="premises", consents=consents)
    unasked = _Issuer(signer, placement="premises", consents=_nothing())
    more = {name: _Issuer(signer, placement=name, consents=consents) for name in ("taxi", "counter", "package")}
    cabs: list[str] = []
    sights: dict[str, tuple[str, str]] = {}
    step = Step("签发诚信码", size, quiet)
    for planned in walk(world, size):
        if planned.coded:
            subject = planned.business.uscc
            if planned.fate == "pending":
                unasked.add(subject)
            else:
                doors.add(subject)
            if not planned.fate:
                for placement in _placements(world, planned):
                    if placement == "taxi" and len(cabs) < PLATES:
                        cabs.append(subject)
                    else:
                        more[placement].add(subject)
                    sights.setdefault(placement, (subject, placement))
            _notice(world, planned, sights)
        step.show(planned.business.number)
    # Doors first: whoever has a consent on record needs no other for a second placement.
    for issuer in (doors, unasked, *more.values()):
        issuer.flush()
    for number, subject in enumerate(cabs, start=1):
        plate = f"演A·T{number:04}"
        codes.issue(
            subjects=[subject],
            consent=None,
            placement="taxi",
            label=plate,
            label_shown=True,
            by=BY,
            at=timezone.now(),
            signer=signer,
        )
    step.done(f"{doors.issued + unasked.issued + sum(one.issued for one in more.values()) + len(cabs):,} 个")
    return _samples(sights)


def _placements(world: World, planned: Planned) -> list[str]:
    """Return where else than at the door a code hangs."""
    trade = planned.business.trade
    if "taxi" in trade.licences:
        return ["taxi"]
    dice = world.dice(planned.business.number, "placement")
    if trade.industry[0] in "AC":
        return ["package"] if dice.chance(0.3) else []
    return ["counter"] if trade.industry[0] in "FH" and dice.chance(0.06) else []


def _notice(world: World, planned: Planned, sights: dict[str, tuple[str, str]]) -> None:
    """Keep the first business of each sort that is worth looking at."""
    business = planned.business
    if planned.fate:
        sights.setdefault(planned.fate, (business.uscc, "premises"))
        return
    if planned.heavy:
        sights["heavy"] = (business.uscc, "premises")
        return
    if "penalised" not in sights and any(_in_publicity(world, row) for row in records.penalties(world, business)):
        sights["penalised"] = (business.uscc, "premises")
    elif "abnormal" not in sights and any(not row[6] for row in records.abnormal(world, business)):
        sights["abnormal"] = (business.uscc, "premises")
    elif "active" not in sights:
        sights.setdefault(ANY, (business.uscc, "premises"))
        # The one whose page has the most to say, without a stain: somewhere to eat, since everybody knows one.
        said = (records.commitments(world, business), records.declarations(world, business))
        rich = business.trade.industry[0] == "H" and all(map(any, said))
        if rich and len(list(records.licences(world, business, heavy=False))) > 1 and not any(_stains(world, business)):
            sights["active"] = (business.uscc, "premises")


def _stains(world: World, business: Business) -> Iterator[records.Row]:
    for rows in (records.penalties, records.abnormal, records.dishonest, records.serious):
        yield from rows(world, business)


def _in_publicity(world: World, row: records.Row) -> bool:
    """Tell whether a penalty is one that the page shows: not minor, not past its time."""
    fine = float(row[10] or 0)
    decided = datetime.strptime(row[13], "%Y/%m/%d").date()  # noqa: DTZ007 — a day has no zone
    return fine >= 1 and (world.today - decided).days < 300


def _samples(sights: dict[str, tuple[str, str]]) -> list[Sample]:
    if ANY in sights:
        sights.setdefault("active", sights[ANY])
    standing = queries.standing(sorted({subject for subject, _ in sights.values()}))
    found = {(code.subject, code.placement): code.serial for code in standing}
    return [Sample(what, sights[what][0], found[sights[what]]) for what in LABELS if sights.get(what) in found]


# ---- What becomes of some --------------------------------------------------------------------------------------

_WHY: Final = {
    "paused": "经营主体申请暂停展示（演示）",
    "frozen": "信用办核实信息期间冻结（演示）",
    "superseded": "标牌破损换发（演示）",
    "cancelled": "经营主体申请注销诚信码（演示）",
}


def turn(world: World, size: int) -> None:
    """Let the codes come into the states that are in store for them; those that are there already stay."""
    signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=timezone.now())
    ill_fated = _fated(world, size)
    for chunk in (ill_fated[start : start + CHUNK] for start in range(0, len(ill_fated), CHUNK)):
        fates = dict(chunk)
        of_subject: dict[str, list[queries.Standing]] = {}
        for code in queries.standing(list(fates)):
            of_subject.setdefault(code.subject, []).append(code)
        for subject, held in of_subject.items():
            if not any(code.state == fates[subject] for code in held):
                _turn_one(subject, held[0].serial, fates[subject])
            if fates[subject] == "superseded":
                # Runs again after a cut in between: a code that stands is kept.
                codes.issue(subjects=[subject], consent=None, by=BY, at=timezone.now(), signer=signer)


def _fated(world: World, size: int) -> Sequence[tuple[str, str]]:
    found = []
    count = 0
    for planned in walk(world, size):
        count += planned.coded
        if planned.fate in _WHY:
            found.append((planned.business.uscc, planned.fate))
        if count > AT_MOST + 1:
            break
    return found


def _turn_one(subject: str, serial: int, fate: str) -> None:
    now = timezone.now()
    if fate == "cancelled":
        codes.withdraw(subject=subject, why=_WHY[fate], by=BY, at=now)
        return
    verb = {"paused": "pause", "frozen": "freeze", "superseded": "supersede"}[fate]
    codes.turn(subject=subject, serial=serial, verb=verb, why=_WHY[fate], by=BY, at=now)
