"""A subject lets somebody see what is not public about it, and takes it back at once (R-094, R-105, G-09, PIPL 15)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import CITIZENS, Authorisation, Matter, Organisation
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import Denied, step_up
from chengxin.audit.actions import record as trace
from chengxin.registry.models import Subject
from chengxin.standards.hashing import sm3_hex

WORD = "SQ"
"""How the numbers of authorisations given on this platform begin."""


class NotGranted(Refusal):
    """An authorisation that would say too little or nothing."""


@dataclass(frozen=True)
class Grant:
    """What a subject allows; `proof` is the file or signature that shows its will, kept by its SM3."""

    grantee: str
    purpose: str
    since: date
    until: date
    items: Iterable[str] = ()
    fields: Iterable[str] = ()
    single: bool = False
    proof: bytes = b""


@transaction.atomic
def grant(actor: Actor, subject: Subject, what: Grant) -> Authorisation:
    """Put down an authorisation. Raises `Denied` for whoever does not speak for the subject, and `NotGranted`."""
    _speaks(actor, subject.code)
    step_up(actor, "own.authorise", subject.code)
    if not what.purpose.strip() or what.until < what.since or what.until < timezone.localdate():
        raise NotGranted(_("授权要写明目的和期限，期限不能已经过去。"))
    if not what.proof:
        raise NotGranted(_("授权要附证明：授权书文件或电子签名。"))
    if not Organisation.objects.filter(pk=what.grantee).exists():
        raise NotGranted(_("没有登记「%(grantee)s」这个单位。"), grantee=what.grantee)
    made = Authorisation.objects.create(
        number=f"{WORD}{timezone.localdate():%Y%m%d}{secrets.token_hex(4)}", subject=subject.code, grantee_id=what.grantee,
        purpose=what.purpose, items=sorted(what.items), fields=sorted(what.fields), since=what.since, until=what.until,
        single=what.single, proof=sm3_hex(what.proof), given_by=actor.name,
    )  # fmt: skip
    trace(
        actor.name, "authorisation.grant", "authorisation", made.number, grantee=what.grantee, purpose=what.purpose,
        items=made.items, fields=made.fields, until=what.until.isoformat(), single=what.single,
    )  # fmt: skip
    return made


@transaction.atomic
def revoke(actor: Actor, number: str) -> None:
    """Take an authorisation back; from now on no query can rest on it. Doing it again changes nothing. Raises `Denied`."""
    found = Authorisation.objects.select_for_update().get(number=number)
    _speaks(actor, found.subject)  # without the password again: taking back is at once
    if found.revoked_at is None:
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        trace(actor.name, "authorisation.revoke", "authorisation", number, grantee=found.grantee_id)


def speaks(actor: Actor, code: str, matter: Matter = Matter.AUTHORISE) -> bool:
    """Whether the actor may do this for the subject with this code: its representative, or an agent mandated to."""
    if actor.operator:
        return False
    units = Organisation.objects.filter(code=code).values_list("pk", flat=True)
    return any(actor.holds(role, unit, matter) for unit in units for role in CITIZENS)


def spend(found: Authorisation, day: date) -> bool:
    """Rest a query on an authorisation; False when it allows none any longer. Inside a transaction: of two who would use
    up one that is good for a single query, one wins."""
    held = Authorisation.objects.select_for_update().get(pk=found.pk)
    if not held.in_force(day):
        return False
    held.used_at = timezone.now()
    held.save(update_fields=["used_at"])
    return True


def usable_by(units: Iterable[str], day: date) -> QuerySet[Authorisation]:
    """What these units may still query on that day, the first to end first: not revoked, in its term, not used up."""
    granted = Authorisation.objects.filter(grantee__in=list(units), revoked_at=None, since__lte=day, until__gte=day)
    return granted.exclude(single=True, used_at__isnull=False).order_by("until", "pk")


def _speaks(actor: Actor, code: str) -> None:
    if not speaks(actor, code):
        raise Denied(_("只有信用主体的代表或受托代理人才能授权和撤回授权。"))
