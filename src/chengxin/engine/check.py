"""Checks a table chunk by chunk: every rule over every row, and what failed where.

One-field rules run over distinct values where a column repeats itself (fold.py), all others in one statement a chunk.
The same class runs inside a Spark task. A rule whose own text fails raises `RuleFault`, which names it: that is a fault
of ours and never counts as bad data (design.md section 6).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from chengxin.engine.fold import Fold, Folded, Mask, mask_sql, worth_folding
from chengxin.engine.headers import Match
from chengxin.engine.plan import Column, Plan, Rule
from chengxin.engine.session import open_session

_WORD = 60
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_COMBINATIONS = 1 << 18
"""Up to so many possible combinations a table of them is cheaper than looking at every row."""

_UNSHARED = "SET disabled_optimizers = 'common_subexpressions'"
"""Looking for what rules have in common takes a third of the planning of a statement, more than the little it saves:
a million rows take a tenth less without, a file of three hundred a quarter."""

_SQL_TYPES = {"date": "DATE", "amount": "DECIMAL(24,6)", "integer": "BIGINT", "year": "BIGINT", "code_set": "VARCHAR[]"}

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Sourced = tuple[pa.Table, list[Column], list[Column]]
"""What a statement reads: cells, and the columns that it has to clean and type and those the file lacks."""


class RuleFault(Exception):
    """A rule could not be computed; the batch waits and an operator is told."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule = rule
        self.reason = reason


@dataclass
class Failures:
    """Rows of one chunk that failed, as (rules, mask) groups; bit k of a mask belongs to rule k of its group.

    `numbers` are the data rows of the file (from 1) that the positions of the masks stand for; `key`, `subject` and
    `content` are 64-bit hashes of the natural key, the subject's fields and all cells.
    """

    numbers: Rows
    groups: list[tuple[Sequence[Rule], Mask]] = field(default_factory=list)
    key: Hashes | None = None
    subject: Hashes | None = None
    content: Hashes | None = None


