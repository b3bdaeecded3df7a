"""Everybody who may come to a door: who they are, and how they show it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import Limits, make_api_key, make_user
from chengxin.accounts.models import ApiKey, Membership, Organisation, Role, User

from ..registry.staged import BOHE, YUNLING

HERE, THERE = "ecology-environment", "emergency"
PEOPLE: dict[str, list[tuple[str, Role]]] = {
    "reporter": [(HERE, Role.REPORTER)],
    "auditor": [(HERE, Role.AUDITOR)],
    "submitter": [(HERE, Role.REPORTER), (HERE, Role.AUDITOR)],
    "inspector": [(HERE, Role.INSPECTOR)],
    "other-reporter": [(THERE, Role.REPORTER)],
    "other-auditor": [(THERE, Role.AUDITOR)],
    "parent-auditor": [("ecology-above", Role.AUDITOR)],
    "child-auditor": [("ecology-below", Role.AUDITOR)],
    "steward": [("centre", Role.STEWARD)],
    "first-reviewer": [("centre", Role.FIRST_REVIEWER)],
    "second-reviewer": [("centre", Role.SECOND_REVIEWER)],
    "publisher": [("centre", Role.PUBLISHER)],
    "system-admin": [("centre", Role.OPERATOR)],
    "security-admin": [("centre", Role.SECURITY)],
    "audit-admin": [("centre", Role.AUDIT)],
    "representative": [("yunling", Role.REPRESENTATIVE)],
    "other-subject": [("bohe", Role.REPRESENTATIVE)],
    "agent": [("yunling", Role.AGENT)],
    "agent-expired": [("yunling", Role.AGENT)],
    "bank-officer": [("bank", Role.BANK_OFFICER)],
    "no-role": [],
    "suspended": [(HERE, Role.AUDITOR)],
    "session-expired": [(HERE, Role.AUDITOR)],
    "no-second-factor": [(HERE, Role.AUDITOR)],
}
KEYS: dict[str, Limits] = {
    "key": Limits(),
    "key-other-address": Limits(addresses=("192.0.2.0/24",)),
    "key-other-scope": Limits(scopes=("get_codes",)),
    "key-unsigned": Limits(signing="HMAC-SM3"),
    "key-expired": Limits(),
    "key-revoked": Limits(),
}
OUTSIDE = ("nobody", "suspended", "session-expired", "no-second-factor")
"""To whom every guarded route is closed, in a browser."""
BAD_KEYS = ("key-other-address", "key-unsigned", "key-expired", "key-revoked")
NAMES = ("nobody", *PEOPLE, *KEYS)


def settle(code: str = YUNLING, other: str = BOHE) -> dict[str, tuple[Client, dict[str, str]]]:
    """Everybody with a browser, and the headers of those who come with a key; the two subjects have these codes."""
    Organisation.objects.create(id="ecology-above", name="上级")
    Organisation.objects.filter(pk=HERE).update(parent_id="ecology-above")
    Organisation.objects.create(id="ecology-below", name="下级", parent_id=HERE)
    Organisation.objects.create(id="yunling", name="云岭", code=code, kind="subject")
    Organisation.objects.create(id="bohe", name="泊禾", code=other, kind="subject")
    Organisation.objects.create(id="bank", name="银行", kind="bank")
    cast: dict[str, tuple[Client, dict[str, str]]] = {"nobody": (_browser(), {})}
    for name, roles in PEOPLE.items():
        client = _browser()
        client.force_login(make_user(name, name, None, roles))
        cast[name] = (client, {})
    Membership.objects.filter(user__username="agent-expired").update(until=timezone.localdate() - timedelta(days=1))
    User.objects.filter(username="suspended").update(is_active=False)
    session = cast["session-expired"][0].session
    session["seen"] = session["began"] = 0
    session.save()
    holder = User.objects.get(username="submitter")
    for name, limits in KEYS.items():
        made = make_api_key(holder, name, limits=limits)
        cast[name] = (_browser(), {"Authorization": f"Bearer {made}"})
    ApiKey.objects.filter(label="key-expired").update(expires_at=timezone.now() - timedelta(seconds=1))
    ApiKey.objects.filter(label="key-revoked").update(revoked_at=timezone.now())
    return cast


def exempt() -> list[str]:
    """Who needs no second factor here: everybody but the one who is there to be stopped by it."""
    return [name for name in PEOPLE if name != "no-second-factor"]


def _browser() -> Any:
    return Client(raise_request_exception=False)
