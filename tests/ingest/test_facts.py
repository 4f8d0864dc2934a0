"""Rows as the facts they state."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.credit.records import actions as records
from chengxin.credit.records import catalogue
from chengxin.ingest import facts

LICENCE = catalogue.kind("licence")
ROW = {"XK_WSH": "样审许〔2026〕1号", "XK_JDRQ": "2026-10-01", "XK_XKJGDM": "11230402MB0000000A"}
SAID = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1)


def test_a_fact_is_written_as_it_is_copied_from():
    told = facts.lines(LICENCE, [(7, ROW | {"XK_XDR_SHXYM": "91230402MA1CTE575Q"})], "样例局", "")
    assert next(told).decode().split("\t")[3:] == [
        "2026-10-01",
        "\\N",
        "样例局",
        "",
        "91230402MA1CTE575Q",
        "11230402MB0000000A",
        "\\N",
        (
            '{"XK_JDRQ":"2026-10-01","XK_WSH":"样审许〔2026〕1号","XK_XDR_SHXYM":"91230402MA1CTE575Q",'
            '"XK_XKJGDM":"11230402MB0000000A"}\n'
        ),
    ]


@pytest.mark.parametrize("kind", ["licence", "penalty", "corrected"])
@given(st.data())
def test_a_line_of_a_row_is_the_line_of_its_fact(kind: str, data: st.DataObject):
    what = catalogue.kind(kind)
    codes = [column.code for column in what.columns if column.code != what.roles.happened_on]
    body: Mapping[str, str] = {what.roles.happened_on: "2026-10-01"} | data.draw(
        st.dictionaries(st.sampled_from(codes), SAID)
    )
    unit = data.draw(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))
    told = facts.lines(what, [(3, body)], unit, "11230402MB0000000A")
    assert [*told] == [records.line(facts.fact(what, 3, body, unit, "11230402MB0000000A")).encode()]
