"""The bulletin as a page shows it: the sections of its snapshot as tables, and charts of the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from chengxin.collection import bulletin_told
from chengxin.collection.bulletin_told import Figures, Section, percent
from chengxin.collection.models import Bulletin
from chengxin.design.shapes import Cell, Chart, Column, Series, Table


@dataclass(frozen=True)
class Shown:
    """A section of the page."""

    section: Section
    table: Table | None


def shown_sections(said: Figures) -> list[Shown]:
    """The sections with their tables."""
    return [Shown(s, _table(s)) for s in bulletin_told.sections(said)]


def _table(section: Section) -> Table | None:
    if not section.rows:
        return None
    columns = [Column(h.label, number=h.kind != "text") for h in section.heads]
    kinds = [h.kind for h in section.heads]
    rows = [[_cell(v, k) for v, k in zip(row, kinds, strict=True)] for row in section.rows]
    return Table(section.title, columns, rows)


def _cell(value: Any, kind: str) -> Any:
    return percent(value) if kind == "share" else value


def charts(said: Figures) -> dict[str, Chart]:
    """Charts by the section they stand in."""
    found: dict[str, Chart] = {}
    trend: Sequence[Figures] = said["trend"]
    if len(trend) > 1:
        rates = [round(100 * m["stored"] / m["reported"], 1) if m["reported"] else None for m in trend]
        goal = round(100 * said["goals"]["intake"], 1)
        sentence = _("目标 %(goal)s%%，本月 %(now)s%%。") % {"goal": goal, "now": rates[-1]}
        found["overview"] = Chart(
            _("入库率"), sentence, [m["month"] for m in trend],
            [Series(_("入库率"), rates), Series(_("目标"), [goal] * len(trend))], "line", "%", _("月份"),
        )  # fmt: skip
    return found


def index_table(found: Iterable[Bulletin]) -> Table:
    """One row a month."""
    columns = [Column(_("通报")), Column(_("状态")), Column(_("生成日期")), Column(_("发布日期")), Column(_("下载"))]
    rows = [
        [
            Cell(bulletin_told.title(b.month), reverse("bulletin", args=[b.month])),
            Cell(_("已发布"), tone="good") if b.published_at else Cell(_("草稿"), tone="warn"),
            b.prepared_at.date(),
            b.published_at.date() if b.published_at else "",
            Cell("PDF", reverse("bulletin-pdf", args=[b.month])),
        ]
        for b in found
    ]
    return Table(_("月通报"), columns, rows)
