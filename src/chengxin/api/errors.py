"""One shape for every error: `{"error": {"code", "message", "message_en", "details"}}`.

`code` is what programs look at and never changes; both sentences say what was found and what to do. Nothing of what the
client sent is repeated, except names of fields and what a lower room's own sentence quotes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, StepUp
from chengxin.api.words import INVALID, OTHERWISE
from chengxin.cases.errors import KeyReused as CaseKeyReused
from chengxin.cases.errors import Moved, NotMet, StoreFailed
from chengxin.collection.actions import KeyReused, NotAccepted, WrongState
from chengxin.reports.errors import ReportRefused

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    """An error of the API: status and its two sentences, which may hold `%(name)s`."""

    status: int
    message: str
    message_en: str


KINDS = {
    "malformed": Kind(400, "请求读不懂：%(what)s。", "The request cannot be read: %(what_en)s."),
    "bad-cursor": Kind(
        400,
        "cursor 不是本接口给出的；请原样使用上一页的 next。",
        "The cursor is not one of ours; use `next` as it was given.",
    ),
    "idempotency-key-missing": Kind(
        400,
        "缺少请求头 Idempotency-Key（1 至 100 个可见 ASCII 字符）：每个文件用一个新键，重试时用同一个键，就不会重复报送。",
        "The header Idempotency-Key (1 to 100 visible ASCII characters) is missing: use a new key for each file and the"
        " same key when you retry, so that nothing is submitted twice.",
    ),
    "unauthenticated": Kind(
        401,
        "请求头 Authorization: Bearer 里没有有效的密钥，也没有登录；密钥可能已过期或已吊销，或者人员已停用。",
        "There is neither a valid key nor a session; send Authorization: Bearer <key>. A key may have expired or been"
        " revoked, or its person suspended.",
    ),
    "forbidden": Kind(403, "您没有这项权限。", "You may not do this."),
    "csrf": Kind(
        403,
        "用浏览器会话修改数据要带上 X-CSRFToken；程序请使用密钥。",
        "Changes by a browser session need the header X-CSRFToken; programs use a key.",
    ),
    "not-found": Kind(404, "没有这个对象，或者您看不到它。", "There is no such thing, or none that you may see."),
    "method-not-allowed": Kind(
        405,
        "这个地址不支持此方法；支持：%(allow)s。",
        "This address does not support the method; it supports %(allow)s.",
    ),
    "key-reused": Kind(409, "这个幂等键已用于另一个文件。", "This idempotency key already stands for another file."),
    "no-workbook": Kind(
        409,
        "不能做成工作簿：%(reason)s 请下载 CSV 回执。",
        "No workbook can be made: %(reason_en)s Please take the CSV receipt.",
    ),
    "wrong-state": Kind(409, "批次现在的状态不能这样处理。", "The batch does not stand where this can be done."),
    "too-large": Kind(
        413,
        "文件太大：最多 %(megabytes)s MB；请分成几个文件报送。",
        "The file is too large: at most %(megabytes)s MB; please submit it in parts.",
    ),
    "invalid": Kind(422, "有 %(count)s 处不合要求，见 details。", "%(count)s values are not as required; see details."),
    "not-accepted": Kind(422, "这次报送不能接受。", "This submission cannot be accepted."),
    "report-refused": Kind(422, "这份报告不能出具。", "This report cannot be issued."),
    "moved": Kind(409, "它已经由别人往前办了。", "Somebody else has moved it on; look at it again."),
    "conditions": Kind(422, "条件还不满足，见 details。", "Conditions do not hold yet; see details."),
    "refused": Kind(422, "不能这样办理。", "This cannot be done; the Chinese message says why and what to do instead."),
    "store-full": Kind(
        507, "存储空间已满或者不可写，没有存下任何东西。", "The store is full or away; nothing was kept."
    ),
    "too-many-requests": Kind(
        429, "请求太频繁，请在 %(seconds)s 秒后再试。", "Too many requests; try again in %(seconds)s seconds."
    ),
    "internal": Kind(
        500,
        "系统出错，已经记录；请稍后再试。",
        "Something went wrong on our side and was recorded; please try again later.",
    ),
}
"""Every error there is, by code."""


class Detail(Schema):
    """One value that is not as required."""

    field: str
    code: str
    message: str
    message_en: str


class Error(Schema):
    code: Literal[tuple(KINDS)]  # type: ignore[valid-type]
    message: str
    message_en: str
    details: list[Detail]


class ErrorOut(Schema):
    """What every error looks like."""

    error: Error


class Problem(Exception):
    """An error to be answered: `code` is a key of `KINDS`, `values` fill its sentences, `headers` go with the answer."""

    def __init__(
        self,
        code: str,
        *,
        headers: Mapping[str, str] | None = None,
        details: list[dict[str, str]] | None = None,
        **values: object,
    ) -> None:
        super().__init__(code)
        self.code, self.values = code, values
        self.headers, self.details = dict(headers or {}), details or []


def answers(*statuses: int) -> dict[int, Any]:
    """The documented errors of an operation: these statuses, and those that every operation has."""
    return dict.fromkeys(sorted({401, 403, 429, *statuses}), ErrorOut)


def answer(problem: Problem, *, said: tuple[str, str] | None = None) -> HttpResponse:
    """The answer to a problem; `said` replaces its sentences by those of a lower room."""
    kind = KINDS[problem.code]
    message, message_en = said or (kind.message % problem.values, kind.message_en % problem.values)
    error = Error.model_construct(
        code=problem.code,
        message=message,
        message_en=message_en,
        details=[Detail(**d) for d in problem.details],
    )
    response = HttpResponse(
        ErrorOut.model_construct(error=error).model_dump_json(),
        status=kind.status,
        content_type="application/json; charset=utf-8",
        headers=problem.headers,
    )
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="chengxin"'
    return response


def handle(api: NinjaAPI) -> None:
    """Make `api` answer every exception in the one shape."""
    for error, handler in _HANDLERS.items():
        api.add_exception_handler(error, handler)


def _problem(_request: HttpRequest, error: Problem) -> HttpResponse:
    return answer(error)


def _refusal(_request: HttpRequest, error: Refusal) -> HttpResponse:
    code = next(code for kind, code in _REFUSALS.items() if isinstance(error, kind))
    message, message_en = str(error), error.said_in("en")
    unmet = error.unmet if isinstance(error, NotMet) else ()
    details = [
        {
            "field": u.id,
            "code": "unmet",
            "message": f"{u.label}：{u.remedy}",
            "message_en": f"{u.label_en}: {u.remedy_en}",
        }
        for u in unmet
    ]
    return answer(
        Problem(code, details=details), said=(message, message_en if message_en != message else KINDS[code].message_en)
    )


def _step_up(request: HttpRequest, error: StepUp) -> HttpResponse:
    """A browser's session that has to show the password once more; pages lead there, a program is told."""
    return _refusal(request, error.told)


