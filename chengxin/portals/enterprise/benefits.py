"""我的码能带来什么: what one's code brings by the city's ledger, what is missing for the rest, and in whose words it stands."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from chengxin.credit.scenarios import benefits
from chengxin.portals.enterprise import known as knowing
from chengxin.portals.enterprise.page import page

MENDED: Final = {"coded": ("去申领", "my-apply"), "displaying": ("去亮码", "my-showing")}
"""A condition that its owner can meet by a page of ours: what is pressed, and the page."""


@require_safe
def index(request: HttpRequest, subject: str) -> HttpResponse:
    """Show every benefit of the city, first those that the business may have."""
    known = knowing.of(subject, at=timezone.now())
    told = benefits.brought(known.facts())
    lacking = {missing.word for one in told for missing in one.missing}
    if "coded" in lacking:
        lacking.discard("displaying")  # there is nothing to show yet
    context = {
        "open": [one for one in told if not one.missing],
        "rest": [one for one in told if one.missing],
        "mend": [
            (label, to) for word, (label, name) in MENDED.items() if word in lacking and (to := _to(name, subject))
        ],
        "ledgers": list(dict.fromkeys(one.ledger for one in told)),
    }
    return page(request, "enterprise/benefits.html", context, at="my-home")


def _to(name: str, subject: str) -> str:
    try:
        return reverse(name, kwargs={"subject": subject})
    except NoReverseMatch:
        return ""
