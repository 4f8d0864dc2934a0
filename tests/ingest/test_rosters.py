"""A roster says which governing area businesses belong to, as a file like any other."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from chengxin.credit.records.models import Record
from chengxin.credit.subjects import queries
from chengxin.credit.subjects.models import Attribution
from chengxin.ingest import batches, sources
from chengxin.ingest.intake import take_in
from chengxin.ingest.models import Batch, SetAside
from chengxin.ingest.reading.table import Limits
from tests import make

pytestmark = pytest.mark.django_db

TAXI, SHOP = "91231102MA1CTE575M", "92231181MA1CTE5750"


@pytest.fixture
def send(tmp_path):
    """A way to send a roster of (code, area, state)."""

    def sent(*rows):
        path = tmp_path / "名册.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["主体名称", "统一社会信用代码", "管辖区", "当前状态"])
            writer.writerows(["某某公司", *row] for row in rows)
        return take_in(
            path=path,
            kind="roster",
            source=sources.find("黑河自贸片区管委会"),
            by=make.CLERK,
            at=make.NOW,
            today=date(2026, 11, 23),
            limits=Limits(file_bytes=1_000_000, unpacked_bytes=1_000_000),
            feedback_dir=tmp_path,
        )

    return sent


def area_of(*subjects):
    return list(queries.area_of(subjects).values())


def test_a_roster_attributes_and_takes_out_again(send):
    make.subject(TAXI, division="231102")
    make.subject(SHOP, division="231181")

    report = send((TAXI, "黑河自贸片区", "在册"), (SHOP, "2311ZM", ""))
    assert (report.accepted, report.changed) == (2, 0)
    assert area_of(TAXI, SHOP) == ["2311ZM", "2311ZM"]

    report = send((TAXI, "黑河自贸片区", "移出"), (SHOP, "2311ZM", "在册"))
    assert (report.accepted, report.changed, report.unchanged) == (1, 1, 1)
    assert area_of(TAXI, SHOP) == ["231102", "2311ZM"]
    assert not Record.objects.exists()


def test_what_a_roster_cannot_say_is_set_aside_with_its_reason(send):
    make.subject(TAXI, division="231102")

    report = send((TAXI, "没有的区", ""), (SHOP, "2311ZM", ""), (TAXI, "向阳区", ""))

    assert report.rows == report.rejected == 3
    assert list(SetAside.objects.order_by("row").values_list("code", flat=True)) == ["E07", "E39", "E07"]
    assert "写明所在的市" in SetAside.objects.get(row=4).message


def test_a_roster_that_is_undone_leaves_what_was_said_before(send):
    make.subject(TAXI, division="231102")
    send((TAXI, "五大连池风景区", ""))
    second = send((TAXI, "黑河自贸片区", ""))

    batches.undo(batch=second.batch, by=make.CLERK, at=make.NOW)

    assert area_of(TAXI) == ["2311WF"]
    assert Attribution.objects.count() == 3
    assert Batch.objects.get(pk=second.batch).state == "undone"


def test_of_two_rows_of_one_business_the_later_counts(send):
    make.subject(TAXI, division="231102")

    report = send((TAXI, "五大连池风景区", ""), (TAXI, "黑河自贸片区", ""))

    assert report.rows == report.accepted == 2
    assert area_of(TAXI) == ["2311ZM"]
