"""Opens a text table: CSV and its relatives, in UTF-8, UTF-16 or GB18030 (F-02, F19)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chengxin.engine.readers import encodings
from chengxin.engine.readers.csv_blocks import read_blocks
from chengxin.engine.readers.csv_layout import find_layout
from chengxin.engine.readers.model import Limits, Source

_START: Final = 1 << 20


def open_csv(path: Path, limits: Limits) -> Source:
    """The text table at `path`; raises `FileRefused`."""
    encoding, mark = encodings.detect(path)
    start = encodings.first(path, encoding, mark, _START)
    layout = find_layout(start, limits)
    return Source(
        path=path,
        format="csv",
        columns=layout.headings.columns,
        size=path.stat().st_size,
        pieces=lambda: read_blocks(encodings.blocks(path, encoding, mark), layout),
        encoding=encoding,
        delimiter=layout.delimiter,
        header_row=layout.header_row,
        max_cell_chars=limits.max_cell_chars,
    )
