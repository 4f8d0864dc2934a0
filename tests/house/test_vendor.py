"""What we did not write stands as its authors published it, with its licence."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

import chengxin

HOUSE = Path(chengxin.__file__).parent
FOLDERS = sorted(path.parent for path in HOUSE.rglob("vendor/manifest.json"))
OFFICE = HOUSE / "portals/shared/static/vendor"


def packages(folder):
    return json.loads((folder / "manifest.json").read_text())["packages"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(HOUSE)))
def test_every_vendored_file_is_the_published_one(folder):
    written = {file["to"]: file["sha256"] for package in packages(folder) for file in package["files"].values()}
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json" and path.suffix != ".gz"
    }

    assert found == written


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(HOUSE)))
def test_every_vendored_package_brings_its_licence(folder):
    assert all("LICENSE" in package["files"] for package in packages(folder))


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
    sheets = sorted(OFFICE.rglob("*.css"))

    assert [path.name for path in sheets] and sorted(OFFICE.rglob("*.gz")) == [
        path.with_name(f"{path.name}.gz") for path in sheets
    ]
    assert all(gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes() for path in sheets)
