"""Acts on codes: issue, turn, withdraw, and turning the key ring. Each is one transaction with its trail."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from chengxin.board import actions as board
from chengxin.board import token
from chengxin.board.models import BoardKey
from chengxin.credit.codes import keyring, queries, rules
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.subjects import actions as subjects_actions
from chengxin.credit.subjects import queries as subjects_queries
from chengxin.people import trail
from chengxin.people.trail import Actor, Refused
from chengxin.terms.entity import STATES

CHINA = ZoneInfo("Asia/Shanghai")


class Issued(NamedTuple):
    """What `issue` has to say of one subject: its code, or why there is none."""

    subject: str
    serial: int | None
    token: str
    state: str
    refusal: str = ""


def _lock(subjects: Sequence[str]) -> None:
    """Let nobody else change the codes of these subjects until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uscc FROM subjects_subject WHERE uscc = ANY(%s) ORDER BY uscc FOR NO KEY UPDATE", [list(subjects)]
        )


def _turns(turns: Sequence[tuple[str, int, str]], *, why: str, by: Actor, at: datetime) -> None:
    """Add turns (subject, serial, state)."""
    if not turns:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_turn (subject, serial, state, why, by, at)
               SELECT *, %s, %s, %s FROM unnest(%s::varchar[], %s::bigint[], %s::varchar[])""",
            [why, by.name, at, *(list(column) for column in zip(*turns, strict=True))],
        )


def _consent(subjects: Sequence[str], *, given: bool, reference: str, by: Actor, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_consent (subject, given, reference, at, by)
               SELECT unnest(%s::varchar[]), %s, %s, %s, %s""",
            [list(subjects), given, reference, at, by.name],
        )


