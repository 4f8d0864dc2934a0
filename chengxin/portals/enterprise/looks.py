"""谁看了我: which unit looked at one's file inside the office, on which day and what for. Never the person who did."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.people import looks
from chengxin.people.looks import Look
from chengxin.people.roles import ROLES
from chengxin.portals.enterprise.page import page

SHOWN: Final = 60


class Told(NamedTuple):
    """The looks of one unit for one purpose on one day."""

    day: date
    unit: str
    purpose: str
    times: int


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """Show a page of looks, newest first; several of one unit for one purpose on a day are told as one."""
    said = request.GET.get("before", "")
    before = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None
    found = looks.of_subject(subject, before=before, limit=SHOWN + 1)
    context = {
        "told": [Told(*key, sum(1 for _ in of_it)) for key, of_it in groupby(found[:SHOWN], key=_same)],
        "earlier": found[SHOWN - 1].id if len(found) > SHOWN else None,
        "is_first": before is None,
    }
    return page(request, "enterprise/looks.html", context, at="my-home")


def _same(look: Look) -> tuple[date, str, str]:
    unit = look.unit or (ROLES[look.role].label if look.role in ROLES else "信用办")
    return timezone.localdate(look.at), unit, look.purpose
