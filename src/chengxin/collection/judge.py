"""What a check finds beyond single rows: repeated keys in the file, and what the register says of the subjects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from chengxin.engine.check import Checker, Failures

Hashes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Duplicates:
    """Rows that share a natural key: `repeated` says the same again, `conflicting` say different things."""

    repeated: Rows
    conflicting: Rows
    keys: pl.DataFrame

    def shown(self, rows: Rows) -> tuple[pl.Series, pl.Series]:
        """The rows and, beside them, their keys as text."""
        hit = pl.DataFrame({"row": rows}, schema={"row": pl.Int64}).join(self.keys, on="row", maintain_order="left")
        return hit["row"], hit["key"]


class RowHashes:
    """Grows with the file: hashes of key, subject and content of every row, 24 bytes a row."""

    def __init__(self) -> None:
        self._numbers: list[Rows] = []
        self._parts: dict[str, list[Hashes]] = {"key": [], "subject": [], "content": []}

    def add(self, failures: Failures) -> None:
        self._numbers.append(failures.numbers)
        for name, part in self._parts.items():
            values = getattr(failures, name)
            part.append(np.zeros(len(failures.numbers), np.uint64) if values is None else np.asarray(values, np.uint64))

    def column(self, name: str) -> tuple[Rows, Hashes]:
        if not self._numbers:
            return np.empty(0, np.int64), np.empty(0, np.uint64)
        return np.concatenate(self._numbers), np.concatenate(self._parts[name])


def shared_keys(rows: Rows, hashes: Hashes, rejected: Rows) -> tuple[Rows, Hashes]:
    """The rows whose key stands in more than one row of the file; rejected rows and rows without a key do not count."""
    usable = (hashes != 0) & ~np.isin(rows, rejected, assume_unique=True)
    rows, hashes = rows[usable], hashes[usable]
    shared = pl.Series(hashes).is_duplicated().to_numpy()
    return rows[shared], hashes[shared]


def duplicates(rows: Rows, hashes: Hashes, contents: Hashes, keys: Keys) -> Duplicates:
    """Tell repeated rows from conflicting ones among `rows` that share keys (their `hashes`) by their `contents`."""
    seen = pl.DataFrame({"row": rows, "hash": hashes, "content": contents}).sort("row")
    seen = seen.with_columns(
        (pl.col("content").n_unique().over("hash") > 1).alias("differs"),
        (pl.col("row") != pl.col("row").first().over("hash", "content")).alias("again"),
    )
    repeated = seen.filter("again")["row"].to_numpy()
    conflicting = seen.filter(pl.col("differs") & ~pl.col("again"))["row"].to_numpy()
    return Duplicates(repeated, conflicting, keys.of(np.union1d(repeated, conflicting)))


class Keys:
    """The cells that make up the natural key of every row, in a file of their own: only where rows share a key is it
    quoted, and only then put together."""

    def __init__(self, path: Path, checker: Checker) -> None:
        self._path, self._checker = path, checker
        self._columns = [f"c{checker.match.position[k]}" for k in checker.plan.key if k in checker.match.position]
        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(
            self._sink, pa.schema([("row", pa.int64()), *((c, pa.string_view()) for c in self._columns)])
        )

    def add(self, numbers: Rows, table: pl.DataFrame) -> None:
        if self._columns:
            cells = table.select(pl.Series("row", numbers), *self._columns)
            self._writer.write_table(cells.to_arrow(compat_level=pl.CompatLevel.newest()))

    def of(self, rows: Rows) -> pl.DataFrame:
        """The keys of these rows (row, key), which stand in their order in the file; no more can be added then."""
        self._writer.close()
        self._sink.close()
        frame = pl.DataFrame({"row": rows}, schema={"row": pl.Int64})
        keys = pl.Series("key", [None] * len(rows), dtype=pl.String)
        if len(rows) and self._columns:
            wanted = pl.col("row").is_in(pl.Series(rows).implode())
            cells = frame.join(pl.scan_ipc(self._path).filter(wanted).collect(), on="row", maintain_order="left")
            keys = pl.Series(
                "key", self._checker.compute(self._table(cells), f"{self._checker.plan.key_text} AS key")["key"]
            )
        self._path.unlink()
        return frame.with_columns(keys)

    def _table(self, cells: pl.DataFrame) -> pl.DataFrame:
        """The cells at their places in a table like the file's, whose other cells are left empty."""
        width = 1 + max(self._checker.match.position.values())
        empty = pl.lit(None, pl.String)
        return cells.select(
            (pl.col(name) if name in self._columns else empty.alias(name)) for name in (f"c{i}" for i in range(width))
        )


class Subjects:
    """The distinct subjects a file speaks of, collected chunk by chunk for one question to the register."""

    def __init__(self, select: str) -> None:
        self._select = select
        self._seen: Hashes = np.empty(0, np.uint64)
        self._parts: list[pa.Table] = []

    def add(self, failures: Failures, table: pl.DataFrame, checker: Checker) -> None:
        if failures.subject is None:
            return
        hashes, where = np.unique(np.asarray(failures.subject, np.uint64), return_index=True)
        fresh = (hashes != 0) & ~np.isin(hashes, self._seen, assume_unique=True)
        if fresh.any():
            self._parts.append(checker.compute(table[where[fresh]], self._select))
            self._seen = np.concatenate([self._seen, hashes[fresh]])

    def table(self) -> tuple[Hashes, pa.Table | None]:
        """Hashes and, in the same order, the subjects' columns (`prepare.SUBJECT`)."""
        return self._seen, pa.concat_tables(self._parts) if self._parts else None
