"""One installation in a folder of its own: its real PostgreSQL, and its processes as `chengxin serve` starts them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from bench import town as towns
from bench.programs import answers, free_port, patiently
from bench.town import Posted, Town
from chengxin.board import actions as board
from chengxin.board import city, token
from chengxin.board.card import Card, dump
from chengxin.credit.codes import actions as codes
from chengxin.people.trail import Actor
from chengxin.pipeline import processes, serve
from chengxin.pipeline.server import Server

BY = Actor("bench", "command")
PREMISES = 1  # the number of this placement in a token


@dataclass(frozen=True, slots=True)
class House:
    """What the rows ask of the installation."""

    folder: Path
    server: Server
    base: str
    environment: Mapping[str, str]
    public: processes.Child
    flow: processes.Child

    @contextlib.contextmanager
    def running(self, *children: processes.Child) -> Iterator[None]:
        """Have some of the processes running while the block runs."""
        for child in children:
            child.start()
        try:
            if self.public in children:
                patiently(
                    lambda: answers(f"{self.base}/healthz"),
                    seconds=30,
                    what="the public process",
                    process=self.public.process,
                )
            yield
        finally:
            processes.stop(children)

    def make_database(self, name: str) -> str:
        """Make an empty database beside the installation's own, and return the way in."""
        with psycopg.connect(self.server.dsn("postgres"), autocommit=True) as administration:
            administration.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.server.dsn(name)

    def post(self, cards: dict[str, Card], *, codes_per_card: int) -> Town:
        """Put cards onto the board, with so many codes each, by the acts that post; return what stands there."""
        at = datetime.now(UTC)
        signer = codes.signer(folder=settings.KEYS_DIR, by=BY, at=at)
        board.post_city(document=city.dump(towns.CITY), logo=None, at=at)
        board.post_cards(
            (board.CardRow(uscc, "subject", dump(card).decode(), card.good_until) for uscc, card in cards.items()),
            at=at,
        )
        issued_on = at.date()
        first = _next_serial(len(cards) * codes_per_card)
        posted = [
            Posted(
                serial,
                uscc,
                token.seal(token.Seal(signer.number, "subject", uscc, serial, issued_on, PREMISES), signer.private_key),
            )
            # Serial by serial another business: two scans in a row are of two shops.
            for serial, uscc in enumerate((uscc for _ in range(codes_per_card) for uscc in cards), start=first)
        ]
        board.post_codes(
            board.CodeRow(code.serial, "subject", code.holder, "active", "premises", "", None, issued_on)
            for code in posted
        )
        return Town(towns.CITY, {signer.number: signer.public_bytes}, cards, posted, issued_on)


def _next_serial(count: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(serial) FROM (SELECT nextval('codes_serial') AS serial FROM generate_series(1, %s)) s", [count]
        )
        first: int = cursor.fetchone()[0]
        return first


@contextlib.contextmanager
def installation(environment: Mapping[str, str]) -> Iterator[House]:
    """Make an installation in the folder that settings name, and have its PostgreSQL running while the block runs."""
    port = free_port()
    with serve.database() as server:
        assert server is not None, "the bench measures the embedded PostgreSQL"
        public, _office, flow, *_ = serve.children(host="127.0.0.1", port=port, environment=environment)
        yield House(settings.DATA_DIR, server, f"http://127.0.0.1:{port}", environment, public, flow)
