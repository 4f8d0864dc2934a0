from __future__ import annotations

import pytest

from chengxin.credit.records import catalogue
from chengxin.ingest import sources
from chengxin.ingest.sources import Source


@pytest.mark.parametrize("source", sources.catalogue().values(), ids=sources.catalogue())
def test_a_source_names_kinds_and_columns_that_there_are(source: Source) -> None:
    for kind in (*source.kinds, *source.columns):
        assert kind in catalogue.KINDS
    for kind, columns in source.columns.items():
        assert set(columns.values()) <= {column.code for column in catalogue.kind(kind).columns}


def test_a_source_translates_its_own_headers_whatever_their_case_and_width() -> None:
    source = sources.find("national-register")

    assert source.translate("subject", ["ｊｇｍｃ ", "TYSHXYDM", "备注"]) == ("ENTNAME", "UNISCID", "备注")
    assert source.translate("licence", ["jgmc"]) == ("jgmc",)


def test_a_name_that_no_source_has_is_the_unit_itself() -> None:
    assert (sources.find("鹤岗市商务局").unit, sources.find().unit) == ("鹤岗市商务局", "")
