"""What is asked of collection: which batches somebody may see, what waits for whom, how a batch came out, how fresh the
data of each source unit is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.models import Role
from chengxin.accounts.rules import restrict
from chengxin.collection import evidence
from chengxin.collection.models import Batch, State
from chengxin.registry.sql import asked

_RECENT = timedelta(days=30)
_NUMBER = re.compile(r"([0-9]{6})-([0-9]{6,18})")


def visible(actor: Actor) -> QuerySet[Batch]:
    """The batches that `actor` may see, the newest first."""
    return restrict(actor, "batch.see", Batch.objects.select_related("source")).order_by("-pk")


def find(actor: Actor, number: str) -> Batch:
    """The batch with this number, if `actor` may see it. Raises `Batch.DoesNotExist` for all others alike."""
    parts = _NUMBER.fullmatch(number)
    found = visible(actor).filter(pk=int(parts[2])).first() if parts else None
    if found is None or found.number != number:
        raise Batch.DoesNotExist(number)
    return found


def answer(batch: Batch) -> dict[str, Any]:
    """How a batch came out: the contract of `chengxin submit --json` and of the API; keys are only ever added."""
    receipt = evidence.folder_of(batch.pk) / "receipt.csv"
    return {
        "batch": batch.number,
        "item": batch.item,
        "state": batch.state,
        "received": batch.received,
        "stored": batch.stored,
        "created": batch.created,
        "updated": batch.updated,
        "unchanged": batch.unchanged,
        "rejected": batch.rejected,
        "doubtful": batch.doubtful,
        "warned": batch.warned,
        "repeated": batch.repeated,
        "receipt": str(receipt) if receipt.exists() else None,
        "seconds": batch.seconds,
        "faults": [{k: f[k] for k in ("rule", "field", "level", "count")} for f in batch.faults],
        "reason": batch.reason or None,
    }


def to_release(actor: Actor) -> QuerySet[Batch]:
    """Checked batches that wait for this very auditor: of their units and not submitted by themselves (R-024)."""
    units = actor.organisations(Role.AUDITOR)
    return visible(actor).filter(state=State.CHECKED, source_id__in=units).exclude(submitted_by=actor.name)


def to_mend(actor: Actor) -> QuerySet[Batch]:
    """Batches of the reporter's units that came back in the last thirty days and were not sent in again since."""
    units = actor.organisations(Role.REPORTER)
    since = timezone.now() - _RECENT
    newest = Batch.objects.filter(source_id__in=units).values("source_id", "item").annotate(newest=Max("pk"))
    back = visible(actor).filter(state__in=(State.REFUSED, State.RETURNED), submitted_at__gte=since)
    return back.filter(pk__in=newest.values("newest"))


def before(batch: Batch, *, limit: int = 6) -> list[Batch]:
    """The unit's earlier batches of the same item that were checked, the newest first: what an auditor compares with."""
    earlier = Batch.objects.filter(source_id=batch.source_id, item=batch.item, pk__lt=batch.pk, mends=None)
    return list(earlier.filter(checked_at__isnull=False, received__gt=0).order_by("-pk")[:limit])


@dataclass(frozen=True)
class Freshness:
    """A source unit and the moment up to which the register holds what it sent."""

    source: str
    name: str
    name_en: str
    stored_at: datetime


def freshness() -> list[Freshness]:
    """Every source unit of which something has been stored, the latest first; for everybody (anchors.md 1.12)."""
    rows = (
        Batch.objects.filter(state=State.STORED)
        .values_list("source_id", "source__name", "source__name_en")
        .annotate(latest=Max("stored_at"))
        .order_by("-latest", "source_id")
    )
    return [Freshness(*row) for row in rows]


def numbers_of(batches: Iterable[int]) -> dict[int, str]:
    """The numbers by which people call these batches: where a record came from, in one query."""
    wanted = sorted(set(batches))
    if not wanted:
        return {}
    among = ", ".join(["%s"] * len(wanted))
    rows = asked(f"SELECT id, month FROM collection_batch WHERE id IN ({among})", wanted)
    return {pk: Batch(pk=pk, month=month).number for pk, month in rows}
