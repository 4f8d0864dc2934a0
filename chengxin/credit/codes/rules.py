"""What a code may become. Tables; no database, no clock. Where it may hang: `placements`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Step:
    """One turn that a code may take: from a state, by a verb, into a state; and what it means for the public."""

    verb: str
    before: tuple[str, ...]
    after: str
    label: str


STEPS: Final = {
    step.verb: step
    for step in (
        Step("activate", ("pending",), "active", "生效"),
        Step("pause", ("active",), "paused", "暂停展示"),
        Step("resume", ("paused",), "active", "恢复展示"),
        Step("freeze", ("active", "paused"), "frozen", "冻结"),
        Step("unfreeze", ("frozen",), "active", "解除冻结"),
        Step("supersede", ("active", "paused", "frozen"), "superseded", "换发"),
        Step("cancel", ("pending", "active", "paused", "frozen"), "cancelled", "注销"),
    )
}

HIDES: Final = frozenset({"paused", "frozen", "superseded", "cancelled"})
"""States that hide something: turning into one of them takes down within the act itself."""

ON_CARD: Final = frozenset({"active", "paused", "frozen"})
"""States in which the holder's card stays on the board."""


WAYS: Final = {"self": "自主填报", "counter": "窗口代办", "batch": "批量签发"}
"""How a code was asked for. The city's figure of 自主填报 counts the first alone."""


def why_not_step(verb: str, state: str) -> str | None:
    """Return why a code in a state cannot take a turn, or nothing if it can."""
    step = STEPS[verb]
    if state in step.before:
        return None
    return f"诚信码现为“{STATE_LABELS[state]}”，不能{step.label}"


STATE_LABELS: Final = {
    "pending": "待同意",
    "active": "有效",
    "paused": "已暂停",
    "frozen": "已冻结",
    "superseded": "已换发",
    "cancelled": "已注销",
}
