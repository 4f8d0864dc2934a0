"""个人信息: personal data found in free text, and how names, numbers and homes are written for others to see.

Pure: no database, no clock. Asked of every free-text cell of a file, so a text without a long run of digits is done
with after one search.

>>> [(found.kind, found.start) for found in find("经营者张某，身份证号230402199003071233，电话１３８００１３８０００")]
[('id_number', 10), ('mobile', 31)]
>>> mask_id("230402199003071233"), mask_name("张三"), street_level("工农区红旗路18号阳光小区3号楼2单元501室")
('2304********1233', '张*', '工农区红旗路')
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from chengxin.terms.division import PROVINCES

LABELS: Final = {"id_number": "身份证号码", "mobile": "手机号码", "bank_card": "银行卡号", "plate": "车牌号"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data in a text: what it is and where, never the data itself."""

    kind: str
    label: str
    start: int
    end: int


_FULL_WIDTH = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {
    ord("Ｘ"): "X",
    ord("ｘ"): "X",
    ord("－"): "-",
}
_CAPITALS = {first + letter: ord("A") + letter for first in (0x61, 0xFF21, 0xFF41) for letter in range(26)}

# Eleven digits in a row, spaces and hyphens between them allowed: nothing shorter is looked at. Said as simply as can be:
# every row of a file is asked, and counting only the digits would take three times as long.
SUSPECT = re.compile(r"[0-9０-９][ \-－0-9０-９]{10}")
# What stands before a card's number, where its first digits do not say that it is one.
_SAID_TO_BE_CARD = re.compile(r"(?:卡号|账号|帐号|账户|帐户|银行卡?|储蓄卡|信用卡)[^0-9]{0,8}$")
_DOCUMENT = re.compile(r"[字第号〕)\]][^0-9]?$")

# GA 36: a province's short name, an office's letter, then five letters or digits, most of them digits; six for a vehicle
# of new energy, a letter in the first place or the last. There is no I and no O.
_PROVINCE = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
PLATE_SUSPECT = re.compile(rf"[{_PROVINCE}][A-HJ-NP-Za-hj-np-zＡ-Ｚａ-ｚ]")
_PLATE = re.compile(
    rf"[{_PROVINCE}][A-HJ-NP-Z][·•.\- ]?([A-HJ-NP-Z0-9]{{4}}(?:[A-HJ-NP-Z0-9]{{1,2}}|[挂学警港澳]))(?![0-9A-Z])"
)
_NEW_ENERGY = re.compile(r"[A-Z][A-Z0-9][0-9]{4}|[0-9]{5}[A-Z]")
_RUN = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ \-]?(?=1[3-9]))?([0-9](?:[ \-]?[0-9])*(?:[ \-]?[Xx])?)(?![0-9A-Za-z])")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# The old form of fifteen digits has no check digit and looks like a registration number of its days, so that it is
# taken for one only where the words before it say so.
_SAID_TO_BE_ID = re.compile(r"(?:身份|证件|公民)[^0-9]{0,12}$")

_HOME = re.compile(
    r"单元|\d室|小区|家属楼|家属院|号楼|\d栋|\d幢|住宅|公寓|花园(?![街路])|宿舍|平房(?!区)|村.{0,6}组|屯|\d委|委\d|居民委|住所地同户籍"
)
_SHOP = re.compile(r"门市|商服|底商|商铺|商场|市场|商店|摊位|大厦|写字楼|车间|厂房|厂区|园区|门点|一楼商业")
_STREET = re.compile(r"^.*?(?:大街|大道|街道|街|路|道|巷|胡同|镇|乡)(?![里东西南北]?[区县市])")
_DISTRICT = re.compile(r"^.*(?:(?<![小社园])区|县|市)")
_COMPOUND_SURNAMES: Final = frozenset(
    (
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "端木",
        "东方",
        "南宫",
        "呼延",
    )
)


def is_suspect(text: str) -> bool:
    """Tell whether a text has digits enough in a row to be worth a `find`."""
    return SUSPECT.search(text) is not None


def find(text: str) -> tuple[Finding, ...]:
    """Return the ID numbers, mobile numbers and bank cards in a text, in order; plates see `find_plates`."""
    if not is_suspect(text):
        return ()
    folded = text.translate(_FULL_WIDTH)  # one character for one: positions stay
    found = []
    for match in _RUN.finditer(folded):
        before = folded[max(0, match.start() - 16) : match.start()]
        kind = _kind(match[1], before=before)
        if kind == "mobile" and folded[match.end() : match.end() + 1] == "号" and _DOCUMENT.search(before):
            continue  # 鹤食罚字第13800138000号
        if kind:
            found.append(Finding(kind, LABELS[kind], match.start(1), match.end(1)))
    return tuple(found)


