"""Checks every expression of an evaluation model against the rule dialect and the catalogue, and writes it anew.

What comes out is plain SQL text by place, and which payload fields of which type the model reads. It knows no engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from chengxin.policy.catalogue import Item
from chengxin.policy.dialect import DialectError, regenerate
from chengxin.policy.errors import Mismatch
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_parts import DAYS, RECORD_COLUMNS, SUBJECT_COLUMNS
from chengxin.policy.fields import Field
from chengxin.policy.packs import CodeTable
from chengxin.policy.reading import TomlPath

TYPES = {
    "date": "DATE",
    "amount": "DECIMAL(18, 2)",
    "integer": "BIGINT",
    "year": "BIGINT",
    "code_set": "VARCHAR[]",
}
"""Type of a field -> type of its column; all others are texts."""

FIXED = {"severity": ("minor", "general", "serious"), "standing": ("active", "disputed")}
"""Record columns with words of their own, so that a mistyped one is found."""


@dataclass(frozen=True)
class CompiledModel:
    """A model whose texts are safe to run. Keys of `texts` are paths such as ("indicator", 3, "where")."""

    model: Evaluation
    texts: Mapping[TomlPath, str]
    fields: Mapping[str, str]
    """Payload field -> type of its column."""
    items: tuple[str, ...]
    days: Mapping[str, tuple[str, str]]
    """Item -> the payload fields of its day of decision and of its expiry, empty where it has none."""

    def text(self, *path: str | int) -> str | None:
        return self.texts.get(path)


class _Compiler:
    def __init__(self, model: Evaluation, items: Mapping[str, Item], tables: Mapping[str, CodeTable]) -> None:
        self.model, self.items, self.tables = model, items, tables
        self.texts: dict[TomlPath, str] = {}
        self.fields: dict[str, str] = {}
        self.faults: list[Mismatch] = []

    def records(self, text: str | None, items: Sequence[str], path: TomlPath) -> None:
        """An expression over the records of these items."""
        if text is None or any(i not in self.items for i in items):
            return
        known = {f.id: f for i in items for f in self.items[i].kept_fields}
        columns = frozenset(known) | set(RECORD_COLUMNS) | set(DAYS)
        for name in self._write(text, columns, path):
            if name in known and name not in RECORD_COLUMNS:
                self._field(known[name], path)
        self._codes(path, {n: f for n, f in known.items() if n not in RECORD_COLUMNS}, items)

    def subjects(self, text: str | None, path: TomlPath, *, formulas: bool = True, score: bool = False) -> None:
        """An expression over the subject and the values of indicators."""
        if text is None:
            return
        ids = {i.id for i in self.model.indicators if formulas or i.aggregate != "formula"}
        columns = frozenset({*SUBJECT_COLUMNS, *DAYS, *ids, *(("score",) if score else ())})
        self._write(text, columns, path)

    def scope(self, text: str | None, path: TomlPath) -> None:
        if text is not None:
            self._write(text, frozenset({*SUBJECT_COLUMNS, *DAYS}), path)

    def known_items(self, items: Sequence[str], path: TomlPath) -> None:
        for place, item in enumerate(items):
            if item not in self.items:
                known = ", ".join(sorted(self.items)) or "none"
                self.faults.append(Mismatch(f"the item {item!r}", f"items of the catalogue: {known}", (*path, place)))

    def day(self, name: str, items: Sequence[str], path: TomlPath) -> None:
        """`by`: a date column of the record."""
        if name in ("decided_on", "expires_on") or any(i not in self.items for i in items):
            return
        dates = {f.id: f for i in items for f in self.items[i].kept_fields if f.type == "date"}
        if name not in dates:
            expected = ", ".join(["decided_on", "expires_on", *sorted(set(dates) - {"decided_on", "expires_on"})])
            self.faults.append(Mismatch(f"by = {name!r}", f"a date of the record: {expected}", path))
        else:
            self._field(dates[name], path)

    def _write(self, text: str, columns: frozenset[str], path: TomlPath) -> tuple[str, ...]:
        try:
            self.texts[path], used = regenerate(text, columns)
        except DialectError as error:
            found = f"{error.found} at character {error.position} of {text!r}"
            self.faults.append(Mismatch(found, error.expected, path))
            return ()
        return used

    def _field(self, field: Field, path: TomlPath) -> None:
        wanted = TYPES.get(field.type, "VARCHAR")
        if self.fields.setdefault(field.id, wanted) != wanted:
            found = f"{field.id} as {wanted}, while another indicator reads it as {self.fields[field.id]}"
            self.faults.append(Mismatch(found, "fields that are of one type in all items of a model", path))

    def _codes(self, path: TomlPath, known: Mapping[str, Field], items: Sequence[str]) -> None:
        """Words compared with a coded field must be of its code table: a mistyped one would silently never match."""
        if path not in self.texts:
            return
        words: dict[str, Sequence[str]] = {**FIXED, "item": tuple(items)}
        for name, field in known.items():
            if field.table and field.table in self.tables:
                words[name] = [w for r in self.tables[field.table].rows for w in (r.label,)]
        for name, word in compared(self.texts[path]):
            if name in words and word not in words[name]:
                expected = "one of " + "、".join(list(words[name])[:20])
                self.faults.append(Mismatch(f"{word!r} for {name}", expected, path))


def compared(text: str) -> Iterator[tuple[str, str]]:
    """(column, text literal) of every comparison for equality, IN and membership of a list."""
    for node in sqlglot.parse_one(text, dialect="duckdb").walk():
        if isinstance(node, exp.EQ | exp.NEQ | exp.In | exp.Func):
            columns = [c for c in node.iter_expressions() if isinstance(c, exp.Column)]
            if len(columns) != 1 or (
                isinstance(node, exp.Func) and "list" not in node.sql(dialect="duckdb").lower()[:5]
            ):
                continue
            for part in node.iter_expressions():
                inner = part.expressions if isinstance(part, exp.Array) else [part]
                yield from ((columns[0].name, p.this) for p in inner if isinstance(p, exp.Literal) and p.is_string)


def compile_model(
    model: Evaluation, items: Mapping[str, Item], tables: Mapping[str, CodeTable]
) -> tuple[CompiledModel, tuple[Mismatch, ...]]:
    """The model's texts written anew, and everything that is wrong with them; `items` are the newest versions by id."""
    c = _Compiler(model, items, tables)
    c.scope(model.scope.where, ("scope", "where"))
    for n, has in enumerate(model.scope.has):
        c.known_items(has.items, ("scope", "has", n, "items"))
        c.records(has.where, has.items, ("scope", "has", n, "where"))
    for n, i in enumerate(model.indicators):
        here: tuple[str, int] = ("indicator", n)
        c.known_items(i.items, (*here, "items"))
        c.records(i.where, i.items, (*here, "where"))
        c.records(i.of, i.items, (*here, "of"))
        c.day(i.by, i.items, (*here, "by"))
        if i.aggregate == "formula":
            c.subjects(i.value, (*here, "value"), formulas=False)
        else:
            c.records(i.value, i.items, (*here, "value"))
        c.subjects(i.when, (*here, "when"))
    whens: list[tuple[str, list[str | None]]] = [
        ("veto", [o.when for o in model.vetoes]),
        ("direct", [o.when for o in model.directs]),
        ("grade", [g.when for g in model.grades]),
    ]
    for key, texts in whens:
        for n, text in enumerate(texts):
            c.subjects(text, (key, n, "when"), score=True)
    used = sorted({item for i in model.indicators for item in i.items} | {x for h in model.scope.has for x in h.items})
    _examples(c)
    days = {i: (items[i].record.decided or "", items[i].record.expires or "") for i in used if i in items}
    return CompiledModel(model, c.texts, dict(sorted(c.fields.items())), tuple(used), days), tuple(c.faults)


