"""The ways out of a list: on application, because it was wrong, or by itself (G-07, G-08, R-184, R-201)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.registry.lock import writing
from chengxin.standards.months import add_months
from chengxin.supervision.lists.keeping import Paper, add, close, locked, need
from chengxin.supervision.lists.recording import settled
from chengxin.supervision.lists.refusals import NotPossible
from chengxin.supervision.models import Ending, Listing, ListingState, ListingStep
from chengxin.supervision.packs import list_on


def ask_exit(actor: Actor, listing: Listing, conditions: Iterable[int], paper: Paper) -> Listing:
    """Put down an application to leave early (申请提前移出): which conditions of the pack are shown to be met, by number.

    Raises `NotPossible` before the pack's months are over, or when a condition is left out.
    """
    day = paper.on or timezone.localdate()
    require(actor, "list.prepare", listing.department)
    with writing():
        entry = locked(listing.pk)
        early = list_on(entry.list, entry.proposed_on).list.exit.early
        if early is None or entry.listed_on is None or not entry.holds(day):
            raise NotPossible(_("这一条不在名单中，或者这个名单没有提前移出的规定。"))
        first = add_months(entry.listed_on, early.after_months)
        if day < first:
            raise NotPossible(_("最早自 %(day)s 起可以申请提前移出。"), day=first)
        lacking = [c for n, c in enumerate(early.conditions, 1) if n not in set(conditions)]
        if lacking:
            raise NotPossible(_("提前移出还缺：%(conditions)s。"), conditions="；".join(lacking))
        need(paper, "exit-request")
        add(entry, "exit-request", actor, paper, day)
    return entry


def decide_exit(actor: Actor, listing: Listing, paper: Paper) -> Listing:
    """Decide on the newest application (outcome "leave" or "stay"); whoever put it down may not."""
    day = paper.on or timezone.localdate()
    require(actor, "list.judge", listing.department)
    with writing():
        entry = locked(listing.pk)
        last = entry.steps.filter(kind__in=["exit-request", "exit-decision"]).order_by("-pk").first()
        if last is None or last.kind != "exit-request" or not entry.holds(day):
            raise NotPossible(_("没有待决定的提前移出申请。"))
        if last.actor == actor.name:
            raise NotPossible(_("%(actor)s 经办了这份申请，不能再作决定，请由另一位办理。"), actor=actor.name)
        if paper.outcome not in ("leave", "stay"):
            raise NotPossible(_("结果应为 leave（移出）或者 stay（不移出）。"))
        need(paper, "decision")
        add(entry, "exit-decision", actor, paper, day)
        if paper.outcome == "leave":
            close(entry, Ending.EARLY, day)
            entry.save()
    return settled(entry, actor.name)


def revoke(actor: Actor, listing: Listing, paper: Paper) -> Listing:
    """Undo a wrong listing (列入有误), wherever it stands: its measures are lifted, and its history says so (R-201, G-08)."""
    day = paper.on or timezone.localdate()
    require(actor, "list.judge", listing.department)
    with writing():
        entry = locked(listing.pk)
        if entry.state == ListingState.REVOKED:
            return entry
        need(paper, "decision")
        add(entry, "exit", actor, Paper(paper.document, paper.text, Ending.WRONG, day), day)
        close(entry, Ending.WRONG, entry.ended_on or day)
        entry.save()
    return settled(entry, actor.name)


def leave(listing_id: int, ending: Ending, actor: str, text: str, day: date) -> None:
    """End an entry without a person's decision: its term is over, its records are repaired or withdrawn."""
    with writing():
        entry = locked(listing_id)
        if entry.ended_on is not None:
            return
        ListingStep.objects.create(listing=entry, kind="exit", actor=actor, on=day, outcome=ending, text=text)
        close(entry, ending, day)
        entry.save()
        trace(actor, "listing.exit", "listing", entry.pk, ending=str(ending))
    settled(entry, actor)
