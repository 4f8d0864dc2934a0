"""Loading the demo: its files taken in, codes issued, some of them turned, cards posted. Every step may run twice.

What has been reached is kept in the data folder (`demo.json`); a demo that was cut off goes on from there, on the day
it was begun with, since the files hang on that day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings
from django.db import connection
from django.utils import timezone

from chengxin.board.city import City
from chengxin.credit.publishing import city as publishing
from chengxin.credit.records import catalogue
from chengxin.ingest import batches, sources, zero
from chengxin.ingest.intake import take_in
from chengxin.ingest.models import Batch, ZeroReport
from chengxin.ingest.reading.table import Limits
from chengxin.people import queries as people
from chengxin.people.models import Unit
from chengxin.people.trail import Refused
from chengxin.pipeline import flow
from chengxin.pipeline.demo import doings, files, history, issuing, units
from chengxin.pipeline.demo.businesses import SERIALS, World, office_code
from chengxin.pipeline.demo.issuing import Sample
from chengxin.pipeline.demo.plan import BY
from chengxin.pipeline.demo.progress import Step
from chengxin.pipeline.demo.words import read

LARGEST: Final = SERIALS // 2
KEPT: Final = "demo"


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
        step = Step("写出官方格式文件", begun.size, quiet)
        files.write(folder=folder, size=begun.size, seed=begun.seed, today=begun.today, progress=step.show)
        step.done(f"在 {folder}")
        _take_in(folder, later=False, quiet=quiet, kinds={"subject"})
        _remember(begun, folder, quiet=quiet)
        _take_in(folder, later=False, quiet=quiet)
        begun.samples = issuing.issue(world, begun.size, quiet=quiet)
        begun.reached = "issued"
        _keep(begun)
    if begun.reached == "issued":
        issuing.turn(world, begun.size)
        begun.reached = "turned"
        _keep(begun)
    if begun.reached == "turned":
        _take_in(folder, later=True, quiet=quiet)
        step = Step("经营主体办事", 1, quiet)
        doings.bring_in(world=world, at=timezone.now())
        step.done("申领、填报、承诺、亮码、扫码")
        begun.reached = "lively"
        _keep(begun)
    if begun.reached == "lively":
        while batches.step(at=timezone.now()):
            pass  # what they wrote on pages
        step = Step("上公示栏", _touched(), quiet)
        posted = flow.drain(progress=step.show)
        step.done(f"{posted:,} 条变动")
        begun.reached = "done"
        _keep(begun)
    return begun


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
        step = Step(f"归集 {form.name}", 100, quiet)
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
    step = Step("归集前几个月的数据", len(sent), quiet)
    for number, one in enumerate(sent, start=1):
        if not _is_taken_in(one.path):
            # As its own people send a file; what they would have had back has long been read.
            with one.path.open("rb") as file:
                batch = batches.receive(
                    file=file,
                    file_name=one.path.name,
                    kind="licence",
                    source=sources.find(),
                    way="upload",
                    by=BY,
                    unit=getattr(people.unit_named(one.unit), "pk", None),
                    at=one.at,
                    then="apply",
                )
            batches.apply(batch.pk, at=one.at)
        step.show(number)
    for nought in history.noughts(begun.today):
        unit, kind, month = people.unit_named(nought.unit), nought.kind, nought.month
        if unit and not ZeroReport.objects.filter(unit=unit, kind=kind, month=month).exists():
            # As of its day, not of ours: a demo that was cut off may go on whenever, by whatever clock.
            at = min(nought.at, timezone.now())
            zero.report(unit=unit, kind=kind, month=month, by=BY, at=at, today=nought.at.date())
    step.done(f"{len(sent):,} 份")


def _sender(form: files.Form) -> int | None:
    unit = people.unit_named(office_code(units.CITY, form.sender)) if form.sender else None
    return unit.pk if unit else None


def _shares(show: Callable[[int], None]) -> Callable[[int, float | None], None]:
    return lambda rows, share: show(int(100 * share)) if share is not None else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
