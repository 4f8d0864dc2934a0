"""Make the press's bold typeface again, from the published slices that its manifest names.

    python3 -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools==4.68.0
    /tmp/fonts/bin/python tools/fonts.py          # fetch, check, merge, and check what came out
    /tmp/fonts/bin/python tools/fonts.py --learn  # after changing a version by hand: also write the new digests down
    /tmp/fonts/bin/python tools/fonts.py --from noto-sans-sc.tgz  # with an archive that is here already

Noto Sans SC is published for the web in a hundred slices, each with some letters. A press wants one file that has them
all, without the tables that only a browser would use. `tests/house/test_vendor.py` holds the file to the manifest.
"""  # noqa: INP001 — a script, not a package

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.subset import Options as Cut
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).resolve().parents[1] / "chengxin/press/fonts"
MANIFEST = FOLDER / "manifest.json"
REGISTRY = "https://registry.npmjs.org"
SLICE = re.compile(r"package/files/noto-sans-sc-(chinese-simplified|latin|latin-ext|cyrillic|\d+)-700-normal\.woff")
FIRST = ("latin", "latin-ext", "cyrillic", "chinese-simplified")  # where two slices have a letter, the first one's
NAMES = {1: "Noto Sans SC", 2: "Bold", 4: "Noto Sans SC Bold", 6: "NotoSansSC-Bold"}
UNUSED = ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "VORG", "gasp", "prep", "fpgm", "cvt ", "DSIG"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learn", action="store_true", help="write the digests of what was made into the manifest")
    parser.add_argument("--from", dest="archive", type=Path, metavar="TGZ", help="read the package from here")
    args = parser.parse_args()
    manifest = json.loads(MANIFEST.read_text())
    source = manifest["source"]
    package = args.archive.read_bytes() if args.archive else _fetch(source["package"], source["version"])
    source["sha256"] = _agree(source.get("sha256"), package, what="the package", learn=args.learn)
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        slices = {found[1]: _inside(tar, name) for name in tar.getnames() if (found := SLICE.fullmatch(name))}
        made = {"NotoSansSC-Bold.ttf": _merged(slices), "LICENSE": _inside(tar, "package/LICENSE")}
    for name, content in made.items():
        manifest["files"][name] = _agree(manifest["files"].get(name), content, what=name, learn=args.learn)
        (FOLDER / name).write_bytes(content)
    if args.learn:
        MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def _fetch(package: str, version: str) -> bytes:
    address = f"{REGISTRY}/{package}/-/{package.rsplit('/', 1)[-1]}-{version}.tgz"
    with urllib.request.urlopen(address, timeout=300) as answer:  # noqa: S310 — https, ours
        content: bytes = answer.read()
    return content


def _inside(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    return member.read() if member else b""


def _merged(slices: dict[str, bytes]) -> bytes:
    order = [*FIRST, *sorted((name for name in slices if name.isdigit()), key=int)]
    taken: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for name in order:
            font = TTFont(io.BytesIO(slices[name]), recalcTimestamp=False)
            mine = set(font.getBestCmap()) - taken
            if not mine:
                continue
            taken |= mine
            cutter = Subsetter(Cut(drop_tables=UNUSED, hinting=False, notdef_outline=True, layout_features=[]))
            cutter.populate(unicodes=mine)
            cutter.subset(font)
            font.flavor = None
            parts.append(f"{folder}/{name}.ttf")
            font.save(parts[-1])
        font = Merger(options=Options(drop_tables=UNUSED)).merge(parts)
    for record in list(font["name"].names):
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID]
        elif record.nameID not in (0, 5, 13, 14):  # the copyright, the version and the licence stay as they were
            font["name"].removeNames(nameID=record.nameID)
    font.recalcTimestamp = False
    font["head"].created = font["head"].modified = 0  # the same bytes, whenever it is made
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def _agree(known: str | None, content: bytes, *, what: str, learn: bool) -> str:
    found = hashlib.sha256(content).hexdigest()
    if not content or (known != found and not learn):
        raise SystemExit(f"{what}: the digest is {found}, the manifest says {known}")
    return found


if __name__ == "__main__":
    main()
