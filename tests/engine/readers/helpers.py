"""What the tests of the readers share: writing files of every kind, and reading one to plain Python."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import xlsxwriter
from hypothesis import strategies as st

from chengxin.engine.readers import BrokenRow, FileRefused, Limits, open_source

Rows = list[list[str | None]]


@dataclass
class Read:
    """A file read to its end: rows in order, None for a hole; `broken` by row number."""

    columns: list[str]
    rows: list[tuple[str | None, ...] | None]
    broken: dict[int, BrokenRow]
    format: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int
    notes: list[str]

    @property
    def kinds(self) -> dict[int, str]:
        return {row: b.kind for row, b in self.broken.items()}


def read(path: Path, rows: int = 200_000, limits: Limits | None = None) -> Read:
    with open_source(path, limits) as source:
        found: list[tuple[str | None, ...] | None] = []
        broken: dict[int, BrokenRow] = {}
        for chunk in source.chunks(rows):
            assert chunk.first_row == len(found) + 1
            assert chunk.table.columns == [f"c{i}" for i in range(len(source.columns))]
            assert set(chunk.table.dtypes) == {pl.String}
            assert 0 < chunk.table.height <= rows
            holes = chunk.holes if chunk.holes is not None else [False] * chunk.table.height
            for hole, row in zip(holes, chunk.table.rows(), strict=True):
                assert bool(hole) == all(c is None for c in row)
                found.append(None if hole else row)
            assert all(chunk.first_row <= b.row < chunk.first_row + chunk.table.height for b in chunk.broken)
            broken |= {b.row: b for b in chunk.broken}
        return Read(
            source.columns,
            found,
            broken,
            source.format,
            source.encoding,
            source.delimiter,
            source.sheet,
            source.header_row,
            source.notes,
        )


def read_bytes(folder: Path, data: bytes, **options: object) -> Read:
    path = folder / "未命名"  # no suffix: the name says nothing
    path.write_bytes(data)
    return read(path, **options)  # type: ignore[arg-type]


def refusal(path: Path, limits: Limits | None = None) -> FileRefused:
    try:
        read(path, limits=limits)
    except FileRefused as refused:
        return refused
    raise AssertionError("the file was taken")


def expected(rows: Rows, strip: str) -> list[tuple[str | None, ...] | None]:
    """What must come back: outer blanks stripped, empty as None, blank rows as holes but not at the end."""
    cleaned = [tuple((c or "").strip(strip) or None for c in row) for row in rows]
    found = [row if any(row) else None for row in cleaned]
    while found and found[-1] is None:
        found.pop()
    return found


def write_csv(rows: Rows, delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[call-overload]
    return file.getvalue()


def write_xlsx(path: Path, rows: list[list[object]], sheet: str = "数据") -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(sheet)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(r, c, cell)
                elif cell is not None:
                    page.write(r, c, cell)
    return path


def write_jsonl(columns: list[str], rows: Rows) -> str:
    return "".join(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)


COLUMNS = ["企业名称", "统一社会信用代码", "处罚日期", "处罚内容", "备注"]

ODD = " \t\n\"',;|，　\xa0\u200b\ufeff=+-@#/\\0179aZé·°中文罚〔〕“”（）𠮷😀"
TEXT = st.text(st.sampled_from(ODD), max_size=12) | st.sampled_from(
    ["", " ", "N/A", "2025-01-01", "=1+1", "苏环罚〔2025〕1号"]
)
"""Cells of every unpleasant kind."""


@st.composite
def tables(draw: st.DrawFn, cell: st.SearchStrategy[str] = TEXT) -> tuple[list[str], Rows]:
    width = draw(st.integers(2, 5))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=8))
    return COLUMNS[:width], rows  # type: ignore[return-value]
