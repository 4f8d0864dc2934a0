"""Which record is meant, and whether a correction can be made: tables that a data clerk can read."""

from __future__ import annotations

from datetime import date

import pytest

from chengxin.credit.records.catalogue import kind
from chengxin.credit.records.standing import settle
from chengxin.credit.records.targets import choose, correct, differs
from tests.credit.records.test_standing import KEY, OTHER_KEY, corrected, record

STOP = {"TZ_ZL": "penalty", "TZ_WSH": "鹤市监罚〔2026〕12号", "TZ_JG": "市市场监督管理局"}
OFFICE, SAFETY = "11230500001755309F", "11230403MB1234567A"


def penalty(*, number="鹤市监罚〔2026〕12号", office="市市场监督管理局", code=OFFICE, on="2026-05-08", key=KEY, at=1):
    body = {"CF_WSH": number, "CF_CFJG": office, "CF_CFJGDM": code, "CF_JDRQ": on, "CF_NR_FK": "5"}
    return record(body, key=key, at=at)._replace(happened_on=date.fromisoformat(on))


ONE = penalty()
TWIN = penalty(office="市应急管理局", code=SAFETY, key=OTHER_KEY, at=2)
LATER = penalty(on="2026-06-08", key=OTHER_KEY, at=2)


@pytest.mark.parametrize(
    "says, held, found, problem, waits",
    [
        ({}, [ONE], ONE, "", False),
        ({"TZ_WSH": "鹤市监罚[2026] 12号"}, [ONE], ONE, "", False),
        ({}, [penalty(number="鹤市监罚〔2026〕13号")], None, "待这条信息报来后自动处理", True),
        ({"TZ_ZL": "licence"}, [ONE], None, "行政许可", True),
        ({"TZ_ZL": "nothing"}, [ONE], None, "不在目录中", False),
        ({}, [ONE, TWIN], ONE, "", False),
        ({"TZ_JGDM": SAFETY, "TZ_JG": "市应急局"}, [ONE, TWIN], TWIN, "", False),
        ({"TZ_JG": "市应急局"}, [ONE], ONE, "", False),
        ({"TZ_JG": "市应急局"}, [ONE, TWIN], None, "没有认定机关相符", True),
        ({"TZ_JGDM": SAFETY}, [ONE], None, "代码或者文书日期不符", True),
        ({}, [ONE, LATER], None, "有 2 条", False),
        ({"TZ_WSRQ": "2026-06-08"}, [ONE, LATER], LATER, "", False),
        ({"TZ_WSRQ": "2026-07-08"}, [ONE], None, "代码或者文书日期不符", True),
        ({"TZ_WSH": "", "TZ_WSRQ": "2026-06-08"}, [ONE, LATER], LATER, "", False),
        ({"TZ_WSH": "", "TZ_WSRQ": "2026-05-08", "TZ_JG": "市应急局"}, [ONE], None, "没有认定机关相符", True),
        ({}, [], None, "库中没有该主体", True),
    ],
    ids=[
        "the number",
        "the number in other brackets",
        "another number",
        "another kind",
        "no kind",
        "two authorities with one number",
        "told apart by the code though the name is an older one",
        "one record, an authority of another name",
        "two records, an authority of neither name",
        "one record, an authority of another code",
        "two that nothing tells apart",
        "told apart by the day",
        "no record of that day",
        "no number, but the day and the authority",
        "no number, and another authority",
        "nothing is known of the subject",
    ],
)
def test_which_record_is_meant(says, held, found, problem, waits):
    target = choose({code: value for code, value in (STOP | says).items() if value}, settle(held))

    assert (target.found and target.found.said) == found
    assert problem in target.problem and bool(problem) == bool(target.problem)
    assert target.waits is waits


def test_a_record_is_found_by_the_day_it_was_sent_with_and_by_the_corrected_one():
    held = settle([ONE, corrected("2026-05-08", "2026-04-08", field="CF_JDRQ")])

    for day in ("2026-05-08", "2026-04-08"):
        assert choose(STOP | {"TZ_WSRQ": day}, held).found


@pytest.mark.parametrize(
    "field, old, new, normal, faults",
    [
        ("CF_NR_FK", "5", "0.5", ("CF_NR_FK", "5", "0.5"), []),
        ("罚款金额（万元）", "5.0", "0.50 万元", ("CF_NR_FK", "5", "0.5"), []),
        ("罚款金额", "50000元", "5", ("CF_NR_FK", "50000元", "5"), []),
        ("CF_JDRQ", "2026年5月8日", "46120", ("CF_JDRQ", "2026-05-08", "2026-04-08"), []),
        ("CF_JDRQ", "2026-05-08", "2026-06-03", ("CF_JDRQ", "2026-05-08", None), ["E36"]),
        ("CF_CFLB", "警告", "重罚", ("CF_CFLB", "警告", None), ["E36"]),
        ("CF_CFLB", "警告", "", ("CF_CFLB", "警告", None), ["E36"]),
        ("CF_NR_FK", "5", "5.0", ("CF_NR_FK", "5", "5"), ["E36"]),
        ("金额", "5", "6", ("金额", "5", "6"), ["E36"]),
        ("CF_WSH", "12号", "13号", ("CF_WSH", "12号", "13号"), ["E36"]),
        ("行政相对人统一社会信用代码", "a", "b", ("行政相对人统一社会信用代码", "a", "b"), ["E36"]),
        ("CF_FR_ZJHM", "a", "b", ("CF_FR_ZJHM", "a", "b"), ["E36"]),
        ("CF_NR", "罚款", "罚款，电话13800138000", ("CF_NR", "罚款", "罚款，电话13800138000"), ["E12"]),
        ("CF_NR", "罚款", "暂扣黑H12345号货车", ("CF_NR", "罚款", "暂扣黑H*****号货车"), []),
        ("BZ", "有误", "", ("BZ", "有误", None), []),
    ],
    ids=[
        "by code",
        "by name, in other writing",
        "an old value that would not pass",
        "days in other writing",
        "a day after the correction",
        "a new value that is none",
        "what must be there to nothing",
        "to the same",
        "no such field",
        "the number that tells it apart",
        "the subject",
        "a number of papers",
        "personal data",
        "a number plate",
        "what may be empty to nothing",
    ],
)
def test_a_new_value_passes_the_check_of_a_files_cell(field, old, new, normal, faults):
    row = {**STOP, "TZ_ZDM": field, "TZ_YZ": old, "TZ_XZ": new}

    correction = correct(kind("corrected"), row, on=date(2026, 6, 2))

    assert tuple(correction.body.get(code) for code in ("TZ_ZDM", "TZ_YZ", "TZ_XZ")) == normal
    assert [problem.code for problem in correction.problems] == faults
    assert correction.usable is not bool(faults)


@pytest.mark.parametrize(
    "old, other", [("5", False), ("7", True), ("", True)], ids=["what stands", "another", "nothing"]
)
def test_an_old_value_that_does_not_stand_is_seen(old, other):
    row = {"TZ_ZDM": "CF_NR_FK", "TZ_YZ": old, "TZ_XZ": "0.5"}

    assert differs(row, settle([ONE])[0]) is other
