"""Loading the demo: its files taken in, codes issued, some of them turned, cards posted. Every step may run twice.

What has been reached is kept in the data folder (`demo.json`); a demo that was cut off goes on from there, on the day
it was begun with, since the files hang on that day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from django.conf import settings
from django.db import connection
from django.utils import timezone

from chengxin.board.city import City
from chengxin.credit.codes import actions as codes
from chengxin.credit.codes import queries
from chengxin.credit.codes.keyring import Signer
from chengxin.credit.publishing import city as publishing
from chengxin.credit.records import catalogue
from chengxin.ingest import batches, sources, zero
from chengxin.ingest.intake import take_in
from chengxin.ingest.models import Batch, ZeroReport
from chengxin.ingest.reading.table import Limits
from chengxin.people import queries as people
from chengxin.people.models import Unit
from chengxin.people.trail import Actor, Refused
from chengxin.pipeline import flow
from chengxin.pipeline.demo import doings, files, history, records, units
from chengxin.pipeline.demo.businesses import SERIALS, Business, World, office_code
from chengxin.pipeline.demo.plan import AT_MOST, Planned, walk
from chengxin.pipeline.demo.progress import Progress
from chengxin.pipeline.demo.words import read

BY: Final = Actor("演示数据", "command")
LARGEST: Final = SERIALS // 2
KEPT: Final = "demo"
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


class State(msgspec.Struct):
    """What has been reached."""

    size: int
    seed: int
    today: date
    reached: str = "begun"  # then: issued, turned, lively, done
    samples: list[Sample] = msgspec.field(default_factory=list)


def state() -> State | None:
    """Return what has been reached, or None before the first time."""
    kept = settings.INSTALLATION.recall(KEPT)
    try:
        return msgspec.convert(kept, State) if kept else None
    except msgspec.ValidationError:
        return None


def _keep(reached: State) -> None:
    settings.INSTALLATION.remember(KEPT, msgspec.to_builtins(reached))


def begin(*, size: int, seed: int, today: date) -> State:
    """Return what is to be done here: a new demo, one that was cut off, or one that stands (`done`).

    :raises Refused: this installation holds something else.
    """
    if not 1 <= size <= LARGEST:
        raise Refused(f"演示数据可有 1 至 {LARGEST:,} 家经营主体，不能是 {size:,} 家")
    kept = state()
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM subjects_subject)")
        (filled,) = cursor.fetchone()
    if not filled:
        # Whatever the folder says: a database that was made anew holds no demo.
        begun = State(size, seed, today)
        _keep(begun)
        return begun
    # What somebody took in beside the demo does not matter: it is there to be tried.
    if kept is None or not Batch.objects.filter(by=BY.name).exists():
        raise Refused("这套安装已有其他数据，不能再装演示数据；请换一个数据目录（--data 目录）或另一个数据库")
    if (kept.size, kept.seed) != (size, seed):
        raise Refused(
            f"这套安装已有 {kept.size:,} 家、种子 {kept.seed} 的演示数据；要换规模或种子，请换一个数据目录（--data 目录）"
        )
    return kept


def bring_in_units() -> None:
    """Bring the demo's directory in, unless all of it that the accounts need is there."""
    if Unit.objects.filter(uscc__in=units.OF.values()).count() != len(units.OF):
        units.bring_in(settings.DATA_DIR / "demo", by=BY, at=timezone.now())


def load(begun: State, *, quiet: bool = False) -> State:
    """Bring a demo from where it stands to its end."""
    world = World(seed=begun.seed, today=begun.today)
    folder = settings.DATA_DIR / "demo"
    if begun.reached == "begun":
        _describe_city()
        step = _Step("写出官方格式文件", begun.size, quiet)
        files.write(folder=folder, size=begun.size, seed=begun.seed, today=begun.today, progress=step.show)
        step.done(f"在 {folder}")
        _take_in(folder, later=False, quiet=quiet, kinds={"subject"})
        _remember(begun, folder, quiet=quiet)
        _take_in(folder, later=False, quiet=quiet)
        begun.samples = _issue(world, begun.size, quiet=quiet)
        begun.reached = "issued"
        _keep(begun)
    if begun.reached == "issued":
        _turn(world, begun)
        begun.reached = "turned"
        _keep(begun)
    if begun.reached == "turned":
        _take_in(folder, later=True, quiet=quiet)
        step = _Step("经营主体办事", 1, quiet)
        doings.bring_in(world=world, at=timezone.now())
        step.done("申领、填报、承诺、亮码、扫码")
        begun.reached = "lively"
        _keep(begun)
    if begun.reached == "lively":
        while batches.step(at=timezone.now()):
            pass  # what they wrote on pages
        step = _Step("上公示栏", _touched(), quiet)
        posted = flow.drain(progress=step.show)
        step.done(f"{posted:,} 条变动")
        begun.reached = "done"
        _keep(begun)
    return begun


