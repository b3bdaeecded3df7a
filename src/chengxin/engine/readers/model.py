"""What a reader hands out: a source, its chunks, and the lines that could not be read (F-02, R-032, G-20).

Row numbers count the data rows of the file from 1. They are never shifted: a row that is blank or cannot be read keeps
its number and stays in the table as a row of nulls (a hole), so that row = first_row + position holds everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

Format = Literal["csv", "xlsx", "jsonl", "parquet"]

CHUNK_BYTES = 192 << 20
"""A chunk ends early at this much text, so that very wide rows cannot fill the memory."""


SHOWN = 200
"""Characters of a broken line that are quoted."""


@dataclass(frozen=True)
class Limits:
    """What a file may ask of the machine; bytes, cells, columns and characters are counts, the ratio is unzipped/zipped."""

    max_bytes: int = 2 << 30
    max_unzipped: int = 1 << 30
    max_ratio: int = 200
    max_entries: int = 10_000
    max_cells: int = 60_000_000
    max_columns: int = 512
    max_cell_chars: int = 100_000


@dataclass(frozen=True)
class BrokenRow:
    """A data row that could not be read as a row: `kind` is a stable code (see `refusals.BROKEN`), `found` the line's text
    (at most 200 characters), `expected` what should have stood there. It becomes a reject finding of its own."""

    row: int
    kind: str
    found: str
    expected: str


@dataclass(frozen=True)
class Chunk:
    """Consecutive data rows: `table` holds text columns c0..cN-1, outer blanks stripped, empty text as null.

    `holes` marks the rows of `table` that hold no data because the row is blank or broken; the consumer leaves them out.
    It is None where every row holds data. `broken` names the broken ones.
    """

    first_row: int
    table: pl.DataFrame
    broken: list[BrokenRow] = field(default_factory=list)
    holes: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Fault:
    """A broken row by its place in a piece, before rows are numbered."""

    at: int
    kind: str
    found: str
    expected: str


@dataclass(frozen=True)
class Piece:
    """Some rows in file order as a format's reader yields them; broken ones stand as rows of nulls."""

    table: pl.DataFrame
    faults: list[Fault] = field(default_factory=list)
    size: int = 0


@dataclass
class Source:
    """An opened file. `columns` are its headings as written; `header_row` is the line of the headings, from 1.

    `notes` are sentences for the submitter (sheets not read, digits that Excel has destroyed); those that need the whole
    file are there once `chunks` has been read to its end. Use it as a context manager.
    """

    path: Path
    format: Format
    columns: list[str]
    size: int
    pieces: Callable[[], Iterator[Piece]] = field(repr=False)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1
    notes: list[str] = field(default_factory=list)
    max_cell_chars: int = field(default=100_000, repr=False)
    on_close: Callable[[], None] | None = field(default=None, repr=False)

    def chunks(self, rows: int = 200_000) -> Iterator[Chunk]:
        """The file in order, in chunks of at most `rows` rows; may be called again to read once more.

        Blank rows at the end of the file do not count. Raises `FileRefused` when the file turns out unreadable on the way
        (a line longer than any row can be, a document that ends in the middle).
        """
        return _number((_short(p, self.max_cell_chars) for p in _sized(self.pieces(), rows)), rows)

    def close(self) -> None:
        """Give back what the file holds; reading afterwards is an error."""
        if self.on_close is not None:
            self.on_close()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _number(pieces: Iterator[Piece], rows: int) -> Iterator[Chunk]:
    """Pieces of at most `rows` rows as numbered chunks; blank rows wait until data follows them."""
    next_row = 1
    blank = 0
    for piece in pieces:
        table, faults = piece.table, piece.faults
        empty = _empty_rows(table)
        last = max(table.height - int(np.argmin(empty[::-1])) if not empty.all() else 0, *(f.at + 1 for f in faults), 0)
        if not last:
            blank += table.height
            continue
        while blank:
            waiting = min(blank, rows)
            yield Chunk(next_row, table.clear(waiting), [], np.ones(waiting, dtype=np.bool_))
            next_row, blank = next_row + waiting, blank - waiting
        blank = table.height - last
        table, empty = table.head(last), empty[:last]
        broken = [BrokenRow(next_row + f.at, f.kind, f.found, f.expected) for f in faults]
        yield Chunk(next_row, table, broken, empty if empty.any() else None)
        next_row += last


def _short(piece: Piece, limit: int) -> Piece:
    """The piece with rows that hold a cell of more than `limit` characters turned into faults."""
    table = piece.table
    longest = table.select(pl.all().str.len_bytes().max()).row(0)
    if max((n for n in longest if n), default=0) <= limit:
        return piece
    long = table.select(pl.any_horizontal(pl.all().str.len_chars() > limit)).to_series().fill_null(False)
    found = {at: next(c for c in table.row(at) if c and len(c) > limit)[:SHOWN] for at in long.arg_true()}
    faults = [Fault(at, "too-long", text, f"每个单元格不超过 {limit} 个字") for at, text in found.items()]
    blank = table.select(pl.when(~long).then(pl.all()))
    return Piece(blank, sorted([*piece.faults, *faults], key=lambda f: f.at), piece.size)


def _empty_rows(table: pl.DataFrame) -> npt.NDArray[np.bool_]:
    if not min(table.null_count().row(0)):
        return np.zeros(table.height, dtype=np.bool_)
    return table.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()


def _sized(pieces: Iterator[Piece], rows: int) -> Iterator[Piece]:
    """Join and cut pieces so that none has more than `rows` rows and few have much less."""
    tables: list[pl.DataFrame] = []
    faults: list[Fault] = []
    height = size = 0
    for piece in pieces:
        tables.append(piece.table)
        faults.extend(Fault(f.at + height, f.kind, f.found, f.expected) for f in piece.faults)
        height, size = height + piece.table.height, size + piece.size
        while height >= rows or (height and size >= CHUNK_BYTES):
            table = pl.concat(tables)
            yield Piece(table.head(rows), [f for f in faults if f.at < rows])
            tables = [table.slice(rows)]
            faults = [Fault(f.at - rows, f.kind, f.found, f.expected) for f in faults if f.at >= rows]
            size, height = 0, tables[0].height
    if height:
        yield Piece(pl.concat(tables), faults)
