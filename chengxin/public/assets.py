"""The few files the public pages need, read once at start and served from memory under names that hold their digest."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent / "static" / "public"
VENDOR: Final = Path(__file__).resolve().parent / "static" / "vendor"
PREFIX: Final = "/static/public/"
SPARE: Final = re.compile(rb"/\*.*?\*/|\n\s*", re.DOTALL)
"""What a style sheet says to its readers only."""
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to send."""

    kind: str
    plain: bytes
    zipped: bytes | None  # where that is smaller


@dataclass(frozen=True, slots=True)
class Assets:
    """All files: by address, and the address of each name."""

    by_address: dict[str, Asset]
    addresses: dict[str, str]


def foreign(folder: Path) -> dict[Path, bytes]:
    """Return what we did not write, as published, under a line that says what it is and whose licence it has."""
    manifest = folder / "manifest.json"
    packages = json.loads(manifest.read_text())["packages"] if manifest.exists() else []
    return {
        folder / file["to"]: f"/*! {one['name']} {one['version']}, licence {one['licence']} */\n".encode()
        + (folder / file["to"]).read_bytes()
        for one in packages
        for file in one["files"].values()
        if Path(file["to"]).suffix in TYPES
    }


def read(folder: Path = FOLDER, vendor: Path = VENDOR) -> Assets:
    """Return the files of a folder and the vendored ones. Style sheets come last: they name the others."""
    by_address: dict[str, Asset] = {}
    addresses: dict[str, str] = {}
    files = {file: file.read_bytes() for file in folder.iterdir() if file.suffix in TYPES} | foreign(vendor)
    for file, plain in sorted(files.items(), key=lambda one: (one[0].suffix == ".css", one[0].name)):
        if file.suffix == ".css":
            plain = SPARE.sub(b"", plain).replace(b";}", b"}")
            for name, address in addresses.items():
                plain = plain.replace(f"url({name})".encode(), f"url({address})".encode())
        digest = hashlib.sha256(plain).hexdigest()[:10]
        address = f"{PREFIX}{file.stem}.{digest}{file.suffix}"
        zipped = gzip.compress(plain, mtime=0)
        by_address[address] = Asset(TYPES[file.suffix], plain, zipped if len(zipped) < len(plain) else None)
        addresses[file.name] = address
    return Assets(by_address, addresses)
