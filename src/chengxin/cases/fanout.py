"""Fan-out (修复结果送达): every change that receivers must follow is brought to each of them, until each has acknowledged.

Follows the change feed, so that nothing depends on who changed the record; each receiver has its own queue and its own
pace (R-231, R-237, F15). Laggards are named.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from chengxin.audit.actions import record as trace
from chengxin.cases import timeline
from chengxin.cases.channels import CHANNELS, Declined, Unreachable
from chengxin.cases.models import Case, Delivery, Receiver
from chengxin.policy.receivers import Receiver as Declared
from chengxin.policy.receivers import Receivers
from chengxin.registry.models import FeedConsumer, RecordVersion
from chengxin.registry.packs import policies
from chengxin.standards.calendar import CalendarEnds

FOLLOWER = "cases.fan-out"
STEP = 1000
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
CLAIM = timedelta(minutes=5)


@dataclass
class Done:
    """What one run did."""

    made: int = 0
    sent: int = 0
    acknowledged: int = 0
    failed: int = 0


def declared() -> dict[str, Declared]:
    """The receivers of the packs in force today, by id."""
    today = timezone.localdate()
    return {r.id: r for pack in policies().of(Receivers) if pack.effective.holds(today) for r in pack.receivers}


def run(now: datetime | None = None) -> Done:
    """Follow the feed, send what waits, gather receipts. Safe to run twice and by two workers at once (F11)."""
    now = now or timezone.now()
    done = Done()
    while step := _follow(timezone.localdate(now)):
        done.made += max(step, 0)
    for receiver_id in Delivery.objects.exclude(state__in=_SETTLED).values_list("receiver", flat=True).distinct():
        receiver, _ = Receiver.objects.get_or_create(pk=receiver_id)
        _gather(receiver, now, done)
        _send(receiver, now, done)
    return done


_SETTLED = (Delivery.State.ACKNOWLEDGED, Delivery.State.REFUSED)


def _follow(day: date) -> int:
    """One stretch of the feed: deliveries made, -1 when there were none in it, 0 at its end."""
    receivers = declared().values()
    wanted = {change for r in receivers for change in r.changes}
    with transaction.atomic():
        FeedConsumer.objects.get_or_create(name=FOLLOWER)
        place = FeedConsumer.objects.select_for_update().get(name=FOLLOWER)
        upto = RecordVersion.objects.filter(pk__in=_window(place.position)).aggregate(upto=Max("pk"))["upto"]
        if upto is None:
            return 0
        found = RecordVersion.objects.filter(pk__gt=place.position, pk__lte=upto, action__in=wanted)
        versions = list(found.select_related("record__subject").defer("payload").order_by("pk"))
        rows = [_delivery(r, v, day) for v in versions for r in receivers if _concerns(r, v)]
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        place.position = upto
        place.save()
    return len(rows) or -1


def _window(position: int) -> QuerySet[RecordVersion, dict[str, int]]:
    return RecordVersion.objects.filter(pk__gt=position).order_by("pk").values("pk")[:STEP]  # type: ignore[return-value]


def _concerns(receiver: Declared, version: RecordVersion) -> bool:
    return version.action in receiver.changes and (not receiver.items or version.record.item in receiver.items)


def _delivery(receiver: Declared, version: RecordVersion, day: date) -> Delivery:
    record = version.record
    try:
        due = policies().calendar.add_working_days(day, receiver.working_days)
    except CalendarEnds:
        due = None
    message = {
        "change": version.pk,
        "action": version.action,
        "record": record.pk,
        "item": record.item,
        "key": record.key,
        "subject": record.subject.code,
        "standing": version.standing,
        "case": version.case,
        "recorded_at": version.recorded_at.isoformat(),
    }
    return Delivery(
        receiver=receiver.id,
        change=version.pk,
        record_id=record.pk,
        case_number=version.case,
        message=message,
        made_on=day,
        due_on=due,
    )


def _send(receiver: Receiver, now: datetime, done: Done) -> None:
    """What waits for this receiver, oldest first; the first failure to reach it ends its turn, and nobody else's."""
    waiting = Delivery.objects.filter(receiver=receiver.pk, state=Delivery.State.WAITING)
    for delivery in waiting.filter(Q(next_try=None) | Q(next_try__lte=now)).order_by("change")[:STEP]:
        mine = waiting.filter(pk=delivery.pk, attempts=delivery.attempts)
        if not mine.update(attempts=F("attempts") + 1, next_try=now + CLAIM):
            continue  # another worker was quicker
        delivery.attempts += 1
        try:
            if receiver.paused:
                raise Unreachable("paused by the operator")
            receipt = CHANNELS[receiver.channel].send(receiver, delivery)
        except Unreachable as reason:
            done.failed += 1
            Delivery.objects.filter(pk=delivery.pk).update(
                next_try=now + pause(delivery.attempts), last_error=str(reason)[:300]
            )
            Delivery.objects.filter(pk__in=waiting.values("pk"), next_try=None).update(next_try=now + FIRST_PAUSE)
            return
        except Declined as reason:
            done.failed += 1
            _settle(delivery, Delivery.State.REFUSED, now, error=str(reason))
            continue
        done.sent += 1
        if receipt:
            done.acknowledged += _settle(delivery, Delivery.State.ACKNOWLEDGED, now, receipt=receipt)
        else:
            Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SENT, next_try=None, last_error="")


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling, bounded, and never for all at the same moment."""
    wait = min(FIRST_PAUSE * 2 ** min(attempts - 1, 16), LONGEST_PAUSE)
    return wait * random.uniform(0.8, 1.2)  # noqa: S311


def _gather(receiver: Receiver, now: datetime, done: Done) -> None:
    """Receipts that the receiver has left; one for a change it was never sent counts for nothing."""
    open_ones = Delivery.objects.filter(receiver=receiver.pk, state=Delivery.State.SENT)
    waiting = {d.change: d for d in open_ones}
    if not waiting:
        return
    for change, receipt in CHANNELS[receiver.channel].receipts(receiver):
        if change in waiting:
            done.acknowledged += _settle(waiting[change], Delivery.State.ACKNOWLEDGED, now, receipt=receipt)


def _settle(delivery: Delivery, state: Delivery.State, now: datetime, *, receipt: str = "", error: str = "") -> int:
    """Note the answer once, in the delivery and in the timeline of the case it comes from."""
    day = timezone.localdate(now)
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(number=delivery.case_number).first()
        mine = Delivery.objects.filter(pk=delivery.pk).exclude(state__in=_SETTLED)
        changed = mine.update(
            state=state, acknowledged_on=day, receipt=receipt[:300], last_error=error[:300], next_try=None
        )
        if changed and case is not None:
            detail = {
                "receiver": delivery.receiver,
                "change": delivery.change,
                "state": state,
                "receipt": receipt[:300],
            }
            timeline.add(case, "delivery", day=day, actor=timeline.SYSTEM, reason=error[:300], detail=detail)
        if changed:
            trace(timeline.SYSTEM, "delivery.settle", "delivery", delivery.pk, state=state, receiver=delivery.receiver)
    return changed


@dataclass(frozen=True)
class Laggard:
    """A receiver that is behind: how many changes it has not acknowledged in time, since when, how many came late."""

    receiver: str
    label: str
    overdue: int
    since: date | None
    late: int


def laggards(day: date) -> list[Laggard]:
    """Every receiver with a change it did not acknowledge in time, the worst first."""
    known = declared()
    behind: dict[str, list[Delivery]] = {}
    unanswered = Q(acknowledged_on=None, due_on__lt=day)
    for delivery in Delivery.objects.filter(unanswered | Q(acknowledged_on__gt=F("due_on"))):
        behind.setdefault(delivery.receiver, []).append(delivery)
    told = []
    for receiver, deliveries in behind.items():
        overdue = [d.due_on for d in deliveries if d.acknowledged_on is None and d.due_on]
        label = known[receiver].label if receiver in known else receiver
        late = sum(d.late for d in deliveries)
        told.append(Laggard(receiver, label, len(overdue), min(overdue, default=None), late))
    return sorted(told, key=lambda x: (-x.overdue, -x.late, x.receiver))
