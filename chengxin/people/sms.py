"""短信: how a few words reach a telephone. The provider is a setting; the console stands in where there is none.

Texts and numbers are written nowhere but on the console of a demo, and there without the number's middle.
"""

from __future__ import annotations

import logging
import sys
from typing import Final, NamedTuple

import requests

from chengxin.people.trail import Refused
from chengxin.terms.phone import mask

TIMEOUT: Final = 5.0
"""Seconds that a provider may take for one try; somebody stands there with a telephone in the hand."""
TRIES: Final = 2
FAILED: Final = "短信暂时发不出去，请过几分钟再试，或换一种方式登录。"

logger = logging.getLogger(__name__)


class Provider(NamedTuple):
    """Who sends: `console`, or `http` with its address and its secret."""

    kind: str = "console"
    url: str = ""
    token: str = ""


def send(number: str, text: str, *, by: Provider) -> None:
    """Send a text to a number in the form E.164.

    :raises Refused: the provider did not take it, twice.
    """
    if by.kind == "console":
        print(f"【短信】{mask(number)}：{text}", file=sys.stderr, flush=True)  # noqa: T201 — the demo's telephone
        return
    said = {"phone": number, "text": text}
    for _ in range(TRIES):
        try:
            answer = requests.post(
                by.url,
                json=said,
                headers={"Authorization": f"Bearer {by.token}"},
                timeout=TIMEOUT,
                allow_redirects=False,  # the secret is for this address alone
            )
        except requests.RequestException as error:
            why = type(error).__name__  # its message would name the number
            continue
        if answer.ok and not answer.is_redirect:
            return
        why = f"HTTP {answer.status_code}"
        if answer.status_code < 500:
            break
    logger.error("the SMS provider did not take a message: %s", why)
    raise Refused(FAILED)
