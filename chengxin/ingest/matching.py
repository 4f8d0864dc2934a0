"""匹配: whose the rows of a file are. Rows that name nobody who is registered wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chengxin.credit.records import actions as records
from chengxin.credit.records.form import Kind

WAITING: Final = "E30"


def claim(kind: Kind, body: Mapping[str, str]) -> str:
    """Return whom a row says it is of, as rows are grouped that wait for the same subject."""
    subject = body.get(kind.roles.subject, "")
    return f"uscc:{subject}" if subject else ""


def resolve(kind: Kind) -> None:
    """Find the subjects of `pg_temp.facts`, and say of the rows without one, in `pg_temp.found`, that they wait."""
    records.leave_out_unknown(code=WAITING, message="库中没有这个主体，待登记信息到后自动匹配")
