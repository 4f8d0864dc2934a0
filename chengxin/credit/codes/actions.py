"""Acts on codes: issue, turn, withdraw, and turning the key ring. Each is one transaction with its trail."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from chengxin.board import actions as board
from chengxin.board import token
from chengxin.board.models import BoardKey
from chengxin.credit.codes import keyring, listed, queries, rules
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
    """Add turns (subject, serial, state); a step of an act that has locked their subjects."""
    if not turns:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_turn (subject, serial, state, why, by, at)
               SELECT *, %s, %s, %s FROM unnest(%s::varchar[], %s::bigint[], %s::varchar[])""",
            [why, by.name, at, *(list(column) for column in zip(*turns, strict=True))],
        )
    listed.make(sorted({subject for subject, _, _ in turns}), today=at.astimezone(CHINA).date())


def _consent(
    subjects: Sequence[str], *, given: bool, reference: str, by: Actor, at: datetime, version: str = ""
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_consent (subject, given, reference, version, at, by)
               SELECT unnest(%s::varchar[]), %s, %s, %s, %s, %s""",
            [list(subjects), given, reference, version, at, by.name],
        )


class Wanted(NamedTuple):
    """One code to be made: whose, where it hangs, and the state it begins in; whether its label may be shown."""

    subject: str
    placement: str
    label: str
    profile: str
    state: str
    way: str
    label_shown: bool = False


def make(wanted: Sequence[Wanted], *, why: str, by: Actor, at: datetime, signer: keyring.Signer) -> list[Issued]:
    """Make these codes, with their first turns, and post them; a step of an act that has locked their subjects.

    A new code hangs nowhere yet, so it may stand on the board within the act: nothing shown before changes.
    """
    if not wanted:
        return []
    issued_on = at.astimezone(CHINA).date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('codes_serial') FROM generate_series(1, %s)", [len(wanted)])
        serials = [serial for (serial,) in cursor.fetchall()]
    made: list[Issued] = []
    rows: list[board.CodeRow] = []
    for one, serial in zip(wanted, serials, strict=True):
        bits: int | None = None
        if one.profile == "short":
            bits = secrets.randbits(60)
            text = token.claim(serial=serial, bits=bits)
        else:
            number = PLACEMENTS[one.placement].number
            text = token.seal(
                token.Seal(signer.number, "subject", one.subject, serial, issued_on, number), signer.private_key
            )
        made.append(Issued(one.subject, serial, text, one.state))
        label = one.label if one.label_shown else ""
        rows.append(board.CodeRow(serial, "subject", one.subject, one.state, one.placement, label, bits, issued_on))
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_code (subject, serial, token, profile, placement, label, way, issued_on)
               SELECT *, %s::date FROM unnest(%s::varchar[], %s::bigint[], %s::varchar[], %s::varchar[],
                 %s::varchar[], %s::varchar[], %s::varchar[])""",
            [
                issued_on,
                [one.subject for one in wanted],
                serials,
                [one.token for one in made],
                [one.profile for one in wanted],
                [one.placement for one in wanted],
                [one.label for one in wanted],
                [one.way for one in wanted],
            ],
        )
    _turns(
        [(one.subject, serial, one.state) for one, serial in zip(wanted, serials, strict=True)], why=why, by=by, at=at
    )
    board.post_codes(rows)
    return made


class Placed(NamedTuple):
    """What is known of where one code hangs (`models.Placing`); a point only with consent, WGS-84."""

    subject: str
    serial: int
    label_shown: bool = False
    where: str = ""
    lat: Decimal | None = None
    lon: Decimal | None = None
    pointed_by: str = ""
    until: date | None = None
    keeper: str = ""


