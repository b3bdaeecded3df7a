"""Tells the plain lines of a block from the odd ones, so that only the odd ones are read in Python.

A plain line is one record by itself: its quotes pair, it has as many cells as there are headings or fewer but two, and
its bytes are text. Whether it really is a record is known only when no quote is open before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chengxin.engine.readers.encodings import is_text

Places = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

_QUOTE, _NEWLINE, _RETURN = 34, 10, 13


@dataclass(frozen=True)
class Lines:
    """The whole lines of a block: where each begins, where the next begins, and which are odd."""

    starts: Places
    stops: Places
    odd: Places

    def next_odd(self, line: int) -> int:
        """The first odd line at or after `line`; the number of lines if there is none."""
        at = int(np.searchsorted(self.odd, line))
        return int(self.odd[at]) if at < self.odd.size else self.starts.size


def sort_lines(text: bytes, delimiter: int, width: int) -> Lines:
    """Sort the lines of UTF-8 `text` that end in it; `delimiter` is a byte, `width` the number of headings."""
    data = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    starts = np.concatenate([[0], ends[:-1] + 1]) if ends.size else ends
    size = int(ends[-1]) + 1 if ends.size else 0
    quotes = np.flatnonzero(data[:size] == _QUOTE)
    first = np.searchsorted(quotes, starts)
    cells = _count_cells(np.flatnonzero(data[:size] == delimiter), quotes, first, ends)
    plain = (cells >= 2) & (cells <= width) & _quotes_pair(data, quotes, first, ends, delimiter)
    plain[np.searchsorted(ends, np.flatnonzero(data[:size] == 0))] = False
    plain[np.array(_undecodable(text[:size]), dtype=np.intp)] = False
    return Lines(starts, ends + 1, np.flatnonzero(~plain))


def _count_cells(delimiters: Places, quotes: Places, first: Places, ends: Places) -> Places:
    line = np.searchsorted(ends, delimiters)
    inside = (np.searchsorted(quotes, delimiters) - first[line]) % 2 == 1
    cells: Places = np.bincount(line[~inside], minlength=ends.size) + 1
    return cells


def _quotes_pair(data: npt.NDArray[np.uint8], quotes: Places, first: Places, ends: Places, delimiter: int) -> Mask:
    """Lines all of whose quotes open after a delimiter, close before one, or are doubled inside a quoted cell."""
    line = np.searchsorted(ends, quotes)
    opening = (np.arange(quotes.size) - first[line]) % 2 == 0
    before = np.where(quotes > 0, data[quotes - 1], _NEWLINE)
    after = data[np.minimum(quotes + 1, data.size - 1)]
    beyond = data[np.minimum(quotes + 2, data.size - 1)]
    doubled = np.diff(quotes) == 1
    opens = (before == delimiter) | (before == _NEWLINE)
    closes = (after == delimiter) | (after == _NEWLINE) | ((after == _RETURN) & (beyond == _NEWLINE))
    opens[1:] |= doubled
    closes[:-1] |= doubled
    wrong = line[np.where(opening, ~opens, ~closes)]
    found: Mask = np.bincount(line, minlength=ends.size) % 2 == 0
    found[wrong] = False
    return found


def _undecodable(text: bytes) -> list[int]:
    """The lines of `text` that are not UTF-8."""
    return [] if is_text(text) else [i for i, line in enumerate(text.split(b"\n")) if not is_text(line)]
