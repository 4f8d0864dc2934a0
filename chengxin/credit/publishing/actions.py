"""Posting: what is known of subjects goes onto the board, or comes off it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from chengxin.board import actions as board
from chengxin.board import token
from chengxin.board.card import Onward, dump
from chengxin.board.verdict import ENDED_REGISTRATIONS
from chengxin.credit.codes import elsewhere, listed
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.rules import ON_CARD
from chengxin.credit.publishing import rules
from chengxin.credit.publishing.rules import CHINA
from chengxin.credit.records import queries as records
from chengxin.credit.records.publicity import Overlap
from chengxin.credit.records.standing import Standing
from chengxin.credit.subjects import queries as registrations
from chengxin.credit.subjects import successions
from chengxin.credit.subjects.actions import touch
from chengxin.credit.subjects.rules import Registered
from chengxin.terms import finding

STEP: Final = 40
"""Cards drawn between two words to the database: it frees the locks of whoever says nothing for some seconds, as of one
that was stopped, and a machine that has much else to do draws the cards of a whole chunk for that long."""


@transaction.atomic(savepoint=False)
def post(*, subjects: Sequence[str], at: datetime, today: date, overlap: Overlap, good_for: timedelta) -> int:
    """Post the codes and cards of these subjects as they stand now; return how many cards.

    The subjects are locked first: an act that hides one of them comes wholly before this or wholly after it, so that
    nothing withdrawn is ever posted again. A subject without a standing code, or whose registration was taken back, has no
    card; a code that somebody else issued counts, unless consent was taken back. Running twice changes nothing.

    In a transaction of the caller's it is a part of that: where it fails, nothing of the whole stands.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT uscc FROM subjects_subject s WHERE uscc = ANY(%s)
                 AND (EXISTS (SELECT FROM codes_code c WHERE c.subject = s.uscc)
                   OR EXISTS (SELECT FROM codes_elsewhere e WHERE e.subject = s.uscc))
               ORDER BY uscc FOR NO KEY UPDATE""",
            [list(subjects)],
        )
        coded = [uscc for (uscc,) in cursor.fetchall()]
    if not coded:
        return 0
    listed.make(coded, today=today)
    standing = codes.standing(coded)
    shown_labels = codes.labels_shown([*{code.subject for code in standing if code.label}])
    registered = registrations.registrations(coded)
    ended = {row.subject for row in registered if row.state in ENDED_REGISTRATIONS}
    board.post_codes(
        board.CodeRow(
            code.serial,
            "subject",
            code.subject,
            code.state,
            code.placement,
            code.label if code.serial in shown_labels else "",
            _bits(code),
            code.issued_on,
            code.subject in ended,
        )
        for code in standing
    )
    # A registration that was taken back leaves nothing that may be shown.
    known = {row.subject for row in registered}
    foreign = [code for code in elsewhere.standing(coded) if code.subject in known]
    refusing = codes.refusing([code.subject for code in foreign]) if foreign else set()
    foreign = [code for code in foreign if code.subject not in refusing]
    on_card = ({code.subject for code in standing if code.state in ON_CARD} & known) | {
        code.subject for code in foreign
    }
    gone = [subject for subject in coded if subject not in on_card]
    if gone:
        board.take_down(holders=gone)
    board.post_elsewhere(
        (
            board.ElsewhereRow(
                code.number, "subject", code.subject, elsewhere.reach(code.address), code.issuer, code.issued_on
            )
            for code in foreign
        ),
        holders=sorted(on_card),
    )
    shown = [row for row in registered if row.subject in on_card]
    former = _printed_names(standing)
    around = successions.around(coded)
    onward = _onward({row.subject: around.onward[row.subject] for row in shown if row.subject in around.onward})
    _touch_predecessors(around, posted=coded)
    return _post_cards(shown, at=at, today=today, overlap=overlap, good_for=good_for, former=former, onward=onward)


def _printed_names(standing: Sequence[codes.Standing]) -> dict[str, str]:
    """Return the former names under which codes that still hang were printed: none once each was issued since."""
    hanging = [code for code in standing if code.state in ON_CARD]
    renamed = registrations.renamed([*{code.subject for code in hanging}])
    return {
        code.subject: renamed[code.subject].former
        for code in hanging
        if code.subject in renamed and code.issued_on <= renamed[code.subject].since.astimezone(CHINA).date()
    }


def _onward(said: Mapping[str, successions.Onward]) -> dict[str, Onward]:
    """Return whom those that went on as another lead to, with the first code of that one that stands."""
    if not said:
        return {}  # hardly anybody: the rest need not be asked
    heirs = sorted({one.successor for one in said.values()})
    names = {row.subject: row.name for row in registrations.registrations(heirs)}
    tokens: dict[str, str] = {}
    dead = tuple(codes.dead_prefixes())
    for code in codes.standing(heirs):
        if code.state == "active" and not (code.profile == "full" and code.token.startswith(dead)):
            tokens.setdefault(code.subject, code.token)
    return {
        subject: Onward(
            one.successor, names.get(one.successor, ""), one.how, one.happened_on, tokens.get(one.successor, "")
        )
        for subject, one in said.items()
    }


def _touch_predecessors(around: successions.Around, *, posted: Sequence[str]) -> None:
    """Note that the cards of whoever went on as one of these are to be made anew: they name it and lead to its code."""
    before = {one.subject for many in around.predecessors.values() for one in many}
    if before - set(posted):
        touch(before - set(posted))


def _bits(code: codes.Standing) -> int | None:
    said = token.unseal(code.token, {}) if code.profile == "short" else None
    return said.bits if isinstance(said, token.Claim) else None


def _post_cards(
    shown: Sequence[Registered],
    *,
    at: datetime,
    today: date,
    overlap: Overlap,
    good_for: timedelta,
    former: Mapping[str, str],
    onward: Mapping[str, Onward],
) -> int:
    for begun in range(0, len(shown), STEP):
        step = shown[begun : begun + STEP]
        of_subject: dict[str, list[Standing]] = defaultdict(list)
        for record in records.standing([registration.subject for registration in step]):
            of_subject[record.subject].append(record)
        cards = []
        found_by = []
        for registration in step:
            card = rules.card(
                registration,
                of_subject.get(registration.subject, ()),
                at=at,
                today=today,
                overlap=overlap,
                good_for=good_for,
                former=former.get(registration.subject, ""),
                onward=onward.get(registration.subject),
            )
            cards.append(board.CardRow(registration.subject, "subject", dump(card).decode(), card.good_until))
            head = card.head
            found_by.append(
                board.NameRow(
                    registration.subject,
                    "subject",
                    head.name,
                    head.place,
                    head.trade,
                    head.state,
                    tuple(finding.keys(head.name)),
                )
            )
        board.post_cards(cards, at=at)
        board.post_names(found_by)
    return len(shown)
