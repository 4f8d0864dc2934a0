"""Who in a business may do what for it: parts as data. Adding a part touches this file alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Part:
    """A part somebody has in a business: its label and description for people, the acts it allows, the parts it gives.

    An agent takes on staff but no other agents: handing a power on asks for its giver's consent (《民法典》第 169 条).
    """

    name: str
    label: str
    description: str
    may: frozenset[str]
    gives: frozenset[str] = frozenset()


_STAFF: Final = frozenset({"see", "print", "show"})
_AGENT: Final = _STAFF | {"apply", "place", "turn", "declare", "commit", "people"}

PARTS: Final = {
    part.name: part
    for part in (
        Part(
            "legal",
            "法定代表人或负责人",
            "代表经营主体办理全部事项，管理经办人和店员。",
            _AGENT,
            frozenset({"agent", "staff"}),
        ),
        Part(
            "agent",
            "经办人",
            "凭授权书代为申领、填报、承诺、管理诚信码，管理店员。",
            _AGENT,
            frozenset({"staff"}),
        ),
        Part("staff", "店员", "查看、下载载体、上传亮码照片。", _STAFF),
    )
}

ACTS: Final = frozenset().union(*(part.may for part in PARTS.values()))
"""Every act that some part may do."""

IN_DOUBT: Final = _STAFF
"""What may be done by somebody of whom it is doubted that they are still the same person: nothing that changes what stands."""

PROVISIONAL: Final = frozenset({"see", "print", "show", "apply", "place"})
"""What may be done while the office has not confirmed who somebody is: nothing that is said in the business's name."""


def may(part: str, state: str, act: str) -> bool:
    """Tell whether somebody of a part, in a state of being bound, may do something for the business."""
    if part not in PARTS or act not in PARTS[part].may:
        return False
    return state == "accepted" or (state == "provisional" and act in PROVISIONAL)


def gives(part: str, state: str, other: str) -> bool:
    """Tell whether somebody of a part may give another part to somebody, or take it away."""
    return state == "accepted" and part in PARTS and other in PARTS[part].gives


@dataclass(frozen=True, slots=True)
class Level:
    """A way to show who one is: its label, the part it is for, and what somebody is at once by it.

    `paper` is what has to be handed in, empty where nothing has.
    """

    name: str
    label: str
    parts: frozenset[str]
    state: str
    paper: str = ""


LEVELS: Final = {
    level.name: level
    for level in (
        # 《电子营业执照管理办法（试行）》: it has the same legal effect as the paper one, and shows who holds it.
        Level("licence", "电子营业执照或龙易办", frozenset({"legal", "agent"}), "accepted"),
        Level("name", "姓名和证照照片", frozenset({"legal"}), "provisional", "营业执照或登记证书的照片"),
        Level("letter", "授权书", frozenset({"agent"}), "waiting", "盖章的授权书"),
        Level("newcomer", "新主体的登记证书", frozenset({"legal"}), "waiting", "登记证书的照片"),
        Level("invited", "本主体的人邀请", frozenset({"legal", "agent", "staff"}), "accepted"),
        Level("counter", "窗口核验", frozenset({"legal", "agent"}), "accepted"),
    )
}
"""Name → way to show who one is, as `Binding.proven_by` keeps it."""
