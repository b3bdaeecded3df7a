"""A session is used by one after the other, and none sees what the one before it made (design.md section 6)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from chengxin.engine import session
from chengxin.engine.session import close_idle, open_session

ONE = 'CREATE OR REPLACE TEMP MACRO "twice"(x) AS x * 2'
OTHER = 'CREATE OR REPLACE TEMP MACRO "twice"(x) AS x + x + 0'
BASE = "CREATE OR REPLACE TEMP TABLE days AS SELECT 7 AS day"


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    close_idle()
    yield
    close_idle()


def _fails(con: duckdb.DuckDBPyConnection, text: str) -> bool:
    try:
        con.execute(text).fetchall()
    except duckdb.Error:
        return True
    return False


def test_the_same_session_serves_again_and_holds_nothing_of_before() -> None:
    with open_session([BASE, ONE]) as first:
        first.execute("CREATE TEMP TABLE rows AS SELECT 1 AS a")
        first.execute("CREATE TABLE plain AS SELECT 1 AS a")
        first.execute("CREATE VIEW seen AS SELECT * FROM plain")
        first.register("chunk", pa.table({"a": [1]}))
    with open_session([BASE, ONE]) as second:
        assert second is first
        assert all(_fails(second, f"SELECT * FROM {name}") for name in ("rows", "plain", "seen", "chunk"))
        assert second.execute("SELECT day, twice(3) FROM days").fetchone() == (7, 6)


def test_a_session_knows_the_macros_it_was_asked_for_and_no_others() -> None:
    with open_session([ONE]) as con:
        pass
    with open_session() as again:
        assert again is con
        assert _fails(again, "SELECT twice(1)"), "a rule that names what its item does not have must not be computed"
    with open_session([OTHER]) as again:
        assert again is con
        assert "+ 0" in str(again.execute("SELECT macro_definition FROM duckdb_functions() WHERE function_name = 'twice'"
                                          ).fetchone())  # fmt: skip


def test_settings_are_not_shared_and_stay_locked() -> None:
    with open_session(memory="100MB", threads=1) as small:
        pass
    with open_session(memory="200MB", threads=1) as large:
        assert large is not small
        assert large.execute("SELECT current_setting('memory_limit')").fetchone() == ("190.7 MiB",)
    with open_session(memory="100MB", threads=1) as again:
        assert again is small
        assert _fails(again, "SET memory_limit = '1GB'")
        assert _fails(again, "SELECT * FROM read_text('/etc/hostname')")


def test_an_error_leaves_the_next_user_a_sound_session() -> None:
    with pytest.raises(duckdb.Error), open_session([BASE]) as con:
        con.execute("CREATE TABLE half AS SELECT 1 AS a")
        con.execute("SELECT error('broken')").fetchall()
    with open_session([BASE]) as con:
        assert _fails(con, "SELECT * FROM half")
        assert con.execute("SELECT day FROM days").fetchone() == (7,)


def test_a_session_left_in_a_transaction_is_not_used_again() -> None:
    with open_session() as con:
        con.execute("BEGIN")
        con.execute("CREATE TABLE half AS SELECT 1 AS a")
    with open_session() as again:
        assert again is not con
        assert _fails(again, "SELECT * FROM half")


def test_a_lost_own_table_is_not_handed_on() -> None:
    with open_session([BASE]) as con:
        con.execute("DROP TABLE days")
    with open_session([BASE]) as again:
        assert again.execute("SELECT day FROM days").fetchone() == (7,)


def test_two_users_at_once_have_two_sessions_and_few_are_kept() -> None:
    met, seen = threading.Barrier(8), []

    def use(n: int) -> None:
        with open_session([BASE]) as con:
            con.execute(f"CREATE TABLE mine AS SELECT {n} AS n")
            met.wait(30)
            seen.append(con.execute("SELECT n FROM mine").fetchall())

    threads = [threading.Thread(target=use, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [[(n,)] for n in range(8)]
    assert len(session._idle) == session.KEPT


def test_a_forked_child_makes_its_own() -> None:
    with open_session([BASE]):
        pass
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            with open_session([BASE], threads=2) as con:
                total = con.execute("SELECT sum(range) FROM range(1000000)").fetchone()
            os.write(writing, str(total).encode())
        finally:
            os._exit(0)
    os.close(writing)
    assert os.read(reading, 100) == b"(499999500000,)"
    os.waitpid(child, 0)
    with open_session([BASE]) as con:
        assert con.execute("SELECT day FROM days").fetchone() == (7,)
