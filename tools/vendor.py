"""Fetch the foreign files that we serve ourselves, at the versions and digests written in their manifests.

    python tools/vendor.py          # fetch what the manifests name, check it, unpack it
    python tools/vendor.py --learn  # after changing a version by hand: also write the new digests down

`tests/house/test_vendor.py` holds the files to the manifests, so that nobody edits a foreign file by accident.
"""  # noqa: INP001 — a script, not a package

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import tarfile
import urllib.request
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1] / "chengxin"
FOLDERS = (HOUSE / "portals/shared/static/vendor", HOUSE / "public/static/vendor")
REGISTRY = "https://registry.npmjs.org"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learn", action="store_true", help="write the digests of what was fetched into the manifest")
    learn = parser.parse_args().learn
    for folder in FOLDERS:
        fetch(folder, learn=learn)


def fetch(folder: Path, *, learn: bool) -> None:
    """Fetch what the manifest of one folder names, and check it."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for package in manifest["packages"]:
        name, version = package["name"], package["version"]
        with urllib.request.urlopen(f"{REGISTRY}/{name}/-/{name}-{version}.tgz", timeout=60) as answer:  # noqa: S310 — https, ours
            archive = answer.read()
        package["sha256"] = _agree(package.get("sha256"), archive, what=f"{name}-{version}.tgz", learn=learn)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for inside, file in package["files"].items():
                member = tar.extractfile(f"package/{inside}")
                content = member.read() if member else b""
                file["sha256"] = _agree(file.get("sha256"), content, what=inside, learn=learn)
                target = folder / file["to"]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                if target.suffix == ".css":  # what is sent to a browser that takes it: a seventh of the bytes
                    target.with_name(f"{target.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    if learn:
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def _agree(known: str | None, content: bytes, *, what: str, learn: bool) -> str:
    found = hashlib.sha256(content).hexdigest()
    if not content or (known != found and not learn):
        raise SystemExit(f"{what}: the digest is {found}, the manifest says {known}")
    return found


if __name__ == "__main__":
    main()
