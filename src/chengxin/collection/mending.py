"""Correct rejected and doubtful rows on the page and send them in again (R-031, R-049, R-057).

The corrected rows are a batch of their own, checked and released like every other and linked to the one they come from;
that one and its file stay as they are. Rejected rows can be corrected as soon as the check is done. Doubtful ones only
once they are stored: before, the uncorrected row could be stored after the corrected one and undo it.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chengxin.accounts.actors import Actor
from chengxin.collection import actions, evidence, receipts
from chengxin.collection.models import Batch, State
from chengxin.collection.plan import column_of
from chengxin.collection.verdict import Rows, Verdict
from chengxin.engine.headers import match_headings
from chengxin.engine.readers import open_source
from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.registry.packs import policies

_CHECKED = (State.CHECKED, State.RELEASED, State.MERGING, State.STORED)
_VAIN = (State.REFUSED, State.RETURNED, State.WITHDRAWN)
"""A correction that came to nothing leaves its rows to be corrected again."""


@dataclass(frozen=True)
class Row:
    """A row of the file to be corrected: what it says, field by field, and what was found on it."""

    number: int
    title: str
    cells: Mapping[str, str]
    findings: Sequence[Mapping[str, Any]]
    blamed: frozenset[str]


@dataclass(frozen=True)
class ToMend:
    """The rows of a batch that wait for correction; `gone` went out corrected already, `later` wait for the merge."""

    rows: Rows
    gone: Rows
    later: int

    @property
    def total(self) -> int:
        return len(self.rows)


def to_mend(batch: Batch) -> ToMend:
    """Which rows of the batch can be corrected now, in their order."""
    path = evidence.folder_of(batch.pk) / "verdict.parquet"
    if _item(batch).personal:  # its rows are shown on no page: the source corrects its own file and sends it again
        return ToMend(np.empty(0, np.int64), np.empty(0, np.int64), 0)
    if batch.state not in _CHECKED or batch.file_gone_on is not None or not path.exists():
        return ToMend(np.empty(0, np.int64), np.empty(0, np.int64), 0)
    verdict = Verdict.load(path)
    stored = batch.state == State.STORED
    wanted = np.union1d(verdict.rejected, verdict.doubtful) if stored else np.sort(verdict.rejected)
    gone = np.intersect1d(wanted, np.array(_sent(batch), np.int64))
    return ToMend(np.setdiff1d(wanted, gone), gone, 0 if stored else len(verdict.doubtful))


def _sent(batch: Batch) -> list[int]:
    """Rows that later batches state anew."""
    later = Batch.objects.filter(mends_id=batch.pk).exclude(state__in=_VAIN).values_list("mended_rows", flat=True)
    return sorted({int(row) for rows in later for row in rows})


def read_rows(batch: Batch, numbers: Collection[int]) -> list[Row]:
    """These rows of the batch's file with what was found on them. Raises `FileRefused` when it cannot be read any more."""
    item = _item(batch)
    found = receipts.of_rows(evidence.folder_of(batch.pk), numbers)
    labels = {f.label: f.id for f in item.kept_fields}
    rows = []
    for number, cells in _cells(batch, item, numbers).items():
        findings = found.get(number, [])
        blamed = {labels[n] for f in findings for n in _names(str(f["field"] or ""), labels)}
        title = cells.get(item.record.title) or cells.get(item.record.subject_name or "") or ""
        rows.append(Row(number, title, cells, findings, frozenset(blamed)))
    return rows


def fields_of(batch: Batch) -> tuple[Field, ...]:
    """The fields that can be corrected, in the order of the catalogue."""
    return _item(batch).kept_fields


def send(actor: Actor, batch: Batch, changes: Mapping[int, Mapping[str, str]], key: str) -> Batch:
    """Send the rows of `changes` (row -> field id -> new text) as a batch of their own; other fields as they were.

    The same `key` and content give the same batch again. Raises `Denied`, `NotAccepted`, `FileRefused`.
    """
    item = _item(batch)
    now = _cells(batch, item, list(changes))
    rows = {n: {**cells, **changed} for n, cells in now.items() if (changed := _changed(cells, changes[n]))}
    if not rows:
        raise actions.NotAccepted(_("一处也没有改。请先改好要重新报送的行。"))
    content = _csv(item, rows)
    digest = hashlib.sha256(content).hexdigest()[:24]
    name = f"{PurePath(batch.file_name).stem[:200]}-{_('更正')}.csv"
    submission = actions.Submission(batch.item, batch.source_id, name, "page", f"mend-{batch.pk}-{key}-{digest}")
    with transaction.atomic():
        made, fresh = actions.submit_once(actor, submission, io.BytesIO(content))
        if fresh:
            _require_open(batch, rows)
            Batch.objects.filter(pk=made.pk).update(mends=batch, mended_rows=list(rows))
    made.refresh_from_db()
    return made


def _require_open(batch: Batch, rows: Collection[int]) -> None:
    """Nobody corrects a row twice; whoever came second is told, and nothing of theirs is submitted."""
    if unfit := sorted(set(rows) - set(to_mend(batch).rows.tolist())):
        raise actions.NotAccepted(
            _("第 %(rows)s 行已经在别的批次里更正过，或者现在不能更正；请刷新页面再看。"),
            rows="、".join(map(str, unfit)),
        )


def _changed(cells: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The cells that say something else than before; browsers send line ends of their own and people leave blanks."""
    texts = {name: text.replace("\r\n", "\n").strip() for name, text in wanted.items()}
    return {name: text for name, text in texts.items() if text != cells.get(name, "").strip()}


def _csv(item: Item, rows: Mapping[int, Mapping[str, str]]) -> bytes:
    """The rows as a file with the catalogue's own headings; columns that nobody filled are left out."""
    used = [f for f in item.kept_fields if f.required or any(cells.get(f.id) for cells in rows.values())]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([f.label for f in used])
    writer.writerows([[cells.get(f.id, "") for f in used] for cells in rows.values()])
    return out.getvalue().encode()


def _cells(batch: Batch, item: Item, numbers: Collection[int]) -> dict[int, dict[str, str]]:
    """What these rows say, field by field; lines that could not be read as rows are left out."""
    packs, wanted, found = policies(), set(numbers), dict[int, dict[str, str]]()
    with open_source(evidence.file_of(batch)) as source:
        position = match_headings(source.columns, [column_of(f, packs) for f in item.kept_fields]).position
        for chunk in source.chunks():
            broken = {b.row for b in chunk.broken}
            end = chunk.first_row + chunk.table.height
            for number in sorted(n for n in wanted if chunk.first_row <= n < end and n not in broken):
                cells = chunk.table.row(number - chunk.first_row)
                found[number] = {name: str(cells[at] or "") for name, at in position.items()}
            if not wanted or max(wanted) < end:
                break
    return found


def _names(field: str, labels: Mapping[str, str]) -> list[str]:
    """The labels a finding names; several are joined by 、."""
    return [field] if field in labels else [n for n in field.split("、") if n in labels]


def _item(batch: Batch) -> Item:
    return policies().item(batch.item, timezone.localdate(batch.submitted_at))
