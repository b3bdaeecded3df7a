"""The quality board as a page shows it: numbers against the goals, charts, tables, my own place (R-044 to R-046, R-052)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chengxin.collection import board
from chengxin.collection.board import Rates, region_said
from chengxin.collection.quality import Line
from chengxin.design.shapes import Cell, Chart, Column, Count, Series, Tab, Table, Tone
from chengxin.design.templatetags.chengxin import percent
from chengxin.policy.packs import QualityGoals
from chengxin.policy.policies import Policies
from chengxin.workbench.labels import agency_label, item_label

_BARS = 15
"""More bars than this cannot be read; the table has all."""
VIEWS = ("source", "item", "line", "region")


def tabs(view: str, query: dict[str, str]) -> list[Tab]:
    """The ways to cut the month."""
    labels = {"source": _("按信源单位"), "item": _("按目录项"), "line": _("逐项明细"), "region": _("按地区")}
    here = reverse("quality")
    return [Tab(labels[v], f"{here}?{urlencode({**query, 'view': v})}", current=v == view) for v in VIEWS]


def counts(rates: Rates, goals: QualityGoals) -> list[Count]:
    """The month in numbers, each rate with its goal."""
    batches = ngettext("%(n)s 个批次", "%(n)s 个批次", rates.batches)
    return [
        Count(_("上报（行）"), rates.reported, note=batches % {"n": f"{rates.batches:,}"}),
        Count(_("入库（行）"), rates.stored),
        _rate(_("入库率"), rates.intake, goals.intake),
        _rate(_("合规率"), rates.compliance, goals.compliance),
        _rate(_("及时率"), rates.timeliness, goals.timeliness),
        Count(_("存疑（行）"), rates.doubtful, "warn" if rates.doubtful else "", reverse("doubts")),
    ]


def _rate(label: str, value: float | None, goal: float | None) -> Count:
    tone: Tone = "" if value is None or goal is None else "good" if value >= goal else "bad"
    met = "" if value is None or goal is None else _("达到目标") if value >= goal else _("没有达到")
    note = _("目标 %(goal)s%(met)s") % {"goal": percent(goal, 0), "met": f" · {met}" if met else ""} if goal else ""
    return Count(label, percent(value), tone, note=note)


def place(rows: Sequence[Rates], mine: Collection[str]) -> list[str]:
    """Where my units stand among all, in a sentence each; the others are not named (R-312)."""
    told = []
    for row in rows:
        if row.id in mine:
            best = rows[0]
            told.append(
                _("%(name)s：第 %(place)s 名，共 %(all)s 个单位；入库率 %(rate)s，第一名 %(best)s。")
                % {
                    "name": row.name, "place": row.place, "all": len(rows), "rate": percent(row.intake),
                    "best": percent(best.intake),
                }
            )  # fmt: skip
    return told


def trend_chart(months: Sequence[board.Month], goal: float) -> Chart | None:
    """The year: rows that came in, and how many of them are stored."""
    if len(months) < 2:
        return None
    last, first = months[-1], months[0]
    sentence = _("%(first)s 到 %(last)s：入库率从 %(was)s 到 %(now)s，目标 %(goal)s。") % {
        "first": first.month, "last": last.month, "was": percent(first.intake), "now": percent(last.intake),
        "goal": percent(goal, 0),
    }  # fmt: skip
    return Chart(
        _("近一年的入库率"), sentence, [m.month for m in months],
        [
            Series(_("入库率"), [_hundredths(m.intake) for m in months]),
            Series(_("目标"), [round(100 * goal, 1)] * len(months)),
        ],
        kind="line", unit="%", corner=_("月份"),
    )  # fmt: skip


def volume_chart(months: Sequence[board.Month]) -> Chart | None:
    """What became of the rows, month by month."""
    if len(months) < 2:
        return None
    total = sum(m.reported for m in months)
    sentence = _("%(n)s 个月共上报 %(rows)s 行。") % {"n": len(months), "rows": f"{total:,}"}
    series = [
        Series(_("入库"), [m.stored for m in months]),
        Series(_("不予入库"), [m.rejected for m in months]),
        Series(_("还没入库"), [max(m.reported - m.stored - m.rejected, 0) for m in months]),
    ]
    return Chart(_("近一年的上报量"), sentence, [m.month for m in months], series, "stack", _("行"), _("月份"))


def rates_chart(title: str, rows: Sequence[Rates], goal: float, corner: str) -> Chart | None:
    """Intake of the best and the worst, as bars."""
    shown = list(rows) if len(rows) <= _BARS else [*rows[: _BARS // 2], *rows[-(_BARS - _BARS // 2) :]]
    if len(shown) < 2:
        return None
    below = sum(r.intake is not None and r.intake < goal for r in rows)
    sentence = _("%(below)s 个低于 %(goal)s 的目标，共 %(all)s 个。") % {
        "below": below, "goal": percent(goal, 0), "all": len(rows),
    }  # fmt: skip
    series = [Series(_("入库率"), [_hundredths(r.intake) for r in shown])]
    return Chart(title, sentence, [r.name for r in shown], series, "bar", "%", corner)


def _hundredths(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)


def rates_table(caption: str, corner: str, rows: Sequence[Rates], goals: QualityGoals, *, ranked: bool) -> Table:
    """Rates, a row a source unit or item."""
    columns = [
        *([Column(_("名次"), number=True)] if ranked else []), Column(corner), Column(_("批次"), number=True),
        Column(_("上报（行）"), number=True), Column(_("入库（行）"), number=True), Column(_("入库率"), number=True),
        Column(_("合规率"), number=True), Column(_("及时率"), number=True), Column(_("存疑（行）"), number=True),
    ]  # fmt: skip
    told = [
        [
            *([r.place] if ranked else []),
            r.name,
            r.batches,
            r.reported,
            r.stored,
            _judged(r.intake, goals.intake),
            _judged(r.compliance, goals.compliance),
            _judged(r.timeliness, goals.timeliness),
            r.doubtful,
        ]
        for r in rows
    ]
    return Table(caption, columns, told, show_caption=True)


def _judged(value: float | None, goal: float | None) -> Any:
    """A rate; below its goal it says so."""
    if value is None or goal is None or value >= goal:
        return percent(value)
    return Cell(percent(value), note=_("未达标"))


def lines_table(packs: Policies, lines: Sequence[Line], goals: QualityGoals) -> Table:
    """Source unit by item."""
    columns = [
        Column(_("信源单位")), Column(_("目录项")), Column(_("上报（行）"), number=True), Column(_("入库（行）"), number=True),
        Column(_("入库率"), number=True), Column(_("合规率"), number=True), Column(_("及时率"), number=True),
        Column(_("存疑率"), number=True),
    ]  # fmt: skip
    rows = [
        [
            agency_label(packs, x.source),
            item_label(packs, x.item),
            x.reported,
            x.stored,
            _judged(x.intake, goals.intake),
            _judged(x.compliance, goals.compliance),
            _judged(x.timeliness, goals.timeliness),
            percent(x.doubt),
        ]
        for x in lines
    ]
    return Table(_("各信源单位、各目录项的数据质量"), columns, rows, show_caption=True)


@dataclass(frozen=True)
class Regions:
    """The month by city of the subjects."""

    chart: Chart | None
    table: Table

    @classmethod
    def of(cls, rows: Sequence[tuple[str, str, int]]) -> Regions:
        named = [(region_said(code, name) or code or _("地区不明"), n) for code, name, n in rows]
        columns = [Column(_("地区")), Column(_("条数"), number=True)]
        table = Table(_("按主体所在的设区市，本月新增和更新的条数"), columns, named, show_caption=True)
        total = sum(n for _name, n in named)
        if len(named) < 2:
            return cls(None, table)
        sentence = _("共 %(n)s 条，最多的是 %(most)s。") % {"n": f"{total:,}", "most": named[0][0]}
        shown = named[:_BARS]
        series = [Series(_("条数"), [n for _name, n in shown])]
        return cls(Chart(_("各地区的条数"), sentence, [n for n, _k in shown], series, "bar", _("条"), _("地区")), table)
