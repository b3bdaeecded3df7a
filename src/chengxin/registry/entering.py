"""A single record written or corrected by a case: checked by the item's own rules, stored as a batch's row would be.

How a row of texts becomes what the register keeps is known to collection, which stands above; it is asked through the
function that `settings.CHENGXIN_STAGE_ONE` names. Nothing here is for bulk: that is `registry.merge`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from chengxin.audit.actions import record as trace
from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.registry.actions import Because, NotPossible, append_version
from chengxin.registry.lock import writing
from chengxin.registry.models import Identifier, Record, RecordVersion, Standing, Subject, SubjectName
from chengxin.registry.queries import RecordView, content_of

HEAD = (
    "key", "key_hash", "content_hash", "severity", "region", "decided_on", "expires_on", "publish", "public_until",
    "repair_from", "retain_until", "due_on",
)  # fmt: skip
"""Columns of a staged row (`merge.STAGE`) that stand in the record's head."""


class NotTaken(Exception):
    """The item's rules refuse the row; `reasons` are their sentences."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("；".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class StagedRow:
    """One row as the merge takes it (the columns of `merge.STAGE`), with the item version that read it."""

    item: str
    item_version: str
    source: str
    row: Mapping[str, Any]


StageOne = Callable[[str, Mapping[str, str], str, date], StagedRow]


def stage_one(item: str, cells: Mapping[str, str], source: str, on: date) -> StagedRow:
    """Check and type one row of an item: field id -> text of the cell, stated by `source` on that day.

    Raises `NotTaken` with the sentences of the rules that refuse it. Touches no database; call it before the transaction.
    """
    ask: StageOne = import_string(settings.CHENGXIN_STAGE_ONE)
    return ask(item, cells, source, on)


def cells_of(view: RecordView, item: Item) -> dict[str, str]:
    """The content of a record as texts that `stage_one` reads back to the same content. What it says of a person in the open
    is for `stage_one` alone: it is shown nowhere and sealed again."""
    kept = {f.id: f for f in item.kept_fields}
    content = content_of(view, item, view.head.subject.code, whole=True)
    return {name: _cell(value, kept[name]) for name, value in content.items() if value is not None and name in kept}


def _cell(value: Any, field: Field) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{value}元" if field.type == "amount" else str(value)


def enter(staged: StagedRow, why: Because) -> Record:
    """Store the row: a new record, or the new content of the one its source unit had stated under the same key (R-134)."""
    row = staged.row
    with writing():
        head = (
            Record.objects.select_for_update()
            .filter(key_hash=row["key_hash"], source=staged.source, variant=row["variant"] or "")
            .first()
        )
        if head is None:
            return _create(staged, why)
        if head.content_hash != row["content_hash"]:
            _take_over(head, row)
            append_version(head, "updated", why, payload=row["payload"], item_version=staged.item_version)
        return head


def correct(record_id: int, staged: StagedRow, why: Because) -> int:
    """Replace a record's content and everything that follows from it: severity, dates, publicity (R-249).

    Returns the number in the change feed. Raises `NotPossible` when nothing changes, the correction would make it
    somebody else's record, or another record has the corrected key.
    """
    row = staged.row
    with writing():
        head = Record.objects.select_for_update().get(pk=record_id)
        if head.content_hash == row["content_hash"]:
            raise NotPossible(f"{head}: the correction changes nothing")
        if head.subject.code != row["code"]:
            raise NotPossible(f"{head}: a correction cannot move it from {head.subject.code} to {row['code']}")
        _take_over(head, row)
        try:
            with transaction.atomic():
                return append_version(head, "correct", why, payload=row["payload"], item_version=staged.item_version)
        except IntegrityError as error:
            raise NotPossible(f"{head}: another record of {head.source} has the key {row['key']}") from error


def end_publicity(record_id: int, day: date, why: Because) -> int:
    """Let publicity end before `day`; the record stays and goes on being shared (an objection about time is right)."""
    with writing():
        head = Record.objects.select_for_update().get(pk=record_id)
        if not head.publish or (head.public_until and head.public_until < day):
            raise NotPossible(f"{head} is not published on {day}")
        head.public_until = day - timedelta(days=1)
        head.due_on = head.retain_until
        return append_version(head, "publicity-end", why)


def _take_over(head: Record, row: Mapping[str, Any]) -> None:
    for name in HEAD:
        value = row[name]
        setattr(head, name, bool(value) if name == "publish" else value if value is not None else _EMPTY.get(name))


_EMPTY = {"severity": "", "region": ""}


def _create(staged: StagedRow, why: Because) -> Record:
    row = staged.row
    head = Record(
        item=staged.item, source=staged.source, variant=row["variant"] or "", subject=_subject(row), change=0, number=1
    )
    _take_over(head, row)
    head.standing = Standing.ACTIVE
    head.save()
    version = RecordVersion.objects.create(
        record=head,
        number=1,
        action="created",
        standing=head.standing,
        held=False,
        severity=head.severity,
        subject_id_then=head.subject_id,
        payload=row["payload"],
        content_hash=head.content_hash,
        item_version=staged.item_version,
        case=why.case,
        actor=why.actor,
        reason=why.reason,
        recorded_at=timezone.now(),
    )
    Record.objects.filter(pk=head.pk).update(change=version.pk)
    head.change = version.pk
    trace(why.actor, "record.created", "record", head.pk, reason=why.reason, case=why.case, change=version.pk)
    return head


def _subject(row: Mapping[str, Any]) -> Subject:
    """The subject of the row; one that nobody knows yet is provisional until its registration arrives (R-071)."""
    known = Subject.objects.filter(code=row["code"]).first()
    if known is None:
        owner = Identifier.objects.filter(value=row["code"]).select_related("subject").first()
        known = owner.subject if owner else None
    if known is not None:
        return known
    made = Subject.objects.create(
        scheme=row["scheme"],
        code=row["code"],
        organisation_code=row["organisation_code"] or "",
        kind=row["kind"],
        name=row["name"],
        name_key=row["name_key"],
        updated_at=timezone.now(),
    )
    SubjectName.objects.create(subject=made, name=made.name, name_key=made.name_key, current=True)
    return made
