"""Reading the board over a line that never waits for ever."""

from __future__ import annotations

import socket
import threading
from time import monotonic

import pytest
from django.db import connection

from chengxin.board.verdict import Row
from chengxin.public import reader
from chengxin.public.line import Down, Line, Refused
from chengxin.public.reader import Reader
from tests.public import samples
from tests.public.door import ISSUED, KEY, SERIAL, furnish, post


@pytest.fixture
def board(transactional_db, public_dsn):
    furnish()
    return public_dsn


def test_a_row_comes_back_as_it_was_posted(board):
    post(bits=77, card=samples.card())

    row = reader.read(board, SERIAL)

    assert isinstance(row, Row)
    assert (row.holder_kind, row.holder, row.state, row.placement, row.label) == (
        "subject",
        samples.USCC,
        "active",
        "premises",
        "总店",
    )
    assert (row.bits, row.issued_on) == (77, ISSUED)
    assert row.document and "老渡口饺子馆" in row.document.decode()
    assert row.good_until and row.good_until.utcoffset() is not None


def test_what_was_never_posted_is_none(board):
    post()

    assert reader.read(board, 999) is None
    assert reader.read(board, SERIAL).document is None


def test_keys_come_back_and_revoked_ones_apart(board):
    ring = reader.read_ring(board)
    assert {number: key.public_bytes_raw() for number, key in ring.keys.items()} == {
        1: KEY.public_key().public_bytes_raw()
    }
    assert ring.revoked == {}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE board_key SET revoked_at = now()")

    ring = reader.read_ring(board)
    assert ring.keys == {}
    assert list(ring.revoked) == [1]


def test_a_line_that_died_while_idle_is_replaced(board):
    post()
    kept = Reader(board)
    assert kept.row(SERIAL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chengxin public'"
        )

    assert kept.row(SERIAL)
    kept.close()


def test_the_public_role_is_refused_what_is_not_on_the_board(board):
    with Line(board, patience=2) as line, pytest.raises(Refused, match="permission denied"):
        line.ask(b"SELECT * FROM subjects_registration")


def test_a_question_that_takes_too_long_is_given_up(board):
    began = monotonic()
    with Line(board, patience=5) as line, pytest.raises(Down):
        line.ask(b"SELECT pg_sleep(30)", patience=0.3)

    assert monotonic() - began < 20


@pytest.mark.parametrize("answers", [b"", b"N", b"rubbish that no server says"], ids=["silence", "no", "rubbish"])
def test_a_server_that_does_not_talk_is_given_up(answers):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def accept():
            peer, _ = listening.accept()
            with peer:
                peer.sendall(answers)
                peer.settimeout(30)
                while peer.recv(4096):
                    pass

        threading.Thread(target=accept, daemon=True).start()
        began = monotonic()
        with pytest.raises(Down):
            Line(f"host=127.0.0.1 port={port} dbname=x user=x sslmode=disable", patience=0.5)

    assert monotonic() - began < 20


@pytest.mark.parametrize("dsn", ["host=/nonexistent", "not a dsn", "postgresql://127.0.0.1:1/x"])
def test_where_no_server_is_the_line_is_down(dsn):
    with pytest.raises(Down):
        Line(dsn, patience=1)
