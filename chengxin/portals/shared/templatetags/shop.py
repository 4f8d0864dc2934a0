"""How the businesses' pages, and the office's about them, write codes."""

from __future__ import annotations

from django import template

from chengxin.board import token
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.rules import STATE_LABELS

register = template.Library()
register.filter("serial", token.grouped)


@register.filter
def placement_label(name: str) -> str:
    """Return where a code hangs in words; a kind that is on no list any more stands as it is."""
    return PLACEMENTS[name].label if name in PLACEMENTS else name


@register.filter
def code_state(name: str) -> str:
    """Return what a code's state is called."""
    return STATE_LABELS.get(name, name)


@register.filter
def code_shape(name: str) -> str:
    """Return the shape (of `.state`) that stands before a code's state."""
    return {"active": "good", "pending": "wait", "paused": "wait", "frozen": "stop"}.get(name, "none")
