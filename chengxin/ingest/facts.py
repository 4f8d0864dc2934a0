"""A checked row as what the domain takes in: an entry of the register, or a fact about a subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import blake2b

from chengxin.credit.records import rules
from chengxin.credit.records.actions import Fact
from chengxin.credit.records.form import Kind
from chengxin.credit.subjects.actions import NULL, Entry, escaped
from chengxin.credit.subjects.rules import called
from chengxin.ingest import matching
from chengxin.terms import entity

SUBJECT = "subject"
"""The kind of file that is no record of credit: the register itself."""
UNNAMED = "未注明来源单位"


def fact(kind: Kind, row: int, body: Mapping[str, str], unit: str, unit_code: str) -> Fact:
    """Return the fact a row states. The row's own 数据来源单位 goes before the file's source."""
    roles = kind.roles
    source, source_code = source_of(kind, body, unit, unit_code)
    text, digest = rules.said(body)
    subject = body.get(roles.subject)
    authority = body.get(roles.authority_code)
    return Fact(
        row,
        subject,
        rules.facts_key(kind, body),
        digest,
        date.fromisoformat(body[roles.happened_on]),
        text,
        source,
        source_code,
        None if subject else matching.claim(kind, body),
        authority if authority != source_code else None,
        body.get(roles.name),
    )


def lines(kind: Kind, rows: Iterable[tuple[int, Mapping[str, str]]], unit: str, unit_code: str) -> Iterator[bytes]:
    """Yield rows as `records.line` writes the facts they state; of a million rows no fact is made."""
    roles, encode, key_of = kind.roles, rules.encode, rules.facts_key
    for row, body in rows:
        source, source_code = source_of(kind, body, unit, unit_code)
        text = encode(body)
        digest = blake2b(text, digest_size=16)
        subject = body.get(roles.subject, NULL)
        claim = NULL if subject is not NULL else escaped(matching.claim(kind, body))
        authority = body.get(roles.authority_code, NULL)
        if authority == source_code:
            authority = NULL
        if b"\\" in text:
            text = text.replace(b"\\", b"\\\\")
        head = (
            f"{row}\t\\\\x{key_of(kind, body).hex()}\t\\\\x{digest.hexdigest()}\t{body[roles.happened_on]}\t{claim}"
            f"\t{escaped(source)}\t{source_code}\t{subject}\t{authority}"
            f"\t{escaped(body.get(roles.name))}\t"
        )
        yield b"%b%b\n" % (head.encode(), text)


def entry(kind: Kind, row: int, body: Mapping[str, str], unit: str, unit_code: str) -> Entry:
    """Return what a row of the registry file says of its subject."""
    subject = body[kind.roles.subject]
    state = entity.state_named(body["REGSTATE"])
    assert state is not None  # noqa: S101 — the checks let only known states through
    established_on = body.get("ESTDATE")
    source, source_code = source_of(kind, body, unit, unit_code)
    text, digest = rules.said(body)
    return Entry(
        row,
        subject,
        body[kind.roles.name],
        state.name,
        entity.kind_of(subject, body.get("ENTTYPE", "")).name,
        body.get("DOMDISTRICT", ""),
        body.get("INDUSTRYCO", ""),
        date.fromisoformat(established_on) if established_on else None,
        text,
        digest,
        source,
        source_code,
        called(body[kind.roles.name], body),
        body.get("DOM", ""),
    )


def source_of(kind: Kind, body: Mapping[str, str], unit: str, unit_code: str) -> tuple[str, str]:
    """Return name and code of the unit that a row comes from: its own word goes before the file's source."""
    roles = kind.roles
    if roles.source in body:
        return body[roles.source], body.get(roles.source_code, "")
    if unit:
        return unit, unit_code
    # A register need not say where it comes from: who registered the subject has said what stands there.
    return body.get(roles.authority, UNNAMED), body.get(roles.authority_code, "") if roles.authority in body else ""
