"""From named constraints to tests: what each one asks in SQL, and the examples that prove it.

A test that yields NULL passes, so only `required` and its kin speak of absence. In a column that may stay empty a filler
(无, /) is no mistake in form: it is taken as empty, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from chengxin.policy import forms
from chengxin.policy.catalogue import Item, WrittenRule
from chengxin.policy.dialect import ALWAYS, DialectError, columns_of, regenerate
from chengxin.policy.drafts import Draft, Tables, draft_of
from chengxin.policy.errors import Mismatch
from chengxin.policy.fields import Field
from chengxin.policy.messages import SUBJECT_WORDS, UNITS
from chengxin.policy.schema import basis_text
from chengxin.standards.citizen_id import birth_date

LONG_AGO = "1900-01-01"


def of_item(item: Item, tables: Tables) -> Iterator[Draft]:
    """The drafts of all named constraints of an item and of the checks that every item has.

    Raises `Mismatch` when a field's example or bad value does not show what it should.
    """
    for number, f in enumerate(item.fields):
        if f.kept:
            yield from _of_field(item, f, number, tables)
    groups = (_one_of(item, group) for group in item.one_of_required)
    for draft in (*groups, *_subject_kind(item), *_minor(item), *_late(item), *_of_file_and_register(item)):
        check = draft.kind.replace(".", "-").replace("_", "-")
        yield replace(draft, level=dict(item.levels).get(check, draft.level))  # type: ignore[call-overload]


def of_rule(item: Item, rule: WrittenRule, number: int) -> Draft:
    """The draft of a constraint that stands in a [[rule]]; its words and examples are the rule's."""
    given = rule.constraint
    assert given is not None
    if given.one_of_required:
        return _one_of(item, given.one_of_required)
    f = item.field(given.field or "")
    if given.pattern is not None:
        return draft_of(f, "pattern", f"regexp_full_match({forms.cell(f)}, {forms.literal(given.pattern)})")
    if given.not_before is not None:
        return _not_before(item, replace_field(f, not_before=given.not_before))
    path = ("rule", number, "constraint", "required_when")
    return _required_when(item, replace_field(f, required_when=given.required_when), path)


def replace_field(f: Field, **changes: object) -> Field:
    return f.model_copy(update=changes)


def _of_field(item: Item, f: Field, number: int, tables: Tables) -> Iterator[Draft]:
    level_of = dict(f.levels)
    for draft in (*_presence(f), *forms.of_type(f, number, tables), *_text(f), *_numbers(f), *_dates(item, f, number)):
        level = level_of.pop(draft.id.partition(".")[2].replace("-", "_"), draft.level)
        yield replace(draft, level=level, basis=basis_text(f.basis) if f.basis else "")
    if level_of:
        raise Mismatch(
            f"levels for {', '.join(level_of)}", "constraints that the field has", ("field", number, "levels")
        )


def _presence(f: Field) -> Iterator[Draft]:
    cell, value = forms.cell(f), forms.value(f)
    example = f.example or ""
    if f.required:
        yield draft_of(f, "required", f"{cell} IS NOT NULL", good=({f.id: example},), bad=({},), found="NULL")
        if f.type not in forms.PARSED:
            yield draft_of(f, "filler", f"NOT is_filler({cell})", good=({f.id: example},), bad=({f.id: "/"},))
    elif f.type != "text":
        test = f"NOT is_filler({cell})"
        if f.type in forms.PARSED:
            test = f"CASE WHEN {forms.known(f, value)} THEN TRUE ELSE {test} END"
        yield replace(
            draft_of(f, "filler-optional", test, good=({f.id: example}, {}), bad=({f.id: "/"},)), id=f"{f.id}.filler"
        )


def _text(f: Field) -> Iterator[Draft]:
    cell, example = forms.cell(f), f.example or ""
    if f.length is not None:
        limit = {"limit": (str(f.length), str(f.length))}
        rows = ({f.id: example},), ({f.id: "长" * (f.length + 1)},)
        yield draft_of(f, "length", f"length({cell}) <= {f.length}", parts=limit, good=rows[0], bad=rows[1])
    if f.min_length is not None:
        limit = {"limit": (str(f.min_length), str(f.min_length))}
        test = f"length({cell}) >= {f.min_length}"
        yield draft_of(
            f, "min_length", test, parts=limit, good=({f.id: example},), bad=({f.id: "短" * (f.min_length - 1)},)
        )
    if f.pattern is not None:
        test = forms.unless_filler(f, f"regexp_full_match({cell}, {forms.literal(f.pattern)})")
        parts = {"other": (example, example)}
        yield draft_of(f, "pattern", test, parts=parts, good=({f.id: example},), bad=({f.id: f.bad or ""},))


