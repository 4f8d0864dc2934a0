"""What the public side reads of the board. No ORM and no Django: `chengxin verify` reads here too."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chengxin.board import city
from chengxin.board.verdict import Foreign, Row
from chengxin.public.line import Down, Line

PATIENCE: Final = 0.8
"""Seconds after which a scan stops waiting for the database and says that it cannot verify."""

SCAN: Final = (
    b"SELECT c.holder_kind, c.holder, c.state, c.placement, c.label, c.bits, c.issued_on, d.document, d.good_until"
    b" FROM board_code c LEFT JOIN board_card d ON d.holder = c.holder AND d.kind = c.holder_kind"
    b" WHERE c.serial = $1::bigint"
)
_FOREIGN: Final = (
    b"SELECT e.number, e.holder_kind, e.holder, e.issuer, e.issued_on,"
    b" EXISTS (SELECT FROM board_code c WHERE c.holder = e.holder AND c.holder_kind = e.holder_kind"
    b" AND c.state IN ('paused', 'frozen')) AND NOT EXISTS (SELECT FROM board_code c WHERE c.holder = e.holder"
    b" AND c.holder_kind = e.holder_kind AND c.state = 'active'), d.document, d.good_until"
    b" FROM board_elsewhere e LEFT JOIN board_card d ON d.holder = e.holder AND d.kind = e.holder_kind"
)
BY_NUMBER: Final = _FOREIGN + b" WHERE e.number = $1::varchar"
# Two codes with one address cannot be told apart by it: then none is meant.
BY_ADDRESS: Final = _FOREIGN + b" WHERE e.address = $1::varchar AND e.address <> '' LIMIT 2"
KEYS: Final = b"SELECT number, public_key, revoked_at IS NOT NULL FROM board_key"
STATUS: Final = b"SELECT document FROM board_status WHERE id = 1"
CITY: Final = b"SELECT document, logo FROM board_city WHERE id = 1"
SALTS: Final = b"SELECT day, salt FROM board_salt"

Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Ring:
    """The public keys on the board, by number."""

    keys: Mapping[int, Ed25519PublicKey]
    revoked: Mapping[int, Ed25519PublicKey]
    """Keys that vouch for nothing any more. Kept apart, so that a code they signed can be told from a scrawl."""

    def get(self, number: int) -> Ed25519PublicKey | None:
        """Return a key, whether it vouches for anything or not."""
        return self.keys.get(number) or self.revoked.get(number)


@dataclass(frozen=True, slots=True)
class Face:
    """The city's face as posted, with the bytes of its logo."""

    city: city.City
    logo: bytes = b""


def _text(value: bytes | None) -> str:
    return value.decode() if value is not None else ""


def _bytea(value: bytes | None) -> bytes:
    return bytes.fromhex(value[2:].decode()) if value else b""


def row(line: Line, serial: int, *, patience: float | None = None) -> Row | None:
    """Return what the board holds for a serial, or None.

    :raises Down: the database did not answer.
    """
    found = line.ask(SCAN, [b"%d" % serial], patience=patience)
    if not found:
        return None
    kind, holder, state, placement, label, bits, issued_on, document, good_until = found[0]
    return Row(
        holder_kind=_text(kind),
        holder=_text(holder),
        state=_text(state),
        placement=_text(placement),
        label=_text(label),
        bits=int(bits) if bits is not None else None,
        issued_on=date.fromisoformat(_text(issued_on)),
        document=document,
        good_until=datetime.fromisoformat(good_until.decode()) if good_until is not None else None,
    )


