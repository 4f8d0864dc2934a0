"""`python -m bench [ROW …] [--json FILE]`: measure, say what was reached, leave nothing running. See docs/bench.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from bench.figures import CannotMeasure, Figure, show
from bench.programs import install_missing

if TYPE_CHECKING:
    from bench.rows import Row

# ruff: noqa: TID251 — the bench makes an installation of its own, so it says where that is


def main(arguments: list[str] | None = None) -> int:
    """Measure the rows asked for; 0 when every one was measured and reached."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    folder = Path(tempfile.mkdtemp(prefix="chengxin-bench-", dir="/tmp"))
    folder.chmod(0o755)  # as root, PostgreSQL and nginx run as somebody else
    try:
        return _measure(arguments, folder)
    finally:
        _clear(folder)


def _measure(arguments: list[str] | None, folder: Path) -> int:
    # Nothing of the caller's: neither his installation nor his database is measured, and neither is written to.
    for name in ("DATABASE_URL", "PUBLIC_DATABASE_URL", "PUBLIC_ROLE", "CODE_URL", "PUBLIC_URL", "OFFICE_URL"):
        os.environ.pop(name, None)
    os.environ["CHENGXIN_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "chengxin.config.settings"
    os.environ.setdefault("LOG_LEVEL", "ERROR")

    import django

    django.setup()

    from bench.house import installation
    from bench.rows import ROWS

    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"which rows (all): {', '.join(row.name for row in ROWS)}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    args = parser.parse_args(arguments)
    if unknown := set(args.rows) - {row.name for row in ROWS}:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    wanted = [row for row in ROWS if not args.rows or row.name in args.rows]

    missing = install_missing() if any(row.needs for row in wanted) else []
    found: list[tuple[Row, Figure | None, str]] = []
    busy = os.getloadavg()[0]
    began = time.monotonic()
    with installation(os.environ) as house:
        for row in wanted:
            found.append(_row(row, house, missing))
            _say(*found[-1])
    seconds = time.monotonic() - began
    print(f"\n{_table(found)}\n\n{os.cpu_count()} cores, {platform.machine()}, {seconds:.0f} s in all")
    if busy > 0.5:
        print(f"The machine was busy before we began (load {busy:.1f}): times are longer than they need be.")
    if args.json:
        args.json.write_text(json.dumps(_as_json(found, busy), ensure_ascii=False, indent=1) + "\n")
    unmeasured = [row for row, figure, _ in found if figure is None]
    missed = [row for row, figure, _ in found if figure is not None and not row.target.is_reached(figure.value)]
    # A tool that is not there is no fault of ours, unless this is where the figures are supposed to come from.
    skipped = [row for row in unmeasured if set(row.needs) & set(missing)] if os.environ.get("CI") != "true" else []
    return 1 if missed or len(unmeasured) > len(skipped) else 0


def _row(row: Row, house: object, missing: list[str]) -> tuple[Row, Figure | None, str]:
    from bench.house import House

    assert isinstance(house, House)
    if lacking := set(row.needs) & set(missing):
        return row, None, f"not measured: {' and '.join(sorted(lacking))} not installed"
    try:
        return row, row.measure(house), ""
    except CannotMeasure as reason:
        return row, None, f"not measured: {reason}"


def _say(row: Row, figure: Figure | None, reason: str) -> None:
    print(f"{row.name}: {show(figure.value, row.target.unit) if figure else reason}", flush=True)
    for note in figure.notes if figure else ():
        print(f"  {note}", flush=True)


def _table(found: list[tuple[Row, Figure | None, str]]) -> str:
    lines = [("row", "ours", "theirs", "figure", "target", "reached")]
    for row, figure, _ in found:
        if figure is None:
            lines.append((row.name, "–", "–", "–", str(row.target), "not measured"))
        else:
            reached = "yes" if row.target.is_reached(figure.value) else "NO"
            value = show(figure.value, row.target.unit)
            lines.append((row.name, figure.ours, figure.theirs, value, str(row.target), reached))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _as_json(found: list[tuple[Row, Figure | None, str]], busy: float) -> dict[str, object]:
    return {
        "date": date.today().isoformat(),  # noqa: DTZ011 — the day on the wall where it was measured
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "load_before": round(busy, 2),
        "python": platform.python_version(),
        "rows": [
            {
                "row": row.name,
                "about": row.about,
                "target": str(row.target),
                "figure": figure.value if figure else None,
                "unit": row.target.unit,
                "ours": figure.ours if figure else None,
                "theirs": figure.theirs if figure else None,
                "reached": row.target.is_reached(figure.value) if figure else None,
                "notes": list(figure.notes) if figure else [reason],
            }
            for row, figure, reason in found
        ],
    }


def _clear(folder: Path) -> None:
    from chengxin.config.installation import Installation

    seat = Installation(folder).postgres / "server"
    if seat.is_symlink():
        shutil.rmtree(seat.resolve(), ignore_errors=True)
    shutil.rmtree(Installation(folder).socket, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
