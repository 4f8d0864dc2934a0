"""How the office's pages write numbers and kinds."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chengxin.board import token
from chengxin.inbox import fakes
from chengxin.people import units
from chengxin.people.roles import ROLES
from chengxin.portals.department import verbs, words

register = template.Library()
register.filter("kind_label", words.kind_label)
register.filter("wrong_label", words.wrong_label)
register.filter("verdict_label", words.verdict_label)
register.filter("verb_label", verbs.verb_label)
register.filter("area_label", units.area_label)
register.filter("role_label", lambda role: ROLES[role].label if role in ROLES else role)
register.filter("serial", token.grouped)
register.filter("receipt", fakes.grouped)


@register.simple_tag
def figure(number: int | None) -> SafeString:
    """Return a count with its thousands apart; a count that took too long says so instead of lying."""
    if number is None:
        return format_html('<span class="soft">{}</span>', "数量较大，未能及时统计")
    return format_html("{}", f"{number:,}")
