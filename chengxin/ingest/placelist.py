"""放置名单: a list of places as people keep it: a spreadsheet, or lines pasted from one. Read, checked row by row.

Names, phones and ID numbers of drivers and stall keepers are passed over unread: a code needs a plate, not a person
(《个人信息保护法》第 6 条; ADR 0008).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import BinaryIO, Final

import xlsxwriter

from chengxin.credit.codes.placements import PLACEMENTS, named
from chengxin.credit.codes.places import AT_ONCE, CENTROID, Place, faults
from chengxin.ingest.reading.table import Limits, NotReadable, open_table
from chengxin.terms.point import Point

LIMITS: Final = Limits(1_000_000, 50_000_000, 1_000_000)
"""A list of two thousand places has some hundred kilobytes, whatever the program that wrote it."""

COLUMNS: Final = {
    "kind": ("放置处", "类型", "放置处类型", "种类"),
    "label": ("标识", "编号", *(name for kind in PLACEMENTS.values() for name in kind.columns)),
    "shown": ("公开标识", "同意公开标识", "是否公开标识"),
    "where": ("位置说明", "位置", "地址", "详细地址"),
    "lat": ("纬度",),
    "lon": ("经度",),
    "county": ("约略到县区", "只标到县区"),
    "until": ("使用到", "到期日期", "结束日期", "展期至"),
    "keeper": ("保护单位",),
    "signed": ("驾驶员已签承诺", "已签承诺"),
    "signed_on": ("签署日期", "承诺日期", "承诺签署日期", "签承诺日期"),
}  # fmt: skip
"""What a list may say of a place, and how its column may be called; the first is ours."""
LINE_LIMIT: Final = 10_000
"""Letters that a pasted line may have: every column of a list at its longest is a tenth of it."""
PERSONAL: Final = re.compile(r"姓名|驾驶员|司机|经营者|摊主|电话|手机|身份证|联系人|证件号")
"""Columns about persons: not read."""
YES: Final = ("是", "已签", "同意", "√", "✓", "Y", "YES", "1", "TRUE", "对")
NO: Final = ("", "否", "未签", "不同意", "×", "N", "NO", "0", "FALSE", "没有", "无")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, the place it means, on which day its driver signed, what is wrong with it."""

    number: int
    place: Place
    signed: date | None = None  # None: he did not
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as it was read: its rows, the columns about persons that were passed over, those that nobody knows."""

    rows: tuple[Row, ...]
    personal: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    good: tuple[Row, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "good", tuple(row for row in self.rows if not row.faults))


# ---- Reading -------------------------------------------------------------------------------------------------------


def read_file(path: Path, *, kind: str, shown: bool, today: date, centre: Point | None = None) -> Listed:
    """Read a file of places; `kind` and `shown` hold for the rows that do not say it themselves.

    :param centre: the point of those rows that want no more than the county told; none where there is no one county.

    :raises NotReadable: it is no table, has no column that we know, or more rows than are taken at once.
    """
    with open_table(path, limits=LIMITS, recognise=_recognise) as table:
        rows = []
        for number, cells in table.rows:
            rows.append((number, list(cells)))
            _bounded(rows)
        return _listed(table.header, rows, kind=kind, shown=shown, today=today, centre=centre)


def read_text(text: str, *, kind: str, shown: bool, today: date, centre: Point | None = None) -> Listed:
    """Read pasted lines, as `read_file` does: with column names in the first, or one label a line, and where it is behind it.

    :raises NotReadable: there is nothing in it, or more rows than are taken at once.
    """
    lines = [(number, line) for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1) if line.strip()]
    one = f"请每行粘贴一个{PLACEMENTS[kind].called}，如 {PLACEMENTS[kind].example}"
    if not lines:
        raise NotReadable(f"名单是空的：{one}")
    _bounded(lines)
    # Spreadsheets put tabs between cells on the clipboard; a comma is what people type.
    mark = "\t" if any("\t" in line for _, line in lines) else ","
    cells = []
    for number, line in lines:
        if len(line) > LINE_LIMIT:
            raise NotReadable(f"第 {number} 行太长，不像名单：{one}")
        cells.append((number, next(csv.reader([line.replace("，", ",") if mark == "," else line], delimiter=mark))))
    if _recognise(cells[0][1]):
        if len(cells) == 1:
            raise NotReadable(f"名单里只有表头：{one}")
        return _listed(cells[0][1], cells[1:], kind=kind, shown=shown, today=today, centre=centre)
    return _listed(("标识", "位置说明"), cells, kind=kind, shown=shown, today=today, centre=centre)


def _bounded(rows: Sequence[object]) -> None:
    if len(rows) > AT_ONCE:
        raise NotReadable(f"名单超过 {AT_ONCE:,} 行：请分成几份，分几次登记")


def bare(name: str) -> str:
    """Return a column's name without what people add to it: brackets and what is in them, blanks, stars, colons."""
    return re.sub(r"[(（].*?[)）]|[\s*：:]", "", name)


