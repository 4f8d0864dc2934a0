"""The five ways a record stops, from a file to the card: found, stopped or corrected, waited for, undone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from chengxin.board.card import load
from chengxin.board.models import BoardCard
from chengxin.credit.codes import actions as codes
from chengxin.credit.publishing import actions as publishing
from chengxin.credit.records import lineage, queries
from chengxin.credit.records.models import Record
from chengxin.ingest import batches, waiting
from chengxin.ingest.models import Batch, SetAside
from tests import make
from tests.credit.codes.test_actions import issue
from tests.ingest.test_batches import LATER, applied, content, send
from tests.ingest.test_intake import OFFICE, known

pytestmark = pytest.mark.django_db(transaction=True)

PENALTY = {
    "CF_XDR_MC": "松岭里饺子馆",
    "CF_XDR_LB": "个体工商户",
    "CF_XDR_SHXYM": make.USCC,
    "CF_FRDB": "张三",
    "CF_WSH": "鹤市监罚〔2026〕12号",
    "CF_WFXW": "未明码标价",
    "CF_SY": "经查，当事人销售商品未标明价格。",
    "CF_YJ": "《中华人民共和国价格法》第四十二条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款五万元",
    "CF_NR_FK": "5",
    "CF_JDRQ": "2026/10/08",
    "CF_YXQ": "2027/10/08",
    "CF_CFJG": OFFICE["MC"],
    "CF_CFJGDM": OFFICE["DM"],
    "CF_SJLY": OFFICE["MC"],
    "CF_SJLYDM": OFFICE["DM"],
}
STOP = {
    "TZ_MC": "松岭里饺子馆",
    "TZ_SHXYM": make.USCC,
    "TZ_ZL": "行政处罚",
    "TZ_WSH": "鹤市监罚[2026] 12号",
    "TZ_JG": OFFICE["MC"],
    "TZ_RQ": "2026/11/02",
    "TZ_LY": "依法处理",
    "TZ_LYDW": OFFICE["MC"],
}


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> None:
    settings.FEEDBACK_DIR = tmp_path / "反馈"
    settings.FILES_DIR = tmp_path / "原件"


def penalties(*changes: dict[str, str]) -> Batch:
    return applied(content("penalty", *(PENALTY | change for change in changes or [{}])), "penalty")


def stop(kind: str, *changes: dict[str, str]) -> Batch:
    return applied(content(kind, *(STOP | change for change in changes or [{}])), kind)


def correct(old: str, new: str, field: str = "罚款金额", **more: str) -> Batch:
    return stop("corrected", {"TZ_ZDM": field, "TZ_YZ": old, "TZ_XZ": new, **more})


def fines() -> list[str | None]:
    return [one.body.get("CF_NR_FK") for one in queries.standing([make.USCC])]


def counts(batch: Batch) -> tuple[int, ...]:
    return batch.rows, batch.accepted, batch.unchanged, batch.rejected, batch.waiting


@pytest.mark.parametrize("way", ["withdrawn", "repaired", "expired", "upheld"])
def test_a_stopped_record_stands_no_more_and_an_undone_stop_revives_it(way: str) -> None:
    known()
    penalties()

    batch = stop(way)

    assert counts(batch) == (1, 1, 0, 0, 0)
    assert fines() == []
    (held,) = queries.history(make.USCC)
    assert (held.state, held.by and held.by.body["TZ_LY"]) == (way, "依法处理")

    batches.undo(batch=batch.pk, by=make.CLERK, at=LATER)
    assert fines() == ["5"]


def test_a_stopped_record_stays_stopped_when_it_is_sent_again_or_changed() -> None:
    known()
    penalties()
    stop("repaired")

    penalties()
    penalties({"CF_NR_FK": "6"})

    assert fines() == []


def test_the_same_stop_again_is_unchanged() -> None:
    known()
    penalties()
    stop("repaired")

    assert counts(stop("repaired", {"BZ": ""})) == (1, 0, 1, 0, 0)


def test_a_correction_holds_when_the_department_sends_its_unmended_row_again() -> None:
    known()
    penalties()

    batch = correct("5.0", "0.50万元")

    assert counts(batch) == (1, 1, 0, 0, 0) and fines() == ["0.5"]
    penalties()
    assert fines() == ["0.5"]
    penalties({"CF_NR_FK": "7"})
    assert fines() == ["7"], "a later row with a third value wins"
    penalties()
    batches.undo(batch=batch.pk, by=make.CLERK, at=LATER)
    assert fines() == ["5"]


def test_a_correction_in_other_words_is_the_same_one() -> None:
    known()
    penalties()
    correct("5", "0.5")

    assert counts(correct("5.00", "0.50", field="CF_NR_FK")) == (1, 0, 1, 0, 0)
    assert Record.objects.filter(kind="corrected").count() == 1


@pytest.mark.parametrize(
    "old, new, field, code, level",
    [
        ("5", "五万", "罚款金额", "E36", "error"),
        ("5", "6", "没有的字段", "E36", "error"),
        ("9", "6", "罚款金额", "E35", "warn"),
    ],
    ids=["a value that is none", "no such field", "an old value that does not stand"],
)
def test_what_is_wrong_with_a_correction_is_told(old: str, new: str, field: str, code: str, level: str) -> None:
    known()
    penalties()

    batch = correct(old, new, field)

    assert [(found.code, found.level) for found in batches.findings(batch)] == [(code, level)]
    assert batch.waiting == 0 and batch.rejected == (level == "error")
    assert fines() == ["5"]


def test_a_stop_waits_for_its_record_and_takes_it_from_the_first_moment() -> None:
    known()

    batch = stop("repaired")

    assert counts(batch) == (1, 0, 0, 1, 1)
    assert SetAside.objects.get().code == "E32"
    penalties({"CF_WSH": "鹤市监罚〔2026〕13号"})
    assert SetAside.objects.get().waiting, "another record is not the one"
    penalties()
    assert not SetAside.objects.get().waiting
    assert [one.body["CF_WSH"] for one in queries.standing([make.USCC])] == ["鹤市监罚〔2026〕13号"]
    (stopped,) = Record.objects.filter(kind="repaired")
    assert (stopped.batch, stopped.row) == (batch.pk, 2), "with its own batch and row"


def test_a_record_that_was_stopped_before_it_came_is_shown_at_no_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    known()
    stop("withdrawn")
    stop("corrected", {"TZ_ZDM": "罚款金额", "TZ_YZ": "5", "TZ_XZ": "0.5"})
    # As if the machine had stopped between the batch and what is taken after it.
    monkeypatch.setattr(waiting, "take", lambda **_: 0)

    penalties()

    assert fines() == []
    assert not SetAside.objects.filter(waiting=True).exists()


def test_a_stop_of_an_unknown_subject_waits_for_both() -> None:
    batch = stop("repaired")
    assert (batch.waiting, SetAside.objects.get().code) == (1, "E30")

    known()
    waiting.take(by=make.CLERK, at=LATER)
    assert SetAside.objects.get().waiting and SetAside.objects.get().code == "E32"
    penalties()

    assert fines() == []


def test_a_stop_that_several_records_fit_is_handed_back() -> None:
    known()
    penalties({}, {"CF_CFJGDM": make.OTHER_USCC, "CF_JDRQ": "2026/10/09"})

    batch = stop("repaired")

    (found,) = batches.findings(batch)
    assert (found.code, found.waiting) == ("E32", False) and "有 2 条" in found.message
    assert counts(batch) == (1, 0, 0, 1, 0) and len(fines()) == 2


def test_many_stops_are_resolved_in_sets(django_assert_max_num_queries: Any) -> None:
    known()
    penalties(*({"CF_WSH": f"鹤市监罚〔2026〕{number}号"} for number in range(100)))
    batch = send(
        content("repaired", *(STOP | {"TZ_WSH": f"鹤市监罚〔2026〕{number}号"} for number in range(100))),
        "repaired",
        then="apply",
    )

    with django_assert_max_num_queries(90):
        assert batches.step(at=LATER)

    batch.refresh_from_db()
    assert batch.accepted == 100 and fines() == []


def test_the_preview_of_a_correction_writes_nothing() -> None:
    known()
    penalties()
    row = STOP | {"TZ_ZDM": "罚款金额", "TZ_YZ": "5", "TZ_XZ": "0.5"}
    batch = send(content("corrected", row), "corrected", then="check")

    assert batches.step(at=LATER)

    batch.refresh_from_db()
    assert batch.difference["new"] == 1 and fines() == ["5"]


def post() -> list[str]:
    with transaction.atomic():
        publishing.post(
            subjects=[make.USCC], at=LATER, today=date(2026, 11, 23), overlap="earlier", good_for=timedelta(days=30)
        )
    return [item.title for item in load(bytes(BoardCard.objects.get().document.encode())).items]


def test_the_card_follows_every_stop_and_every_undo(tmp_path: Path) -> None:
    known()
    issue(codes.signer(folder=tmp_path / "keys", by=make.CLERK, at=make.NOW), make.USCC)
    penalties()
    assert post() == ["未明码标价"]

    correct("未明码标价", "不按规定明码标价", field="违法行为类型")
    assert post() == ["不按规定明码标价"]
    batch = stop("withdrawn")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM subjects_touch WHERE subject = %s AND NOT bulk", [make.USCC])
        assert cursor.fetchone()[0] > 0, "the pipeline is told, before any bulk"
    assert post() == []
    batches.undo(batch=batch.pk, by=make.CLERK, at=LATER)
    assert post() == ["不按规定明码标价"]


def test_lineage_has_the_record_its_stops_and_their_undoing() -> None:
    known()
    first = penalties()
    second = penalties({"CF_NR_FK": "6"})
    third = correct("6", "0.6")
    fourth = stop("repaired")
    undo = batches.undo(batch=fourth.pk, by=make.CLERK, at=LATER)
    (held,) = queries.history(make.USCC)

    found = lineage.of_record(make.USCC, "penalty", held.said.key)

    assert [(step.said.kind, step.said.batch, step.said.gone) for step in found.steps] == [
        ("penalty", first.pk, False),
        ("penalty", second.pk, False),
        ("corrected", third.pk, False),
        ("repaired", fourth.pk, False),
        ("repaired", undo.pk, True),
    ]
