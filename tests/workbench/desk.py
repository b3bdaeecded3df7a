"""The people at the desks and what they do, as a browser would."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Role, User
from chengxin.collection.models import Batch

from ..collection.files import penalty, text

ECOLOGY, EMERGENCY, CENTRE = "ecology-environment", "emergency", "centre"
PEOPLE: dict[str, tuple[str, list[tuple[str, Role]]]] = {
    "reporter": ("林知夏", [(ECOLOGY, Role.REPORTER)]),
    "auditor": ("周一鸣", [(ECOLOGY, Role.AUDITOR)]),
    "both": ("顾双木", [(ECOLOGY, Role.REPORTER), (ECOLOGY, Role.AUDITOR)]),
    "stranger": ("许清和", [(EMERGENCY, Role.REPORTER), (EMERGENCY, Role.AUDITOR)]),
    "steward": ("陈砚秋", [(CENTRE, Role.STEWARD)]),
    "visitor": ("沈立", []),
}
TODAY = timezone.localdate().isoformat()


def settle() -> dict[str, Client]:
    """Everybody signed in, each with a browser of their own; `nobody` is not."""
    clients = {"nobody": Client()}
    for name, (display, roles) in PEOPLE.items():
        user = make_user(name, display, None, roles)
        clients[name] = Client()
        clients[name].force_login(User.objects.get(pk=user.pk))
    return clients


def good(number: int, **cells: str) -> dict[str, str]:
    """A lawful row of today."""
    return penalty(number, **{"CF_JDRQ": TODAY, "CF_YXQ": "", **cells})


def faulty() -> list[dict[str, str]]:
    """Seven rows: three fine, two to reject, two in doubt (one number, two contents)."""
    return [
        good(1),
        good(2, CF_XDR_SHXYM="91320500MA10000200"),
        good(3, CF_JDRQ="2026-13-45"),
        good(4),
        good(5),
        good(6),
        good(6, CF_NR="另外的处罚内容"),
    ]


def upload(client: Client, rows: list[dict[str, str]] | bytes, **more: Any) -> Any:
    """Send a file by the page; the response of the form."""
    content = rows if isinstance(rows, bytes) else text(rows).encode()
    token = re.search(r'name="token" value="(\w+)"', client.get("/workbench/submit").content.decode())
    form = {"what": f"{ECOLOGY}:penalty", "token": token[1] if token else "", **more}
    return client.post("/workbench/submit", {"file": SimpleUploadedFile("处罚.csv", content), **form})


def submitted(client: Client, rows: list[dict[str, str]] | bytes, **more: Any) -> Batch:
    """Send a file by the page and follow to its batch."""
    response = upload(client, rows, **more)
    assert response.status_code == 302, response.content.decode()
    return Batch.objects.get(pk=int(response["Location"].rsplit("/", 1)[1]))


def seen(client: Client, path: str, status: int = 200) -> str:
    """The page at `path` as text."""
    response = client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()
