"""Finds out from the bytes of a block whether any cell begins or ends with a blank: most blocks have no such cell.

Stripping 25 columns of text costs more than parsing them, and a look at the bytes on either side of every delimiter
a third of it. The answer errs on one side only: text in which a blank is found may still need no stripping.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from chengxin.standards.text import BLANKS

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]

_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_SLICE: Final = 1 << 20
"""Bytes looked at in one go: all that is computed of them stays in the processor's cache."""

_LONGEST: Final = 3
"""Bytes of the longest blank."""


def _code_points() -> npt.NDArray[np.bool_]:
    table = np.zeros(1 << 16, np.bool_)
    table[[ord(b) for b in BLANKS]] = True
    return table


_BLANK: Final = _code_points()
_FIRST: Final = np.zeros(256, np.bool_)
"""Whether a cell that begins with this byte may begin with a blank."""

_PAIR: Final = np.zeros(1 << 16, np.bool_)
"""Whether a cell may end with a blank, by its last byte but one and 256 times its last."""

for _blank in (b.encode() for b in BLANKS):
    _FIRST[_blank[0]] = True
    if len(_blank) == 1:
        _PAIR[_blank[0] * 256 : _blank[0] * 256 + 256] = True
    else:
        _PAIR[_blank[-2] + 256 * _blank[-1]] = True


@dataclass
class Edges:
    """Looks at blocks of one table; `separator` is its delimiter's byte. Keeps its memory from block to block."""

    separator: int

    def __post_init__(self) -> None:
        self._first, self._pair = _FIRST.copy(), _PAIR.copy()
        for byte in (self.separator, _NEWLINE, _QUOTE):  # an empty cell begins with what ends it
            self._first[byte] = False
            self._pair[byte * 256 : byte * 256 + 256] = False
        self._masks = np.empty((2, _SLICE), np.bool_)

    def look(self, text: bytes, head: int, quoted: bool) -> tuple[int, bool]:
        """How many line ends `text` has (without those in its first `head` bytes), and whether a cell may need stripping.

        `text` is whole lines of UTF-8 behind a heading line of `head` bytes, at least six.
        """
        data: Bytes = np.frombuffer(text, np.uint8)
        lines, blanks = 0, self._tail(text)
        for start in range(head - 1, len(data), _SLICE):
            at = self._boundaries(data[start : start + _SLICE], quoted)
            at += start
            lines += int(np.count_nonzero(np.take(data, at) == _NEWLINE))
            if not blanks:
                inner = at[: np.searchsorted(at, len(data) - _LONGEST)]
                blanks = self._begins(data, inner) or self._ends(data, at)
        return lines - 1, blanks

    def _boundaries(self, data: Bytes, quoted: bool) -> Places:
        mask, other = self._masks[:, : len(data)]
        np.equal(data, self.separator, out=mask)
        for byte in (_NEWLINE, _QUOTE) if quoted else (_NEWLINE,):
            np.logical_or(mask, np.equal(data, byte, out=other), out=mask)
        return np.flatnonzero(mask)

    def _begins(self, data: Bytes, at: Places) -> bool:
        odd = at[np.take(self._first, np.take(data, at + 1))]
        first, second, third = (data[odd + n] for n in (1, 2, 3))
        return _any_blank(first, second, third, (first == _RETURN) & (second == _NEWLINE))

    def _ends(self, data: Bytes, at: Places) -> bool:
        odd = at[self._ends_likely(data, at)]
        returns = (data[odd - 1] == _RETURN) & (data[odd] == _NEWLINE)
        if returns.any():
            odd = odd - returns  # the carriage return belongs to the line end, the cell ends before it
            odd = odd[self._ends_likely(data, odd)]
        one, two, three = (data[odd - n] for n in (1, 2, 3))
        pair = (two >= 0xC0) & (two < 0xE0)
        first = np.where(one < 0x80, one, np.where(pair, two, three))
        return _any_blank(first, np.where(pair, one, two), one)

    def _ends_likely(self, data: Bytes, at: Places) -> npt.NDArray[np.bool_]:
        """Whether the two bytes before these places could be the end of a blank."""
        pair = np.take(data, at - 1).astype(np.uint16)
        pair <<= 8
        pair |= np.take(data, at - 2)
        return np.take(self._pair, pair)

    def _tail(self, text: bytes) -> bool:
        """The last bytes, behind which there are too few to make a character of."""
        return any(bool(self._first[byte]) for byte in text[-_LONGEST:] if byte != _RETURN)


def _any_blank(first: Bytes, second: Bytes, third: Bytes, but: npt.NDArray[np.bool_] | None = None) -> bool:
    """Whether any of the characters that begin with these bytes is a blank, those marked by `but` apart."""
    one, two, three = (part.astype(np.uint32) for part in (first, second, third))
    double = (one & 0x1F) << 6 | two & 0x3F
    triple = ((one & 0x0F) << 12 | (two & 0x3F) << 6 | three & 0x3F) & 0xFFFF
    found = _BLANK[np.where(one < 0x80, one, np.where(one < 0xE0, double, triple))]
    return bool(found.any() if but is None else (found & ~but).any())
