"""The catalogue of kinds, for programs."""

from __future__ import annotations

from typing import Any

from chengxin.api.problem import Problem
from chengxin.credit.records import catalogue
from chengxin.credit.records.form import CATEGORIES, Kind


def find(name: str) -> Kind:
    """Return a kind.

    :raises Problem: there is none.
    """
    if name not in catalogue.KINDS:
        raise Problem("no-such-kind", kind=name[:100])
    return catalogue.KINDS[name]


def told(kind: Kind) -> dict[str, Any]:
    """Return a kind as the API tells it."""
    return {
        "name": kind.name,
        "label": kind.label,
        "category": kind.category,
        "category_label": CATEGORIES.get(kind.category, ""),
        "standard": kind.standard,
        "key": [kind.column(code).name for code in kind.roles.key],
        "columns": [
            {
                "code": column.code,
                "name": column.name,
                "type": column.type,
                "max_length": column.max,
                "required": column.required,
                "choices": list(column.options),
                "aliases": list(column.aliases),
            }
            for column in kind.columns
        ],
    }


def every() -> list[Kind]:
    """Return all kinds, in the order of the catalogue's categories."""
    return sorted(catalogue.KINDS.values(), key=lambda kind: (kind.category or 99, kind.name))
