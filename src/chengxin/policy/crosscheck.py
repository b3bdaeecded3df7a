"""Faults that show only when all files are read: names that lead nowhere, two versions for one day, one heading twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chengxin.policy.catalogue import Item
from chengxin.policy.errors import Problem
from chengxin.policy.fields import CODED, Field
from chengxin.policy.forbidden import forbidden_in, squeezed
from chengxin.policy.packs import Agencies, CodeTable, Disclosure, ForbiddenData, Quality
from chengxin.policy.schema import Header
from chengxin.standards.uscc import uscc_problem

if TYPE_CHECKING:
    from chengxin.policy.gathered import Source

Sourced = Sequence[tuple["Source", Header]]


def names(tables: Mapping[str, CodeTable], name: str) -> str:
    """The ids of a table's rows for an error message, the closest to `name` first if there are many."""
    ids = ", ".join(sorted(tables)) or "no tables at all"
    return f"one of the code tables: {ids}" if name not in tables else ids


def of_item(
    source: Source,
    item: Item,
    tables: Mapping[str, CodeTable],
    publicities: Mapping[str, set[str]],
    broken: Collection[str] = (),
) -> Iterator[Problem]:
    """What an item names that is not there; tables that are `broken` have been told of elsewhere."""
    kinds = tables.get("catalogue_kinds")
    if "catalogue_kinds" in broken:
        pass
    elif kinds is None or item.category not in {row.code for row in kinds.rows}:
        known = (
            ", ".join(row.code for row in kinds.rows) if kinds else "no table national/codes/catalogue_kinds.csv yet"
        )
        yield source.problem(("item", "category"), repr(item.category), f"a code of catalogue_kinds: {known}")
    if item.publicity is not None:
        graded = publicities.get(item.publicity)
        if graded is None:
            known = ", ".join(sorted(publicities)) or "none yet"
            yield source.problem(
                ("item", "publicity"), repr(item.publicity), f"a [[publicity]] of the disclosure packs: {known}"
            )
        elif missing := {s.level for s in item.severities} - graded:
            expected = f"a period for {', '.join(sorted(missing))} in [[publicity]] {item.publicity}"
            yield source.problem(("severity",), f"severity {', '.join(sorted(missing))}", expected)
    for number, field in enumerate(item.fields):
        if field.table not in broken:
            yield from _of_table(source, field, number, tables)
    yield from _headings(source, item)
    yield from _kinds(source, item, tables)


def _of_table(source: Source, field: Field, number: int, tables: Mapping[str, CodeTable]) -> Iterator[Problem]:
    if field.type not in CODED or field.table is None:
        return
    table = tables.get(field.table)
    if table is None:
        yield source.problem(("field", number, "table"), repr(field.table), names(tables, field.table))
    elif field.kept and field.example is not None:
        parts = split_set(field.example) if field.type == "code_set" else [field.example]
        for part in parts:
            if part not in table.lookup:
                labels = "、".join(table.labels[:20])
                yield source.problem(("field", number, "example"), repr(part), f"one of the table {table.id}: {labels}")


def split_set(text: str) -> list[str]:
    """The values of a code_set cell: separated by 、 ， ； , ; |."""
    for mark in "，；,;|":
        text = text.replace(mark, "、")
    return [part.strip() for part in text.split("、") if part.strip()]


def _headings(source: Source, item: Item) -> Iterator[Problem]:
    """One heading cannot mean two columns."""
    owner: dict[str, Field] = {}
    for number, field in enumerate(item.fields):
        for heading in dict.fromkeys((field.id, *field.headings)):
            other = owner.setdefault(squeezed(heading), field)
            if other is not field:
                key = "codes" if heading in field.codes else "aliases" if heading in field.aliases else "label"
                found = f"the heading {heading!r}, which the field {other.id} has too"
                yield source.problem(("field", number, key), found, "each heading with one field only")


def _kinds(source: Source, item: Item, tables: Mapping[str, CodeTable]) -> Iterator[Problem]:
    record = item.record
    if record.subject_kind is None:
        return
    table = tables.get(item.field(record.subject_kind).table or "")
    for label in record.subject_kinds:
        if table and label not in table.labels:
            expected = f"labels of the table {table.id}: {'、'.join(table.labels)}"
            yield source.problem(("record", "subject_kinds"), repr(label), expected)


def of_forbidden(source: Source, item: Item, data: Sequence[ForbiddenData]) -> Iterator[Problem]:
    """Fields (and the item itself) whose id, label, alias or code names data that may never be collected."""
    expected = "no such item: national/forbidden.toml rules it out"
    for text, word, kind in forbidden_in((item.id, item.label, item.label_en), data):
        yield source.problem(("item",), f"{text!r}, which is {kind.label} (「{word}」)", expected)
    for number, field in enumerate(item.fields):
        texts = (field.id, field.label, field.label_en, *field.codes, *field.aliases)
        for text, word, kind in forbidden_in(texts, data):
            found = f"{text!r}, which is {kind.label} (「{word}」)"
            yield source.problem(("field", number, "id"), found, "no such field: national/forbidden.toml rules it out")


def of_agencies(source: Source, pack: Agencies, items: set[str], tables: Mapping[str, CodeTable]) -> Iterator[Problem]:
    ids = {a.id for a in pack.agencies}
    regions = tables.get("regions")
    for number, agency in enumerate(pack.agencies):
        path = ("agency", number)
        if problem := uscc_problem(agency.code):
            yield source.problem((*path, "code"), f"{agency.code!r} ({problem})", "a valid unified social credit code")
        if regions and agency.region not in {row.code for row in regions.rows}:
            yield source.problem((*path, "region"), repr(agency.region), "a code of the table regions")
        if agency.parent is not None and agency.parent not in ids:
            yield source.problem((*path, "parent"), repr(agency.parent), "the id of another agency of this file")
        for place, duty in enumerate(agency.items):
            if duty.id not in items:
                known = ", ".join(sorted(items)) or "none yet"
                yield source.problem(
                    (*path, "items", place, "id"), f"the item {duty.id!r}", f"items of the catalogue: {known}"
                )


def of_versions(packs: Sequence[tuple[Source, Item | Disclosure | Quality]]) -> Iterator[Problem]:
    """Two versions of one thing may not hold on the same day."""
    for at, (source, pack) in enumerate(packs):
        for earlier, other in packs[:at]:
            if type(other) is type(pack) and other.id == pack.id and other.effective.overlaps(pack.effective):
                found = f"{pack.id} for {pack.effective}, while {earlier.name} says {other.effective}"
                yield source.problem(("effective",), found, "versions that do not overlap: give the older one `to`")


def of_ids(packs: Sequence[tuple[Source, str, tuple[str | int, ...]]], what: str) -> Iterator[Problem]:
    """Ids that must be unique over all files: code tables, agencies."""
    first: dict[str, Source] = {}
    for source, id, path in packs:
        if id in first:
            yield source.problem(path, f"a second {what} {id!r} (the first is in {first[id].name})", "each id once")
        first.setdefault(id, source)


def of_pick_by(packs: Sequence[tuple[Source, Disclosure]]) -> Iterator[Problem]:
    """The date that picks the version cannot itself depend on the version."""
    first: dict[str, str] = {}
    for source, pack in packs:
        for number, entry in enumerate(pack.publicities):
            wanted = first.setdefault(entry.id, entry.pick_by)
            if entry.pick_by != wanted:
                path = ("publicity", number, "pick_by")
                yield source.problem(path, repr(entry.pick_by), f"{wanted!r} as in the other versions of {entry.id}")
