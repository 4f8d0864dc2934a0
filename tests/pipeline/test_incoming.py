"""目录归集: what settles in incoming/SOURCE/KIND/ is taken in once, and lies in `done` or `failed` with a note."""

from __future__ import annotations

import csv
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chengxin.credit.records.models import Record
from chengxin.ingest import batches, sources
from chengxin.ingest.models import Batch
from chengxin.ingest.sources import Source
from chengxin.people.models import Unit
from chengxin.pipeline import incoming
from tests.ingest.test_intake import known, licence, table
from tests.make import NOW

pytestmark = pytest.mark.django_db(transaction=True)

UNIT = "鹤岗市市场监督管理局"


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"
    settings.INCOMING_DIR = tmp_path / "incoming"


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(name=UNIT, short="市监局", uscc="11230500001755309F")


@pytest.fixture
def place(tmp_path: Path, unit: Unit) -> Path:
    folder = tmp_path / "incoming" / UNIT / "行政许可"
    folder.mkdir(parents=True)
    return folder


def put(path: Path, *numbers: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table("licence", [licence(number) for number in numbers]))
    return path


def look(watch: incoming.Watch | None = None) -> int:
    """Look twice, far enough apart for everything to have settled."""
    watch = watch or incoming.Watch()
    return watch.look(at=NOW, now=0.0) + watch.look(at=NOW, now=incoming.SETTLED_SECONDS)


def work() -> None:
    while batches.step(at=timezone.now()):
        pass


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_is_taken_in_and_lies_in_done_with_what_became_of_it(place: Path, unit: Unit) -> None:
    known()
    put(place / "十一月.csv", 1, 2)

    assert look() == 1

    batch = Batch.objects.get()
    assert (batch.way, batch.kind, batch.source, batch.unit_id, batch.wanted) == (
        "folder", "licence", UNIT, unit.pk, "apply",
    )  # fmt: skip
    assert names(place) == ["taken"] and names(place / "taken") == [f"{batch.pk}-十一月.csv"]
    work()
    look()
    assert names(place / "taken") == [] and Record.objects.count() == 2
    assert names(place / "done") == [f"{batch.pk}-十一月.csv", f"{batch.pk}-十一月.csv.txt"]
    assert "共 2 行，接收 2" in (place / "done" / f"{batch.pk}-十一月.csv.txt").read_text()


def test_a_file_that_cannot_be_read_lies_in_failed_with_the_reason(place: Path) -> None:
    (place / "坏.csv").write_text("什么,都,不是\n1,2,3\n")
    look()
    work()
    look()

    (name, note) = names(place / "failed")
    assert name.endswith("-坏.csv") and "没有找到表头" in (place / "failed" / note).read_text()


def test_a_file_still_being_written_waits(place: Path) -> None:
    watch = incoming.Watch()
    put(place / "一.csv", 1)
    watch.look(at=NOW, now=0.0)
    with (place / "一.csv").open("a") as file:
        file.write("\n")

    assert watch.look(at=NOW, now=6.0) == 0
    assert watch.look(at=NOW, now=10.0) == 0
    assert watch.look(at=NOW, now=11.0) == 1


@pytest.mark.parametrize(
    "name", [".一.csv", "~一.csv", "~$一.xlsx", "一.csv.part", "一.csv~", "一.TMP", "一.csv.filepart"]
)
def test_names_of_unfinished_files_are_passed_over(place: Path, name: str) -> None:
    put(place / name, 1)

    assert look() == 0 and names(place) == [name]


def test_a_link_is_refused_and_never_followed(place: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "密.csv", 1)
    (place / "链接.csv").symlink_to(secret)
    (place.parent / "行政处罚").symlink_to(tmp_path)

    look()

    assert not Batch.objects.exists() and secret.exists() and names(tmp_path)[-1] == "密.csv"
    assert any("链接" in path.read_text() for path in (place / "failed").glob("*.txt"))


def test_a_pipe_is_refused_and_not_waited_for(place: Path) -> None:
    os.mkfifo(place / "管道.csv")

    look()

    assert "不是普通文件" in next((place / "failed").glob("*.txt")).read_text()


@pytest.mark.parametrize(
    "folders, says",
    [
        ((), "来源/种类"),
        ((UNIT,), "来源/种类"),
        ((UNIT, "没有这个"), "没有“没有这个”这个种类"),
        (("没有这个局", "licence"), "没有“没有这个局”"),
    ],
    ids=["at the top", "under a source", "under no kind", "under no unit"],
)
def test_what_lies_in_the_wrong_place_is_told(tmp_path: Path, unit: Unit, folders: tuple[str, ...], says: str) -> None:
    folder = (tmp_path / "incoming").joinpath(*folders)
    folder.mkdir(parents=True)
    put(folder / "一.csv", 1)

    look()

    assert says in next((folder / "failed").glob("*.txt")).read_text()
    assert not Batch.objects.exists()


