"""Opens Parquet: typed columns become the text a person would write (F-02, R-032)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from chengxin.engine.readers import blanks
from chengxin.engine.readers.headings import Headings, read_headings
from chengxin.engine.readers.model import SHOWN, Fault, Limits, Piece, Source
from chengxin.engine.readers.refusals import amount, refuse

_ROWS: Final = 50_000
_SMALL: Final = 64 << 20
_TEXT: Final = 32 << 20


def open_parquet(path: Path, limits: Limits) -> Source:
    """The Parquet file at `path`; raises `FileRefused` (damaged, nested, zip-bomb)."""
    try:
        with pq.ParquetFile(path) as file:
            _check_sizes(file.metadata, limits)
            schema = file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise refuse("damaged", reason=str(error)[:100]) from error
    for column in schema:
        if not _is_plain(column.type):
            raise refuse("nested", heading=column.name, kind=str(column.type)[:40])
    headings = read_headings(schema.names, limits, least=1)
    texts = [c.name for c in schema if pa.types.is_string(c.type) or pa.types.is_large_string(c.type)]
    return Source(
        path=path,
        format="parquet",
        columns=headings.columns,
        size=path.stat().st_size,
        pieces=lambda: _pieces(path, headings, texts),
        header_row=0,
        max_cell_chars=limits.max_cell_chars,
    )


def _is_plain(kind: pa.DataType) -> bool:
    """Whether values of this type are single values that people write: no lists, structures, bytes or spans of time."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    texts = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_null,
        pa.types.is_boolean,
    )
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    times = (pa.types.is_date, pa.types.is_timestamp, pa.types.is_time)
    return any(known(kind) for known in (*texts, *numbers, *times))


def _check_sizes(metadata: pq.FileMetaData, limits: Limits) -> None:
    """No row group may unpack to more than the limits allow: one is in memory at a time."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        packed = sum(group.column(i).total_compressed_size for i in range(group.num_columns))
        limit = min(limits.max_unzipped, max(limits.max_ratio * packed, _SMALL))
        if group.total_byte_size > limit:
            raise refuse("zip-bomb", found=amount(group.total_byte_size), limit=amount(limit))


def _pieces(path: Path, headings: Headings, texts: list[str]) -> Iterator[Piece]:
    """One long text in many rows is kept once (as a dictionary) until it is copied: so slices are cut by their text."""
    try:
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            for batch in file.iter_batches(batch_size=_ROWS):
                yield from _cut(_frame(batch), headings)
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise refuse("damaged", reason=str(error).split("\n")[0][:100]) from error


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.from_arrow(batch.rename_columns([f"c{i}" for i in range(batch.num_columns)]))
    assert isinstance(frame, pl.DataFrame)
    return frame.select(_as_text(name, kind) for name, kind in frame.schema.items())


def _cut(text: pl.DataFrame, headings: Headings) -> Iterator[Piece]:
    size = sum(int(column.str.len_bytes().sum()) for column in text)
    step = max(1, text.height * _TEXT // max(size, _TEXT))
    for part in text.iter_slices(step):
        yield _without_controls(headings.pick(blanks.strip(part)), size * part.height // text.height)


def _without_controls(table: pl.DataFrame, size: int) -> Piece:
    bad = table.select(pl.any_horizontal(pl.all().str.contains("\0", literal=True))).to_series().fill_null(False)
    if not bad.any():
        return Piece(table, size=size)
    faults = []
    for at in bad.arg_true():
        text = next(c for c in table.row(at) if c and "\0" in c)
        faults.append(Fault(at, "control-characters", text[:SHOWN], "没有控制字符的文本"))
    return Piece(table.select(pl.when(~bad).then(pl.all())), faults, size)


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    """ISO dates, seconds only where there are some, numbers without exponent or trailing .0, decimals with their scale."""
    column = pl.col(name)
    if kind.is_float():
        return column.map_batches(_plain_floats, return_dtype=pl.String)
    if isinstance(kind, pl.Datetime):
        text = column.dt.to_string("%Y-%m-%d %H:%M:%S%.f")
        return text.str.replace(r" 00:00:00$", "").alias(name)
    return column.cast(pl.String)


def _plain_floats(values: pl.Series) -> pl.Series:
    text = values.cast(pl.String).str.replace(r"\.0$", "")
    if text.str.contains("e", literal=True).any():
        plain = [None if v is None else (f"{v:.0f}" if abs(v) >= 1 else f"{v:.20f}".rstrip("0")) for v in values]
        odd = text.str.contains("e", literal=True)
        text = pl.select(pl.when(odd).then(pl.Series(plain, dtype=pl.String)).otherwise(text)).to_series()
    return text.alias(values.name)
