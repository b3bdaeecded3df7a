"""What `check --deploy` refuses of an installation's settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def second_factor(**_: Any) -> list[CheckMessage]:
    """No exemption from the second factor outside of a demonstration, and no provider that is for demonstrations."""
    found: list[CheckMessage] = []
    if settings.SECOND_FACTOR_EXEMPT:
        found.append(
            Error(
                f"CHENGXIN_EXEMPT lets {', '.join(settings.SECOND_FACTOR_EXEMPT)} in without a second factor",
                hint="Unset it: it is for the invented people of a demonstration.",
                id="chengxin.E001",
            )
        )
    return found
