"""What a business says of itself when it applies, in its form. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Declared:
    """One thing that a business says of itself, voluntarily, with the proof it handed in (people_proof.id)."""

    kind: str  # the choices of ZY_LX in the kind `declaration`
    title: str
    text: str = ""
    issuer: str = ""
    number: str = ""
    given_on: date | None = None
    valid_to: date | None = None
    proof: int | None = None
