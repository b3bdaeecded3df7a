"""What a browser's session must show before it counts: a second factor, no long idleness, no great age (domain.md 8.1).

The moments stand in the session itself. Step-up: what publishes, withdraws, signs or handles keys wants the password
confirmed within `settings.STEP_UP_SECONDS` (rules with `fresh`; issue 4, part 1).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fnmatch import fnmatchcase

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponse

from chengxin.accounts.models import CITIZENS, Membership, User

BEGAN, SEEN, CONFIRMED, FACTOR = "began", "seen", "confirmed", "factor"
_WRITE_EVERY = 60
"""Seconds; noting every request would write to the database at every request."""

session_ended = Signal()
"""Sent with `user` and `reason` when a session has run out."""


@receiver(user_logged_in)
def _begin(request: HttpRequest, **_: object) -> None:
    now = time.time()
    request.session[BEGAN] = request.session[SEEN] = request.session[CONFIRMED] = now


class SessionLimits:
    """Middleware behind the authentication: ends sessions that were idle or have lasted too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            reason = run_out(request, time.time())
            if reason:
                session_ended.send(SessionLimits, user=request.user, reason=reason)
                logout(request)
        return self.get_response(request)


def run_out(request: HttpRequest, now: float) -> str:
    """`idle` or `age` when the session is over, else an empty text; notes that it was seen."""
    began, seen = request.session.get(BEGAN, 0), request.session.get(SEEN, 0)
    if now - began > settings.SESSION_COOKIE_AGE:
        return "age"
    if now - seen > settings.SESSION_IDLE_SECONDS:
        return "idle"
    if now - seen > _WRITE_EVERY:
        request.session[SEEN] = now
    return ""


def exempt(user: User) -> bool:
    """Whether a person needs no second factor: an invented one of a demo (`check --deploy` refuses such a setting)."""
    return any(fnmatchcase(user.username, pattern) for pattern in settings.SECOND_FACTOR_EXEMPT)


def needs_factor(user: User) -> bool:
    """All staff need a second factor; those who only speak for a subject may have one."""
    if exempt(user):
        return False
    return Membership.objects.filter(user=user).exclude(role__in=CITIZENS).exists()


def complete(request: HttpRequest) -> bool:
    """Whether the person of this session has shown all that is asked of them."""
    user = request.user
    return not isinstance(user, User) or bool(request.session.get(FACTOR)) or not needs_factor(user)


def fresh(request: HttpRequest) -> bool:
    """Whether the password was given lately enough for what wants that."""
    return time.time() - float(request.session.get(CONFIRMED, 0)) <= settings.STEP_UP_SECONDS


def confirm(request: HttpRequest) -> None:
    """The password was just given again."""
    request.session[CONFIRMED] = time.time()
