"""The register's verbs: the only ways in which a record changes other than by a batch (design.md section 2).

Each is one transaction, appends a version with its reason, writes an event of the audit trail and returns the number it
got in the change feed. Who may call them is decided by the room that calls (cases, collection).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from chengxin.audit.actions import record as trace
from chengxin.registry.doubting import Decision, decide
from chengxin.registry.lock import writing
from chengxin.registry.models import Record, RecordVersion, Standing


class NotPossible(Exception):
    """The record does not stand where this verb can take it; the text says where it stands."""


@dataclass(frozen=True)
class Because:
    """Who changes a record and why. `reason` is what the subject reads; `case` the procedure that decided."""

    actor: str
    reason: str
    case: str = ""


_FROM: dict[str, tuple[str, ...]] = {
    "dispute": (Standing.ACTIVE,),
    "uphold": (Standing.DISPUTED,),
    "repair": (Standing.ACTIVE, Standing.DISPUTED, Standing.SHIELDED),
    "shield": (Standing.ACTIVE, Standing.DISPUTED),
    "unshield": (Standing.SHIELDED,),
    "withdraw": (Standing.ACTIVE, Standing.DISPUTED, Standing.REPAIRED, Standing.SHIELDED),
    "reinstate": (Standing.WITHDRAWN, Standing.REPAIRED),
    "archive": (Standing.ACTIVE, Standing.DISPUTED, Standing.REPAIRED, Standing.WITHDRAWN, Standing.SHIELDED),
}
_TO = {
    "dispute": Standing.DISPUTED,
    "uphold": Standing.ACTIVE,
    "repair": Standing.REPAIRED,
    "shield": Standing.SHIELDED,
    "unshield": Standing.ACTIVE,
    "withdraw": Standing.WITHDRAWN,
    "reinstate": Standing.ACTIVE,
    "archive": Standing.ARCHIVED,
}


def change_standing(record_id: int, verb: str, why: Because, *, on: date | None = None) -> int:
    """dispute, uphold (an objection refused), repair, shield or unshield (bankruptcy), withdraw, reinstate or archive.

    Nothing is repaired before the first day on which repair may be asked for (R-229), but what a court's ruling has
    shielded. Raises `NotPossible`.
    """
    with writing():
        head = Record.objects.select_for_update().get(pk=record_id)
        if head.standing not in _FROM[verb]:
            raise NotPossible(f"{head} is {head.standing}; {verb} needs one of {', '.join(_FROM[verb])}")
        day = on or timezone.localdate()
        if verb == "repair" and head.standing != Standing.SHIELDED and head.repair_from and day < head.repair_from:
            raise NotPossible(f"{head} may be repaired from {head.repair_from}; it is {day}")
        head.standing = _TO[verb]
        return _append(head, verb, why)


def settle_doubt(record_id: int, why: Because, *, stands: bool = True) -> int:
    """The source unit confirms that a doubtful record is right as it stands, or withdraws it as wrong (R-051).

    What either means stands with `doubting.decide`, which decides many at once. Raises `NotPossible` when it is not in doubt.
    """
    made = decide(why.actor, [Decision(record_id, 0, stands, why.reason)])
    if record_id not in made:
        raise NotPossible(f"record {record_id} is not in doubt")
    verb = "settle" if stands else "drop"
    trace(why.actor, f"record.{verb}", "record", record_id, reason=why.reason, change=made[record_id])
    return made[record_id]


def annotate(record_id: int, why: Because) -> int:
    """Add a remark to the history without changing the record."""
    with writing():
        return _append(Record.objects.select_for_update().get(pk=record_id), "annotate", why)


def mark_due(records: Iterable[Record], verb: str, why: Because) -> int:
    """The daily work on a set of records: one version each, in the order given; returns how many."""
    count = 0
    for head in records:
        _append(head, verb, why, traced=False)
        count += 1
    return count


def append_version(
    head: Record, action: str, why: Because, *, payload: str | None = None, item_version: str = ""
) -> int:
    """Save a head that a verb of this floor has changed and append the version that says so; returns its number."""
    return _append(head, action, why, payload=payload, item_version=item_version)


def _append(
    head: Record,
    action: str,
    why: Because,
    *,
    payload: str | None = None,
    item_version: str = "",
    traced: bool = True,
) -> int:
    before = RecordVersion.objects.get(pk=head.change)
    version = RecordVersion.objects.create(
        record_id=head.pk,
        number=head.number + 1,
        action=action,
        standing=head.standing,
        held=head.held,
        severity=head.severity,
        subject_id_then=head.subject_id,
        payload=before.payload if payload is None else payload,
        content_hash=head.content_hash,
        item_version=item_version or before.item_version,
        case=why.case,
        actor=why.actor,
        reason=why.reason,
        recorded_at=timezone.now(),
    )
    head.number, head.change = version.number, version.pk
    head.save()
    if traced:
        trace(why.actor, f"record.{action}", "record", head.pk, reason=why.reason, case=why.case, change=version.pk)
    return version.pk
