"""Passwords: none of the last few again (domain.md 8.1; the other rules are Django's validators, see settings)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from chengxin.accounts.models import OldPassword, User


class NotUsedBefore:
    """A validator for AUTH_PASSWORD_VALIDATORS: refuses the present password and the last `settings.PASSWORD_HISTORY`."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises `ValidationError`."""
        if isinstance(user, User) and user.pk and any(check_password(password, old) for old in _earlier(user)):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        return _("不能使用最近 %(count)s 次用过的密码。") % {"count": settings.PASSWORD_HISTORY}


def _earlier(user: User) -> list[str]:
    kept = OldPassword.objects.filter(user=user).order_by("-pk")[: settings.PASSWORD_HISTORY]
    return [user.password, *kept.values_list("password", flat=True)]


def remember(user: User) -> None:
    """Keep the hash of the password that is about to be replaced; older ones than the history needs go."""
    if user.pk and user.has_usable_password():
        OldPassword.objects.create(user=user, password=user.password)
        wanted = OldPassword.objects.filter(user=user).order_by("-pk").values("pk")[: settings.PASSWORD_HISTORY]
        OldPassword.objects.filter(user=user).exclude(pk__in=list(wanted.values_list("pk", flat=True))).delete()
