"""The rows of what changes: from the beginning of an act to the page that shows it, over a real connection."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import blake2b

from django.conf import settings
from django.db import connections, transaction

from bench.figures import CannotMeasure, Figure, percentile, show, spread
from bench.house import BY, House
from bench.programs import Door, patiently
from bench.town import MARKET, OFFICE, holder
from chengxin.credit.codes import actions as codes
from chengxin.credit.records import actions as records
from chengxin.credit.subjects import actions as subjects
from chengxin.pipeline import flow

TIMES = 200
PATIENCE = 10.0


def changed(house: House) -> Figure:
    """Take in a licence whose contents changed, and look at the page until it says so."""
    paths = _coded(house, first=20_000)
    with house.running(house.public, house.flow), _looking(house) as door:
        latencies = []
        for number, (uscc, path) in enumerate(paths.items()):
            _expect(door, path, "原来的许可内容")
            now = f"变更后的许可内容第{number}次"
            began = time.perf_counter()
            _take_in([uscc], now)
            latencies.append(_seen(door, path, now, since=began))
    return _figure(latencies)


def withdrawn(house: House) -> Figure:
    """Withdraw codes, and look at each page until it says so."""
    paths = _coded(house, first=30_000)
    with house.running(house.public, house.flow), _looking(house) as door:
        return _figure(_withdraw(door, paths))


def withdrawn_alone(house: House) -> Figure:
    """Withdraw codes while nothing but the public process runs."""
    paths = _coded(house, first=40_000)
    with house.running(house.public), _looking(house) as door:
        return _figure(_withdraw(door, paths))


def _figure(latencies: Sequence[float]) -> Figure:
    figure = percentile(latencies, 99)
    return Figure(figure, f"{show(figure)} s", notes=(spread([each * 1000 for each in latencies], "ms"),))


def _withdraw(door: Door, paths: dict[str, str]) -> list[float]:
    latencies = []
    for uscc, path in paths.items():
        _expect(door, path, "原来的许可内容")
        began = time.perf_counter()
        codes.withdraw(subject=uscc, why="测试", by=BY, at=datetime.now(UTC))
        latencies.append(_seen(door, path, "此码已注销", since=began))
    return latencies


@contextmanager
def _looking(house: House) -> Iterator[Door]:
    door = Door(house.base)
    try:
        yield door
    finally:
        door.close()
        connections.close_all()


def _expect(door: Door, path: str, words: str) -> None:
    # Asked for twice: what must change is a page that is kept.
    for _ in range(2):
        patiently(lambda: words in _text(door, path), seconds=PATIENCE, what=f"the page before the act, with “{words}”")


def _seen(door: Door, path: str, words: str, *, since: float) -> float:
    while words not in _text(door, path):
        if time.perf_counter() - since > PATIENCE:
            raise CannotMeasure(f"the page did not say “{words}” within {PATIENCE:.0f} seconds")
        time.sleep(0.001)
    return time.perf_counter() - since


def _text(door: Door, path: str) -> str:
    return door.get(path)[1].decode()


# ---- The businesses that change --------------------------------------------------------------------------------------


def _coded(house: House, *, first: int) -> dict[str, str]:
    """Register businesses with a licence each, issue their codes, post them; return the path of each one's page."""
    wanted = [holder(number) for number in range(first, first + TIMES)]
    at = datetime.now(UTC)
    body = json.dumps({"name": "样例市样例餐饮店", "state": "active"}, ensure_ascii=False)
    entries = (
        subjects.Entry(
            row, uscc, "样例市样例餐饮店", "active", "enterprise", "230402", "H6210", date(2019, 5, 1), body,
            _digest(body), *MARKET,
        )
        for row, uscc in enumerate(wanted, start=1)
    )  # fmt: skip
    with transaction.atomic():
        subjects.register(entries=entries, batch=1, received_at=at)
    _take_in(wanted, "原来的许可内容")
    signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=at)
    issued = codes.issue(subjects=wanted, consent="测试", by=BY, at=at, signer=signer)
    flow.drain()
    return {code.subject: f"/C/{code.token}" for code in issued}


@transaction.atomic
def _take_in(wanted: Sequence[str], contents: str) -> None:
    """Take in one row for each business: its one licence, with these contents."""
    body = json.dumps(
        {
            "XK_XKWS": "准予行政许可决定书",
            "XK_WSH": "样审许〔2026〕1号",
            "XK_XKLB": "普通",
            "XK_XKZS": "食品经营许可证",
            "XK_XKBH": "JY22304020000001",
            "XK_NR": contents,
            "XK_JDRQ": "2026-01-05",
            "XK_YXQZ": "2026-01-05",
            "XK_YXQZI": "2099-12-31",
            "XK_XKJG": OFFICE[0],
            "XK_XKJGDM": OFFICE[1],
            "XK_ZT": "1",
            "XK_LYDW": OFFICE[0],
            "XK_LYDWDM": OFFICE[1],
        },
        ensure_ascii=False,
        sort_keys=True,
    )
    facts = (
        records.Fact(row, uscc, _digest("licence 样审许〔2026〕1号"), _digest(body), date(2026, 1, 5), body, *OFFICE)
        for row, uscc in enumerate(wanted, start=1)
    )
    records.append(kind="licence", facts=facts, batch=1, received_at=datetime.now(UTC))


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
