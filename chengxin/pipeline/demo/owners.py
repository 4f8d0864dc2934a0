"""The demo's account of a business: somebody who acts for a few businesses that are worth trying things with."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection

from chengxin.people import bindings, owners
from chengxin.people.models import User

NAME: Final = "演示店主"
NUMBER: Final = "+8613900000000"
SECRET: Final = "owner"  # noqa: S105 — the name of the file that keeps it

# Of each sort the one with the lowest code, so that the same demo has the same, rather of one kind than of another. A small
# demo may have none of some.
_OF_TRADE: Final = """
SELECT r.subject FROM subjects_registration r
 WHERE r.industry LIKE %(industry)s AND r.state = 'active'
   AND %(coded)s = EXISTS (SELECT FROM codes_code c WHERE c.subject = r.subject)
 ORDER BY r.kind = %(kind)s DESC, r.subject LIMIT 1
"""
_EXPIRED: Final = """
SELECT r.subject FROM records_record r
 WHERE r.kind = 'licence' AND r.body->>'XK_YXQZI' BETWEEN '2000-01-01' AND %(today)s
   AND EXISTS (SELECT FROM codes_code c WHERE c.subject = r.subject)
   AND EXISTS (SELECT FROM subjects_registration s WHERE s.subject = r.subject AND s.state = 'active')
 ORDER BY r.subject LIMIT 1
"""
RESTAURANT: Final = "a restaurant with a code"
TAXIS: Final = "a taxi firm"
BUSINESSES: Final[dict[str, tuple[str, dict[str, str | bool]]]] = {
    RESTAURANT: (_OF_TRADE, {"industry": "H62%", "kind": "individual", "coded": True}),
    "a shop that has none yet": (_OF_TRADE, {"industry": "F52%", "kind": "individual", "coded": False}),
    TAXIS: (_OF_TRADE, {"industry": "G5413%", "kind": "enterprise", "coded": True}),
    "one whose licence is over": (_EXPIRED, {}),
}


def of_demo() -> User | None:
    """Return the account, or None before it is opened."""
    return owners.of_number(NUMBER)


def password(*, fresh: bool) -> str | None:
    """Return the password that the account was given, or None if it has another one by now; `fresh` if it was just opened."""
    kept = settings.INSTALLATION.secret(SECRET, "password")
    user = of_demo()
    return kept if fresh or (user is not None and user.check_password(kept)) else None


def open_one(*, at: datetime) -> None:
    """Open the account, once, and bind it to its businesses as an e-licence would."""
    if of_demo() is not None:
        return
    user = owners.sign_up(name=NAME, number=NUMBER, at=at)
    owners.set_password(user=user.pk, password=settings.INSTALLATION.secret(SECRET, "password"), at=at)
    for subject in dict.fromkeys(businesses(today=at.date().isoformat()).values()):
        bindings.claim_by_licence(user=user, subject=subject, part="legal", at=at)


def businesses(*, today: str) -> dict[str, str]:
    """Return sort → business, of those that the account acts for; a small demo lacks some."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for sort, (query, said) in BUSINESSES.items():
            cursor.execute(query, {**said, "today": today})
            if (row := cursor.fetchone()) is not None:
                found[sort] = str(row[0])
    return found
