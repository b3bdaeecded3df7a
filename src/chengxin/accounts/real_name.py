"""Real-name entry of subjects (实名): who signs in as a subject has shown, through a provider, that they speak for it.

A provider is a party that knows: the provincial identity service, a bank, an electronic business licence. Each province
puts its own in place of `LocalProvider`, which is for demonstrations only (`settings.REAL_NAME_PROVIDER`; R-094, R-105).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from chengxin.accounts.models import Kind, Membership, Organisation, Role, User
from chengxin.accounts.refusals import Refusal
from chengxin.standards.hashing import hmac_sm3
from chengxin.standards.text import clean_code, name_key


class NotProved(Refusal):
    """The provider does not confirm that this person speaks for this subject."""


@dataclass(frozen=True)
class Claim:
    """What somebody says: for which subject they speak, and what the provider gave them to show it."""

    code: str
    name: str
    person: str
    token: str


class Provider(Protocol):
    """Whoever can confirm a claim."""

    name: str

    def confirms(self, claim: Claim) -> bool:
        """Whether the claim is true."""
        ...

    def person(self, claim: Claim) -> str:
        """The same for all claims of one person, and nothing else of them (at most 64 characters); empty where the provider
        cannot tell. A name is not enough: many people share one."""
        ...


class LocalProvider:
    """For demonstrations: a token is a keyed SM3 of code, name and person, which an operator hands out."""

    name = "local-demo"

    def token(self, code: str, name: str, person: str) -> str:
        """16 hexadecimal digits."""
        told = "\n".join((clean_code(code) or "", name_key(name) or "", name_key(person) or ""))
        return hmac_sm3(settings.SECRET_KEY.encode(), b"real-name\n" + told.encode()).hex()[:16]

    def confirms(self, claim: Claim) -> bool:
        return hmac.compare_digest(self.token(claim.code, claim.name, claim.person), claim.token.strip().lower())

    def person(self, claim: Claim) -> str:
        """Whoever enters with the same token is the same person; across subjects this provider cannot tell."""
        return hmac_sm3(settings.SECRET_KEY.encode(), b"person\n" + claim.token.strip().lower().encode()).hex()


class NoProvider:
    """For an installation that no identity service serves yet: nobody enters as a subject."""

    name = "none"

    def confirms(self, _claim: Claim) -> bool:
        return False

    def person(self, _claim: Claim) -> str:
        return ""


def provider() -> Provider:
    """The provider of this installation."""
    found: Provider = import_string(settings.REAL_NAME_PROVIDER)()
    return found


@transaction.atomic
def enter(user: User, claim: Claim) -> Organisation:
    """Make `user` a representative of the subject whose claim the provider confirms. Raises `NotProved`."""
    if not provider().confirms(claim):
        raise NotProved(_("没有通过实名核验：请核对统一社会信用代码、名称、姓名和核验码。"))
    code = clean_code(claim.code) or ""
    unit, _made = Organisation.objects.get_or_create(
        id=f"subject-{code.lower()}", defaults={"name": claim.name, "code": code, "kind": Kind.SUBJECT}
    )
    Membership.objects.get_or_create(user=user, organisation=unit, role=Role.REPRESENTATIVE)
    if not user.person:
        user.person = provider().person(claim)
        user.save(update_fields=["person"])
    return unit
