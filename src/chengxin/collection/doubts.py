"""Why records are in doubt: each with the row that brought it and what was found on that row (R-051)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chengxin.collection import evidence, receipts
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.registry.models import Record, RecordVersion


@dataclass(frozen=True)
class Doubt:
    """A record in doubt. `findings` are the receipt's doubts on its row; `fields` what the row says, with labels."""

    record: Record
    batch: int | None
    row: int | None
    title: str
    findings: list[dict[str, Any]]
    fields: list[tuple[str, Any]]


def explain(packs: Policies, records: Iterable[Record]) -> list[Doubt]:
    """The records with the reasons for their doubts, in the order given; for the source unit, not for the public."""
    heads = list(records)
    brought = _brought(heads)
    findings = _findings(brought.values())
    return [_doubt(packs, head, brought.get(head.pk), findings) for head in heads]


def compare(packs: Policies, records: Iterable[Record]) -> list[tuple[str, list[Any], bool]]:
    """What several records of one item say side by side: label, the value of each, and whether they differ; fields that
    differ come first, those that nobody filled are left out."""
    heads = list(records)
    newest = RecordVersion.objects.filter(record_id__in=[h.pk for h in heads]).order_by("number")
    payloads = {v.record_id: json.loads(v.payload) for v in newest}
    item = _item(packs, heads[0].item, "")
    if item is None:
        return []
    rows = []
    for field in item.kept_fields:
        values = [field.as_written(payloads.get(h.pk, {}).get(field.id)) for h in heads]
        if any(v not in (None, "") for v in values):
            rows.append((field.label, values, any(v != values[0] for v in values)))
    return sorted(rows, key=lambda row: not row[2])


def _doubt(
    packs: Policies, head: Record, version: RecordVersion | None, findings: dict[tuple[int, int], list[dict[str, Any]]]
) -> Doubt:
    if version is None or version.batch is None or version.row is None:
        return Doubt(head, None, None, head.key, [], [])
    payload = json.loads(version.payload)
    item = _item(packs, head.item, version.item_version)
    title = payload.get(item.record.title) if item else None
    fields = (
        [(f.label, f.as_written(payload[f.id])) for f in item.kept_fields if payload.get(f.id) is not None]
        if item
        else []
    )
    found = findings.get((version.batch, version.row), [])
    return Doubt(head, version.batch, version.row, str(title or head.key), found, fields)


def _brought(heads: list[Record]) -> dict[int, RecordVersion]:
    """The version of each record that a batch brought last."""
    versions = RecordVersion.objects.filter(record_id__in=[h.pk for h in heads], batch__isnull=False)
    return {v.record_id: v for v in versions.order_by("number")}


def _findings(versions: Iterable[RecordVersion]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    rows: dict[int, set[int]] = {}
    for version in versions:
        if version.batch is not None and version.row is not None:
            rows.setdefault(version.batch, set()).add(version.row)
    return {
        (batch, row): found
        for batch, wanted in rows.items()
        for row, found in receipts.of_rows(evidence.folder_of(batch), wanted, "doubt").items()
    }


def _item(packs: Policies, item: str, version: str) -> Item | None:
    versions = packs.versions(item)
    return next((i for i in versions if i.version == version), versions[-1] if versions else None)
