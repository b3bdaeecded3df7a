"""Suspected omissions and other defects of a month, each with its reason (疑似漏报瞒报, R-047, R-048).

A unit is silent when it used to report an item and does not, thin when it reports far less than it used to, and has gaps
when running numbers are missing between documents of one series. Below the goal and late are what the rates say. What
"far less" and "used to" mean stands in the packs (`quality`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl
from django.utils.translation import gettext as _

from chengxin.policy.packs import QualityGoals
from chengxin.policy.policies import Policies
from chengxin.registry.models import Record

if TYPE_CHECKING:
    from chengxin.collection.quality import Line

_NUMBERED = r"^(.*?)(\d{1,6})(号[^\d|]*)(?:\||$)"
"""A document number as prefix, running number and the rest: 苏环罚〔2026〕17号."""
_SERIES_TOLD = 3
"""So many series with gaps are told of one source unit and item; a longer list says nothing more."""

DEFECTS: dict[str, Callable[[], str]] = {
    "silent": lambda: _("本月没有报送，此前每月平均 %(mean)s 行，疑似漏报"),
    "thin": lambda: _("本月 %(rows)s 行，不到此前月均 %(mean)s 行的 %(floor)s，疑似漏报"),
    "intake": lambda: _("入库率 %(intake)s，低于 %(goal)s"),
    "gap": lambda: _("文号「%(series)s…」%(first)s 至 %(last)s 之间缺 %(missing)s 个，疑似漏报"),
    "late": lambda: _("迟报 %(late)s 行"),
}


@dataclass(frozen=True)
class Suspect:
    """What looks wrong with one source unit and item in a month; `reason` is said in the reader's language."""

    defect: str
    source: str
    source_name: str
    item: str
    item_label: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        return DEFECTS[self.defect]() % self.facts

    @property
    def call(self) -> str:
        """The whole line of the dunning list."""
        return f"{self.source_name}「{self.item_label}」：{self.reason}"


def find(month: str, lines: Sequence[Line], past: pl.DataFrame, goals: QualityGoals, packs: Policies) -> list[Suspect]:
    """Everything that looks wrong, silence and drops first."""
    gaps = _gaps(lines, month, goals, packs)
    found = [*_silent(lines, past, packs, goals), *_thin(lines, past, goals)]
    for line in lines:
        if line.intake is not None and line.intake < goals.intake:
            found.append(_of(line, "intake", intake=f"{line.intake:.1%}", goal=f"{goals.intake:.0%}"))
        found += [_of(line, "gap", **gap) for gap in gaps.get((line.source, line.item), ())]
    return found + [_of(line, "late", late=line.late) for line in lines if line.late]


def _of(line: Line, defect: str, **facts: Any) -> Suspect:
    return Suspect(defect, line.source, line.source_name, line.item, line.item_label, facts)


def _silent(lines: Sequence[Line], past: pl.DataFrame, packs: Policies, goals: QualityGoals) -> Iterator[Suspect]:
    """Who reported in the months before and says nothing now."""
    heard = {(x.source, x.item) for x in lines}
    for source, item, months, _rows, mean in past.iter_rows():
        if (source, item) not in heard and months >= goals.history_needed:
            versions = packs.versions(item)
            label = versions[-1].label if versions else item
            yield Suspect("silent", source, packs.agency_name(source), item, label, {"mean": f"{mean:,.0f}"})


def _thin(lines: Sequence[Line], past: pl.DataFrame, goals: QualityGoals) -> Iterator[Suspect]:
    """Whose volume has fallen far below its own past."""
    means = {(s, i): mean for s, i, months, _rows, mean in past.iter_rows() if months >= goals.history_needed}
    for line in lines:
        mean = means.get((line.source, line.item))
        if mean is not None and line.reported < goals.volume_floor * mean:
            yield _of(line, "thin", rows=f"{line.reported:,}", mean=f"{mean:,.0f}", floor=f"{goals.volume_floor:.0%}")


def _gaps(
    lines: Sequence[Line], month: str, goals: QualityGoals, packs: Policies
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Running numbers that are missing between the first and the last of a series of this year's documents (R-047)."""
    numbered = [(x.source, x.item) for x in lines if _is_numbered(packs, x.item)]
    if not numbered:
        return {}
    rows = Record.objects.filter(
        source__in={s for s, _item in numbered}, item__in={i for _source, i in numbered}, decided_on__year=month[:4]
    ).values_list("source", "item", "key")
    schema = {"source": pl.String, "item": pl.String, "key": pl.String}
    series = _series(pl.DataFrame(list(rows.iterator()), schema=schema, orient="row"), goals)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for source, item, prefix, first, last, missing in series.iter_rows():
        told = found.setdefault((source, item), [])
        if len(told) < _SERIES_TOLD:
            told.append({"series": prefix, "first": first, "last": last, "missing": missing})
    return found


def _is_numbered(packs: Policies, item: str) -> bool:
    """Whether records of the item are told apart by the number of a document."""
    versions = packs.versions(item)
    key = versions[-1].record.key if versions else ()
    return any(versions[-1].field(name).type == "document_number" for name in key)


def _series(keys: pl.DataFrame, goals: QualityGoals) -> pl.DataFrame:
    """Series with gaps, those that lack most first: source, item, prefix, first, last and how many are missing."""
    frame = keys.select(
        "source",
        "item",
        pl.col("key").str.extract(_NUMBERED, 1).alias("series"),
        pl.col("key").str.extract(_NUMBERED, 2).cast(pl.Int64, strict=False).alias("number"),
    )
    return (
        frame.drop_nulls()
        .group_by("source", "item", "series")
        .agg(
            pl.col("number").n_unique().alias("seen"),
            pl.col("number").min().alias("first"),
            pl.col("number").max().alias("last"),
        )
        .with_columns((pl.col("last") - pl.col("first") + 1 - pl.col("seen")).alias("missing"))
        .filter((pl.col("seen") >= goals.gap_series) & (pl.col("missing") > 0) & (pl.col("missing") <= pl.col("seen")))
        .sort("missing", "series", descending=[True, False])
        .select("source", "item", "series", "first", "last", "missing")
    )
