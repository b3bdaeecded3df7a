"""An entry decided here becomes a record of the register, which every consumer of the register then sees (G-01, G-08).

The word stands in the pack (`recorded`). A change of the entry and what the register is owed for it are one transaction;
the register is told at once, and by the next run of the jobs where that could not be done or a process died: entering
the same row twice changes nothing.
"""

from __future__ import annotations

import logging
from datetime import date

from django.utils import timezone

from chengxin.policy.lists import Criterion, Recorded
from chengxin.policy.policies import UnknownPolicy
from chengxin.policy.schema import basis_text
from chengxin.registry.actions import Because, NotPossible, change_standing
from chengxin.registry.entering import NotTaken, StagedRow, end_publicity, enter, stage_one
from chengxin.registry.lock import writing
from chengxin.registry.models import Record, Standing
from chengxin.registry.packs import policies
from chengxin.supervision.lists.keeping import locked
from chengxin.supervision.models import Ending, Listing, ListingStep
from chengxin.supervision.packs import list_on

log = logging.getLogger(__name__)
_HOLDING = (Standing.ACTIVE, Standing.DISPUTED)
_NOT_NOW = (NotTaken, NotPossible, UnknownPolicy)


def settled(entry: Listing, actor: str) -> Listing:
    """The entry, with the register told of it; where the register does not take it, it stays owed and is said so."""
    if entry.owed:
        try:
            settle(entry.pk, actor)
        except _NOT_NOW as why:
            log.warning("%s: the register does not take it yet: %s", entry, why)
        entry.refresh_from_db(fields=["entered", "owed"])
    return entry


def settle_all(actor: str) -> dict[str, str]:
    """Tell the register whatever it is owed; returns the numbers of entries that it did not take, with the reasons."""
    refused = {}
    for entry in Listing.objects.filter(owed=True).order_by("pk"):
        try:
            settle(entry.pk, actor)
        except _NOT_NOW as why:
            refused[entry.number] = str(why)
    return refused


def settle(pk: int, actor: str) -> None:
    """Tell the register where one entry stands. Raises `NotTaken` with the sentences of the item's rules."""
    seen = Listing.objects.get(pk=pk)
    told = list_on(seen.list, seen.proposed_on).list.recorded
    # What a row becomes is computed before the lock is held; who changes the entry meanwhile settles it again.
    day = max(timezone.localdate(), seen.ended_on or date.min)
    row = _row(seen, told, day) if told and seen.ending != Ending.WRONG else None
    with writing():
        entry = locked(pk)
        if not entry.owed or (entry.ended_on, entry.ending) != (seen.ended_on, seen.ending):
            return
        because = Because(actor, f"{entry.number} {entry.get_ending_display() or '列入名单'}")
        if entry.ending == Ending.WRONG:
            _withdraw(entry, because)
        elif row is not None:
            _enter(entry, row, because, day)
        entry.owed = False
        entry.save(update_fields=["entered", "owed"])


def _enter(entry: Listing, row: StagedRow, because: Because, day: date) -> None:
    """A record that a case has repaired or withdrawn meanwhile stays as it is."""
    own = Record.objects.filter(pk=entry.entered).first() if entry.entered else None
    if own is not None and own.standing not in _HOLDING:
        return
    record = enter(row, because)
    entry.entered = record.pk
    if entry.ended_on is not None and record.publish and (record.public_until is None or record.public_until >= day):
        end_publicity(record.pk, day, because)


def _withdraw(entry: Listing, because: Because) -> None:
    """A wrong listing is undone everywhere (R-201): the register tells all who follow it."""
    if entry.entered and Record.objects.filter(pk=entry.entered, standing__in=[*_HOLDING, Standing.REPAIRED]).exists():
        change_standing(entry.entered, "withdraw", because)


def _row(entry: Listing, told: Recorded, day: date) -> StagedRow:
    gaps = _gaps(entry)
    texts = {**told.listed, **(told.left if entry.ended_on else {})}
    filled = {name: text.format_map(gaps) for name, text in texts.items()}
    return stage_one(told.item, {name: text for name, text in filled.items() if text}, entry.department, day)


def _gaps(entry: Listing) -> dict[str, str]:
    rules, agency = list_on(entry.list, entry.proposed_on).list, policies().agency(entry.department)
    criterion: Criterion | None = next((c for c in rules.criteria if c.id == entry.criterion), None)
    documents = dict(entry.steps.order_by("pk").values_list("kind", "document"))
    return {
        "subject": entry.subject.name, "code": entry.subject.code, "list": rules.label,
        "criterion": criterion.label if criterion else "", "reason": entry.reason, "basis": basis_text(rules.basis),
        "document": documents.get("decision", ""), "listed_on": _day(entry.listed_on),
        "published_on": _day(entry.published_on), "expires_on": _day(entry.expires_on), "department": agency.name,
        "department_code": agency.code or "", "ending": entry.get_ending_display(), "ended_on": _day(entry.ended_on),
        "exit_document": _exit_document(entry),
    }  # fmt: skip


def _exit_document(entry: Listing) -> str:
    last = ListingStep.objects.filter(listing=entry, kind__in=["exit", "exit-decision"]).order_by("-pk").first()
    return last.document if last else ""


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
