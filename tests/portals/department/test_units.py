"""单位: the directory on pages; a file is shown before it is taken."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chengxin.people.models import Trail, Unit, User
from tests.people.test_directory import DATA

pytestmark = pytest.mark.django_db
FILE = "单位名称,简称,统一社会信用代码,管辖区,曾用名,联系人姓名,账号,角色\r\n"


@pytest.fixture
def unit():
    return Unit.objects.create(name="演示市数据局", short="数据局", uscc=DATA, former_names=["营商局"])


def sheet(*rows, encoding="utf-8-sig", name="名录.csv"):
    return SimpleUploadedFile(name, (FILE + "\r\n".join(rows) + "\r\n").encode(encoding))


def shown(office, *rows, **more):
    return office.post(reverse("units-import"), {"file": sheet(*rows, **more)})


def kept(answer):
    page = answer.content.decode()
    return {
        "rows": re.search(r'name="rows" value="([^"]*)"', page)[1].replace("&quot;", '"'),
        "seen": re.search(r'name="seen" value="([^"]*)"', page)[1],
    }


def test_a_unit_is_added_by_hand(office):
    answer = office.post(
        reverse("unit-new"),
        {"name": "演示市教育局", "uscc": DATA.lower(), "area": "工农区", "former_names": "教委、旧局"},
    )

    unit = Unit.objects.get()
    assert answer.url == reverse("unit", args=[unit.pk])
    assert (unit.uscc, unit.area, unit.former_names) == (DATA, "230403", ["教委", "旧局"])
    assert Trail.objects.latest("id").by == "wangmin"


def test_what_is_wrong_is_told_at_the_field_and_nothing_typed_is_lost(office, unit):
    answer = office.post(reverse("unit-new"), {"name": "演示市教育局", "uscc": "123", "area": "火星区"})

    page = answer.content.decode()
    assert answer.status_code == 422 and Unit.objects.count() == 1
    assert "统一社会信用代码不对" in page and "没有这个管辖区" in page
    assert (
        'value="演示市教育局"' in page
        and 'value="火星区"' in page
        and 'aria-describedby="uscc-fault uscc-hint"' in page
    )


def test_a_unit_is_changed_closed_and_opened_again(office, unit):
    assert (
        office.post(
            reverse("unit-edit", args=[unit.pk]), {"name": "演示市政务数据局", "short": "数据局", "uscc": DATA}
        ).status_code
        == 302
    )
    unit.refresh_from_db()
    assert (unit.name, unit.former_names) == ("演示市政务数据局", ["演示市数据局"])

    office.post(reverse("unit-close", args=[unit.pk]))
    assert not Unit.objects.get().is_active
    assert "已停用" in office.get(reverse("unit", args=[unit.pk])).content.decode()
    assert unit.name in office.get(reverse("units"), {"closed": 1}).content.decode()
    office.post(reverse("unit-close", args=[unit.pk]))
    assert Unit.objects.get().is_active


def test_the_list_is_paged_and_searched_and_asks_a_constant_number_of_times(office, django_assert_max_num_queries):
    Unit.objects.bulk_create(Unit(name=f"第{number:03}局") for number in range(120))

    with django_assert_max_num_queries(12):
        page = office.get(reverse("units")).content.decode()
    assert "第 1 页，共 3 页" in page and 'href="?page=2"' not in page, "the search goes along"
    assert "第 2 页" in office.get(reverse("units"), {"page": 2}).content.decode()
    found = office.get(reverse("units"), {"q": "第007"}).content.decode()
    assert "第007局" in found and "第008局" not in found
    assert "没有找到“&lt;b&gt;&amp;”" in office.get(reverse("units"), {"q": "<b>&"}).content.decode()


# ---- Import ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_is_shown_first_and_taken_after_a_yes(office, unit, encoding):
    answer = shown(office, "演示市教育局,教育局,,,,李雷,jyj,部门", f"演示市政务数据局,,{DATA},,,,,", encoding=encoding)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "新增单位 1 个，更新 1 个，不变 0 个；新开或更改账号 1 个" in page
    assert "单位名称：演示市数据局 → 演示市政务数据局" in page
    assert Unit.objects.count() == 1 and not User.objects.filter(username="jyj").exists(), "nothing is written yet"

    answer = office.post(reverse("units-import"), kept(answer))

    assert answer.url == reverse("units")
    assert sorted(Unit.objects.values_list("name", flat=True)) == ["演示市政务数据局", "演示市教育局"]
    assert User.objects.get(username="jyj").role == "department"
    assert "新账号还没有密码" in office.get(answer.url).content.decode()


def test_a_row_that_is_wrong_leaves_no_button_to_press(office, unit):
    answer = shown(office, "演示市教育局,,,,,,,", "演示市民政局,,,火星区,,,,")

    page = answer.content.decode()
    assert answer.status_code == 422 and "有 1 行要改，现在什么都没有写入" in page and "没有这个管辖区" in page
    assert "确认导入" not in page
    assert Unit.objects.count() == 1


def test_whoever_looked_too_long_looks_again(office, unit):
    said = kept(shown(office, "演示市教育局,,,,,,,"))
    Unit.objects.create(name="演示市教育局")

    answer = office.post(reverse("units-import"), said)

    assert "名录有了变化" in answer.content.decode()
    assert Unit.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "请先选择名录文件"),
        ({"file": SimpleUploadedFile("a.csv", b"")}, "请先选择名录文件"),
        ({"file": SimpleUploadedFile("a.csv", "甲,乙\n1,2\n".encode())}, "没有找到表头"),
        ({"file": SimpleUploadedFile("a.csv", "简称,曾用名\n甲,乙\n".encode())}, "没有“单位名称”这一列"),
        ({"rows": "[[1]]"}, "没有传完整"),
        ({"rows": "[]"}, "文件里没有单位"),
    ],
    ids=["no file", "an empty file", "another table", "no names", "half a page", "no rows"],
)
def test_what_cannot_be_imported_is_told_in_a_sentence(office, sent, why):
    answer = office.post(reverse("units-import"), sent)

    assert answer.status_code == 422 and why in answer.content.decode()


def test_the_empty_form_is_one_that_is_read_back(office):
    form = office.get(reverse("units-form"))

    assert form.content.decode("utf-8-sig") == FILE
    answer = office.post(
        reverse("units-import"),
        {"file": SimpleUploadedFile("a.csv", form.content + "演示市教育局,,,,,,,\r\n".encode())},
    )
    assert "新增单位 1 个" in answer.content.decode()


def test_a_clerk_cannot_smuggle_in_an_auditor(office):
    answer = shown(office, "演示市教育局,,,,,,sj,审计员")

    assert answer.status_code == 422 and "没有“auditor”这个角色可给" in answer.content.decode()
