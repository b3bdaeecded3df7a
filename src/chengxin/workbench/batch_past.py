"""What an auditor compares a batch with before releasing it: the unit's earlier batches of the same item (R-024, R-060)."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.collection.models import Batch
from chengxin.collection.quality import share
from chengxin.collection.queries import before
from chengxin.design.shapes import Cell, Column, Table
from chengxin.design.templatetags.chengxin import percent
from chengxin.registry.packs import policies


@dataclass(frozen=True)
class Past:
    """`striking` are sentences on what is out of the ordinary, measured against the goals of the packs."""

    table: Table | None
    striking: list[str]

    @classmethod
    def of(cls, batch: Batch) -> Past:
        earlier = before(batch)
        columns = [
            Column(_("批次")), Column(_("收到（行）"), number=True), Column(_("不予入库"), number=True),
            Column(_("存疑"), number=True), Column(_("报送时间")),
        ]  # fmt: skip
        rows = [_row(batch, _("这一批")), *(_row(b, b.number) for b in earlier)]
        table = Table(_("这一批和此前几批"), columns, rows, show_caption=True) if earlier else None
        return cls(table, list(_striking(batch, earlier)))


def _row(batch: Batch, label: str) -> list[object]:
    return [
        Cell(label, reverse("batch", args=[batch.pk])),
        batch.received,
        percent(share(batch.rejected, batch.received)),
        percent(share(batch.doubtful, batch.received)),
        timezone.localtime(batch.submitted_at),
    ]


def _striking(batch: Batch, earlier: list[Batch]) -> list[str]:
    goals = policies().quality(timezone.localdate(batch.submitted_at))
    found = []
    good = share(batch.received - batch.repeated - batch.rejected, batch.received - batch.repeated)
    if good is not None and good < goals.intake:
        told = {"share": percent(good), "goal": percent(goals.intake, 0)}
        found.append(_("只有 %(share)s 的行能入库，低于 %(goal)s 的目标。") % told)
    if len(earlier) >= goals.history_needed:
        mean = sum(b.received for b in earlier) / len(earlier)
        if batch.received < goals.volume_floor * mean:
            told = {"rows": f"{batch.received:,}", "mean": f"{mean:,.0f}"}
            found.append(_("收到 %(rows)s 行，比此前每批平均 %(mean)s 行少得多，请确认没有漏行。") % told)
        elif batch.received * goals.volume_floor > mean:
            told = {"rows": f"{batch.received:,}", "mean": f"{mean:,.0f}"}
            found.append(_("收到 %(rows)s 行，比此前每批平均 %(mean)s 行多得多，请确认没有报错文件。") % told)
    return found
