"""The work on batches: check what was received, merge what was released; safe to kill at any moment.

A batch is claimed by compare and set with a lease. Whoever works renews the lease chunk by chunk; when it runs out, or
its process is gone from this machine, the next worker takes the batch over and goes on where the register stands.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from chengxin.audit.actions import record as trace
from chengxin.collection import evidence
from chengxin.collection.checking import Checked
from chengxin.collection.models import Batch, State
from chengxin.collection.persons import check_file_of, merge_file_of
from chengxin.collection.register_findings import add_judged
from chengxin.collection.states import WORKING
from chengxin.collection.verdict import Verdict
from chengxin.engine.check import RuleFault
from chengxin.engine.readers import FileRefused
from chengxin.registry import search, tallies
from chengxin.registry.merge import Header, Outcome
from chengxin.registry.packs import policies
from chengxin.registry.processes import lives

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
CLAIMABLE = {State.RECEIVED: State.CHECKING, State.RELEASED: State.MERGING}


INLINE_BYTES = 2_000_000
"""A file up to this size is checked, and merged, in the request that asks for it: that takes less time than a reader
needs to look up again, and it works where no worker runs. Larger files wait for the worker."""


class Lost(Exception):
    """Another worker took the batch over; this one stops without touching it."""


def run(batch: Batch) -> Batch:
    """Do what the batch waits for, here and now; a batch that waits for a person comes back unchanged."""
    with _claimed(batch) as mine:
        if mine and batch.state == State.CHECKING:
            _check(batch)
        elif mine and batch.state == State.MERGING:
            _merge(batch)
    batch.refresh_from_db()
    return batch


def run_if_small(batch: Batch) -> Batch:
    """Do the work at once when it is quick, so that whoever asked has the answer in front of them; else leave it."""
    return run(batch) if batch.file_size <= INLINE_BYTES else batch


def see_through(batch: Batch, *, pause: float = 0.2) -> Batch:
    """Do what the batch waits for, or wait for the worker that was quicker, until it is a person's turn."""
    while run(batch).state in WORKING:
        time.sleep(pause)
    return batch


def retry() -> int:
    """Put the batches that wait for an operator back to work, each where it stopped; returns how many."""
    waiting_for_us = Batch.objects.filter(state=State.WAITING)
    released = waiting_for_us.exclude(released_by="").update(state=State.RELEASED, reason="", reason_en="")
    return released + waiting_for_us.filter(released_by="").update(state=State.RECEIVED, reason="", reason_en="")


def work(
    *,
    once: bool = False,
    pause: float = 1.0,
    idle: Callable[[], None] = lambda: None,
    daily: Callable[[date], object] = lambda _day: None,
) -> int:
    """Take batches one after the other for ever, or until nothing waits (`once`); returns how many were worked on.

    `idle` is called whenever nothing waits, `daily` by a worker that stays, once a day.
    """
    count = 0
    day = None
    while True:
        if not once and day != timezone.localdate():
            day = timezone.localdate()
            daily(day)
        batch = waiting().first()
        if batch is None:
            idle()
            if once:
                return count
            time.sleep(pause)
            continue
        run(batch)
        count += 1


def waiting() -> QuerySet[Batch]:
    """Batches that need a worker: received or released, or left behind by one that died."""
    left_behind = Q(state__in=list(CLAIMABLE.values())) & (Q(lease_until__lt=timezone.now()) | Q(lease__in=_dead()))
    return Batch.objects.filter(Q(state__in=list(CLAIMABLE)) | left_behind).order_by("pk")


def _check(batch: Batch) -> None:
    packs = policies()
    day = timezone.localdate(batch.submitted_at)
    item = packs.item(batch.item, day)
    try:
        checked = check_file_of(
            batch, item, packs,
            reported_on=day, today=timezone.localdate(), folder=evidence.folder_of(batch.pk),
            progress=lambda rows: _renew(batch, rows_done=rows),
        )  # fmt: skip
    except FileRefused as refusal:
        _finish(batch, State.REFUSED, reason=refusal.message, reason_en=refusal.message_en)
    except RuleFault as fault:
        log.error("batch %s: rule %s cannot be computed: %s", batch.number, fault.rule, fault.reason)
        _finish(batch, State.WAITING, reason=str(fault), reason_en=str(fault))
    else:
        _finish(batch, State.CHECKED, **_outcome(checked), item_version=item.version, rules_digest=packs.digest)


