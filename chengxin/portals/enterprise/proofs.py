"""证明材料 of a business, shown to its own people page by page."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.people.models import Proof
from chengxin.portals.shared.gate import person
from chengxin.portals.shared.proofs import page_answer

PRIVATE: Final = frozenset({"binding", "newcomer", "consent"})
"""What is handed in to show who somebody is: their papers are no other colleague's affair. A consent that was signed on
paper is the office's own proof, and a whole street may have signed the one sheet."""


@require_safe
def show(request: HttpRequest, subject: str, number: int, page: int) -> HttpResponse:
    """Show one page of a paper of a business; of what proves a person, to that person alone."""
    found = Proof.objects.filter(pk=number, subject=subject).first()
    if found is None or (found.about in PRIVATE and found.user_id != person(request).pk):
        raise Http404
    return page_answer(found, page)
