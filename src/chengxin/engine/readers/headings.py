"""The headings of a file: cleaned, named, refused where they are ambiguous, and without our own receipt's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from chengxin.engine.readers.blanks import clean
from chengxin.engine.readers.model import Limits
from chengxin.engine.readers.refusals import refuse

RESULT: Final = "处理结果（系统填写）"
MESSAGE: Final = "问题说明（系统填写）"
ROW: Final = "数据行号（系统填写）"
RESERVED: Final = (RESULT, MESSAGE, ROW)
"""Headings of the columns a receipt puts in front; a file that comes back corrected is read without them."""

NOTES_SHEET: Final = "说明（系统填写）"
"""The sheet on which a receipt says what it leaves out."""


@dataclass(frozen=True)
class Headings:
    """`columns` are the headings handed out, `keep` their positions in the file, `width` the file's number of columns.

    Columns without any heading at the end are in neither: text below them makes the row broken.
    """

    columns: list[str]
    keep: list[int]
    width: int

    def pick(self, table: pl.DataFrame) -> pl.DataFrame:
        """The kept columns of a table of all columns, renamed c0..cN-1."""
        if self.keep == list(range(table.width)):
            return table
        return table.select(pl.nth(at).alias(f"c{i}") for i, at in enumerate(self.keep))

    @property
    def schema(self) -> dict[str, type[pl.String]]:
        return {f"c{i}": pl.String for i in range(self.width)}


def read_headings(cells: Sequence[str | None], limits: Limits, least: int = 2) -> Headings:
    """Headings from the cells of the heading line. One without text inside the line is called 第 n 列（无标题）.

    Raises `FileRefused` for duplicate headings, fewer columns than `least`, or too many.
    """
    names = [clean(c) if c else None for c in cells]
    while names and names[-1] is None:
        names.pop()
    if len(names) > limits.max_columns:
        raise refuse("too-many-columns", found=len(names), limit=limits.max_columns)
    keep = [i for i, name in enumerate(names) if name not in RESERVED]
    columns = [names[i] or f"第 {i + 1} 列（无标题）" for i in keep]
    if len(columns) < least:
        raise refuse("one-column", heading=columns[0] if columns else "")
    first: dict[str, int] = {}
    for i, column in zip(keep, columns, strict=True):
        if column in first:
            raise refuse("duplicate-headings", first=first[column] + 1, second=i + 1, heading=column)
        first[column] = i
    return Headings(columns, keep, len(names))


def is_title(cells: Sequence[str | None]) -> bool:
    """Whether a line is blank or holds one cell only, like 2025年处罚信息表 above the headings."""
    return sum(1 for c in cells if c and clean(c)) < 2