@pytest.mark.parametrize("called", [UNIT, "市监局", "11230500001755309F"])
@pytest.mark.parametrize("kind", ["licence", "行政许可"])
def test_folders_are_called_by_any_name_of_unit_and_kind(tmp_path: Path, unit: Unit, called: str, kind: str) -> None:
    folder = tmp_path / "incoming" / called / kind
    folder.mkdir(parents=True)
    put(folder / "一.csv", 1)

    look()

    assert Batch.objects.get().unit_id == unit.pk


def test_a_source_that_says_so_waits_for_a_confirmation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    careful = Source(name="careful", label="要看的", unit="要看的", preview=True)
    monkeypatch.setattr(sources, "catalogue", lambda: {"careful": careful})
    folder = tmp_path / "incoming" / "careful" / "licence"
    folder.mkdir(parents=True)
    put(folder / "一.csv", 1)

    look()
    work()
    look()

    batch = Batch.objects.get()
    assert batch.state == "checked" and names(folder / "taken") == [f"{batch.pk}-一.csv"]
    batches.drop(batch=batch.pk, by=incoming.BY, at=NOW)
    look()
    assert "已放弃" in (folder / "done" / f"{batch.pk}-一.csv.txt").read_text()


def test_whoever_was_killed_between_receiving_and_moving_takes_it_once(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(place / "一.csv", 1)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr(os, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            look()
    assert Batch.objects.count() == 1 and names(place) == ["taken", "一.csv"]
    work()

    assert look() == 1

    assert Batch.objects.count() == 1
    look()
    assert names(place / "done")[0].endswith("-一.csv")


def test_the_same_file_put_there_again_is_a_batch_that_changes_nothing(place: Path) -> None:
    known()
    for _ in range(2):
        put(place / "一.csv", 1)
        look()
        work()
    look()

    assert Batch.objects.count() == 2 and Record.objects.count() == 1
    assert any("完全相同" in path.read_text() for path in (place / "done").glob("*.txt"))


def test_of_two_who_look_one_takes(place: Path) -> None:
    put(place / "一.csv", 1)
    import psycopg

    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('pipeline.incoming'))")
        assert look() == 0
        other.execute("SELECT pg_advisory_unlock_all()")  # a closed line's lock may live on for a moment
    assert look() == 1


def test_an_empty_file_and_an_overlong_name_are_put_away(place: Path) -> None:
    (place / "空.csv").touch()
    put(place / ("长" * 80 + ".csv"), 1)

    look()
    work()
    look()

    assert "空" in next((place / "failed").glob("*.txt")).read_text()
    assert len(names(place / "done")) == 2


def test_without_the_folder_nothing_is_looked_at() -> None:
    assert look() == 0


def test_a_folder_that_cannot_be_written_to_takes_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(place / "一.csv", 1)
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests run as root, to whom everything is open

    look()

    assert not Batch.objects.exists() and "cannot be written to" in caplog.text


def test_many_files_are_taken_a_few_at_a_time(place: Path) -> None:
    for number in range(incoming.AT_ONCE + 3):
        put(place / f"{number:02}.csv", number)
    watch = incoming.Watch()

    watch.look(at=NOW, now=0.0)

    assert watch.look(at=NOW, now=5.0) == incoming.AT_ONCE
    assert watch.look(at=NOW + timedelta(seconds=1), now=6.0) == 3


def test_names_that_windows_wrote_are_read(tmp_path: Path, unit: Unit) -> None:
    folder = os.fsencode(tmp_path / "incoming") + b"/" + UNIT.encode("gbk") + b"/" + "行政许可".encode("gbk")
    os.makedirs(folder)
    put(Path(os.fsdecode(folder + b"/" + "十一月.csv".encode("gbk"))), 1)

    look()

    batch = Batch.objects.get()
    assert (batch.unit_id, batch.kind, batch.file_name) == (unit.pk, "licence", "十一月.csv")
    assert names(Path(os.fsdecode(folder)) / "taken") == [f"{batch.pk}-十一月.csv"]


def test_a_folder_that_cannot_be_looked_into_stops_nobody(
    place: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(place / "一.csv", 1)
    there = os.scandir

    def shut(folder: Any) -> Any:
        if Path(folder) == place:
            raise PermissionError(13, "shut", str(folder))
        return there(folder)

    with monkeypatch.context() as context:
        context.setattr(os, "scandir", shut)
        assert look() == 0 and "could not be looked at" in caplog.text
    assert look() == 1
