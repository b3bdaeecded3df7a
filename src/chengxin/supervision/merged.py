"""Two subjects that turned out to be one: a registration joins what was known under an old number (R-071).

The register moves the records and drops the old subject; what supervision holds on it follows its records.
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from chengxin.registry.models import RecordVersion, Subject
from chengxin.supervision.models import Alert, Enforcement, Listing, MeasureUse, Task

_TABLES = (Listing, Enforcement, MeasureUse, Task, Alert)


def follow_merged(day: date) -> int:
    """Move the rows of subjects that are gone to the subjects that have their records now; returns how many subjects."""
    gone: set[int] = set()
    for table in _TABLES:
        lost = table.objects.filter(subject_id__isnull=False).exclude(
            Exists(Subject.objects.filter(pk=OuterRef("subject_id")))
        )
        gone |= set(lost.values_list("subject_id", flat=True))
    moved = {old: new for old in gone if (new := _now(old)) is not None}
    for old, new in sorted(moved.items()):
        for table in _TABLES:
            for pk in table.objects.filter(subject_id=old).values_list("pk", flat=True):
                _move(table, pk, new, day)
    return len(moved)


def _now(old: int) -> int | None:
    """The subject that has the records of `old` today; None when nobody can tell."""
    rows = RecordVersion.objects.filter(subject_id_then=old, record__subject__isnull=False)
    return rows.exclude(record__subject_id=old).values_list("record__subject_id", flat=True).first()


def _move(table: type[Listing | Enforcement | MeasureUse | Task | Alert], pk: int, new: int, day: date) -> None:
    try:
        with transaction.atomic():
            table.objects.filter(pk=pk).update(subject_id=new)
    except IntegrityError:
        # One open row a subject is enough: of two that meet, the old subject's ends.
        for ending in (Listing, Enforcement):
            if table is ending:
                ending.objects.filter(pk=pk).update(subject_id=new, ended_on=day)
