"""Bulk roads out of the database: what a query gives becomes an Arrow table, and no row is ever in Python.

PostgreSQL: COPY as CSV on Django's own connection, so that temporary tables are seen. SQLite: the rows are written into
a private file that is attached, and read from there; the live file is never opened with ADBC (trials.md 2.2).
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.conf import settings
from django.db import connection


def fetched(query: str, schema: pa.Schema) -> pa.Table:
    """The rows of `query` (a SELECT that gives the columns of `schema` in order: texts, dates and whole numbers).

    Must be called outside a transaction on SQLite, where an attached file is not let go inside of one: `RuntimeError`, at
    once and by name. No request holds one here (ATOMIC_REQUESTS is off, and no view opens one around an explanation). An
    empty text comes back as NULL.
    """
    if connection.vendor == "sqlite" and connection.in_atomic_block:
        raise RuntimeError("fetched() was called inside a transaction; SQLite cannot read in bulk from within one")
    road = _postgresql if connection.vendor == "postgresql" else _sqlite
    return road(query, schema)


def _postgresql(query: str, schema: pa.Schema) -> pa.Table:
    with connection.cursor() as cursor:
        buffer = io.BytesIO()
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
            for block in copy:
                buffer.write(block)
    if not buffer.tell():
        return schema.empty_table()
    buffer.seek(0)
    return pa.csv.read_csv(
        buffer,
        read_options=pa.csv.ReadOptions(column_names=schema.names, block_size=16 << 20),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=schema, strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=True
        ),
    )


def _sqlite(query: str, schema: pa.Schema) -> pa.Table:
    from adbc_driver_sqlite import dbapi

    folder = Path(settings.HOME) / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(suffix=".sqlite3", dir=folder)
    os.close(handle)
    alias = f"f{uuid4().hex[:12]}"
    texts = ", ".join(f"coalesce(\"{f.name}\", '')" if f.type not in _WHOLE else f'"{f.name}"' for f in schema)
    names = ", ".join(f'"{f.name}"' for f in schema)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"ATTACH DATABASE %s AS {alias}", [path])
            try:
                cursor.execute(f"PRAGMA {alias}.journal_mode = OFF")
                cursor.execute(f"PRAGMA {alias}.synchronous = OFF")
                cursor.execute(f"CREATE TABLE {alias}.rows ({names})")
                cursor.execute(f"INSERT INTO {alias}.rows {query}")
            finally:
                cursor.execute(f"DETACH DATABASE {alias}")
        with dbapi.connect(path, autocommit=True) as private, private.cursor() as cursor:
            cursor.execute(f"SELECT {texts} FROM rows")
            table = cursor.fetch_arrow_table().rename_columns(schema.names)
    finally:
        Path(path).unlink(missing_ok=True)
    if not table.num_rows:
        return schema.empty_table()
    return pa.table({f.name: _typed(table[f.name], f.type) for f in schema}, schema=schema)


_WHOLE = (pa.int64(),)


def _typed(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if kind in _WHOLE:
        return column.cast(kind)
    text = column.cast(pa.string())
    return pc.replace_with_mask(
        text.combine_chunks(), pc.equal(text, "").combine_chunks(), pa.scalar(None, pa.string())
    ).cast(kind)
