"""A client that holds the API to its word: every answer must be documented, and look as the document says."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

PREFIX = "/api/v1"


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    from chengxin.api.app import document as made

    return json.loads(json.dumps(made()))


class Api:
    """Calls with a key, or as a signed-in person, or as nobody."""

    def __init__(self, key: str | None = None, user: Any = None, **environ: str) -> None:
        self.client = Client(raise_request_exception=False, **environ)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        return self.call("GET", path, headers=headers, query_params=query)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        data = b"" if body is None else json.dumps(body)
        return self.call("POST", path, headers=headers, data=data, content_type="application/json")

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, data=json.dumps(body), content_type="application/json")

    def send(self, text: bytes, headers: dict[str, str]) -> Any:
        """The bare file with the rest in headers."""
        return self.call("POST", "/batches", headers=headers, data=text, content_type="application/octet-stream")

    def upload(self, form: dict[str, Any], headers: dict[str, str]) -> Any:
        return self.call("POST", "/batches", headers=headers, data=form)

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        ask = getattr(self.client, method.lower())
        response = ask(PREFIX + path, headers={**self.headers, **(headers or {})}, **more)
        keep_word(method, path, response)
        return response


def keep_word(method: str, path: str, response: HttpResponse) -> None:
    """Assert that the answer's status is documented and its body has the documented shape."""
    assert response.status_code < 500, response.content
    path = path.partition("?")[0]
    told = documented(method, path)
    if told is None:
        assert response.status_code in (404, 405)
        _has_shape(response.json(), {"$ref": "#/components/schemas/ErrorOut"})
        return
    answer = told["responses"].get(str(response.status_code))
    assert answer is not None, f"{method} {path} answered {response.status_code}, which is not documented"
    content = answer.get("content", {})
    if "application/json" in content and method != "HEAD":
        assert response.headers["Content-Type"].startswith("application/json")
        _has_shape(response.json(), content["application/json"]["schema"])
    elif content:
        assert response.headers["Content-Type"].split(";")[0] in content


def documented(method: str, path: str) -> dict[str, Any] | None:
    """The operation of the document that `path` belongs to; fixed addresses go before those with a part to fill in."""
    found = [p for p in document()["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), PREFIX + path)]
    best = min(found, key=lambda p: p.count("{"), default=None)
    return document()["paths"][best].get("get" if method == "HEAD" else method.lower()) if best else None


def _has_shape(body: Any, schema: dict[str, Any]) -> None:
    Draft202012Validator({**schema, "components": document()["components"]}).validate(body)
