"""How the office's pages write numbers and kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chengxin.board import token
from chengxin.inbox import fakes
from chengxin.people import units
from chengxin.people.roles import ROLES
from chengxin.portals.department import verbs, words
from chengxin.terms import privacy

register = template.Library()
register.filter("kind_label", words.kind_label)
register.filter("batch_state", words.batch_state)
register.filter("way_label", words.way_label)
register.filter("fate_label", words.fate_label)
register.filter("wrong_label", words.wrong_label)
register.filter("verdict_label", words.verdict_label)
register.filter("level_label", words.level_label)
register.filter("found_label", words.found_label)
register.filter("advice", words.advice)
register.filter("verb_label", verbs.verb_label)
register.filter("thing_label", verbs.thing_label)
register.filter("area_label", units.area_label)
register.filter("role_label", lambda role: ROLES[role].label if role in ROLES else role)
register.filter("blot", privacy.blot)
register.filter("serial", token.grouped)
register.filter("receipt", fakes.grouped)


@register.simple_tag
def figure(number: int | None) -> SafeString:
    """Return a count with its thousands apart; a count that took too long says so instead of lying."""
    if number is None:
        return format_html('<span class="soft">{}</span>', "数量较大，未能及时统计")
    return format_html("{}", f"{number:,}")


@register.simple_tag
def share(part: float) -> str:
    """Return a share as `<progress>` takes it: percent, with a point whatever the page's language."""
    return f"{part * 100:.1f}"


@register.filter
def thousands(number: int) -> str:
    """Return a count with its thousands apart."""
    return f"{number:,}"


@register.filter
def at(named: Mapping[object, str], key: object) -> str:
    """Return what a mapping has under a key, or nothing."""
    return named.get(key, "")


@register.filter
def percent(part: float) -> str:
    """Return a share in percent, as people read it."""
    return f"{part * 100:.1f}%".replace(".0%", "%")


@register.filter
def nth(several: Sequence[object], place: int) -> object:
    """Return what stands at a place of several, counted from nought."""
    return several[place]
