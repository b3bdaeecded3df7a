"""The sheet of open doubts: what an auditor takes away, fills in two columns of, and sends back (`settling`, R-051).

Texts stay texts in CSV and XLSX alike: no cell becomes a formula or a link (`standards.cells`).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.accounts.words import english, worded
from chengxin.audit.actions import record as trace
from chengxin.collection.doubts import Doubt, Reader, explain, note
from chengxin.collection.queries import numbers_of
from chengxin.collection.settling import COLUMNS, MAX_ROWS, REASON, WORDS, number_of
from chengxin.policy.policies import Policies
from chengxin.registry.models import Record
from chengxin.standards.cells import csv_lines

_CELL = 32_000
_WIDTHS = (16, 8, 36, 18, 28, 22, 28, 20, 20, 48, 70)


def take(actor: Actor, packs: Policies, records: Sequence[Record], reader: Reader) -> list[Doubt]:
    """The doubts of a sheet, at most `MAX_ROWS`; that they were told is a look of each subject and an event of the trail."""
    told = explain(packs, records[:MAX_ROWS], reader)
    note(actor, [(d.record, d.told) for d in told])
    trace(actor.name, "doubt.sheet", "doubts", "", count=len(told))
    return told


def csv(packs: Policies, doubts: Sequence[Doubt]) -> Iterator[str]:
    """The sheet as CSV, line by line."""
    return csv_lines(_heads(), _rows(packs, doubts))


def xlsx(packs: Policies, doubts: Sequence[Doubt]) -> bytes:
    """The sheet as XLSX: the column of the verdict offers what may stand in it."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EDEDED", "text_wrap": True})
    fill = book.add_format({"bg_color": "#FFF8DC", "text_wrap": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_("存疑信息"))
    for column, (label, width) in enumerate(zip(_heads(), _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, label, head)
    for line, row in enumerate(_rows(packs, doubts), start=1):
        for column, value in enumerate(row):
            sheet.write_string(line, column, str(value or "")[:_CELL], fill if column in (1, 2) else text)
    if doubts:
        said = {"input_title": _("处理"), "input_message": _("核对过的选“确认”或“撤回”；没有核对的留空。")}
        sheet.data_validation(1, 1, len(doubts), 1, {"validate": "list", "source": verdicts(), **said})
        at_most = {"validate": "length", "criteria": "<=", "value": REASON}
        sheet.data_validation(1, 2, len(doubts), 2, at_most)
    sheet.freeze_panes(1, 3)
    book.close()
    return out.getvalue()


def verdicts() -> list[str]:
    """The words of the verdict in the reader's language."""
    return [w for w in WORDS if w.isascii() == english()]


def _heads() -> list[str]:
    given = [c.names[0] if english() else c.label for c in COLUMNS]
    return [
        *given, _("目录项"), _("主体"), _("统一社会信用代码"), _("文号或者名称"), _("信源单位"), _("批次和行"), _("哪里说不通"),
        _("报送的内容"),
    ]  # fmt: skip


def _rows(packs: Policies, doubts: Sequence[Doubt]) -> Iterator[list[Any]]:
    batches = numbers_of(d.batch for d in doubts if d.batch)
    agencies = {a.id: worded(a, "name") for a in packs.agencies}
    items = {i.item.id: worded(i.item, "label") for i in packs.compiled}
    for d in doubts:
        place = f"{batches.get(d.batch or 0, '')} · {d.row}" if d.batch and d.row else ""
        why = "\n".join(str(f["message"]) for f in d.findings) or _("入库时与登记库里已有的信息对不上。")
        said = "\n".join(f"{label}：{value}" for label, value in d.fields)
        yield [
            number_of(d.record), "", "", items.get(d.record.item, d.record.item), d.record.subject.name,
            d.record.subject.code, d.title, agencies.get(d.record.source, d.record.source), place, why, said,
        ]  # fmt: skip
