"""What a partner is told when something cannot be done: RFC 9457, in Chinese or English as the request asks.

The table below is all there is: a code, its HTTP status, and the sentence in both languages, with what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from django.http import HttpRequest, JsonResponse
from django.utils.translation.trans_real import parse_accept_lang_header

Tongue = Literal["zh", "en"]
CONTENT_TYPE: Final = "application/problem+json"


class Sort(NamedTuple):
    """One sort of problem: its status, its title and its sentence in Chinese and in English."""

    status: int
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str


SORTS: Final = {
    "no-token": Sort(
        401,
        "需要访问令牌",
        "An access token is needed",
        "请在 Authorization 请求头里带上有效的访问令牌（Bearer …）；令牌一小时后失效，请到 /api/oauth/token 重新获取。",
        "Send a valid access token in the Authorization header (Bearer …). Tokens last one hour; get another from /api/oauth/token.",
    ),
    "no-scope": Sort(
        403,
        "没有这项权限",
        "This token may not do that",
        "这个令牌没有 {scope} 权限：请申请带这项权限的令牌，或请信用办给接口账号加上它。",
        "The token lacks the scope {scope}: ask for a token with it, or ask the credit office to grant it to your client.",
    ),
    "not-your-source": Sort(
        403,
        "不能以这个来源报送",
        "Not your source",
        "来源“{source}”属于别的单位；不写 source 参数，就以本单位为来源。",
        "The source “{source}” belongs to another unit; leave the parameter out to send as your own unit.",
    ),
    "not-found": Sort(
        404,
        "没有找到",
        "Not found",
        "没有这个批次，或者它不是本单位报送的。",
        "There is no such batch, or another unit sent it.",
    ),
    "no-such-kind": Sort(
        404,
        "没有这个种类",
        "No such kind",
        "没有“{kind}”这个种类；全部种类见 /api/v1/kinds。",
        "There is no kind “{kind}”; /api/v1/kinds lists them all.",
    ),
    "key-used": Sort(
        409,
        "请求键已用过",
        "Idempotency key already used",
        "这个 Idempotency-Key 已用于另一份内容：同一份内容重发时用原来的键，新的内容请用新的键。",
        "This Idempotency-Key was used with other content: repeat a request with its own key, and give new content a new one.",
    ),
    "wrong-state": Sort(
        409,
        "批次的状态不允许",
        "The batch is not in the right state",
        "{said}",
        "The batch is in a state that does not allow this: only a batch that is `checked` can be confirmed, only one that is `received` or `checked` can be dropped.",
    ),
    "length-needed": Sort(
        411,
        "需要长度或摘要",
        "A length or a digest is needed",
        "请求体要有 Content-Length；边读边发而不知道长度的，请带 Content-Digest（sha-256），否则断开的连接看起来像发完了。",
        "Send Content-Length. A body of unknown length needs a Content-Digest (sha-256): a connection that broke looks like the end of it.",
    ),
    "too-large": Sort(
        413,
        "请求体太大",
        "The body is too large",
        "请求体超过 {limit} 字节的上限：请分成几次报送。",
        "The body is larger than the limit of {limit} bytes: send it in parts.",
    ),
    "unsupported": Sort(
        415,
        "不收这种格式",
        "Unsupported media type",
        "Content-Type 应为：{types}。",
        "Content-Type must be one of: {types}.",
    ),
    "invalid": Sort(
        422,
        "请求有误",
        "The request is not right",
        "{said}",
        "{said}",
    ),
    "cut-short": Sort(
        422,
        "请求体没有传完整",
        "The body is incomplete",
        "收到 {got} 字节，和 Content-Length 或 Content-Digest 对不上：什么也没有留下，请用同一个 Idempotency-Key 重发。",
        "{got} bytes came, which is not what Content-Length or Content-Digest say: nothing was kept; send again with the same Idempotency-Key.",
    ),
    "not-readable": Sort(
        422,
        "不能收下",
        "It cannot be taken in",
        "{said}",
        "{said}",
    ),
    "too-many": Sort(
        429,
        "请求太频繁",
        "Too many requests",
        "请求太频繁，请在 {seconds} 秒后再试（见 Retry-After）。",
        "Too many requests: try again in {seconds} seconds (see Retry-After).",
    ),
    "busy": Sort(
        503,
        "正在接收别的报送",
        "Other uploads are coming in",
        "正在接收别的报送，请在 {seconds} 秒后用同一个 Idempotency-Key 重发。",
        "Other uploads are coming in: send again in {seconds} seconds with the same Idempotency-Key.",
    ),
}


@dataclass
class Problem(Exception):
    """A request that cannot be answered as asked: a code of `SORTS`, and what its sentence names."""

    code: str
    said: dict[str, Any]
    headers: dict[str, str]

    def __init__(self, code: str, *, headers: dict[str, str] | None = None, **said: Any) -> None:
        super().__init__(code)
        self.code, self.said, self.headers = code, said, headers or {}


def tongue(request: HttpRequest) -> Tongue:
    """Return the language that a request asks for: Chinese, unless it prefers English."""
    for name, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if name == "*" or name.startswith("zh"):
            return "zh"
        if name.startswith("en"):
            return "en"
    return "zh"


def answer(request: HttpRequest, problem: Problem, **more: Any) -> JsonResponse:
    """Return a problem as RFC 9457 has it; `more` are members of its own."""
    sort, speaks = SORTS[problem.code], tongue(request)
    title, detail = (sort.title_zh, sort.detail_zh) if speaks == "zh" else (sort.title_en, sort.detail_en)
    response = JsonResponse(
        {
            "type": f"urn:chengxin:problem:{problem.code}",
            "title": title,
            "status": sort.status,
            "detail": detail.format(**problem.said),
            "instance": request.path,
            **more,
        },
        status=sort.status,
        json_dumps_params={"ensure_ascii": False},
        content_type=CONTENT_TYPE,
    )
    response.headers["Content-Language"] = "zh-CN" if speaks == "zh" else "en"
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


FAULTS: Final = {
    "missing": ("没有写", "is missing"),
    "literal_error": ("不在可选的值之内", "is none of the values allowed"),
    "string_pattern_mismatch": ("写法不对", "is not written as it must be"),
    "string_too_long": ("太长", "is too long"),
    "int_parsing": ("应为整数", "must be a whole number"),
    "greater_than_equal": ("太小", "is too small"),
    "less_than_equal": ("太大", "is too large"),
}
"""What a parameter may be wrong in, by the code that the checking library gives it."""


def invalid(request: HttpRequest, errors: Iterable[Mapping[str, Any]]) -> Problem:
    """Return the problem of a request whose parameters are not right; each is named, no value is repeated."""
    speaks = tongue(request)
    found = {
        str(one["loc"][-1]): FAULTS.get(str(one["type"]), ("不对", "is not right"))[speaks == "en"] for one in errors
    }
    if speaks == "zh":
        return Problem("invalid", said="；".join(f"参数 {name} {fault}" for name, fault in found.items()) + "。")
    return Problem("invalid", said="; ".join(f"Parameter {name} {fault}" for name, fault in found.items()) + ".")
