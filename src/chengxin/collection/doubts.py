"""Why records are in doubt: each with the row that brought it and what was found on that row (R-051).

A unit reads what it has submitted as it stands. What another unit has stated passes disclosure like every look by duty,
but for one thing: a doubt is shown to both sides, or neither could settle it. The subjects see who was shown what (G-10).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from chengxin.accounts.actors import Actor
from chengxin.collection import evidence, receipts
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.registry import looks
from chengxin.registry.disclosure import Audience, disclose
from chengxin.registry.models import Record, RecordVersion
from chengxin.registry.queries import RecordView, content_of, facts_of

PURPOSE = gettext_noop("核对存疑信息")


@dataclass(frozen=True)
class Reader:
    """For whom doubts are told: the units whose own rows are read as they stand, on which day."""

    own: frozenset[str]
    day: date


@dataclass(frozen=True)
class Doubt:
    """A record in doubt. `findings` are the receipt's doubts on its row; `fields` what the row says, with labels; `told`
    are the ids of those fields."""

    record: Record
    batch: int | None
    row: int | None
    title: str
    findings: list[dict[str, Any]]
    fields: list[tuple[str, Any]]
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """Records side by side: label, the value of each, and whether they differ; `told` are the fields shown of each."""

    rows: list[tuple[str, list[Any], bool]]
    told: Mapping[int, frozenset[str]]


def explain(packs: Policies, records: Iterable[Record], reader: Reader) -> list[Doubt]:
    """The records with the reasons for their doubts, in the order given; for source units, not for the public."""
    heads = list(records)
    brought = _brought(heads)
    findings = _findings(brought.values())
    return [_doubt(packs, head, brought.get(head.pk), findings, reader) for head in heads]


def compare(packs: Policies, records: Iterable[Record], reader: Reader) -> Comparison:
    """What several records of one item say side by side; fields that differ come first, those that nobody filled, or this
    reader may see of nobody, are left out."""
    heads = list(records)
    newest = {
        v.record_id: v for v in RecordVersion.objects.filter(record_id__in=[h.pk for h in heads]).order_by("number")
    }
    item = _item(packs, heads[0].item, "")
    if item is None:
        return Comparison([], {})
    contents = {h.pk: _content(h, newest[h.pk], item, reader) if h.pk in newest else {} for h in heads}
    rows = []
    for field in item.kept_fields:
        values = [field.as_written(contents[h.pk].get(field.id)) for h in heads]
        if any(v not in (None, "") for v in values):
            rows.append((field.label, values, any(v != values[0] for v in values)))
    return Comparison(sorted(rows, key=lambda row: not row[2]), {pk: frozenset(told) for pk, told in contents.items()})


def note(actor: Actor, told: Iterable[tuple[Record, Collection[str]]], *, basis: str = "doubts") -> None:
    """Write down for their subjects whose doubtful records, or claims against them, were shown, and which fields; whoever
    opens the same again on the same day leaves no second row."""
    units = looks.units_for(actor, Audience.DUTY)
    found: dict[str, list[looks.Looked]] = {}
    for record, fields in told:
        unit = record.source if record.source in units else next(iter(units), "")
        found.setdefault(unit, []).append(looks.Looked(record.subject.code, 1, {record.item}, fields))
    for unit, looked in found.items():
        ask = looks.Ask(Audience.DUTY, PURPOSE, basis, unit)
        looks.note_all(actor.name, looks.gathered(looked), ask, once=True)


def _content(head: Record, version: RecordVersion, item: Item, reader: Reader) -> Mapping[str, Any]:
    """What this reader may see of one state of a record."""
    view = RecordView(head, version, json.loads(version.payload))
    payload = content_of(view, item, head.subject.code)
    if head.source in reader.own:
        return {f.id: payload[f.id] for f in item.kept_fields if payload.get(f.id) is not None}
    facts = replace(facts_of(view, item, head.subject), held=False)
    return disclose(facts, payload, item.kept_fields, audience=Audience.DUTY, purpose=PURPOSE, day=reader.day).fields


def _doubt(
    packs: Policies,
    head: Record,
    version: RecordVersion | None,
    findings: dict[tuple[int, int], list[dict[str, Any]]],
    reader: Reader,
) -> Doubt:
    if version is None or version.batch is None or version.row is None:
        return Doubt(head, None, None, head.key, [], [])
    item = _item(packs, head.item, version.item_version)
    content = _content(head, version, item, reader) if item else {}
    title = content.get(item.record.title or "") if item else None
    fields = [(f.label, f.as_written(content[f.id])) for f in item.kept_fields if f.id in content] if item else []
    found = findings.get((version.batch, version.row), [])
    return Doubt(head, version.batch, version.row, str(title or head.key), found, fields, frozenset(content))


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
