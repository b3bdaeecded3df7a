"""The door of the API: who asks, how often, and may they; before anything of the request's body is read.

A key in `Authorization: Bearer` or a browser's session says who asks. A key that is presented must be valid, also where
none is needed. Every operation has one door and declares its guard in the words of `accounts.guards`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Router
from ninja.utils import check_csrf

from chengxin.accounts.actions import key_of
from chengxin.accounts.actors import NOBODY, Actor, of_user
from chengxin.accounts.guards import MAY, PUBLIC, SIGNED_IN, Guard, declare
from chengxin.accounts.limits import Rate, address_of, count
from chengxin.accounts.models import ApiKey
from chengxin.accounts.request_signing import rightly_signed
from chengxin.accounts.rules import RULES, Denied, require
from chengxin.accounts.sessions import complete, fresh
from chengxin.api.errors import Problem, answers

KEY, SESSION = "key", "session"
SECURITY_SCHEMES = {
    KEY: {
        "type": "http",
        "scheme": "bearer",
        "description": "A key of a person's program: Authorization: Bearer <key>",
    },
    SESSION: {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
}
SAFE = ("GET", "HEAD", "OPTIONS")
Of = Callable[..., Any]


@dataclass(frozen=True)
class Access:
    """What an operation finds in `request.auth`: who asks, and the thing that the guard was asked about."""

    actor: Actor
    target: Any = None


class Asked(HttpRequest):
    """A request that has come through the door."""

    auth: Access


def public(why: str) -> Guard:
    return Guard(PUBLIC, why=why)


def signed_in() -> Guard:
    return Guard(SIGNED_IN)


def may(action: str) -> Guard:
    """`action` is a key of the rules; the operation says by `of` what it is done to."""
    if action not in RULES:
        raise KeyError(f"there is no rule for {action!r}")
    return Guard(MAY, action=action)


class Door:
    """Called by Ninja before it reads anything of the request. `of(actor, **captured)` finds the thing or raises."""

    def __init__(self, guard: Guard, of: Of | None, name: str) -> None:
        self.guard, self.of, self.name = guard, of, name

    def __call__(self, request: HttpRequest) -> Access:
        actor = _who(request, self.name)
        if self.guard.kind == PUBLIC:
            return Access(actor)
        if actor.anonymous:
            raise Problem("unauthenticated")
        if self.of is None:
            return Access(actor)
        match = request.resolver_match
        assert match is not None
        target = self.of(actor, **match.kwargs)
        if self.guard.kind == MAY:
            require(actor, self.guard.action, target)
        return Access(actor, target)


def operation(
    router: Router,
    method: str,
    path: str,
    guard: Guard,
    *,
    response: dict[int, Any],
    errors: tuple[int, ...] = (),
    of: Of | None = None,
    extra: dict[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a function into the URL table: behind its door, with its answers and its security in the document."""

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        security: list[dict[str, list[str]]] = [{KEY: []}, {SESSION: []}]
        told = {"security": [{}, *security] if guard.kind == PUBLIC else security, **(extra or {})}
        documented = {**response, **answers(*errors)}
        declare(guard)(view)
        register = router.api_operation(
            [method], path, auth=Door(guard, of, view.__name__), response=documented, openapi_extra=told,
            operation_id=view.__name__,
            summary=(view.__doc__ or view.__name__).split("\n")[0].rstrip("."),
        )  # fmt: skip
        return register(view)

    return register


def _who(request: HttpRequest, operation: str) -> Actor:
    """Raises `Problem` for a key that is none, for too many requests and for a browser's change without a token."""
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, presented = header.partition(" ")
        presented = presented.strip()
        key = key_of(presented) if scheme.lower() == "bearer" and _sound(presented) else None
        if key is None or not _from_there(request, key) or (key.signing and not rightly_signed(request, key)):
            _count(request, f"address {address_of(request)}", "address")
            raise Problem("unauthenticated")
        _count(request, f"key {key.prefix}", "key")
        return _limited(request, key, operation)
    actor = of_user(request.user) if complete(request) else NOBODY
    actor = replace(actor, fresh=request.method in SAFE or fresh(request))  # a key's bearer is, by the key itself
    if actor.anonymous:
        _count(request, f"address {address_of(request)}", "address")
        return NOBODY
    request.actor = actor  # type: ignore[attr-defined]
    _count(request, f"user {actor.name}", "key")
    if request.method not in SAFE and check_csrf(request):
        raise Problem("csrf")
    return actor


def _from_there(request: HttpRequest, key: ApiKey) -> bool:
    """Whether the request comes from a network to which the key is limited."""
    if not key.addresses:
        return True
    found = address_of(request)
    if found == "unknown":
        return False
    here = ipaddress.ip_network(found, strict=False)
    networks = (ipaddress.ip_network(a, strict=False) for a in key.addresses)
    return any(n.version == here.version and here.subnet_of(n) for n in networks)  # type: ignore[arg-type]


def _limited(request: HttpRequest, key: ApiKey, operation: str) -> Actor:
    """The key's person, within what the key is for. Raises `Denied` for an operation that it is not for."""
    actor = of_user(key.user)
    request.actor = actor  # type: ignore[attr-defined]  # for the trail, should it be turned away
    if key.scopes and operation not in key.scopes:
        raise Denied(_("这个密钥不能用于此接口。"))
    return replace(actor, items=frozenset(key.items)) if key.items else actor


def _sound(key: str) -> bool:
    """PostgreSQL takes no NUL in a text; a key of ours has none, nor anything else unprintable."""
    return len(key) < 200 and key.isascii() and key.isprintable()


def _count(request: HttpRequest, who: str, rate: str) -> None:
    used = count(who, Rate.parse(settings.API_RATES[rate]))
    request.used = used  # type: ignore[attr-defined]  # for the headers of the answer, whatever it will be
    if used.exceeded:
        raise Problem("too-many-requests", seconds=used.wait)
