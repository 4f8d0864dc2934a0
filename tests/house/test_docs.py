"""What is written about the house is true of it: settings, words, commands, links and paths."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import chengxin
from chengxin.config import cli

ROOT = Path(__file__).resolve().parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
# Read by Python and by the C library for themselves; handed on, never a setting of ours.
NOT_OURS = {"PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONUTF8", "DJANGO_SETTINGS_MODULE", "TERM", "NO_COLOR"}


def paper(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# ---- Settings ----------------------------------------------------------------------------------------------------


def is_environment(node: ast.expr) -> bool:
    # `said` and `environment`: the environment as the command line hands it on.
    return ast.unparse(node) in ("os.environ", "environment", "said")


def readings(tree: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the name, and the default where there is one, of each variable that a module reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and is_environment(node.value):
            yield ast.literal_eval(node.slice), None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            reads = (is_environment(node.func.value) and node.func.attr == "get") or ast.unparse(
                node.func
            ) == "os.getenv"
            if ast.unparse(node.func.value) == "env" or reads:
                yield ast.literal_eval(node.args[0]), node.args[1] if len(node.args) > 1 else None


def settings_in_code() -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for path in sorted((ROOT / "chengxin/config").rglob("*.py")):
        for name, default in readings(ast.parse(path.read_text(encoding="utf-8"))):
            if name not in NOT_OURS:
                found.setdefault(name, []).extend([default] if default is not None else [])
    return found


def defaults_written_down() -> list[tuple[str, str]]:
    """Return each variable with each default that stands in the code as it is, not worked out."""
    return [
        (name, "empty" if default == "" else f"`{','.join(default) if isinstance(default, list) else default}`")
        for name, nodes in sorted(settings_in_code().items())
        if all(isinstance(node, (ast.Constant, ast.List)) for node in nodes)
        for default in map(ast.literal_eval, nodes)
    ]


def settings_on_paper() -> dict[str, str]:
    variables = paper("docs/settings.md").split("## Words of make")[0]
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", variables, re.MULTILINE))


def test_every_variable_that_is_read_is_on_the_page_and_no_other() -> None:
    assert sorted(settings_on_paper()) == sorted(settings_in_code())


@pytest.mark.parametrize("name, default", defaults_written_down())
def test_the_page_gives_the_default_that_the_code_has(name: str, default: str) -> None:
    assert default in settings_on_paper()[name]


def test_a_settings_page_names_every_word_that_make_takes() -> None:
    taken = re.findall(r"^([A-Z]+) *\?=", paper("Makefile"), re.MULTILINE)
    told = re.findall(r"^\| `([A-Z]+)` \|", paper("docs/settings.md").split("## Words of make")[1], re.MULTILINE)

    assert sorted(told) == sorted(set(taken))


# ---- Words -------------------------------------------------------------------------------------------------------


def places_in_glossary() -> list[tuple[str, str]]:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", paper("docs/glossary.md"), re.MULTILINE)
    return [(chinese, place) for chinese, _, place in rows if place.startswith("`")]


def test_every_room_stands_in_the_glossary() -> None:
    told = {name for _, place in places_in_glossary() for name in re.findall(r"`([a-z/]+)`", place)}
    rooms = {path.parent.name for path in ROOT.glob("chengxin/*/__init__.py")}
    portals = {f"portals/{path.parent.name}" for path in ROOT.glob("chengxin/portals/*/__init__.py")} - {
        "portals/shared"
    }

    assert rooms | portals <= told


@pytest.mark.parametrize("word, place", places_in_glossary())
def test_a_word_lives_where_the_glossary_says(word: str, place: str) -> None:
    is_later = place.endswith("later")

    assert [name for name in re.findall(r"`(.+?)`", place) if (ROOT / "chengxin" / name).exists() == is_later] == []


def test_no_word_is_told_twice() -> None:
    words = [word for word, _ in places_in_glossary()]

    assert sorted(words) == sorted(set(words))


# ---- Version -----------------------------------------------------------------------------------------------------


def test_the_newest_entry_of_the_changes_is_the_version() -> None:
    newest = re.search(r"^## (\S+)", paper("CHANGELOG.md"), re.MULTILINE)

    assert newest is not None
    assert newest[1] == chengxin.__version__


# ---- Decisions ---------------------------------------------------------------------------------------------------


def decisions() -> list[Path]:
    return sorted((ROOT / "docs/adr").glob("*.md"))


def test_decisions_are_numbered_by_their_files_without_a_gap() -> None:
    assert [path.name[:4] for path in decisions()] == [f"{number:04}" for number in range(1, len(decisions()) + 1)]


@pytest.mark.parametrize("path", decisions(), ids=lambda path: path.stem)
def test_a_decision_has_its_three_parts(path: Path) -> None:
    parts = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert parts == ["Context", "Decision", "Consequences"]


# ---- What the papers point at ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]*)\)", text) if not link.startswith("http")]

    assert [link for link in links if not link or not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_named_is_there(path: Path) -> None:
    named = re.findall(r"`((?:chengxin|tests|docs|tools|bench)/[\w./-]+)`", path.read_text(encoding="utf-8"))

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_named_is_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = re.findall(r"^([a-z]+):", paper("Makefile"), re.MULTILINE)
    words = {module.stem for module in (ROOT / "chengxin/pipeline/commands").glob("[a-z]*.py")}
    quoted = "\n".join(re.findall(r"`[^`\n]+`", text) + re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL))

    assert [word for word in re.findall(r"\bmake ([a-z]+)\b", quoted) if word not in known] == []
    assert [
        word for word in re.findall(r"(?:^|[`/ ])chengxin(?: --data \S+)? ([a-z]+)\b", quoted) if word not in words
    ] == []


def examples() -> list[str]:
    """Return every whole command that the papers give, as it would be typed."""
    told = [paper(name) for name in ("README.md", "README.zh-CN.md", "docs/river.md")]
    return sorted(
        {
            line.split(" #")[0].rstrip()
            for text in told
            for line in re.findall(r"(?:^|`)chengxin ([a-z][^`\n]*)", text, re.MULTILINE)
        }
    )


@pytest.mark.parametrize("line", examples())
def test_every_command_line_in_the_papers_is_understood(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = {name: import_module(f"chengxin.pipeline.commands.{name}") for name in cli.COMMANDS}
    words = shlex.split(line, comments=True)
    try:
        cli._parser(commands).parse_args(words)
    except SystemExit as end:
        assert end.code == 0, capsys.readouterr().err  # --help


# ---- The contract is the table of contents -----------------------------------------------------------------------


def test_a_room_in_brackets_does_not_stand_yet() -> None:
    contracts = tomllib.loads(paper("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    standing = [
        f"{container}.{name}"
        for contract in contracts
        if contract["name"] in ("The rooms of the house", "The river", "Portals stand above what they share")
        for container in contract["containers"]
        for name in re.findall(r"\(([a-z]+)\)", " ".join(contract["layers"]))
        if (ROOT / container.replace(".", "/") / name).exists()
    ]

    assert standing == []
