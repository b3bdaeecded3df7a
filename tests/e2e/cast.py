"""The people and the file of a journey, and what they do in a browser."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role

from ..collection.files import penalty, text

ECOLOGY = "ecology-environment"
PASSWORD = "a-long-pass-phrase"


def settle() -> None:
    make_user("reporter", "林知夏", PASSWORD, [(ECOLOGY, Role.REPORTER)])
    make_user("auditor", "周一鸣", PASSWORD, [(ECOLOGY, Role.AUDITOR)])


def file(*numbers: int) -> dict[str, Any]:
    """Penalties of today with these numbers, and a last row whose code was miscopied."""
    today = {"CF_JDRQ": timezone.localdate().isoformat(), "CF_YXQ": ""}
    rows = [penalty(n, **today) for n in numbers]
    rows.append(penalty(numbers[0] + 50_000, **{**today, "CF_XDR_SHXYM": "91320500MA10000200"}))
    return {"name": "处罚公示.csv", "mimeType": "text/csv", "buffer": text(rows).encode("gb18030")}


def press(page: Any, what: str) -> None:
    """Click and wait for the page that follows."""
    with page.expect_navigation():
        page.click(what)


def sign_in(page: Any, person: str) -> None:
    page.goto("/sign-in")
    page.fill("#id_username", person)
    page.fill("#id_password", PASSWORD)
    press(page, "main button")


def send(page: Any, *numbers: int) -> str:
    """Upload a file; the address of its batch."""
    page.goto("/workbench/submit")
    page.select_option("#id_what", f"{ECOLOGY}:penalty")
    page.set_input_files("#id_file", file(*numbers))
    press(page, "main button")
    return str(page.url)
