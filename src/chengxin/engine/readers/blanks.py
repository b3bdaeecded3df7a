"""Outer blanks of cells: stripped once and for all, and cheaply, because most blocks have none to strip."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from chengxin.standards.text import BLANKS as ALL_BLANKS

BLANKS: Final = "".join(b for b in ALL_BLANKS if b not in "\x7f\u061c")
"""What is stripped: everything `standards.text` calls blank but DEL and the Arabic letter mark, for which no cheap test
exists and which no department has ever sent."""

Bytes = npt.NDArray[np.uint8]

_SPACES: Final = frozenset(b"\t\n\x0b\x0c\r ")


def clean(text: str) -> str | None:
    """One cell: without outer blanks, None if nothing is left."""
    return text.strip(BLANKS) or None


def strip(table: pl.DataFrame, chars: str | None = BLANKS) -> pl.DataFrame:
    """All text columns without outer `chars` (None: Unicode white space); what was blank is null afterwards."""
    stripped = table.select(pl.all().str.strip_chars(chars))
    return stripped.select(pl.when(pl.all() != "").then(pl.all()))


def tidy(table: pl.DataFrame, body: bytes, lines: int, delimiter: int) -> pl.DataFrame:
    """`table`, parsed from the UTF-8 text `body` of `lines` lines, with outer blanks stripped.

    Looking for blanks in the bytes costs a third of stripping 25 columns, so that comes first.
    """
    data = np.frombuffer(body, dtype=np.uint8)
    if _has_wide_blank(body, data) or (odd := _has_low_blank(data, lines, delimiter)) == 2:
        return strip(table)
    return strip(table, None) if odd else table


def _has_low_blank(data: Bytes, lines: int, delimiter: int) -> int:
    """0: no cell begins or ends with a blank of ASCII; 1: one may, white space only; 2: other control characters too."""
    low = data <= 0x20
    if np.count_nonzero(low) == lines and delimiter > 0x20:
        return 0
    at = np.flatnonzero(low)
    found = data[at]
    if not _SPACES.issuperset(np.unique(found).tolist()):
        return 2
    at = at[(found != 10) & (found != delimiter) & ~((found == 13) & (data[np.minimum(at + 1, data.size - 1)] == 10))]
    edges = np.zeros(256, dtype=np.bool_)
    edges[[*_SPACES, 34, delimiter]] = True
    beside = edges[data[np.maximum(at - 1, 0)]] | edges[data[np.minimum(at + 1, data.size - 1)]]
    return int(beside.any() or (at == 0).any())


def _has_wide_blank(body: bytes, data: Bytes) -> bool:
    """Whether any blank outside ASCII occurs at all: U+0080-00A0, 00AD, 1680, 180E, 2000-200F, 2028-206F, 3000, FEFF."""
    if b"\xe1" in body:
        return True
    if b"\xc2" in body:
        after = data[np.flatnonzero(data[:-1] == 0xC2) + 1]
        if ((after <= 0xA0) | (after == 0xAD)).any():
            return True
    if _has_pair(body, 0x8080, 0xBBEF):  # the tail of U+3000, the head of U+FEFF, as little-endian pairs
        return True
    at = np.flatnonzero(data[:-2] == 0xE2)
    second, third = data[at + 1], data[at + 2]
    general = (second == 0x80) & ((third <= 0x8F) | (third >= 0xA8) & (third <= 0xAF))
    return bool((general | (second == 0x81) & (third >= 0x9F) & (third <= 0xAF)).any())


def _has_pair(body: bytes, *pairs: int) -> bool:
    for shift in (0, 1):
        words = np.frombuffer(body, dtype="<u2", count=(len(body) - shift) // 2, offset=shift)
        if any((words == pair).any() for pair in pairs):
            return True
    return False