class _Step:
    """A step's progress, unless nobody wants to see it."""

    def __init__(self, label: str, total: int, quiet: bool) -> None:
        self._bar = None if quiet else Progress(label, total)

    def show(self, done: int) -> None:
        if self._bar:
            self._bar(done)

    def done(self, said: str) -> None:
        if self._bar:
            self._bar.done(said)


def _describe_city() -> None:
    # A city that somebody described already keeps its face.
    if publishing.face().city == City():
        publishing.describe_city(city=msgspec.convert(read("city"), City), logo=None, by=BY, at=timezone.now())


def _touched() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM subjects_touch")
        return int(cursor.fetchone()[0])


# ---- Files -----------------------------------------------------------------------------------------------------


def _take_in(folder: Path, *, later: bool, quiet: bool, kinds: Container[str] = catalogue.KINDS) -> None:
    while batches.step(at=timezone.now()):
        pass  # what was under way when it was cut off
    for form in files.FORMS:
        path = folder / form.name
        if form.later != later or form.kind not in kinds or not path.exists() or _is_taken_in(path):
            continue
        now = timezone.now()
        step = _Step(f"归集 {form.name}", 100, quiet)
        report = take_in(
            path=path,
            kind=form.kind,
            source=sources.find(),
            by=BY,
            at=now,
            today=timezone.localdate(now),
            limits=Limits(settings.INTAKE_MAX_BYTES, settings.INTAKE_MAX_UNPACKED_BYTES),
            feedback_dir=settings.FEEDBACK_DIR,
            unit=_sender(form),
            progress=_shares(step.show),
        )
        step.done(f"{report.rows:,} 行，接收 {report.accepted:,}，搁置 {report.rejected:,}")


def _is_taken_in(path: Path) -> bool:
    """Tell whether a file was taken in before a cut: it stays so, as a later one may have changed what it said."""
    return Batch.objects.filter(sha256=_sha256(path), by=BY.name, state="applied").exists()


def _remember(begun: State, folder: Path, *, quiet: bool) -> None:
    """Take in what departments sent in the months before, as of those days."""
    sent = history.write(folder=folder / "history", size=begun.size, seed=begun.seed, today=begun.today)
    step = _Step("归集前几个月的数据", len(sent), quiet)
    for number, one in enumerate(sent, start=1):
        if not _is_taken_in(one.path):
            take_in(
                path=one.path,
                kind="licence",
                source=sources.find(),
                by=BY,
                at=one.at,
                today=timezone.localdate(one.at),
                limits=Limits(settings.INTAKE_MAX_BYTES, settings.INTAKE_MAX_UNPACKED_BYTES),
                feedback_dir=settings.FEEDBACK_DIR,
                unit=getattr(people.unit_named(one.unit), "pk", None),
            )
        step.show(number)
    for code, kind, month in history.noughts(begun.today):
        unit, at = people.unit_named(code), timezone.now()
        if unit and not ZeroReport.objects.filter(unit=unit, kind=kind, month=month).exists():
            zero.report(unit=unit, kind=kind, month=month, by=BY, at=at, today=timezone.localdate(at))
    step.done(f"{len(sent):,} 份")


def _sender(form: files.Form) -> int | None:
    unit = people.unit_named(office_code(units.CITY, form.sender)) if form.sender else None
    return unit.pk if unit else None


def _shares(show: Callable[[int], None]) -> Callable[[int, float | None], None]:
    return lambda rows, share: show(int(100 * share)) if share is not None else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ---- Codes -----------------------------------------------------------------------------------------------------


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


def _issue(world: World, size: int, *, quiet: bool) -> list[Sample]:
    """Issue the codes of all who have one, and return which are worth looking at."""
    signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=timezone.now())
    consents = _consents(world.today)
    doors = _Issuer(signer, placement="premises", consents=consents)
    unasked = _Issuer(signer, placement="premises", consents=_nothing())
    more = {name: _Issuer(signer, placement=name, consents=consents) for name in ("taxi", "counter", "package")}
    cabs: list[str] = []
    sights: dict[str, tuple[str, str]] = {}
    step = _Step("签发诚信码", size, quiet)
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


def _turn(world: World, begun: State) -> None:
    """Let the codes come into the states that are in store for them; those that are there already stay."""
    signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=timezone.now())
    ill_fated = _fated(world, begun.size)
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


def counts() -> dict[str, Any]:
    """Return how much stands in this installation now."""
    asked = {
        "subjects": "SELECT count(*) FROM subjects_subject",
        "records": "SELECT count(*) FROM records_record",
        "set_aside": "SELECT count(*) FROM ingest_set_aside WHERE taken_at IS NULL",
        "codes": "SELECT count(*) FROM board_code",
        "cards": "SELECT count(*) FROM board_card",
    }
    with connection.cursor() as cursor:
        found = {}
        for name, query in asked.items():
            cursor.execute(query)
            found[name] = int(cursor.fetchone()[0])
        return found
