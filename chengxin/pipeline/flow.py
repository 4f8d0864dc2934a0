"""The pipeline's worker: whatever was touched is on the board within a second, and the small clocks are kept.

One at a time works (a session lock); a second waits and takes over when the first is gone. Every task may run twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final, Protocol

import psycopg
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from chengxin.board import actions as board
from chengxin.board import queries as board_queries
from chengxin.board import status
from chengxin.board.models import BoardStatus
from chengxin.credit.applications import actions as applications
from chengxin.credit.codes import actions as codes
from chengxin.credit.codes import scans
from chengxin.credit.codes.keyring import RingBroken
from chengxin.credit.commitments import listing
from chengxin.credit.fakes import actions as fakes
from chengxin.credit.publishing import actions as publishing
from chengxin.credit.records import queries as records
from chengxin.credit.subjects.actions import TOUCH_CHANNEL
from chengxin.people import clients, phone_codes, trail
from chengxin.pipeline.scanning import Tally
from chengxin.portals.shared import proofs
from chengxin.terms import sound

log = logging.getLogger(__name__)

CHUNK: Final = 400
"""Subjects posted in one transaction: some tenths of a second, so that a person's act never waits longer."""
WEIGHT: Final = 8000
"""Records that the subjects of one transaction have together, unless one alone has more: for the same reason."""
IDLE_SECONDS: Final = 3.0
"""So long a worker may keep its locks without a word to the database."""
IDLE_AT_MOST: Final = 60.0
SLOWEST: Final = 500.0
"""Records a second that a worker makes into a card, on a machine that has much else to do."""
ALONE_SECONDS: Final = 0.3
AGAIN_AT_MOST: Final = 600.0
TICK_SECONDS: Final = 0.5
HOUR_SECONDS: Final = 3600.0
TALLY_SECONDS: Final = 5.0
"""How often scans are tallied; an owner waits no longer to see that somebody scanned."""
REFRESH_AHEAD: Final = timedelta(days=7)
REFRESH_CHUNK: Final = 2000
STATUS_EVERY: Final = timedelta(minutes=9)
"""A status list is made anew at this age, though it says the same: its age is what an offline verifier has to go by."""
STATUS_LOOK_SECONDS: Final = 60.0
STATUS_PAUSE_SECONDS: Final = 0.3
"""So long at least from one list to the next, however much happens."""


class Failed(Exception):
    """The subjects of a chunk could not be posted; its cause says why."""

    def __init__(self, subjects: Collection[str]) -> None:
        super().__init__(f"{len(subjects)} subjects")
        self.subjects = tuple(subjects)


@transaction.atomic
def post_touched(
    *, at: datetime, leave: Collection[str] = (), only: str | None = None, idle: float = IDLE_SECONDS
) -> int:
    """Post what was touched, a chunk of it, persons' acts before batches; return how many touches were taken.

    `leave` names subjects that are not to be looked at, `only` the one that is. Of a subject with very many records it
    takes long, so one is posted by itself.

    :raises Failed: they could not be posted; their touches stand.
    """
    with connection.cursor() as cursor:
        # A stopped worker must not keep its locks: an act that hides would wait for it.
        _allow_idle(cursor, idle)
        if only is None:
            cursor.execute(
                """SELECT subject FROM subjects_touch WHERE subject <> ALL(%s)
                   ORDER BY bulk, id LIMIT %s FOR UPDATE SKIP LOCKED""",
                [list(leave), CHUNK],
            )
            chosen = [*dict.fromkeys(subject for (subject,) in cursor.fetchall())]
        else:
            chosen = [only]
        weights = records.numbers(chosen)
        so_far = [*accumulate(weights.get(subject, 0) for subject in chosen)]
        chosen = [one for place, one in enumerate(chosen) if place == 0 or so_far[place] <= WEIGHT]
        # One posting answers every touch of a subject that stood before it.
        cursor.execute(
            """WITH answered AS MATERIALIZED (
                 SELECT id FROM subjects_touch WHERE subject = ANY(%s) FOR UPDATE SKIP LOCKED)
               DELETE FROM subjects_touch WHERE id IN (SELECT id FROM answered)""",
            [chosen],
        )
        taken = int(cursor.rowcount)
        if so_far and so_far[0] > WEIGHT:
            # Between two statements it works for longer than that, and only acts on this one subject wait for it.
            _allow_idle(cursor, idle + so_far[0] / SLOWEST)
    if taken:
        try:
            listing.list_anew(these=sorted(chosen))
            publishing.post(
                subjects=sorted(chosen),
                at=at,
                today=timezone.localdate(at),
                overlap=settings.PUBLICITY_OVERLAP,
                good_for=timedelta(days=settings.CARD_GOOD_DAYS),
            )
        except Exception as error:
            raise Failed(chosen) from error
    return taken


