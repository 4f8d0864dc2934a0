"""The walls of the house stand: who may import whom, who may read the clock, and what the public side can do without."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "chengxin"


def modules(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from (path for path in sorted((HOUSE / room).rglob("*.py")) if "migrations" not in path.parts)


def river() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract for contract in contracts if contract["name"] == "The river")["layers"]
    return [name for layer in reversed(layers) for name in re.findall(r"[a-z]+", layer)]


# ---- Imports -----------------------------------------------------------------------------------------------------


def test_every_contract_on_imports_is_kept() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [linter, "--no-cache"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "200"},  # noqa: TID251
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_no_folder_with_code_escapes_the_contracts() -> None:
    # A folder without __init__.py is imported all the same, but the linter never sees it.
    folders = {path.parent for path in HOUSE.rglob("*.py")}

    assert sorted(folder for folder in folders if not (folder / "__init__.py").exists()) == []


def test_every_app_of_the_house_is_installed() -> None:
    standing = {".".join(path.parent.relative_to(ROOT).parts) for path in HOUSE.rglob("apps.py")}

    assert standing <= {app.partition(".apps.")[0] for app in settings.INSTALLED_APPS}


# ---- What imports cannot show --------------------------------------------------------------------------------------

CLOCKS = re.compile(
    r"(?:datetime\.(?:now|utcnow|today)|date\.today|timezone\.(?:now|localdate|localtime)|time\.(?:time|time_ns))"
)


def called(tree: ast.AST) -> Iterator[tuple[int, str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), len(node.args) + len(node.keywords)


def test_nobody_below_the_doors_reads_the_clock() -> None:
    # `timezone.localdate(at)` only turns a moment into a day: it reads the clock where it is given none.
    guilty = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in modules("credit", "board", "people", "inbox", "press", "terms")
        for line, name, given in called(ast.parse(path.read_text(encoding="utf-8")))
        if CLOCKS.search(name) and not ("local" in name and given)
    ]

    assert guilty == []


def test_nobody_below_the_doors_reads_the_settings() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in modules("credit", "board", "inbox", "press", "terms")
        if re.search(
            r"^\s*(?:from django\.conf import|import django\.conf)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]

    assert guilty == []


def read_from_the_environment(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield where a variable is read by its name. To take one away, or to hand all of them on, is not to read it."""
    for node in ast.walk(tree):
        call = isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.getenv", "os.environ.get")
        item = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
        if call or (item and ast.unparse(node.value) == "os.environ"):
            yield node.lineno, ast.unparse(node)


def test_only_config_reads_the_environment() -> None:
    guilty = [
        f"{path.relative_to(ROOT)}:{line} {said}"
        for path in sorted(HOUSE.rglob("*.py"))
        if "config" not in path.relative_to(HOUSE).parts
        for line, said in read_from_the_environment(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert guilty == []


def test_no_statement_of_a_domain_names_a_table_further_down_the_river() -> None:
    order = river()
    owner = {
        model._meta.db_table: model._meta.app_label for model in apps.get_models() if model._meta.app_label in order
    }
    guilty = [
        f"{path.relative_to(ROOT)} names {table}"
        for domain in order
        for path in [*modules(f"credit/{domain}"), *(HOUSE / "credit" / domain).rglob("*.sql")]
        for table, of in owner.items()
        if order.index(of) > order.index(domain) and re.search(rf"\b{table}\b", path.read_text(encoding="utf-8"))
    ]

    assert guilty == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


# ---- The public side -----------------------------------------------------------------------------------------------

OFFICE = ("chengxin.credit", "chengxin.people", "chengxin.portals", "chengxin.ingest", "chengxin.config.settings")
# As granian does it: the application by its name, then a scan, and a page for which Django is loaded.
BOOT = """
import json, sys
from chengxin.public import wsgi

def ask(path):
    said = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
               "SERVER_PORT": "80", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer}
    b"".join(wsgi.application(environ, lambda status, headers, *error: said.append(int(status[:3]))))
    return said[0]

print(json.dumps({"scan": ask("/C/" + "S" * 20), "front": ask("/"), "modules": sorted(sys.modules)}))
wsgi.application.close()
"""


@pytest.fixture(scope="module")
def booted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    data = tmp_path_factory.mktemp("public") / "var"
    # Its own few variables, and of the office's none: no DATABASE_URL, no secret but its own.
    environment = {
        "PATH": "/usr/bin:/bin",
        "CHENGXIN_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "chengxin.config.public_settings",
        "PUBLIC_DATABASE_URL": f"postgresql://nobody@/nowhere?host={data}",
    }
    done = subprocess.run(
        [sys.executable, "-c", BOOT], check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_public_side_answers_without_a_database_and_claims_nothing(booted: dict[str, Any]) -> None:
    assert (booted["scan"], booted["front"]) == (503, 200)


@pytest.mark.parametrize("room", OFFICE)
def test_the_public_side_boots_without(booted: dict[str, Any], room: str) -> None:
    assert [name for name in booted["modules"] if name == room or name.startswith(f"{room}.")] == []


def test_the_public_side_boots_without_an_orm(booted: dict[str, Any]) -> None:
    assert "django.db.backends.postgresql.base" not in booted["modules"]


def test_the_public_side_has_no_way_to_the_offices_database() -> None:
    source = (HOUSE / "config/public_settings.py").read_text(encoding="utf-8")

    assert "DATABASES: dict[str, dict[str, str]] = {}" in source
    assert 'secret("office"' not in source
