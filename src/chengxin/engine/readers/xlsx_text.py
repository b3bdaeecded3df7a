"""How much text the cells of a sheet would take: one long shared text in a million cells is a bomb too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

_SHARED: Final = r't="s"[^>]*><(?:\w+:)?v>\d+'

_END: Final = re.compile(rb"</(?:\w+:)?si>")

Lengths = npt.NDArray[np.int64]


def text_lengths(blocks: Iterator[bytes]) -> Lengths:
    """Bytes of XML of each shared text of a workbook, in their order."""
    lengths: list[int] = []
    rest, end = b"", None
    for block in blocks:
        text = rest + block
        end = end or _END.search(text)
        *whole, rest = text.split(end[0]) if end else [text]
        lengths.extend(map(len, whole))
    return np.array(lengths, dtype=np.int64)


def text_size(texts: Iterator[pl.Series], lengths: Lengths) -> int:
    """Bytes that the shared texts named by the cells of a sheet take together, each cell counted."""
    size = 0
    for text in texts:
        named = text.str.extract_all(_SHARED).explode().drop_nulls().str.extract(r"(\d+)$").cast(pl.Int64, strict=False)
        at = named.drop_nulls().to_numpy()
        size += int(lengths[at[at < lengths.size]].sum())
    return size
