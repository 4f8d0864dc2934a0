"""Version 1 of the API: its addresses. What each does stands in the module it calls."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Header, NinjaAPI, Path, Query, Status
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer
from pydantic import Field

import chengxin
from chengxin.api import batches, kinds, problem, records, token
from chengxin.api.door import Token
from chengxin.api.problem import Problem, tongue
from chengxin.api.schemas import BatchOut, FindingsPage, KindOut, Kinds, ProblemOut
from chengxin.ingest import template
from chengxin.people.clients import Machine

ABOUT: Final = """\
Departments' systems push credit records here. Get a token from `POST /api/oauth/token` (OAuth2 client credentials), send
rows with `POST /records`, and follow the batch. Every address answers problems as RFC 9457 has it, in Chinese or English
by `Accept-Language`.

部门的业务系统从这里报送信用信息：先到 `POST /api/oauth/token` 取访问令牌（OAuth2 客户端凭据），再用 `POST /records` 报送，
然后查看批次。出错时按 RFC 9457 说明原因，语言随 `Accept-Language`（默认中文）。"""


class Renderer(JSONRenderer):
    """JSON in which Chinese can be read."""

    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False}


class Api(NinjaAPI):
    """The API with what its own code cannot tell of it: the token's address, and how problems look."""

    def get_openapi_schema(self, **said: Any) -> OpenAPISchema:
        """Return the description, as OpenAPI 3.1 has it."""
        schema = super().get_openapi_schema(**said)
        schema["components"]["schemas"]["ProblemOut"] = ProblemOut.model_json_schema()
        schema["paths"]["/api/oauth/token"] = token.DESCRIPTION
        return schema


api = Api(
    title="诚信码 Chengxin API",
    version="1",
    description=ABOUT,
    urls_namespace="api",
    renderer=Renderer(),
    docs_url=None,
    openapi_url="/openapi.json",
    openapi_extra={"info": {"x-release": chengxin.__version__, "license": {"name": "Apache-2.0"}}},
)

WRITE: Final = Token("records:write")
READ: Final = Token("batches:read")
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Number = Annotated[int, Field(ge=1, le=2**63 - 1, description="Number of the batch. 批次号")]


