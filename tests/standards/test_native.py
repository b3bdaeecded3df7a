"""The vectorised check sums say what the macros without them say, on every text (G-12)."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.standards import native
from chengxin.standards.calendar import WorkCalendar
from chengxin.standards.organisation_code import organisation_check_character
from chengxin.standards.sql import macro_statements
from chengxin.standards.uscc import USCC_ALPHABET, make_uscc

MACROS = ("uscc_ok", "uscc_inner_ok", "organisation_code_ok", "registration_number_ok", "tax_number_ok")

bodies = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8)
organisations = bodies.map(lambda b: b + (organisation_check_character(b) or "0"))
usccs = st.text(USCC_ALPHABET, min_size=8, max_size=8).map(lambda b: make_uscc("9", "1", "320500", b))
digits = st.text("0123456789", min_size=13, max_size=16)
old_tax = st.tuples(st.text("0123456789", min_size=6, max_size=6), organisations).map("".join)
sound = st.one_of(organisations, usccs, digits, old_tax, organisations.map(lambda c: f"{c[:8]}-{c[8]}"))
changed = st.tuples(sound, st.integers(0, 17), st.characters()).map(lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :])
texts = st.lists(st.one_of(sound, changed, st.text(max_size=20), st.none()), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def called(calendar: WorkCalendar) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    native.install(connection)
    for statement in macro_statements(calendar, native=True):
        connection.execute(statement)
    yield connection
    connection.close()


@given(texts)
@settings(max_examples=60, deadline=None)
def test_both_forms_agree(
    duck: duckdb.DuckDBPyConnection, called: duckdb.DuckDBPyConnection, values: list[str | None]
) -> None:
    query = f"SELECT {', '.join(f'{m}(x)' for m in MACROS)} FROM (SELECT unnest($x) AS x)"
    assert called.execute(query, {"x": values}).fetchall() == duck.execute(query, {"x": values}).fetchall()


def test_a_column_in_pieces_with_gaps_is_read_like_a_whole_one() -> None:
    good = "91350100M000100Y43"
    whole = pa.array([None, good, "", "9" * 18, good[:-1] + "4", "é" * 9])
    expected = [False, True, False, False, False, False]
    assert native.uscc_sum(whole).to_pylist() == expected
    assert native.uscc_sum(whole.slice(1)).to_pylist() == expected[1:]
    assert native.uscc_sum(pa.chunked_array([whole[:2], whole[2:]])).to_pylist() == expected
    assert native.organisation_sum(pa.array([], pa.string())).to_pylist() == []
