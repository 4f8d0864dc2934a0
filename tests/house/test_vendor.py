"""What we did not write stands as its authors published it, with its licence."""

import hashlib
import json
from pathlib import Path

import chengxin

FOLDER = Path(chengxin.__file__).parent / "portals/shared/static/vendor"
PACKAGES = json.loads((FOLDER / "manifest.json").read_text())["packages"]


def test_every_vendored_file_is_the_published_one():
    written = {file["to"]: file["sha256"] for package in PACKAGES for file in package["files"].values()}
    found = {
        str(path.relative_to(FOLDER)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert found == written


def test_every_vendored_package_brings_its_licence():
    assert all("LICENSE" in package["files"] for package in PACKAGES)
