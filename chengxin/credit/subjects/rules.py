"""What is known of a subject at a time. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple


class Registered(NamedTuple):
    """What the register last said of a subject."""

    subject: str
    name: str
    state: str
    kind: str
    division: str
    industry: str
    established_on: date | None
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime
