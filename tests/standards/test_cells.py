"""No cell of a table that leaves the platform begins a formula, whatever stands in the data (CSV injection)."""

from __future__ import annotations

import csv
import io

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.engine.receipt import neutral
from chengxin.standards.cells import cell, cell_sql, csv_lines

STARTS = "=+-@＝＋－＠\t\r\n"
texts = st.one_of(
    st.text(max_size=12),
    st.builds("".join, st.tuples(st.sampled_from(["", " ", "\u3000", "\u00a0"]), st.sampled_from(STARTS), st.text(max_size=8))),
    st.from_regex(r"-?[0-9]{1,3}(\.[0-9]{1,2})?", fullmatch=True),
)  # fmt: skip


@pytest.mark.parametrize("start", STARTS)
def test_what_a_spreadsheet_would_compute_is_marked_as_text(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    assert cell(text) == f"'{text}"
    assert cell(f" {text}") == f" {text}", "a blank in front makes it text already"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("", ""), ("苏环罚〔2026〕1号", "苏环罚〔2026〕1号"), (-5, "-5"), ("-5.20", "-5.20"), (0, "0"), ("a=b", "a=b"),
     (True, "True"), ("-5+1", "'-5+1"), ("-5\n", "'-5\n"), ("+8613", "'+8613"), ("'=1", "'=1")],
)  # fmt: skip
def test_everything_else_stays_as_it_is(value: object, text: str) -> None:
    assert cell(value) == text


@given(texts)
def test_no_cell_begins_a_formula_and_nothing_is_lost(text: str) -> None:
    safe = cell(text)
    assert safe[:1] not in (set(STARTS) - {"-"})
    assert not safe.startswith("-") or float(safe) <= 0
    assert text in (safe, safe.removeprefix("'"))


@given(st.lists(texts, min_size=1, max_size=20))
def test_python_duckdb_and_polars_mark_the_same_cells(found: list[str]) -> None:
    found = [t.replace("\0", "") for t in found]
    frame = pl.DataFrame({"n": range(len(found)), "c": found})
    right = [cell(t) for t in found]
    assert frame.select(neutral(pl.col("c")))["c"].to_list() == right
    with duckdb.connect() as con:
        con.register("frame", frame.to_arrow())
        rows = con.execute(f"SELECT {cell_sql('c')} FROM frame ORDER BY n").fetchall()
    assert [c for (c,) in rows] == right


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=5))
def test_a_table_is_read_again_as_it_was_written(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(["甲", "乙"], rows))
    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [["甲", "乙"], *([cell(c) for c in row] for row in rows)]