def foreign(line: Line, *, number: str = "", reach: str = "") -> Foreign | None:
    """Return the code that somebody else issued, by its number or else by the digest of its address, or None.

    :raises Down: the database did not answer.
    """
    found = line.ask(BY_NUMBER if number else BY_ADDRESS, [(number or reach).encode()])
    if len(found) != 1:
        return None
    told, kind, holder, issuer, issued_on, is_quiet, document, good_until = found[0]
    return Foreign(
        number=_text(told),
        holder_kind=_text(kind),
        holder=_text(holder),
        issuer=_text(issuer),
        issued_on=date.fromisoformat(_text(issued_on)) if issued_on is not None else None,
        is_quiet=is_quiet == b"t",
        document=document,
        good_until=datetime.fromisoformat(good_until.decode()) if good_until is not None else None,
    )


def ring(line: Line) -> Ring:
    """Return the public keys on the board.

    :raises Down: the database did not answer.
    """
    found: dict[bool, dict[int, Ed25519PublicKey]] = {False: {}, True: {}}
    for number, key, revoked in line.ask(KEYS):
        found[revoked == b"t"][int(_text(number))] = Ed25519PublicKey.from_public_bytes(_bytea(key))
    return Ring(found[False], found[True])


def status(line: Line) -> bytes | None:
    """Return the signed status list as posted, or None where there is none yet.

    :raises Down: the database did not answer.
    """
    found = line.ask(STATUS)
    return found[0][0] if found else None


def face(line: Line) -> Face:
    """Return the city's face; an empty one where none was posted yet.

    :raises Down: the database did not answer.
    """
    found = line.ask(CITY)
    if not found:
        return Face(city.City())
    document, logo = found[0]
    return Face(city.load(_text(document)), _bytea(logo))


def salts(line: Line) -> dict[date, bytes]:
    """Return the salts of the device hashes, by day.

    :raises Down: the database did not answer.
    """
    return {date.fromisoformat(_text(day)): _bytea(salt) for day, salt in line.ask(SALTS)}


class Reader:
    """A few lines kept open, taken for one question each. Any thread may ask."""

    def __init__(self, dsn: str, *, patience: float = PATIENCE, kept: int = 8) -> None:
        self._dsn = dsn
        self._patience = patience
        self._idle: deque[Line] = deque(maxlen=kept)

    def row(self, serial: int) -> Row | None:
        """Return what the board holds for a serial, or None.

        :raises Down: the database did not answer in time.
        """
        deadline = monotonic() + self._patience
        return self._with_line(lambda line: row(line, serial, patience=max(deadline - monotonic(), 0.01)), deadline)

    def ring(self) -> Ring:
        """Return the public keys on the board.

        :raises Down: the database did not answer in time.
        """
        return self._with_line(ring, monotonic() + self._patience)

    def ask(self, question: Callable[[Line], Got]) -> Got:
        """Return what a question to the board answers; its lines wait no longer than a scan's.

        :raises Down: the database did not answer in time.
        """
        return self._with_line(question, monotonic() + self._patience)

    def _with_line(self, question: Callable[[Line], Got], deadline: float) -> Got:
        while True:
            try:
                line = self._idle.pop()
                kept = True
            except IndexError:
                line = Line(self._dsn, patience=max(deadline - monotonic(), 0.01))
                line.patience = self._patience
                kept = False
            try:
                answer = question(line)
            except Down:
                line.close()
                # A kept line may have died while it lay idle (the server was restarted); a fresh one tells the truth.
                if kept and monotonic() < deadline:
                    continue
                raise
            except BaseException:
                line.close()
                raise
            if len(self._idle) == self._idle.maxlen:
                line.close()
            else:
                self._idle.append(line)
            return answer

    def close(self) -> None:
        """Hang up every line that lies idle."""
        while self._idle:
            self._idle.pop().close()


def read(dsn: str, serial: int) -> Row | None:
    """Return what the board at an address holds for a serial, or None.

    :raises Down: the database did not answer.
    """
    with Line(dsn, patience=5) as line:
        return row(line, serial)


def read_ring(dsn: str) -> Ring:
    """Return the public keys on the board at an address.

    :raises Down: the database did not answer.
    """
    with Line(dsn, patience=5) as line:
        return ring(line)
