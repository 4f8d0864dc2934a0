"""The row of the search: a million names on the board, and a fixed mix of what people type."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import altcha
from django.conf import settings
from django.db import connection

from bench.figures import Figure, percentile, show, spread
from bench.house import House
from chengxin.pipeline.demo.businesses import local_name
from chengxin.pipeline.demo.words import TRADES
from chengxin.public import finder
from chengxin.public.reader import Reader
from chengxin.terms import division, finding, sound, uscc

SIZE: Final = int(os.environ.get("BENCH_SEARCH_SIZE", "1000000"))  # noqa: TID251 — a smaller one to try it out
CHUNK: Final = 10_000
EACH: Final = 120
"""Questions of every sort."""
OVER_HTTP: Final = 30
CHARACTERS: Final = (
    "福禄寿喜发财旺兴隆盛昌顺达通和祥瑞吉庆丰裕泰安康宁平金银玉宝珍华荣富贵德仁义信诚恒永久长源泉江河湖海山川松柏竹梅兰菊荷莲"
    "春夏秋冬晨曦阳光明亮辉煌星月云霞雪霜雨露龙凤虎鹤鹏鹰燕雁马牛羊鹿鱼天地人中东南西北大小老新巧妙香味鲜美佳好合家园林森木石百"
    "千万亿亨利元亚欧联众群益聚汇广鼎峰岭峻博雅文韵墨悦乐享怡心思梦缘谐友爱善真纯清洁净朗洪浩瀚宏伟腾飞跃进创优良品尚嘉禾麦稻谷豆"
)
"""What signs are made of, the commonest first: made up, and a few of them shared by hundreds, as true ones are."""


class Business(NamedTuple):
    """One made-up business."""

    holder: str
    place: str
    sign: str
    trade: str
    form: str

    @property
    def name(self) -> str:
        return self.place + self.sign + self.trade + self.form


def businesses(chunk: int) -> Iterator[Business]:
    """Yield the businesses of a chunk, the same in every run."""
    chance = random.Random(f"names {chunk}")
    places = [local_name(code) for code, one in division.DIVISIONS.items() if one.stands and not code.endswith("00")]
    near = [1 / (place + 3) for place in range(len(places))]
    common = [1 / (place + 8) ** 0.6 for place in range(len(CHARACTERS))]
    trades = [
        [(word, form) for trade in TRADES for word in words(trade)]
        for words, form in (
            (lambda trade: trade.shop, ""),
            (lambda trade: trade.firm, "有限公司"),
            (lambda trade: trade.coop, "专业合作社"),
        )
    ]
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        length = chance.choices((2, 3, 4), (45, 40, 15))[0]
        sign = "".join(chance.choices(CHARACTERS, common, k=length))
        trade, form = chance.choice(chance.choices(trades, (66, 31, 3))[0])
        holder = uscc.compose(department="9", body="2", division="231102", serial=f"{number:08}")
        yield Business(holder, chance.choices(places, near)[0], sign, trade, form)


OURS = "92231102%"  # the made-up ones; the rows before this one have left names of theirs


def rows(chunk: int) -> str:
    """Return a chunk as COPY takes it, keyed by the functions that the pipeline keys with."""
    return "".join(
        f"{one.holder}\tsubject\t{one.name}\t{one.place}\t{one.trade}\tactive\t"
        f"{{{','.join(map(str, finding.keys(one.name)))}}}\n"
        for one in businesses(chunk)
    )


def fill(size: int) -> tuple[float, str]:
    """Put names on the board with good cards and active codes; return the seconds, and what the index takes."""
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'board_name_keys'")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX board_name_keys")
        into = "COPY board_name (holder, kind, name, place, trade, state, keys) FROM STDIN"
        with ProcessPoolExecutor(os.cpu_count()) as workers, cursor.copy(into) as copy:
            for text in workers.map(rows, range(size // CHUNK)):
                copy.write(text)
        cursor.execute(
            "INSERT INTO board_card (holder, kind, document, good_until, posted_at)"
            " SELECT holder, kind, '{}', now() + interval '30 days', now() FROM board_name WHERE holder LIKE %s",
            [OURS],
        )
        cursor.execute(
            "INSERT INTO board_code (serial, holder_kind, holder, state, placement, label, issued_on)"
            " SELECT nextval('codes_serial'), kind, holder, 'active', 'premises', '', current_date FROM board_name"
            " WHERE holder LIKE %s",
            [OURS],
        )
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(definition)
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("VACUUM (ANALYZE) board_name, board_card, board_code")
        cursor.execute(
            "SELECT pg_size_pretty(pg_table_size('board_name')), pg_size_pretty(pg_relation_size('board_name_keys'))"
        )
        table, index = cursor.fetchone()
    return time.monotonic() - began, f"table {table}, index of keys {index}"


# ---- The mix -------------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """One question, and whom it means."""

    sort: str
    typed: str
    meant: Business


def mix(size: int) -> list[Asked]:
    """Return the questions, the sorts in turns."""
    chance = random.Random("questions")
    wanted = chance.sample(range(size // CHUNK), min(20, size // CHUNK))
    town = [one for chunk in wanted for one in businesses(chunk)]
    found = []
    for _ in range(EACH):
        for sort, ask in (("two characters", _two), ("sign", _sign), ("slip", _slip), ("initials", _initials),
                          ("uscc", _number)):  # fmt: skip
            meant = chance.choice(town)
            found.append(Asked(sort, ask(meant, chance), meant))
    return found


def _two(one: Business, chance: random.Random) -> str:
    text = one.sign + one.trade
    place = chance.randrange(len(text) - 1)
    return text[place : place + 2]


def _sign(one: Business, chance: random.Random) -> str:
    return one.sign


def _slip(one: Business, chance: random.Random) -> str:
    text = one.sign + one.trade
    place = chance.randrange(len(one.sign))
    other = chance.choice(CHARACTERS)
    return chance.choice(
        [
            text[:place] + other + text[place + 1 :],
            text[:place] + text[place + 1 :],
            text[:place] + other + text[place:],
        ]
    )


def _initials(one: Business, chance: random.Random) -> str:
    return sound.initials(one.sign + one.trade)[0]


def _number(one: Business, chance: random.Random) -> str:
    return one.holder


def search(house: House) -> Figure:
    """Ask a million names what people type, through the door's own functions, one question at a time."""
    size = max(CHUNK, SIZE // CHUNK * CHUNK)
    seconds, sizes = fill(size)
    questions = mix(size)
    reader = Reader(settings.PUBLIC_DSN)
    took: dict[str, list[float]] = {}
    worked: list[float] = []
    hit: dict[str, list[bool]] = {}
    try:
        for asked in questions[: len(questions) // 10]:
            _answer(reader, asked)  # the caches of both sides as on any day
        backend = int(reader.ask(lambda line: line.ask(b"SELECT pg_backend_pid()"))[0][0] or 0)
        for asked in questions:
            work = _worked(backend)
            began = time.perf_counter()
            found = _answer(reader, asked)
            worked.append(_worked(backend) - work)
            took.setdefault(asked.sort, []).append((time.perf_counter() - began) * 1000)
            hit.setdefault(asked.sort, []).append(any(one.holder == asked.meant.holder for one in found.hits))
    finally:
        reader.close()
    every = [each for sort in took.values() for each in sort]
    notes = [
        f"{size:,} names filled in {seconds:.0f} s; {sizes}",
        spread(every, "ms"),
        f"of it at work, both sides, the rest waiting for a processor: p95 {show(percentile(worked, 95))} ms",
        *(
            f"{sort}: p95 {show(percentile(each, 95))} ms, whom it means is among those shown: {_share(hit[sort])}"
            for sort, each in took.items()
        ),
        _over_http(house, questions),
    ]
    figure = percentile(every, 95)
    return Figure(figure, f"{show(figure)} ms", notes=tuple(notes))


def _worked(backend: int) -> float:
    """Return the milliseconds that this thread and a server process have worked: what a busy machine does not change."""
    return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e6 + time.thread_time() * 1000


def _share(hits: Iterable[bool]) -> str:
    found = list(hits)
    return f"{sum(found) / len(found):.1%}"


def _answer(reader: Reader, asked: Asked) -> finder.Found:
    at = datetime.now(UTC)
    if uscc.is_valid(asked.typed):
        return reader.ask(lambda line: finder.numbered(line, asked.typed, at=at))
    question = finding.question(asked.typed)
    assert question is not None
    return reader.ask(lambda line: finder.named(line, question, at=at))


def _over_http(house: House, questions: list[Asked]) -> str:
    """Ask a few through the public process itself, each with its proof; the work of proving is not counted."""
    where = urlsplit(house.base)
    took = []
    with house.running(house.public):
        line = HTTPConnection(where.hostname or "", where.port, timeout=10)
        for asked in [each for each in questions if each.sort != "uscc"][:OVER_HTTP]:
            line.request("GET", "/search/challenge")
            challenge = altcha.Challenge.from_dict(json.loads(line.getresponse().read()))
            solution = altcha.solve_challenge(challenge)
            assert solution is not None
            fields = {"q": asked.typed, "altcha": altcha.Payload(challenge, solution).to_base64()}
            began = time.perf_counter()
            line.request("POST", "/search", urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
            answer = line.getresponse()
            body = answer.read().decode()
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200 and 'id="found"' in body
        line.close()
    return f"over HTTP, page and all, {spread(took, 'ms')}"
