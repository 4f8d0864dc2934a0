"""Who may do what, and whose rows they see: roles as data that a lawyer can read. Adding a role touches this file alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Sees = Literal["nothing", "own", "place", "area", "all"]
"""Of batches, queues and figures: none, those of one's own unit, those of one's governing area, all.

`place`: none of these, only what is said to hang in the place (场所) that one's unit runs.
"""


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its name, its label and description for people, what it allows, whose business it sees, what it gives.

    `gives` are the roles that somebody of this role may give to another, or take away: who gives nobody a role
    changes nobody's account. Nobody gives `keeper` (the first start makes it) or `command` (the operating system does).
    """

    name: str
    label: str
    description: str
    may: frozenset[str]
    sees: Sees = "nothing"
    gives: frozenset[str] = frozenset()


_GATHERING: Final = frozenset(
    {"office.enter", "batch.see", "batch.send", "queue.see", "quality.see", "zero.report", "subject.look", "proof.see"}
)

_GIVING_CODES: Final = frozenset(
    {"application.see", "application.decide", "code.see", "code.give", "code.freeze", "showing.decide"}
    | {"commitment.see", "commitment.judge"}
)

ROLES: Final = {
    role.name: role
    for role in (
        Role(
            "keeper",
            "系统管理员",
            "管理单位、账号、密钥、备份，设置本市名称与页面，不审批业务。",
            frozenset({"office.enter", "city.edit", "unit.see", "unit.edit", "account.invite", "client.edit"}),
            # 三员分立 (GB/T 22239): who keeps accounts sees no business, and alone lets an auditor in.
            gives=frozenset({"credit_office", "county", "department", "place", "auditor"}),
        ),
        Role(
            "credit_office",
            "信用办",
            "归集数据、处理待匹配的行、签发和撤销诚信码，核实举报，设置本市名称与页面。",
            _GATHERING
            | {"city.edit", "batch.undo", "queue.decide", "area.edit", "unit.see", "unit.edit", "account.invite"}
            | {"fake.see", "fake.handle"}
            | _GIVING_CODES,
            "all",
            frozenset({"county", "department", "place"}),
        ),
        Role(
            "county",
            "县区信用办",
            "归集本地数据，查看本辖区主体的档案和本地各单位的数据质量，受理本辖区的申领，核实亮码。",
            _GATHERING | _GIVING_CODES,
            "area",
        ),
        Role(
            "department",
            "部门",
            "报送本单位产生的信用信息，查看本单位的批次、待匹配的行和数据质量，按职责查询档案，认定本单位受理的承诺。",
            _GATHERING | {"commitment.see", "commitment.judge"},
            "own",
        ),
        Role(
            "place",
            "场所管理方",
            "管理商场、市场、园区的单位：核实贴在本场所的诚信码照片。",
            frozenset({"office.enter", "showing.decide", "proof.see"}),
            "place",
        ),
        Role(
            "auditor",
            "审计员",
            "查看留痕和查询日志，不看业务数据。",
            frozenset({"office.enter", "trail.see"}),
        ),
        Role(
            "machine",
            "系统对接",
            "部门的业务系统以接口报送数据，不能登录页面。",
            frozenset({"batch.see", "batch.send"}),
            "own",
        ),
        Role(
            "business",
            "经营者",
            "代表所绑定的经营主体申领诚信码、填报、承诺、下载载体；不进入信用办端。",
            frozenset({"business.enter"}),
        ),
        Role(
            "command",
            "命令行",
            "在服务器上以命令行操作的管理员，身份由操作系统账号证明。",
            frozenset(
                {"office.enter", "city.edit", "batch.see", "batch.send", "batch.undo", "intake"}
                | {"code.issue", "code.print", "code.withdraw", "key.rotate", "key.revoke"}
                | {"account.open", "account.invite", "unit.see", "unit.edit", "client.edit"}
            ),
            "all",
            frozenset({"credit_office", "county", "department", "place", "auditor", "machine"}),
        ),
    )
}


def may(role: str, permission: str) -> bool:
    """Tell whether a role allows something."""
    return role in ROLES and permission in ROLES[role].may


def gives(role: str, other: str) -> bool:
    """Tell whether somebody of a role may give or take away another."""
    return role in ROLES and other in ROLES[role].gives


def named(text: str) -> str | None:
    """Return the name of the role that a text means, by its name or its label."""
    said = text.strip()
    return next((role.name for role in ROLES.values() if said in (role.name, role.label)), None)


def labelled() -> list[tuple[str, str]]:
    """Return name and label of each role. Asked for by the model when it needs them, so that a role is no migration."""
    return [(role.name, role.label) for role in ROLES.values()]