def _dead_prefixes(signer: keyring.Signer) -> frozenset[str]:
    """Return what the tokens of revoked keys begin with; until the transaction ends no further key is revoked.

    :raises Refused: `signer` is one of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('codes.rotate'))")
    dead = queries.dead_prefixes()
    if token.key_prefix(signer.number) in dead:
        raise Refused(f"第 {signer.number} 号签发钥匙刚刚作废，没有用它签发：请再签发一次")
    return dead


@transaction.atomic
def issue(
    *,
    subjects: Sequence[str],
    consent: str | None,
    by: Actor,
    at: datetime,
    signer: keyring.Signer,
    placement: str = "premises",
    label: str = "",
    profile: str | None = None,
) -> list[Issued]:
    """Issue a code for a placement of each subject; one that has it already keeps it.

    With `consent` (which paper says yes) it stands on record and the code is active; without, the code is active only
    where a consent stands on record, else pending: nothing is shown without a yes (自愿). Refusals come back beside
    the codes, one subject's never stops the others. A code whose key was revoked is not kept: another takes its place.

    :raises Refused: `signer` was revoked since it was looked up.
    """
    dead = _dead_prefixes(signer)
    where = PLACEMENTS[placement]
    profile = profile or where.profile
    wanted = list(dict.fromkeys(subjects))
    _lock(wanted)
    registered = {row.subject: row for row in subjects_queries.registrations(wanted)}
    refusals: dict[str, str] = {}
    for subject in wanted:
        registration = registered.get(subject)
        if registration is None:
            refusals[subject] = "库中没有这个主体，请先归集登记信息"
        elif not STATES[registration.state].may_be_coded:
            refusals[subject] = f"登记状态为“{STATES[registration.state].label}”，不能签发诚信码"
    allowed = [subject for subject in wanted if subject not in refusals]
    if consent and allowed:
        _consent(allowed, given=True, reference=consent, by=by, at=at)
    consenting = queries.consenting(allowed)
    held = {
        code.subject: code
        for code in queries.standing(allowed)
        if (code.placement, code.label) == (placement, label) and code.state not in ("superseded", "cancelled")
    }
    # What was paused or frozen stays so: a code issued anew would stand.
    lost = [
        held.pop(code.subject) for code in list(held.values())
        if code.state in ("active", "pending") and code.profile == "full" and code.token.startswith(tuple(dead))
    ]  # fmt: skip
    gone = [(code.subject, code.serial, "superseded" if code.state == "active" else "cancelled") for code in lost]
    new = [subject for subject in allowed if subject not in held]
    awake = [code for code in held.values() if code.state == "pending" and code.subject in consenting]

    issued_on = at.astimezone(CHINA).date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('codes_serial') FROM generate_series(1, %s)", [len(new)])
        serials = [serial for (serial,) in cursor.fetchall()]
    rows: dict[str, tuple[int, str, str, int | None]] = {}
    for subject, serial in zip(new, serials, strict=True):
        if profile == "short":
            bits: int | None = secrets.randbits(60)
            text = token.claim(serial=serial, bits=bits or 0)
        else:
            bits = None
            text = token.seal(
                token.Seal(signer.number, "subject", subject, serial, issued_on, where.number), signer.private_key
            )
        rows[subject] = (serial, text, "active" if subject in consenting else "pending", bits)
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO codes_code (subject, serial, token, profile, placement, label, issued_on)
                   SELECT *, %s, %s, %s, %s::date FROM unnest(%s::varchar[], %s::bigint[], %s::varchar[])""",
                [profile, placement, label, issued_on, list(rows), serials, [row[1] for row in rows.values()]],
            )
    turns = [(subject, serial, state) for subject, (serial, _, state, _) in rows.items()]
    turns += [(code.subject, code.serial, "active") for code in awake]
    _turns(turns, why=f"同意依据：{consent}" if consent else "", by=by, at=at)
    _turns(gone, why="签发钥匙已作废", by=by, at=at)
    board.take_down(codes=[(serial, state) for _, serial, state in gone])
    # A new code hangs nowhere yet, so it may stand on the board within the act: nothing shown before changes.
    board.post_codes(
        board.CodeRow(serial, "subject", subject, state, placement, label, bits, issued_on)
        for subject, (serial, _, state, bits) in rows.items()
    )
    if turns:
        subjects_actions.touch([subject for subject, _, _ in turns])
    trail.note(
        by=by,
        verb="code.issue",
        thing=f"subject:{wanted[0]}" if len(wanted) == 1 else f"subjects:{len(wanted)}",
        at=at,
        detail={
            "issued": len(rows),
            "replaced": len(gone),
            "activated": len(awake),
            "kept": len(held) - len(awake),
            "refused": len(refusals),
            "placement": placement,
            "consent": consent or "",
            "serials": [min(serials), max(serials)] if serials else [],
        },
    )
    awakened = {code.subject for code in awake}
    answers = []
    for subject in wanted:
        if subject in refusals:
            answers.append(Issued(subject, None, "", "refused", refusals[subject]))
        elif subject in rows:
            serial, text, state, _ = rows[subject]
            answers.append(Issued(subject, serial, text, state))
        else:
            code = held[subject]
            answers.append(Issued(subject, code.serial, code.token, "active" if subject in awakened else code.state))
    return answers


@transaction.atomic
def turn(*, subject: str, serial: int, verb: str, why: str, by: Actor, at: datetime) -> None:
    """Let one code take one turn; what the turn hides is hidden when this returns.

    :raises Refused: no such code, or the turn is not in the table.
    """
    _lock([subject])
    code = next((code for code in queries.standing([subject]) if code.serial == serial), None)
    if code is None:
        raise Refused(f"{subject} 没有编号为 {serial} 的诚信码")
    refusal = rules.why_not_step(verb, code.state)
    if refusal:
        raise Refused(refusal)
    after = rules.STEPS[verb].after
    _turns([(subject, serial, after)], why=why, by=by, at=at)
    if after in rules.HIDES:
        board.take_down(codes=[(serial, after)])
    subjects_actions.touch([subject])
    trail.note(by=by, verb=f"code.{verb}", thing=f"code:{serial}", at=at, detail={"subject": subject, "why": why})