class Checker:
    """Checks the chunks of one file by one plan; `position` says which column of the file is which field.

    Not safe for threads; use `with`, so that its session goes back clean.
    """

    def __init__(self, plan: Plan, match: Match, *, memory: str = "1GB", threads: int | None = None) -> None:
        self.plan = plan
        self.match = match
        statements = [*plan.macros, *(m for c in plan.columns for m in c.macros), _UNSHARED]
        self._session = open_session(statements, memory=memory, threads=threads)
        self.con = self._session.__enter__()
        self._present = [c for c in plan.columns if c.keep and c.id in match.position]
        self._absent = [c for c in plan.columns if c.keep and c.id not in match.position]
        self._single = {c.id: [r for r in plan.rules if _single(r) == c.id] for c in self._present}
        self._meaning = [r for r in plan.rules if r.stage in ("form", "meaning") and len(r.fields) > 1]
        self._fold: dict[str, bool] = {}
        self._folds: dict[tuple[str, bool], Fold] = {}
        self.constants = f"DATE '{plan.today}' AS today, DATE '{plan.reported_on}' AS reported_on"

    def __enter__(self) -> Checker:
        return self

    def __exit__(self, *error: Any) -> None:
        self._session.__exit__(*error)

    def check(self, table: pl.DataFrame, numbers: Rows) -> Failures:
        """Which of the rows of `table` (text columns c0, c1, … of the file; their `numbers` in it) fail which rules.

        Raises `RuleFault` when a rule's own text cannot be computed.
        """
        failures = Failures(numbers)
        folded = self._fold_columns(table, self._present)
        for name, column in folded.items():
            masks = column.masks()
            if masks is not None:
                failures.groups.append((self._single[name], masks))
        plain = [c for c in self._present if c.id not in folded]
        wide = self._check_combinations(failures, folded)
        rules = [*(r for c in plain for r in self._single[c.id]), *wide]
        self._check_rows(failures, table, plain, folded, rules)
        return failures

    def compute(self, table: pl.DataFrame, expressions: str) -> pa.Table:
        """SQL `expressions` over all kept fields (`<id>_text`, `<id>`) of the chunk, one row a row of `table`, in order."""
        wanted = [c for c in self.plan.columns if c.keep and re.search(f'"{c.id}(_text)?"', expressions)]
        folded = self._fold_columns(table, [c for c in self._present if c in wanted], checked=False)
        plain = [c for c in self._present if c.id not in folded]
        return self._query(self._source(table, plain, folded, wanted), f"SELECT {expressions}")

    def quote(self, table: pl.DataFrame, rule: Rule) -> pl.Series:
        """What `rule` lets a receipt quote of each row of `table` (`rule.found`). Raises `RuleFault`."""
        read = [c for c in self._present if f'"{c.id}' in rule.found]
        absent = [c for c in self._absent if f'"{c.id}' in rule.found]
        try:
            answer = self._query(self._source(table, read, {}, [*read, *absent]), f"SELECT {rule.found} AS found")
        except duckdb.Error as error:
            raise RuleFault(rule.id, str(error)) from error
        return pl.Series("found", answer.column("found").to_pylist(), dtype=pl.String)

    def typed(self, table: pl.DataFrame) -> pa.Table:
        """All kept fields of the chunk as `<id>_text` and `<id>`, in file order; rules are not looked at."""
        return self.compute(table, ", ".join(f'"{c.id}_text", "{c.id}"' for c in self.plan.columns if c.keep))

    def _fold_columns(self, table: pl.DataFrame, columns: Iterable[Column], checked: bool = True) -> dict[str, Folded]:
        folded: dict[str, Folded] = {}
        for column in columns:
            values = table.to_series(self.match.position[column.id])
            if column.id not in self._fold:
                self._fold[column.id] = worth_folding(values, column)
            if not self._fold[column.id]:
                continue
            rules = self._single[column.id] if checked else []
            if (column.id, checked) not in self._folds:
                self._folds[column.id, checked] = Fold(column, rules, self.constants)
            fold = self._folds[column.id, checked]
            try:
                folded[column.id] = fold.add(self.con, values)
            except duckdb.Error as error:
                raise self._blame(fold.entries(values), [column], rules, error) from error
        return folded

    def _check_combinations(self, failures: Failures, folded: dict[str, Folded]) -> list[Rule]:
        """Rules over several folded columns run over the combinations that occur; returns the rules that remain."""
        groups: dict[tuple[str, ...], list[Rule]] = {}
        remaining: list[Rule] = []
        for rule in self._meaning:
            names = tuple(n for n in self._read(rule) if n in self.match.position)
            few = all(n in folded for n in names) and combinations(folded[n] for n in names) <= _COMBINATIONS
            if names and few and len(groups.get(names, ())) < _WORD:
                groups.setdefault(names, []).append(rule)
            else:
                remaining.append(rule)
        for names, rules in groups.items():
            occurring, index = occurring_combinations([folded[n] for n in names])
            source = pa.table({"": pa.nulls(len(occurring[0]))})
            for name, at in zip(names, occurring, strict=True):
                source = source.append_column(f"{name}_text", folded[name].text.take(at))
                source = source.append_column(name, folded[name].typed.take(at))
            mask = self._masks(source, rules)
            if mask.any():
                failures.groups.append((rules, mask[index]))
        return remaining

    def _masks(self, source: pa.Table, rules: Sequence[Rule]) -> Mask:
        absent = [c for c in self._absent if any(c.id in self._read(r) for r in rules)]
        try:
            return self._numbers((source, [], absent), f"SELECT {mask_sql(rules)} AS m")["m"]
        except duckdb.Error as error:
            raise self._blame(source, [], rules, error, absent) from error

    def _read(self, rule: Rule) -> list[str]:
        """The fields a rule reads, in the order of the plan: those it names and those its text mentions."""
        return [c.id for c in self.plan.columns if c.keep and (c.id in rule.fields or f'"{c.id}' in rule.test)]

    def _check_rows(
        self,
        failures: Failures,
        table: pl.DataFrame,
        plain: list[Column],
        folded: dict[str, Folded],
        rules: list[Rule],
    ) -> None:
        words = [rules[i : i + _WORD] for i in range(0, len(rules), _WORD)]
        wanted = [f"{mask_sql(word)} AS m{i}" for i, word in enumerate(words)]
        hashed = {alias: [c.id for c in plain if c.id in names] for alias, names in self._hashed().items()}
        wanted += [f"{hash_sql(names)} AS {alias}" for alias, names in hashed.items() if names]
        read = {n for names in hashed.values() for n in names}
        answer = self._answer(table, plain, folded, rules, wanted, read) if wanted else {}
        for i, word in enumerate(words):
            mask = answer[f"m{i}"]
            if mask.any():
                failures.groups.append((word, mask))
        for alias, names in self._hashed().items():
            start = answer[alias] if hashed[alias] else np.zeros(table.height, np.uint64)
            setattr(failures, alias, mixed_hash(start, (f for n, f in folded.items() if n in names)))

    def _answer(
        self,
        table: pl.DataFrame,
        plain: list[Column],
        folded: dict[str, Folded],
        rules: list[Rule],
        wanted: list[str],
        read: set[str],
    ) -> dict[str, Mask]:
        """`wanted`, row by row; `read` are the columns whose hashes are among it."""
        texts = " ".join(r.test for r in rules)
        names = read | {n for r in rules for n in r.fields}
        needed = [c for c in self.plan.columns if c.keep and (c.id in names or f'"{c.id}' in texts)]
        source = self._source(table, plain, folded, needed)
        try:
            return self._numbers(source, f"SELECT {', '.join(wanted)}")
        except duckdb.Error as error:
            raise self._blame(source[0], source[1], rules, error, source[2]) from error

    def _hashed(self) -> dict[str, Sequence[str]]:
        """The fields over which each row has a hash, by the attribute of `Failures` that takes it."""
        everything = [c.id for c in self._present] if self.plan.key_text else []
        hashed = {"key": self.plan.key, "subject": self.plan.subject, "content": everything}
        return {alias: names for alias, names in hashed.items() if names}

    def _source(
        self, table: pl.DataFrame, plain: list[Column], folded: dict[str, Folded], needed: Iterable[Column]
    ) -> Sourced:
        """The Arrow table for one statement: raw cells of plain columns, gathered answers of folded ones."""
        wanted = {c.id for c in needed}
        plain = [c for c in plain if c.id in wanted]
        raw = table.select(pl.nth(self.match.position[c.id]).alias(f"{c.id}_raw") for c in plain)
        source = raw.to_arrow(compat_level=pl.CompatLevel.newest()) if plain else pa.table({"": pa.nulls(table.height)})
        for name, column in folded.items():
            if name in wanted:
                source = source.append_column(f"{name}_text", column.rows(column.text))
                source = source.append_column(name, column.rows(column.typed))
        return source, plain, [c for c in self._absent if c.id in wanted]

    def _query(self, source: Sourced, select: str) -> pa.Table:
        with self._over(source) as rows:
            return self.con.sql(f"{select} FROM ({rows})").to_arrow_table()

    def _numbers(self, source: Sourced, select: str) -> dict[str, Mask]:
        """Masks and hashes, none of them NULL; `sql` would bind the statement twice, which for few rows is most of it."""
        with self._over(source) as rows:
            return self.con.execute(f"{select} FROM ({rows})").fetchnumpy()

    @contextmanager
    def _over(self, source: Sourced) -> Iterator[str]:
        table, plain, absent = source
        self.con.register("chunk", table)
        try:
            yield rows_sql(plain, absent, self.constants)
        finally:
            self.con.unregister("chunk")

    def _blame(
        self,
        table: pa.Table,
        plain: list[Column],
        rules: Sequence[Rule],
        error: Exception,
        absent: Sequence[Column] = (),
    ) -> Exception:
        """Run the rules one by one to name the one whose text fails; our own statement's failure stays as it is."""
        for rule in rules:
            try:
                self._query((table, plain, list(absent)), f"SELECT {mask_sql([rule])} AS m")
            except duckdb.Error as found:
                return RuleFault(rule.id, str(found))
        return error


