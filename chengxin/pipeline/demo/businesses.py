"""The businesses of the demo: who they are, from their number alone, so that any of them can be made at any time."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import blake2b
from itertools import accumulate
from typing import Final, NamedTuple

from chengxin.pipeline.demo.dice import Dice
from chengxin.pipeline.demo.words import GROUPS, MIX, PLACES, RATES, SIGNS, TRADES, WORDS, Trade
from chengxin.terms import division, uscc

GOLDEN: Final = 0x9E37_79B9_7F4A_7C15
"""2⁶⁴ over the golden ratio: its multiples spread evenly, so that even a small demo has every trade and true shares."""
FLOOR: Final = 0.00085
"""The least share of a trade in a group: with the golden ratio, 2,000 businesses meet every such share."""
RARE: Final = "MY8"
"""How the organisation codes of the demo begin: no register has given out such ones."""
SERIALS: Final = 31**5
STRANGERS: Final = SERIALS // 2
"""From this number on, businesses whom no register of the demo knows."""
DAYS_BACK: Final = 9000

CODABLE: Final = ("存续（在营、开业、在册）", "歇业")
"""States of registration in which a code is issued."""
MARKET_OFFICE: Final = "市场监督管理局"


class Business(NamedTuple):
    """One business as its register would know it."""

    number: int
    group: str
    trade: Trade
    uscc: str
    name: str
    person: str
    type: str
    established: int  # days before the reference day
    address: str
    registrar: str
    state: str
    division: str
    office: str  # the division of the offices it deals with
    scope: str
    capital: str
    codable: bool
    coded: bool


def _shares() -> tuple[list[int], list[tuple[str, Trade]]]:
    """Return the upper ends, out of 2⁶⁴, of the shares of every trade within every group."""
    cells: list[tuple[str, Trade, float]] = []
    for place, group in enumerate(GROUPS):
        quotas = MIX.get(group)
        sums: dict[str, float] = {}
        for trade in TRADES:
            section = trade.industry[0] if quotas else ""
            sums[section] = sums.get(section, 0) + trade.weights[place]
        for trade in TRADES:
            if trade.weights[place]:
                section = trade.industry[0] if quotas else ""
                quota = quotas[section] if quotas else 1.0
                share = MIX["kinds"][group] * quota * trade.weights[place] / sums[section]
                cells.append((group, trade, max(share, FLOOR)))
    whole = sum(share for _, _, share in cells)
    ends = [int(reached / whole * 2**64) for reached in accumulate(share for _, _, share in cells)]
    return ends, [(group, trade) for group, trade, _ in cells]


_ENDS, _CELLS = _shares()


def share_of(fits: Callable[[Trade], bool]) -> float:
    """Return the share of all businesses whose trade fits."""
    starts = [0, *_ENDS]
    cells = zip(starts, _ENDS, _CELLS, strict=False)
    return sum(end - start for start, end, (_, trade) in cells if fits(trade)) / _ENDS[-1]


_PLACE_ENDS = list(accumulate(place.weight for place in PLACES))
_STATE_ENDS = list(accumulate(int(share * 10_000) for share in MIX["states"].values()))
_STATES = list(MIX["states"])
_CODED = RATES["coded"] / sum(MIX["states"][state] for state in CODABLE)


@functools.cache
def office_name(code: str, unit: str) -> str:
    """Return the name of a division's unit."""
    return local_name(code) + unit


@functools.cache
def local_name(code: str) -> str:
    """Return a division's name as names of businesses and offices bear it: a district's with its city's."""
    found = division.find(code)
    # Of the last two digits, 01 to 20 are districts; counties and county-level cities stand for themselves.
    if found is not None and found.official and code[4:] > "20":
        return found.name
    return division.full_name(code, province=False)


@functools.cache
def _full_name(code: str) -> str:
    return division.full_name(code)


@functools.cache
def city_of(code: str) -> str:
    """Return the code of the city a division lies in."""
    return code[:4] + "00"


@functools.cache
def office_code(code: str, unit: str) -> str:
    """Return the made-up USCC of a unit: an agency's, beginning like those of the demo's businesses."""
    said = blake2b(f"{code}{unit}".encode(), digest_size=5).digest()
    serial = RARE + "".join(uscc.ALPHABET[byte % 31] for byte in said)
    return uscc.compose(department="1", body="1", division=code, serial=serial)


def serial(index: int, *, seed: int) -> str:
    """Return the eight characters of an organisation code: another for every number, in no visible order."""
    # The factor shares no divisor with 31⁵, so that the mapping is one to one.
    value = (index * 10_368_077 + seed * 7_777_777) % SERIALS
    letters = ""
    for _ in range(5):
        value, letter = divmod(value, 31)
        letters += uscc.ALPHABET[letter]
    return RARE + letters


