"""留痕: for the auditor; found by person, verb and day; whoever exports leaves a trail."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

import chengxin
from chengxin.people import queries, trail
from chengxin.people.models import Trail, User
from chengxin.people.queries import Asked
from chengxin.people.trail import Actor
from chengxin.portals.department.verbs import VERBS
from tests.portals.conftest import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(db):
    client = Client()
    client.force_login(User.objects.create(username="shen", role="auditor"))
    return client


def note(verb="unit.add", by="wangmin", at=AT, thing="unit 1", **detail):
    trail.note(by=Actor(by, "credit_office"), verb=verb, thing=thing, at=at, detail=detail)


def listed(auditor, **asked):
    return auditor.get(reverse("trail"), asked).content.decode()


def test_acts_are_listed_newest_first_in_words(auditor):
    note(thing="unit 1", name="甲局")
    note("unit.close", thing="unit 2")

    page = listed(auditor)

    assert page.index("停用单位</td>") < page.index("新增单位</td>")
    assert "甲局" in page and "信用办" in page and "2026-04-01 10:30:00" in page


@pytest.mark.parametrize(
    ("thing", "detail", "said"),
    [
        (
            "batch 12",
            {"kind": "licence", "way": "upload", "rows": 3},
            ["批次 12<", "方式 网上报送；种类 行政许可；行 3"],
        ),
        ("subject 92230402MA1CTE575M", {"purpose": "日常监管"}, ["主体 92230402MA1CTE575M<", "用途 日常监管"]),
        ("code:ABC", {"why": "停业"}, ["诚信码 ABC<", "原因 停业"]),
        ("waiting rows", {"matched": 2}, ["待匹配的行<", "匹配 2"]),
        ("user lina", {"role": "department", "password": True}, ["账号 lina<", "角色 部门；改密码 是"]),
        ("3 fakes", {"odd": "x"}, ["3 fakes<", "odd x"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_done_to_what_is_told_in_words(auditor, thing, detail, said):
    note(thing=thing, **detail)

    page = listed(auditor)

    assert [words for words in said if words not in page] == []


def test_acts_are_found_by_person_verb_and_day(auditor):
    note(by="wangmin", thing="unit 1")
    note(by="lilei", thing="unit 2")
    note("unit.close", thing="unit 3")
    note(thing="unit 4", at=AT + timedelta(days=1))

    assert [f"单位 {n}<" in listed(auditor, by="lilei") for n in (1, 2, 3, 4)] == [False, True, False, False]
    assert [f"单位 {n}<" in listed(auditor, verb="unit.close") for n in (1, 2, 3, 4)] == [False, False, True, False]
    day = {"from": "2026-04-01", "to": "2026-04-01"}
    assert [f"单位 {n}<" in listed(auditor, **day) for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert "没有这样的留痕" in listed(auditor, **{"from": "2027-01-01"})


def test_a_day_begins_at_midnight_here():
    note(at=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    note(at=datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC))

    assert queries.acts(Asked(since=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))).count() == 1


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"from": "yesterday"}, "日期请写成"),
        ({"to": "0001-01-01"}, "日期请写成"),
        ({"from": "2026-04-02", "to": "2026-04-01"}, "请对调"),
    ],
)
def test_a_day_that_is_none_is_told_in_a_sentence(auditor, asked, why):
    for name in ("trail", "trail-export"):
        answer = auditor.get(reverse(name), asked)
        assert answer.status_code == 422 and why in answer.content.decode()


def test_older_acts_are_on_the_next_page_without_counting_them(auditor, django_assert_max_num_queries):
    for number in range(60):
        note(thing=f"unit {number:02}")

    with django_assert_max_num_queries(12):
        page = listed(auditor, verb="unit.add")
    older = re.search(r'rel="next" href="\?([^"]+)"', page)[1].replace("&amp;", "&")
    assert "单位 59<" in page and "单位 10<" in page and "单位 09<" not in page
    second = auditor.get(f"{reverse('trail')}?{older}").content.decode()
    assert "单位 09<" in second and "单位 10<" not in second and "更早的" not in second
    assert "最新" in second


def test_the_chain_is_gone_through_at_its_end(auditor):
    for number in range(5):
        note(thing=f"unit {number}")
    trail.seal(datetime.now(UTC))
    assert "哈希链完整" in listed(auditor)
    assert trail.verify(newest=2) is None and trail.verify() is None

    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_trail SET by = 'somebody else' WHERE thing = 'unit 3'")

    assert "第 4 条被改动或缺失" in listed(auditor)
    assert trail.verify(newest=2) == 4 and trail.verify(newest=1) is None


def test_whoever_exports_leaves_a_trail_and_gets_what_was_asked_for(auditor):
    note(by="=cmd()", thing="unit 1", name="甲局")
    note("unit.close")

    answer = auditor.get(reverse("trail-export"), {"verb": "unit.add"})

    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["编号", "时间", "账号", "角色", "动作", "对象", "说明"]
    assert [row[2:] for row in rows[1:]] == [["'=cmd()", "信用办", "新增单位", "unit 1", '{"name": "甲局"}']]
    newest = Trail.objects.latest("id")
    assert (newest.by, newest.verb, newest.detail) == ("shen", "trail.export", {"verb": "unit.add"})


def test_every_verb_that_the_code_writes_has_a_word():
    root = Path(chengxin.__file__).parent
    said = re.compile(r'\bverb="([a-z.-]+)"(?: if [\w.]+ else "([a-z.-]+)")?')
    written = {
        verb for path in root.rglob("*.py") for verbs in said.findall(path.read_text()) for verb in verbs if verb
    }

    assert written - set(VERBS) == set(), "name it in portals/department/verbs.py"
