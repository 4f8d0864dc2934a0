"""The official files of the demo, written in one pass over all businesses, whatever their number.

As in life no two look alike: one with a byte-order mark, one in GB18030 with the official names, one with the official
codes, one a workbook. About three rows in a thousand are wrong on purpose, so that there is something to set aside.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from chengxin.pipeline.demo import records
from chengxin.pipeline.demo.businesses import MARKET_OFFICE, STRANGERS, Business, World
from chengxin.pipeline.demo.plan import walk
from chengxin.pipeline.demo.records import Row
from chengxin.pipeline.demo.words import RATES, WORDS
from chengxin.terms import uscc

REGISTER: Final = (
    "企业名称",
    "统一社会信用代码",
    "法定代表人",
    "企业类型",
    "成立日期",
    "住所",
    "登记机关",
    "登记状态",
    "行业代码",
    "行政区划代码",
    "经营范围",
    "注册资本",
)
SHOPS: Final = ("名称", "统一社会信用代码", "经营者", "主体类型", "成立日期", "经营场所", *REGISTER[6:11])
BODIES: Final = ("主体名称", "统一社会信用代码", "负责人", "主体类型", "成立日期", "住所", *REGISTER[6:11], "开办资金")


@dataclass(frozen=True, slots=True)
class Form:
    """One file: what it is called, what it holds, how it is written, and which cell may be wrong in which way."""

    name: str
    kind: str
    columns: tuple[str, ...]
    encoding: str
    breaks: tuple[tuple[int, str], ...] = ()  # place of a cell, what is done to it: see _SPOIL
    later: bool = False  # taken in after the codes are issued: it changes what the others said
    sender: str = ""  # the department of the city that sent it; empty: gathered by the credit office


_OF_REGISTER = ((1, "digit"), (4, "date"), (0, "empty"), (1, "placeholder"), (10, "person"), (7, "word"))
_OF_DECISION = ((2, "digit"), (10, "date"), (2, "stranger"), (9, "person"), (5, "empty"), (0, "empty"), (6, "word"))
_OF_PENALTY = ((2, "stranger"), (6, "person"), (13, "date"), (2, "digit"), (10, "yuan"))

CIVIL, TRAFFIC, PLANNING = "民政局", "交通运输局", "发展和改革委员会"

FORMS: Final = (
    Form("01-企业登记.csv", "subject", REGISTER, "utf-8-sig", _OF_REGISTER, sender=MARKET_OFFICE),
    Form("02-个体工商户登记.csv", "subject", SHOPS, "utf-8", _OF_REGISTER, sender=MARKET_OFFICE),
    Form("03-其他组织登记.xlsx", "subject", BODIES, "xlsx", _OF_REGISTER, sender=CIVIL),
    Form("04-行政许可.csv", "licence", records.LICENCE_COLUMNS, "gb18030", _OF_DECISION, sender=MARKET_OFFICE),
    Form("05-行政处罚.csv", "penalty", records.PENALTY_COLUMNS, "utf-8", _OF_PENALTY, sender=TRAFFIC),
    Form(
        "06-经营异常名录.csv",
        "abnormal",
        records.ABNORMAL_COLUMNS,
        "utf-8-sig",
        ((1, "stranger"), (4, "date")),
        sender=MARKET_OFFICE,
    ),
    Form("07-失信被执行人.csv", "judgment", records.DISHONEST_COLUMNS, "utf-8", ((2, "stranger"), (10, "person"))),
    Form("08-严重失信主体名单.csv", "serious", records.SERIOUS_COLUMNS, "utf-8"),
    Form("09-信用承诺.csv", "commitment", records.COMMITMENT_COLUMNS, "utf-8", ((3, "digit"), (4, "word"))),
    Form(
        "10-守信荣誉.csv", "honour", records.HONOUR_COLUMNS, "gb18030", ((1, "stranger"), (4, "date")), sender=PLANNING
    ),
    Form("11-自愿填报.csv", "declaration", records.DECLARATION_COLUMNS, "utf-8", ((5, "person"),)),
    Form("14-外部赋码名册.csv", "elsewhere", records.ELSEWHERE_COLUMNS, "utf-8-sig"),
    Form("12-变更登记.csv", "subject", REGISTER, "utf-8-sig", later=True, sender=MARKET_OFFICE),
    Form("13-行政许可更正.csv", "licence", records.LICENCE_CODES, "utf-8", later=True, sender=MARKET_OFFICE),
)

_EVERY: Final = round(1 / RATES["broken"])
_FIRST: Final = 4
"""The fifth row is followed by the first wrong one, so that small files have one too."""


class _Sheet(Protocol):
    def writerow(self, row: Iterable[str], /) -> object: ...


class _Workbook:
    """An XLSX that is the same to the last byte whenever it is written."""

    def __init__(self, path: Path) -> None:
        from openpyxl import Workbook

        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("登记信息")

    def writerow(self, row: Iterable[str], /) -> None:
        self._sheet.append(list(row))

    def close(self) -> None:
        self._book.save(self._path)
        written = self._path.with_suffix(".part")
        with zipfile.ZipFile(self._path) as dated, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as undated:
            for name in dated.namelist():
                content = dated.read(name)
                if name == "docProps/core.xml":
                    content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2020-01-01T00:00:00Z", content)
                undated.writestr(zipfile.ZipInfo(name), content)
        written.replace(self._path)


class _File:
    """One of the files while it is written. One without a row is never made: a file without data is no file."""

    def __init__(self, form: Form, folder: Path, stack: ExitStack, world: World) -> None:
        self._form = form
        self._path = folder / form.name
        self._path.unlink(missing_ok=True)
        self._stack = stack
        self._world = world
        self._rows = 0
        self._sheet: _Sheet | None = None

    def _open(self) -> _Sheet:
        sheet: _Sheet
        if self._form.encoding == "xlsx":
            book = _Workbook(self._path)
            self._stack.callback(book.close)
            sheet = book
        else:
            file = self._stack.enter_context(self._path.open("w", encoding=self._form.encoding, newline=""))
            sheet = csv.writer(file)
        sheet.writerow(self._form.columns)
        return sheet

    def add(self, row: Row) -> None:
        """Add a row, and now and then a wrong one after it."""
        if self._sheet is None:
            self._sheet = self._open()
        self._sheet.writerow(row)
        number = self._rows
        self._rows += 1
        if self._form.breaks and number % _EVERY == _FIRST:
            place, how = self._form.breaks[number // _EVERY % len(self._form.breaks)]
            self._sheet.writerow((*row[:place], _SPOIL[how](row[place], self._world, number), *row[place + 1 :]))


# ---- Wrong on purpose ------------------------------------------------------------------------------------------


def _digit(code: str, world: World, number: int) -> str:
    """Return a USCC with a wrong check character."""
    return code[:17] + uscc.ALPHABET[(uscc.ALPHABET.index(code[17]) + 1) % 31]


def _stranger(code: str, world: World, number: int) -> str:
    """Return the USCC of a business that no register of the demo knows: its rows wait."""
    return world.business(STRANGERS + number).uscc


def _person(text: str, world: World, number: int) -> str:
    """Return a text with an ID number in it: right in form, of nobody alive (born in 1900)."""
    return f"{text}（联系人身份证号{id_number(number)}）"


def id_number(number: int) -> str:
    """Return an ID number of GB 11643 whose bearer would be older than anyone."""
    first = f"23049919000101{number % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(first, _ID_WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11]


_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_SPOIL: Final[dict[str, Callable[[str, World, int], str]]] = {
    "digit": _digit,
    "stranger": _stranger,
    "person": _person,
    "date": lambda text, world, number: f"{world.today.year - 1}/02/30",
    "empty": lambda text, world, number: "",
    "placeholder": lambda text, world, number: uscc.PLACEHOLDER,
    "word": lambda text, world, number: "不详",
    "yuan": lambda text, world, number: "2000元",
}


def spoiled(how: str, cell: str, world: World, number: int) -> str:
    """Return a cell as somebody gets it wrong."""
    return _SPOIL[how](cell, world, number)


# ---- The pass --------------------------------------------------------------------------------------------------


def write(*, folder: Path, size: int, seed: int, today: date, progress: Callable[[int], None] | None = None) -> None:
    """Write all files of a demo; the same arguments give the same bytes."""
    world = World(seed=seed, today=today)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        to = {form.name[:2]: _File(form, folder, stack, world) for form in FORMS}
        for planned in walk(world, size):
            business = planned.business
            row = _registered(world, business)
            to[{"individual": "02", "other": "03"}.get(business.group, "01")].add(_cut(row, business))
            for licence in records.licences(world, business, heavy=planned.heavy):
                to["04"].add(licence)
                renewed = records.renewal(world, business, licence)
                if renewed:
                    to["13"].add(renewed)
            for number, rows in _SAID.items():
                for said in rows(world, business):
                    to[number].add(said)
            if planned.coded:
                for said in records.declarations(world, business):
                    to["11"].add(said)
            changed = _changed(world, business, row, ends=planned.fate == "deregistered")
            if changed:
                to["12"].add(changed)
            if progress and not business.number % 500:
                progress(business.number)
    if progress:
        progress(size)


_SAID: Final[dict[str, Callable[[World, Business], Iterator[Row]]]] = {
    "05": records.penalties,
    "06": records.abnormal,
    "07": records.dishonest,
    "08": records.serious,
    "09": records.commitments,
    "10": records.honours,
    "14": records.elsewhere,
}


def _registered(world: World, business: Business) -> Row:
    """Return what the register says, in the columns of the enterprises' file."""
    return (
        business.name,
        business.uscc,
        business.person,
        business.type,
        world.day(business.established).isoformat(),
        business.address,
        business.registrar,
        business.state,
        business.trade.industry,
        business.division,
        business.scope,
        business.capital,
    )


def _cut(row: Row, business: Business) -> Row:
    """Return the row for its own register: shops have no capital."""
    return row[:11] if business.group == "individual" else row


def _changed(world: World, business: Business, row: Row, *, ends: bool) -> Row | None:
    """Return what a later file of the register says of a business, or None if nothing."""
    if ends:
        return (*row[:7], "注销", *row[8:])
    dice = world.dice(business.number, "change")
    if not dice.chance(RATES["changed"]):
        return None
    what = dice.below(3)
    if what == 0:
        return (*row[:2], world.person(dice), *row[3:])
    if what == 1:
        return (*row[:5], f"{row[5]}（北侧 {1 + dice.below(9)} 号）", *row[6:])
    return (*row[:10], f"{row[10]}；{dice.pick(WORDS['extra_scopes'])}", *row[11:])
