"""Opens a workbook: the first visible sheet with data, all cells as the text a person sees in them (F-02).

Formulas are never evaluated: the value saved with them is read. Dates come out as ISO dates, whole numbers without .0,
error cells as their text (#N/A).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import fastexcel
import polars as pl

from chengxin.engine.readers import blanks
from chengxin.engine.readers.headings import NOTES_SHEET, Headings, is_title, read_headings
from chengxin.engine.readers.model import SHOWN, Fault, Limits, Piece, Source
from chengxin.engine.readers.refusals import refuse
from chengxin.engine.readers.xlsx_facts import Sheet, read_facts

_TITLES: Final = 10
_SLICE: Final = 50_000
_ERRORS: Final = {
    "NA": "#N/A",
    "Div0": "#DIV/0!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def open_xlsx(path: Path, limits: Limits) -> Source:
    """The workbook at `path`; raises `FileRefused`. The chosen sheet stays in memory until the source is closed."""
    sheets = read_facts(path, limits)
    filled = [s for s in sheets if s.visible and s.cells]
    if not filled:
        raise refuse("no-sheet")
    table = _load(path, filled[0].name)
    header = _find_header(table)
    headings = read_headings(table.row(header), limits)
    held = {"table": table.slice(header + 1)}
    del table
    return Source(
        path=path,
        format="xlsx",
        columns=headings.columns,
        size=path.stat().st_size,
        pieces=lambda: _pieces(held["table"], headings),
        sheet=filled[0].name,
        header_row=header + 1,
        notes=_notes(filled[0], sheets),
        max_cell_chars=limits.max_cell_chars,
        on_close=held.clear,
    )


def _load(path: Path, sheet: str) -> pl.DataFrame:
    try:
        loaded = fastexcel.read_excel(str(path)).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise refuse("damaged", reason=str(error).split("\n")[0][:100]) from error
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    frame.columns = [f"c{i}" for i in range(frame.width)]
    return _with_errors(frame, errors.errors if errors else [])


def _with_errors(table: pl.DataFrame, errors: list[Any]) -> pl.DataFrame:
    """Put the text of error cells where the library left nulls."""
    columns: dict[int, dict[int, str]] = {}
    for error in errors:
        found = re.search(r"Error\((\w+)\)", error.detail)
        row, column = error.offset_position
        columns.setdefault(column, {})[row] = _ERRORS.get(found[1], "#ERROR!") if found else "#ERROR!"
    for column, cells in columns.items():
        series = table.to_series(column).scatter(list(cells), list(cells.values()))
        table = table.with_columns(series)
    return table


def _find_header(table: pl.DataFrame) -> int:
    for at in range(min(table.height, _TITLES + 1)):
        if not is_title(table.row(at)):
            return at
    filled = [c for row in table.head(_TITLES + 1).rows() for c in row if c and blanks.clean(c)]
    if len(filled) > 1 and table.height > 1:
        raise refuse("one-column", heading=filled[0][:50])
    raise refuse("no-header", lines=_TITLES + 1)


def _pieces(table: pl.DataFrame, headings: Headings) -> Iterator[Piece]:
    for part in table.iter_slices(_SLICE):
        part = _plain_dates(blanks.strip(part))
        faults: list[Fault] = []
        if part.width > headings.width:
            part, faults = _without_extra(part, headings.width)
        yield Piece(headings.pick(part), faults)


def _plain_dates(table: pl.DataFrame) -> pl.DataFrame:
    """Dates without the midnight, times without the day, that the library writes beside them."""
    columns = [c for c in table if c.str.contains(r"^(?:\d{4}-\d\d-\d\d 00:00:00|1899-12-3[01] .*)$").any()]
    return table.with_columns(
        c.str.replace(r"^(\d{4}-\d\d-\d\d) 00:00:00$", "$1").str.replace(r"^1899-12-3[01] (.*)$", "$1") for c in columns
    )


def _without_extra(table: pl.DataFrame, width: int) -> tuple[pl.DataFrame, list[Fault]]:
    """Rows that have text to the right of the last heading are broken."""
    extra = table.select(pl.any_horizontal(pl.nth(range(width, table.width)).is_not_null())).to_series()
    kept = table.select(pl.nth(range(width)))
    if not extra.any():
        return kept, []
    faults = []
    for at in extra.arg_true():
        text = " | ".join(c for c in table.row(at) if c)[:SHOWN]
        faults.append(Fault(at, "too-many-cells", text, f"{width} 个单元格，标题右侧没有内容"))
    return kept.select(pl.when(~extra).then(pl.all())), faults


def _notes(sheet: Sheet, sheets: list[Sheet]) -> list[str]:
    notes = []
    others = [s.name for s in sheets if s is not sheet and s.cells and s.name != NOTES_SHEET]
    if others:
        notes.append(f"只读取了工作表“{sheet.name}”，没有读取：{'、'.join(others)}。")
    if sheet.long_numbers:
        notes.append(
            f"有 {sheet.long_numbers} 个单元格是超过 15 位的数字，Excel 已经改掉了末尾几位。"
            "请把代码、证件号列设为文本格式后重新填写。"
        )
    if sheet.merged:
        notes.append(f"有 {sheet.merged} 处合并单元格，只有左上角一格有内容，其余按空白读取。")
    return notes
