"""Our own style sheets, scripts and drawings travel compressed, without a compressed copy that could go stale.

whitenoise sends the `.gz` that lies beside a file. What comes with the code has none beside it: it is compressed once,
when a process starts, into the data folder, under the digest of what it is of.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

TEXTS: Final = (".css", ".js", ".svg", ".json", ".html")
LEAST: Final = 1000
"""Bytes below which compressing saves no packet."""


class Delivery(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise ships no types
    """whitenoise, with what it sends compressed at its start."""

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result] | None = None) -> StaticFile:
        """Return the file with its compressed form: the one that lies beside it, else ours."""
        found = super().get_static_file(path, url, stat_cache=stat_cache)
        beside = f"{path}.gz"
        facts = os.stat(path)
        if not path.endswith(TEXTS) or facts.st_size < LEAST or os.path.exists(beside):
            return found
        packed = _packed(path, facts.st_mtime_ns, facts.st_size)
        headers: Any = [header for header in found.alternatives[-1][2] if header[0] not in _OF_THE_FILE]
        return StaticFile(path, headers, stat_cache={path: facts, packed: os.stat(packed)}, encodings={"gzip": packed})


_OF_THE_FILE: Final = frozenset({"Content-Length", "ETag", "Last-Modified", "Vary", "Content-Encoding"})


@lru_cache(maxsize=1000)
def _packed(path: str, changed: int, size: int) -> str:
    """Return where the compressed form of a file lies, made if it is not there yet."""
    text = Path(path).read_bytes()
    packed: Path = settings.DATA_DIR / "static" / f"{hashlib.sha256(text).hexdigest()}.gz"
    if not packed.exists():
        packed.parent.mkdir(parents=True, exist_ok=True)
        fresh = packed.with_name(f".{packed.name}.{os.getpid()}")
        fresh.write_bytes(gzip.compress(text, 9, mtime=0))
        fresh.replace(packed)
    return str(packed)
