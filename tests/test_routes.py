"""Sweeps the whole URL table: no route without a declared guard, none that lets strangers past it (anchors.md 3, habit 1).

Pages declare with the decorators of `accounts.guards`, the API method by method; both are asked here as they are served.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from chengxin.accounts.guards import MAY, PUBLIC, Guard, guard_of
from chengxin.accounts.rules import RULES

EXEMPT: dict[str, str] = {}
"""Routes that need no guard, each with the reason. There is none: whitenoise serves static files before the table."""

METHODS = ("GET", "POST")


def routes(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route with its whole address."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        else:
            yield here, pattern


def guards(pattern: URLPattern) -> dict[str, Guard | None]:
    """The declared guard of each method."""
    by_method = getattr(pattern.callback, "guards", None)
    return dict(by_method) if by_method else dict.fromkeys(METHODS, guard_of(pattern.callback))


TABLE = [(where, method, guard) for where, p in routes() for method, guard in guards(p).items()]
GUARDED = sorted({(w, m) for w, m, g in TABLE if g is not None and g.kind != PUBLIC and w not in EXEMPT})


def address(route: str) -> str:
    """A route with its places filled in."""
    return "/" + re.sub(r"<(?:(int):)?[^>]+>", lambda m: "1" if m[1] else "x", route).replace("^.*$", "x")


def test_the_table_is_not_empty() -> None:
    assert len(TABLE) > 30


@pytest.mark.parametrize(("where", "method"), [(w, m) for w, m, _ in TABLE])
def test_every_route_declares_its_guard(where: str, method: str) -> None:
    found = [g for w, m, g in TABLE if (w, m) == (where, method)]
    assert where in EXEMPT or all(found), f"{method} /{where} declares no guard (chengxin.accounts.guards)"


@pytest.mark.parametrize(("where", "guard"), sorted({(w, g) for w, _, g in TABLE if g}, key=str))
def test_a_guard_says_what_it_demands(where: str, guard: Guard) -> None:
    if guard.kind == PUBLIC:
        assert guard.why, f"/{where} is public without a reason"
    if guard.kind == MAY:
        assert guard.action in RULES


def test_every_guarded_route_refuses_strangers(store: object) -> None:
    assert len(GUARDED) > 20
    passed = [
        f"{method} /{where}: {response.status_code}"
        for where, method in GUARDED
        if not refused(where, response := Client().generic(method, address(where)))
    ]
    assert not passed


def refused(where: str, response: Any) -> bool:
    """401 by the API, the way to the sign-in page by pages."""
    if where.startswith("api/"):
        return bool(response.status_code == 401)
    return (response.status_code, response.get("Location", "").split("?")[0]) == (302, "/sign-in")


def test_exemptions_are_still_there_and_have_a_reason() -> None:
    assert set(EXEMPT) <= {where for where, _, _ in TABLE}
    assert all(EXEMPT.values())
