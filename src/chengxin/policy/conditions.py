"""Conditions: how lists, inspection, measures and alerts say which subjects they mean.

One condition asks one question: about the grade of a model, the membership of a list, the subject's own master data, or
its records. A list of conditions holds where all of them hold; several classes or criteria stand for "or".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from chengxin.policy.catalogue import Item
from chengxin.policy.dialect import DialectError, regenerate
from chengxin.policy.errors import Mismatch, Problem
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_compile import compared
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.reading import TomlPath
from chengxin.policy.schema import Noted, Severity, Slug, Text

SUBJECT_COLUMNS = ("code", "kind", "region", "industry", "status", "registered_on")
"""Columns of a subject that `subject = "…"` may name, beside `today`."""

HEAD_COLUMNS = (
    "severity", "decided_on", "expires_on", "public_until", "repair_from", "retain_until", "source", "region",
)  # fmt: skip
"""Columns every record has; a field of the item that has the same name is meant instead."""


def _as_tuple(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Slugs = Annotated[tuple[Slug, ...], BeforeValidator(_as_tuple), Key(min_length=1)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple), Key(min_length=1)]


class GradeIs(Noted):
    """The subject's present grade under a model is one of these (codes of the model's grades)."""

    model: Slug
    grades: Annotated[Words, Key(alias="in")]


class RecordsOf(Noted):
    """Active, undisputed records of these items for which `where` (rule dialect over the item's fields) is true."""

    items: Slugs
    where: Text | None = None
    severity: Annotated[tuple[Severity, ...], BeforeValidator(_as_tuple)] = ()
    sources: Annotated[tuple[Slug, ...], BeforeValidator(_as_tuple)] = ()


class RecordCount(RecordsOf):
    """At least so many such records, decided within so many months or days."""

    months: Annotated[int, Key(gt=0)] | None = None
    days: Annotated[int, Key(gt=0)] | None = None
    at_least: Annotated[int, Key(gt=0)] = 1

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.months is not None and self.days is not None:
            raise Mismatch("both months and days", "one of `months`, `days`", ("days",))
        return self


class Condition(Noted):
    """One question about a subject; `not = true` turns the answer round."""

    grade: GradeIs | None = None
    lists: Slugs | None = None
    subject: Text | None = None
    records: RecordCount | None = None
    negate: bool = Key(default=False, alias="not")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        kinds = ("grade", "lists", "subject", "records")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise Mismatch(" and ".join(given) or "no question", "exactly one of " + ", ".join(kinds))
        return self


Conditions = Annotated[tuple[Condition, ...], Key(min_length=1)]


def subject_sql(text: str) -> str:
    """A `subject` expression written anew for a table that has `SUBJECT_COLUMNS` and `today`. Raises `DialectError`."""
    return regenerate(text, frozenset(SUBJECT_COLUMNS) | {"today"})[0]


def record_sql(text: str, item: Item) -> str:
    """A `where` expression written anew for a table of one item's records. Raises `DialectError`."""
    return regenerate(text, record_columns(item))[0]


def record_columns(item: Item) -> frozenset[str]:
    """What a `where` over this item may name: its kept fields, the head columns, `today`."""
    return frozenset(f.id for f in item.kept_fields) | frozenset(HEAD_COLUMNS) | {"today"}


# -- names that have to lead somewhere, checked when all files are read ------------------------------------------------


def problems_of(
    source: Source, path: TomlPath, conditions: tuple[Condition, ...], reading: Reading
) -> Iterator[Problem]:
    """What is wrong with the conditions at `path`: unknown models, lists, items, columns, functions."""
    for number, condition in enumerate(conditions):
        here = (*path, number)
        if condition.grade:
            yield from grade_problems(source, (*here, "grade"), condition.grade, reading)
        for place, name in enumerate(condition.lists or ()):
            yield from list_problems(source, (*here, "lists", place), name, reading)
        if condition.subject:
            yield from _expression(source, (*here, "subject"), condition.subject, subject_sql)
        if condition.records:
            yield from records_problems(source, (*here, "records"), condition.records, reading)


def grade_problems(source: Source, path: TomlPath, wanted: GradeIs, reading: Reading) -> Iterator[Problem]:
    """A model that no evaluation file declares, or a grade that the model does not have."""
    yield from model_problems(source, (*path, "model"), wanted.model, reading)
    known = _models(reading).get(wanted.model)
    for place, grade in enumerate(wanted.grades):
        if known is not None and grade not in known:
            expected = f"a grade of {wanted.model}: {_names(known)}"
            yield source.problem((*path, "in", place), f"the grade {grade!r}", expected)


def model_problems(source: Source, path: TomlPath, model: str, reading: Reading) -> Iterator[Problem]:
    """A model that no evaluation file declares, even wrongly."""
    known = {id for kind, id in reading.declared if kind == "evaluation"}
    if model not in known:
        yield source.problem(path, f"the model {model!r}", f"a model of the evaluation packs: {_names(known)}")


def _models(reading: Reading) -> dict[str, set[str]]:
    """Model -> its grades, over all versions."""
    found: dict[str, set[str]] = {}
    for _, model in reading.of(Evaluation):
        found.setdefault(model.id, set()).update(grade.id for grade in model.grades)
    return found


def list_problems(source: Source, path: TomlPath, name: str, reading: Reading) -> Iterator[Problem]:
    """A list that no file declares; while a file of lists is broken nobody can tell."""
    known = {str(entry.get("id")) for entry in _raw_lists(reading)}
    if name not in known and not broken(reading, "lists"):
        yield source.problem(path, f"the list {name!r}", f"a list of the packs: {_names(known)}")


def records_problems(source: Source, path: TomlPath, wanted: RecordsOf, reading: Reading) -> Iterator[Problem]:
    """Items that are not in the catalogue; a `where` that is not of the dialect or names no field of theirs."""
    known = {id for kind, id in reading.declared if kind == "catalogue"}
    items = {item.id: item for _, item in reading.of(Item)}
    for place, name in enumerate(wanted.items):
        if name not in known:
            yield source.problem(
                (*path, "items", place), f"the item {name!r}", f"items of the catalogue: {_names(known)}"
            )
        elif wanted.where and name in items:
            yield from _where_problems(source, (*path, "where"), wanted.where, items[name], reading)


def _where_problems(source: Source, path: TomlPath, text: str, item: Item, reading: Reading) -> Iterator[Problem]:
    """No expression of the dialect over this item, or a word that its field's code table does not have."""
    try:
        checked = record_sql(text, item)
    except DialectError as error:
        yield source.problem(path, f"{error.found} at character {error.position} of {text!r}", error.expected)
        return
    tables = {f.id: reading.tables[f.table] for f in item.kept_fields if f.table in reading.tables}
    for column, word in compared(checked):
        if column in tables and word not in tables[column].labels:
            expected = f"a word of {tables[column].id}: {'、'.join(tables[column].labels[:20])}"
            yield source.problem(path, f"{word!r} for {column}", expected)


def agency_problems(source: Source, path: TomlPath, name: str, reading: Reading) -> Iterator[Problem]:
    """An agency that no file declares."""
    known = {str(a.get("id")) for s, _ in reading.packs if s.raw.get("kind") == "agencies" for a in s.raw["agency"]}
    if name not in known and not broken(reading, "agencies"):
        yield source.problem(path, f"the agency {name!r}", f"an agency of the packs: {_names(known)}")


def broken(reading: Reading, kind: str) -> bool:
    """Whether a file of that kind was refused: what it declares is not known, and one fault is told once."""
    loaded = {str(source.raw.get("id")) for source, _ in reading.packs if source.raw.get("kind") == kind}
    return any(k == kind and id not in loaded for k, id in reading.declared)


def _raw_lists(reading: Reading) -> Iterator[dict[str, Any]]:
    for source, _ in reading.packs:
        if source.raw.get("kind") == "lists":
            yield from source.raw["list"]


def _expression(source: Source, path: TomlPath, text: str, check: Any) -> Iterator[Problem]:
    try:
        check(text)
    except DialectError as error:
        yield source.problem(path, f"{error.found} at character {error.position} of {text!r}", error.expected)


def _names(known: set[str]) -> str:
    return ", ".join(sorted(known)) or "none yet"