def _allow_idle(cursor: CursorWrapper, seconds: float) -> None:
    cursor.execute(
        "SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [f"{math.ceil(seconds * 1000)}ms"]
    )


@dataclass(slots=True)
class _Trouble:
    """A subject that could not be posted: how often, and when (of time.monotonic) it is tried again."""

    tries: int
    again: float


class Posting:
    """Posts what is touched, so that a subject that cannot be posted holds up no other.

    Those of a chunk that failed are tried one by one, and whatever fails by itself again later and later. What failed is
    kept in mind only, as its touch stands: whoever comes after us tries it at once.
    """

    def __init__(self) -> None:
        # Names are found by their sounds. Loaded with the first card, within its transaction, the dictionary takes so long
        # on a busy machine that the database takes us for stopped.
        sound.load()
        self._troubled: dict[str, _Trouble] = {}

    def post(self, *, at: datetime) -> int:
        """Post a chunk, and then for a moment what failed before; return how many touches were taken."""
        try:
            taken = post_touched(at=at, leave=self._troubled)
        except Failed as failed:
            self._note(failed)
            taken = len(failed.subjects)  # there is more to do at once
        until = time.monotonic() + ALONE_SECONDS
        for subject, trouble in sorted(self._troubled.items(), key=lambda one: one[1].again):
            now = time.monotonic()
            if trouble.again > now or now > until:
                break
            try:
                # What was too slow once gets more time, whatever made it slow.
                taken += post_touched(at=at, only=subject, idle=min(IDLE_SECONDS * 2**trouble.tries, IDLE_AT_MOST))
            except Failed as failed:
                self._note(failed)
            else:
                del self._troubled[subject]
        return taken

    def _note(self, failed: Failed) -> None:
        if not connection.in_atomic_block and (connection.connection is None or connection.connection.broken):
            connection.close()
        alone = len(failed.subjects) == 1
        for subject in failed.subjects:
            tries = self._troubled[subject].tries + 1 if subject in self._troubled else 1
            wait = min(2.0**tries, AGAIN_AT_MOST) if alone else 0.0
            self._troubled[subject] = _Trouble(tries, time.monotonic() + wait)
        if alone:
            log.error("%s could not be posted (%s)", failed.subjects[0], tries, exc_info=failed.__cause__)
        else:
            reason = type(failed.__cause__).__name__
            log.warning("%s subjects could not be posted together, trying one by one: %s", len(failed.subjects), reason)


def drain(*, progress: Callable[[int], None] | None = None) -> int:
    """Post everything that is touched now; return how many touches that was."""
    total = 0
    posting = Posting()
    while taken := posting.post(at=timezone.now()):
        total += taken
        if progress:
            progress(total)
    return total


def refresh_cards(*, at: datetime) -> int:
    """Touch cards that would soon go past `good_until`, oldest first; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_touch (subject, bulk)
               SELECT holder, true FROM board_card c WHERE kind = 'subject' AND good_until < %s
                 AND NOT EXISTS (SELECT FROM subjects_touch t WHERE t.subject = c.holder)
               ORDER BY good_until LIMIT %s""",
            [at + REFRESH_AHEAD, REFRESH_CHUNK],
        )
        return int(cursor.rowcount)


@transaction.atomic
def post_status(*, at: datetime) -> bool:
    """Post the status list as it is to be now; tell whether it was news. Without a key to sign with there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pipeline.status'))")
    signer = codes.standing_signer(settings.KEYS_DIR)
    if signer is None:
        return False
    stopped = board_queries.stopped()
    payload = status.credential(
        revoked=stopped.revoked,
        suspended=stopped.suspended,
        last_serial=stopped.last_serial,
        issuer=settings.PUBLIC_URL,
        at=at,
        good_for=timedelta(days=settings.STATUS_GOOD_DAYS),
    )
    timeless = {name: value for name, value in payload.items() if not name.startswith("valid")}
    digest = hashlib.sha256(json.dumps([signer.number, settings.STATUS_GOOD_DAYS, timeless]).encode()).digest()
    posted = BoardStatus.objects.values_list("digest", "made_at").first()
    # One of the future, from before a clock was set right, is good for nobody until then.
    if posted is not None and bytes(posted[0]) == digest and timedelta(0) <= at - posted[1] < STATUS_EVERY:
        return False
    document = status.sign(payload, key=signer.number, private_key=signer.private_key)
    board.post_status(document=document, key=signer.number, digest=digest, at=at)
    return True


def keep_clocks(*, at: datetime) -> None:
    """Do what is due by the clock: seal the trail, turn the day's salt, refresh ageing cards."""
    trail.seal(at=at)
    board.turn_salt(today=timezone.localdate(at), salt=secrets.token_bytes(32))
    refresh_cards(at=at)


