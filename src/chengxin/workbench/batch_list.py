"""Batches as a table, and the filters that are set as tags that can be taken off."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.collection.models import Batch
from chengxin.design.shapes import Cell, Column, Table
from chengxin.design.templatetags.chengxin import named
from chengxin.policy.policies import Policies
from chengxin.workbench.batch_page import STATE_TONES
from chengxin.workbench.labels import item_label


def table_of(packs: Policies, batches: Iterable[Batch], caption: str) -> Table:
    """One row a batch; a batch of corrected rows says so."""
    columns = [
        Column(_("批次")), Column(_("目录项")), Column(_("信源单位")), Column(_("状态")), Column(_("收到"), number=True),
        Column(_("不予入库"), number=True), Column(_("存疑"), number=True), Column(_("报送时间")),
    ]  # fmt: skip
    rows = [
        [
            Cell(b.number, reverse("batch", args=[b.pk]), note=_("更正") if b.mends_id else ""),
            item_label(packs, b.item),
            named(b.source),
            Cell(b.get_state_display(), tone=STATE_TONES.get(b.state, "info")),
            b.received,
            b.rejected,
            b.doubtful,
            timezone.localtime(b.submitted_at),
        ]
        for b in batches
    ]
    return Table(caption, columns, rows, show_caption=True)