def _as_problems(*statuses: int) -> dict[int, Any]:
    """Say in the description that problems come as `application/problem+json`, which the schemas alone do not."""
    content = {problem.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {status: {"description": "Problem 问题", "content": content} for status in statuses}


def _extra(*statuses: int, ok: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    answers = _as_problems(401, 403, 422, 429, *statuses)
    if ok:
        answers[200] = {"description": "OK", "content": ok}
    return {"responses": answers, **more}


@api.post(
    "/records",
    auth=WRITE,
    response={200: BatchOut, 202: BatchOut},
    tags=["records 报送"],
    summary="Send records 报送一批记录",
    openapi_extra=_extra(
        404, 409, 411, 413, 415, 503,
        requestBody={
            "required": True,
            "description": "JSON lines: one object a row, by code or name of the columns (see /kinds); or CSV or XLSX with a "
            "header. 每行一个 JSON 对象，键为列的代码或名称；或带表头的 CSV、XLSX",
            "content": {
                "application/x-ndjson": {"schema": {"type": "string", "format": "binary"}},
                "application/jsonl": {"schema": {"type": "string", "format": "binary"}},
                "text/csv": {"schema": {"type": "string", "format": "binary"}},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            },
        },
    ),
)  # fmt: skip
def send_records(
    request: HttpRequest,
    response: HttpResponse,
    kind: Annotated[
        str, Query(description="Kind of the records, see /kinds. 种类", examples=["penalty"], max_length=32)
    ],
    idempotency_key: Annotated[
        str,
        Header(
            alias="Idempotency-Key",
            pattern=records.KEY,
            description="Yours to choose, one for each content, as a UUID: the same key again returns the same batch and "
            "changes nothing. 请求键：同一份内容用同一个键，重发不会重复入库",
        ),
    ],
    source: Annotated[
        str, Query(description="A source with columns of its own; as a rule left out. 来源，一般不写", max_length=64)
    ] = "",
    mode: Annotated[
        Literal["preview", "apply"],
        Query(description="preview: check, and wait for a confirmation; apply: check and apply. 先预览，或直接入库"),
    ] = "apply",
) -> Status[dict[str, Any]]:
    """Stream a body of rows in. Answers as soon as it is stored; checking and applying follow, see the batch.

    把一批记录传上来：存好即返回，核对和入库随后进行，进度见批次。"""
    batch, is_new = records.receive(
        request, _who(request), kind=kind, source=source, mode=mode, key=idempotency_key, at=timezone.now()
    )
    response.headers["Location"] = reverse("api:show_batch", args=[batch.pk])
    return Status(202 if is_new else 200, batches.told(batch))


@api.get(
    "/batches/{number}",
    auth=READ,
    response=BatchOut,
    tags=["batches 批次"],
    summary="A batch 一个批次",
    url_name="show_batch",
    openapi_extra=_extra(404),
)
def show_batch(request: HttpRequest, number: Annotated[Number, Path()]) -> dict[str, Any]:
    """State, counts, progress, and what applying changes. Ask again every few seconds while `working` is not empty.

    状态、行数、进度和变化；`working` 不为空时隔几秒再查。"""
    return batches.told(batches.own(_who(request), number))


@api.get(
    "/batches/{number}/findings",
    auth=READ,
    response=FindingsPage,
    tags=["batches 批次"],
    summary="What the checks found 逐行问题",
    openapi_extra=_extra(404),
)
def list_findings(
    request: HttpRequest,
    number: Annotated[Number, Path()],
    offset: Annotated[int, Query(ge=0, le=100_000_000, description="Findings to pass over. 跳过几条")] = 0,
    limit: Annotated[int, Query(ge=1, le=batches.PAGE_MOST, description="Findings a page. 每页几条")] = batches.PAGE,
) -> dict[str, Any]:
    """Every finding of the last check, by row. No cell is quoted that could name a person.

    最近一次核对发现的全部问题，按行排列；不含个人信息。"""
    return batches.findings(batches.own(_who(request), number), offset=offset, limit=limit, language=tongue(request))


@api.post(
    "/batches/{number}/confirm",
    auth=WRITE,
    response={202: BatchOut},
    tags=["batches 批次"],
    summary="Apply a previewed batch 确认入库",
    openapi_extra=_extra(404, 409),
)
def confirm_batch(request: HttpRequest, number: Annotated[Number, Path()]) -> Status[dict[str, Any]]:
    """Have a batch that was previewed (`checked`) applied. 把预览过的批次入库。"""
    return Status(202, batches.told(batches.decide(_who(request), number, "confirm", at=timezone.now())))


@api.post(
    "/batches/{number}/drop",
    auth=WRITE,
    response=BatchOut,
    tags=["batches 批次"],
    summary="Drop a batch 放弃批次",
    openapi_extra=_extra(404, 409),
)
def drop_batch(request: HttpRequest, number: Annotated[Number, Path()]) -> dict[str, Any]:
    """Give up a batch that is not applied; nothing of it enters. 放弃还没有入库的批次。"""
    return batches.told(batches.decide(_who(request), number, "drop", at=timezone.now()))


@api.get(
    "/kinds",
    auth=READ,
    response=Kinds,
    tags=["kinds 目录"],
    summary="The catalogue of kinds 信息目录",
    openapi_extra=_extra(),
)
def list_kinds(request: HttpRequest) -> dict[str, Any]:
    """Every kind with its columns, lengths and dictionaries. 全部种类，及其列、长度和字典。"""
    return {"kinds": [kinds.told(kind) for kind in kinds.every()]}


@api.get(
    "/kinds/{name}",
    auth=READ,
    response=KindOut,
    tags=["kinds 目录"],
    summary="One kind 一个种类",
    openapi_extra=_extra(404),
)
def show_kind(request: HttpRequest, name: str) -> dict[str, Any]:
    """One kind with its columns. 一个种类及其列。"""
    return kinds.told(kinds.find(name))


@api.get(
    "/kinds/{name}/template",
    auth=READ,
    tags=["kinds 目录"],
    summary="The template of a kind 模板",
    openapi_extra=_extra(404, ok={XLSX: {"schema": {"type": "string", "format": "binary"}}}),
)
def show_template(request: HttpRequest, name: str) -> FileResponse:
    """A workbook with the header, drop-downs and notes. 带表头、下拉和说明的 XLSX 模板。"""
    kind = kinds.find(name)
    out = io.BytesIO()  # some tens of kilobytes
    template.workbook(kind, out)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=f"{kind.label}.xlsx", content_type=XLSX)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem.answer(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem.answer(request, problem.invalid(request, error.errors))


def _who(request: HttpRequest) -> Machine:
    who: Machine = request.auth  # type: ignore[attr-defined]  # set by ninja, from what Token returns
    return who
