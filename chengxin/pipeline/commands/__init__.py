"""The words of `chengxin …`, one module each: HELP, DJANGO, configure(parser), run(args) → exit status."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chengxin.people.trail import Actor


def command_line() -> Actor:
    """Return who acts when a command is given: the account of the operating system."""
    from chengxin.people.trail import Actor

    return Actor(name=f"{getpass.getuser()}@命令行", role="command")