def _numbers(f: Field) -> Iterator[Draft]:
    unit = UNITS[f.unit] if f.type == "amount" else ("", "")
    for kind, sign, limit, step in (("min", ">=", f.min, -1), ("max", "<=", f.max, 1)):
        if limit is not None and not (f.type == "amount" and limit <= 0):  # no amount is read below 0 anyway
            parts = {"limit": (f"{limit} {unit[0]}".strip(), f"{limit} {unit[1]}".strip())}
            test = f"{forms.value(f)} {sign} {limit * f.scale}"
            yield draft_of(
                f, kind, test, parts=parts, good=({f.id: f.example or ""},), bad=({f.id: str(limit + step)},)
            )


def _dates(item: Item, f: Field, number: int) -> Iterator[Draft]:
    if f.not_future:
        example = f.example or ""
        before = str(date.fromisoformat(example) - timedelta(days=1))
        good, bad = ({f.id: example, "reported_on": example},), ({f.id: example, "reported_on": before},)
        yield draft_of(f, "not_future", f"{forms.value(f)} <= reported_on", good=good, bad=bad)
    if f.not_before is not None:
        yield _not_before(item, f)
    if f.required_when is not None:
        yield _required_when(item, f, ("field", number, "required_when"))


def _not_before(item: Item, f: Field) -> Draft:
    other = item.field(f.not_before or "")
    example = f.example or ""
    return draft_of(
        f,
        "not_before",
        f"{forms.value(f)} >= {forms.value(other)}",
        fields=(f.id, other.id),
        parts={"other": (other.label, other.label_en)},
        found=f"concat({forms.cell(f)}, ' < ', {forms.cell(other)})",
        good=({f.id: example, other.id: example}, {f.id: example}),
        bad=({f.id: LONG_AGO, other.id: example},),
    )


def _required_when(item: Item, f: Field, path: tuple[str | int, ...]) -> Draft:
    try:
        test, used = regenerate(f.required_when or "", columns_of(x.id for x in item.kept_fields))
    except DialectError as error:
        found = f"{error.found} at character {error.position} of {f.required_when!r}"
        raise Mismatch(found, error.expected, path) from error
    ids = {x.id for x in item.kept_fields}
    names = (n if n in ids else n.removesuffix("_text") for n in used if n not in ALWAYS)
    others = [item.field(n) for n in dict.fromkeys(names) if n != f.id]
    shown = ", ', ', ".join(f"coalesce({forms.shown(o)}, '')" for o in others) or "''"
    when = dict(f.when) if f.when is not None else {o.id: o.example or "" for o in others}
    when.pop(f.id, None)
    return draft_of(
        f,
        "required_when",
        f"{forms.filled(f)} OR NOT coalesce({test}, FALSE)",
        fields=(f.id, *(o.id for o in others)),
        parts={"other": ("、".join(o.label for o in others), ", ".join(o.label_en for o in others))},
        found=f"nullif(concat({shown}), '')",
        good=({**when, f.id: f.example or ""},),
        bad=(when,),
    )


def _one_of(item: Item, group: tuple[str, ...]) -> Draft:
    fields = [item.field(name) for name in group]
    labels = "、".join(f"「{f.label}」" for f in fields), ", ".join(f"“{f.label_en}”" for f in fields)
    return Draft(
        id=f"{group[0]}.one-of-required",
        kind="one_of_required",
        test=" OR ".join(map(forms.filled, fields)),
        fields=group,
        parts={"other": labels},
        found="NULL",
        good=tuple({f.id: f.example or ""} for f in fields),
        bad=({},),
    )


