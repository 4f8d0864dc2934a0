"""The words of `chengxin …`, one module each: HELP, DJANGO, configure(parser), run(args) → exit status."""

from __future__ import annotations

import errno
import getpass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chengxin.credit.records.form import Kind
    from chengxin.people.trail import Actor


def command_line() -> Actor:
    """Return who acts when a command is given: the account of the operating system."""
    from chengxin.people.trail import Actor

    return Actor(name=f"{getpass.getuser()}@命令行", role="command")


def kinds_told() -> str:
    """Return the kinds of records there are, for a command's help; a city's own come up once the command runs."""
    from chengxin.credit.records.catalogue import KINDS

    kinds = "；".join(f"{kind.name} {kind.label}" for kind in KINDS.values())
    return f"记录的种类，写英文名或中文名：{kinds}；以及本市自己的种类（数据目录的 kinds/）"


def kind_named(said: str) -> Kind:
    """Return the kind of a name or a label.

    :raises Refused: there is none.
    """
    from chengxin.credit.records.catalogue import KINDS
    from chengxin.people.trail import Refused

    found = KINDS.get(said) or next((kind for kind in KINDS.values() if kind.label == said), None)
    if found is None:
        there = "、".join(f"{kind.name}（{kind.label}）" for kind in KINDS.values())
        raise Refused(f"没有“{said[:40]}”这种记录；现有：{there}")
    return found


WHY: Final = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "这是一个目录",
    errno.ENOTDIR: "路径里有一段不是目录",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EROFS: "只能读，不能写",
}


def why(error: OSError) -> str:
    """Return what is wrong with a file, in words."""
    return WHY.get(error.errno or 0) or error.strerror or str(error)
