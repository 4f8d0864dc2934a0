"""What the API's answers hold. The descriptions are what a partner's engineer reads: English, then Chinese."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

State = Literal["received", "checked", "applied", "failed", "dropped", "undone"]


class Progress(Schema):
    """How far the work on a batch has come. 进度"""

    rows: Annotated[int, Field(description="Rows read so far. 已读行数")]
    share: Annotated[float | None, Field(description="Share of the file, 0 to 1, where known. 已读的比例")]


class Reason(Schema):
    """How often one check found something. 问题分类"""

    code: Annotated[str, Field(description="Code of the check, as E01. 规则代码")]
    column: Annotated[str, Field(description="The column it speaks of; empty: the row. 列")]
    level: Annotated[str, Field(description="error, warn or info. 级别")]
    count: Annotated[int, Field(description="Rows. 行数")]


class Difference(Schema):
    """What applying the batch changes, worked out before it is applied. 预览：入库会带来什么变化"""

    new: Annotated[int, Field(description="Rows that are not known yet. 新增")]
    changed: Annotated[int, Field(description="Rows that change what is known. 更新")]
    unchanged: Annotated[int, Field(description="Rows that say what is known. 未变")]
    rejected: Annotated[int, Field(description="Rows set aside, waiting ones included. 搁置")]
    waiting: Annotated[int, Field(description="Rows whose subject is not known yet. 待匹配")]
    warnings: Annotated[int, Field(description="Warnings on rows that are taken. 警告")]
    reasons: Annotated[list[Reason], Field(description="The 50 most frequent. 最多 50 类")]


class BatchOut(Schema):
    """One batch: what was sent at once, and what became of it. 批次"""

    id: int
    kind: Annotated[str, Field(description="Kind of the records, see /kinds. 种类")]
    state: Annotated[
        State,
        Field(
            description="received: waits for its check; checked: waits for a confirmation; applied; failed: could not be "
            "read, see message; dropped; undone. 已收到、待确认、已入库、未能读取、已放弃、已撤回"
        ),
    ]
    working: Annotated[
        Literal["", "check", "apply"],
        Field(
            description="What is being done, or is next in line; empty: nothing more until you act. 正在做或排队中的步骤"
        ),
    ]
    message: Annotated[str, Field(description="Why it failed, in Chinese. 未能读取的原因")]
    source: Annotated[str, Field(description="The unit that rows without one are taken to be from. 来源单位")]
    file_name: str
    sha256: Annotated[str, Field(description="SHA-256 of the body as it came. 请求体的摘要")]
    size: Annotated[int, Field(description="Bytes. 字节")]
    rows: Annotated[int, Field(description="rows = accepted + unchanged + rejected, once applied. 行数")]
    accepted: Annotated[int, Field(description="接收")]
    changed: Annotated[int, Field(description="A part of accepted. 其中更新")]
    unchanged: Annotated[int, Field(description="未变")]
    rejected: Annotated[int, Field(description="搁置")]
    waiting: Annotated[int, Field(description="A part of rejected. 其中待匹配")]
    warnings: Annotated[int, Field(description="警告")]
    progress: Progress
    difference: Annotated[Difference | None, Field(description="From the check on. 核对之后才有")]
    same_as: Annotated[
        int | None, Field(description="The earlier batch with the identical content. 内容完全相同的前一批")
    ]
    idempotency_key: Annotated[str, Field(description="The key it was sent with; empty: not by the API. 请求键")]
    received_at: datetime
    checked_at: datetime | None
    applied_at: datetime | None
    undone_at: datetime | None


class FindingOut(Schema):
    """What a check found about one row. 逐行问题"""

    row: Annotated[
        int, Field(description="Row of the file, from 1, header included; of JSON lines the line. 文件中的行号")
    ]
    column: Annotated[str, Field(description="Name of the column; empty: the row as a whole. 列名")]
    code: Annotated[str, Field(description="Code of the check. 规则代码")]
    level: Annotated[str, Field(description="error: the row was set aside; warn, info: it was taken. 级别")]
    message: Annotated[str, Field(description="In the language of the request. 问题")]
    advice: Annotated[str, Field(description="What to do, in the language asked for. 怎么改")]


class FindingsPage(Schema):
    """A page of findings. 逐行问题，一页"""

    findings: list[FindingOut]
    next_offset: Annotated[int | None, Field(description="Ask again with this offset; null: there is no more. 下一页")]


class ColumnOut(Schema):
    """One column of a kind. 列"""

    code: str
    name: str
    type: str
    max_length: Annotated[int, Field(description="Characters; 0: what the type has. 最大长度")]
    required: Annotated[Literal["always", "conditional", "never"], Field(description="必填")]
    choices: Annotated[list[str], Field(description="The dictionary, where the column has one. 字典")]
    aliases: Annotated[list[str], Field(description="Other headers that are understood. 也认得的列名")]


class KindOut(Schema):
    """One kind of record. 种类"""

    name: Annotated[str, Field(description="What the parameter `kind` takes. 参数 kind 的值")]
    label: str
    category: Annotated[int, Field(description="Category of the national catalogue, 1 to 12; 0: none. 全国目录的类别")]
    category_label: str
    standard: Annotated[str, Field(description="Where the columns come from. 列的出处")]
    key: Annotated[
        list[str], Field(description="Columns by which the same record is recognised. 判断是否同一条记录的列")
    ]
    columns: list[ColumnOut]


class Kinds(Schema):
    """The catalogue of kinds. 信息目录"""

    kinds: list[KindOut]


class ProblemOut(Schema):
    """RFC 9457 problem details, in the language of Accept-Language. 问题说明"""

    type: Annotated[str, Field(description="urn:chengxin:problem:CODE")]
    title: str
    status: int
    detail: str
    instance: str