def _outcome(checked: Checked) -> dict[str, object]:
    verdict = checked.verdict
    return {
        "received": checked.received,
        "rejected": len(verdict.rejected),
        "doubtful": len(verdict.doubtful),
        "warned": len(verdict.warned),
        "repeated": len(verdict.repeated),
        "late": checked.late,
        "faults": checked.faults,
        "headings": checked.headings,
        "file_format": checked.format,
        "file_encoding": checked.encoding,
        "seconds": checked.seconds,
        "checked_at": timezone.now(),
        "rows_done": 0,
    }


def _merge(batch: Batch) -> None:
    packs = policies()
    day = timezone.localdate(batch.submitted_at)
    item = packs.item(batch.item, day)
    folder = evidence.folder_of(batch.pk)
    started = time.monotonic()
    header = Header(item.id, item.version, batch.source_id, batch.pk, batch.submitted_by, master=item.record.master)
    merge_file_of(
        batch, item, packs, header, Verdict.load(folder / "verdict.parquet"),
        region=batch.source.region, reported_on=day, today=timezone.localdate(), done=batch.rows_done,
        progress=lambda upto, outcome: _merged(batch, upto, outcome),
    )  # fmt: skip
    batch.refresh_from_db()
    counts = add_judged(batch, item, packs)
    seconds = round(batch.seconds + time.monotonic() - started, 3)
    _finish(batch, State.STORED, stored_at=timezone.now(), seconds=seconds, judged=[], **counts)
    search.follow()
    tallies.follow_if_small()


def _merged(batch: Batch, upto: int, outcome: Outcome) -> None:
    """Inside the transaction of the chunk: what is in the register and what the batch says of it cannot differ."""
    held = {
        "rows_done": upto,
        "created": F("created") + outcome.created,
        "updated": F("updated") + outcome.updated,
        "unchanged": F("unchanged") + outcome.unchanged,
        "held": F("held") + outcome.held,
    }
    if outcome.first_change is not None:
        held["last_change"] = outcome.last_change
        if batch.first_change is None:
            held["first_change"] = batch.first_change = outcome.first_change
    if outcome.judged:
        batch.judged = [*batch.judged, *outcome.judged]
        held["judged"] = batch.judged
    _renew(batch, **held)


def _renew(batch: Batch, **changes: object) -> None:
    kept = Batch.objects.filter(pk=batch.pk, lease=batch.lease).update(lease_until=timezone.now() + LEASE, **changes)
    if not kept:
        raise Lost(batch.number)


def _finish(batch: Batch, state: State, **changes: object) -> None:
    with transaction.atomic():
        _renew(batch, state=state, **changes)
        Batch.objects.filter(pk=batch.pk).update(lease="", lease_until=None)
        trace("system", f"batch.{state}", "batch", batch.pk, reason=str(changes.get("reason", ""))[:500])


@contextmanager
def _claimed(batch: Batch) -> Iterator[bool]:
    """Take the batch if it waits for work; False when somebody else has it or it waits for a person."""
    batch.refresh_from_db()
    before = batch.state
    after = CLAIMABLE.get(State(before), State(before))
    free = waiting().filter(pk=batch.pk, state=before)
    batch.lease = f"{socket.gethostname()}:{os.getpid()}:{time.monotonic_ns()}"
    mine = bool(free.update(state=after, lease=batch.lease, lease_until=timezone.now() + LEASE))
    if mine:
        batch.state = after
    try:
        yield mine
    except Lost:
        log.warning("batch %s was taken over by another worker", batch.number)
    except Exception as fault:
        # One poisoned batch must not stop the worker; it waits with its reason, and nothing of it is half stored.
        log.exception("batch %s cannot be worked on", batch.number)
        _finish(batch, State.WAITING, reason=f"{type(fault).__name__}: {fault}"[:2000])


def _dead() -> list[str]:
    """Leases of processes of this machine that no longer live: no need to wait for them."""
    here = f"{socket.gethostname()}:"
    leases = Batch.objects.filter(state__in=list(CLAIMABLE.values())).values_list("lease", flat=True)
    return [lease for lease in leases if lease.startswith(here) and not lives(int(lease.split(":")[1]))]
