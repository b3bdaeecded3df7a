"""DuckDB sessions that can compute and nothing else: no files, no network, no settings changed behind our back.

trials.md 1.4: `enable_external_access=false` and `lock_configuration=true` stopped every file read, COPY and ATTACH.

A session that knows the standards' macros takes a quarter of a second to make and two milliseconds to clean, so a process
keeps the last few. Each serves one user at a time, and none is handed on before everything its user made in it is gone.
"""

from __future__ import annotations

import atexit
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from chengxin.standards import native

KEPT = 4
"""How many idle sessions a process keeps: those of the check, of small questions and of the grading, and one to spare."""

_MACRO = re.compile(r'CREATE OR REPLACE TEMP MACRO "?(\w+)"?\(')


@contextmanager
def open_session(
    macros: Iterable[str] = (), *, memory: str = "1GB", threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory connection that knows `macros` (statements that set up a session, most of them macros).

    Tables, views and registered objects last as long as the context; the connection must not be used or closed after it.
    """
    statements = list(macros)
    session = _take((memory, threads or os.cpu_count() or 1, tuple(s for s in statements if not _MACRO.match(s))))
    try:
        session.teach(statements)
        yield session.con
    finally:
        _give_back(session)


Key = tuple[str, int, tuple[str, ...]]
"""Memory limit, threads, and the statements that are no macros: settings are locked, so only the same can be reused."""


@dataclass(eq=False)
class _Session:
    key: Key
    con: duckdb.DuckDBPyConnection = field(init=False)
    macros: dict[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        memory, threads, statements = self.key
        self.con = duckdb.connect(":memory:")
        self.con.execute(f"SET memory_limit = '{memory}'")
        self.con.execute(f"SET threads = {threads}")
        native.install(self.con)
        for statement in statements:
            self.con.execute(statement)
        self.con.execute("SET enable_external_access = false")
        self.con.execute("SET lock_configuration = true")
        self.own = frozenset(self._made(_TABLES))

    def teach(self, statements: Iterable[str]) -> None:
        """Know the macros among `statements` and no others: a name that nobody declared must stay an error."""
        wanted = {found[1]: s for s in statements if (found := _MACRO.match(s))}
        for name in self.macros.keys() - wanted.keys():
            self.con.execute(f'DROP MACRO temp."{name}"')
            del self.macros[name]
        for name, statement in wanted.items():
            if self.macros.get(name) != statement:
                self.con.execute(statement)
                self.macros[name] = statement

    def clean(self) -> None:
        """Remove every table and view that is not the session's own. Raises `duckdb.Error` where that cannot be done,
        as in a transaction that was left open."""
        self.con.execute("BEGIN")
        tables = set(self._made(_TABLES))
        if not self.own <= tables:
            raise duckdb.CatalogException("a table that belongs to the session is gone")
        for view in self._made(_VIEWS):
            self.con.unregister(view)  # lets go of the Python object behind it, too
        for table in tables - self.own:
            self.con.execute(f"DROP TABLE {table}")
        self.con.execute("COMMIT")

    def _made(self, question: str) -> list[str]:
        return [str(name) for (name,) in self.con.execute(question).fetchall()]


_TABLES = """SELECT concat('"', database_name, '"."', schema_name, '"."', table_name, '"') FROM duckdb_tables()
    WHERE NOT internal"""
_VIEWS = "SELECT view_name FROM duckdb_views() WHERE NOT internal"

_idle: list[_Session] = []
_lock = threading.Lock()


def _take(key: Key) -> _Session:
    with _lock:
        for session in reversed(_idle):
            if session.key == key:
                _idle.remove(session)
                return session
    return _Session(key)


def _give_back(session: _Session) -> None:
    try:
        session.clean()
    except duckdb.Error:
        session.con.close()
        return
    with _lock:
        _idle.append(session)
        gone = [_idle.pop(0) for _ in range(len(_idle) - KEPT)]
    for old in gone:
        old.con.close()


def close_idle() -> None:
    """Close the sessions that nobody uses."""
    with _lock:
        _close_all()


def _close_all() -> None:
    while _idle:
        _idle.pop().con.close()


def _before_fork() -> None:
    """A child would inherit sessions without their threads, and wait for those for ever: it shall find none."""
    _lock.acquire()
    _close_all()


os.register_at_fork(before=_before_fork, after_in_parent=_lock.release, after_in_child=_lock.release)
atexit.register(close_idle)
