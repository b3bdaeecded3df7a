"""What happens to people's accounts, written down in the trail: the rooms below only say that it happened (G-10, R-363)."""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver

from chengxin.accounts.guards import access_denied
from chengxin.accounts.models import User
from chengxin.accounts.sessions import session_ended
from chengxin.audit.actions import record as trace


@receiver(user_login_failed)
def failed(credentials: dict[str, Any], **_: object) -> None:
    """A name that nobody has is not kept: it may be a password in the wrong field."""
    user = User.objects.filter(username=str(credentials.get("username", ""))[:150]).first()
    trace(user.username if user else "", "account.sign-in-failed", "user", user.pk if user else "", reason="password")


@receiver(user_locked_out)
def locked(username: str, **_: object) -> None:
    user = User.objects.filter(username=str(username)[:150]).first()
    trace(user.username if user else "", "account.locked", "user", user.pk if user else "")


@receiver(user_logged_out)
def signed_out(user: Any, **_: object) -> None:
    if isinstance(user, User):
        trace(user.username, "account.sign-out", "user", user.pk)


@receiver(session_ended)
def ended(user: User, reason: str, **_: object) -> None:
    trace(user.username, "account.session-ended", "user", user.pk, reason=reason)


@receiver(access_denied)
def denied(actor: str, action: str, method: str, status: int, **_: object) -> None:
    trace(actor, "access.denied", "route", action, method=method, status=status)