@transaction.atomic
def withdraw(*, subject: str, why: str, by: Actor, at: datetime) -> list[int]:
    """Withdraw every code of a subject and return their serials; they are withdrawn for everyone when this returns.

    The consent goes with them: a new code needs a new yes.

    :raises Refused: the subject has no code that stands.
    """
    _lock([subject])
    standing = [c for c in queries.standing([subject]) if rules.why_not_step("cancel", c.state) is None]
    if not standing:
        raise Refused(f"{subject} 没有可注销的诚信码")
    serials = [code.serial for code in standing]
    _turns([(subject, serial, "cancelled") for serial in serials], why=why, by=by, at=at)
    _consent([subject], given=False, reference=why, by=by, at=at)
    board.take_down(holders=[subject], codes=[(serial, "cancelled") for serial in serials])
    subjects_actions.touch([subject])
    trail.note(by=by, verb="code.withdraw", thing=f"subject:{subject}", at=at, detail={"serials": serials, "why": why})
    return serials


@transaction.atomic
def rotate(*, folder: Path, by: Actor, at: datetime) -> keyring.Signer:
    """Make the next signing key, post its public half, and return it. What older keys signed stays genuine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('codes.rotate'))")
    posted = BoardKey.objects.order_by("-number").values_list("number", flat=True).first() or 0
    kept = max((signer.number for signer in keyring.signers(folder)), default=0)
    signer = keyring.make(folder, number=max(posted, kept) + 1)
    board.post_key(number=signer.number, public_key=signer.public_bytes, at=at)
    trail.note(by=by, verb="key.rotate", thing=f"key:{signer.number}", at=at)
    return signer


@transaction.atomic
def revoke(*, number: int, why: str, folder: Path, by: Actor, at: datetime) -> keyring.Signer:
    """Revoke a key, for everyone when this returns, and return the one that signs from now on.

    What it signed vouches for nothing, whoever shows it: a thief's codes cannot be told from ours. The status list that
    it signed comes off the board; the next one is signed with the key returned.

    :raises Refused: there is no such key, or it is revoked already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('codes.rotate'))")
    key = BoardKey.objects.filter(number=number).first()
    if key is None:
        raise Refused(f"没有第 {number} 号签发钥匙")
    if key.revoked_at is not None:
        raise Refused(f"第 {number} 号签发钥匙已经作废")
    board.revoke_key(number=number, at=at)
    trail.note(by=by, verb="key.revoke", thing=f"key:{number}", at=at, detail={"why": why})
    return signer(folder=folder, by=by, at=at)


def standing_signer(folder: Path) -> keyring.Signer | None:
    """Return the key that signs now: the newest that is in the ring and stands on the board; None where there is none."""
    standing = BoardKey.objects.filter(revoked_at=None).values_list("number", "public_key")
    posted = {number: bytes(public) for number, public in standing}
    for kept in sorted(keyring.signers(folder), key=lambda kept: -kept.number):
        if posted.get(kept.number) == kept.public_bytes:
            return kept
    return None


def signer(*, folder: Path, by: Actor, at: datetime) -> keyring.Signer:
    """Return the key that signs now; where none does (the first code, a lost folder), one is made."""
    return standing_signer(folder) or rotate(folder=folder, by=by, at=at)


def note_print(
    *, thing: str, carrier: str, printed: int, refused: int, serials: tuple[int, int], by: Actor, at: datetime
) -> None:
    """Note that codes were printed: how many, on what, and the lowest and the highest serial. Printing changes none."""
    detail = {"carrier": carrier, "printed": printed, "refused": refused, "serials": list(serials)}
    trail.note(by=by, verb="code.print", thing=thing, at=at, detail=detail)