class World:
    """All businesses of one seed and one reference day. Holds no business: each is made when asked for."""

    def __init__(self, *, seed: int, today: date) -> None:
        self.seed = seed
        self.today = today
        self._offset = Dice(f"{seed}").below(2**64)

    def day(self, back: int) -> date:
        """Return the day so many days before the reference day."""
        return self.today - timedelta(days=back)

    def dice(self, index: int, purpose: str) -> Dice:
        """Return the dice of one business for one purpose."""
        return Dice(f"{self.seed}/{index}/{purpose}")

    def kind_of(self, index: int) -> tuple[str, Trade]:
        """Return the group and the trade of a business."""
        return _CELLS[bisect_right(_ENDS, (index * GOLDEN + self._offset) % 2**64 - 1)]

    def business(self, index: int) -> Business:
        """Return one business."""
        dice = self.dice(index, "")
        group, trade = self.kind_of(index)
        place = PLACES[bisect_right(_PLACE_ENDS, dice.below(int(_PLACE_ENDS[-1])))]
        # Most are young: the square of an even throw.
        established = 30 + DAYS_BACK * dice.below(1000) ** 2 // 1_000_000 + dice.below(9)
        state = _STATES[bisect_right(_STATE_ENDS, dice.below(_STATE_ENDS[-1]))]
        codable = state in CODABLE
        of_city = group == "enterprise" and dice.chance(0.3)
        office = city_of(place.office) if of_city else place.office
        registered = place.old_office if self.day(established) < place.old_until else place.office
        code_of = office if of_city else registered
        if dice.chance(RATES["moved"]):
            code_of = dice.pick(MIX["elsewhere"]["codes"])
        person = self.person(dice)
        sign = dice.pick(SIGNS[0]) + dice.pick(SIGNS[1]) + dice.pick(SIGNS[2])
        named_after = local_name(place.office)
        body = WORDS["bodies"].get(trade.prefix) if group == "other" else None
        if group == "individual":
            prefix, kind, unit = "92", "个体工商户", MARKET_OFFICE
            name = f"{named_after}{sign}{dice.pick(trade.shop)}"
        elif group == "enterprise":
            prefix, kind, unit = "91", dice.pick(WORDS["enterprise_types"]), MARKET_OFFICE
            name = f"{named_after}{sign}{dice.pick(trade.firm)}{_form(kind)}"
        elif body is None:
            prefix, kind, unit = "93", "农民专业合作社", MARKET_OFFICE
            name = f"{named_after}{sign}{dice.pick(trade.coop)}专业合作社"
        else:
            prefix, kind, unit = trade.prefix, body["type"], body["unit"]
            name = f"{named_after}{sign}{dice.pick(trade.body)}"
            if prefix == "31":
                name = f"{division.PROVINCES[place.office[:2]].removesuffix('省')}{sign}{trade.body[0]}"
        return Business(
            number=index,
            group=group,
            trade=trade,
            uscc=uscc.compose(
                department=prefix[0], body=prefix[1], division=code_of, serial=serial(index, seed=self.seed)
            ),
            name=name,
            person=person,
            type=kind,
            established=established,
            address=self._address(dice, place.office, rural=trade.industry[0] == "A"),
            registrar=office_name(office, unit),
            state=state,
            division=place.code,
            office=place.office,
            scope=trade.scope,
            capital="" if group == "individual" else f"{dice.pick((10, 30, 50, 100, 200, 500, 1000, 3000))}万元",
            codable=codable,
            coded=codable and dice.chance(_CODED),
        )

    def person(self, dice: Dice) -> str:
        """Return a person's name: a surname and one or two characters."""
        surnames: str = WORDS["surnames"]
        given: str = WORDS["given"]
        # The common ones are first, and far more common.
        surname = surnames[dice.below(len(surnames)) * dice.below(len(surnames)) // len(surnames)]
        return surname + dice.pick(given) + (dice.pick(given) if dice.below(10) < 7 else "")

    def _address(self, dice: Dice, code: str, *, rural: bool) -> str:
        where = _full_name(code)
        if rural:
            return f"{where}{dice.pick(WORDS['townships'])}{dice.pick(WORDS['villages'])}"
        rest = dice.pick(WORDS["homes"] if dice.below(10) < 2 else WORDS["shops"])
        return f"{where}{dice.pick(WORDS['streets'])}{1 + dice.below(398)}号{rest}"


def _form(kind: str) -> str:
    if "股份" in kind:
        return "股份有限公司"
    if "分公司" in kind:
        return "有限公司第一分公司"
    return "中心" if "独资企业" in kind else "有限公司"
