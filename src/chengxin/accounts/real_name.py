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
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from chengxin.accounts.models import Kind, Membership, Organisation, Role, User
from chengxin.accounts.persons import is_person_code, person_code
from chengxin.accounts.refusals import Refusal
from chengxin.standards.citizen_id import citizen_id_problem
from chengxin.standards.hashing import hmac_sm3
from chengxin.standards.masking import mask_name
from chengxin.standards.text import clean_code, clean_text, name_key


class NotProved(Refusal):
    """The provider does not confirm that this person speaks for this subject."""


@dataclass(frozen=True)
class Claim:
    """What somebody says: for which subject they speak, and what the provider gave them to show it."""

    code: str
    name: str
    person: str
    token: str


@dataclass(frozen=True)
class Oneself:
    """What somebody says of themselves, to see their own archive (个人信息保护法 art. 45), and what the provider gave them to
    show it. Neither name nor number is kept: they become the code of the person (`accounts.persons`)."""

    name: str
    id_number: str
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

    def is_person(self, oneself: Oneself) -> bool:
        """Whether whoever holds the token is this person."""
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

    def own_token(self, name: str, id_number: str) -> str:
        """The token of a person for themselves, 16 hexadecimal digits."""
        told = "\n".join((name_key(name) or "", clean_code(id_number) or ""))
        return hmac_sm3(settings.SECRET_KEY.encode(), b"oneself\n" + told.encode()).hex()[:16]

    def is_person(self, oneself: Oneself) -> bool:
        return hmac.compare_digest(self.own_token(oneself.name, oneself.id_number), oneself.token.strip().lower())


class NoProvider:
    """For an installation that no identity service serves yet: nobody enters as a subject."""

    name = "none"

    def confirms(self, _claim: Claim) -> bool:
        return False

    def person(self, _claim: Claim) -> str:
        return ""

    def is_person(self, _oneself: Oneself) -> bool:
        return False


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


@transaction.atomic
def enter_oneself(user: User, oneself: Oneself) -> Organisation:
    """Let `user` into the archive that is kept of themselves, once the provider confirms who they are. Raises `NotProved`.

    The person is a subject of their own, under the code and the masked name by which the register knows them.
    """
    if citizen_id_problem(clean_code(oneself.id_number) or "", timezone.localdate()) or not name_key(oneself.name):
        raise NotProved(_("姓名或者公民身份号码填写有误，请核对后重新填写。"))
    knows = getattr(provider(), "is_person", None)  # a province's class of before there were persons does not
    if knows is None or not knows(oneself):
        raise NotProved(_("没有通过实名核验：请核对姓名、公民身份号码和核验码。"))
    code = person_code(oneself.name, oneself.id_number)
    others = Organisation.objects.filter(memberships__user=user, memberships__role=Role.REPRESENTATIVE).exclude(
        code=code
    )
    if any(is_person_code(other.code) for other in others):
        raise NotProved(_("这个账号已经核验为另一个人，一个账号只能查看本人的信用档案。"))
    unit, _made = Organisation.objects.get_or_create(
        id=f"subject-{code.lower()}",
        defaults={"name": mask_name(clean_text(oneself.name) or ""), "code": code, "kind": Kind.SUBJECT},
    )
    Membership.objects.get_or_create(user=user, organisation=unit, role=Role.REPRESENTATIVE)
    if not user.person:
        user.person = code
        user.save(update_fields=["person"])
    return unit
