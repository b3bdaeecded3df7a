"""From a catalogue item to what the engine runs: the only place where policy and engine meet."""

from __future__ import annotations

from datetime import date

from chengxin.collection.prepare import key_sql
from chengxin.engine.plan import Column, Plan
from chengxin.policy.catalogue import Item
from chengxin.policy.fields import Field
from chengxin.policy.policies import Policies
from chengxin.standards.sql import macro_statements


def plan_for(item: Item, packs: Policies, *, reported_on: date, today: date) -> Plan:
    """The engine's plan for one file of `item` submitted on `reported_on` (rules valid on that day)."""
    record = item.record
    return Plan(
        name=item.id,
        columns=tuple(column_of(f, packs) for f in item.fields),
        rules=tuple(packs.rules(item.id, reported_on)),
        reported_on=reported_on,
        today=today,
        key=tuple(record.key),
        key_text=key_sql(item),
        subject=tuple(n for n in (record.subject_code, record.subject_name, *record.identifiers.values()) if n),
        macros=tuple(macros(packs)),
    )


def column_of(field: Field, packs: Policies) -> Column:
    table = packs.codes(field.table) if field.table else None
    return Column(
        id=field.id,
        label=field.label,
        kind=field.type,
        names=field.headings,
        keep=field.kept,
        required=field.required,
        table=table.lookup if table else None,
        codes={row.label: row.code for row in table.rows} if table else None,
        unit="万元" if field.unit == "wan" else "元",
    )


def macros(packs: Policies) -> list[str]:
    """The standards as SQL macros, with this province's calendar."""
    return macro_statements(packs.calendar, native=True)
