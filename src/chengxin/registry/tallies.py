"""Counts of what is public, made set by set and kept: pages read a few rows where counting would read millions (R-349).

Everything is counted anew in one statement per axis, of today's public records only. On a small register that happens
after every merge, on a larger one when the worker follows; on a large one at most every ten minutes, and once a day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from chengxin.registry.lock import writing
from chengxin.registry.models import Record, Tally
from chengxin.registry.packs import policies
from chengxin.registry.public import no_person, public_sql

_AT_ONCE = 20_000
_SMALL = 200_000
_REST = timedelta(minutes=10)
_MONTH = {"sqlite": "strftime('%%Y-%%m', r.decided_on)", "postgresql": "to_char(r.decided_on, 'YYYY-MM')"}


@dataclass
class Tallies:
    """The public register in numbers: per item by source, region of the subject and month of decision; subjects by kind."""

    made_at: datetime | None = None
    by_source: dict[str, Counter[str]] = field(default_factory=dict)
    by_region: dict[str, Counter[str]] = field(default_factory=dict)
    by_month: dict[str, Counter[str]] = field(default_factory=dict)
    by_status: dict[str, Counter[str]] = field(default_factory=dict)
    subjects: Counter[str] = field(default_factory=Counter)

    @property
    def by_item(self) -> Counter[str]:
        return Counter({item: sum(c.values()) for item, c in self.by_source.items()})

    @property
    def records(self) -> int:
        return sum(self.by_item.values())

    @property
    def sources(self) -> int:
        return len(summed(self.by_source.values()))


def summed(counters: Iterable[Counter[str]]) -> Counter[str]:
    """Counters of several items as one."""
    total: Counter[str] = Counter()
    for one in counters:
        total.update(one)
    return total


def tallies(*axes: str) -> Tallies:
    """What was counted last, of these axes or of all (source, region, month, status, subjects): one query."""
    told = Tallies()
    places = {
        "source": told.by_source, "region": told.by_region, "month": told.by_month, "status": told.by_status,
    }  # fmt: skip
    rows = Tally.objects.filter(axis__in=axes) if axes else Tally.objects.all()
    for axis, item, value, count, made_at in rows.values_list("axis", "item", "value", "count", "made_at"):
        told.made_at = made_at
        if axis == "subjects":
            told.subjects[value] = count
        else:
            places[axis].setdefault(item, Counter())[value] = count
    return told


def follow_if_small() -> bool:
    """The same for who waits for the answer: only where counting takes no time; the worker does the rest."""
    newest = Record.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return newest <= _AT_ONCE and follow()


def follow() -> bool:
    """Count anew if that is cheap or was not done lately; says whether it was done."""
    newest = Record.objects.aggregate(newest=Max("pk"))["newest"] or 0
    made_at = Tally.objects.values_list("made_at", flat=True).first()
    if newest > _SMALL and made_at and timezone.now() - made_at < _REST:
        return False
    refresh(timezone.localdate())
    return True


def refresh(day: date) -> None:
    """Count what is public on that day. The reading goes before the lock, so that no writer waits for it."""
    shown, values = public_sql(day)
    shown = f"{shown} AND {no_person()}"
    asked = [(sql.format(shown=shown), values) for sql in (_together(), *_statuses())]
    rows = [row for sql, given in (*asked, (_KINDS, [])) for row in _ask(sql, given)]
    now = timezone.now()
    with writing():
        Tally.objects.all().delete()
        made = [Tally(axis=a, item=i, value=v, count=int(c), made_at=now) for a, i, v, c in rows]
        Tally.objects.bulk_create(made, batch_size=500)


def _together() -> str:
    """All axes of the heads in one reading of the records."""
    month = _MONTH[connection.vendor]
    axes = " UNION ALL ".join(
        f"SELECT '{axis}', item, {axis}, sum(n) FROM counted GROUP BY item, {axis}" for axis in _HEADS
    )
    return f"""WITH counted AS MATERIALIZED (
        SELECT r.item, r.source, u.region, coalesce({month}, '') AS month, count(*) AS n
        FROM registry_record r JOIN registry_subject u ON u.id = r.subject_id WHERE {{shown}}
        GROUP BY r.item, r.source, u.region, coalesce({month}, '')) {axes}"""


def _statuses() -> list[str]:
    """How commitments stand (履行情况): the only items whose state is counted, for it stands in the payload."""
    found = {c.item.id: c.item.record.status for c in policies().compiled if c.item.commitments}
    said = {"sqlite": "json_extract(v.payload, '$.%s')", "postgresql": "(v.payload::json)->>'%s'"}[connection.vendor]
    return [
        f"""SELECT 'status', r.item, coalesce({said % name}, ''), count(*)
        FROM registry_record r JOIN registry_recordversion v ON v.id = r.change
        JOIN registry_subject u ON u.id = r.subject_id WHERE {{shown}} AND r.item = '{item}' GROUP BY 2, 3"""
        for item, name in sorted(found.items())
        if name
    ]


_HEADS = ("source", "region", "month")
_KINDS = """SELECT 'subjects', '', kind, count(*) FROM registry_subject
    WHERE kind <> 'natural_person' AND NOT provisional GROUP BY kind"""


def _ask(sql: str, values: list[Any]) -> list[tuple[str, str, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