def note_places(places: Sequence[Placed], *, by: Actor, at: datetime) -> None:
    """Add what is known of where these codes hang; a step of an act that has locked their subjects."""
    if not places:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_placing (subject, serial, label_shown, "where", lat, lon, pointed_by, until, keeper,
                 point_consent, by, at)
               SELECT p.*, p.lat IS NOT NULL, %s, %s FROM unnest(%s::varchar[], %s::bigint[], %s::boolean[],
                 %s::varchar[], %s::numeric[], %s::numeric[], %s::varchar[], %s::date[], %s::varchar[])
                 AS p (subject, serial, label_shown, "where", lat, lon, pointed_by, until, keeper)""",
            [by.name, at, *(list(column) for column in zip(*places, strict=True))],
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
    labels: Sequence[str] | None = None,
    label_shown: bool = False,
    until: date | None = None,
    profile: str | None = None,
    way: str = "batch",
    version: str = "",
) -> list[Issued]:
    """Issue a code for a placement of each subject; one that has it already keeps it. Answers come in the same order.

    With `labels` each subject stands beside the label of one of its places, and may stand there with several; without,
    all have `label`. It is shown to whoever scans only where the paper says so too (`label_shown`). `until` is the last
    day of a place that ends.
    `way` says how it was asked for (`rules.WAYS`), `version` which words were agreed to, where they were read on a page.
    With `consent` (which paper says yes) it stands on record and the code is active; without, the code is active only
    where a consent stands on record, else pending: nothing is shown without a yes (自愿). Refusals come back beside
    the codes, one subject's never stops the others. A code whose key was revoked is not kept: another takes its place.

    :raises Refused: `signer` was revoked since it was looked up.
    """
    dead = _dead_prefixes(signer)
    where = PLACEMENTS[placement]
    profile = profile or where.profile
    pairs = zip(subjects, [label] * len(subjects) if labels is None else labels, strict=True)
    wanted = list(dict.fromkeys(pairs))
    owners = list(dict.fromkeys(subject for subject, _ in wanted))
    _lock(owners)
    refusals = _why_not(owners)
    allowed = [subject for subject in owners if subject not in refusals]
    if consent and allowed:
        _consent(allowed, given=True, reference=consent, by=by, at=at, version=version)
    consenting = queries.consenting(allowed)
    asked = set(wanted)
    held = {
        (code.subject, code.label): code
        for code in queries.standing(allowed)
        if code.placement == placement and (code.subject, code.label) in asked
        and code.state not in ("superseded", "cancelled")
    }  # fmt: skip
    # What was paused or frozen stays so: a code issued anew would stand.
    lost = [
        held.pop((code.subject, code.label)) for code in list(held.values())
        if code.state in ("active", "pending") and code.profile == "full" and code.token.startswith(tuple(dead))
    ]  # fmt: skip
    gone = [(code.subject, code.serial, "superseded" if code.state == "active" else "cancelled") for code in lost]
    new = [key for key in wanted if key[0] not in refusals and key not in held]
    awake = [code for code in held.values() if code.state == "pending" and code.subject in consenting]

    why = f"同意依据：{consent}" if consent else ""
    wanted_codes = [
        Wanted(subject, placement, name, profile, "active" if subject in consenting else "pending", way, label_shown)
        for subject, name in new
    ]
    rows = dict(zip(new, make(wanted_codes, why=why, by=by, at=at, signer=signer), strict=True))
    serials = [one.serial for one in rows.values() if one.serial is not None]
    if label_shown or until:
        note_places(
            [
                Placed(subject, one.serial, label_shown and bool(name), until=until)
                for (subject, name), one in rows.items()
                if one.serial is not None
            ],
            by=by,
            at=at,
        )
    _turns([(code.subject, code.serial, "active") for code in awake], why=why, by=by, at=at)
    _turns(gone, why="签发钥匙已作废", by=by, at=at)
    board.take_down(codes=[(serial, state) for _, serial, state in gone])
    turned = [*(subject for subject, _ in rows), *(code.subject for code in awake)]
    if turned:
        subjects_actions.touch(turned)
    trail.note(
        by=by,
        verb="code.issue",
        thing=f"subject:{owners[0]}" if len(owners) == 1 else f"subjects:{len(owners)}",
        at=at,
        detail={
            "issued": len(rows),
            "replaced": len(gone),
            "activated": len(awake),
            "kept": len(held) - len(awake),
            "refused": len(refusals),
            "placement": placement,
            "way": way,
            "consent": consent or "",
            "serials": [min(serials), max(serials)] if serials else [],
        },
    )
    awakened = {code.serial for code in awake}
    answers = []
    for key in wanted:
        if key[0] in refusals:
            answers.append(Issued(key[0], None, "", "refused", refusals[key[0]]))
        elif key in rows:
            answers.append(rows[key])
        else:
            code = held[key]
            answers.append(Issued(key[0], code.serial, code.token, "active" if code.serial in awakened else code.state))
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
    if verb == "unfreeze" and serial in queries.paused_before(subject, [serial]):
        after = "paused"
    _turns([(subject, serial, after)], why=why, by=by, at=at)
    if after in rules.HIDES:
        board.take_down(codes=[(serial, after)])
    subjects_actions.touch([subject])
    trail.note(by=by, verb=f"code.{verb}", thing=f"code:{serial}", at=at, detail={"subject": subject, "why": why})


@transaction.atomic
def replace(*, subject: str, serial: int, why: str, by: Actor, at: datetime, signer: keyring.Signer) -> Issued:
    """Give a code another serial in the same place; the old one stops for everyone when this returns.

    For what was lost, copied, renamed or signed by a revoked key. The new one is in the state that the old one was in:
    what the office froze does not come free by asking for another.

    :raises Refused: no such code, one that stopped or waits for a yes, or its holder may not be given a new one.
    """
    _dead_prefixes(signer)
    _lock([subject])
    code = next((code for code in queries.standing([subject]) if code.serial == serial), None)
    if code is None:
        raise Refused(f"{subject} 没有编号为 {serial} 的诚信码")
    refusal = rules.why_not_step("supersede", code.state) or next(iter(_why_not([subject]).values()), None)
    if refusal:
        raise Refused(refusal)
    shown = serial in queries.labels_shown([subject])
    wanted = Wanted(subject, code.placement, code.label, code.profile, code.state, code.way, shown)
    (made,) = make([wanted], why=f"换发 {token.grouped(serial)}：{why}", by=by, at=at, signer=signer)
    _turns([(subject, serial, "superseded")], why=why, by=by, at=at)
    board.take_down(codes=[(serial, "superseded")])
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO codes_placing (subject, serial, label_shown, "where", lat, lon, pointed_by, point_consent,
                 until, keeper, by, at)
               SELECT subject, %s, label_shown, "where", lat, lon, pointed_by, point_consent, until, keeper, %s, %s
               FROM codes_placing WHERE subject = %s AND serial = %s ORDER BY id DESC LIMIT 1""",
            [made.serial, by.name, at, subject, serial],
        )
    subjects_actions.touch([subject])
    trail.note(
        by=by,
        verb="code.supersede",
        thing=f"code:{serial}",
        at=at,
        detail={"subject": subject, "serial": made.serial, "why": why},
    )
    return made


def _why_not(subjects: Sequence[str]) -> dict[str, str]:
    """Return why those of these subjects that may not be given a code may not."""
    registered = {row.subject: row.state for row in subjects_queries.registrations(subjects)}
    refusals: dict[str, str] = {}
    for subject in subjects:
        state = registered.get(subject)
        if state is None:
            refusals[subject] = "库中没有这个主体，请先归集登记信息"
        elif not STATES[state].may_be_coded:
            refusals[subject] = f"登记状态为“{STATES[state].label}”，不能签发诚信码"
    return refusals


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
    # No code of it is displayed any more, and who is listed as displaying one is looked at anew.
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO subjects_touch (subject, bulk)
               SELECT l.subject, true FROM codes_listed l WHERE l.shown_until IS NOT NULL"""
        )
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