def may_hold_plates(text: str) -> bool:
    """Tell whether a text has what a number plate begins with, and so is worth a `find_plates`."""
    return PLATE_SUSPECT.search(text) is not None


def find_plates(text: str) -> tuple[Finding, ...]:
    """Return the number plates of vehicles in a text, in order: what follows the office's letter.

    Apart from `find`: whose a vehicle is, a plate tells only those who may ask, so that it is hidden rather than refused,
    and whoever reports a taxi with a false code has to be able to name it.
    """
    if not may_hold_plates(text):
        return ()
    folded = text.translate(_FULL_WIDTH).translate(_CAPITALS)
    return tuple(
        Finding("plate", LABELS["plate"], *match.span(1)) for match in _PLATE.finditer(folded) if _is_plate(match[1])
    )


def _is_plate(tail: str) -> bool:
    if len(tail) == 6:
        return _NEW_ENERGY.fullmatch(tail) is not None
    return sum(character.isdigit() for character in tail) >= 3


def blotted(text: str, found: Iterable[Finding]) -> str:
    """Return a text with what was found in it replaced by as many stars."""
    characters = list(text)
    for one in found:
        characters[one.start : one.end] = "*" * (one.end - one.start)
    return "".join(characters)


def blot(text: str) -> str:
    """Return a text as those inside may read it: with the personal data and plates in it replaced by as many stars.

    >>> blot("电话13800138000，请来电")
    '电话***********，请来电'
    """
    return blotted(text, (*find(text), *find_plates(text)))


def _kind(run: str, *, before: str) -> str:
    digits = run.replace(" ", "").replace("-", "").upper()
    size = len(digits)
    if size == 18 and is_id_number(digits):
        return "id_number"
    if size == 15 and _SAID_TO_BE_ID.search(before) and _is_old_id_number(digits):
        return "id_number"
    if size == 11 and digits[0] == "1" and digits[1] in "3456789" and digits.isdigit():
        return "mobile"
    if digits.isdigit() and _is_card(digits, said=_SAID_TO_BE_CARD.search(before) is not None) and _luhn(digits):
        return "bank_card"
    return ""


def _is_card(digits: str, *, said: bool) -> bool:
    """Tell whether a number is as long as a card's and begins as one: 62 by itself, others where words say so."""
    size = len(digits)
    if digits.startswith("62"):
        return 16 <= size <= 19
    # 银联 once let banks use starts of their own (9558 …); Visa, MasterCard and JCB have sixteen digits.
    return said and ((digits[0] in "345" and size in (15, 16)) or (digits[0] in "69" and 16 <= size <= 19))


def is_id_number(digits: str) -> bool:
    """Tell whether eighteen characters are an ID number of GB 11643: province, day of birth and check digit hold.

    A USCC may have eighteen digits too; hardly one of them has a day of birth in it.
    """
    if len(digits) != 18 or not digits[:17].isdigit() or digits[:2] not in PROVINCES:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17] and _is_birthday(digits[6:10], digits[10:12], digits[12:14])


def _is_old_id_number(digits: str) -> bool:
    return (
        digits.isdigit() and digits[:2] in PROVINCES and _is_birthday("19" + digits[6:8], digits[8:10], digits[10:12])
    )


def _is_birthday(year: str, month: str, day: str) -> bool:
    if not "1880" <= year <= "2099":
        return False
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def mask_id(text: str) -> str:
    """Return the number of a document with its middle hidden."""
    number = "".join(text.split())
    shown = 4 if len(number) >= 12 else len(number) // 4
    # Always eight: how many are hidden would tell the kind of document.
    return number[:shown] + "*" * 8 + number[len(number) - shown :]


def mask_name(name: str) -> str:
    """Return a person's name with all but the surname hidden."""
    name = name.strip()
    shown = 2 if len(name) > 2 and name[:2] in _COMPOUND_SURNAMES else 1
    return name[:shown] + "*" * (len(name) - shown)


def street_level(address: str) -> str:
    """Return a home's address down to its street or township; that of a place of business as it is.

    An individual's place of business is often home (domain.md §8.1): marks of a dwelling say so, marks of a shop deny it.
    """
    if _HOME.search(address) is None or _SHOP.search(address) is not None:
        return address
    match = _STREET.search(address) or _DISTRICT.search(address)
    return match[0] if match is not None else ""
