"""What `check --deploy` refuses of an installation's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from chengxin.accounts.demonstration import MARK


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
    if (Path(settings.HOME) / MARK).exists():
        found.append(
            Error(
                f"{Path(settings.HOME) / MARK} says that this store is a demonstration's",
                hint="Make a store of its own for real work: set CHENGXIN_HOME to an empty folder, `chengxin init`.",
                id="chengxin.E002",
            )
        )
    if settings.REAL_NAME_PROVIDER.endswith(".LocalProvider"):
        found.append(
            Error(
                "Whoever holds this machine's secret key can enter as any subject: no identity service is set",
                hint="Set CHENGXIN_REAL_NAME to the class of yours, or to chengxin.accounts.real_name.NoProvider.",
                id="chengxin.E003",
            )
        )
    return found
