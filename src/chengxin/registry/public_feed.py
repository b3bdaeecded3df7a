"""The change feed as the public may follow it, so that a copy can keep up with what is shown and with what no longer is.

Every record stands in it once, at its newest change and as it stands now: what was repaired, withdrawn or corrected is
nowhere in it in its old state. A record that has left publicity is `hidden` under its bare number, which means something
only to whoever holds a copy; what was never public, and natural persons, are not in it at all (G-09, G-13).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.utils import timezone

from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.registry.disclosure import Audience, refusal
from chengxin.registry.models import Record, RecordVersion, Subject
from chengxin.registry.packs import policies
from chengxin.registry.public import SHOWN
from chengxin.registry.queries import RecordView, facts_of, item_of

HIDDEN = "hidden"


@dataclass(frozen=True)
class Change:
    """What the public learns of a record's newest change. Of a hidden one all but `number`, `record` and `action` is None.

    `public_until` is the last day on which a copy may show the record unless told otherwise.
    """

    number: int
    record: int
    action: str
    subject: str | None = None
    item: str | None = None
    standing: str | None = None
    recorded_at: datetime | None = None
    public_until: date | None = None


@dataclass(frozen=True)
class Step:
    """Some changes and the position to go on from; `more` says whether there is more already."""

    changes: list[Change]
    next: int
    more: bool


def public_changes(after: int, *, limit: int = 200, day: date | None = None) -> Step:
    """The public view of the next `limit` changes after position `after`; fewer come out, as not all are public (R-100)."""
    day = day or timezone.localdate()
    newest = RecordVersion.objects.filter(pk__gt=after, pk=F("record__change")).select_related("record")
    found = list(newest.defer("payload").order_by("pk")[: limit + 1])
    step = found[:limit]
    subjects = Subject.objects.in_bulk({v.record.subject_id for v in step})
    packs = policies()
    shown, gone = [], []
    for version in step:
        subject = subjects.get(version.record.subject_id)
        if subject is None or subject.kind == "natural_person":
            continue
        if _visible(version, subject, packs, day):
            shown.append(_shown(version, subject))
        else:
            gone.append(version)
    changes = [*shown, *_hidden(gone, packs)]
    return Step(sorted(changes, key=lambda c: c.number), step[-1].pk if step else after, len(found) > limit)


def _visible(version: RecordVersion, subject: Subject, packs: Policies, day: date) -> bool:
    view = RecordView(version.record, version, {})
    try:
        facts = facts_of(view, item_of(view, packs), subject)
    except UnknownPolicy:
        return False
    return not refusal(facts, Audience.PUBLIC, "", day)


def _shown(version: RecordVersion, subject: Subject) -> Change:
    head = version.record
    return Change(
        number=version.pk,
        record=head.pk,
        action=version.action,
        subject=subject.code,
        item=head.item,
        standing=version.standing,
        recorded_at=version.recorded_at,
        public_until=head.public_until,
    )


def _hidden(versions: Iterable[RecordVersion], packs: Policies) -> list[Change]:
    """Of the records that are not public now, those that once may have been: their copies have to go."""
    heads = {v.record_id: v for v in versions if _public_item(v.record, packs)}
    earlier = RecordVersion.objects.filter(record_id__in=heads, pk__lt=F("record__change"))
    once = set(earlier.filter(held=False, standing__in=SHOWN).values_list("record_id", flat=True))
    return [Change(v.pk, record, HIDDEN) for record, v in heads.items() if record in once]


def _public_item(head: Record, packs: Policies) -> bool:
    return any(item.disclosure == "public" for item in packs.versions(head.item))
