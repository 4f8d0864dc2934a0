"""Codes that somebody else issued come in as a file like any other, count, stand on the board, and can be taken back."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest

from chengxin.board import elsewhere as forms
from chengxin.board.models import BoardCard, BoardElsewhere
from chengxin.credit.codes import actions, elsewhere, queries
from chengxin.credit.codes.models import Elsewhere
from chengxin.credit.publishing.actions import post
from chengxin.ingest import batches, sources
from chengxin.ingest.intake import take_in
from chengxin.ingest.models import Batch, SetAside
from chengxin.ingest.reading.table import Limits
from tests import make
from tests.make import CLERK, NOW, OTHER_USCC, USCC

pytestmark = pytest.mark.django_db

HEADER = ["企业名称", "社会信用代码", "诚信码编号", "网址", "赋码时间", "赋码方式", "发码单位", "状态"]
CODE = "https://credit.example/code/HLJ-0001"


def row(
    subject=USCC, number="HLJ-0001", address=CODE, day="2025/3/1", way="自主申领", issuer="省信用信息平台", state=""
):
    return ["某某店", subject, number, address, day, way, issuer, state]


@pytest.fixture
def send(tmp_path):
    """A way to send a list of codes."""

    def sent(*rows, header=HEADER):
        path = tmp_path / "外部赋码.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return take_in(
            path=path,
            kind="elsewhere",
            source=sources.find("省平台"),
            by=CLERK,
            at=NOW,
            today=date(2026, 11, 23),
            limits=Limits(file_bytes=20_000_000, unpacked_bytes=20_000_000),
            feedback_dir=tmp_path,
        )

    return sent


@pytest.fixture(autouse=True)
def businesses():
    make.subject()
    make.subject(OTHER_USCC, name="城北面馆")


def posted(*subjects):
    post(subjects=subjects, at=NOW, today=date(2026, 11, 23), overlap="earlier", good_for=timedelta(days=30))


def reasons():
    return list(SetAside.objects.order_by("row").values_list("code", flat=True))


def test_a_list_of_codes_is_read_whatever_its_columns_are_called(send):
    report = send(row(), row(OTHER_USCC, "hlj 0002", "", "", "窗口"))

    assert (report.accepted, report.changed, report.rejected) == (2, 0, 0)
    first, second = elsewhere.standing([USCC, OTHER_USCC])[::-1]
    assert (first.number, first.issued_on, first.way, first.issuer) == (
        "HLJ-0001",
        date(2025, 3, 1),
        "self",
        "省信用信息平台",
    )
    assert (second.number, second.issued_on, second.way) == ("HLJ0002", None, "counter")
    assert queries.coded([USCC, OTHER_USCC]) == {USCC, OTHER_USCC}


def test_the_same_again_changes_nothing_and_another_day_is_a_change(send):
    send(row())

    again = send(row(), row())
    assert (again.accepted, again.unchanged) == (0, 2)
    changed = send(row(day="2025-04-01"))
    assert (changed.accepted, changed.changed) == (1, 1)
    assert elsewhere.standing([USCC])[0].issued_on == date(2025, 4, 1)


def test_a_code_that_was_stopped_counts_no_more(send):
    send(row())

    report = send(row(state="注销"))

    assert (report.accepted, report.changed) == (1, 1)
    assert elsewhere.standing([USCC]) == []
    assert queries.coded([USCC]) == set()
    assert send(row(state="注销")).unchanged == 1
    assert send(row()).accepted == 1
    assert queries.coded([USCC]) == {USCC}


def test_what_cannot_be_used_is_set_aside_with_its_reason(send):
    send(row())

    report = send(row("91231183MA1CTE5750", "HLJ-9"), row(OTHER_USCC, "HLJ-0001"), row(OTHER_USCC, "HLJ-7", way="别的"))

    assert report.rejected == 3
    assert reasons() == ["E39", "E43", "E07"]


def test_of_two_businesses_with_one_number_in_a_file_the_first_keeps_it(send):
    report = send(row(), row(OTHER_USCC))

    assert (report.accepted, report.rejected) == (1, 1)
    assert reasons() == ["E43"]


def test_a_number_moves_once_its_old_row_is_stopped(send):
    send(row())

    report = send(row(state="注销"), row(OTHER_USCC))

    assert (report.accepted, report.rejected) == (2, 0)
    assert [one.subject for one in elsewhere.standing([USCC, OTHER_USCC])] == [OTHER_USCC]


def test_an_address_that_many_share_is_pointed_out(send):
    report = send(row(), row(OTHER_USCC, "HLJ-0002"))

    assert (report.accepted, report.warnings) == (2, 2)


def test_a_batch_that_is_undone_leaves_what_stood_before(send):
    send(row())
    second = send(row(day="2025-04-01"), row(OTHER_USCC, "HLJ-0002", ""))

    batches.undo(batch=second.batch, by=CLERK, at=NOW)

    assert [(one.subject, one.issued_on) for one in elsewhere.standing([USCC, OTHER_USCC])] == [
        (USCC, date(2025, 3, 1))
    ]
    assert Batch.objects.get(pk=second.batch).state == "undone"
    assert Elsewhere.objects.count() == 5


def test_a_business_that_is_coded_only_elsewhere_has_a_card_and_stands_on_the_board(send):
    send(row())
    posted(USCC, OTHER_USCC)

    (one,) = BoardElsewhere.objects.all()
    assert (one.number, one.holder, one.issuer) == ("HLJ-0001", USCC, "省信用信息平台")
    assert one.address == forms.digest("credit.example/code/HLJ-0001")
    assert BoardCard.objects.get().holder == USCC

    send(row(state="停用"))
    posted(USCC)
    assert not BoardElsewhere.objects.exists()
    assert not BoardCard.objects.exists()


def test_whoever_takes_the_consent_back_is_not_shown_for_anothers_code_either(send, tmp_path):
    signer = actions.signer(folder=tmp_path / "keys", by=CLERK, at=NOW)
    actions.issue(subjects=[USCC], consent="申领表 1", by=CLERK, at=NOW, signer=signer)
    send(row())
    posted(USCC)
    assert BoardElsewhere.objects.count() == 1

    actions.withdraw(subject=USCC, why="主体申请", by=CLERK, at=NOW)

    assert not BoardElsewhere.objects.exists()
    posted(USCC)
    assert not BoardElsewhere.objects.exists()
    assert not BoardCard.objects.exists()