def keep_hours(*, at: datetime) -> None:
    """Do what is due by the day, and looked at by the hour: destroy what was kept for long enough, of closed reports, of
    papers that showed who somebody is, of drafts and of contacts, of tokens that no longer hold, of devices that were counted, of sessions that ended
    and of codes sent to telephones.
    """
    fakes.forget(at=at, after=timedelta(days=settings.FAKE_PHOTO_DAYS))
    proofs.sweep(at=at, after=timedelta(days=settings.PROOF_DAYS))
    applications.sweep(
        at=at,
        drafts_after=timedelta(days=settings.DRAFT_DAYS),
        contacts_after=timedelta(days=settings.CONTACT_DAYS),
    )
    clients.forget_expired(at=at)
    scans.forget_seen(today=timezone.localdate(at))
    phone_codes.forget_old(at=at)
    # Whoever only asks for a code has a session too, so that their number is not kept longer than half an hour.
    Session.objects.filter(expire_date__lte=at).delete()


def _work_until_lost(listening: psycopg.Connection[tuple[object, ...]], *, alive: Callable[[], bool]) -> None:
    while alive():
        held = listening.execute("SELECT pg_try_advisory_lock(hashtext('pipeline.flow'))").fetchone()
        if held and held[0]:
            break
        time.sleep(TICK_SECONDS)
    listening.execute(f"LISTEN {TOUCH_CHANNEL}")
    listening.execute(f"LISTEN {board.CHANNEL}")
    ticked = listed = tallied = 0.0
    tally = Tally()
    hour_ticked = -math.inf
    changed = True
    posting = Posting()
    while alive():
        # Chunk by chunk: neither the clocks nor a withdrawal's place on the status list wait for a whole batch.
        taken = posting.post(at=timezone.now())
        if time.monotonic() - ticked >= 1.0:
            _keep(keep_clocks)
            ticked = time.monotonic()
        if time.monotonic() - hour_ticked >= HOUR_SECONDS:
            _keep(keep_hours)
            hour_ticked = time.monotonic()
        if time.monotonic() - tallied >= TALLY_SECONDS:
            # Where there is more to do, it goes on with the next turn, and the rest is not kept waiting.
            tallied = 0.0 if _keep(tally.step) else time.monotonic()
        since = time.monotonic() - listed
        if since >= STATUS_LOOK_SECONDS or (changed and since >= STATUS_PAUSE_SECONDS):
            changed = False
            _keep(_keep_status)
            listed = time.monotonic()
        patience = 0 if taken else STATUS_PAUSE_SECONDS if changed else TICK_SECONDS
        for note in listening.notifies(timeout=patience, stop_after=1):
            changed = changed or (note.channel == board.CHANNEL and board.tells_of_codes(note.payload))


class _Task(Protocol):
    def __call__(self, *, at: datetime) -> bool | None: ...


def _keep(task: _Task) -> bool | None:
    """Do what is due, and return what it says; what goes wrong with one clock stops neither the others nor the river."""
    try:
        return task(at=timezone.now())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a clock of the pipeline did not strike")
        return None


def _keep_status(*, at: datetime) -> None:
    try:
        post_status(at=at)
    except (RingBroken, OSError) as trouble:
        # The river goes on: a list that is not made anew says how old it is, and after some days nothing.
        log.error("the status list could not be signed: %s", trouble)


def run() -> None:
    """Work until the parent process is gone; come back after every loss of the database."""
    parent = os.getppid()

    def alive() -> bool:
        return os.getppid() == parent

    while alive():
        try:
            parameters = connection.get_connection_params()
            parameters.pop("cursor_factory", None)
            parameters.pop("context", None)
            with psycopg.connect(**parameters, autocommit=True) as listening:
                _work_until_lost(listening, alive=alive)
        except (DatabaseError, InterfaceError, psycopg.Error) as error:
            # Of every sort: one that was stopped for a while finds itself disconnected as by an "internal" error.
            log.warning("the pipeline lost the database, trying again: %s", str(error).partition("\n")[0])
            connection.close()
            time.sleep(1)
