"""The document and the API are one: every route is in it, every error has the one shape, every word is there twice."""

from __future__ import annotations

import re

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from chengxin.accounts.guards import PUBLIC, SIGNED_IN, guard_of
from chengxin.api.app import api
from chengxin.api.errors import KINDS
from chengxin.api.words import INVALID, OTHERWISE

from ..conftest import needed
from .client import Api, document

NOT_IN_IT = {"unknown": "answers for addresses that there are none of"}


def operations() -> dict[tuple[str, str], dict]:  # type: ignore[type-arg]
    return {(m.upper(), p): o for p, methods in document()["paths"].items() for m, o in methods.items()}


def routes(resolver: URLResolver, before: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in resolver.url_patterns:
        here = before + str(entry.pattern)
        found += routes(entry, here) if isinstance(entry, URLResolver) else [(here, entry)]
    return found


def test_every_route_is_documented_and_every_documented_one_exists() -> None:
    served = set()
    for address, pattern in routes(get_resolver()):
        if address.startswith("api/v1/") and pattern.name not in NOT_IN_IT:
            path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)
            served |= {(method, path) for method in pattern.callback.guards}
    assert served == set(operations())


def test_every_operation_declares_the_guard_that_its_door_holds() -> None:
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                [door] = operation.auth_callbacks
                guard = guard_of(operation.view_func)
                assert guard is not None and door.guard is guard, path
                assert guard.why if guard.kind == PUBLIC else guard.kind == SIGNED_IN or (guard.action and door.of), (
                    path
                )


def test_the_document_is_openapi_3_1(world: object) -> None:
    schemathesis = needed("schemathesis")
    told = document()
    assert told["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(told).validate()
    assert Api().get("/openapi.json").json() == told
    assert reverse("api:get_document") == "/api/v1/openapi.json"


def test_every_error_is_documented_in_the_one_shape() -> None:
    for (method, path), told in operations().items():
        statuses = set(told["responses"])
        assert {"401", "429"} <= statuses, (method, path)
        if {} not in told["security"]:
            assert method == "GET" or "403" in statuses, (method, path)
        for status in statuses & {str(k.status) for k in KINDS.values()}:
            schema = told["responses"][status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorOut"}, (method, path, status)


def test_operations_are_told_apart_and_explained() -> None:
    names = [o["operationId"] for o in operations().values()]
    assert len(names) == len(set(names))
    assert all(o["summary"] and o["description"] and o["tags"] for o in operations().values())


@pytest.mark.parametrize("code", KINDS)
def test_every_error_speaks_both_languages(code: str) -> None:
    kind = KINDS[code]
    assert kind.message_en.isascii() and not kind.message.isascii()
    assert 400 <= kind.status <= 507
    assert code in document()["components"]["schemas"]["Error"]["properties"]["code"]["enum"]


@pytest.mark.parametrize("said", [*INVALID.values(), OTHERWISE])
def test_every_detail_speaks_both_languages_about_the_same(said: tuple[str, str]) -> None:
    assert said[1].isascii() and not said[0].isascii()
    assert re.findall(r"{\w+}", said[0]) == re.findall(r"{\w+}", said[1])
