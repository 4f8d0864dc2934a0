"""The directory's file: what it would do is told row by row, and done whole or not at all."""

from datetime import UTC, datetime

import pytest

from chengxin.people import directory, units
from chengxin.people.directory import Row, Stale
from chengxin.people.models import Trail, Unit, User
from chengxin.people.trail import Actor, Refused
from chengxin.terms import uscc

AT = datetime(2026, 11, 25, tzinfo=UTC)
ROOT = Actor("root@命令行", "command")
CLERK = Actor("wangmin", "credit_office")


def code(number):
    return uscc.compose(department="1", body="1", division="230400", serial=f"{number:08}")


DATA = code(1)
TRAFFIC = code(2)

pytestmark = pytest.mark.django_db


@pytest.fixture
def data_bureau():
    return units.add(
        facts=units.Facts("演示市数据局", "数据局", DATA, "", ("演示市营商环境建设监督局", "营商局")), by=ROOT, at=AT
    )


def planned(*rows, by=ROOT):
    return directory.plan([Row(number, **row) for number, row in enumerate(rows, start=2)], by=by)


def applied(*rows, by=ROOT, seen=None):
    return directory.apply([Row(n, **row) for n, row in enumerate(rows, start=2)], seen=seen, by=by, at=AT)


ROWS = (
    {"name": "演示市交通运输局", "short": "交通局", "uscc": TRAFFIC.lower(), "person": "李雷", "username": "jtj"},
    {"name": "演示市交通运输局", "person": "韩梅", "username": "jtj2", "role": "部门"},
    {
        "name": "工农区信用办",
        "area": "工农区",
        "former_names": "工农区诚信办、工农区信用中心",
        "username": "gnq",
        "role": "县区信用办",
    },
)


def test_a_new_directory_is_told_and_then_stands():
    plan = planned(*ROWS)

    assert [(line.what, line.account_what) for line in plan.lines] == [("new", "new"), ("same", "new"), ("new", "new")]
    assert (plan.count("new"), plan.count("changed"), plan.count("same"), plan.faulty) == (2, 0, 0, 0)
    assert not Unit.objects.exists() and not User.objects.exists(), "a plan writes nothing"

    assert applied(*ROWS, seen=plan.digest).digest == plan.digest

    traffic, county = Unit.objects.order_by("id")
    assert units.facts_of(traffic) == units.Facts("演示市交通运输局", "交通局", TRAFFIC)
    assert (county.area, county.former_names) == ("230403", ["工农区诚信办", "工农区信用中心"])
    people = list(User.objects.order_by("username").values_list("username", "role", "unit", "name"))
    assert people == [
        ("gnq", "county", county.pk, ""),
        ("jtj", "department", traffic.pk, "李雷"),
        ("jtj2", "department", traffic.pk, "韩梅"),
    ]
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert sorted(Trail.objects.values_list("verb", flat=True)) == ["account.make"] * 3 + ["unit.import"]


def test_the_same_file_again_changes_nothing():
    applied(*ROWS)
    before = Trail.objects.count()

    plan = applied(*ROWS)

    assert (plan.count("same"), plan.accounts("same")) == (2, 3)
    assert Trail.objects.count() == before


def test_a_row_finds_its_unit_by_any_of_its_names_and_an_empty_cell_leaves_what_stands(data_bureau):
    plan = applied({"name": "营商局", "area": "", "short": ""})

    assert plan.count("same") == 1
    assert units.facts_of(Unit.objects.get()) == units.facts_of(data_bureau)


def test_a_unit_that_is_found_by_its_code_takes_the_new_name_and_keeps_the_old_one():
    units.add(facts=units.Facts("演示市营商环境建设监督局", "营商局", DATA), by=ROOT, at=AT)

    plan = applied({"name": "演示市数据局", "short": "数据局", "uscc": DATA})

    unit = Unit.objects.get()
    assert (unit.name, unit.former_names) == ("演示市数据局", ["演示市营商环境建设监督局"])
    assert [(change.label, change.new) for change in plan.lines[0].changes] == [
        ("单位名称", "演示市数据局"),
        ("简称", "数据局"),
        ("曾用名", "演示市营商环境建设监督局"),
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"name": ""}, "请写单位的全称"),
        ({"name": "演示市民政局", "uscc": DATA[:-1] + "!"}, "统一社会信用代码不对"),
        ({"name": "演示市民政局", "area": "火星区"}, "没有这个管辖区"),
        ({"name": "演示市数据局", "uscc": TRAFFIC}, "与这一行不同"),
        ({"name": "演示市民政局", "former_names": "营商局"}, "同一个名称只能归一个单位"),
        ({"name": "演示市民政局", "username": "a b"}, "账号名只能用"),
        ({"name": "演示市民政局", "username": "mzj", "role": "市长"}, "没有“市长”这个角色"),
        ({"name": "演示市民政局", "username": "mzj", "role": "审计员"}, "没有“auditor”这个角色可给"),
        ({"name": "演示市民政局", "username": "mzj", "role": "县区信用办"}, "要有管辖区"),
        ({"name": "演示市民政局", "username": "keeper"}, "chengxin init"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_with_a_fault_is_told_and_nothing_at_all_is_done(data_bureau, row, why):
    good = {"name": "演示市教育局"}

    plan = planned(good, row, by=CLERK)

    assert plan.faulty == 1 and why in plan.lines[1].faults[0]
    with pytest.raises(Refused, match="什么都没有写入。第 3 行"):
        applied(good, row, by=CLERK)
    assert Unit.objects.count() == 1


def test_a_code_of_one_unit_with_the_name_of_another_is_a_fault(data_bureau):
    units.add(facts=units.Facts("演示市交通运输局", uscc=TRAFFIC), by=ROOT, at=AT)

    assert "请核对这两格" in planned({"name": "演示市交通运输局", "uscc": DATA}).lines[0].faults[0]


def test_an_account_twice_in_a_file_is_a_fault():
    again = {"name": "演示市教育局", "username": "jyj"}

    assert "不止一次" in planned(again, again).lines[1].faults[0]


def test_a_closed_unit_and_a_closed_account_are_not_opened_by_a_file(data_bureau):
    units.close(unit=data_bureau.pk, by=ROOT, at=AT)
    User.objects.create(username="gone", role="department", is_active=False)

    plan = planned({"name": "演示市数据局"}, {"name": "演示市教育局", "username": "gone"})

    assert ["已停用" in line.faults[0] for line in plan.lines] == [True, True]


def test_whoever_agreed_to_something_else_is_asked_again():
    plan = planned(*ROWS)
    units.add(facts=units.Facts("演示市交通运输局"), by=ROOT, at=AT)

    with pytest.raises(Stale):
        applied(*ROWS, seen=plan.digest)
    assert Unit.objects.count() == 1 and not User.objects.exists()


@pytest.mark.parametrize("count", [0, directory.ROWS_AT_MOST + 1])
def test_no_rows_and_too_many_are_refused(count):
    with pytest.raises(Refused):
        directory.plan([Row(number, name=f"单位{number}") for number in range(count)], by=ROOT)


def test_a_full_file_is_worked_out_with_five_questions(django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        plan = planned(*({"name": f"演示第{number}局", "username": f"u{number}"} for number in range(2000)))
    assert plan.count("new") == 2000
