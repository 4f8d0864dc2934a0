"""How often somebody may do something: a bucket of tokens each, in memory, by a name nobody can read back."""

from __future__ import annotations

import hmac
import os
import threading
from collections import OrderedDict
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any, Final

from chengxin.public.journal import address

ROOM: Final = 50_000
"""Buckets remembered; beyond, the one used longest ago is forgotten, which is to say full again."""


def household(said: dict[str, Any]) -> str:
    """Return whom a ration is for: the address of a request, of IPv6 the network that one line is given."""
    text = address(remote=said.get("REMOTE_ADDR", ""), forwarded=said.get("HTTP_X_FORWARDED_FOR", ""))
    try:
        ip = ip_address(text)
    except ValueError:
        return text
    if isinstance(ip, IPv4Address):
        return text
    # An IPv4 caller of a door that listens on IPv6: all of them share one network of that size.
    return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))


class Buckets:
    """A bucket for each who: it holds `burst` tokens and gets one back every `seconds`."""

    def __init__(self, *, burst: int, seconds: float, room: int = ROOM) -> None:
        self._burst = burst
        self._seconds = seconds
        self._room = room
        self._key = os.urandom(32)  # of this process: when it ends, no way leads back to who it was
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, who: str, *, at: float) -> bool:
        """Tell whether somebody's bucket holds a token, and leave it there."""
        with self._lock:
            left, since = self._left.get(self._name(who), (float(self._burst), at))
        return left + (at - since) / self._seconds >= 1

    def take(self, who: str, *, at: float) -> bool:
        """Take a token from somebody's bucket, and tell whether there was one. `at` is in seconds of any steady clock."""
        name = self._name(who)
        with self._lock:
            left, since = self._left.pop(name, (float(self._burst), at))
            left = min(left + (at - since) / self._seconds, float(self._burst))
            self._left[name] = (left - 1 if left >= 1 else left, at)
            if len(self._left) > self._room:
                self._left.popitem(last=False)
        return left >= 1

    def _name(self, who: str) -> bytes:
        return hmac.digest(self._key, who.encode(errors="replace"), "sha256")[:16]
