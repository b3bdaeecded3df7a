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

from chengxin.collection.models import Batch, State
from chengxin.policy.packs import QualityGoals
from chengxin.policy.policies import Policies
from chengxin.registry.models import Record
from chengxin.registry.packs import policies

_COUNTED = (State.CHECKED, State.RELEASED, State.MERGING, State.STORED, State.RETURNED)
_NUMBERED = r"^(.*?)(\d{1,6})(号[^\d|]*)(?:\||$)"
"""A document number as prefix, running number and the rest: 苏环罚〔2026〕17号."""


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
    if not re.fullmatch(r"20\d{2}-(0[1-9]|1[0-2])", month):
        raise BadMonth(f"月份写的是“{month}”，应写成 2026-11 这样的年-月。")
    packs = policies()
    goals = packs.quality(_last_day(month))
    batches = _batches(month, sources)
    lines = [_line(row, packs) for row in batches.iter_rows(named=True)]
    for line in lines:
        line.hints = [*_below_goal(line, goals), *_gaps(line, month, goals)]
    past = _past(month, goals.history_months)
    dunning = [*_silent(lines, past, packs, goals, sources), *_thin(lines, past, goals), *_to_remind(lines)]
    reported, stored = sum(x.reported for x in lines), sum(x.stored for x in lines)
    return Report(month, goals.intake, reported, stored, _share(stored, reported), lines, dunning)


def _batches(month: str, sources: Iterable[str] | None) -> pl.DataFrame:
    rows = Batch.objects.filter(month=month, state__in=_COUNTED)
    if sources is not None:
        rows = rows.filter(source_id__in=list(sources))
    names = (
        "source_id",
        "item",
        "file_sha256",
        "received",
        "repeated",
        "created",
        "updated",
        "unchanged",
        "rejected",
        "doubtful",
        "late",
    )
    schema = {n: pl.String if n in names[:3] else pl.Int64 for n in names}
    frame = pl.DataFrame(list(rows.order_by("pk").values_list(*names)), schema=schema, orient="row")
    return (
        frame.unique(names[:3], keep="first", maintain_order=True)
        .group_by("source_id", "item")
        .agg(pl.len().alias("batches"), pl.exclude(*names[:3]).sum())
        .with_columns((pl.col("created") + pl.col("updated") + pl.col("unchanged")).alias("stored"))
        .sort("source_id", "item")
    )


def _line(row: dict[str, Any], packs: Policies) -> Line:
    versions = packs.versions(row["item"])  # none: the packs no longer have the item, its batches remain
    reported = row["received"] - row["repeated"]
    late = row["late"] if versions and versions[-1].timeliness else None
    return Line(
        source=row["source_id"],
        source_name=packs.agency_name(row["source_id"]),
        item=row["item"],
        item_label=versions[-1].label if versions else row["item"],
        batches=row["batches"],
        reported=reported,
        stored=row["stored"],
        rejected=row["rejected"],
        doubtful=row["doubtful"],
        late=late,
        intake=_share(row["stored"], reported),
        compliance=_share(reported - row["rejected"] - row["doubtful"], reported),
        timeliness=None if late is None else _share(reported - late, reported),
        doubt=_share(row["doubtful"], reported),
    )


def _below_goal(line: Line, goals: QualityGoals) -> list[str]:
    if line.intake is not None and line.intake < goals.intake:
        return [f"入库率 {line.intake:.1%}，低于 {goals.intake:.0%}"]
    return []


def _gaps(line: Line, month: str, goals: QualityGoals) -> list[str]:
    """Running numbers that are missing between the first and the last of a series of this year's documents (R-047)."""
    year = int(month[:4])
    keys = Record.objects.filter(source=line.source, item=line.item, decided_on__year=year).values_list(
        "key", flat=True
    )
    frame = pl.DataFrame({"key": list(keys)}, schema={"key": pl.String}).select(
        pl.col("key").str.extract(_NUMBERED, 1).alias("series"),
        pl.col("key").str.extract(_NUMBERED, 2).cast(pl.Int64, strict=False).alias("number"),
    )
    series = (
        frame.drop_nulls()
        .group_by("series")
        .agg(
            pl.col("number").n_unique().alias("seen"),
            pl.col("number").min().alias("first"),
            pl.col("number").max().alias("last"),
        )
        .with_columns((pl.col("last") - pl.col("first") + 1 - pl.col("seen")).alias("missing"))
        .filter((pl.col("seen") >= goals.gap_series) & (pl.col("missing") > 0) & (pl.col("missing") <= pl.col("seen")))
        .sort("missing", "series", descending=[True, False])
    )
    return [f"文号「{s}…」{a} 至 {b} 之间缺 {n} 个，疑似漏报" for s, _, a, b, n in series.head(3).iter_rows()]


def _past(month: str, months: int) -> pl.DataFrame:
    """Mean rows a month of each source unit and item over the months before."""
    earlier = [_shifted(month, -k) for k in range(1, months + 1)]
    rows = Batch.objects.filter(month__in=earlier, state__in=_COUNTED).values_list(
        "source_id", "item", "month", "received"
    )
    schema = {"source": pl.String, "item": pl.String, "month": pl.String, "received": pl.Int64}
    return (
        pl.DataFrame(list(rows), schema=schema, orient="row")
        .group_by("source", "item")
        .agg(pl.col("month").n_unique().alias("months"), pl.col("received").sum().alias("rows"))
        .with_columns((pl.col("rows") / pl.col("months")).alias("mean"))
        .sort("source", "item")
    )


def _silent(
    lines: list[Line], past: pl.DataFrame, packs: Policies, goals: QualityGoals, sources: Iterable[str] | None
) -> list[str]:
    """Who reported in the months before and says nothing now."""
    heard = {(x.source, x.item) for x in lines}
    wanted = None if sources is None else set(sources)
    return [
        f"{packs.agency(s).name}：本月没有报送「{packs.versions(i)[-1].label}」，此前每月平均 {mean:.0f} 行，疑似漏报"
        for s, i, months, _, mean in past.iter_rows()
        if (s, i) not in heard and months >= goals.history_needed and (wanted is None or s in wanted)
    ]


def _thin(lines: list[Line], past: pl.DataFrame, goals: QualityGoals) -> list[str]:
    """Whose volume has fallen far below its own past."""
    means = {(s, i): mean for s, i, months, _, mean in past.iter_rows() if months >= goals.history_needed}
    return [
        f"{x.source_name}：本月「{x.item_label}」{x.reported} 行，不到此前月均 {means[x.source, x.item]:.0f} 行的"
        f" {goals.volume_floor:.0%}，疑似漏报"
        for x in lines
        if (x.source, x.item) in means and x.reported < goals.volume_floor * means[x.source, x.item]
    ]


def _to_remind(lines: list[Line]) -> list[str]:
    found = [f"{x.source_name}「{x.item_label}」：{hint}" for x in lines for hint in x.hints]
    late = [f"{x.source_name}「{x.item_label}」：迟报 {x.late} 行" for x in lines if x.late]
    return found + late


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _shifted(month: str, by: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{year:04d}-{number + 1:02d}"


def _last_day(month: str) -> date:
    """A day in the month for picking the policy: the last one, but not in the future."""
    first_of_next = date.fromisoformat(_shifted(month, 1) + "-01")
    return min(
        date.fromordinal(first_of_next.toordinal() - 1), max(timezone.localdate(), date.fromisoformat(month + "-01"))
    )
