"""The reference of the API as a page, made from its own document: nothing here is written by hand, nothing can be out of
date (issue 5, section 4). No script of others: the document itself is at /api/v1/openapi.json for any tool.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chengxin.accounts.guards import MAY, Guard, guard_of, public
from chengxin.accounts.rule import Rule
from chengxin.accounts.rules import RULES
from chengxin.accounts.words import english
from chengxin.api.app import api, document
from chengxin.api.errors import KINDS
from chengxin.api.named import OPERATIONS, TAGS

_OPEN = public("how to use the platform by program is for everybody")
_DEEP = 3


@dataclass(frozen=True)
class Field:
    """A parameter or a member of a shape; `shape` is the name of the shape it holds, if it holds one."""

    name: str
    kind: str
    required: bool
    text: str = ""
    where: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer of an operation: status, what it means, the shape it has."""

    status: str
    text: str
    shape: str = ""


@dataclass(frozen=True)
class Operation:
    """One operation, ready to be shown."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    right: str
    fields: list[Field]
    body: str
    answers: list[Answer]
    curl: str


@_OPEN
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Every operation by subject, with parameters, answers, rights and an example."""
    groups: dict[str, list[Operation]] = {}
    for tag, one in operations(english()):
        groups.setdefault(tag, []).append(one)
    errors = [(code, kind.status, kind.message_en if english() else kind.message) for code, kind in KINDS.items()]
    shown = {
        "groups": [(tag, _tag(tag), found) for tag, found in groups.items()], "errors": errors,
        "base": f"{settings.PUBLIC_URL}/api/v1", "rates": settings.API_RATES,
    }  # fmt: skip
    return render(request, "api/reference.html", shown)


@_OPEN
@require_safe
def shapes(request: HttpRequest) -> HttpResponse:
    """Every shape that goes in or comes out, member by member."""
    found = document()["components"]["schemas"]
    shown = [(name, found[name].get("description", ""), list(_members(found[name]))) for name in sorted(found)]
    return render(request, "api/shapes.html", {"shapes": shown})


urlpatterns = [path("api", reference, name="api"), path("api/shapes", shapes, name="api-shapes")]


def _tag(tag: str) -> str:
    return tag.capitalize() if english() else TAGS.get(tag, tag)


@cache
def operations(english: bool) -> list[tuple[str, Operation]]:
    """(tag, operation) of everything in the document, in its order."""
    guards = dict(_guards())
    found = []
    for address, methods in document()["paths"].items():
        for method, told in methods.items():
            name = told["operationId"]
            summary = told["summary"] if english else OPERATIONS.get(name, told["summary"])
            found.append((
                (told.get("tags") or ["document"])[0],
                Operation(
                    name, method.upper(), address, summary, told.get("description", ""), _right(guards[name]),
                    [_parameter(p) for p in told.get("parameters", [])], _body(told), list(_answers(told)),
                    _curl(method.upper(), address, told),
                ),
            ))  # fmt: skip
    return found


def _guards() -> Iterator[tuple[str, Guard]]:
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                guard = guard_of(operation.view_func)
                assert guard is not None  # `api.urls` serves nothing else
                yield str(operation.operation_id), guard


def _right(guard: Guard) -> str:
    """Who may: in the sentence of the rule itself."""
    if guard.kind == "public":
        return _("任何人")
    rule = RULES.get(guard.action)
    if guard.kind == MAY and isinstance(rule, Rule) and rule.needs:
        return _(rule.needs)
    return _("有密钥或已登录的人；能看到和能办的由角色决定")


def _parameter(told: dict[str, Any]) -> Field:
    schema = told.get("schema", {})
    words = schema.get("description", "") or told.get("description", "")
    if "default" in schema and schema["default"] is not None:
        words = f"{words} = {schema['default']}".strip()
    return Field(told["name"], _kind(schema), told.get("required", False), words, told["in"])


