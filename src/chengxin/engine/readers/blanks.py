"""Outer blanks of cells: stripped once and for all, and cheaply, because most blocks of text have none to strip."""

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
Mask = npt.NDArray[np.bool_]

_SPACES: Final = b"\t\n\x0b\x0c\r "
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


def clean(text: str) -> str | None:
    """One cell: without outer blanks, None if nothing is left."""
    return text.strip(BLANKS) or None


def strip(table: pl.DataFrame, chars: str | None = BLANKS) -> pl.DataFrame:
    """All text columns without outer `chars` (None: Unicode white space); what was blank is null afterwards."""
    stripped = table.select(pl.all().str.strip_chars(chars))
    return stripped.select(pl.when(pl.all() != "").then(pl.all()))


class Look:
    """Looks at the bytes of one block of UTF-8 text after another for what the fast reader must know.

    Looking costs a third of stripping 25 columns blindly. The masks are kept from block to block: fresh memory for each
    would cost more than the looking itself.
    """

    def __init__(self) -> None:
        self._mask: Mask = np.empty(0, dtype=np.bool_)
        self._edges: Mask = np.zeros(256, dtype=np.bool_)
        self._edges[[*_SPACES, _QUOTE]] = True

    def at(self, body: bytes, delimiter: int) -> None:
        """Turn to the next block; `delimiter` is the byte between cells."""
        self.body = body
        self.delimiter = delimiter
        self.data: Bytes = np.frombuffer(body, dtype=np.uint8)
        if self._mask.size < self.data.size:
            self._mask = np.empty(self.data.size, dtype=np.bool_)
        self._low = np.less_equal(self.data, 0x20, out=self._mask[: self.data.size])
        self.low = int(np.count_nonzero(self._low))

    @property
    def lines(self) -> int:
        """Line ends in the block, also those inside quotes."""
        return int(np.count_nonzero(np.equal(self.data, _NEWLINE, out=self._mask[: self.data.size])))

    def tidy(self, table: pl.DataFrame, lines: int) -> pl.DataFrame:
        """`table`, which was parsed from the block of `lines` lines, with outer blanks stripped."""
        if self._has_wide_blank() or (odd := self._low_blank(lines)) == 2:
            return strip(table)
        return strip(table, None) if odd else table

    def _low_blank(self, lines: int) -> int:
        """0: no cell begins or ends with a blank of ASCII; 1: one may, white space only; 2: other control characters."""
        if self.low == lines and self.delimiter > 0x20:
            return 0
        at = np.flatnonzero(np.less_equal(self.data, 0x20, out=self._mask[: self.data.size]))
        found = self.data[at]
        if not np.isin(found, list(_SPACES)).all():
            return 2
        after = self.data[np.minimum(at + 1, self.data.size - 1)]
        if np.count_nonzero(found == _NEWLINE) != lines or (self.delimiter <= 0x20 and b'"' in self.body):
            return 1  # a line end or delimiter inside quotes may stand at the edge of its cell
        inner = (found != _NEWLINE) & (found != self.delimiter) & ~((found == _RETURN) & (after == _NEWLINE))
        before, after = self.data[np.maximum(at[inner] - 1, 0)], after[inner]
        edges = self._edges.copy()
        edges[self.delimiter] = True
        return int((edges[before] | edges[after]).any() or bool(at.size and inner[0] and at[0] == 0))

    def _has_wide_blank(self) -> bool:
        """Whether any blank beyond ASCII occurs: U+0080-00A0, 00AD, 1680, 180E, 2000-200F, 2028-206F, 3000, FEFF."""
        if b"\xe1" in self.body or self._has_latin_blank():
            return True
        if self._has_pair(0x8080, 0xBBEF):  # the tail of U+3000 and the head of U+FEFF, as little-endian pairs
            return True
        at = np.flatnonzero(np.equal(self.data[:-2], 0xE2, out=self._mask[: max(self.data.size - 2, 0)]))
        second, third = self.data[at + 1], self.data[at + 2]
        general = (second == 0x80) & ((third <= 0x8F) | (third >= 0xA8) & (third <= 0xAF))
        return bool((general | (second == 0x81) & (third >= 0x9F) & (third <= 0xAF)).any())

    def _has_latin_blank(self) -> bool:
        if b"\xc2" not in self.body:
            return False
        after = self.data[np.flatnonzero(self.data[:-1] == 0xC2) + 1]
        return bool(((after <= 0xA0) | (after == 0xAD)).any())

    def _has_pair(self, *pairs: int) -> bool:
        for shift in (0, 1):
            words = np.frombuffer(self.body, dtype="<u2", count=(len(self.body) - shift) // 2, offset=shift)
            mask = self._mask[: words.size]
            if any(np.equal(words, pair, out=mask).any() for pair in pairs):
                return True
        return False
