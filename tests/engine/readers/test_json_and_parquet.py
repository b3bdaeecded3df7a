"""JSON Lines, JSON arrays and Parquet read like the same table in CSV (F-02, R-032)."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chengxin.engine.readers import open_source
from chengxin.standards.text import BLANKS
from tests.engine.readers.helpers import Rows, expected, read, read_bytes, tables, write_jsonl


@settings(max_examples=150, deadline=None)
@given(
    table=tables(),
    array=st.booleans(),
    ascii_only=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_any_table_of_text_in_json(table: tuple[list[str], Rows], array: bool, ascii_only: bool, encoding: str) -> None:
    columns, cells = table
    wanted = expected(cells, BLANKS)
    assume(any(wanted))
    objects = [dict(zip(columns, row, strict=True)) for row in cells]
    text = json.dumps(objects, ensure_ascii=ascii_only, indent=1) if array else write_jsonl(columns, cells)
    with tempfile.TemporaryDirectory() as folder:
        found = read_bytes(Path(folder), text.encode(encoding), rows=3)
    assert (found.format, found.columns, found.rows) == ("jsonl", columns, wanted)


@settings(max_examples=60, deadline=None)
@given(table=tables())
def test_any_table_of_text_in_parquet(table: tuple[list[str], Rows]) -> None:
    columns, cells = table
    wanted = expected(cells, BLANKS)
    assume(any(wanted))
    with tempfile.TemporaryDirectory() as folder:
        pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String), orient="row").write_parquet(f"{folder}/x")
        found = read(Path(folder) / "x", rows=3)
    assert (found.format, found.columns, found.rows) == ("parquet", columns, wanted)


def test_json_values_keep_their_text_and_keys_may_differ(tmp_path: Path) -> None:
    lines = (
        '{"名称": "甲", "金额": 1.10, "代码": 123456789012345678901234, "是": true, "空": null}',
        '{"名称": 5, "新键": "x", "金额": 1e5, "层": {"a": [1, 2.50, "中"]}}',
        "",
        '{"名称": "丙", "金额": -0.0, "层": []}',
    )
    found = read_bytes(tmp_path, "\r\n".join(lines).encode())
    assert found.columns == ["名称", "金额", "代码", "是", "空", "新键", "层"]
    assert found.rows == [
        ("甲", "1.10", "123456789012345678901234", "true", None, None, None),
        ("5", "1e5", None, None, None, "x", '{"a": [1, 2.50, "中"]}'),
        None,
        ("丙", "-0.0", None, None, None, None, "[]"),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b'{"a": 1', "bad-json"),
        (b'{"a": 1} {"a": 2}', "bad-json"),
        (b"[1]", "bad-json"),
        (b'{"a": 1, "a": 2}', "bad-json"),  # which one would be right?
        (b'{"a": NaN}', "bad-json"),
        (b'{"a": "\xff"}', "bad-bytes"),
        (b'{"a": "x\\u0000"}', "control-characters"),
        (b'{"a": ' + b"[" * 100_000, "bad-json"),
        (b'{"a": "' + b"x" * 100_001 + b'"}', "too-long"),
    ],
)
def test_a_broken_line_of_json_is_named_and_the_rest_kept(tmp_path: Path, line: bytes, kind: str) -> None:
    found = read_bytes(tmp_path, b'{"a": "1"}\n' + line + b'\n{"a": "3"}\n')
    assert found.rows == [("1",), None, ("3",)]
    assert found.kinds == {2: kind}


def test_an_array_over_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengxin.engine.readers.encodings.BLOCK", 11)
    objects = [{"名称": f"公司{i}", "层": {"x": [i, "]"]}} for i in range(50)]
    found = read_bytes(tmp_path, json.dumps(objects, ensure_ascii=False).encode())
    assert found.rows == [(f"公司{i}", f'{{"x": [{i}, "]"]}}') for i in range(50)]


def test_parquet_types_become_plain_text(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "日": [dt.date(2025, 1, 2), None],
            "时": [dt.datetime(2025, 1, 2), dt.datetime(2025, 1, 2, 3, 4, 5, 600_000)],
            "钟": [dt.time(9, 5), dt.time(0, 0)],
            "大": [1e21, 0.1],
            "小": [5.0, 1e-7],
            "额": [Decimal("1.50"), Decimal("100.00")],
            "整": [10, -3],
            "是": [True, False],
            "类": pl.Series(["一般", "严重"], dtype=pl.Categorical),
            "文": [" =1+1\u3000", ""],
        }
    )
    frame.write_parquet(tmp_path / "x")
    assert read(tmp_path / "x").rows == [
        ("2025-01-02", "2025-01-02", "09:05:00", "1000000000000000000000", "5", "1.50", "10", "true", "一般", "=1+1"),
        (None, "2025-01-02 03:04:05.600", "00:00:00", "0.1", "0.0000001", "100.00", "-3", "false", "严重", None),
    ]


def test_parquet_of_one_long_text_in_many_rows_stays_small_in_memory(tmp_path: Path) -> None:
    pl.DataFrame({"甲": ["很" * 30_000] * 5_000}).write_parquet(tmp_path / "x")
    assert (tmp_path / "x").stat().st_size < 1 << 20
    found = 0
    with open_source(tmp_path / "x") as source:
        for chunk in source.chunks():
            assert chunk.table.estimated_size() < 300 << 20
            found += chunk.table.height
    assert found == 5_000
