"""统一社会信用代码, the unified social credit code of GB 32100-2015 with its Amendment No. 1.

Eighteen characters: department, kind of body, division of the registering office (six digits), the body's
organisation code (nine, GB 11714), check character. Pure: no database, no clock.

>>> parse("９１２３０４０２ma1cte575q")
Uscc(text='91230402MA1CTE575Q')
>>> parse("91230402MA1CTE575Q").grouped
'91 230402 MA1CTE575 Q'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from operator import mul
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The thirty-one characters of GB 32100: no I, O, S, V or Z."""

PLACEHOLDER: Final = "0" * 17 + "X"
"""What official tables hold for an individual business (个体工商户) that has no code. Never a key."""

LENGTH: Final = 18

KINDS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "1": ("机构编制", {"1": "机关", "2": "事业单位", "3": "群众团体", "9": "其他"}),
    "2": ("外交", {"1": "外国常驻新闻机构", "9": "其他"}),
    "3": (
        "司法行政",
        {
            "1": "律师执业机构",
            "2": "公证处",
            "3": "基层法律服务所",
            "4": "司法鉴定机构",
            "5": "仲裁委员会",
            "9": "其他",
        },
    ),
    "4": ("文化", {"1": "外国在华文化中心", "9": "其他"}),
    "5": ("民政", {"1": "社会团体", "2": "民办非企业单位", "3": "基金会", "4": "基层群众性自治组织", "9": "其他"}),
    "6": ("旅游", {"1": "外国旅游部门常驻代表机构", "2": "港澳台地区旅游部门常驻内地代表机构", "9": "其他"}),
    "7": ("宗教", {"1": "宗教活动场所", "2": "宗教院校", "9": "其他"}),
    "8": ("工会", {"1": "基层工会", "9": "其他"}),
    "9": ("市场监管", {"1": "企业", "2": "个体工商户", "3": "农民专业合作社", "9": "其他"}),
    "A": ("中央军委改革和编制办公室", {"1": "军队事业单位", "9": "其他"}),
    "N": ("农业", {"1": "组级集体经济组织", "2": "村级集体经济组织", "3": "乡镇级集体经济组织", "9": "其他"}),
    "Y": ("其他", {"1": "其他"}),
}
"""First character → department that registers, and second character → kind of body (GB 32100-2015, table 1).

54 came later, with the codes that the Civil Code's special legal persons (村民委员会, 居民委员会) were given.
"""

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ALL_WEIGHTS = (*_WEIGHTS, 1)
_AS_BYTES = bytes(_VALUE.get(chr(byte), 0) for byte in range(256))
_FORM = re.compile(
    "(?:" + "|".join(first + f"[{''.join(seconds)}]" for first, (_, seconds) in KINDS.items()) + ")"
    rf"[0-9]{{6}}[{ALPHABET}]{{10}}"
)
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CONFUSED = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}


class Malformed(ValueError):
    """The text is no USCC; says which character is wrong and what was expected.

    :ivar position: 1-based place of the wrong character, 0 when the whole text is wrong.
    """

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code whose form and outer check character are right."""

    text: str

    @property
    def department(self) -> str:
        """The department that registers, in its official short name."""
        return KINDS[self.text[0]][0]

    @property
    def body(self) -> str:
        """The kind of body the second character names."""
        return KINDS[self.text[0]][1][self.text[1]]

    @property
    def division(self) -> str:
        """Division of the office that first registered it. Never where the business is now (domain.md §2.2)."""
        return self.text[2:8]

    @property
    def organisation_code(self) -> str:
        """The nine characters of GB 11714."""
        return self.text[8:17]

    @property
    def inner_digit_holds(self) -> bool:
        """Tell whether the organisation code's own check digit is right; old codes may fail it and still be real."""
        return inner_digit(self.text[8:16]) == self.text[16]

    @property
    def grouped(self) -> str:
        """The code as people read it aloud: 2-6-9-1."""
        return group(self.text)

    def __str__(self) -> str:
        return self.text


def normalise(text: str) -> str:
    """Return the text in half-width capitals, without the spaces and hyphens people put between groups."""
    folded = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(character for character in folded if not character.isspace() and character not in "-‐–—·")
    return unicodedata.normalize("NFKC", kept)  # an accent that stood on a space may have found a letter


def group(text: str) -> str:
    """Return a code in the groups people read it in: 2-6-9-1."""
    return f"{text[:2]} {text[2:8]} {text[8:17]} {text[17:]}"


def check_character(first_seventeen: str) -> str:
    """Return the last character for the seventeen before it (MOD 31-3, GB/T 17710)."""
    total = sum(_VALUE[character] * weight for character, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def inner_digit(first_eight: str) -> str:
    """Return the ninth character of an organisation code (GB 11714-1997)."""
    total = sum(int(character, 36) * weight for character, weight in zip(first_eight, _INNER_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def compose(*, department: str, body: str, division: str, serial: str) -> str:
    """Return the code for a department, kind of body, division and eight-character serial: both digits reckoned."""
    seventeen = department + body + division + serial + inner_digit(serial)
    return seventeen + check_character(seventeen)


def parse(text: str) -> Uscc:
    """Return the code in the text, full-width or lower-case as it may be.

    :raises Malformed: wrong length, wrong character, unknown department, placeholder or wrong check character.
    """
    if is_valid(text):  # nearly every code of a file is right as it stands, and files have millions
        return Uscc(text)
    code = normalise(text)
    if not code:
        raise Malformed("统一社会信用代码为空")
    if len(code) != LENGTH:
        raise Malformed(f"统一社会信用代码应为 18 位，现为 {len(code)} 位")
    for position, character in enumerate(code, start=1):
        if character not in _VALUE:
            likely = _CONFUSED.get(character)
            hint = f"，是否为 {likely}" if likely else ""
            raise Malformed(f"第 {position} 位“{character}”不是代码用字（不用 I、O、S、V、Z）{hint}", position)
    if code == PLACEHOLDER:
        raise Malformed("这是“无代码个体工商户”的占位代码，不能识别主体")
    if code[0] not in KINDS:
        raise Malformed(f"第 1 位“{code[0]}”不是登记管理部门代码", 1)
    if code[1] not in KINDS[code[0]][1]:
        raise Malformed(f"第 2 位“{code[1]}”不是{KINDS[code[0]][0]}部门的机构类别", 2)
    for position, character in enumerate(code[2:8], start=3):
        if not character.isdigit():
            raise Malformed(f"第 {position} 位“{character}”应为数字（登记机关行政区划码）", position)
    expected = check_character(code[:17])
    if code[17] != expected:
        raise Malformed(f"第 18 位校验码应为 {expected}，现为 {code[17]}，前 17 位中也可能有错字", 18)
    return Uscc(code)


def is_valid(text: str) -> bool:
    """Tell whether the text, exactly as it stands, is a code of right form and check character."""
    # With weight 1 for the check character itself the sum is a multiple of 31. No department is 0: the placeholder fails.
    return (
        _FORM.fullmatch(text) is not None
        and sum(map(mul, text.encode().translate(_AS_BYTES), _ALL_WEIGHTS)) % len(ALPHABET) == 0
    )