def _means(name: str) -> str | None:
    said = bare(name)
    return next((code for code, names in COLUMNS.items() if said in names), None)


def _recognise(names: Iterable[str]) -> int:
    # A list with the one column it needs is a list.
    return 2 * sum(1 for name in names if _means(name) is not None)


def _listed(
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    *,
    kind: str,
    shown: bool,
    today: date,
    centre: Point | None = None,
) -> Listed:
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if (code := _means(name)) is not None:
            places.setdefault(code, place)
    others = [name.strip() for name in header if name.strip() and _means(name) is None]
    personal = tuple(name[:20] for name in others if PERSONAL.search(name))
    unknown = tuple(name[:20] for name in others if not PERSONAL.search(name))
    read, seen = [], dict[tuple[str, str], int]()
    for number, cells in rows:
        said = {code: (cells[at].strip() if at < len(cells) else "") for code, at in places.items()}
        if not any(said.values()):
            continue
        row = _row(number, said, kind=kind, shown=shown, today=today, centre=centre)
        if not row.faults and (first := seen.setdefault(row.place.key, number)) != number:
            row = replace(row, faults=(f"与第 {first} 行重复：请删去一行。",))
        read.append(row)
    if not read:
        raise NotReadable("名单里没有一行可读：请每行填写一个，如一个车牌号")
    return Listed(tuple(read), personal, unknown)


def _row(number: int, said: dict[str, str], *, kind: str, shown: bool, today: date, centre: Point | None) -> Row:
    wrong: list[str] = []
    what = said.get("kind", "")
    found = named(what) if what else PLACEMENTS.get(kind)
    if found is None:
        return Row(number, Place(what[:16]), faults=(f"没有“{what[:20]}”这种放置处，可填：{_kinds()}。",))
    place = Place(
        kind=found.name,
        label=said.get("label", ""),
        label_shown=_yes(said.get("shown", ""), "公开标识", wrong) if said.get("shown") else shown,
        where=said.get("where", ""),
        lat=_number(said.get("lat", ""), "纬度", wrong),
        lon=_number(said.get("lon", ""), "经度", wrong),
        pointed_by="list",
        until=_day(said.get("until", ""), wrong),
        keeper=said.get("keeper", ""),
    )
    signed_on = _day(said.get("signed_on", ""), wrong)
    # Whoever writes a day means that he signed; who says that he did not, and a day, has mixed something up.
    signed = _yes(said.get("signed", ""), "驾驶员已签承诺", wrong) or (signed_on is not None and not said.get("signed"))
    if signed and not found.commitment:
        wrong.append(f"{found.label}的码没有单独的承诺：“驾驶员已签承诺”和“签署日期”请留空。")
    elif signed_on is not None and not signed:
        wrong.append("写了“签署日期”，“驾驶员已签承诺”却填的是否：请改一处。")
    elif signed_on is not None and signed_on > today:
        wrong.append(f"签署日期 {signed_on.isoformat()} 还没有到：请照承诺书上的日期填写。")
    # What its kind does not know is told here, and not quietly left out: whoever wrote it meant something.
    if found.moves and (place.lat is not None or place.lon is not None):
        wrong.append(f"{found.label}会移动，没有固定的坐标：请把经纬度留空。")
    if _yes(said.get("county", ""), "约略到县区", wrong):
        if found.moves:
            wrong.append(f"{found.label}会移动，没有固定的位置：请把“约略到县区”留空。")
        elif said.get("lat") or said.get("lon"):
            wrong.append("写了经纬度，“约略到县区”又填了“是”：请只留一种。")
        elif centre is None:
            wrong.append("登记信息没有说清在哪个县区，不能约略到县区：请把这一列留空，或者填写经纬度。")
        else:
            place = replace(place, lat=centre.lat, lon=centre.lon, pointed_by=CENTROID)
    tidy = place.tidy()
    wrong += faults(replace(tidy, lat=place.lat, lon=place.lon) if not found.moves else tidy, today=today).values()
    return Row(number, tidy, (signed_on or today) if signed else None, tuple(dict.fromkeys(wrong)))


