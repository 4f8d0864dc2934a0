"""What we did not write stands as its authors published it, with its licence."""

import gzip
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
        if path.is_file() and path.name != "manifest.json" and path.suffix != ".gz"
    }

    assert found == written


def test_every_vendored_package_brings_its_licence():
    assert all("LICENSE" in package["files"] for package in PACKAGES)


TYPEFACES = Path(chengxin.__file__).parent / "press/fonts"


def test_every_typeface_is_the_one_that_was_made():
    manifest = json.loads((TYPEFACES / "manifest.json").read_text())
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in TYPEFACES.iterdir()
        if path.name != "manifest.json"
    }

    assert found == manifest["files"]
    assert "LICENSE" in found
    assert set(manifest["source"]) == {"package", "version", "licence", "sha256"}


def test_every_compressed_file_is_the_plain_one():
    sheets = sorted(FOLDER.rglob("*.css"))

    assert [path.name for path in sheets] and sorted(FOLDER.rglob("*.gz")) == [
        path.with_name(f"{path.name}.gz") for path in sheets
    ]
    assert all(gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes() for path in sheets)
