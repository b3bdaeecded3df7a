"""Bulk roads into the database: an Arrow table becomes a private staging table next to the register.

PostgreSQL: binary COPY by ADBC into an unlogged table. SQLite: ADBC writes a file of its own, closes it, and Django's
connection attaches it. The live SQLite file is never opened with ADBC: closing it there drops the locks of this process
and loses other people's commits (trials.md 2.2).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

POSITION = "position"
_OLD = 3600
_LEAN = {"mmap_size": 0, "cache_size": -131072}
_SORTED = 20_000


@dataclass(frozen=True)
class Stage:
    """Rows that lie ready next to the register: the file (SQLite) or the table (PostgreSQL) that holds them."""

    place: str


def stage(pieces: Iterable[pa.Table], schema: pa.Schema) -> Stage:
    """Put the rows of `pieces`, each a table of `schema`, into one staging table, so that memory holds one piece at a time;
    may run in another thread while the register takes the rows before them.

    Whoever makes a stage opens it once; what a killed process leaves behind is swept away (`sweep`).
    """
    return Stage(_copy(pieces, schema) if connection.vendor == "postgresql" else _write(pieces, schema))


def in_order(pieces: Iterable[pa.Table], by: str) -> Iterator[pa.Table]:
    """Each piece in the order of its column `by`, the rows of all numbered from 1 by a further column `POSITION`.

    A few rows at a time: what is put in order is copied.
    """
    first = 1
    for rows in pieces:
        order = pc.sort_indices(rows[by])
        for start in range(0, rows.num_rows, _SORTED):
            part = rows.take(order[start : start + _SORTED])
            yield part.append_column(POSITION, pa.array(np.arange(first, first + part.num_rows)))
            first += part.num_rows


@contextmanager
def opened(stage: Stage) -> Iterator[str]:
    """Name of the table as the register's connection sees it; enter it outside a transaction on SQLite. Then it is gone."""
    road = _in_postgresql if connection.vendor == "postgresql" else _in_sqlite
    with road(stage.place) as name:
        yield name


@contextmanager
def staged(rows: pa.Table) -> Iterator[str]:
    """Name of a table that holds `rows` as long as the context lasts; must be entered outside a transaction on SQLite."""
    with opened(stage([rows], rows.schema)) as name:
        yield name


def _write(pieces: Iterable[pa.Table], schema: pa.Schema) -> str:
    from adbc_driver_sqlite import dbapi

    handle, path = tempfile.mkstemp(suffix=".sqlite3", dir=_scratch())
    os.close(handle)
    with dbapi.connect(path, autocommit=True) as private, private.cursor() as cursor:
        cursor.execute("PRAGMA page_size=16384")  # rows are wide: small pages stay half empty
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA journal_mode=OFF")
        cursor.execute(f"CREATE TABLE stage ({_columns(schema, _SQLITE_TYPES)})")
        for rows in pieces:
            cursor.adbc_ingest("stage", rows, mode="append")
    return path


@contextmanager
def _in_sqlite(path: str) -> Iterator[str]:
    alias = f"s{uuid4().hex[:12]}"
    try:
        with connection.cursor() as cursor, _lean(cursor):
            cursor.execute(f"ATTACH DATABASE %s AS {alias}", [path])
            try:
                yield f"{alias}.stage"
            finally:
                cursor.execute(f"DETACH DATABASE {alias}")
    finally:
        Path(path).unlink(missing_ok=True)


@contextmanager
def _lean(cursor: CursorWrapper) -> Iterator[None]:
    """Bulk work touches the whole file: mapped, all of it would count as memory of this process. It goes through the file
    in order, so half the cache serves it as well, and the rest of the memory is the next chunk's."""
    before = {}
    for pragma, value in _LEAN.items():
        cursor.execute(f"PRAGMA {pragma}")
        told = cursor.fetchone()  # nothing where no file is open yet, or the library maps none
        if told:
            before[pragma] = told[0]
        cursor.execute(f"PRAGMA {pragma} = {value}")
    try:
        yield
    finally:
        for pragma, value in before.items():
            cursor.execute(f"PRAGMA {pragma} = {value}")


def _copy(pieces: Iterable[pa.Table], schema: pa.Schema) -> str:
    from adbc_driver_postgresql import dbapi

    name = f"stage_{uuid4().hex[:12]}"
    with dbapi.connect(_uri()) as private:
        with private.cursor() as cursor:
            cursor.execute(f"CREATE UNLOGGED TABLE {name} ({_columns(schema, _PG_TYPES)})")
            for rows in pieces:
                cursor.adbc_ingest(name, rows, mode="append")
            cursor.execute(f"ANALYZE {name}")
        private.commit()
    return name


@contextmanager
def _in_postgresql(name: str) -> Iterator[str]:
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")


def sweep() -> None:
    """Remove what killed processes left behind: staging files older than an hour, staging tables nobody uses."""
    for file in _scratch().iterdir():
        if file.stat().st_mtime < time.time() - _OLD:
            file.unlink(missing_ok=True)
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_stat_user_tables WHERE relname LIKE 'stage\\_%%' AND NOT EXISTS"
            " (SELECT 1 FROM pg_locks l WHERE l.relation = relid) AND relid::bigint < ("
            "  SELECT coalesce(max(oid)::bigint, 0) - 1000 FROM pg_class)"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE IF EXISTS "{name}"')


_PG_TYPES = {pa.int64(): "bigint", pa.date32(): "date", pa.string(): "text", pa.bool_(): "boolean"}
_SQLITE_TYPES = {pa.int64(): "INTEGER", pa.date32(): "TEXT", pa.string(): "TEXT", pa.bool_(): "INTEGER"}
_KEYS = (POSITION, "row")
"""Columns that number the rows: the first of them is the primary key of a staging table, so that joins over it need no
search."""


def _columns(schema: pa.Schema, types: dict[pa.DataType, str]) -> str:
    key = next((name for name in _KEYS if name in schema.names), "")
    return ", ".join(f'"{f.name}" {types[f.type]}{" PRIMARY KEY" if f.name == key else ""}' for f in schema)


def _uri() -> str:
    from urllib.parse import quote

    d = connection.settings_dict
    auth = quote(d["USER"]) + (f":{quote(d['PASSWORD'])}" if d["PASSWORD"] else "")
    return f"postgresql://{auth}@{d['HOST'] or 'localhost'}:{d['PORT'] or 5432}/{d['NAME']}"


def _scratch() -> Path:
    folder = Path(settings.HOME) / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
