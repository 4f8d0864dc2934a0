"""验证码: that somebody holds a telephone, proven by six digits sent to it.

What guards them: a code is good for minutes, once, for one purpose, for five tries (GB/T 22239: 五次); sending is rationed
by address, by number and in all, counted in the database, so that every process and every restart counts the same; of what a
number may get, a stranger uses up a part at most. Numbers, addresses and codes are kept by keyed digests: a stolen table tells nobody's number and no code.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from chengxin.people.models import PhoneCode
from chengxin.people.trail import Refused

PURPOSES: Final = ("enter", "again", "phone")
"""To come in; to show once more that it is oneself; to prove a new number."""

DIGITS: Final = 6
GOOD_FOR: Final = timedelta(minutes=5)
TRIES: Final = 5
AGAIN_AFTER: Final = timedelta(seconds=60)
KEPT_FOR: Final = timedelta(days=1)
"""The rations are counted over so long; then the row goes."""
OF_NUMBER: Final = 10
FROM_ADDRESS: Final = 4
"""Of those, so many may be asked for from one address: whoever sits there uses up no more of somebody else's number."""
FOR_KNOWN: Final = 3
"""Of those, so many are left for a browser on which the number's owner was in before: strangers at many addresses use up the rest."""
OF_ADDRESS: Final = 60
"""A market hall's shops may share one address."""
IN_ALL: Final = 20_000
"""What a day may cost, whoever asks: a city's busiest day of applying stays well below."""

WRONG: Final = "验证码不对或已过期，请核对短信，或重新获取。"
ELSE: Final = "可以用密码或通行密钥登录；都没有的，带营业执照到信用办或政务大厅窗口办理，或明天再试。"
"""What else somebody can do; the same for every number, whether it has an account or not."""
SPENT: Final = "验证码已连续输错 5 次，不能再用，请重新获取。"


class Asked(NamedTuple):
    """A code to be sent."""

    id: int
    code: str


@transaction.atomic
def ask(*, number: str, about: str, address: str, is_known: bool = False, at: datetime) -> Asked:
    """Make a code for a number. Sending it is the caller's.

    `is_known` says that who asks sits at a browser on which the number's owner was in before.

    Earlier ones go on: each is known to the session that asked for it alone, and whoever asks for a code for somebody
    else's number shall not make that person's own useless.

    :raises Refused: one was sent within the last minute, or a day's ration is used up.
    """
    digest, asker = _digest("number", number), _digest("address", address)
    with connection.cursor() as cursor:
        # Two at once would both find the ration not used up.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])
    today = PhoneCode.objects.filter(sent_at__gt=at - KEPT_FOR)
    mine = list(today.filter(number=digest).order_by("-sent_at").values_list("sent_at", flat=True)[:OF_NUMBER])
    if mine and mine[0] > at - AGAIN_AFTER:
        seconds = (mine[0] + AGAIN_AFTER - at).seconds + 1
        raise Refused(f"刚刚发过一条，请 {seconds} 秒后再获取。")
    if len(mine) >= (OF_NUMBER if is_known else OF_NUMBER - FOR_KNOWN):
        raise Refused(f"这个号码今天收的验证码太多了。{ELSE}")
    if not is_known and today.filter(number=digest, address=asker)[:FROM_ADDRESS].count() >= FROM_ADDRESS:
        raise Refused(f"从这里给这个号码发的验证码今天太多了。{ELSE}")
    if today.filter(address=asker)[:OF_ADDRESS].count() >= OF_ADDRESS:
        raise Refused(f"这里今天发的验证码太多了。{ELSE}")
    if today[:IN_ALL].count() >= IN_ALL:
        raise Refused(f"今天发的短信太多了。{ELSE}")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    made = PhoneCode.objects.create(
        number=digest,
        address=asker,
        digest=_digest(about, f"{number} {code}"),
        about=about,
        sent_at=at,
        expires_at=at + GOOD_FOR,
    )
    return Asked(made.pk, code)


def prove(*, asked: int, number: str, about: str, code: str, at: datetime) -> None:
    """Use a code up.

    :raises Refused: it is wrong, old, used or tried too often; a wrong try counts even so.
    """
    if why := _try(asked=asked, number=number, about=about, code=code, at=at):
        raise Refused(why)


@transaction.atomic
def _try(*, asked: int, number: str, about: str, code: str, at: datetime) -> str | None:
    found = (
        PhoneCode.objects.select_for_update().filter(pk=asked, about=about, number=_digest("number", number)).first()
    )
    if found is None or found.expires_at <= at:
        return WRONG
    if found.ended_at is not None:
        return SPENT if found.tries >= TRIES else WRONG
    found.tries += 1
    is_right = constant_time_compare(found.digest, _digest(about, f"{number} {code}"))
    if is_right or found.tries >= TRIES:
        found.ended_at = at
    found.save(update_fields=["tries", "ended_at"])
    if is_right:
        return None
    return SPENT if found.ended_at else WRONG


def take_back(asked: int) -> None:
    """Forget a code that could not be sent: it counts for nobody's ration."""
    PhoneCode.objects.filter(pk=asked).delete()


def forget_old(*, at: datetime) -> int:
    """Delete what no ration counts any more, and return how many that was."""
    deleted, _ = PhoneCode.objects.filter(sent_at__lte=at - KEPT_FOR).delete()
    return deleted


def _digest(what: str, said: str) -> str:
    return salted_hmac(f"chengxin.people.phone_codes.{what}", said, algorithm="sha256").hexdigest()
