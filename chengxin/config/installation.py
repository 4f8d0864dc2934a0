"""One installation: the data folder, and the secrets and paths in it. No Django: the command line reads it too."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """Return the data folder: CHENGXIN_DATA, else `var` beside the code."""
    return Path(os.environ.get("CHENGXIN_DATA") or CHECKOUT / "var").expanduser().resolve()  # noqa: TID251 — config


@dataclass(frozen=True, slots=True)
class Installation:
    """The paths of one data folder."""

    data: Path

    @property
    def keys(self) -> Path:
        """Private keys of the codes. Never read by the public process."""
        return self.data / "keys"

    @property
    def feedback(self) -> Path:
        """Feedback files of intakes."""
        return self.data / "feedback"

    @property
    def files(self) -> Path:
        """The files that were taken in, as they came, each under its SHA-256."""
        return self.data / "files"

    @property
    def incoming(self) -> Path:
        """The watched folder: what is put into incoming/SOURCE/KIND/ is taken in."""
        return self.data / "incoming"

    @property
    def kinds(self) -> Path:
        """The city's own kinds of records, one file each, beside those that come with the code."""
        return self.data / "kinds"

    @property
    def areas(self) -> Path:
        """The city's own governing areas, one file each, beside those that come with the code."""
        return self.data / "areas"

    @property
    def postgres(self) -> Path:
        """Home of the embedded PostgreSQL: its data folder, its log, its copy of the binaries where one is needed."""
        return self.data / "postgres"

    @property
    def socket(self) -> Path:
        """Folder of PostgreSQL's socket: short, since a socket's path may have 107 bytes and a clone's may have more."""
        mark = hashlib.sha256(os.path.realpath(self.data).encode()).hexdigest()[:10]
        # Nothing of the caller's in the name: root has to find the server that a user started, and one terminal the
        # other's, where TMPDIR may differ.
        return Path("/tmp") / f"chengxin-{mark}"  # noqa: S108 — server.py refuses a squatter's folder

    def secret(self, side: str, name: str) -> str:
        """Return a secret of one side (`office` or `public`), made on first use and kept in a file only we can read.

        :raises OSError: the data folder cannot be written.
        """
        folder = self.data / "secrets"
        path = folder / f"{side}-{name}"
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f".{side}-{name}-{os.getpid()}-{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32) + "\n")
        try:
            # A link fails where the name stands already: of two processes starting at once, one secret wins.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return path.read_text().strip()

    def remember(self, name: str, value: object) -> None:
        """Keep a small fact about this installation (where it serves, for instance) in the data folder."""
        self.data.mkdir(parents=True, exist_ok=True)
        fresh = self.data / f".{name}.{os.getpid()}"
        fresh.write_text(json.dumps(value, ensure_ascii=False))
        fresh.replace(self.data / f"{name}.json")

    def recall(self, name: str) -> object:
        """Return a fact kept by `remember`, or None."""
        try:
            kept: object = json.loads((self.data / f"{name}.json").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return kept

    def served(self) -> dict[str, str]:
        """Return where `serve` last served: `public`, `office`, `code`, `port`. Empty before the first time."""
        kept = self.recall("serve")
        return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}

    def public_dsn(self, said: Mapping[str, str]) -> str:
        """Return the public role's way in, as libpq reads it, from what the environment says of databases."""
        from psycopg.conninfo import conninfo_to_dict, make_conninfo

        if said.get("PUBLIC_DATABASE_URL"):
            return said["PUBLIC_DATABASE_URL"]
        if said.get("DATABASE_URL"):
            office = {key: str(value) for key, value in conninfo_to_dict(said["DATABASE_URL"]).items()}
        else:
            office = {"host": str(self.socket), "port": "5432", "require_auth": "scram-sha-256"}
        name = office.get("dbname", "chengxin")
        role = said.get("PUBLIC_ROLE") or f"{name}_public"
        password = self.secret("public", "database")
        return make_conninfo(**{**office, "dbname": name, "user": role, "password": password})
