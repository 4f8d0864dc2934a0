"""The load: wrk, the same flags for whatever is asked."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import CannotMeasure

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("paths.lua")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What one run of wrk found."""

    requests: int
    per_second: float


def press(url: str, *, seconds: int, paths: Sequence[str] = (), scratch: Path | None = None) -> Pressed:
    """Ask for one page, or for each of many in turn, as fast as it is answered.

    :raises CannotMeasure: an answer was no page, or the paths did not suffice to ask for each only once.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotMeasure("wrk is not installed: apt-get install wrk")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "5s"]
    if paths and scratch is not None:
        scratch.write_text("\n".join(paths) + "\n")
        command += ["-s", str(SCRIPT), url, "--", str(scratch)]
    else:
        command.append(url)
    said = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 20, check=False)
    found = re.search(r"(\d+) requests in", said.stdout), re.search(r"Requests/sec:\s+([\d.]+)", said.stdout)
    if said.returncode or not found[0] or not found[1]:
        raise CannotMeasure(f"wrk failed: {(said.stderr or said.stdout).strip()}")
    if wrong := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", said.stdout):
        raise CannotMeasure(f"not every answer of {url} was a page: {wrong[0]}")
    requests = int(found[0][1])
    if paths and requests + CONNECTIONS > len(paths):
        raise CannotMeasure(f"{len(paths)} addresses were not enough to ask for each only once ({requests} requests)")
    return Pressed(requests, float(found[1][1]))
