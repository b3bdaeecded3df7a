"""The quality board (R-045, R-046, R-052): one month by source unit, by item and by region, its year, and who ranks where.

The ranking goes by intake first, then compliance, then timeliness; whoever is equal in all three shares a place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import Count, Max, Min

from chengxin.accounts.words import english, worded
from chengxin.collection.models import Batch
from chengxin.collection.quality import Line, counted, share, shifted
from chengxin.registry.models import RecordVersion
from chengxin.registry.packs import policies

TREND_MONTHS = 12


@dataclass(frozen=True)
class Rates:
    """Lines taken together; `timed` are the rows of items that have a time limit."""

    id: str
    name: str
    batches: int
    reported: int
    stored: int
    rejected: int
    doubtful: int
    timed: int
    late: int
    place: int = 0

    @property
    def intake(self) -> float | None:
        return share(self.stored, self.reported)

    @property
    def compliance(self) -> float | None:
        return share(self.reported - self.rejected - self.doubtful, self.reported)

    @property
    def timeliness(self) -> float | None:
        return share(self.timed - self.late, self.timed)

    @property
    def rank(self) -> tuple[float, float, float]:
        """The larger, the better; nothing to be late with is in time."""
        timely = 1.0 if self.timeliness is None else self.timeliness
        return (self.intake or 0.0, self.compliance or 0.0, timely)


def total(lines: Iterable[Line], id: str = "", name: str = "") -> Rates:
    """All lines as one."""
    rows = list(lines)
    timed = [x for x in rows if x.late is not None]
    return Rates(
        id, name, sum(x.batches for x in rows), sum(x.reported for x in rows), sum(x.stored for x in rows),
        sum(x.rejected for x in rows), sum(x.doubtful for x in rows), sum(x.reported for x in timed),
        sum(x.late or 0 for x in timed),
    )  # fmt: skip


def by_source(lines: Iterable[Line]) -> list[Rates]:
    """Source units that reported anything, the best first, with their places (R-312)."""
    rows = sorted(_grouped(lines, lambda x: (x.source, x.source_name)), key=lambda r: r.rank, reverse=True)
    first: dict[tuple[float, float, float], int] = {}
    for number, row in enumerate(rows, start=1):
        first.setdefault(row.rank, number)
    return [Rates(**{**vars(row), "place": first[row.rank]}) for row in rows]


def by_item(lines: Iterable[Line]) -> list[Rates]:
    """Items of which anything was reported, those with the most rows first."""
    return sorted(_grouped(lines, lambda x: (x.item, x.item_label)), key=lambda r: -r.reported)


def _grouped(lines: Iterable[Line], key: Callable[[Line], tuple[str, str]]) -> list[Rates]:
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return [total(found, *named) for named, found in groups.items()]


@dataclass(frozen=True)
class Month:
    """A month of the trend."""

    month: str
    reported: int
    stored: int
    rejected: int
    doubtful: int

    @property
    def intake(self) -> float | None:
        return share(self.stored, self.reported)


def trend(month: str, *, sources: Iterable[str] | None = None, item: str = "") -> list[Month]:
    """The month and those before it, the earliest first; months of which nothing is known are left out at the start."""
    months = [shifted(month, -k) for k in range(TREND_MONTHS - 1, -1, -1)]
    names = ("reported", "stored", "rejected", "doubtful")
    frame = counted(months, sources=sources, item=item).group_by("month").agg(pl.col(*names).sum())
    known: dict[str, Any] = {row["month"]: row for row in frame.iter_rows(named=True)}
    start = next((n for n, m in enumerate(months) if m in known), len(months))
    return [Month(m, *(known[m][n] if m in known else 0 for n in names)) for m in months[start:]]


def by_region(
    month: str, *, sources: Iterable[str] | None = None, items: Iterable[str] | None = None
) -> list[tuple[str, str, int]]:
    """Cities and how many records of their subjects the month's batches brought or changed: code, name, number.

    Read from the month's part of the change feed, so that it costs as much as the month, not as the register (R-061).
    """
    stored = Batch.objects.filter(month=month, first_change__isnull=False)
    if sources is not None:
        stored = stored.filter(source_id__in=list(sources))
    if items is not None:
        stored = stored.filter(item__in=list(items))
    span = stored.aggregate(first=Min("first_change"), last=Max("last_change"))
    if span["first"] is None:
        return []
    versions = RecordVersion.objects.filter(pk__gte=span["first"], pk__lte=span["last"], batch__in=stored.values("pk"))
    counted_by = versions.order_by().values_list("record__subject__region").annotate(n=Count("pk"))
    cities: Counter[str] = Counter()
    for region, number in counted_by:
        cities[f"{region[:4]}00" if region else ""] += number
    return [(code, _region_name(code), n) for code, n in cities.most_common()]


def region_said(code: str, name: str) -> str:
    """The name of a region that was told by `by_region`, or is kept in a bulletin, in the reader's language."""
    row = policies().codes("regions").by_code.get(code) if english() else None
    return worded(row, "label") if row else name


def _region_name(code: str) -> str:
    """The name of a region, or "" where it is not known."""
    row = policies().codes("regions").by_code.get(code)
    return row.label if row else ""
