"""One body is waited for at a time, and the spare thread lies still until one is."""

from __future__ import annotations

import threading
import time

from chengxin.public.spare import PARKED_SECONDS, Spare
from chengxin.public.wsgi import Door
from tests.public.door import get


def test_one_body_at_a_time() -> None:
    spare = Spare()

    assert [spare.take(), spare.take()] == [True, False]
    spare.give_back()
    assert spare.take()


def test_a_parked_thread_gets_up_when_a_body_comes() -> None:
    spare = Spare()
    parked = threading.Thread(target=spare.park)
    began = time.monotonic()
    parked.start()
    spare.take()
    parked.join()

    assert time.monotonic() - began < PARKED_SECONDS


def test_nobody_parks_while_a_body_is_waited_for() -> None:
    spare = Spare()
    spare.take()
    waiting = threading.Thread(target=spare.wait_until_free)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    spare.give_back()
    waiting.join(60)
    assert not waiting.is_alive()


def test_a_stranger_cannot_put_a_thread_to_sleep() -> None:
    door = Door(dsn="host=/nonexistent")
    began = time.monotonic()

    assert get(door, f"/spare/{'0' * 32}").status == 404
    assert time.monotonic() - began < PARKED_SECONDS
    for spare in door.spares:
        assert get(door, spare.path).status == 200
        assert len(spare.path) > 32
