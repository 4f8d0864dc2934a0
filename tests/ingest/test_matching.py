"""Whose a row is that does not name its subject by a code we know: what matches by itself, and what waits."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from django.conf import settings
from django.db import transaction

from chengxin.credit.records.models import Record
from chengxin.credit.subjects import identities
from chengxin.credit.subjects.models import Identity
from chengxin.credit.subjects.rules import called
from chengxin.ingest import batches, sources, waiting
from chengxin.ingest.intake import take_in
from chengxin.ingest.models import Batch, Decision, SetAside
from chengxin.ingest.reading.table import Limits
from chengxin.people.models import Trail
from chengxin.people.trail import Refused
from tests import make

pytestmark = pytest.mark.django_db

SHOP, TWIN, NEW = make.USCC, make.OTHER_USCC, "91230402MA1CTE575Q"
NAME = "鹤岗市工农区松岭里饺子馆"
REGNO = "230402600012345"
OFFICE = "11230500001755309F"
ROW = {
    "CF_WSH": "鹤市监罚〔2026〕1号",
    "CF_XDR_LB": "个体工商户",
    "CF_XDR_MC": NAME,
    "CF_XDR_SHXYM": "",
    "CF_XDR_GSZC": "",
    "CF_XDR_ZZJG": "",
    "CF_WFXW": "无证经营",
    "CF_SY": "未取得许可从事餐饮服务",
    "CF_YJ": "《食品安全法》第一百二十二条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款 1 万元",
    "CF_NR_FK": "1",
    "CF_JDRQ": "2026/05/06",
    "CF_YXQ": "2029/05/06",
    "CF_CFJG": "鹤岗市市场监督管理局",
    "CF_CFJGDM": OFFICE,
    "CF_SJLY": "鹤岗市市场监督管理局",
    "CF_SJLYDM": OFFICE,
}


@transaction.atomic
def known(uscc, **said):
    make.subject(uscc, **said)


@pytest.fixture
def send(tmp_path):
    """A way to send rows of penalties, each different from a plain one as said."""

    def sent(*changes, kind="penalty"):
        path = tmp_path / "处罚.csv"
        rows = [{**ROW, "CF_WSH": f"鹤市监罚〔2026〕{number}号", **said} for number, said in enumerate(changes, 1)]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return take_in(
            path=path,
            kind=kind,
            source=sources.find(),
            by=make.CLERK,
            at=make.NOW,
            today=date(2026, 11, 23),
            limits=Limits(file_bytes=1_000_000, unpacked_bytes=1_000_000),
            feedback_dir=tmp_path,
        )

    return sent


def found(report):
    """Return what was found about how rows were matched, in order."""
    all_found = batches.findings(Batch.objects.get(pk=report.batch))
    return [(one.row, one.code, one.level) for one in all_found if one.code == "E33"]


def subjects_of():
    return sorted(Record.objects.values_list("subject", flat=True))


@pytest.mark.parametrize(
    "registered, row, matched",
    [
        ({}, {}, True),
        ({}, {"CF_XDR_MC": " 鹤岗市工农区 松岭里饺子馆"}, False),
        ({"name": "松岭里饺子馆"}, {"CF_XDR_MC": "松岭里饺子馆"}, False),
        ({"name": "鹤岗市饭店"}, {"CF_XDR_MC": "鹤岗市饭店"}, False),
        ({}, {"CF_XDR_MC": "鹤岗市工农区松岭里饺子"}, False),
        ({"state": "deregistered"}, {}, False),
        ({"established_on": date(2026, 5, 7)}, {}, False),
        ({"established_on": date(2026, 5, 6)}, {}, True),
        ({"claims": called(NAME, {"REGNO": REGNO})}, {"CF_XDR_GSZC": REGNO}, True),
        ({"claims": called("别的名称", {"REGNO": REGNO})}, {"CF_XDR_GSZC": REGNO}, False),
        ({"claims": called(NAME, {"REGNO": "230402600099999"})}, {"CF_XDR_GSZC": REGNO}, False),
        ({}, {"CF_XDR_GSZC": REGNO}, True),
        ({"name": "饺子馆"}, {"CF_XDR_MC": "饺子馆", "CF_XDR_ZZJG": "MA1CTE57-5"}, True),
        ({}, {"CF_XDR_ZZJG": "700748204"}, False),
        ({"claims": called("松岭面馆", {"OLDNAME": NAME})}, {}, True),
        ({}, {"CF_XDR_MC": "个体工商户", "CF_XDR_ZZJG": "MA1CTE575"}, True),
        ({"state": "deregistered", "claims": called(NAME, {"REGNO": REGNO})}, {"CF_XDR_GSZC": REGNO}, True),
    ],
    ids=[
        "a complete name of one",
        "a blank within it is wrong",
        "no place",
        "no sign",
        "not the whole name",
        "struck off",
        "older than the subject",
        "of its first day",
        "a number, and its name",
        "a number, and another's name",
        "a name, and another number than the register's",
        "a name, and a number the register does not know",
        "the body's code within the USCC",
        "another body's code",
        "a former name",
        "a number without a name",
        "a number of one struck off",
    ],
)
def test_a_row_without_a_code_is_matched_only_where_nobody_else_can_be_meant(send, registered, row, matched):
    known(SHOP, **{"name": NAME, **registered})

    report = send(row)

    assert subjects_of() == ([SHOP] if matched else [])
    assert (report.accepted, report.rejected) == (int(matched), int(not matched))


def test_the_sender_is_told_how_a_row_was_matched(send):
    known(SHOP, name=NAME, claims=called(NAME, {"REGNO": REGNO}))

    report = send({}, {"CF_XDR_GSZC": REGNO})

    assert found(report) == [(2, "E33", "warn"), (3, "E33", "info")]


def test_a_name_that_two_ever_bore_waits(send):
    known(SHOP, name=NAME)
    known(TWIN, name="松岭面馆", claims=called("松岭面馆", {"OLDNAME": NAME}))

    report = send({})

    assert (report.accepted, report.waiting) == (0, 1)
    row = SetAside.objects.get()
    assert (row.code, row.claim, row.waiting) == ("E34", f"name:{NAME}", True)
    assert "有 2 个主体符合" in row.message


def test_a_row_that_names_nobody_is_turned_away(send):
    report = send({"CF_XDR_MC": "个体工商户"})

    assert (report.rejected, report.waiting) == (1, 0)
    assert SetAside.objects.get().code == "E38"


def test_the_placeholder_for_no_code_is_nobodys_code(send):
    known(SHOP, name=NAME)

    send({"CF_XDR_SHXYM": "00000000000000000X"})

    assert subjects_of() == [SHOP]


def test_rows_wait_until_the_register_brings_their_subject(send):
    report = send({}, {"CF_XDR_SHXYM": SHOP, "CF_XDR_MC": "松岭"}, {"CF_XDR_GSZC": REGNO, "CF_XDR_MC": "个体工商户"})
    assert report.waiting == 3

    known(SHOP, name=NAME, claims=called(NAME, {"REGNO": REGNO}))

    assert waiting.take(by=make.CLERK, at=make.NOW) == 3
    assert subjects_of() == [SHOP] * 3
    assert set(Record.objects.values_list("batch", flat=True)) == {report.batch}
    assert waiting.take(by=make.CLERK, at=make.NOW) == 0


def test_what_is_older_than_its_subject_goes_on_waiting(send):
    send({}, {"CF_JDRQ": "2020/01/01"})

    known(SHOP, name=NAME, established_on=date(2024, 1, 1))

    assert waiting.take(by=make.CLERK, at=make.NOW) == 1
    assert SetAside.objects.get(waiting=True).body["CF_JDRQ"] == "2020-01-01"


def test_a_decision_takes_all_rows_that_say_the_same_and_those_to_come(send):
    known(SHOP, name="松岭里饺子馆")
    send({"CF_XDR_MC": "松岭里饺子馆"}, {"CF_XDR_MC": "松岭里饺子馆"}, {"CF_XDR_MC": "松岭饺子馆"})

    done = waiting.decide(claim="name:松岭里饺子馆", subject=SHOP, reason="", by=make.CLERK, at=make.NOW, seen=0)

    assert (done.taken, done.refused) == (2, 0)
    assert subjects_of() == [SHOP, SHOP]
    assert SetAside.objects.filter(waiting=True).count() == 1
    trail = Trail.objects.get(verb="queue.decide")
    assert trail.detail == {"subject": SHOP, "taken": 2, "refused": 0}
    assert "松岭" not in f"{trail.thing}{trail.detail}"

    report = send({"CF_WSH": "鹤市监罚〔2026〕9号", "CF_XDR_MC": "松岭里饺子馆"})
    assert (report.accepted, found(report)) == (1, [(2, "E33", "info")])


def test_a_decision_that_it_is_nobody_turns_the_rows_away_with_the_reason(send):
    send({"CF_XDR_MC": "松岭里饺子馆"})

    done = waiting.decide(claim="name:松岭里饺子馆", subject="", reason="外地的", by=make.CLERK, at=make.NOW, seen=0)

    assert (done.taken, done.refused) == (0, 1)
    row = SetAside.objects.get()
    assert (row.waiting, row.code, "外地的" in row.message) == (False, "E37", True)
    report = send({"CF_WSH": "鹤市监罚〔2026〕9号", "CF_XDR_MC": "松岭里饺子馆"})
    assert (report.rejected, report.waiting) == (1, 0)


def test_a_changed_code_is_decided_on_the_old_one(send):
    known(NEW, name="松岭餐饮有限公司")
    send({"CF_XDR_SHXYM": SHOP, "CF_XDR_MC": "松岭里饺子馆"})

    waiting.decide(claim=f"uscc:{SHOP}", subject=NEW, reason="个转企", by=make.CLERK, at=make.NOW)

    assert subjects_of() == [NEW]


def test_a_newer_decision_counts_for_rows_to_come_and_moves_none_that_stands(send):
    known(SHOP, name="松岭里饺子馆")
    known(TWIN, name="松岭里饺子馆")
    send({"CF_XDR_MC": "松岭里饺子馆"})
    first = waiting.decide(claim="name:松岭里饺子馆", subject=SHOP, reason="", by=make.CLERK, at=make.NOW, seen=0)

    waiting.decide(
        claim="name:松岭里饺子馆", subject=TWIN, reason="看错了", by=make.CLERK, at=make.NOW, seen=first.number
    )

    assert subjects_of() == [SHOP]
    send({"CF_WSH": "鹤市监罚〔2026〕9号", "CF_XDR_MC": "松岭里饺子馆"})
    assert subjects_of() == sorted([SHOP, TWIN])


@pytest.mark.parametrize(
    "said, refusal",
    [
        ({"seen": 4}, "刚才有人已经认定过"),
        ({"subject": TWIN}, "库中没有这个统一社会信用代码"),
        ({"subject": ""}, "请写明退回的理由"),
        ({"reason": "长" * 201}, "最多 200 个字"),
        ({"claim": ""}, "没有写明是哪一家"),
    ],
    ids=["another was first", "nobody of the register", "no reason", "a long reason", "no claim"],
)
def test_a_decision_is_refused_and_nothing_is_done(send, said, refusal):
    known(SHOP, name="松岭里饺子馆")
    send({"CF_XDR_MC": "松岭里饺子馆"})

    with pytest.raises(Refused, match=refusal):
        waiting.decide(
            **{"claim": "name:松岭里饺子馆", "subject": SHOP, "reason": "", "by": make.CLERK, "at": make.NOW, "seen": 0}
            | said
        )

    assert not Decision.objects.exists()
    assert SetAside.objects.get().waiting


def test_the_name_of_a_register_that_was_taken_back_matches_nobody(send):
    known(SHOP, name="鹤岗市松岭面馆", batch=1)
    known(SHOP, name=NAME, batch=2)

    with transaction.atomic():
        identities.forget(batch=2)

    assert set(Identity.objects.values_list("value", flat=True)) == {"鹤岗市松岭面馆"}
    assert send({}).waiting == 1


def test_a_name_stays_known_after_it_was_changed(send):
    known(SHOP, name=NAME)
    known(SHOP, name="鹤岗市松岭面馆")

    send({})

    assert subjects_of() == [SHOP]


def test_every_row_without_a_code_is_accounted_for(send):
    known(SHOP, name=NAME)
    known(TWIN, name="松岭里饺子馆")

    report = send(
        {}, {"CF_XDR_MC": "松岭里饺子馆"}, {"CF_XDR_MC": "个体工商户"}, {"CF_XDR_SHXYM": SHOP}, {"CF_XDR_SHXYM": NEW}
    )

    assert report.rows == 5 == report.accepted + report.unchanged + report.rejected
    assert (report.accepted, report.waiting) == (2, 2)
    assert settings.FEEDBACK_DIR
