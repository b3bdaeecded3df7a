"""Data quality per source unit, item and month (R-044 to R-048, R-061): rates, suspected omissions, whom to remind.

Rates are of rows: intake = stored / reported, compliance = neither rejected nor doubtful / reported, timeliness = in
time / reported, doubt = doubtful / reported. A row that a file repeats, and a file that is sent again, count once. Goals
and thresholds are in the packs (`quality`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.collection import omissions
from chengxin.collection.models import Batch, State
from chengxin.policy.packs import QualityGoals
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies

_COUNTED = (State.CHECKED, State.RELEASED, State.MERGING, State.STORED, State.RETURNED)
_WHO = ("month", "source_id", "item", "file_sha256")
_COUNTS = ("received", "repeated", "created", "updated", "unchanged", "rejected", "doubtful", "late")


class BadMonth(ValueError):
    """The month is not written like 2026-11."""


@dataclass
class Line:
    """One source unit and one item in one month; rates are shares of 1 or None where nothing was reported."""

    source: str
    source_name: str
    item: str
    item_label: str
    batches: int
    reported: int
    stored: int
    rejected: int
    doubtful: int
    late: int | None
    intake: float | None
    compliance: float | None
    timeliness: float | None
    doubt: float | None
    hints: list[str] = field(default_factory=list)


@dataclass
class Report:
    """The month as a whole, its lines, and the reminders that follow from them."""

    month: str
    goal: float
    reported: int
    stored: int
    intake: float | None
    lines: list[Line]
    dunning: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def monthly(month: str, *, sources: Iterable[str] | None = None) -> Report:
    """The quality report of a month (`YYYY-MM`), of all source units or of some. Raises `BadMonth`."""
    goals, lines = goals_of(month), lines_of(month, sources=sources)
    found = suspects_of(month, lines, goals, sources=sources)
    for line in lines:
        mine = [s for s in found if (s.source, s.item) == (line.source, line.item)]
        line.hints = [s.reason for s in mine if s.defect in ("intake", "gap")]
    reported, stored = sum(x.reported for x in lines), sum(x.stored for x in lines)
    return Report(month, goals.intake, reported, stored, share(stored, reported), lines, [s.call for s in found])


def goals_of(month: str) -> QualityGoals:
    """What the month is measured against. Raises `BadMonth`, and `UnknownPolicy` where there were no goals yet."""
    if not re.fullmatch(r"20\d{2}-(0[1-9]|1[0-2])", month):
        raise BadMonth(_("月份写的是“%(month)s”，应写成 2026-11 这样的年-月。") % {"month": month[:20]})
    return policies().quality(_last_day(month))


def lines_of(month: str, *, sources: Iterable[str] | None = None, item: str = "") -> list[Line]:
    """The rates of each source unit and item in a month; one query."""
    packs = policies()
    frame = counted([month], sources=sources, item=item).drop("month")
    return [_line(row, packs) for row in frame.sort("source_id", "item").iter_rows(named=True)]


def counted(months: Iterable[str], *, sources: Iterable[str] | None = None, item: str = "") -> pl.DataFrame:
    """Batches and rows by month, source unit and item, each file once; `stored` are rows that are in the register."""
    rows = Batch.objects.filter(month__in=list(months), state__in=_COUNTED)
    if sources is not None:
        rows = rows.filter(source_id__in=list(sources))
    if item:
        rows = rows.filter(item=item)
    names = (*_WHO, *_COUNTS)
    schema = {n: pl.String if n in _WHO else pl.Int64 for n in names}
    frame = pl.DataFrame(list(rows.order_by("pk").values_list(*names)), schema=schema, orient="row")
    return (
        frame.unique(_WHO, keep="first", maintain_order=True)
        .group_by("month", "source_id", "item")
        .agg(pl.len().alias("batches"), pl.col(*_COUNTS).sum())
        .with_columns(
            (pl.col("created") + pl.col("updated") + pl.col("unchanged")).alias("stored"),
            (pl.col("received") - pl.col("repeated")).alias("reported"),
        )
    )


def suspects_of(
    month: str, lines: list[Line], goals: QualityGoals, *, sources: Iterable[str] | None = None, item: str = ""
) -> list[omissions.Suspect]:
    """Suspected omissions and defects of a month with their reasons: who is silent, thin, below the goal, with gaps in
    its numbers, late (R-047, R-048). Two queries, however many lines."""
    past = _past(month, goals.history_months, sources, item)
    return omissions.find(month, lines, past, goals, policies())


def suspected(month: str, *, sources: Iterable[str] | None = None, item: str = "") -> list[omissions.Suspect]:
    """`suspects_of` a month against its own goals. Raises `BadMonth`, and `UnknownPolicy` where there were no goals yet."""
    goals = goals_of(month)
    return suspects_of(month, lines_of(month, sources=sources, item=item), goals, sources=sources, item=item)


def shifted(month: str, by: int) -> str:
    """The month so many months later, or earlier."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{year:04d}-{number + 1:02d}"


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _line(row: dict[str, Any], packs: Policies) -> Line:
    versions = packs.versions(row["item"])  # none: the packs no longer have the item, its batches remain
    reported, rejected, doubtful = row["reported"], row["rejected"], row["doubtful"]
    late = row["late"] if versions and versions[-1].timeliness else None
    return Line(
        source=row["source_id"],
        source_name=packs.agency_name(row["source_id"]),
        item=row["item"],
        item_label=versions[-1].label if versions else row["item"],
        batches=row["batches"],
        reported=reported,
        stored=row["stored"],
        rejected=rejected,
        doubtful=doubtful,
        late=late,
        intake=share(row["stored"], reported),
        compliance=share(reported - rejected - doubtful, reported),
        timeliness=None if late is None else share(reported - late, reported),
        doubt=share(doubtful, reported),
    )


def _past(month: str, months: int, sources: Iterable[str] | None, item: str) -> pl.DataFrame:
    """Mean rows a month of each source unit and item over the months before."""
    earlier = [shifted(month, -k) for k in range(1, months + 1)]
    rows = Batch.objects.filter(month__in=earlier, state__in=_COUNTED)
    if sources is not None:
        rows = rows.filter(source_id__in=list(sources))
    if item:
        rows = rows.filter(item=item)
    schema = {"source": pl.String, "item": pl.String, "month": pl.String, "received": pl.Int64}
    values = list(rows.values_list("source_id", "item", "month", "received"))
    return (
        pl.DataFrame(values, schema=schema, orient="row")
        .group_by("source", "item")
        .agg(pl.col("month").n_unique().alias("months"), pl.col("received").sum().alias("rows"))
        .with_columns((pl.col("rows") / pl.col("months")).alias("mean"))
        .sort("source", "item")
    )


def _last_day(month: str) -> date:
    """A day in the month for picking the policy: the last one, but not in the future."""
    first_of_next = date.fromisoformat(shifted(month, 1) + "-01")
    return min(
        date.fromordinal(first_of_next.toordinal() - 1), max(timezone.localdate(), date.fromisoformat(month + "-01"))
    )
