"""Compiles an item into one list of rules: every named constraint of every field, every [[rule]], every check of a file
and of the register (design.md section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from chengxin.policy import constraints
from chengxin.policy.catalogue import Item, WrittenRule
from chengxin.policy.dialect import DialectError, columns_of, regenerate
from chengxin.policy.drafts import Draft
from chengxin.policy.errors import Mismatch
from chengxin.policy.messages import TEMPLATES
from chengxin.policy.packs import CodeTable
from chengxin.policy.schema import Level, Severity, Stage, basis_text
from chengxin.policy.wording import Template, fill

ExampleRow = Mapping[str, str]

OWN_WORDS = Template("reject", "meaning", "", "", "", "")
"""A [[rule]] with a test brings all its words along."""


@dataclass(frozen=True)
class Rule:
    """One check. `test` is a DuckDB expression over the item's columns, TRUE or NULL passes; it is empty where `stage`
    is `file` or `register`, whose checks need more than a row and are run by collection under this id.

    `found` is an SQL expression that gives the text a receipt quotes. `fields` holds every field the test reads, the
    blamed ones first.
    """

    id: str
    item: str
    level: Level
    stage: Stage
    fields: tuple[str, ...]
    test: str
    kind: str
    message: str
    message_en: str
    expected: str
    expected_en: str
    found: str
    basis: str
    valid_from: date
    valid_to: date | None
    checked_on: date | None
    good: tuple[ExampleRow, ...] = ()
    bad: tuple[ExampleRow, ...] = ()

    def holds(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class Grading:
    """One step of an item's severity rules: the first whose `test` is TRUE wins; the last has no test."""

    level: Severity
    test: str | None
    basis: str
    examples: tuple[ExampleRow, ...] = ()


def rules_for(item: Item, tables: Mapping[str, CodeTable] | None = None) -> tuple[Rule, ...]:
    """All rules of an item, of all stages, in the order of its fields; `tables` are the code tables by id.

    Raises `Mismatch` with the path of the key whose text is not of the rule dialect.
    """
    drafts = [
        *constraints.of_item(item, tables or {}),
        *(_written(item, rule, number) for number, rule in enumerate(item.written_rules)),
    ]
    rules = tuple(_finished(item, draft) for draft in drafts)
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise Mismatch(f"two rules called {rule.id}", "another id for the [[rule]]", ("rule",))
        seen.add(rule.id)
    return rules


def severity_for(item: Item) -> tuple[Grading, ...]:
    """The item's severity rules with their tests written anew. Raises `Mismatch` as `rules_for` does."""
    columns = columns_of(f.id for f in item.kept_fields)
    steps = []
    for number, step in enumerate(item.severities):
        test = None
        if step.test is not None:
            test, _ = checked(step.test, columns, ("severity", number, "test"))
        steps.append(Grading(step.level, test, basis_text(step.basis or item.basis), step.examples))
    return tuple(steps)


def severity_sql(gradings: tuple[Grading, ...]) -> str:
    """One SQL expression that gives the severity of a row; 'none' for an item without severity rules."""
    whens = "".join(f" WHEN {g.test} THEN '{g.level}'" for g in gradings if g.test is not None)
    last = next((g.level for g in gradings if g.test is None), "none")
    return f"CASE{whens} ELSE '{last}' END" if whens else f"'{last}'"


def checked(text: str, columns: frozenset[str], path: tuple[str | int, ...]) -> tuple[str, tuple[str, ...]]:
    """`dialect.regenerate` with the place of the key in the error."""
    try:
        return regenerate(text, columns)
    except DialectError as error:
        raise Mismatch(f"{error.found} at character {error.position} of {text!r}", error.expected, path) from error


def _finished(item: Item, draft: Draft) -> Rule:
    template = OWN_WORDS if draft.kind == "written" else TEMPLATES[draft.kind]
    zh = {"label": draft.label, **{k: v[0] for k, v in draft.parts.items()}}
    en = {"label": draft.label_en, **{k: v[1] for k, v in draft.parts.items()}}
    return Rule(
        id=f"{item.id}.{draft.id}",
        item=item.id,
        level=draft.level or template.level,
        stage=draft.stage or template.stage,
        fields=draft.fields,
        test=draft.test,
        kind=draft.kind,
        message=draft.message or fill(template.zh, **zh),
        message_en=draft.message_en or fill(template.en, **en),
        expected=draft.expected or fill(template.expected, **zh),
        expected_en=draft.expected_en or fill(template.expected_en, **en),
        found=draft.found or (f'"{draft.fields[0]}_text"' if draft.fields else "NULL"),
        basis=draft.basis or item.basis_text,
        valid_from=draft.start or item.effective.start,
        valid_to=draft.end or item.effective.end,
        checked_on=draft.checked_on,
        good=draft.good,
        bad=draft.bad,
    )


def _written(item: Item, rule: WrittenRule, number: int) -> Draft:
    """A [[rule]] as a draft: its own words around its own test or a named constraint."""
    columns = columns_of(f.id for f in item.kept_fields)
    if rule.test is not None:
        test, used = checked(rule.test, columns, ("rule", number, "test"))
        draft = Draft(id=rule.id, kind="written", test=test, fields=_fields_of(item, rule.fields, used))
    else:
        draft = constraints.of_rule(item, rule, number)
    found = None
    if rule.found is not None:
        found, _ = checked(rule.found, columns, ("rule", number, "found"))
    return replace(
        draft,
        id=rule.id,
        fields=_fields_of(item, rule.fields, draft.fields),
        level=rule.level,
        stage=rule.stage or ("form" if len(draft.fields) == 1 else "meaning"),
        message=rule.message,
        message_en=rule.message_en,
        expected=rule.expected,
        expected_en=rule.expected_en,
        found=found,
        basis=basis_text(rule.basis),
        start=rule.start,
        end=rule.end,
        checked_on=rule.checked_on,
        good=rule.good,
        bad=rule.bad,
    )


def _fields_of(item: Item, blamed: tuple[str, ...], used: tuple[str, ...]) -> tuple[str, ...]:
    """The blamed fields and then every other field whose column the test reads.

    A rule must name all it reads: the engine runs rules of one field over that field's distinct values alone.
    """
    ids = {f.id for f in item.kept_fields}
    read = (name if name in ids else name.removesuffix("_text") for name in used)
    return tuple(dict.fromkeys([*blamed, *(name for name in read if name in ids)]))
