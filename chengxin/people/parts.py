"""Who in a business may do what for it: parts as data. Adding a part touches this file alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Part:
    """A part somebody has in a business: its label and description for people, and the acts it allows."""

    name: str
    label: str
    description: str
    may: frozenset[str]


_STAFF: Final = frozenset({"see", "print", "show"})
_AGENT: Final = _STAFF | {"apply", "place", "turn", "declare", "commit"}

PARTS: Final = {
    part.name: part
    for part in (
        Part("legal", "法定代表人或负责人", "代表经营主体办理全部事项，管理经办人和店员。", _AGENT | {"people"}),
        Part("agent", "经办人", "凭授权书代为申领、填报、承诺、管理诚信码。", _AGENT),
        Part("staff", "店员", "查看、下载载体、上传亮码照片。", _STAFF),
    )
}

ACTS: Final = frozenset().union(*(part.may for part in PARTS.values()))
"""Every act that some part may do."""

PROVISIONAL: Final = frozenset({"see", "print", "show", "apply", "place"})
"""What may be done while the office has not confirmed who somebody is: nothing that is said in the business's name."""


def may(part: str, state: str, act: str) -> bool:
    """Tell whether somebody of a part, in a state of being bound, may do something for the business."""
    if part not in PARTS or act not in PARTS[part].may:
        return False
    return state == "accepted" or (state == "provisional" and act in PROVISIONAL)