def _kinds() -> str:
    return "、".join(kind.label for kind in PLACEMENTS.values())


def _yes(text: str, name: str, wrong: list[str]) -> bool:
    said = text.strip().upper()
    if said in YES:
        return True
    if said not in NO:
        wrong.append(f"“{name}”写的是“{text[:10]}”：请填“是”或“否”。")
    return False


def _number(text: str, name: str, wrong: list[str]) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace("°", ""))
        if value.is_finite() and abs(value) < 1000:
            return value
    except InvalidOperation:
        pass
    wrong.append(f"{name}“{text[:12]}”不是数字：请填十进制度数，如 47.349920。")
    return None


_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:[ T].*)?")


def _day(text: str, wrong: list[str]) -> date | None:
    if not text:
        return None
    if found := _DAY.fullmatch(text.strip()):
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            pass
    wrong.append(f"日期“{text[:12]}”不对：请写成 2026-12-31 这样。")
    return None


# ---- Writing -------------------------------------------------------------------------------------------------------


def as_text(rows: Iterable[Row]) -> str:
    """Return rows as text that `read_text` reads again to the same: what was looked at is what is confirmed."""
    out = io.StringIO()
    write = csv.writer(out, delimiter="\t", lineterminator="\n")
    write.writerow([names[0] for names in COLUMNS.values()])
    for row in rows:
        place = row.place
        point = ("", "", "是") if place.pointed_by == CENTROID else (place.lat, place.lon, "")
        write.writerow(
            [
                PLACEMENTS[place.kind].label,
                place.label,
                "是" if place.label_shown else "否",
                place.where,
                *("" if value is None else str(value) for value in point),
                place.until.isoformat() if place.until else "",
                place.keeper,
                "是" if row.signed else "",
                row.signed.isoformat() if row.signed else "",
            ]
        )
    return out.getvalue()


def template(kind: str, out: BinaryIO) -> None:
    """Write the workbook that a list of one kind of places is filled into.

    :raises KeyError: no such kind.
    """
    what = PLACEMENTS[kind]
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet, hints = book.add_worksheet("名单"), book.add_worksheet("填写说明")
    head = book.add_format({"bold": True, "bg_color": "#D6E4F5", "border": 1, "border_color": "#9AA5B1"})
    text, prose = book.add_format({"num_format": "@"}), book.add_format({"text_wrap": True, "valign": "top"})
    columns = [("放置处", what.label, 14, "不用改")]
    if what.called:
        need = "必填" if what.needed else "可不填"
        columns.append((what.called, what.example, 20, f"{need}，同一种放置处不能重复"))
        if what.shows:
            columns.append(("公开标识（是/否）", "是", 16, f"填“是”表示同意：扫码的人能看到{what.called}，可以对照"))
    columns.append(("位置说明", "", 30, "可不填，如“东市场一层”；不对外公开"))
    if not what.moves:
        columns += [
            ("纬度", "", 14, "可不填，WGS-84 十进制度数；填了表示同意记录，不对外公开"),
            ("经度", "", 14, "同上"),
            ("约略到县区（是/否）", "", 18, "可不填；填“是”表示同意只记所在县区的中心一带，不用写经纬度"),
        ]
    if what.ends:
        columns.append(("使用到", "", 14, "必填，写成 2026-12-31；过了这一天码自动停用"))
    if what.keeper:
        columns.append((what.keeper, "", 26, "必填"))
    if what.commitment:
        columns.append(("驾驶员已签承诺（是/否）", "", 22, "驾驶员本人签了承诺书的填“是”；不要写驾驶员姓名、电话"))
        columns.append(("签署日期", "", 14, "可不填，照承诺书写成 2026-01-31；不填的按登记当天"))
    sheet.freeze_panes(1, 0)
    for place, (name, _, width, _) in enumerate(columns):
        sheet.set_column(place, place, width, text)
        sheet.write_string(0, place, name, head)
        if "（是/否）" in name:
            sheet.data_validation(1, place, AT_ONCE, place, {"validate": "list", "source": ["是", "否"]})
    hints.set_column(0, 0, 24)
    hints.set_column(1, 1, 60, prose)
    hints.write_string(0, 0, f"一行一处，从“名单”表第 2 行填起，最多 {AT_ONCE:,} 行。不要填写姓名、电话、身份证号码。")
    for row, (name, example, _, hint) in enumerate(columns, start=2):
        hints.write_string(row, 0, name)
        hints.write_string(row, 1, hint + (f"。示例：{example}" if example and name != "放置处" else ""), prose)
    book.close()
