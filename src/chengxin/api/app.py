"""The API as a whole: its routers, its errors, its document."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from django.http import HttpRequest
from ninja import NinjaAPI, Router
from ninja.renderers import BaseRenderer

from chengxin import __version__
from chengxin.api import (
    administration,
    batches,
    cases,
    catalogue,
    desk,
    disclosing,
    doubts,
    following,
    judging,
    log,
    own,
    photos,
    receipts,
    reports,
    subjects,
    supervising,
)
from chengxin.api.door import SECURITY_SCHEMES, Asked, operation, public
from chengxin.api.errors import handle
from chengxin.api.public_shapes import IndexOut

PREFIX = "/api/v1/"


class _Utf8(BaseRenderer):
    """JSON in UTF-8: Chinese stays readable and takes half the room of its escapes."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


api = NinjaAPI(
    title="诚信 Chengxin",
    version="1",
    description=(
        '公共信用信息系统的接口。Every error has one shape, `{"error": {"code", "message", "message_en", "details"}}`;'
        " `RateLimit-*` headers say how much you may still ask. Public answers carry an ETag."
    ),
    renderer=_Utf8(),
    docs_url=None,
    openapi_url=None,
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
handle(api)
root = Router(tags=["document"])


@operation(root, "GET", "/", public("the front door"), response={200: IndexOut, 304: None})
def index(request: Asked) -> Any:
    """Where things are."""
    return {
        "name": api.title,
        "version": __version__,
        "document": f"{PREFIX}openapi.json",
        "addresses": list(document()["paths"]),
    }


@operation(
    root, "GET", "/openapi.json", public("the description of what is public and what is not"),
    response={200: dict[str, Any], 304: None},
)  # fmt: skip
def get_document(request: Asked) -> Any:
    """This document (OpenAPI 3.1)."""
    return document()


for router in (
    root,
    batches.router,
    receipts.router,
    doubts.router,
    cases.router,
    disclosing.router,
    own.router,
    reports.router,
    subjects.router,
    catalogue.router,
    following.router,
    desk.router,
    judging.router,
    supervising.router,
    photos.router,
    log.router,
    administration.router,
):
    api.add_router("", router)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, with what Ninja leaves out: how to sign in and the headers of every answer."""
    found: dict[str, Any] = api.get_openapi_schema(path_prefix=PREFIX)
    found["components"] |= {"securitySchemes": SECURITY_SCHEMES, "headers": _HEADERS}
    for path in found["paths"].values():
        for told in path.values():
            for status, response in told["responses"].items():
                names = [n for n in _HEADERS if n != "Retry-After" or status == 429]
                response["headers"] = {n: {"$ref": f"#/components/headers/{n}"} for n in names}
    plain: dict[str, Any] = orjson.loads(orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS))  # statuses are numbers
    return plain


def _number(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "integer"}}


_HEADERS = {
    "RateLimit-Limit": _number("Requests in a window."),
    "RateLimit-Remaining": _number("Requests left in this window."),
    "RateLimit-Reset": _number("Seconds until the next window."),
    "Retry-After": _number("Seconds to wait."),
}
