"""模板: every kind of the catalogue has its page and its workbook."""

import io

import openpyxl
import pytest
from django.urls import reverse

from chengxin.credit.records.catalogue import KINDS

pytestmark = pytest.mark.django_db


def test_every_kind_is_offered_under_its_category(desk):
    page = desk.get(reverse("forms")).content.decode()

    assert [kind.name for kind in KINDS.values() if reverse("form-file", args=[kind.name]) not in page] == []
    assert page.index("2. 司法裁判及执行信息") < page.index("失信被执行人") < page.index("3. 行政管理信息")


@pytest.mark.parametrize("name", list(KINDS))
def test_the_page_of_a_kind_names_every_column(desk, name):
    page = desk.get(reverse("form", args=[name])).content.decode()

    assert [column.code for column in KINDS[name].columns if f"<small>{column.code}</small>" not in page] == []


def test_the_page_says_what_must_be_filled_and_what_may_stand_there(desk):
    page = desk.get(reverse("form", args=["penalty"])).content.decode()

    assert "“处罚类别”为暂扣许可证件、" in page and "可填：法人及非法人组织、自然人、个体工商户" in page
    assert "收下时即遮住" in page and "可写“长期”" in page


def test_the_workbook_of_a_kind_has_its_columns(desk):
    answer = desk.get(reverse("form-file", args=["licence"]))

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    head = [cell.value for cell in book.worksheets[0][1]]
    assert [KINDS["licence"].column_for(str(name)).code for name in head] == [
        column.code for column in KINDS["licence"].columns
    ]
    assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("name", ["form", "form-file"])
def test_a_kind_that_is_none_is_not_found(desk, name):
    assert desk.get(reverse(name, args=["nonsense"])).status_code == 404
