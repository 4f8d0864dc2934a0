"""Units: found by any name they bear or bore, closed and never deleted."""

import pytest

from chengxin.people import queries, units
from chengxin.people.models import Trail, Unit, User
from chengxin.people.trail import Actor, Refused
from chengxin.people.units import Facts
from tests.people.test_directory import AT, DATA, ROOT, TRAFFIC

pytestmark = pytest.mark.django_db


def add(name, **more):
    return units.add(facts=Facts(name, **more), by=ROOT, at=AT)


@pytest.fixture
def data_bureau():
    return add("演示市数据局", short="数据局", uscc=DATA, former_names=("演示市营商环境建设监督局", "营商局"))


@pytest.mark.parametrize(
    "text",
    ["演示市数据局", " 演示市　数据局", "数据局", "营商局", "演示市營商環境建設監督局", DATA, DATA.lower()],
)
def test_a_unit_is_found_by_any_of_its_names_and_by_its_code(data_bureau, text):
    assert queries.unit_named(text) == data_bureau


def test_a_name_goes_to_whoever_took_over_from_a_closed_unit():
    old = add("演示市营商环境建设监督局")
    units.close(unit=old.pk, by=ROOT, at=AT)
    assert queries.unit_named("演示市营商环境建设监督局") == old

    new = add("演示市数据局", former_names=("演示市营商环境建设监督局",))

    assert queries.unit_named("演示市营商环境建设监督局") == new


@pytest.mark.parametrize("text", ["", "演示市", TRAFFIC, "教育局"])
def test_a_name_that_nobody_bears_means_nobody(data_bureau, text):
    assert queries.unit_named(text) is None


def test_another_name_leaves_the_old_one_among_the_former(data_bureau):
    changed = units.change(
        unit=data_bureau.pk,
        facts=units.tidy(name="演示市政务数据局", short="数据局", uscc_text=DATA, former_names="营商局"),
        by=ROOT,
        at=AT,
    )

    assert changed == ["单位名称", "曾用名"]
    assert Unit.objects.get().former_names == ["营商局", "演示市数据局"]
    assert Trail.objects.latest("id").detail["name"] == ["演示市数据局", "演示市政务数据局"]


def test_what_changes_nothing_leaves_no_trail(data_bureau):
    assert units.change(unit=data_bureau.pk, facts=units.facts_of(data_bureau), by=ROOT, at=AT) == []
    assert Trail.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (Facts("局"), "name"),
        (Facts("演示市数据局"), "name"),
        (Facts("营商局"), "name"),
        (Facts("演示市教育局", short="数据局"), "short"),
        (Facts("演示市教育局", short="教" * 41), "short"),
        (Facts("演示市教育局", uscc=DATA), "uscc"),
        (Facts("演示市教育局", uscc="123"), "uscc"),
        (Facts("演示市教育局", area="火星"), "area"),
        (Facts("演示市教育局", former_names=("营商局",)), "former_names"),
        (Facts("演示市教育局", former_names=tuple(f"旧{n}局" for n in range(21))), "former_names"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_at_its_field_and_refused(data_bureau, facts, field):
    assert list(units.faults(facts, among=queries.directory())) == [field]
    with pytest.raises(Refused):
        units.add(facts=facts, by=ROOT, at=AT)
    assert Unit.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("工农区", "230403"),
        ("230403", "230403"),
        ("黑河自贸片区", "2311ZM"),
        ("", ""),
        ("全市", ""),
        ("火星区", "火星区"),
    ],
)
def test_an_area_is_written_by_name_or_code(said, code):
    assert units.area_code(said) == code


def test_whoever_is_of_a_closed_unit_is_out_and_in_again_when_it_opens(data_bureau, client):
    client.force_login(User.objects.create_user("sj", password="first password", role="department", unit=data_bureau))
    assert client.get("/").status_code == 200

    units.close(unit=data_bureau.pk, by=ROOT, at=AT)

    assert client.get("/").status_code == 302
    answer = client.post("/sign-in", {"username": "sj", "password": "first password"})
    assert "您所在的单位已停用" in answer.content.decode()
    units.reopen(unit=data_bureau.pk, by=ROOT, at=AT)
    assert client.post("/sign-in", {"username": "sj", "password": "first password"}).status_code == 302


def test_nobody_closes_their_own_unit(data_bureau):
    User.objects.create_user("wm", role="credit_office", unit=data_bureau)

    with pytest.raises(Refused, match="自己所在的单位"):
        units.close(unit=data_bureau.pk, by=Actor("wm", "credit_office"), at=AT)


def test_a_closed_unit_does_not_open_under_a_name_that_another_took(data_bureau):
    old = add("演示市政务服务中心")
    units.close(unit=old.pk, by=ROOT, at=AT)
    units.change(unit=data_bureau.pk, facts=Facts("演示市数据局", former_names=("演示市政务服务中心",)), by=ROOT, at=AT)

    with pytest.raises(Refused, match="已经在名录里"):
        units.reopen(unit=old.pk, by=ROOT, at=AT)
    with pytest.raises(Refused, match="没有这个单位"):
        units.close(unit=0, by=ROOT, at=AT)


def test_a_new_unit_does_not_take_the_name_of_a_closed_one():
    old = add("演示市政务服务中心")
    units.close(unit=old.pk, by=ROOT, at=AT)

    with pytest.raises(Refused, match="重新启用它"):
        add("演示市政务服务中心")


def test_the_list_counts_people_in_use_and_finds_by_a_part_of_any_name(data_bureau, django_assert_num_queries):
    add("演示市教育局")
    User.objects.create_user("a", role="department", unit=data_bureau)
    User.objects.create_user("b", role="department", unit=data_bureau, is_active=False)

    with django_assert_num_queries(1):
        listed = [(unit.name, unit.people) for unit in queries.units()]

    assert listed == [("演示市教育局", 0), ("演示市数据局", 1)] or listed == [("演示市数据局", 1), ("演示市教育局", 0)]
    assert [unit.name for unit in queries.units(text="营商")] == ["演示市数据局"]
    assert [unit.name for unit in queries.units(text=DATA[:6])] == ["演示市数据局"]
