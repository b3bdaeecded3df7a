"""Guards: every route says who may use it, in a word that a test can read (R-024, G-10; tests/test_routes.py).

    @public("search is open to everybody")
    @signed_in
    @may("batch.release", of=batch)          # of(actor, **what the URL captured) -> the thing, restricted to what it may see

A page's guard sends anonymous people to the sign-in page; what the actor may not see does not exist (404), what it may
see but not do is denied with a sentence (403). Other faces (the API, with its own answers) check for themselves and
`declare` what they check.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.cache import add_never_cache_headers

from chengxin.accounts.actors import NOBODY, Actor, of_user
from chengxin.accounts.rules import RULES, Denied, StepUp, allow, require, step_up
from chengxin.accounts.sessions import complete, fresh

View = Callable[..., Any]
V = TypeVar("V", bound=View)

PUBLIC = "public"
SIGNED_IN = "signed-in"
MAY = "may"
SAFE = ("GET", "HEAD")

access_denied = Signal()
"""Sent with `actor`, `action` (the route), `method` and `status` when somebody is turned away."""


@dataclass(frozen=True)
class Guard:
    """What a route demands: `kind` is public, signed-in or may; `action` is a key of `rules.RULES`; `why` says why a
    public route is public."""

    kind: str
    action: str = ""
    why: str = ""


def declare(guard: Guard) -> Callable[[V], V]:
    """Write down the guard of a view that enforces it by other means than the decorators below."""

    def mark(view: V) -> V:
        view.guard = guard  # type: ignore[attr-defined]
        return view

    return mark


def guard_of(view: View) -> Guard | None:
    """The declared guard of a view, or None."""
    found = getattr(view, "guard", None)
    return found if isinstance(found, Guard) else None


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; looked up once a request. Staff without their second factor are nobody yet.

    Whoever only reads is asked for no password again; what a form does, is done by an actor who is `fresh` or not.
    """
    if not hasattr(request, "actor"):
        actor = of_user(request.user) if complete(request) else NOBODY
        request.actor = replace(actor, fresh=request.method in SAFE or fresh(request))  # type: ignore[attr-defined]
    return request.actor  # type: ignore[attr-defined]


def ask_first(request: HttpRequest, action: str, target: Any) -> None:
    """For a form that takes long to fill in: ask for the password before it is shown, so that nothing typed is lost.

    Raises `StepUp`, which leads to where it is asked for and back here.
    """
    actor = actor_of(request)
    if allow(actor, action, target):
        step_up(replace(actor, fresh=fresh(request)), action, target)


def public(why: str) -> Callable[[View], View]:
    """Open to everybody, for the reason given."""

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        return declare(Guard(PUBLIC, why=why))(guarded)

    return guard


def signed_in(view: View) -> View:
    """For people who have signed in and are not disabled; what they see and may do is decided row by row."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _answer(request, lambda: view(request, *args, **kwargs))

    return declare(Guard(SIGNED_IN))(guarded)


def may(action: str, *, of: Callable[..., Any]) -> Callable[[View], View]:
    """For actors who may do `action` to the thing that `of(actor, **captured)` finds; the view is given that thing.

    `of` looks only among what the actor may see and raises `ObjectDoesNotExist` or `Http404` for everything else.
    """
    if action not in RULES:
        raise KeyError(f"there is no rule for {action!r}")

    def guard(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, **captured: Any) -> HttpResponse:
            return _answer(request, lambda: _checked(request, captured))

        def _checked(request: HttpRequest, captured: dict[str, Any]) -> HttpResponse:
            actor = actor_of(request)
            target = _found(of, actor, captured)
            require(actor, action, target)
            return view(request, target)

        return declare(Guard(MAY, action=action))(guarded)

    return guard


def _answer(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    if actor_of(request).anonymous:
        if not complete(request):
            return redirect(settings.FACTOR_URL)
        reading = request.method in SAFE  # a form that was sent cannot be taken up again after signing in
        return redirect_to_login(request.get_full_path() if reading else resolve_url(settings.LOGIN_REDIRECT_URL))
    try:
        response = work()
    except StepUp:
        return _confirm(request)
    except Denied as denied:
        tell_denied(request, actor_of(request), 403)
        response = render(request, "403.html", {"sentence": str(denied)}, status=403)
    except Http404:
        tell_denied(request, actor_of(request), 404)
        raise
    add_never_cache_headers(response)  # what one person may see stays in no cache on the way
    return response


def tell_denied(request: HttpRequest, actor: Actor, status: int) -> None:
    """Say that a request was turned away; the trail listens (every denial is one event, G-10)."""
    match = request.resolver_match
    access_denied.send(
        sender=None,
        actor=actor.name,
        action=match.view_name if match else "",
        method=request.method or "",
        status=status,
    )


def _confirm(request: HttpRequest) -> HttpResponse:
    """To the page that asks for the password again, and from there back to where the form was, or is."""
    if request.method in SAFE:
        return redirect_to_login(request.get_full_path(), login_url=settings.CONFIRM_URL)
    back = urlsplit(request.headers.get("Referer", ""))
    here = back.path if back.netloc == request.get_host() else resolve_url(settings.LOGIN_REDIRECT_URL)
    return redirect_to_login(here, login_url=settings.CONFIRM_URL)


def _found(of: Callable[..., Any], actor: Actor, captured: dict[str, Any]) -> Any:
    try:
        return of(actor, **captured)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
