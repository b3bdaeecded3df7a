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
    elif item.personal:
        yield from _person_faults(item)
    else:
        yield from _no_person_faults(item)


def _no_person_faults(item: Item) -> Iterator[Mismatch]:
    if item.occupation is not None:
        yield Mismatch("[occupation] without natural persons", 'subjects = ["natural_person"]', ("occupation",))
    for number, field in enumerate(item.fields):
        if field.sealed:
            expected = 'sealed only in an item with subjects = ["natural_person"]'
            yield Mismatch(f'sealed = true in "{field.id}"', expected, ("field", number, "sealed"))


def _person_faults(item: Item) -> Iterator[Mismatch]:
    """Persons are taken in for their occupation only, with a term, by name and identity number, and nothing of it open."""
    if item.occupation is None:
        expected = "organisations and individual businesses; persons only with [occupation]: group, authority, basis"
        yield Mismatch("natural persons in the subjects", expected, ("subjects",))
        return
    if item.subjects != ("natural_person",):
        yield Mismatch("persons beside organisations", "an item of their own for persons", ("subjects",))
    if item.sharing != "none":
        yield Mismatch(f'sharing = "{item.sharing}" of persons', 'sharing = "none"', ("sharing",))
    group = item.by_id.get(item.occupation.group)
    if group is None or group.type != "code" or not group.required:
        yield Mismatch(f'"{item.occupation.group}"', "a required field of type code", ("occupation", "group"))
    yield from _term_faults(item)
    yield from _identity_faults(item)
    open_parts = {name: key for name, key in item.record.names.items() if key not in _MAY_BE_SEALED}
    for number, field in enumerate(item.fields):
        if field.kept and field.personal and not field.sealed:
            expected = "sealed = true: it points to a person"
            yield Mismatch(f'"{field.id}" in the open', expected, ("field", number, "sealed"))
        if field.sealed and field.id in open_parts:
            expected = "an open field: pages and lists show it"
            yield Mismatch(f'"{field.id}", which is sealed', expected, ("record", open_parts[field.id]))


_MAY_BE_SEALED = ("subject_name", "identifiers", "key")


def _term_faults(item: Item) -> Iterator[Mismatch]:
    """A term that each row brings along: it says with which key the row is sealed, also when it is sent again."""
    kept = item.retention
    if kept is None or kept.permanent or kept.then != "delete":
        expected = 'years or months, `from` a date of the row, then = "delete": what is kept of a person ends (PIPL 47)'
        yield Mismatch("no end of keeping", expected, ("retention",))
        return
    start = item.by_id.get(kept.start or "")
    if start is None or start.type != "date" or not start.required:
        yield Mismatch(f'from = "{kept.start}"', "a required field of type date", ("retention", "from"))


def _identity_faults(item: Item) -> Iterator[Mismatch]:
    """A person is known by name and identity number together, never by one of them (R-069)."""
    record = item.record
    others = [record.subject_code, *(f for scheme, f in record.identifiers.items() if scheme != "citizen_id")]
    if any(others) or record.master or record.subject_kind:
        expected = "subject_name and identifiers.citizen_id alone"
        yield Mismatch("another way to say who it is about", expected, ("record",))
    wanted = {"subject_name": (record.subject_name, "person_name"),
              "identifiers": (record.identifiers.get("citizen_id"), "citizen_id")}  # fmt: skip
    for key, (name, kind) in wanted.items():
        field = item.by_id.get(name or "")
        if field is None or field.type != kind or not field.required:
            yield Mismatch(f'"{name}"', f"a required field of type {kind}", ("record", key))
