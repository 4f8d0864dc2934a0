"""A record as it stands now. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple


class Standing(NamedTuple):
    """A record in its newest revision."""

    subject: str
    kind: str
    happened_on: date
    body: Mapping[str, str]
    source: str
    source_code: str
    received_at: datetime
