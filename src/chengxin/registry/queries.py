"""What is asked of the register: a subject, its records today or on a past day, the change feed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies, UnknownPolicy
from chengxin.registry import personal
from chengxin.registry.disclosure import Audience, Facts, Shown, disclose
from chengxin.registry.models import Identifier, Record, RecordVersion, Standing, Subject, SubjectKind
from chengxin.registry.rows import Held, current_rows
from chengxin.standards.text import clean_code


@dataclass(frozen=True)
class RecordView:
    """A record in one of its states: the head, the version that was asked for, and its content."""

    head: Record
    version: RecordVersion
    payload: Mapping[str, Any]

    @property
    def standing(self) -> str:
        return self.version.standing


def find_subject(code: str) -> Subject | None:
    """The subject with this code, or that once had it."""
    wanted = clean_code(code) or ""
    subject = Subject.objects.filter(code=wanted).first()
    if subject is None:
        owner = Identifier.objects.filter(value=wanted).select_related("subject").first()
        subject = owner.subject if owner else None
    return subject


def records_of(subject: Subject, *, as_of: date | None = None) -> list[RecordView]:
    """The subject's records as they stand, or as the register said at the end of the day `as_of` (R-082)."""
    if as_of is None:
        views = [RecordView(head, version, json.loads(version.payload)) for head, version in current_rows(subject.pk)]
    else:
        end = timezone.make_aware(datetime.combine(as_of, time.max))
        latest = (
            RecordVersion.objects.filter(record__subject_id=subject.pk, recorded_at__lte=end)
            .values("record_id")
            .annotate(newest=Max("pk"))
            .values_list("newest", flat=True)
        )
        versions = RecordVersion.objects.filter(pk__in=list(latest)).select_related("record")
        views = [RecordView(v.record, v, json.loads(v.payload)) for v in versions]
    return sorted(views, key=lambda v: (v.head.item, -(v.head.decided_on or date.min).toordinal(), v.head.pk))


def history_of(record: Record) -> list[RecordVersion]:
    """Every state the record ever had, the first one first."""
    return list(record.versions.order_by("number"))


def facts_of(view: RecordView, item: Item, subject: Subject) -> Facts:
    """What disclosure needs to know of a record in one of its states."""
    return Facts(
        subject_kind=subject.kind,
        standing=view.version.standing,
        held=view.version.held,
        public=item.disclosure == "public",
        sharing=item.sharing,
        public_until=view.head.public_until,
        retain_until=view.head.retain_until,
        publishable=view.head.publish,
    )


def disclosed(
    view: RecordView, subject: Subject, packs: Policies, *, audience: Audience, purpose: str, day: date
) -> tuple[Item, Shown]:
    """The record's item, in the version it was taken in under, and what this audience sees of it on `day`."""
    item = item_of(view, packs)
    payload = content_of(view, item, subject.code, whole=audience is Audience.SELF)
    shown = disclose(
        facts_of(view, item, subject), payload, item.kept_fields, audience=audience, purpose=purpose, day=day
    )
    if item.personal and audience is not Audience.SELF:
        hidden = {f.id for f in item.sealed_fields} & shown.fields.keys()
        shown = replace(shown, masked=shown.masked | hidden)
    return item, shown


def content_of(view: RecordView, item: Item, code: str, *, whole: bool = False) -> Mapping[str, Any]:
    """What a record says; what is kept sealed of a person masked, or as it was reported for the person alone (`whole`)."""
    return personal.told(view.payload, item, code, whole=whole) if item.personal else view.payload


def item_of(view: RecordView, packs: Policies) -> Item:
    """The item a record belongs to: the version it was taken in under, else the newest. Raises `UnknownPolicy`."""
    versions = packs.versions(view.head.item)
    if not versions:
        raise UnknownPolicy(f"record {view.head.pk} is of item {view.head.item!r}, which the packs no longer have")
    return next((i for i in versions if i.version == view.version.item_version), versions[-1])


def in_effect(day: date) -> Q:
    """Records that stand, marked as disputed or not, and whose time of keeping is not over (R-051, R-230)."""
    stands = Q(standing__in=(Standing.ACTIVE, Standing.DISPUTED))
    return stands & (Q(retain_until=None) | Q(retain_until__gte=day))


def other_claims(record: Record, day: date) -> list[Record]:
    """Records in effect under the same natural key that other source units, or other rows of the same file, state."""
    alike = Record.objects.filter(in_effect(day), key_hash=record.key_hash).exclude(pk=record.pk)
    return list(alike.select_related("subject").order_by("pk"))


@dataclass(frozen=True)
class Stamp:
    """Changes exactly when a subject or one of its records does: for answers that need not be sent twice."""

    text: str
    at: datetime


def stamp_of(held: Held) -> Stamp:
    """The stamp of what the register holds on a subject; what is shown of it depends on the day and the packs as well."""
    changed = held.subject.updated_at
    at = max(changed, held.recorded_at or changed)
    return Stamp(f"{held.subject.pk}-{changed.timestamp():.6f}-{held.records}-{held.newest}", at)


def rivals_of(sources: Iterable[str], day: date) -> list[Record]:
    """Doubtful records in effect of other source units under a natural key that one of `sources` has stated too (R-051)."""
    mine = Record.objects.filter(in_effect(day), key_hash=OuterRef("key_hash"), source__in=list(sources))
    others = Record.objects.filter(in_effect(day), held=True).exclude(source__in=list(sources))
    return list(others.filter(Exists(mine)).select_related("subject").order_by("-change")[:500])


def doubts_of(sources: Iterable[str] | None = None) -> QuerySet[Record]:
    """The records in doubt, of these source units or of all, the newest first."""
    held = Record.objects.filter(held=True).select_related("subject").order_by("-change")
    return held if sources is None else held.filter(source__in=list(sources))


def highest_subject() -> int:
    """The highest number of a subject; 0 where there is none."""
    return Subject.objects.aggregate(highest=Max("pk"))["highest"] or 0


def subjects_between(first: int, after: int) -> Iterable[tuple[str, datetime]]:
    """Code and time of the last change of registered subjects by their numbers; no natural person (for the site map)."""
    rows = Subject.objects.filter(pk__gte=first, pk__lt=after, provisional=False).exclude(
        kind=SubjectKind.NATURAL_PERSON
    )
    return rows.order_by("pk").values_list("code", "updated_at")


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """The present names of the organisations with these codes, never a natural person's, in one query."""
    rows = Subject.objects.filter(code__in=list(codes)).exclude(kind=SubjectKind.NATURAL_PERSON)
    return dict(rows.values_list("code", "name"))