def combinations(columns: Iterable[Folded]) -> int:
    """How many combinations of their distinct values columns could have."""
    return math.prod(len(c.text) for c in columns)


def occurring_combinations(columns: Sequence[Folded]) -> tuple[list[pa.Array], npt.NDArray[np.int64]]:
    """The combinations that occur, as indices into each column's distinct values, and for each row which one it has."""
    key = np.zeros(len(columns[0].indices), np.int64)
    for column in columns:
        key = key * len(column.text) + column.indices
    seen = np.zeros(combinations(columns), np.bool_)
    seen[key] = True
    found = np.flatnonzero(seen)
    place = np.cumsum(seen) - 1
    parts = np.unravel_index(found, [len(c.text) for c in columns])
    return [pa.array(part.astype(np.int64)) for part in parts], place[key]


def mixed_hash(start: Hashes, folded: Iterable[Folded]) -> Hashes:
    """One hash a row: `start`, that of some columns, mixed with those of the folded ones in their order; 0 where all of
    them are absent."""
    mixed = start.astype(np.uint64)
    for column in folded:
        mixed *= _PRIME
        mixed ^= column.hashes[column.indices]
    return mixed


def rows_sql(plain: Sequence[Column], absent: Sequence[Column], constants: str) -> str:
    """Sub-select over `chunk` that adds the cleaned and typed form of plain columns and NULLs for absent ones."""
    texts = [f'{c.text_sql} AS "{c.id}_text"' for c in plain]
    texts += [f'CAST(NULL AS VARCHAR) AS "{c.id}_text"' for c in absent]
    typed = [f'{c.typed_sql} AS "{c.id}"' for c in plain]
    typed += [f'CAST(NULL AS {_SQL_TYPES.get(c.kind, "VARCHAR")}) AS "{c.id}"' for c in absent]
    inner = ", ".join(["*", constants, *texts])
    return f"SELECT {', '.join(['*', *typed])} FROM (SELECT {inner} FROM chunk)"


def hash_sql(names: Sequence[str]) -> str:
    """64-bit hash of the cleaned texts; NULL where every part is absent."""
    texts = ", ".join(f'"{n}_text"' for n in names)
    return f"CASE WHEN coalesce({texts}) IS NULL THEN CAST(0 AS UBIGINT) ELSE hash({texts}) END"


def _single(rule: Rule) -> str | None:
    return rule.fields[0] if rule.stage in ("form", "meaning") and len(rule.fields) == 1 else None
