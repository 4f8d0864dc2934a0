from __future__ import annotations

import errno
import io
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction

from chengxin.credit.records import actions as records
from chengxin.credit.records import queries
from chengxin.credit.records.models import Record
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.models import Touch
from chengxin.ingest import batches, beside, feedback, patience, sources, store
from chengxin.ingest.batches import Conflict
from chengxin.ingest.models import Batch, SetAside, Tally
from chengxin.ingest.reading.table import NotReadable
from chengxin.people.models import Trail, Unit
from chengxin.people.trail import Refused
from tests import make
from tests.ingest.test_intake import OFFICE, REGISTRATION, known, licence, table

pytestmark = pytest.mark.django_db(transaction=True)

LATER = make.NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


def content(kind: str, *rows: Mapping[str, str]) -> bytes:
    import csv

    text = io.StringIO()
    csv.writer(text).writerows(table(kind, rows))
    return text.getvalue().encode()


def send(data: bytes, kind: str = "licence", *, then: Any = "apply", **said: Any) -> Batch:
    return batches.receive(
        **{
            "file": io.BytesIO(data),
            "file_name": "许可.csv",
            "kind": kind,
            "source": sources.find(),
            "way": "upload",
            "by": make.CLERK,
            "unit": None,
            "at": make.NOW,
            "then": then,
            **said,
        }
    )


def applied(data: bytes, kind: str = "licence", **said: Any) -> Batch:
    batch = send(data, kind, **said)
    assert batches.step(at=LATER)
    return Batch.objects.get(pk=batch.pk)


def test_a_files_name_keeps_no_number_of_a_person() -> None:
    batch = send(b"x", file_name="/home/x/张三230402199003071233的许可.csv", then="check")

    assert batch.file_name == "张三******************的许可.csv"


def licences(*rows: Mapping[str, str], **said: Any) -> Batch:
    return applied(content("licence", *rows), **said)


def says() -> list[str]:
    """Return what stands of licences' contents, in the order of their numbers."""
    return [one.body["XK_NR"] for one in sorted(queries.standing([make.USCC]), key=lambda one: one.body["XK_WSH"])]


# ---- The steps ---------------------------------------------------------------------------------------------------


def test_a_preview_says_what_applying_does_and_writes_nothing_of_it() -> None:
    known()
    licences(licence(1), licence(2))
    rows = (
        licence(1),
        licence(2, XK_NR="冷食类食品制售"),
        licence(3),
        licence(4, XK_JDRQ="2026/02/30"),
        licence(5, XK_XDR_SHXYM=make.OTHER_USCC),
    )
    batch = send(content("licence", *rows), then="check")

    assert batches.step(at=LATER)

    batch.refresh_from_db()
    assert (batch.state, batch.wanted, batch.checked_at) == ("checked", "", LATER)
    shown = batch.difference
    assert {name: shown[name] for name in ("new", "changed", "unchanged", "rejected", "waiting", "warnings")} == {
        "new": 1,
        "changed": 1,
        "unchanged": 1,
        "rejected": 2,
        "waiting": 1,
        "warnings": 0,
    }
    assert shown["reasons"] == [["E04", "许可决定日期", "error", 1], ["E30", "", "error", 1]]
    assert shown["sample"] == [
        {
            "row": 3,
            "subject": make.USCC,
            "name": "松岭里饺子馆",
            "title": shown["sample"][0]["title"],
            "fields": [["许可内容", "热食类食品制售", "冷食类食品制售"]],
        }
    ]
    assert Record.objects.count() == 2
    assert not SetAside.objects.exists() and not Tally.objects.filter(batch=batch).exists()
    assert [(found.row, found.code) for found in batches.findings(batch)] == [(5, "E04"), (6, "E30")]

    batches.confirm(batch=batch.pk, by=make.CLERK, at=LATER)
    assert batches.step(at=LATER)

    batch.refresh_from_db()
    assert (batch.state, batch.rows, batch.accepted, batch.changed) == ("applied", 5, 2, 1)
    assert (batch.unchanged, batch.rejected, batch.waiting) == (1, 2, 1)
    assert {**batch.difference, "sample": None} == {**shown, "sample": None}
    assert Record.objects.count() == 4


