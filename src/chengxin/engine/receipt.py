"""Receipts (回执): what was found, as a CSV of findings or as the submitter's own workbook with the faults marked (F-02).

The workbook comes back: `open_source` skips the three columns put in front, so that a clerk filters the faulty rows,
corrects them in place and sends the same file again (R-049).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import xlsxwriter

from chengxin.engine.readers.headings import MESSAGE, NOTES_SHEET, RESULT, ROW
from chengxin.engine.readers.model import Chunk, Source
from chengxin.engine.readers.refusals import BROKEN
from chengxin.standards.cells import FORMULA, MARK, NUMBER

FINDING_COLUMNS: Final = ("row", "rule", "level", "field", "found", "expected", "message")
"""Columns of a frame of findings: data row from 1, rule id, reject / doubt / warn, field label, and three texts."""

RESULTS: Final = {"reject": "未入库", "doubt": "存疑", "warn": "提醒"}
TAKEN: Final = "已入库"
BLANK: Final = "空行"

Frames = Iterable["pa.Table | pl.DataFrame"]

_CELL_LIMIT: Final = 32_767
_CUT: Final = "有单元格的内容超过 Excel 的上限（32767 字），这里只显示前一部分，请勿用本表重新提交这一行。"
_COLOURS: Final = {"reject": "#F8CBAD", "doubt": "#FFE699", "warn": "#DDEBF7"}
_RANK: Final = ("reject", "doubt", "warn")
_WIDTHS: Final = (18, 60, 18)


def neutral(column: pl.Expr) -> pl.Expr:
    """`standards.cells.cell` of a column of texts: what a spreadsheet would take for a formula gets a ' in front."""
    formula = column.str.contains(FORMULA) & ~column.str.contains(NUMBER)
    return pl.when(~formula).then(column).otherwise(pl.lit(MARK) + column)


