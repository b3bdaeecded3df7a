"""Folding a column to its distinct values, so that each value is cleaned, typed and checked once.

A penalty file of a million rows names a few hundred authorities and a few thousand days; checking the distinct values
and gathering the answers by index costs a fraction of checking every row, and gives the same answer because rules of
one field depend on nothing else. Measured in `benchmarks/` (design.md section 1.3, "sets, not rows").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from chengxin.engine.plan import Column, Rule

_SAMPLE = 20_000
_WORTH = 0.3
"""Share of distinct values in the sample above which folding costs more than it saves."""

Mask = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Folded:
    """One column of a chunk as indices into its distinct values; the last entry is NULL.

    `text`, `typed`, `hashes` and `mask` have one entry a distinct value; bit k of a mask says that rule k failed.
    """

    indices: npt.NDArray[np.uint32]
    text: pa.Array
    typed: pa.Array
    hashes: Mask
    mask: Mask

    def rows(self, values: pa.Array) -> pa.Array:
        """`values` row by row, as a dictionary: DuckDB reads it without copying the texts (lists it cannot)."""
        indices = pa.array(self.indices)
        return (
            values.take(indices) if pa.types.is_list(values.type) else pa.DictionaryArray.from_arrays(indices, values)
        )

    def masks(self) -> Mask | None:
        return self.mask[self.indices] if self.mask.any() else None


def worth_folding(values: pl.Series, column: Column) -> bool:
    """Whether a column repeats itself; coded columns always fold because their look-up is by value."""
    if column.kind in ("code", "code_set"):
        return True
    sample = values.head(_SAMPLE)
    return sample.len() > 0 and sample.n_unique() / sample.len() < _WORTH


def fold(
    con: duckdb.DuckDBPyConnection, values: pl.Series, column: Column, rules: Sequence[Rule], constants: str
) -> Folded:
    """Clean, type and check the distinct values of `values` by the one-field `rules` of `column`.

    Raises `duckdb.Error` when a rule's own text fails; the caller finds out which one.
    """
    encoded = values.cast(pl.Categorical).to_arrow()
    entries = encoded.dictionary
    raw = pa.concat_arrays([entries.cast(pa.large_string()), pa.nulls(1, pa.large_string())])
    null_at = np.uint32(len(entries))
    indices = np.asarray(encoded.indices.fill_null(int(null_at)), dtype=np.uint32)
    con.register("entries", pa.table({f"{column.id}_raw": raw}))
    try:
        answer = con.sql(_entries_sql(column, rules, constants)).to_arrow_table()
    finally:
        con.unregister("entries")
    hashes, mask = (answer.column(n).to_numpy().astype(np.uint64, copy=False) for n in ("hashes", "mask"))
    return Folded(indices, _whole(answer, "text"), _whole(answer, "typed"), hashes, mask)


def _entries_sql(column: Column, rules: Sequence[Rule], constants: str) -> str:
    name = column.id
    return f"""
        SELECT "{name}_text" AS text, "{name}" AS typed, hash("{name}_text") AS hashes, {mask_sql(rules)} AS mask
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


def _whole(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name).combine_chunks()
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