def test_a_batch_that_is_in_is_not_taken_in_again() -> None:
    known()
    batch = licences(licence(1))

    again = batches.apply(batch.pk, at=LATER)

    assert (again.accepted, Record.objects.count(), Tally.objects.filter(code="rows").count()) == (1, 1, 1)
    assert not batches.step(at=LATER)


def test_the_original_is_kept_as_it_came_for_its_owner_alone() -> None:
    data = content("licence", licence(1))

    first, second = send(data), send(data)

    assert batches.original(first).read_bytes() == data
    assert batches.original(first) == batches.original(second)
    assert batches.original(first).stat().st_mode & 0o177 == 0
    assert batches.original(first).parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("data", "sentence"), [(b"", "空的"), (b"x" * 2000, "超过上限")], ids=["an empty file", "a file too large"]
)
def test_a_file_that_is_none_is_refused_and_leaves_nothing(
    settings: Any, tmp_path: Path, data: bytes, sentence: str
) -> None:
    settings.INTAKE_MAX_BYTES = 1000

    with pytest.raises(NotReadable, match=sentence):
        send(data)

    assert not Batch.objects.exists()
    assert [path for path in (tmp_path / "原件").rglob("*") if path.is_file()] == []


class Overflowing(io.BytesIO):
    """A file during whose reading the disk runs full."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(size)


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="磁盘满了"):
        store.keep(Overflowing(b"x"), folder=tmp_path / "原件", limit=10)

    assert list((tmp_path / "原件").iterdir()) == []


class FullDisk(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("large", [10**9, 0], ids=["read at once", "read beside"])
def test_a_batch_waits_for_room_on_a_full_disk_and_is_not_given_up(large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    known()
    monkeypatch.setattr(beside, "LARGE", large)
    batch = send(content("licence", licence(1)))
    with monkeypatch.context() as full:
        full.setattr(beside.tempfile, "TemporaryFile", lambda **_: FullDisk())
        for _ in range(batches.TRIES + 2):
            with pytest.raises(batches.NoRoom, match="磁盘满了"):
                batches.step(at=LATER)

    assert batches.step(at=LATER)

    batch.refresh_from_db()
    assert (batch.state, batch.accepted) == ("applied", 1)


def test_a_file_that_cannot_be_read_fails_with_a_sentence_and_stops_no_other() -> None:
    known()
    bad = send(b"\x89PNG not a table")
    good = send(content("licence", licence(1)))

    while batches.step(at=LATER):
        pass

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("failed", "applied")
    assert "图片" in bad.message


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("许可\r\nX-Evil: 1.csv", "许可__X-Evil: 1.csv"),
        ("许\0可.csv", "许_可.csv"),
        ("许可\u202evsc.exe", "许可_vsc.exe"),
        ("\ud800.csv", "_.csv"),
        ("../../etc/许可 （十一月）.csv", "许可 （十一月）.csv"),
    ],
    ids=["a line's end", "a NUL", "a turned direction", "half a character", "a path"],
)
def test_a_files_name_holds_nothing_that_is_not_seen(name: str, kept: str) -> None:
    assert send(content("licence", licence(1)), file_name=name).file_name == kept


def test_a_request_that_comes_again_is_the_batch_that_stands() -> None:
    data = content("licence", licence(1))
    first = send(data, request=("market", "k1"))

    assert send(data, request=("market", "k1")).pk == first.pk
    assert send(data, request=("other", "k1")).pk != first.pk
    with pytest.raises(Conflict, match="换一个编号"):
        send(content("licence", licence(2)), request=("market", "k1"))
    assert Batch.objects.count() == 2


def test_a_batch_that_breaks_its_worker_thrice_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    batch = send(content("licence", licence(1)))
    monkeypatch.setattr(batches, "_gather", breaks)

    tried = 0
    while batches.step(at=LATER):
        tried += 1

    batch.refresh_from_db()
    assert (tried, batch.state) == (4, "failed")
    assert "三次" in batch.message


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.rowcount > 0


def test_a_small_batch_is_applied_while_a_large_one_is_under_way() -> None:
    known()
    large = send(content("licence", *[licence(number) for number in range(2000)]))
    same_kind = send(content("licence", licence(1)))
    other_kind = send(content("subject", {**REGISTRATION, "UNISCID": make.OTHER_USCC}), "subject")
    with transaction.atomic():
        records.lock("licence")  # another adds to this kind and takes his time: so the large one waits in the middle
        at_work = in_a_thread(lambda: batches.step(at=LATER))
        until = time.monotonic() + 30
        while not somebody_waits_for_a_lock():
            assert time.monotonic() < until
            time.sleep(0.02)

        assert batches.step(at=LATER, largest=large.size - 1)

        assert [*Batch.objects.exclude(wanted="").order_by("pk")] == [large, same_kind]
        assert Batch.objects.get(pk=other_kind.pk).state == "applied"
        assert not batches.step(at=LATER), "the kind is busy: a worker that waited for it would be lost for others"
    at_work.join(60)
    assert batches.step(at=LATER, largest=large.size - 1)
    assert {one.state for one in Batch.objects.all()} == {"applied"}


def test_originals_past_their_time_are_destroyed_and_what_came_of_them_stays() -> None:
    known()
    old, young = licences(licence(1, XK_JDRQ="2026/02/30")), licences(licence(2))
    waits = send(content("licence", licence(3)), then="check")
    orphan = batches.original(old).with_name("f" * 64)
    orphan.write_bytes(b"x")
    now = LATER.timestamp()
    for path, age in ((batches.original(old), 11), (batches.original(waits), 11), (orphan, 2)):
        os.utime(path, (now - age * 86400, now - age * 86400))
    os.utime(batches.original(young), (now - 9 * 86400, now - 9 * 86400))

    assert batches.forget(at=LATER, after=timedelta(days=10)) == 2

    assert [batches.original(one).exists() for one in (old, young, waits)] == [False, True, True]
    assert [*batches.findings(old)] == []
    assert (Batch.objects.count(), SetAside.objects.count()) == (3, 1)


def test_a_large_workbook_is_written_before_anybody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "MUCH", 0)
    known()
    batch = send(content("licence", licence(1, XK_JDRQ="2026/02/30")), then="check")
    batches.step(at=LATER)
    batch.refresh_from_db()
    assert not feedback.is_ready(batch)

    writer = feedback.Writer()

    assert writer.step() and not writer.step()
    assert feedback.is_ready(batch)
    with feedback.open_for(batch) as file:
        assert openpyxl.load_workbook(file)["待改正"].max_row == 2
    batches.confirm(batch=batch.pk, by=make.CLERK, at=LATER)
    batches.step(at=LATER)
    assert not feedback.is_ready(batch), "what was found now may be something else"
    assert writer.step()
    batches.original(batch).unlink()
    assert feedback.is_ready(batch)


# ---- Decisions ---------------------------------------------------------------------------------------------------


def test_a_batch_is_confirmed_once_and_not_after_it_was_dropped() -> None:
    one, other = (send(content("licence", licence(number)), then="check") for number in (1, 2))
    with pytest.raises(Refused, match="正在处理"):
        batches.confirm(batch=one.pk, by=make.CLERK, at=LATER)
    while batches.step(at=LATER):
        pass

    batches.confirm(batch=one.pk, by=make.CLERK, at=LATER)
    batches.drop(batch=other.pk, by=make.CLERK, at=LATER)

    for batch in (one, other):
        with pytest.raises(Refused, match="不需要再确认"):
            batches.confirm(batch=batch.pk, by=make.CLERK, at=LATER)
        with pytest.raises(Refused, match="不能放弃"):
            batches.drop(batch=batch.pk, by=make.CLERK, at=LATER)
    with pytest.raises(Refused, match="已放弃"):
        batches.apply(other.pk, at=LATER)
    assert Trail.objects.filter(verb__in=("batch.confirm", "batch.drop")).count() == 2


def test_no_row_of_an_applied_batch_can_go_uncounted() -> None:
    batch = licences(licence(1, XK_JDRQ="2026/02/30"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(rejected=0)


# ---- Undone ------------------------------------------------------------------------------------------------------


def undo(batch: Batch) -> Batch:
    return batches.undo(batch=batch.pk, by=make.CLERK, at=LATER, why="报错了文件")


def test_undoing_brings_back_what_stood_before_and_takes_back_what_was_new() -> None:
    known()
    licences(licence(1, XK_NR="原来的"))
    batch = licences(licence(1, XK_NR="后来的"), licence(2, XK_NR="新的"))
    Touch.objects.all().delete()

    undoing = undo(batch)

    batch.refresh_from_db()
    assert says() == ["原来的"]
    assert (batch.state, undoing.undoes_id, undoing.way) == ("undone", batch.pk, "hand")
    assert (undoing.rows, undoing.accepted, undoing.unchanged) == (2, 2, 0)
    assert Record.objects.count() == 5
    assert set(Touch.objects.values_list("subject", flat=True)) == {make.USCC}
    assert Trail.objects.get(verb="batch.undo").detail["taken_back"] == 2


def test_nobody_waits_long_to_undo_while_a_large_file_of_the_kind_goes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    known()
    batch = licences(licence(1))
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.1)
    said: list[str] = []

    def try_to() -> None:
        with pytest.raises(Refused) as refused:
            undo(batch)
        said.append(str(refused.value))

    with transaction.atomic():
        records.lock("licence")
        in_a_thread(try_to).join(30)

    assert "请过一会儿再试" in said[0]
    assert undo(batch).accepted == 1


def test_what_a_later_batch_has_said_since_stays_and_is_counted() -> None:
    known()
    batch = licences(licence(1, XK_NR="一"), licence(2, XK_NR="二"))
    licences(licence(1, XK_NR="更正后的一"))

    undoing = undo(batch)

    assert says() == ["更正后的一"]
    assert (undoing.accepted, undoing.unchanged) == (1, 1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the older first", "the newer first"])
def test_two_batches_undone_in_any_order_leave_what_stood_before_both(order: tuple[int, int]) -> None:
    known()
    licences(licence(1, XK_NR="原来的"))
    both = [licences(licence(1, XK_NR=said)) for said in ("第二次", "第三次")]

    for number in order:
        undo(both[number])

    assert says() == ["原来的"]


def test_the_same_file_goes_in_again_after_it_was_undone() -> None:
    known()
    data = content("licence", licence(1))
    undo(applied(data))
    assert says() == []

    again = applied(data)

    assert (again.accepted, again.difference["new"], again.same_as_id) == (1, 1, None)
    assert len(says()) == 1


def test_an_undoing_and_what_was_undone_cannot_be_undone() -> None:
    known()
    batch = licences(licence(1))
    undoing = undo(batch)

    with pytest.raises(Refused, match="再报送一次"):
        undo(undoing)
    with pytest.raises(Refused, match="已撤回"):
        undo(batch)


def test_rows_of_an_undone_batch_wait_no_more() -> None:
    undo(licences(licence(1)))

    applied(content("subject", REGISTRATION), "subject")

    assert not Record.objects.exists()
    assert not SetAside.objects.filter(waiting=True).exists()


def test_a_registration_is_undone_to_what_was_registered_before() -> None:
    applied(content("subject", REGISTRATION), "subject")
    renamed = applied(content("subject", {**REGISTRATION, "ENTNAME": "松岭里大饺子馆"}), "subject")

    undo(renamed)
    assert [one.name for one in subjects.registrations([make.USCC])] == ["松岭里饺子馆"]

    undo(Batch.objects.order_by("pk")[0])
    assert subjects.registrations([make.USCC]) == []

    again = applied(content("subject", REGISTRATION), "subject")
    assert again.accepted == 1
    assert [one.name for one in subjects.registrations([make.USCC])] == ["松岭里饺子馆"]


# ---- The identical file ------------------------------------------------------------------------------------------


def test_the_identical_file_changes_nothing_and_says_which_batch_it_was() -> None:
    known()
    data = content("licence", licence(1), licence(2, XK_JDRQ="2026/02/30"), licence(3, XK_XDR_SHXYM=make.OTHER_USCC))
    first = applied(data)

    again = applied(data, way="folder", file_name="又一份.csv")

    assert again.same_as_id == first.pk
    assert (again.rows, again.accepted, again.unchanged, again.rejected, again.waiting) == (3, 0, 1, 2, 1)
    assert (Record.objects.count(), SetAside.objects.count()) == (1, 2)
    assert [found.code for found in batches.findings(again)] == ["E04", "E30"]
    counted = dict(Tally.objects.filter(batch=again, column="").values_list("code", "count"))
    assert (counted["rows"], counted["unchanged"], counted["rejected"]) == (3, 1, 2)


def test_the_identical_file_is_read_again_where_that_could_change_something() -> None:
    known()
    data = content("licence", licence(1))
    applied(data)
    licences(licence(1, XK_NR="更正后的"))

    again = applied(data)

    assert (again.same_as_id, again.accepted) == (None, 1)
    assert says() == ["热食类食品制售"]


# ---- Checks over the whole set -----------------------------------------------------------------------------------


def test_of_two_rows_about_one_document_the_later_holds_and_the_sender_is_told() -> None:
    known()

    batch = licences(licence(1, XK_NR="先写的"), licence(1, XK_NR="后写的"))

    assert says() == ["后写的"]
    assert [(found.row, found.code, found.level) for found in batches.findings(batch)] == [(3, "E11", "info")]


def test_an_agency_that_is_not_in_the_directory_is_told_once_there_is_a_directory() -> None:
    known()
    told = licences(licence(1))
    Unit.objects.create(name="别的单位", uscc="11230000000000001X")
    strange = licences(licence(2))
    Unit.objects.create(name=OFFICE["MC"], uscc=OFFICE["DM"])
    fine = licences(licence(3))

    assert [(found.code, found.column) for found in batches.findings(strange)] == [("E10", "许可机关统一社会信用代码")]
    assert [[*batches.findings(batch)] for batch in (told, fine)] == [[], []]


def test_a_document_that_says_what_another_says_but_for_its_number_is_accepted_and_told() -> None:
    known()

    same = {"XK_XKBH": "JY22304020000001"}
    other = {"XK_NR": "冷食类食品制售"}
    batch = licences(
        licence(1, **same), licence(2, **same), licence(3, **same, **other), licence(4, **same, XK_JDRQ="2026/05/07")
    )

    assert batch.accepted == 4
    found = [*batches.findings(batch)]
    assert [(one.row, one.code, one.level) for one in found] == [(3, "E11", "warn")]
    assert "1号" in found[0].message


@pytest.mark.parametrize(
    ("decided", "late"),
    [("2026/11/12", False), ("2026/11/11", True)],
    ids=["seven working days before", "eight working days before"],
)
def test_a_decision_that_comes_after_seven_working_days_is_tallied_as_late(decided: str, late: bool) -> None:
    known()
    licences(licence(2, XK_JDRQ=decided), at=make.NOW - timedelta(days=30))

    batch = licences(licence(1, XK_JDRQ=decided), licence(1, XK_JDRQ=decided, XK_NR="更正"))

    assert [*Tally.objects.filter(batch=batch, code="late").values_list("count", flat=True)] == [1] * late
    told = [(one.row, one.level) for one in batches.findings(batch) if one.code == "E13"]
    assert told == [(2, "info")] * late


def test_what_was_decided_before_a_source_first_sent_its_kind_is_not_late() -> None:
    known()
    first = licences(
        licence(1, XK_JDRQ="2016/05/06"), licence(2, XK_JDRQ="2026/10/09"), at=make.NOW - timedelta(days=20)
    )
    batch = licences(
        licence(3, XK_JDRQ="2026/11/02"), licence(4, XK_JDRQ="2026/11/03"), licence(5, XK_JDRQ="2026/11/06")
    )

    assert not Tally.objects.filter(batch=first, code="late").exists(), "years of records in the first file"
    assert [*Tally.objects.filter(batch=batch, code="late").values_list("count", flat=True)] == [2]
    assert [one.row for one in batches.findings(batch) if one.code == "E13"] == [3, 4]


def test_a_decision_first_seen_elsewhere_long_after_is_tallied_as_hidden_on_its_authority() -> None:
    known()
    stock = licences(licence(3, XK_LYDWDM=make.OTHER_USCC), at=make.NOW - timedelta(days=400))
    batch = licences(licence(1, XK_LYDWDM=make.OTHER_USCC))

    assert not Tally.objects.filter(batch=stock, code="hidden").exists(), "years of records in the first file"
    hidden = Tally.objects.get(batch=batch, code="hidden")
    assert (hidden.source_code, hidden.count) == (OFFICE["DM"], 1)
    assert not Tally.objects.filter(batch=licences(licence(2)), code="hidden").exists()


def test_rows_are_tallied_by_the_sender_each_names() -> None:
    known()
    batch = licences(
        licence(1),
        licence(2, XK_LYDWDM=make.OTHER_USCC, XK_JDRQ="2026/02/30"),
        licence(3, XK_LYDWDM=make.OTHER_USCC),
    )

    found = Tally.objects.filter(batch=batch, source_code=make.OTHER_USCC).values_list("code", "column", "count")
    assert sorted(found) == [
        ("E04", "许可决定日期", 1),
        ("accepted", "", 1),
        ("rejected", "", 1),
        ("rows", "", 2),
    ]


def test_the_difference_is_json_that_pages_read() -> None:
    known()
    batch = licences(licence(1))

    with connection.cursor() as cursor:
        cursor.execute("SELECT difference::text FROM ingest_batch WHERE id = %s", [batch.pk])
        (text,) = cursor.fetchone()
    assert json.loads(text)["new"] == 1


# ---- Large files -------------------------------------------------------------------------------------------------


def outcome(batch: Batch) -> dict[str, Any]:
    """Return all that came of a batch, but for numbers and times."""
    named = ("rows", "accepted", "changed", "unchanged", "rejected", "waiting", "warnings", "difference")
    aside = SetAside.objects.filter(batch=batch).order_by("row").values_list("row", "claim", "code", "message", "body")
    return {
        "batch": [getattr(batch, name) for name in named],
        "findings": [*batches.findings(batch)],
        "aside": [*aside],
        "tallies": sorted(
            Tally.objects.filter(batch=batch)
            .exclude(code="late")  # of those that nobody told of before, and one of the two is the second
            .values_list("source_code", "code", "column", "level", "count")
        ),
        "records": [
            *Record.objects.filter(batch=batch.pk)
            .order_by("row")
            .values_list("row", "revision", "body", "source", "source_code", "happened_on")
        ],
    }


def test_a_file_read_beside_in_chunks_becomes_what_it_becomes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known()
    licences(*(licence(number) for number in range(5)))
    rows = [licence(number % 37, XK_NR=f"第{number // 37}次\\t“制表”\t{number}") for number in range(100)]
    rows += [licence(40, XK_JDRQ="2026/02/30"), licence(41, XK_XDR_SHXYM=make.OTHER_USCC), licence(1), licence(1)]
    data = content("licence", *rows)
    at_once = applied(data)
    expected = outcome(at_once)
    undo(at_once)
    monkeypatch.setattr(beside, "LARGE", 0)
    monkeypatch.setattr(beside, "CHUNK", 7)

    preview = send(data, then="check")
    assert batches.step(at=LATER)
    chunked = applied(data, file_name="又.csv")

    preview.refresh_from_db()
    assert preview.difference == chunked.difference
    found = outcome(chunked)
    for what in ("findings", "aside", "tallies"):
        assert found[what] == expected[what], what
    assert found["batch"][0] == expected["batch"][0] == 104
    assert [row[2] for row in found["records"]] == [row[2] for row in expected["records"]]


@pytest.mark.parametrize("then", ["check", "apply"])
def test_a_row_is_known_as_a_twin_of_one_many_chunks_before(monkeypatch: pytest.MonkeyPatch, then: str) -> None:
    known()
    licences(*(licence(number) for number in range(10)))
    monkeypatch.setattr(beside, "LARGE", 0)
    monkeypatch.setattr(beside, "CHUNK", 3)
    again = (licence(3), licence(3, XK_NR="冷食类食品制售"), *(licence(number) for number in range(4, 10)), licence(3))

    batch = send(content("licence", *(licence(number) for number in range(10)), *again), then=then)
    assert batches.step(at=LATER)

    batch.refresh_from_db()
    twins = [one.row for one in batches.findings(batch) if one.code == "E11"]
    assert twins == [*range(12, 21)]
    assert (batch.accepted, batch.changed, batch.unchanged) == (2, 2, 17)


def test_a_large_file_that_breaks_off_fails_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    known()
    monkeypatch.setattr(beside, "LARGE", 0)
    monkeypatch.setattr(beside, "CHUNK", 7)

    batch = applied(content("licence", *(licence(number) for number in range(30)))[:-30])

    assert batch.state == "failed" and "没有传完" in batch.message
    assert not Record.objects.exists()
