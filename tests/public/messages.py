"""Every message the pages can say: what the code marks, and the register's own words that pages translate."""

from __future__ import annotations

import ast
from pathlib import Path

from chengxin.terms import entity

PAGES = Path(__file__).resolve().parents[2] / "chengxin" / "public" / "page"


def marked() -> set[str]:
    """Return the messages marked in the code, those within f-strings too."""
    found = set()
    for file in PAGES.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "mark":
                found.add(ast.literal_eval(node.args[0]))
    return found


def wanted() -> set[str]:
    """Return every message that must stand in each catalogue."""
    states = entity.STATES.values()
    return marked() | {state.label for state in states} | {state.wording for state in states if state.wording}