def _missing(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return answer(Problem("not-found"))


def _unreadable(_request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, RequestDataTooBig):
        return answer(too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    return answer(malformed("请求体不完整或格式不对", "the body is incomplete or not in the form it declares"))


def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own: a body that is not JSON."""
    if error.status_code == 401:
        return answer(Problem("unauthenticated"))
    return answer(malformed("请求体不是 JSON", "the body is not JSON"))


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    details = [_detail(e) for e in error.errors]
    return answer(Problem("invalid", count=len(details), details=details))


def _detail(error: Mapping[str, Any]) -> dict[str, str]:
    """Pydantic's own sentences may quote what was sent, so that ours are made from the kind of fault."""
    kind, context = str(error["type"]), error.get("ctx", {})
    message, message_en = INVALID.get(kind, OTHERWISE)
    place = ".".join(str(part) for part in error["loc"] if part != "payload")[:80]
    return {
        "field": place,
        "code": kind,
        "message": message.format(**context),
        "message_en": message_en.format(**context),
    }


def _internal(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(Problem("internal"))


def too_large(limit: int) -> Problem:
    """More than `limit` bytes."""
    return Problem("too-large", megabytes=max(1, limit // 2**20))


def malformed(what: str, what_en: str) -> Problem:
    return Problem("malformed", what=what, what_en=what_en)


_REFUSALS: dict[type[Refusal], str] = {
    Denied: "forbidden",
    KeyReused: "key-reused",
    NotAccepted: "not-accepted",
    WrongState: "wrong-state",
    ReportRefused: "report-refused",
    CaseKeyReused: "key-reused",
    Moved: "moved",
    NotMet: "conditions",
    StoreFailed: "store-full",
    Refusal: "refused",
}
"""What refuses, the narrower before the wider; every other refusal of a room is `refused`, in its own words."""
_HANDLERS: dict[type[Exception], Any] = {
    Problem: _problem,
    **dict.fromkeys(_REFUSALS, _refusal),
    StepUp: _step_up,
    Http404: _missing,
    ObjectDoesNotExist: _missing,
    SuspiciousOperation: _unreadable,
    MultiPartParserError: _unreadable,
    UnreadablePostError: _unreadable,
    HttpError: _http,
    ValidationError: _invalid,
    Exception: _internal,
}
