"""Who may do what: roles as data that a lawyer can read. Adding a role touches this file alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its name, its label and description for people, and what it allows."""

    name: str
    label: str
    description: str
    may: frozenset[str]


ROLES: Final = {
    role.name: role
    for role in (
        Role(
            "keeper",
            "系统管理员",
            "管理账号、密钥、备份，设置本市名称与页面，不审批业务。",
            frozenset({"office.enter", "city.edit", "batch.see"}),
        ),
        Role(
            "credit_office",
            "信用办",
            "归集数据、签发和撤销诚信码，核实举报，设置本市名称与页面。",
            frozenset({"office.enter", "city.edit", "batch.see", "fake.see", "fake.handle"}),
        ),
        Role(
            "command",
            "命令行",
            "在服务器上以命令行操作的管理员，身份由操作系统账号证明。",
            frozenset(
                {"office.enter", "city.edit", "batch.see", "intake", "code.issue", "code.print", "code.withdraw"}
                | {"key.rotate", "key.revoke", "account.open"}
            ),
        ),
    )
}


def may(role: str, permission: str) -> bool:
    """Tell whether a role allows something."""
    return role in ROLES and permission in ROLES[role].may


def labelled() -> list[tuple[str, str]]:
    """Return name and label of each role. Asked for by the model when it needs them, so that a role is no migration."""
    return [(role.name, role.label) for role in ROLES.values()]
