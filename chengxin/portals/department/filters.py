"""What somebody asks of a list, as it stands in the address: kept from page to page, so that nobody asks it twice."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

LENGTH: Final = 150


def typed(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return what was typed into these fields of a list's form, each bounded."""
    return {name: request.GET.get(name, "").strip()[:LENGTH] for name in names}


def came_with(request: HttpRequest, *names: str) -> str:
    """Return the filter that somebody came with, of these names, ready for an address; empty where there is none."""
    return urlencode({name: value for name, value in typed(request, *names).items() if value})


class Span(NamedTuple):
    """A stretch of time, from its first moment until before its last; or the sentence of what is wrong with it."""

    since: datetime | None = None
    until: datetime | None = None
    fault: str = ""


def span(first: str, last: str) -> Span:
    """Return the time from one day to another, both of them in, as they were typed; empty: open at that end."""
    try:
        since, until = _day(first), _day(last)
    except ValueError:
        return Span(fault="日期请写成 2026-11-25 这样。")
    if since and until and until < since:
        return Span(fault="结束的日期在开始的日期前面，请对调。")
    return Span(since, until + timedelta(days=1) if until else None)


def _day(text: str) -> datetime | None:
    if not text:
        return None
    day = date.fromisoformat(text)
    if not 2000 <= day.year <= 2999:
        raise ValueError(text)
    return timezone.make_aware(datetime.combine(day, time()))
