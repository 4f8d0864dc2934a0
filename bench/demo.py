"""The row of the demo: from an empty data folder to the first page, with everything that people wait for in between."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from statistics import median

from bench.figures import CannotMeasure, Figure, show
from bench.house import House
from bench.programs import answers, free_port
from chengxin.config.installation import Installation

ROUNDS = 3
BUSINESSES = 2_000
PATIENCE = 120.0
CODE = re.compile(r"https?://\S+/C/([0-9A-Z]{136}|S[0-9A-Z]{19})", re.IGNORECASE)


def first_page(house: House) -> Figure:
    """Start the demo in a folder that does not exist yet, three times, and wait for the page of the code it shows."""
    took = [_once(house, number) for number in range(ROUNDS)]
    return Figure(
        median(took),
        f"{show(median(took))} s",
        notes=(f"{BUSINESSES:,} businesses; rounds: {', '.join(show(each, 's') for each in took)}",),
    )


def _once(house: House, number: int) -> float:
    data = house.folder / f"demo-{number}"
    port = free_port()
    command = [
        sys.executable, "-m", "chengxin", "demo", "--serve", "--size", str(BUSINESSES), "--data", str(data), "--port", str(port)
    ]  # fmt: skip
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**house.environment, "CHENGXIN_DATA": str(data), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    reading = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    reading.start()
    try:
        while True:
            if found := CODE.search("".join(list(said))):
                url = f"http://127.0.0.1:{port}/C/{found[1]}"
                if answers(url):
                    return time.monotonic() - began
            if process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise CannotMeasure(f"the demo showed no page: {''.join(said)[-500:].strip()}")
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        reading.join(2)
        shutil.rmtree(Installation(data).socket, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)
