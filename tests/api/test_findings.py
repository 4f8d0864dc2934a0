"""What was found is told by row, in pages and in the language asked for; the catalogue and its templates are told too."""

from __future__ import annotations

import io

import openpyxl
import pytest

from chengxin.credit.records import catalogue
from tests.api.conftest import Partner
from tests.api.test_records import lines, own_folders, work  # noqa: F401 — a fixture that every test here uses
from tests.ingest.test_intake import known, licence

pytestmark = pytest.mark.django_db(transaction=True)

ID_NUMBER = "230402199003071233"


@pytest.fixture
def number(partner: Partner) -> int:
    """A batch of which five rows are wrong, one of them by an ID number in its text."""
    known()
    rows = [licence(one, XK_JDRQ="1949-13-01") for one in range(4)]
    sent = lines(*rows, licence(8), licence(9, XK_NR=f"经营者身份证{ID_NUMBER}"))
    found = int(partner.post("/records?kind=licence", sent, Idempotency_Key="1").json()["id"])
    work()
    return found


def test_findings_come_in_pages_until_there_are_no_more(partner: Partner, number: int) -> None:
    every = partner.get(f"/batches/{number}/findings").json()

    assert every["next_offset"] is None and len(every["findings"]) >= 5
    some, offset = [], 0
    while offset is not None:
        page = partner.get(f"/batches/{number}/findings?limit=2&offset={offset}").json()
        assert len(page["findings"]) <= 2
        some += page["findings"]
        offset = page["next_offset"]
    assert some == every["findings"]
    assert all(one["message"] and one["advice"] and one["row"] > 0 for one in some)


def test_findings_are_told_in_english_when_asked(partner: Partner, number: int) -> None:
    chinese = partner.get(f"/batches/{number}/findings").json()["findings"][0]
    english = partner.get(f"/batches/{number}/findings", **{"Accept-Language": "en"}).json()["findings"][0]

    assert (chinese["code"], chinese["row"]) == (english["code"], english["row"])
    assert chinese["message"] != english["message"]
    assert english["advice"].isascii() or "“" in english["advice"]


def test_nobodys_number_is_quoted(partner: Partner, number: int) -> None:
    for path in ("", "/findings"):
        assert ID_NUMBER not in partner.get(f"/batches/{number}{path}").content.decode()


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=1001", "limit=x"])
def test_an_odd_page_is_refused(partner: Partner, number: int, query: str) -> None:
    assert partner.get(f"/batches/{number}/findings?{query}").status_code == 422


@pytest.mark.parametrize("odd", ["0", "-1", "x", "9" * 30])
def test_an_odd_number_is_no_batch(partner: Partner, odd: str) -> None:
    assert partner.get(f"/batches/{odd}").status_code in (404, 422)


def test_the_catalogue_tells_every_kind_with_its_columns(partner: Partner) -> None:
    told = partner.get("/kinds").json()["kinds"]

    assert {kind["name"] for kind in told} == set(catalogue.KINDS)
    licences = next(kind for kind in told if kind["name"] == "licence")
    assert licences == partner.get("/kinds/licence").json()
    category = next(column for column in licences["columns"] if column["code"] == "XK_XDR_LB")
    assert category["required"] == "always" and "个体工商户" in category["choices"]


def test_a_template_is_a_workbook_with_the_columns(partner: Partner) -> None:
    answer = partner.get("/kinds/licence/template")

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    said = {str(cell.value) for sheet in book for row in sheet.iter_rows(max_row=5) for cell in row if cell.value}
    assert any("行政许可决定" in text for text in said)
    assert partner.get("/kinds/nonsense/template").status_code == 404
