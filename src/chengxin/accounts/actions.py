"""Verbs of accounts: take organisations over from the packs, make people and keys."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.models import ADMINISTRATORS, ApiKey, KeyState, Membership, Organisation, Role, User
from chengxin.accounts.passwords import remember
from chengxin.accounts.posts import require_fits
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.request_signing import HMAC, SM2


class Agency(Protocol):
    """What a policy pack says of an organisation."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def kind(self) -> str: ...


class NotSeparate(Refusal):
    """One person would hold two of the three administrators (三员)."""


@transaction.atomic
def take_over_agencies(agencies: Iterable[Agency]) -> int:
    """Create or update one organisation an agency; returns how many there are. Safe to run twice."""
    rows = [
        Organisation(
            id=a.id, name=a.name, name_en=a.name_en, code=a.code, region=a.region, parent_id=a.parent, kind=a.kind
        )
        for a in agencies
    ]
    fields = ["name", "name_en", "code", "region", "parent", "kind"]
    Organisation.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    return len(rows)


@transaction.atomic
def make_user(username: str, display_name: str, password: str | None, roles: Iterable[tuple[str, Role]]) -> User:
    """Create or update a person with exactly these (organisation id, role) memberships.

    Without a password an existing one is kept and a new person gets none that works. Raises `NotSeparate` for roles of
    more than one of the three administrators, and `Unfit` for a new role that its organisation does not have; what the
    person holds already stays.
    """
    wanted = {(o, str(r)) for o, r in roles}
    if sum(role in ADMINISTRATORS for _unit, role in wanted) > 1:
        raise NotSeparate(_("系统管理员、安全管理员、审计管理员须由三个人担任，同一人只能担任其中一个。"))
    user, created = User.objects.get_or_create(username=username)
    user.display_name = display_name
    if password or created:
        remember(user)
        user.set_password(password)
    user.save()
    held = {(m.organisation_id, m.role): m for m in user.memberships.all()}
    require_fits(wanted - set(held))
    Membership.objects.filter(pk__in=[m.pk for k, m in held.items() if k not in wanted]).delete()
    Membership.objects.bulk_create(
        Membership(user=user, organisation_id=o, role=r) for o, r in wanted if (o, r) not in held
    )
    return user


@dataclass(frozen=True)
class Limits:
    """What a key is good for (see `ApiKey`); empty is no limit."""

    scopes: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    signing: str = ""
    public: bytes | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError` for an address that is no network, and for a signature without what it needs."""
        for address in self.addresses:
            ipaddress.ip_network(address, strict=False)
        if self.signing not in ("", HMAC, SM2) or (self.signing == SM2) != (self.public is not None):
            raise ValueError(f"signing is {HMAC}, or {SM2} with the client's public key")


class KeyTooLong(Refusal):
    """A key would hold longer than the installation's rules let it."""


def make_api_key(user: User, label: str, days: int | None = None, limits: Limits | None = None) -> str:
    """A new key for programs that act as `user`; the answer is the only time it can be seen.

    It holds for `days` days, or as long as the pack of the kind `sign-in` says. Raises `KeyTooLong`.
    """
    limits = limits or Limits()
    rule = settings.SIGN_IN.key
    days = rule.days if days is None else days
    if days > rule.max_days:
        raise KeyTooLong(_("密钥的有效期是 %(days)s 天，最长 %(most)s 天。"), days=days, most=rule.max_days)
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    ApiKey.objects.create(
        user=user,
        label=label,
        prefix=prefix,
        digest=_digest(secret),
        expires_at=timezone.now() + timedelta(days=days),
        scopes=list(limits.scopes),
        items=list(limits.items),
        addresses=list(limits.addresses),
        signing=limits.signing,
        public=limits.public,
    )
    return f"{prefix}.{secret}"


def revoke_api_key(prefix: str) -> ApiKey | None:
    """Stop a key for good; None when there is none with this prefix, or it was revoked before."""
    working = ApiKey.objects.filter(prefix=prefix, revoked_at=None)
    found = working.first()
    return found if found is not None and working.update(revoked_at=timezone.now()) else None


def key_of(presented: str) -> ApiKey | None:
    """The key that is presented, if it works and its person is active; what it is limited to is for the caller.

    Compares in constant time.
    """
    prefix, _, secret = presented.partition(".")
    key = ApiKey.objects.select_related("user").filter(prefix=prefix).first()
    if key is None or not hmac.compare_digest(key.digest, _digest(secret)):
        return None
    return key if key.state(timezone.now()) is KeyState.VALID else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
