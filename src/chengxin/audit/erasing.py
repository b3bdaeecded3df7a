"""Erasure (PIPL art. 47): what an event said of a person goes, with the salt of its leaf; the log stays verifiable.

What is left is that something of this kind happened then, and a commitment that without its salt fits any text.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from chengxin.audit.actions import record
from chengxin.audit.models import Erasure, Event, Leaf

KEPT = ("log.archive", "log.key")
"""What the chain of archives and of keys is told by: without it no archive has a number or a predecessor, no key is
announced. Such an event names a number and digests, and of people only the operator in office."""


class NotSealedYet(Exception):
    """Only what is sealed can be erased so that the log can still be checked."""


class Needed(Exception):
    """An event that the log itself is checked by is not erased."""


@transaction.atomic
def erase_events(actor: str, events: Iterable[int], reason: str) -> int:
    """Erase who, what and the detail of these events, and their salts; returns how many were erased now.

    The event `log.erase` says who did it and why; what is erased already stays so. Raises `NotSealedYet`, and `Needed` for
    events of archives and keys (`KEPT`); nothing is erased then.
    """
    asked = set(events)
    if needed := sorted(Event.objects.filter(pk__in=asked, action__in=KEPT).values_list("pk", flat=True)):
        raise Needed(f"events {needed[:5]} carry the chain of archives or keys; leave them out")
    leaves = list(Leaf.objects.filter(kind="event", ref__in=asked).select_for_update())
    if missing := asked - {leaf.ref for leaf in leaves}:
        raise NotSealedYet(f"events {sorted(missing)[:5]} are not sealed yet; seal first")
    fresh = [leaf for leaf in leaves if leaf.salt is not None]
    if not fresh:
        return 0
    trace = record(actor, "log.erase", "log", 1, leaves=len(fresh), reason=reason)
    Erasure.objects.bulk_create(Erasure(leaf_id=leaf.index, event=trace.pk) for leaf in fresh)
    Leaf.objects.filter(pk__in=[leaf.index for leaf in fresh]).update(salt=None)
    numbers = [leaf.ref for leaf in fresh]
    Event.objects.filter(pk__in=numbers).update(actor="", object="", kind="", detail={})
    return len(numbers)
