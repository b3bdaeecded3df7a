"""What has to fit together inside one item: names that are fields, severity steps in order, a subject for every record."""

from __future__ import annotations

from collections.abc import Iterator

from chengxin.policy.catalogue import Item
from chengxin.policy.errors import Mismatch


def item_faults(item: Item) -> Iterator[Mismatch]:
    """What does not fit together inside one item."""
    seen: set[str] = set()
    for number, field in enumerate(item.fields):
        if field.id in seen:
            yield Mismatch(f'a second field "{field.id}"', "each id once", ("field", number, "id"))
        seen.add(field.id)
    kept = {f.id for f in item.kept_fields}
    for name, path in _names_used(item):
        if name not in kept and not (path[-1] == "from" and name == "entered"):
            what = "a dropped field" if name in seen else "a field that does not exist"
            yield Mismatch(f'"{name}", {what}', "the id of a kept field: " + ", ".join(sorted(kept)), path)
    rules: set[str] = set()
    for number, rule in enumerate(item.written_rules):
        if rule.id in rules:
            yield Mismatch(f'a second rule "{rule.id}"', "each id once", ("rule", number, "id"))
        rules.add(rule.id)
    yield from _severity_faults(item)
    yield from _subject_faults(item)


def _names_used(item: Item) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    for name, key in item.record.names.items():
        yield name, ("record", key)
    for number, field in enumerate(item.fields):
        if field.not_before:
            yield field.not_before, ("field", number, "not_before")
        for name in field.when or {}:
            yield name, ("field", number, "when")
    for group in item.one_of_required:
        for name in group:
            yield name, ("one_of_required",)
    if item.timeliness:
        yield item.timeliness.start, ("timeliness", "from")
    if item.retention and item.retention.start:
        yield item.retention.start, ("retention", "from")
    for number, rule in enumerate(item.written_rules):
        for name in rule.fields:
            yield name, ("rule", number, "fields")
        for key in ("good", "bad"):
            for name in {n for row in getattr(rule, key) for n in row} - {"today", "reported_on"}:
                yield name, ("rule", number, key)
        if c := rule.constraint:
            for name in filter(None, (c.field, c.not_before, *c.one_of_required)):
                yield name, ("rule", number, "constraint")
    for number, severity in enumerate(item.severities):
        for name in {n for row in severity.examples for n in row} - {"today", "reported_on"}:
            yield name, ("severity", number, "examples")


def _severity_faults(item: Item) -> Iterator[Mismatch]:
    if item.nature == "adverse" and not item.severities:
        yield Mismatch(
            "an adverse item without [[severity]]", "severity rules: how grave a record is decides what is shown"
        )
    for number, severity in enumerate(item.severities):
        last = number == len(item.severities) - 1
        if last and severity.test is not None:
            yield Mismatch(
                "a test in the last [[severity]]", "no test: it takes what is left", ("severity", number, "test")
            )
        if not last and severity.test is None:
            yield Mismatch("no test", "a test in all [[severity]] but the last", ("severity", number, "level"))


def _subject_faults(item: Item) -> Iterator[Mismatch]:
    record = item.record
    if not (record.subject_code or record.identifiers or record.subject_name):
        yield Mismatch(
            "no subject", "subject_code, subject_name or identifiers: a record belongs to somebody", ("record",)
        )
    if item.disclosure == "public" and item.nature == "adverse" and item.publicity is None:
        yield Mismatch("a public adverse item without publicity", "`publicity`: how long it is shown", ("disclosure",))
    if "natural_person" in item.subjects and item.disclosure == "public":
        yield Mismatch(
            "natural persons in a public item",
            'disclosure = "not_public", or an item of their own (domain.md 0.11)',
            ("subjects",),
        )
