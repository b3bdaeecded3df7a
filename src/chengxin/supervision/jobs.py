"""The background work of supervision: follow the register's changes, and what the calendar ends by itself.

Safe to run twice and to run late: what has ended has no effect even before this has run (`Listing.holds`, the embedded
check), this writes it down and tells the implementing bodies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Max

from chengxin.registry.models import FeedConsumer, RecordVersion
from chengxin.supervision.alerts.finding import find
from chengxin.supervision.alerts.telling import tell_moves
from chengxin.supervision.lists.following import follow_grounds, mirror
from chengxin.supervision.lists.leaving import leave
from chengxin.supervision.lists.recording import settle_all
from chengxin.supervision.measures.matching import reconcile
from chengxin.supervision.merged import follow_merged
from chengxin.supervision.models import Ending, Listing

CONSUMER = "supervision"
_STEP = 1000
_MANY = 20_000


@dataclass
class Work:
    """What a run did."""

    changes: int = 0
    ended: int = 0
    mirrored: int = 0
    removed: int = 0
    began: int = 0
    lifted: int = 0
    alerts: int = 0
    owed: dict[str, str] = field(default_factory=dict)
    """Entries of lists of which the register could not be told, and why."""
    not_run: dict[str, str] = field(default_factory=dict)
    """Rules of alerts that could not be run, and why."""


def follow(day: date, actor: str = "supervision") -> Work:
    """Take up the register's changes since the last run: listings, measures and alerts of the subjects they touch.

    After a large import it is quicker to look at everybody once than at each thousand changes.
    """
    work = Work()
    consumer, _ = FeedConsumer.objects.get_or_create(name=CONSUMER)
    newest = RecordVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0
    if newest - consumer.position > _MANY:
        work.changes = newest - consumer.position
        work.ended += follow_grounds(None, actor, day)
        _take_up(work, day, actor, None)
        FeedConsumer.objects.filter(pk=CONSUMER).update(position=newest)
    while _step(work, day, actor):
        pass
    work.alerts += tell_moves(day, actor)
    work.owed = settle_all(actor)
    return work


def daily(day: date, actor: str = "supervision") -> Work:
    """Once a day: terms that are over, lists decided elsewhere, measures by grade, alerts of the calendar."""
    follow_merged(day)
    work = follow(day, actor)
    over = Listing.objects.filter(ended_on=None, record=None, expires_on__lt=day)
    for pk in over.values_list("pk", flat=True):
        leave(pk, Ending.EXPIRED, actor, "期限届满，自动移出", day)
        work.ended += 1
    _take_up(work, day, actor, None)
    return work


def _take_up(work: Work, day: date, actor: str, only: Sequence[int] | None) -> None:
    """Lists decided elsewhere, measures, alerts: of these subjects, or of all."""
    came, went = mirror(actor, day, only=only)
    matched = reconcile(day, actor, only=only)
    found = find(day, actor, only=only)
    work.mirrored, work.removed = work.mirrored + came, work.removed + went
    work.began, work.lifted = work.began + matched.began, work.lifted + matched.ended
    work.alerts, work.not_run = work.alerts + found.told, work.not_run | found.not_run


def _step(work: Work, day: date, actor: str) -> bool:
    consumer, _ = FeedConsumer.objects.get_or_create(name=CONSUMER)
    rows = RecordVersion.objects.filter(pk__gt=consumer.position).order_by("pk")
    changes = list(rows.values_list("pk", "record_id", "subject_id_then")[:_STEP])
    if not changes:
        return False
    records = {record for _, record, _ in changes}
    subjects = sorted(_subjects(records) | {subject for _, _, subject in changes})
    work.changes += len(changes)
    work.ended += follow_grounds(records, actor, day)
    _take_up(work, day, actor, subjects)
    # Last of all: a run that dies on the way does the same again, which changes nothing.
    FeedConsumer.objects.filter(pk=CONSUMER).update(position=changes[-1][0])
    return True


def _subjects(records: set[int]) -> set[int]:
    """A record that moved to another subject touches both."""
    rows = RecordVersion.objects.filter(record_id__in=records).values_list("subject_id_then", flat=True)
    return set(rows)
