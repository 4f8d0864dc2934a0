"""模板: every kind of data that can be sent, its columns as a page, and its empty form as a workbook."""

from __future__ import annotations

import tempfile
from typing import Final, NamedTuple

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chengxin.credit.records.catalogue import KINDS
from chengxin.credit.records.form import DISCLOSURES, Column, Kind
from chengxin.ingest import template
from chengxin.portals.department.page import page
from chengxin.portals.department.send import grouped_kinds

TYPES: Final = {
    "text": "文字",
    "name": "名称",
    "date": "日期",
    "amount": "金额（万元，至多六位小数）",
    "choice": "选一项",
    "choices": "可选几项，用分号隔开",
    "kind": "选一项",
    "uscc": "统一社会信用代码",
    "agency_uscc": "统一社会信用代码",
    "person_id": "证件号码",
    "state": "登记状态",
    "division": "行政区划代码（六位）",
    "area": "管辖区的名称或代码",
    "industry": "国民经济行业代码",
}


class Line(NamedTuple):
    """One column of a kind as the page describes it."""

    column: Column
    must: str
    form: str
    notes: list[str]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the kinds under the categories of the national catalogue."""
    return page(request, "department/forms.html", {"groups": grouped_kinds()}, at="forms")


@require_safe
def show(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the columns of a kind: what each is called, whether it must be filled, what may stand in it."""
    what = _kind(kind)
    context = {
        "kind": what,
        "lines": [_line(what, column) for column in what.columns],
        "disclosure": DISCLOSURES[what.disclosure],
    }
    return page(request, "department/form.html", context, at="forms")


@require_safe
def workbook(request: HttpRequest, kind: str) -> FileResponse:
    """Hand out the empty form of a kind."""
    what = _kind(kind)
    file = tempfile.TemporaryFile()  # noqa: SIM115 — closed by the answer
    template.workbook(what, file)
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"模板-{what.label}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def _line(kind: Kind, column: Column) -> Line:
    form = TYPES[column.type] + (f"，至多 {column.max} 字" if column.max and column.type in ("text", "name") else "")
    if column.long_term:
        form += "，可写“长期”"
    return Line(column, _must(kind, column), form, _notes(column))


def _must(kind: Kind, column: Column) -> str:
    if column.code == kind.roles.subject and kind.named:
        return "有代码的必填"
    if column.required == "always":
        return "必填"
    if column.required == "never":
        return "选填"
    if column.when:
        on, values = column.when
        return f"“{kind.column(on).name}”为{'、'.join(values)}时必填"
    if column.filled:
        return f"填了“{kind.column(column.filled).name}”时必填"
    return "有条件必填"


def _notes(column: Column) -> list[str]:
    notes = [column.note] if column.note else []
    if example := template.example(column):
        notes.append(f"例：{example}")
    if column.options:
        notes.append("可填：" + "、".join(column.options) + ("；也可写“其他-说明”" if column.other else ""))
    if column.past:
        notes.append("不能晚于今天。")
    if column.type == "person_id":
        notes.append("收下时即遮住，不保存全号。")
    if not column.public:
        notes.append("不向社会公开。")
    if column.aliases:
        notes.append("旧表也叫：" + "、".join(column.aliases))
    return notes
