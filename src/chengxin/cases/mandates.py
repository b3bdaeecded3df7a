"""Mandates (委托): whom a subject lets act for it, in which matters and until when (R-094, R-236; 民法典 161 至 165, 173).

`matters` is the one list of what a mandate may cover: the form of the administrators, the subject's own page, the API and
the permission rules all speak of it. A mandate is a `Membership` as an agent; the subject's representative gives it,
changes it and takes it back at once, without going by the platform's administrators.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts import administering
from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Matter, Membership, Organisation, Role, User
from chengxin.accounts.refusals import Refusal
from chengxin.accounts.rules import require
from chengxin.accounts.words import english
from chengxin.audit.actions import record as trace
from chengxin.policy.procedures import Procedure
from chengxin.registry.packs import policies


class NotEntrusted(Refusal):
    """A mandate that would say too little, or to nobody; the text says what is lacking."""


@dataclass(frozen=True)
class Mandate:
    """Who is entrusted (sign-in name and what they are called: both must be right), with what, and until when."""

    username: str
    name: str
    matters: Iterable[str]
    until: date
    since: date | None = None


def matters(day: date) -> dict[str, str]:
    """Every matter a mandate may be limited to on that day -> its name in the reader's language.

    The looks, answers, reports and authorisations of the own space first, then the procedures in which an agent may act.
    """
    found = {p.id: p for p in policies().of(Procedure) if p.effective.holds(day) and _open_to_agents(p)}
    named = {p.id: p.label_en if english() else p.label for p in sorted(found.values(), key=lambda p: p.id)}
    return {m.value: str(m.label) for m in Matter} | named


@transaction.atomic
def entrust(actor: Actor, unit: Organisation, what: Mandate) -> Membership:
    """Let somebody act for the subject `unit`; given again, matters and term are replaced.

    Raises `Denied` for whoever is not its representative, `NotEntrusted`, and `NotForOneself`.
    """
    require(actor, "mandate.keep", unit.pk)
    today, chosen = timezone.localdate(), sorted(set(what.matters))
    known = matters(today)
    if not chosen or any(m not in known for m in chosen):
        raise NotEntrusted(_("委托要写明事项，从列出的事项里选。"))
    if what.until < max(today, what.since or today):
        raise NotEntrusted(_("委托的截止日期已经过去，或者早于开始日期。"))
    user = User.objects.filter(username=what.username.strip(), is_active=True).first()
    if (
        user is None or (user.display_name or user.username) != what.name.strip()
    ):  # one answer: names are not to be guessed
        raise NotEntrusted(_("没有登录名和姓名都与此相同的人，请向受托人核对。"))
    made = administering.grant(
        actor, user, unit, Role.AGENT, since=what.since, until=what.until, scope=tuple(chosen)
    )  # fmt: skip
    trace(
        actor.name, "mandate.give", "person", user.pk, organisation=unit.pk, scope=chosen,
        since=what.since.isoformat() if what.since else "", until=what.until.isoformat(),
    )  # fmt: skip
    return made


@transaction.atomic
def recall(actor: Actor, held: Membership) -> Membership:
    """Take a mandate back: it counts for nothing from the next request on, and both sides still see that it was.

    Doing it again changes nothing. Raises `Denied`.
    """
    require(actor, "mandate.keep", held.organisation_id)
    kept = Membership.objects.select_for_update().select_related("user", "organisation").get(pk=held.pk)
    yesterday = timezone.localdate() - timedelta(days=1)
    if kept.until is None or kept.until > yesterday:
        kept.until = yesterday
        kept.save(update_fields=["until"])
        trace(actor.name, "mandate.recall", "person", kept.user_id, organisation=kept.organisation_id)
    return kept


def agents_of(unit: str) -> QuerySet[Membership]:
    """Everybody who acts or has acted for this subject, the newest mandate first."""
    return _mandates().filter(organisation=unit).order_by("-pk")


def mandates_of(actor: Actor) -> QuerySet[Membership]:
    """For whom this person acts or has acted, the newest first; those that are over show why a subject is gone."""
    return _mandates().filter(user__username=actor.name).order_by("-pk")


def words_of(held: Membership, known: dict[str, str]) -> list[str]:
    """The matters of a mandate in words; an empty list is all of them. `known` is what `matters` told."""
    return [known.get(m, m) for m in held.scope]


def _mandates() -> QuerySet[Membership]:
    return Membership.objects.filter(role=Role.AGENT).select_related("user", "organisation")


def _open_to_agents(procedure: Procedure) -> bool:
    return any(w.role == Role.AGENT for s in procedure.steps for w in s.who)
