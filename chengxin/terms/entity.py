"""主体类型与登记状态: what kinds of body hold a USCC, and what the register says of one. Pure: no database, no clock.

>>> kind_of("92230402MA1CTE575M").label, kind_of("31230000MA1CTE575D").label
('个体工商户', '律师事务所')
>>> kind_of("91230402MA1CTE575Q", "有限责任公司分公司（自然人投资或控股）").name
'branch'
>>> state_named("存续（在营、开业、在册）").name
'active'
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of body, as this system tells them apart."""

    name: str
    label: str
    prefix: str = ""  # the USCC's first two characters, where they decide
    words: tuple[str, ...] = ()  # what the registered type says, where the code does not decide


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("enterprise", "企业", "91", ("公司", "企业", "厂", "合伙", "独资")),
        Kind("branch", "分支机构", "", ("分公司", "分支机构", "营业单位", "代表机构", "分社", "分店")),
        Kind("individual", "个体工商户", "92", ("个体",)),
        Kind("cooperative", "农民专业合作社", "93", ("合作社",)),
        Kind("law_firm", "律师事务所", "31", ("律师",)),
        Kind("notary", "公证机构", "32", ("公证",)),
        Kind("legal_service", "基层法律服务所", "33", ("法律服务所",)),
        Kind("forensic", "司法鉴定机构", "34", ("司法鉴定",)),
        Kind("arbitration", "仲裁委员会", "35", ("仲裁",)),
        Kind("agency", "机关", "11", ("机关",)),
        Kind("institution", "事业单位", "12", ("事业单位", "事业法人")),
        Kind("mass_organisation", "群众团体", "13", ("群众团体", "群团")),
        Kind("social_organisation", "社会团体", "51", ("社会团体", "协会", "商会", "学会")),
        Kind("private_non_enterprise", "民办非企业单位", "52", ("民办非企业", "社会服务机构", "民非")),
        Kind("foundation", "基金会", "53", ("基金会",)),
        Kind("neighbourhood", "基层群众性自治组织", "54", ("村民委员会", "居民委员会", "自治组织")),
        Kind("religious", "宗教活动场所", "7", ("宗教",)),
        Kind("trade_union", "工会", "8", ("工会",)),
        Kind("village_body", "农村集体经济组织", "N", ("集体经济组织", "经济合作社", "经济联合社")),
        Kind("foreign", "外国常驻机构", "2", ("外国常驻",)),
        Kind("military", "军队单位", "A", ("军队",)),
        Kind("other", "其他"),
    )
}
"""Name → kind. The names are stored with every registration."""

TYPE_CODES: Final = {
    "1100": "有限责任公司",
    "1110": "有限责任公司（国有独资）",
    "1130": "有限责任公司（自然人投资或控股）",
    "1150": "有限责任公司（法人独资）",
    "1151": "有限责任公司（自然人独资）",
    "1152": "有限责任公司（自然人投资或控股的法人独资）",
    "1153": "有限责任公司（非自然人投资或控股的法人独资）",
    "1200": "股份有限公司",
    "1210": "股份有限公司（上市）",
    "1220": "股份有限公司（非上市）",
    "2000": "分公司",
    "3000": "非公司企业法人",
    "4530": "合伙企业",
    "4540": "个人独资企业",
    "9100": "农民专业合作社",
    "9500": "个体工商户",
}
"""The register's own numbers for types, where a file gives those instead of words."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of registration, and what follows from it for a code."""

    name: str
    label: str
    aliases: tuple[str, ...]
    wording: str  # what the public page says of it; nothing for the ordinary state
    shows_supplement: bool  # what the business says of itself, and any publicity for it
    may_be_coded: bool  # whether a new code may be issued, and printed

    @property
    def ended(self) -> bool:
        """Tell whether the body is no more: 注销 and 撤销."""
        return self.name in ("deregistered", "revoked_registration")


STATES: Final = {
    state.name: state
    for state in (
        State(
            "active",
            "存续",
            (
                "存续(在营、开业、在册)",
                "在营(开业)",
                "在营",
                "开业",
                "在业",
                "在册",
                "在营在册",
                "开业(正常经营)",
                "正常",
                "正常经营",
                "正常执业",
                "有效",
                "已成立",
                "设立",
                "迁入",
            ),
            "",
            shows_supplement=True,
            may_be_coded=True,
        ),
        State(
            "suspended",
            "歇业",
            ("歇业备案", "已歇业", "歇业中"),
            "该主体已办理歇业备案，歇业期间可能不营业。",
            shows_supplement=True,
            may_be_coded=True,
        ),
        State(
            "licence_revoked",
            "吊销",
            ("吊销未注销", "吊销,未注销", "吊销(未注销)", "已吊销", "被吊销", "吊销营业执照", "吊销企业"),
            "该主体的营业执照已被吊销，尚未注销登记，依法不得开展经营活动。",
            shows_supplement=False,
            may_be_coded=False,
        ),
        State(
            "revoked_registration",
            "撤销",
            ("撤销登记", "已撤销", "撤销设立登记", "撤销企业"),
            "该主体的登记已被撤销。",
            shows_supplement=False,
            may_be_coded=False,
        ),
        State(
            "moved_out",
            "迁出",
            ("已迁出", "迁出本地", "迁往市外", "迁移异地", "企业迁出"),
            "该主体已迁往其他地区登记，请以迁入地的公示信息为准。",
            shows_supplement=False,
            may_be_coded=False,
        ),
        State(
            "deregistered",
            "注销",
            ("已注销", "注销企业", "吊销已注销", "吊销,已注销", "吊销后注销", "注销登记"),
            "该主体已注销登记。",
            shows_supplement=False,
            may_be_coded=False,
        ),
    )
}
"""Name → state of registration (《市场主体登记管理条例》). A code of any of them stays readable."""


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


_STATE_BY_WORD = {_fold(word): state for state in STATES.values() for word in (state.label, *state.aliases)}
_KIND_BY_PREFIX = {kind.prefix: kind for kind in KINDS.values() if kind.prefix}
# The longer word decides: 分公司 is said of a branch, though it holds 公司.
_KIND_BY_WORD = sorted(
    ((word, kind) for kind in KINDS.values() for word in kind.words), key=lambda pair: len(pair[0]), reverse=True
)


def state_named(text: str) -> State | None:
    """Return the state an official wording means, or None if it is no known wording."""
    return _STATE_BY_WORD.get(_fold(text))


def type_label(text: str) -> str:
    """Return the registered type in words: a number of the register's own list becomes its words."""
    return TYPE_CODES.get(text.strip(), text.strip())


def kind_of(uscc: str, type_text: str = "") -> Kind:
    """Return the kind of a body from its code and its registered type.

    The code decides, but that enterprises share 91 with their branches; the words decide where the code is silent.
    """
    words = _fold(type_label(type_text))
    by_code = _KIND_BY_PREFIX.get(uscc[:2]) or _KIND_BY_PREFIX.get(uscc[:1])
    if by_code is not None and by_code.name != "enterprise":
        return by_code
    if any(word in words for word in KINDS["branch"].words):
        return KINDS["branch"]
    if by_code is not None:
        return by_code
    return next((kind for word, kind in _KIND_BY_WORD if word in words), KINDS["other"])
