"""Print jobs: asked for, printed by a worker, begun again once, forgotten."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pikepdf
import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone
from python_calamine import CalamineWorkbook

from chengxin.board.city import City
from chengxin.board.token import grouped
from chengxin.credit.codes import actions, placing, printing
from chengxin.credit.codes.models import PrintJob
from chengxin.credit.codes.places import Place
from chengxin.credit.publishing import city
from chengxin.credit.subjects.models import Message
from chengxin.people.models import Trail
from chengxin.people.trail import Actor, Refused
from chengxin.pipeline import print_jobs
from chengxin.portals.shared.drawing import folder
from chengxin.press import job as press
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db(transaction=True)

OWNER = Actor("b-1", "business")


@pytest.fixture(autouse=True)
def fleet(settings, tmp_path: Path) -> list[int]:
    settings.FILES_DIR = tmp_path / "files"
    city.describe_city(city=City(city="样例市", office="样例市信用办"), logo=None, by=CLERK, at=NOW)
    with transaction.atomic():
        make.subject()
    signer = actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    actions.issue(subjects=[USCC], consent="网上申领", by=CLERK, at=NOW, signer=signer)
    cars = [Place("taxi", f"黑H·T{number:04}") for number in range(30)]
    issued = placing.place(subject=USCC, places=cars, way="self", by=CLERK, at=NOW, signer=signer)
    return [one.serial for one in issued if one.serial is not None]


def ask(serials: list[int], *, subject: str = USCC, carrier: str = "vehicle-sticker", form: str = "pdf") -> PrintJob:
    return printing.ask(
        subject=subject, carrier=carrier, form=form, serials=serials, by=OWNER if subject else CLERK, at=timezone.now()
    )


def step() -> bool:
    return print_jobs.step(at=timezone.now())


def file_of(job: PrintJob) -> bytes:
    job.refresh_from_db()
    return (folder() / job.file[:2] / job.file).read_bytes()


def test_a_fleet_becomes_one_pdf_and_its_owner_is_told(fleet: list[int]) -> None:
    job = ask(fleet)

    assert step()

    with pikepdf.open(io.BytesIO(file_of(job))) as pdf:
        assert len(pdf.pages) == 30
    assert (job.state, job.done, job.refused) == ("done", 30, [])
    assert Message.objects.get(about="print").title == "印制文件做好了"
    noted = Trail.objects.get(verb="code.print")
    assert (noted.by, noted.detail["printed"]) == ("b-1", 30)
    assert not step()


def test_a_street_becomes_an_archive_with_a_list_and_an_order(fleet: list[int]) -> None:
    job = ask(fleet[:3], form="zip")

    step()

    with zipfile.ZipFile(io.BytesIO(file_of(job))) as archive:
        names = archive.namelist()
        listed = CalamineWorkbook.from_filelike(io.BytesIO(archive.read("名单.xlsx"))).get_sheet_by_index(0).to_python()
        assert archive.read("印制单.pdf").startswith(b"%PDF")
    assert names[0] == f"00001 松岭里饺子馆 {grouped(fleet[0])}.pdf"
    assert len(names) == 5
    assert [row[4] for row in listed[1:]] == [grouped(serial) for serial in fleet[:3]]


def test_a_code_that_stopped_is_left_out_with_the_reason(fleet: list[int]) -> None:
    job = ask(fleet)
    placing.end(subject=USCC, serials=fleet[:2], why="车辆已转让", by=CLERK, at=NOW)

    step()

    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 28)
    assert job.refused[0] == [grouped(fleet[0]), "诚信码已注销，只印有效的码"]


def test_a_code_that_stops_while_it_is_printed_is_left_out_too(
    fleet: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(fleet[:5])
    bind, times = press.bind, []

    def slow(*args: object, **kwargs: object) -> int:
        done = bind(*args, **kwargs)  # type: ignore[arg-type]
        if not times:
            placing.end(subject=USCC, serials=fleet[:1], why="车辆已转让", by=CLERK, at=timezone.now())
        times.append(done)
        return done

    monkeypatch.setattr(press, "bind", slow)
    step()

    job.refresh_from_db()
    assert times == [5, 4]
    assert (job.state, job.done, len(job.refused)) == ("done", 4, 1)


def test_where_nothing_can_be_printed_it_is_said_why(fleet: list[int]) -> None:
    job = ask(fleet[:1])
    placing.end(subject=USCC, serials=fleet[:1], why="车辆已转让", by=CLERK, at=NOW)

    step()

    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "选的码都不能印，没有生成文件。")
    assert len(job.refused) == 1


def test_a_job_whose_worker_died_is_begun_again_once(fleet: list[int]) -> None:
    job = ask(fleet)
    PrintJob.objects.update(state="running", tries=1, done=7)  # as a worker that was killed leaves it

    step()

    job.refresh_from_db()
    assert (job.state, job.tries, job.done) == ("done", 2, 30)


def test_a_job_that_takes_its_worker_down_twice_is_given_up(fleet: list[int]) -> None:
    job = ask(fleet)
    PrintJob.objects.update(state="running", tries=2)

    step()

    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", printing.GIVEN_UP)
    assert Message.objects.get(about="print").title == "印制任务没有完成"


def test_a_job_that_another_worker_is_at_is_left_to_it(fleet: list[int]) -> None:
    job = ask(fleet)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('codes.print'), %s::int)", [job.pk])
        assert not step()

    assert step()


def test_a_worker_that_is_told_to_stop_leaves_the_job_as_it_was(
    fleet: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(fleet)

    def stopped(*args: object, **kwargs: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(press, "bind", stopped)
    with pytest.raises(KeyboardInterrupt):
        step()

    job.refresh_from_db()
    assert (job.state, job.tries) == ("waiting", 0)


def test_small_jobs_do_not_wait_for_a_large_one(fleet: list[int]) -> None:
    large, small = ask(fleet), ask(fleet[:1])
    PrintJob.objects.filter(pk=large.pk).update(total=501)

    assert printing.wanted() == [small.pk, large.pk]


def test_a_file_is_destroyed_after_its_days(fleet: list[int], settings) -> None:
    job = ask(fleet[:2])
    step()
    path = folder() / PrintJob.objects.get().file[:2] / PrintJob.objects.get().file
    now = timezone.now()

    kept = print_jobs.tidy(at=now + timedelta(days=settings.PRINT_KEEP_DAYS, hours=-1))
    assert (kept, path.exists()) == (0, True)
    gone = print_jobs.tidy(at=now + timedelta(days=settings.PRINT_KEEP_DAYS, hours=1))

    job.refresh_from_db()
    assert (gone, path.exists(), job.file, job.state) == (1, False, "", "done")


def test_a_file_that_no_job_knows_is_destroyed() -> None:
    lost = folder() / "ab" / ("ab" + "0" * 62)
    lost.parent.mkdir(parents=True)
    lost.write_bytes(b"lost")
    os.utime(lost, (0, 0))

    assert print_jobs.tidy(at=timezone.now()) == 1
    assert not lost.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"carrier": "屋顶"}, "没有这种载体", id="no carrier"),
        pytest.param({"carrier": "web-badge"}, "没有这种载体", id="nothing that is printed"),
        pytest.param({"form": "exe"}, "没有这种文件形式", id="no form"),
        pytest.param({"serials": []}, "没有选要印的码", id="nothing"),
        pytest.param({"serials": [99_999_999]}, "不存在", id="no such code"),
        pytest.param({"subject": OTHER_USCC}, "不存在", id="another's code"),
        pytest.param({"serials": list(range(2001))}, "最多印 2,000 个", id="too many"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(fleet: list[int], changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        ask(**{"serials": fleet[:1], **changes})  # type: ignore[arg-type]


def test_nobody_fills_the_queue(fleet: list[int]) -> None:
    for _ in range(printing.WAITING_LIMIT):
        ask(fleet[:1])

    with pytest.raises(Refused, match="在排队"):
        ask(fleet[:1])
