"""印制: which codes are asked for, and the words that go on the paper. Joins codes, registrations and the city for the press.

Codes are read in chunks, so that a list of any length is printed in the same memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from chengxin.board import token
from chengxin.board.city import City
from chengxin.credit.codes import queries as codes
from chengxin.credit.codes.placements import PLACEMENTS
from chengxin.credit.codes.queries import Standing
from chengxin.credit.codes.rules import STATE_LABELS
from chengxin.credit.subjects import queries as subjects
from chengxin.credit.subjects.rules import Registered
from chengxin.people.trail import Refused
from chengxin.press import order as paper
from chengxin.press.carriers import Carrier
from chengxin.press.paper import Issuer, Print
from chengxin.terms import uscc
from chengxin.terms.entity import STATES

CHUNK: Final = 500
HOTLINES: Final = (("便民热线", "12345"), ("消费投诉", "12315"))
DEFAULT: Final = "premises"
"""Where a subject has several codes and nothing else is said, the one that hangs here is printed, else its oldest."""


class Wanted(NamedTuple):
    """One thing that is to be printed: the words it was asked for by, and the subject or the one serial they mean."""

    said: str
    subject: str = ""
    serial: int | None = None


class Chosen(NamedTuple):
    """A code that is to be printed, and its words."""

    serial: int
    print: Print


Complaint = Callable[[str, str], None]
"""Hears of what cannot be printed: the words it was asked for by, and why."""


def issuer(city: City, *, code_url: str, today: date) -> Issuer:
    """Return who issues, in the words of the city's face.

    :raises Refused: nobody has said yet who that is.
    """
    if not city.office:
        raise Refused("还没有写明签发单位：请先用 chengxin init --office 写明信用办名称，再印制。")
    phones = HOTLINES + ((("签发单位", city.phone),) if city.phone else ())
    return Issuer(
        office=city.office,
        host=urlsplit(code_url).netloc.lower(),
        printed_on=f"{today.year}年{today.month}月{today.day}日",
        phones=phones,
    )


def asked(lines: Iterable[str], complain: Complaint) -> Iterator[Wanted]:
    """Yield what a list asks for, a USCC or a printed serial a line; blank lines and those that begin with # say nothing."""
    for line in lines:
        said = line.strip().lstrip("\ufeff")
        if not said or said.startswith("#"):
            continue
        if (serial := token.ungrouped(said)) is not None:
            yield Wanted(said, serial=serial)
            continue
        try:
            yield Wanted(said, subject=uscc.parse(said).text)
        except uscc.Malformed as error:
            complain(said[:40], str(error))


def everybody() -> Iterator[Wanted]:
    """Yield every subject that was ever given a code."""
    after = ""
    while some := codes.holders(after=after, limit=CHUNK):
        yield from (Wanted(subject, subject=subject) for subject in some)
        after = some[-1]


def choose(wanted: Iterable[Wanted], *, placement: str | None, code_url: str, complain: Complaint) -> Iterator[Chosen]:
    """Yield the codes to be printed, in the order they were asked for.

    Of a subject, its active codes at `placement`; without one, the one code that DEFAULT says. Only active codes are
    printed: of what has none, `complain` hears why.
    """
    rest = iter(wanted)
    while some := list(islice(rest, CHUNK)):
        owners = codes.holders_of([one.serial for one in some if one.serial is not None])
        named = {one: owners.get(one.serial, "") if one.serial is not None else one.subject for one in some}
        known = sorted({subject for subject in named.values() if subject})
        dead = codes.dead_prefixes()
        standing: dict[str, list[Standing]] = {}
        numbered: dict[int, list[Standing]] = {}  # a fleet has two thousand: not gone through for each of them
        for code in codes.standing(known):
            standing.setdefault(code.subject, []).append(code)
            numbered[code.serial] = [code]
        registered = {one.subject: one for one in subjects.registrations(known)}
        for one in some:
            subject = named[one]
            held = standing.get(subject, ()) if one.serial is None else numbered.get(one.serial, ())
            found = _of(one, held, registered.get(subject), placement=placement, dead=dead)
            if isinstance(found, str):
                complain(one.said, found)
                continue
            for code in found:
                yield Chosen(code.serial, _print(code, registered[subject], code_url=code_url))


def _of(
    wanted: Wanted,
    held: Sequence[Standing],
    registration: Registered | None,
    *,
    placement: str | None,
    dead: frozenset[str],
) -> list[Standing] | str:
    """Return the codes that a wish means, or why there are none."""
    if registration is None:
        return "没有这个编号的码" if wanted.serial is not None else "库中没有这个主体，请先归集登记信息"
    if not STATES[registration.state].may_be_coded:
        return f"登记状态为“{STATES[registration.state].label}”，不能印制"
    if not held:
        return "还没有诚信码，请先签发（chengxin issue）"
    active = [code for code in held if code.state == "active"]
    if not active:
        return f"诚信码{_and(STATE_LABELS[code.state] for code in held)}，只印有效的码"
    if placement is None:
        meant = [min(active, key=lambda code: (code.placement != DEFAULT, code.serial))]
    elif not (meant := [code for code in active if code.placement == placement]):
        return f"没有放置在“{PLACEMENTS[placement].label}”的有效码"
    vouched = [code for code in meant if not (code.profile == "full" and code.token.startswith(tuple(dead)))]
    return vouched or "签发钥匙已作废，码不再作数，请换发（chengxin issue）"


SLOW_ACT: Final = timedelta(minutes=10)
"""So long before a job an act may have begun that was not seen when its codes were read."""


def stopped(serials: Iterable[int], *, since: datetime, dead: frozenset[str]) -> str | None:
    """Look once more at codes that were read from `since` on, when the keys with the prefixes `dead` were revoked.

    Return what stopped meanwhile, or nothing. Paper that says otherwise would hang for years.
    """
    if codes.dead_prefixes() - dead:
        return "有签发钥匙作废"
    gone = {serial: subject for subject, serial in codes.stopped_since(since - SLOW_ACT)}
    if met := sorted(set(gone).intersection(serials)):
        first = f"{gone[met[0]]}（编号 {token.grouped(met[0])}）"
        return f" {first if len(met) == 1 else f'{first}等 {len(met)} 个码'} 停用了"
    return None


def recheck(serials: Iterable[int], *, since: datetime, dead: frozenset[str]) -> None:
    """Look once more at codes, as `stopped` does.

    :raises Refused: one of them stands no more.
    """
    if what := stopped(serials, since=since, dead=dead):
        raise Refused(f"印制期间{what}：没有生成文件，请再印一次。")


def order(carrier: Carrier, *, number: str, serials: Sequence[int], each: str, issuer: Issuer, at: datetime) -> bytes:
    """Return the order for the print shop (印制单) of a job as a PDF; `each`: whether each code is a file (zip) or not."""
    said = paper.Order(
        number=number,
        count=len(serials),
        first=token.grouped(min(serials)),
        last=token.grouped(max(serials)),
        is_one_file=each != "zip",
    )
    return paper.pdf(carrier, said, issuer=issuer, at=at)


def _and(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(words))


def _print(code: Standing, registration: Registered, *, code_url: str) -> Print:
    place = PLACEMENTS[code.placement].label
    return Print(
        content=f"{code_url.upper()}/C/{code.token}",
        name=registration.name,
        code=uscc.group(code.subject),
        serial=token.grouped(code.serial),
        place=f"{place}（{code.label}）" if code.label else place,
        label=code.label,
    )