def _members(schema: dict[str, Any]) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, told in schema.get("properties", {}).items():
        yield Field(name, _kind(told), name in required, told.get("description", ""), shape=_shape(told))


def _kind(schema: dict[str, Any]) -> str:
    """A type in a word: `string (date)`, `integer 1–100`, `ListOf`, …"""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if several := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " | ".join(dict.fromkeys(_kind(s) for s in several))
    if "enum" in schema or "const" in schema:
        return " | ".join(str(v) for v in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    words = str(schema.get("type", "any"))
    if "format" in schema:
        words += f" ({schema['format']})"
    low, high = schema.get("minimum", schema.get("minLength")), schema.get("maximum", schema.get("maxLength"))
    return words + (f" {low if low is not None else ''}–{high if high is not None else ''}" if low or high else "")


def _shape(schema: dict[str, Any]) -> str:
    """The shape that is in it, if it holds one."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    inner = [schema.get("items", {}), *schema.get("anyOf", ()), *schema.get("allOf", ())]
    return next((found for s in inner if s and (found := _shape(s))), "")


def _body(told: dict[str, Any]) -> str:
    """The shape of the body, or the media type of one that has none."""
    content = told.get("requestBody", {}).get("content", {})
    for media, what in content.items():
        return _shape(what.get("schema", {})) or media
    return ""


def _answers(told: dict[str, Any]) -> Iterator[Answer]:
    for status, what in told["responses"].items():
        schema: dict[str, Any] = next((c.get("schema", {}) for c in what.get("content", {}).values()), {})
        yield Answer(status, _MEANING.get(status, lambda: "")(), _shape(schema))


_MEANING = {
    "200": lambda: _("成功"), "201": lambda: _("已建立"), "202": lambda: _("已收到，随后处理"),
    "304": lambda: _("没有变化（If-None-Match）"), "400": lambda: _("请求读不懂"), "401": lambda: _("没有密钥，或者密钥无效"),
    "403": lambda: _("没有这项权限"), "404": lambda: _("没有，或者看不到"), "409": lambda: _("与现状冲突"),
    "413": lambda: _("太大"), "422": lambda: _("内容不合要求，details 逐项说明"),
    "429": lambda: _("太频繁，Retry-After 秒后再试"), "507": lambda: _("存储空间不足"),
}  # fmt: skip


def _curl(method: str, address: str, told: dict[str, Any]) -> str:
    """A command that can be copied; $KEY is the reader's own."""
    words = ["curl"] if method == "GET" else ["curl", "-X", method]
    lines = [" ".join(words)]
    if {} not in told.get("security", []):
        lines.append('-H "Authorization: Bearer $KEY"')
    for parameter in told.get("parameters", []):
        if parameter["in"] == "header" and parameter.get("required"):
            lines.append(f"-H '{parameter['name']}: …'")
    content = told.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        sample = orjson.dumps(_sample(content["application/json"].get("schema", {}), 0)).decode()
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(sample)}"]
    elif "multipart/form-data" in content:
        lines.append("-F file=@data.xlsx")
    elif content:
        lines.append("--data-binary @file")
    query = [f"{p['name']}=…" for p in told.get("parameters", []) if p["in"] == "query" and p.get("required")]
    lines.append(f"'{settings.PUBLIC_URL}{address}{'?' + '&'.join(query) if query else ''}'")
    return " \\\n  ".join(lines)


def _sample(schema: dict[str, Any], depth: int) -> Any:
    """What a body looks like: its required members with placeholders."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][_shape(schema)]
    if several := schema.get("anyOf") or schema.get("allOf"):
        return _sample(several[0], depth)
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [""])[0])
    match schema.get("type"):
        case "object" if depth < _DEEP:
            wanted = schema.get("required") or list(schema.get("properties", {}))[:1]
            return {name: _sample(schema["properties"][name], depth + 1) for name in wanted}
        case "array":
            return [_sample(schema.get("items", {}), depth + 1)] if depth < _DEEP else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return "2026-03-01" if schema.get("format") == "date" else "…"
    return {}