def _subject_kind(item: Item) -> Iterator[Draft]:
    """Rows about a kind of subject that the item does not take; a person's row never enters an organisation's table."""
    name, kinds = item.record.subject_kind, item.record.subject_kinds
    if name is None:
        return
    f = item.field(name)
    allowed = [label for label, kind in kinds.items() if kind in item.subjects]
    refused = [label for label, kind in kinds.items() if kind not in item.subjects]
    if not refused or not allowed:
        return
    zh = "、".join(SUBJECT_WORDS[s][0] for s in item.subjects)
    en = " and ".join(SUBJECT_WORDS[s][1] for s in item.subjects)
    yield Draft(
        id="subject.kind",
        kind="subject.kind",
        test=f"{forms.value(f)} NOT IN ({', '.join(map(forms.literal, refused))})",
        fields=(f.id,),
        parts={"other": (zh, en)},
        good=tuple({f.id: label} for label in allowed),
        bad=tuple({f.id: label} for label in refused),
    )


def _minor(item: Item) -> Iterator[Draft]:
    """Rows about persons under the age that the item names; the birthday counts as in `standards.citizen_id.is_minor`."""
    number = item.record.identifiers.get("citizen_id")
    if item.occupation is None or number is None:
        return
    f, age = item.field(number), item.occupation.minimum_age
    cell, example = forms.cell(f), f.example or ""
    grown = birth_date(example).replace(day=1, year=birth_date(example).year + age)
    later = grown.replace(year=grown.year + 1)
    yield Draft(
        id="subject.minor",
        kind="subject.minor",
        test=f"CASE WHEN regexp_full_match({cell}, '[0-9]{{17}}[0-9X]') THEN CAST(substr({cell}, 7, 8) AS INTEGER)"
        f" + {age * 10_000} <= year(reported_on) * 10000 + month(reported_on) * 100 + day(reported_on) END",
        fields=(f.id,),
        parts={"limit": (str(age), str(age))},
        found=forms.shown(f),
        basis=basis_text(item.occupation.basis),
        good=({f.id: example, "reported_on": str(later)},),
        bad=({f.id: example, "reported_on": str(grown - timedelta(days=1))},),
    )


def _late(item: Item) -> Iterator[Draft]:
    limit = item.timeliness
    if limit is None:
        return
    f = item.field(limit.start)
    day = date.fromisoformat(f.example or "")
    surely = 3 * limit.working_days + 30
    late = str(day + timedelta(days=surely + 1))
    yield Draft(
        id="source.late",
        kind="source.late",
        test=_in_time(forms.value(f), limit.working_days, surely),
        fields=(f.id,),
        label=f.label,
        label_en=f.label_en,
        parts={"limit": (str(limit.working_days), str(limit.working_days))},
        basis=basis_text(limit.basis),
        good=({f.id: str(day), "reported_on": str(day)},),
        bad=({f.id: str(day), "reported_on": late},),
    )


def _in_time(day: str, limit: int, surely: int) -> str:
    """Counts working days only near the limit: outside its years the calendar stops the statement, and old rows are
    late without counting, those of the future are another rule's matter.
    """
    return (
        f"CASE WHEN {day} > reported_on THEN TRUE WHEN reported_on - {day} > {surely} THEN FALSE "
        f"ELSE working_days_between({day}, reported_on) <= {limit} END"
    )


def _of_file_and_register(item: Item) -> Iterator[Draft]:
    """Checks that need the whole file or the register; collection runs them under these ids."""
    record = item.record
    labels = [item.field(name) for name in record.key]
    key = {"other": ("、".join(f"「{f.label}」" for f in labels), ", ".join(f"“{f.label_en}”" for f in labels))}
    subject = tuple(filter(None, (record.subject_code,))) or tuple(record.identifiers.values())
    named = tuple(filter(None, (record.subject_name, record.subject_code)))
    for kind, fields, parts in (
        ("column.unknown", (), {}),
        ("column.missing", (), {}),
        ("column.dropped", (), {}),
        ("column.doubled", (), {}),
        ("key.duplicate", record.key, key),
        ("row.repeated", record.key, {}),
        ("subject.unknown", subject, {}),
        ("subject.name-contradicts", named, {}),
        ("key.other-source", record.key, key),
    ):
        yield Draft(id=kind, kind=kind, fields=fields, parts=parts)
