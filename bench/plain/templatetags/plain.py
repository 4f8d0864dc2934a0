"""The one filter of the plain project's templates."""

from __future__ import annotations

from datetime import date

from django import template

register = template.Library()


@register.filter
def written(value: str) -> str:
    """Write a date as people do, and two dashes where there is nothing."""
    if not value:
        return "— —"
    if len(value) == 10 and value[4] == value[7] == "-":
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        return f"{day.year}年{day.month}月{day.day}日"
    return value
