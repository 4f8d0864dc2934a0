"""The door on a real board, as the public role."""

from __future__ import annotations

import gzip
import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.db import connection

from chengxin.board import actions as board
from chengxin.board import city, token
from chengxin.public import reader, wsgi
from chengxin.public.line import Down
from chengxin.public.wsgi import Door
from tests.public import samples
from tests.public.door import SERIAL, STRANGER, eventually, get, post, post_card, promised, sealed, settle

STRICT = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@pytest.mark.parametrize(
    ("state", "status", "says", "shows_card"),
    [
        ("active", 200, "此码真实有效", True),
        ("paused", 200, "已暂停展示", True),
        ("frozen", 200, "已冻结", True),
        ("superseded", 410, "已换发新码", False),
        ("cancelled", 410, "已注销", False),
        ("pending", 404, "尚未生效", False),
    ],
)
@pytest.mark.parametrize("bits", [None, 77], ids=["full", "short"])
def test_each_state_on_the_board_has_its_answer(
    door: Door, state: str, status: int, says: str, shows_card: bool, bits: int | None
) -> None:
    text = post(state=state, bits=bits, card=samples.card())

    answer = get(door, f"/C/{text}")

    assert answer.status == status
    assert says in answer.text
    assert ("老渡口饺子馆" in answer.text) is shows_card


def test_a_body_struck_off_the_register_is_said(door: Door) -> None:
    answer = get(door, f"/C/{post(card=samples.card(state='deregistered'))}")

    assert answer.status == 200
    assert "该主体已注销登记" in answer.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (sealed(by=STRANGER), "不是本系统签发"),
        (sealed(key=9), "无法确认这张码"),
        (sealed(serial=99), "查无此码"),
        (sealed(holder="91230402MA1CTE575Q"), "不是本系统签发"),
        (token.claim(serial=SERIAL, bits=1), "不是本系统签发"),
        (token.claim(serial=99, bits=1), "不是本系统签发"),
        ("x", "不是本系统签发"),
        ("A" * 10_000, "不是本系统签发"),
        ("%E7%A0%81" * 40, "不是本系统签发"),
        ("%FF%FE%00", "不是本系统签发"),
        ("..%2F..%2Fetc%2Fpasswd", "不是本系统签发"),
        ("<script>alert(1)</script>", "不是本系统签发"),
        ("%0A%0D%1B[31m", "不是本系统签发"),
    ],
    ids=[
        "signed by another",
        "unknown key",
        "never issued",
        "another holder",
        "wrong bits",
        "no such short code",
        "one letter",
        "ten thousand letters",
        "another script",
        "bad UTF-8",
        "a path",
        "markup",
        "control characters",
    ],
)
def test_what_is_not_genuine_gets_a_verdict(door: Door, text: str, says: str, caplog: pytest.LogCaptureFixture) -> None:
    post(card=samples.card())

    answer = get(door, f"/C/{text}")

    assert answer.status == 404
    assert says in answer.text
    assert "老渡口" not in answer.text
    assert "<script" not in answer.text
    assert caplog.records == []


def test_a_code_typed_in_small_letters_is_read(door: Door) -> None:
    text = post(card=samples.card())

    assert get(door, f"/c/{text.lower()}").status == 200


@pytest.mark.parametrize("good_days", [None, -1], ids=["no card", "past good_until"])
def test_a_card_that_is_not_good_is_not_shown(door: Door, good_days: int | None) -> None:
    text = post()
    if good_days is not None:
        post_card(samples.card(), good_days=good_days)

    answer = get(door, f"/C/{text}")

    assert answer.status == 503
    assert "信息正在更新" in answer.text
    assert answer.headers["retry-after"] == "10"


def test_a_kept_page_is_not_shown_past_its_cards_good_until(door: Door) -> None:
    text = post()
    post_card(samples.card(), good_days=1 / 86400)
    settle(door)
    assert get(door, f"/C/{text}").status == 200

    eventually(lambda: get(door, f"/C/{text}").status == 503)


