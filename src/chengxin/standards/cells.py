"""Cells of tables that people open in a spreadsheet: text stays text, and never becomes a formula (CSV injection).

One rule for every table that leaves the platform: `cell` for Python, `cell_sql` for DuckDB, `engine.receipt.neutral` for
Polars (by `FORMULA` and `NUMBER`), and `csv_lines` for whole tables. Text that a spreadsheet would compute gets a ' in
front; all other text stays as it is. In XLSX nothing has to be marked, as long as texts are written as strings.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

MARK: Final = "'"
BYTE_ORDER_MARK: Final = "\ufeff"
"""Spreadsheets read a table as UTF-8 when it begins so."""

# Their full-width, small and superscript forms too, which some programs read as the plain ones.
FORMULA: Final = "^[=+\\-@\\t\\r\\n\u207a\u207b\u207c\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b]"
NUMBER: Final = "^-[0-9]{1,30}(?:[.][0-9]{1,30})?\\z"
"""Regular expressions that Python, DuckDB and Polars read alike, but for the end of the text."""

_IS_FORMULA: Final = re.compile(FORMULA)
_IS_NUMBER: Final = re.compile(NUMBER.replace("\\z", "\\Z"))


def cell(value: Any) -> str:
    """A value as the text of a cell; nothing is the empty cell, a negative number stays a number."""
    text = "" if value is None else str(value)
    return f"{MARK}{text}" if _IS_FORMULA.match(text) and not _IS_NUMBER.match(text) else text


def cell_sql(column: str) -> str:
    """The same of a text column in DuckDB's SQL; NULL stays NULL."""
    return (
        f"CASE WHEN regexp_matches({column}, '{FORMULA}') AND NOT regexp_matches({column}, '{NUMBER}')"
        f" THEN '{MARK * 2}' || {column} ELSE {column} END"
    )


def csv_lines(headings: Sequence[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A table as CSV, line by line, with the byte order mark in front."""
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    for row in chain((headings,), rows):
        yield writer.writerow([cell(value) for value in row])


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text
