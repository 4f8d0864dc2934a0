"""What imports cannot show: foreign keys point upstream and nothing upstream can look back."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]


def river() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["name"] == "The river")["layers"]
    return [name for layer in reversed(layers) for name in re.findall(r"[a-z]+", layer)]


def foreign_keys() -> list[models.ForeignKey]:
    return [
        field
        for model in apps.get_models()
        if model.__module__.startswith("chengxin.")
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.model is model
    ]


@pytest.mark.parametrize("field", foreign_keys(), ids=str)
def test_a_foreign_key_points_upstream_and_cannot_be_followed_back(field: models.ForeignKey) -> None:
    order = river()
    source, target = field.model._meta.app_label, field.related_model._meta.app_label

    assert field.remote_field.related_name == "+", "upstream must not learn of downstream by the back door"
    if source in order and target in order:
        assert order.index(target) <= order.index(source)


def test_every_domain_stands_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    folders = [path.parent.name for path in (ROOT / "chengxin" / "credit").glob("*/__init__.py")]

    assert [name for name in folders if f"credit/{name}" not in glossary] == []
