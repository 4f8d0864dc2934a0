"""What an application holds, and what is checked of it before anybody decides. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Declared:
    """One thing that a business says of itself: a kind of domain.md §11.2 in its own words, who gave it, until when.

    `revises` is the 填报编号 of what this is a further revision of; empty: something new.
    """

    kind: str
    title: str
    text: str = ""
    issuer: str = ""
    number: str = ""
    given_on: date | None = None
    valid_to: date | None = None
    proof: int | None = None  # people_proof.id
    revises: str = ""
    withdrawn: bool = False  # the business takes back what it said