class CsvReceipt:
    """A CSV of findings, written frame by frame so that memory holds one of them.

    UTF-8 with byte order mark, which Excel opens rightly; the headings are `FINDING_COLUMNS` (others script against
    them), texts are `neutral`. The caller closes it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._file.write(b"\xef\xbb\xbf" + ",".join(FINDING_COLUMNS).encode() + b"\r\n")

    def add(self, findings: pa.Table | pl.DataFrame) -> None:
        frame = _frame(findings)
        names = [name for name in FINDING_COLUMNS if name not in ("row", "level")]
        suspect = frame.select(
            pl.col(names).str.contains(FORMULA).any()
        )  # hardly a column has one: look before writing
        texts = [neutral(pl.col(name)).alias(name) for name in names if suspect[name].item()]
        frame.with_columns(texts).write_csv(self._file, include_header=False, line_terminator="\r\n")

    def close(self) -> None:
        self._file.close()


def write_csv(findings: Frames, path: Path) -> int:
    """Write all findings to `path` as a `CsvReceipt`; how many there were."""
    receipt = CsvReceipt(path)
    written = 0
    try:
        for frame in findings:
            receipt.add(frame)
            written += len(frame)
    finally:
        receipt.close()
    return written


def write_xlsx(
    source: Source,
    findings: Frames,
    path: Path,
    *,
    max_rows: int = 200_000,
    positions: Mapping[str, int] | None = None,
    title: str = "回执",
) -> None:
    """The submitter's own table again, all cells as text, with result, explanation and row number in front.

    `positions` maps a field's label, as findings name it, to its column in `source.columns` (0-based), so that the right
    cells are coloured; by default labels are looked up among the headings. A file of more than `max_rows` rows is reduced
    to its faulty rows (the first `max_rows` of them), and a second sheet says so. Nothing is written as a formula or link.
    """
    counted = _count(source, max_rows)
    marks = _marks(findings, max_rows if counted > max_rows else None)
    where = dict(positions) if positions is not None else {name: i for i, name in enumerate(source.columns)}
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), {**options, "strings_to_numbers": False})
    try:
        sheet = _Sheet(book, title, source.columns, where)
        for row in _rows(source, marks, faulty_only=counted > max_rows):
            if sheet.height >= max_rows:
                break
            sheet.add(row)
        sheet.close()
        if counted > max_rows:
            _write_note(book, max_rows)
    finally:
        book.close()


@dataclass(frozen=True)
class _Mark:
    """What the findings say of one row: the worst level, the sentences, and the level of each field."""

    level: str
    message: str
    fields: dict[str, str]


@dataclass(frozen=True)
class _Row:
    number: int
    result: str
    message: str
    cells: tuple[str | None, ...]
    mark: _Mark | None


def _frame(findings: pa.Table | pl.DataFrame) -> pl.DataFrame:
    frame = findings if isinstance(findings, pl.DataFrame) else pl.from_arrow(findings)
    assert isinstance(frame, pl.DataFrame)
    return frame.select(pl.col("row").cast(pl.Int64), *(pl.col(n).cast(pl.String) for n in FINDING_COLUMNS[1:]))


def _count(source: Source, enough: int) -> int:
    """Rows of the source, counted no further than past `enough`."""
    counted = 0
    for chunk in source.chunks():
        counted += chunk.table.height
        if counted > enough:
            break
    return counted


def _marks(findings: Frames, first: int | None) -> dict[int, _Mark]:
    """The findings by row; only the `first` faulty rows where that is given."""
    frames = [_frame(f).select("row", "level", "field", "message") for f in findings]
    if not frames:
        return {}
    rank = pl.col("level").replace_strict(_RANK, range(len(_RANK)), default=0, return_dtype=pl.Int8)
    by_row = (
        pl.concat(frames)
        .sort("row", rank, maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg("level", "field", pl.col("message").unique(maintain_order=True).str.join("\n"))
    )
    marks = {}
    for row, levels, fields, message in by_row.head(first or by_row.height).iter_rows():
        worst_first = list(zip(fields, levels, strict=True))
        marks[row] = _Mark(levels[0], message[:_CELL_LIMIT], dict(reversed(worst_first)))
    return marks


def _rows(source: Source, marks: Mapping[int, _Mark], faulty_only: bool) -> Iterator[_Row]:
    for chunk in source.chunks():
        raw = {b.row: b for b in chunk.broken}
        for at in _chosen(chunk, marks) if faulty_only else range(chunk.table.height):
            number = chunk.first_row + at
            mark, cells = marks.get(number), chunk.table.row(at)
            if number in raw:  # a line that could not be split stands whole in the first cell, so that it is not lost
                cells = (raw[number].found, *cells[1:])
                mark = mark or _Mark("reject", BROKEN[raw[number].kind][0], {})
            blank = chunk.holes is not None and bool(chunk.holes[at])
            result = RESULTS.get(mark.level, RESULTS["reject"]) if mark else BLANK if blank else TAKEN
            yield _Row(number, result, mark.message if mark else "", cells, mark)


def _chosen(chunk: Chunk, marks: Mapping[int, _Mark]) -> list[int]:
    rows = range(chunk.first_row, chunk.first_row + chunk.table.height)
    broken = {b.row for b in chunk.broken}
    return [row - chunk.first_row for row in rows if row in marks or row in broken]


class _Sheet:
    """The marked table, written row by row."""

    def __init__(self, book: Any, title: str, columns: list[str], where: Mapping[str, int]) -> None:
        self.where = where
        self.width = len(columns) + len(_WIDTHS)
        self.height = 0
        self.sheet = book.add_worksheet(title)
        self.colours = {level: book.add_format({"bg_color": c, "border": 1}) for level, c in _COLOURS.items()}
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EDEDED"})
        for i, width in enumerate((*_WIDTHS, *(16 for _ in columns))):
            self.sheet.set_column(i, i, width)
        for i, heading in enumerate((RESULT, MESSAGE, ROW, *columns)):
            self.sheet.write_string(0, i, heading, head)
        self.sheet.freeze_panes(1, len(_WIDTHS))

    def add(self, row: _Row) -> None:
        self.height += 1
        front = self.colours.get(row.mark.level) if row.mark else None
        cut = any(c is not None and len(c) > _CELL_LIMIT for c in row.cells)
        message = f"{row.message}\n{_CUT}".strip()[:_CELL_LIMIT] if cut else row.message
        self.sheet.write_string(self.height, 0, row.result, front)
        if message:
            self.sheet.write_string(self.height, 1, message, self.wrap)
        self.sheet.write_string(self.height, 2, str(row.number))
        marked = self._marked(row.mark) if row.mark else {}
        for i, cell in enumerate(row.cells):
            if cell is not None:
                self.sheet.write_string(self.height, i + len(_WIDTHS), cell[:_CELL_LIMIT], marked.get(i))
            elif i in marked:
                self.sheet.write_blank(self.height, i + len(_WIDTHS), None, marked[i])

    def _marked(self, mark: _Mark) -> dict[int, Any]:
        """Column -> colour; a finding may name several fields, joined by 、."""
        found = {}
        for label, level in mark.fields.items():
            for name in (label or "",) if label in self.where else (label or "").split("、"):
                if name in self.where:
                    found[self.where[name]] = self.colours.get(level)
        return found

    def close(self) -> None:
        self.sheet.autofilter(0, 0, max(self.height, 1), self.width - 1)


def _write_note(book: Any, max_rows: int) -> None:
    sheet = book.add_worksheet(NOTES_SHEET)
    sheet.set_column(0, 0, 100)
    sheet.write_string(
        0,
        0,
        f"文件超过 {max_rows} 行，本表只列出有问题的行（最多 {max_rows} 行），其余行已经处理，不必再交。完整清单见 CSV 回执。",
    )
