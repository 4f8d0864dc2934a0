"""候选: registered subjects that a waiting row may be of, for a clerk to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chengxin.credit.subjects import queries, rules
from chengxin.credit.subjects.rules import SCHEMES, Registered
from chengxin.terms import area, entity, finding

MOST: Final = 12
NEAR: Final = 10
"""From this kind of reason on it is a likeness only."""
FEW: Final = 5
"""With fewer names that hold what was written, those that differ by a slip are looked for too."""
PATTERNS: Final = 10
"""Patterns that every name ever registered is held against: each costs its time."""
LONG: Final = 12
NAMES: Final = 4
"""Names that the rows of one claim may say, and that are looked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One registered subject that may be meant, and why."""

    subject: str
    name: str
    place: str
    state: str
    established: str
    why: str
    is_sure: bool  # a number or the whole name is the same


@dataclass(frozen=True, slots=True)
class Candidates:
    """Those that may be meant, the likeliest first."""

    found: tuple[Candidate, ...]
    is_cut: bool  # similar names took too long to look for


def of(claim: str, names: Iterable[str] = ()) -> Candidates:
    """Return who may be meant by a claim, whose rows say these names besides."""
    said = rules.parts(claim)
    called = [value for scheme, value in said if scheme == "name"]
    called += [rules.fold(name) for name in names if rules.fold(name) not in rules.NAMELESS]
    called = list(dict.fromkeys(called))[:NAMES]
    why: dict[str, tuple[int, str]] = {}
    exact = queries.bearers([*((s, v) for s, v in said if s != "name"), *(("name", one) for one in called)])
    for subject, scheme, value in exact:
        _note(why, subject, _exactly(scheme, value, claim))
    questions = [asked for one in called if (asked := finding.question(one))]
    similar = queries.alike(_patterns(questions)) if questions else []
    if similar is not None and len(similar) < FEW and (slips := _slips(questions)):
        near = queries.alike(slips)
        similar = None if near is None else [*similar, *near]
    for subject, _, value in similar or []:
        ranks = [rank for asked in questions if (rank := finding.rank(asked, value)) is not None]
        if ranks and subject not in why:
            _note(why, subject, (NEAR + min(ranks).kind, f"名称相近：{value}"))
    chosen = sorted(why, key=lambda subject: (why[subject], subject))[:MOST]
    registered = {one.subject: one for one in queries.registrations(chosen)}
    found = sorted(
        (_reason(registered[one], *why[one]), place) for place, one in enumerate(chosen) if one in registered
    )
    return Candidates(
        tuple(_candidate(registered[chosen[place]], *reason) for reason, place in found), is_cut=similar is None
    )


def _note(why: dict[str, tuple[int, str]], subject: str, reason: tuple[int, str]) -> None:
    why[subject] = min(reason, why.get(subject, reason))


def _exactly(scheme: str, value: str, claim: str) -> tuple[int, str]:
    if scheme == "name":
        return 2, f"曾用名相同：{value}"
    if claim.startswith("uscc:"):
        return 0, "统一社会信用代码中的主体标识码相同，可能是变更了代码"
    return 0, f"{SCHEMES.get(scheme, '代码')}相同：{value}"


def _patterns(questions: Sequence[finding.Question]) -> list[str]:
    """Return patterns of names that hold what was written without its place, or only its sign."""
    wanted = [text for asked in questions for text in (asked.rest, *(sign.text for sign in asked.signs[:2]))]
    return list(dict.fromkeys(f"%{text[:LONG].upper()}%" for text in wanted if len(text) > 1))[:PATTERNS]


def _slips(questions: Sequence[finding.Question]) -> list[str]:
    """Return patterns of names that differ from what was written by one character of the sign, or of all of it."""
    wanted = [text for asked in questions for text in (asked.signs[0].text, asked.rest) if 2 < len(text) <= LONG]
    slips = (f"%{text[:place]}_{text[place + 1 :]}%" for text in wanted for place in range(len(text)))
    return list(dict.fromkeys(one.upper() for one in slips))[:PATTERNS]


def _reason(one: Registered, kind: int, why: str) -> tuple[int, str]:
    """Return a reason as it reads where the name that was found is the one that is registered today."""
    if not why.endswith(f"：{rules.fold(one.name)}"):
        return kind, why
    return (1, "名称相同") if kind == 2 else (kind, "名称相近") if kind >= NEAR else (kind, why)


def _candidate(one: Registered, kind: int, why: str) -> Candidate:
    state = entity.STATES.get(one.state)
    return Candidate(
        subject=one.subject,
        name=one.name,
        place=area.label(one.division) if one.division else "",
        state=state.label if state else one.state,
        established=one.established_on.isoformat() if one.established_on else "",
        why=why,
        is_sure=kind < NEAR,
    )
