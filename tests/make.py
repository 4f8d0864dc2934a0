"""Things for tests, made by the acts themselves, so that no test stands on a state the system cannot reach."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import blake2b

from chengxin.credit.records import actions as records
from chengxin.credit.subjects import actions as subjects
from chengxin.people.trail import Actor

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CLERK = Actor("测试员", "command")
USCC = "92230402MA1CTE575M"
OTHER_USCC = "91230403MA1CTE5757"


def subject(
    uscc: str = USCC,
    *,
    name: str = "松岭里饺子馆",
    state: str = "active",
    division: str = "230402",
    address: str = "",
    established_on: date = date(2019, 5, 1),
    claims: str = "",
    batch: int = 1,
    at: datetime = NOW,
    **body: str,
) -> str:
    """Register a subject and return its USCC."""
    said = {"name": name, "state": state, **({"DOM": address} if address else {}), **body}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    entry = subjects.Entry(
        1,
        uscc,
        name,
        state,
        "individual" if uscc.startswith("92") else "enterprise",
        division,
        "H6210",
        established_on,
        text,
        blake2b(text.encode(), digest_size=16).digest(),
        "测试市场监督管理局",
        "11230500001755309F",
        claims,
        address,
    )
    subjects.register(entries=[entry], batch=batch, received_at=at)
    return uscc


def record(
    kind: str,
    body: dict[str, str],
    *,
    uscc: str = USCC,
    number: str = "1",
    on: date = date(2026, 5, 21),
    at: datetime = NOW,
) -> None:
    """Add a record about a subject."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    fact = records.Fact(
        1,
        uscc,
        blake2b(f"{kind} {number}".encode(), digest_size=16).digest(),
        blake2b(text.encode(), digest_size=16).digest(),
        on,
        text,
        "测试市场监督管理局",
        "11230500001755309F",
    )
    records.append(kind=kind, facts=[fact], batch=1, received_at=at)
