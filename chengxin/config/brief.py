"""How a stranger's nonsense is logged: in one line, since whoever sends it decides how often."""

from __future__ import annotations

import logging
from typing import Any, Final

LINE: Final = "{asctime} {levelname} {name}: {message:.500}"


class Brief(logging.Formatter):
    """A line and no traceback."""

    def formatException(self, ei: Any) -> str:
        """Say nothing of where in Django an odd request was noticed."""
        return ""


LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": LINE, "style": "{"},
        "brief": {"()": Brief, "fmt": LINE, "style": "{"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "brief": {"class": "logging.StreamHandler", "formatter": "brief"},
    },
    # An impossible host, ten thousand parameters: Django would write a traceback for each.
    "loggers": {"django.security": {"handlers": ["brief"], "propagate": False}},
}
"""What both doors log alike; each adds its root."""
