"""One thing that a business says of itself, as it is written on a page: read, judged field by field, its words pointed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.http import HttpRequest

from chengxin.credit.applications import rules
from chengxin.credit.applications.rules import SORTS, Declared
from chengxin.people.models import Proof
from chengxin.people.trail import Refused
from chengxin.portals.shared import proofs
from chengxin.portals.shared.gate import actor, person
from chengxin.portals.shared.wording import Field, fields

PROOF: Final = "proof"
FIELDS: Final = ("kind", *rules.LENGTHS, "given_on", "valid_to", "kept", "proof-off", "anyway")
"""What a form says of one item, beside its paper."""


@dataclass(frozen=True, slots=True)
class Written:
    """An item as somebody wrote it, with what is wrong with it and which of its words to look at."""

    item: Declared
    typed: Mapping[str, str]  # days as they were typed, right or wrong
    faults: dict[str, str] = field(default_factory=dict)
    words: list[Field] = field(default_factory=list)
    proof: Proof | None = None
    kept_anyway: bool = False
    prefix: str = ""  # of the names of its fields, where a form carries several items

    @property
    def is_done(self) -> bool:
        """Tell whether it can be kept: nothing is wrong, and of words pointed out somebody said that they stay."""
        return not self.faults and (not self.words or self.kept_anyway)


def blank(kind: str = "", *, prefix: str = "") -> Written:
    """Return an item that nobody has written yet."""
    return Written(Declared(kind if kind in SORTS else "", ""), {}, prefix=prefix)


def of(item: Declared) -> Written:
    """Return an item as it was written before."""
    typed = {name: day.isoformat() for name in ("given_on", "valid_to") if (day := getattr(item, name))}
    proof = Proof.objects.filter(pk=item.proof).first() if item.proof is not None else None
    return Written(item, typed, proof=proof)


def written(
    request: HttpRequest,
    subject: str,
    *,
    before: Declared | None,
    name: str,
    today: date,
    at: datetime,
    prefix: str = "",
) -> Written:
    """Return the item that a form carries; its paper is kept, so that a page with faults does not lose it.

    :param before: what is being rewritten: its paper stays unless another is handed in.
    :param prefix: of the names of its fields, where the form carries several items.
    """
    form = {one: request.POST.get(f"{prefix}{one}", "") for one in FIELDS}
    said = {one: " ".join(form[one].split()) for one in ("kind", "title", "issuer", "number")}
    typed = {one: form[one].strip()[:20] for one in ("given_on", "valid_to")}
    faults: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for one, text in typed.items():
        days[one] = day_of(text)
        if text and days[one] is None:
            faults[one] = "日期写成 2026-03-15 这样，请核对。"
    kept = form["kept"]
    proof = _proof(subject, int(kept) if kept.isdecimal() and len(kept) < 19 else before.proof if before else None)
    try:
        for cleaned in proofs.handed_in(request, f"{prefix}{PROOF}"):
            proof = proofs.keep(
                cleaned, subject=subject, about="declaration", user=person(request), by=actor(request), at=at
            )
    except Refused as refusal:
        faults[PROOF] = str(refusal)
    if form["proof-off"]:
        proof = None
    item = Declared(
        kind=said["kind"],
        title=said["title"],
        text=form["text"].replace("\r\n", "\n").strip(),
        issuer=said["issuer"],
        number=said["number"],
        given_on=days["given_on"],
        valid_to=days["valid_to"],
        proof=proof.pk if proof else None,
        revises=before.revises if before else "",
    )
    faults = rules.item_faults(item, today=today) | faults
    return Written(item, typed, faults, fields(item, name=name), proof, bool(form["anyway"]), prefix)


def _proof(subject: str, number: int | None) -> Proof | None:
    if number is None:
        return None
    return Proof.objects.filter(pk=number, subject=subject, about="declaration").first()


def day_of(text: str) -> date | None:
    """Return the day that somebody typed, as 2026-03-15, 2026/3/15, 2026.3.15 or 2026年3月15日, or None."""
    parts = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def context(shown: Written) -> dict[str, Any]:
    """Return what the form of an item needs."""
    sort = SORTS.get(shown.item.kind)
    return {
        "written": shown,
        "item": shown.item,
        "sort": sort,
        "sorts": list(SORTS.values()),
        "faults": shown.faults,
        "lengths": rules.LENGTHS,
        "proofs": [shown.proof] if shown.proof else [],
    }
