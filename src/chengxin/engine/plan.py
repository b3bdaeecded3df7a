"""What the engine is told: the columns of a table and the rules over them, with no knowledge of policy packs.

The caller (collection) translates a catalogue item into a `Plan`; tests build one by hand. Requirement ids: R-049 (rules
are data), F-02.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

CODE_KINDS = frozenset(
    {"uscc", "subject_code", "organisation_code", "registration_number", "tax_number", "citizen_id", "phone"}
)
"""Kinds whose cells are folded to half-width, upper case and no blanks before anything looks at them."""


class Rule(Protocol):
    """One check of one table; `test` is a DuckDB expression, TRUE or NULL passes (design.md section 6)."""

    @property
    def id(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def fields(self) -> tuple[str, ...]: ...
    @property
    def test(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def found(self) -> str:
        """SQL for what a receipt may quote of the row; empty: the cells as they are."""


@dataclass(frozen=True)
class Column:
    """One field of the table: how its cells are cleaned and typed.

    `names` are all headings by which a file may call it (code, label, aliases), `table` maps each accepted cell text of a
    coded field to the label that is stored, `scale` turns a cell's amount into yuan (10000 for a column in 万元).
    """

    id: str
    label: str
    kind: str = "text"
    names: tuple[str, ...] = ()
    keep: bool = True
    required: bool = False
    table: Mapping[str, str] | None = None
    codes: Mapping[str, str] | None = None
    unit: str = "元"

    @property
    def text_sql(self) -> str:
        return f'clean_code("{self.id}_raw")' if self.kind in CODE_KINDS else f'"{self.id}_raw"'

    @property
    def typed_sql(self) -> str:
        """Expression over `<id>_text` that gives the typed column."""
        text = f'"{self.id}_text"'
        if self.kind == "date":
            return f"parse_date_or_serial({text})"
        if self.kind == "amount":
            return f"parse_amount({text}, unit := '{self.unit}')"
        if self.kind in ("integer", "year"):
            return f"try_cast({text} AS BIGINT)"
        if self.kind == "code":
            return f'"label_{self.id}"({text})'
        if self.kind == "code_set":
            parts = f"list_filter(string_split_regex({text}, '[、，,;；|]'), lambda v: trim(v) <> '')"
            return f'list_transform({parts}, lambda v: "label_{self.id}"(trim(v)))'
        # A placeholder in a cell that need not be filled is no content; a rule of the policy says so to the source.
        return text if self.required else f"CASE WHEN is_filler({text}) THEN NULL ELSE {text} END"

    @property
    def macros(self) -> list[str]:
        """The look-up of this column's own code table, as a macro."""
        if self.kind not in ("code", "code_set"):
            return []
        return [_look_up(f"label_{self.id}", self.table), _look_up(f"code_{self.id}", self.codes)]


@dataclass(frozen=True)
class Plan:
    """Everything needed to check one file of one item on one day.

    `key` are the fields of the natural key and `key_text` an expression for it as one text, `subject` the fields that
    say who the row is about and are compared with the register; all may be empty for a table that has none.
    """

    name: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    reported_on: date
    today: date
    key: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    key_text: str = ""
    macros: tuple[str, ...] = field(default=(), repr=False)

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.id == name)


def _look_up(name: str, table: Mapping[str, str] | None) -> str:
    """A macro that finds its argument among the keys; as two texts that are split once a statement, because thousands of
    literals (every division of the country) take a fifth of a second to parse each time the macro is used."""
    pairs = table or {"": ""}
    keys, values = (
        f"string_split({_quote(_APART.join(side))}, chr({ord(_APART)}))" for side in (pairs, pairs.values())
    )
    return f'CREATE OR REPLACE TEMP MACRO "{name}"(v) AS {values}[list_position({keys}, v)]'


_APART = "\x1f"
"""Stands between the entries; no code or label holds the unit separator."""


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
