"""The one door: a department's file goes in, whatever it is called, and a `Source` comes out (F-02, R-032)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from chengxin.engine.readers.csv_file import open_csv
from chengxin.engine.readers.json_file import open_json
from chengxin.engine.readers.kinds import kind_of
from chengxin.engine.readers.model import Format, Limits, Piece, Source
from chengxin.engine.readers.parquet_file import open_parquet
from chengxin.engine.readers.refusals import amount, refuse
from chengxin.engine.readers.xlsx_file import open_xlsx

_OPENERS: Final[dict[Format, Callable[[Path, Limits], Source]]] = {
    "csv": open_csv,
    "xlsx": open_xlsx,
    "jsonl": open_json,
    "parquet": open_parquet,
}


def open_source(path: Path, limits: Limits | None = None) -> Source:
    """Open the data file at `path`: its kind, encoding and layout are found from its content, never from its name.

    Nothing in the file is evaluated: formulas give the value that was saved with them, text that looks like a formula is
    text. Raises `FileRefused` with a stable code and a sentence for the submitter; the file itself is never changed.
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if not size:
        raise refuse("empty")
    if size > limits.max_bytes:
        raise refuse("too-large", found=amount(size), limit=amount(limits.max_bytes))
    source = _OPENERS[kind_of(path)](path, limits)
    if not any(piece.faults or _has_text(piece) for piece in source.pieces()):
        source.close()
        raise refuse("no-rows")
    return source


def _has_text(piece: Piece) -> bool:
    return any(nulls < piece.table.height for nulls in piece.table.null_count().row(0))
