"""What a directory's file looks like. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("单位名称", "名称", "单位"),
    "short": ("简称",),
    "uscc": ("统一社会信用代码", "信用代码"),
    "area": ("管辖区", "所属县区"),
    "former_names": ("曾用名",),
    "person": ("联系人姓名", "联系人", "姓名"),
    "username": ("账号", "账号名"),
    "role": ("角色",),
}
"""Column → the headings it may bear, the first of them in the form that we hand out."""