def _examples(c: _Compiler) -> None:
    for n, example in enumerate(c.model.examples):
        if unknown := set(example.subject) - {*SUBJECT_COLUMNS}:
            found = f"the key {', '.join(sorted(unknown))}"
            c.faults.append(Mismatch(found, "keys of " + ", ".join(SUBJECT_COLUMNS), ("example", n, "subject")))
        for row in example.records:
            item = c.items.get(str(row.get("item")))
            if item is None:
                expected = "`item`: an item of the catalogue"
                c.faults.append(Mismatch(f"item = {row.get('item')!r}", expected, ("example", n, "records")))
                continue
            known = {*RECORD_COLUMNS, *(f.id for f in item.kept_fields)}
            if unknown := set(row) - known:
                found = f"the key {', '.join(sorted(unknown))} for {item.id}"
                c.faults.append(Mismatch(found, "fields of the item", ("example", n, "records")))
            _example_words(c, n, row, item)


def _example_words(c: _Compiler, n: int, row: Mapping[str, Any], item: Item) -> None:
    for field in item.kept_fields:
        if field.id not in row or not field.table or field.table not in c.tables or field.id in RECORD_COLUMNS:
            continue
        given = row[field.id] if isinstance(row[field.id], tuple) else (row[field.id],)
        for word in given:
            if word not in c.tables[field.table].labels:
                expected = f"a label of the table {field.table}: {'、'.join(c.tables[field.table].labels[:20])}"
                c.faults.append(Mismatch(f"{word!r} for {field.id}", expected, ("example", n, "records")))