def test_a_card_nobody_can_read_is_not_guessed_at(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    text = post()
    now = datetime.now(UTC)
    board.post_cards([board.CardRow(samples.USCC, "subject", '{"version": 2}', now + timedelta(days=1))], at=now)

    assert get(door, f"/C/{text}").status == 503
    assert len(caplog.records) == 1


def test_the_second_scan_does_not_ask_the_board(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    text = post(card=samples.card())
    settle(door)
    first = get(door, f"/C/{text}")
    monkeypatch.setattr(door, "_answer", None)

    assert get(door, f"/C/{text}") == first


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("encoding", ["", "br, gzip"])
def test_every_way_of_asking_says_the_same(door: Door, method: str, encoding: str) -> None:
    text = post(card=samples.card())
    settle(door)
    plain = get(door, f"/C/{text}")
    for _ in range(2):
        answer = get(door, f"/C/{text}", method=method, HTTP_ACCEPT_ENCODING=encoding)
        assert answer.status == 200
        assert answer.headers["vary"] == "Accept-Encoding"
        assert STRICT.items() <= answer.headers.items()
        if method == "GET":
            body = gzip.decompress(answer.body) if encoding else answer.body
            assert body == plain.body
            assert int(answer.headers["content-length"]) == len(answer.body)
        else:
            assert answer.body == b""


@pytest.mark.parametrize(
    "path", ["/C/x", "/healthz", "/robots.txt", "/nowhere", "/static/public/nothing.css", "/logo/x.png"]
)
def test_every_answer_is_strict(door: Door, path: str) -> None:
    assert STRICT.items() <= get(door, path).headers.items()


def test_a_scan_is_never_stored_and_a_file_for_ever(door: Door) -> None:
    assert get(door, f"/C/{post(card=samples.card())}").headers["cache-control"] == "no-store"
    for address in door.assets.by_address:
        answer = get(door, address, HTTP_ACCEPT_ENCODING="gzip")
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]


def test_nothing_but_looking_is_allowed(door: Door) -> None:
    assert get(door, f"/C/{post(card=samples.card())}", method="POST").status == 405


def test_the_logo_stands_at_its_digest(door: Door) -> None:
    described = msgspec.structs.replace(samples.CITY, logo="abc123")
    board.post_city(document=city.dump(described), logo=b"\x89PNG of a city", at=datetime.now(UTC))

    eventually(lambda: get(door, "/logo/abc123.png").status == 200)
    assert get(door, "/logo/abc123.png").body == b"\x89PNG of a city"
    assert get(door, "/logo/other.png").status == 404


class TestWhatChanges:
    """Each change reaches a page that is kept, within the second."""

    def test_a_withdrawn_code(self, door: Door) -> None:
        text = post(card=samples.card())
        settle(door)
        assert get(door, f"/C/{text}").status == 200
        board.take_down(codes=[(SERIAL, "cancelled")])

        assert eventually(lambda: get(door, f"/C/{text}").status == 410) < promised(1)

    def test_a_card_in_place_of_another(self, door: Door) -> None:
        text = post(card=samples.card())
        settle(door)
        get(door, f"/C/{text}")
        post_card(samples.card(name="新渡口饺子馆"))

        assert eventually(lambda: "新渡口" in get(door, f"/C/{text}").text) < promised(1)

    def test_a_card_taken_down(self, door: Door) -> None:
        text = post(card=samples.card())
        settle(door)
        get(door, f"/C/{text}")
        board.take_down(holders=[samples.USCC])

        assert eventually(lambda: get(door, f"/C/{text}").status == 503) < promised(1)

    def test_the_citys_face(self, door: Door) -> None:
        text = post(card=samples.card())
        settle(door)
        get(door, f"/C/{text}")
        moved = msgspec.structs.replace(samples.CITY, phone="0468-1112222")
        board.post_city(document=city.dump(moved), logo=None, at=datetime.now(UTC))

        assert eventually(lambda: "0468-1112222" in get(door, f"/C/{text}").text) < promised(1)

    def test_a_new_key(self, door: Door) -> None:
        text = sealed(key=2, by=STRANGER)
        post(card=samples.card())
        assert get(door, f"/C/{text}").status == 404
        board.post_key(number=2, public_key=STRANGER.public_key().public_bytes_raw(), at=datetime.now(UTC))

        assert eventually(lambda: get(door, f"/C/{text}").status == 200) < promised(1)

    def test_everything_at_once(self, door: Door) -> None:
        text = post(card=samples.card())
        settle(door)
        get(door, f"/C/{text}")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE board_code SET state = 'frozen'")
            cursor.execute("SELECT pg_notify('board', '*')")

        assert eventually(lambda: "已冻结" in get(door, f"/C/{text}").text) < promised(1)


class TestFailingClosed:
    def test_without_a_young_beat_nothing_kept_is_shown(self, door: Door) -> None:
        text = post(card=samples.card())
        settle(door)
        assert get(door, f"/C/{text}").status == 200
        door.listener.stop()
        eventually(lambda: not door.listener.is_young)

        answer = get(door, f"/C/{text}")

        assert answer.status == 503
        assert "暂时无法核验，请稍后再试" in answer.text
        assert answer.headers["retry-after"] == "10"
        assert get(door, "/healthz").status == 503

    def test_a_lost_connection_forgets_everything_and_comes_back(
        self, door: Door, caplog: pytest.LogCaptureFixture
    ) -> None:
        text = post(card=samples.card())
        settle(door)
        get(door, f"/C/{text}")
        # What changes while nobody listens is told to nobody.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE board_code SET state = 'cancelled'")
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chengxin public'"
            )

        eventually(lambda: get(door, f"/C/{text}").status == 410)
        assert len(caplog.records) <= 2

    def test_a_database_that_does_not_answer_makes_a_scan_say_so(
        self, door: Door, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def nobody(serial: int) -> None:
            raise Down("no answer")

        monkeypatch.setattr(door.reader, "row", nobody)

        assert get(door, f"/C/{post(card=samples.card())}").status == 503

    def test_whatever_breaks_a_scan_gets_an_answer(self, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(serial: int) -> None:
            raise RuntimeError

        monkeypatch.setattr(door.reader, "row", broken)

        assert get(door, f"/C/{post(card=samples.card())}").status == 503

    def test_a_fill_overtaken_by_a_withdrawal_is_not_kept(self, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
        text = post(card=samples.card())
        settle(door)
        read = door.reader.row
        read_it, told = threading.Event(), threading.Event()

        def slowly(serial: int) -> object:
            row = read(serial)
            read_it.set()
            told.wait(5)
            return row

        monkeypatch.setattr(door.reader, "row", slowly)
        scan = threading.Thread(target=get, args=(door, f"/C/{text}"))
        scan.start()
        read_it.wait(5)
        before = door.cache.moment
        board.take_down(codes=[(SERIAL, "cancelled")])
        eventually(lambda: door.cache.moment > before)
        told.set()
        scan.join()
        monkeypatch.setattr(door.reader, "row", read)

        assert get(door, f"/C/{text}").status == 410


def test_endless_wrong_codes_do_not_push_true_pages_out(door: Door) -> None:
    text = post(card=samples.card())
    settle(door)
    get(door, f"/C/{text}")
    for number in range(200):
        get(door, f"/C/{token.claim(serial=number, bits=number)}")

    assert len(door.cache) == 1


def test_a_kept_page_notes_no_more_of_a_request_than_the_first(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    text = post(card=samples.card())
    settle(door)
    get(door, f"/C/{text}")
    noted: list[tuple[object, ...]] = []
    monkeypatch.setattr(door.journal, "note", noted.append)
    get(door, f"/C/{text}", HTTP_USER_AGENT="x" * 400_000, HTTP_X_FORWARDED_FOR="x" * 400_000)

    assert sum(len(str(part)) for part in noted[0]) < 500


def test_unknown_keys_do_not_make_us_read_keys_for_each(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(door, "_ring_read_at", -1000.0)
    monkeypatch.setattr(door.reader, "ring", lambda: asked.append(1) or reader.Ring({}, {}))

    for number in range(2, 30):
        get(door, f"/C/{sealed(key=number)}")

    assert len(asked) == 1


def test_the_minute_on_a_kept_page_moves_on(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    from time import time

    text = post(card=samples.card())
    settle(door)
    before = get(door, f"/C/{text}", HTTP_ACCEPT_ENCODING="gzip")
    monkeypatch.setattr(wsgi, "time", lambda: time() + 60)

    for encoding in ("gzip", ""):
        after = get(door, f"/C/{text}", HTTP_ACCEPT_ENCODING=encoding)
        assert after.body != before.body
        assert int(after.headers["content-length"]) == len(after.body)
    assert len(door.cache) == 1


def test_a_page_is_drawn_anew_on_the_next_day(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    from time import time

    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    text = post(card=samples.card(licences=0, administration=(samples.penalty(until=today),)))
    settle(door)
    assert "未按规定公示" in get(door, f"/C/{text}").text
    monkeypatch.setattr(wsgi, "time", lambda: time() + 86400)

    assert "未按规定公示" not in get(door, f"/C/{text}").text


class TestTheJournal:
    def scans(self) -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT serial, verdict, device, at, id FROM inbox_scan ORDER BY at")
            return [tuple(row) for row in cursor.fetchall()]

    def test_scans_are_noted_with_what_was_found(self, door: Door) -> None:
        text = post(card=samples.card())
        for path in (f"/C/{text}", f"/C/{text}", "/C/forged"):
            get(door, path)
        get(door, f"/C/{text}", method="HEAD")
        get(door, f"/C/{text}", query="lang=en")
        door.journal.flush()

        assert [scan[:2] for scan in self.scans()] == [(SERIAL, "active"), (SERIAL, "active"), (None, "forged")]

    def test_a_device_is_told_apart_and_never_named(self, door: Door) -> None:
        text = post(card=samples.card())
        for remote in ("203.0.113.7", "203.0.113.7", "203.0.113.8"):
            get(door, f"/C/{text}", REMOTE_ADDR=remote)
        door.journal.flush()

        devices = [bytes(scan[2]) for scan in self.scans()]  # type: ignore[call-overload]
        assert devices[0] == devices[1] != devices[2]
        assert all(len(device) == 8 for device in devices)

    def test_programs_are_told_apart_by_their_own_words_and_the_words_are_not_kept(self, door: Door) -> None:
        text = post(card=samples.card())
        for browser in ("Mozilla/5.0 (iPhone) MicroMessenger/8.0", "Baiduspider/2.0", ""):
            get(door, f"/C/{text}", HTTP_USER_AGENT=browser)
        door.journal.flush()

        with connection.cursor() as cursor:
            cursor.execute("SELECT bot FROM inbox_scan ORDER BY at")
            assert [bot for (bot,) in cursor.fetchall()] == [False, True, True]
            cursor.execute("SELECT string_agg(s::text, '') FROM inbox_scan s")
            assert not {"iphone", "baidu"} & set(cursor.fetchone()[0].lower().split())

    def test_a_scan_is_written_within_the_second(self, door: Door) -> None:
        get(door, f"/C/{post(card=samples.card())}")

        eventually(lambda: len(self.scans()) == 1, within=promised(2))

    def test_closing_writes_what_is_left(self, door: Door) -> None:
        get(door, f"/C/{post(card=samples.card())}")
        door.close()

        assert len(self.scans()) == 1
