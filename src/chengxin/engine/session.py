"""A DuckDB connection that can compute and nothing else: no files, no network, no settings changed behind our back.

trials.md 1.4: `enable_external_access=false` and `lock_configuration=true` stopped every file read, COPY and ATTACH.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import duckdb

from chengxin.standards import native


def open_session(
    macros: Iterable[str] = (), *, memory: str = "1GB", threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A private in-memory connection that knows `macros` (CREATE statements); the caller closes it."""
    con = duckdb.connect(":memory:")
    con.execute(f"SET memory_limit = '{memory}'")
    con.execute(f"SET threads = {threads or os.cpu_count() or 1}")
    native.install(con)
    for statement in macros:
        con.execute(statement)
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con
