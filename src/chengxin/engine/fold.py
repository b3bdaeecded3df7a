"""Folding a column to its distinct values, so that each value is cleaned, typed and checked once in a file.

A penalty file of a million rows names a few hundred authorities and a few thousand days; checking the distinct values
and gathering the answers by index costs a fraction of checking every row, and gives the same answer because rules of
one field depend on nothing else. Measured in `benchmarks/` (design.md section 1.3, "sets, not rows").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from chengxin.engine.interning import Codes, Interner
from chengxin.engine.plan import Column, Rule

_WORTH: Final = 0.7
"""Share of distinct values among the first rows above which folding costs more than it saves."""

_MOST: Final = 1_000_000
"""Distinct values of one column after which they are forgotten, so that memory is bounded whatever a file holds."""

_FEW: Final = 4
"""A dictionary at least so many times shorter than the rows is handed on as one: DuckDB reads it without copying."""

_SMALL: Final = 2048
"""Rows below which the planning of a statement costs more than the work that folding saves."""

Mask = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Folded:
    """One column of a chunk as indices into the distinct values met so far; the first entry is NULL.

    `text`, `typed`, `hashes` (of the text, 0 for NULL) and `mask` have one entry a distinct value; bit k of a mask says that
    rule k failed.
    """

    indices: Codes
    text: pa.Array
    typed: pa.Array
    hashes: Mask
    mask: Mask

    def rows(self, values: pa.Array) -> pa.Array:
        """`values` row by row, as a dictionary where that is short (lists DuckDB does not take so)."""
        indices = pa.array(self.indices)
        if pa.types.is_list(values.type) or len(values) * _FEW > len(indices):
            return values.take(indices)
        return pa.DictionaryArray.from_arrays(indices, values)

    def masks(self) -> Mask | None:
        return self.mask[self.indices] if self.mask.any() else None


def worth_folding(values: pl.Series, column: Column) -> bool:
    """Whether a column repeats itself; coded columns always fold because their look-up is by value.

    Nothing of a small file is folded: DuckDB plans one statement over all its columns in less than one for each.
    """
    if values.len() < _SMALL:
        return False
    if column.kind in ("code", "code_set"):
        return True
    seen = values.to_frame().select(pl.first().approx_n_unique()).item()
    return values.len() > 0 and seen / values.len() < _WORTH


class Fold:
    """One column of a file, folded chunk by chunk; `rules` are its one-field rules. Not safe for threads."""

    def __init__(self, column: Column, rules: Sequence[Rule], constants: str) -> None:
        self.column = column
        self._sql = _entries_sql(column, rules, constants)
        self._interner = Interner()
        self._known: tuple[pa.Array, pa.Array, Mask, Mask] | None = None

    def add(self, con: duckdb.DuckDBPyConnection, values: pl.Series) -> Folded:
        """The next chunk's `values`: those never met before are cleaned, typed and checked.

        Raises `duckdb.Error` when a rule's own text fails; the caller finds out which one.
        """
        if len(self._interner) > _MOST:
            self._forget()
        indices, fresh = self._interner.number(values)
        if fresh.size or self._known is None:
            try:
                self._known = self._grown(self._answer(con, self.entries(values.gather(fresh))))
            except duckdb.Error:
                self._forget()
                raise
        return Folded(indices, *self._known)

    def entries(self, values: pl.Series) -> pa.Table:
        """These raw cells as the statement expects them."""
        return pa.table({f"{self.column.id}_raw": values.to_arrow(compat_level=pl.CompatLevel.newest())})

    def _forget(self) -> None:
        self._interner, self._known = Interner(), None

    def _answer(self, con: duckdb.DuckDBPyConnection, entries: pa.Table) -> pa.Table:
        if self._known is None:
            absent = pa.table([pa.nulls(1, t) for t in entries.schema.types], schema=entries.schema)
            entries = pa.concat_tables([absent, entries])
        con.register("entries", entries)
        try:
            return con.sql(self._sql).to_arrow_table()
        finally:
            con.unregister("entries")

    def _grown(self, answer: pa.Table) -> tuple[pa.Array, pa.Array, Mask, Mask]:
        hashes, mask = (answer.column(n).to_numpy().astype(np.uint64, copy=False) for n in ("hashes", "mask"))
        old = self._known
        if old is None:
            return _joined(None, answer.column("text")), _joined(None, answer.column("typed")), hashes, mask
        return (
            _joined(old[0], answer.column("text")),
            _joined(old[1], answer.column("typed")),
            np.concatenate([old[2], hashes]),
            np.concatenate([old[3], mask]),
        )


def _entries_sql(column: Column, rules: Sequence[Rule], constants: str) -> str:
    name = column.id
    return f"""
        SELECT "{name}_text" AS text, "{name}" AS typed, {mask_sql(rules)} AS mask,
               CASE WHEN "{name}_text" IS NULL THEN CAST(0 AS UBIGINT) ELSE hash("{name}_text") END AS hashes
        FROM (SELECT *, {column.typed_sql} AS "{name}"
              FROM (SELECT *, {constants}, {column.text_sql} AS "{name}_text" FROM entries))"""


def mask_sql(rules: Sequence[Rule]) -> str:
    """Bit k is set where rule k fails; NULL passes, because only `required` speaks of absence (design.md section 6)."""
    if not rules:
        return "CAST(0 AS UBIGINT)"
    bits = (
        f"CASE WHEN ({rule.test}) IS FALSE THEN CAST({1 << k} AS UBIGINT) ELSE 0 END" for k, rule in enumerate(rules)
    )
    return "CAST(" + " | ".join(bits) + " AS UBIGINT)"


def _joined(known: pa.Array | None, more: pa.ChunkedArray) -> pa.Array:
    """All in one array, each value copied once."""
    chunks = more.chunks if known is None else [known, *more.chunks]
    if len(chunks) == 1:
        return chunks[0]
    return pa.concat_arrays(chunks) if chunks else pa.array([], more.type)
