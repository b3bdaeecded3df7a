"""Numbers for texts: the same text has the same number from the first chunk of a file to the last.

Polars makes a hash of each text in ten nanoseconds, and a table of hashes with open addressing, kept in NumPy, finds the
number of a known one in twenty. Its own categories take ten times as long where texts are many, pyarrow's dictionaries
likewise (measured on two hundred thousand codes, a third of them distinct).
"""

from __future__ import annotations

import secrets
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]

NULL: Final = 0
"""The number of what is absent; texts are numbered from 1."""

_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST_BITS: Final = 10
_GLANCE: Final = 4096
_AT_ONCE: Final = 1 << 14


class Interner:
    """Grows with the distinct texts it has met: 24 to 48 bytes each. Not safe for threads.

    Two texts are taken for one if their hashes of 64 bits agree. The seed is secret and of this object alone, so nobody
    can write a file in which they do; by chance it happens once in a hundred thousand files of ten million texts each.
    """

    def __init__(self) -> None:
        self._seed = secrets.randbits(64)
        self._known = np.zeros(1, np.uint64)
        self._make_table(_FIRST_BITS)

    def __len__(self) -> int:
        """How many numbers are given out, with that of what is absent."""
        return len(self._known)

    def number(self, values: pl.Series) -> tuple[Codes, Places]:
        """The number of each of these texts, and the place of each text not met before, in the order of its number."""
        if values.null_count() == len(values):
            return np.zeros(len(values), np.uint32), np.empty(0, np.intp)
        if len(self) == 1 and len(values) > 2 * _GLANCE:  # most columns repeat themselves soon: little is left to sort
            codes, first = self.number(values[:_GLANCE])
            more, fresh = self.number(values[_GLANCE:])
            return np.concatenate([codes, more]), np.concatenate([first, fresh + _GLANCE])
        hashes: Hashes = values.hash(self._seed).to_numpy() * _SPREAD
        codes = self._find(hashes)
        if values.null_count():
            absent = values.is_null().to_numpy()
            codes[absent] = NULL
            unknown = np.flatnonzero((codes == NULL) & ~absent)
        else:
            unknown = np.flatnonzero(codes == NULL)
        if not unknown.size:
            return codes, unknown
        strange: Hashes = hashes[unknown]
        first = pl.Series(strange).arg_unique().to_numpy()
        self._add(strange[first])
        codes[unknown] = self._find(strange)
        return codes, unknown[first]

    def _find(self, hashes: Hashes) -> Codes:
        """The numbers of hashes, NULL where one is not known; so many at once that all of it stays in the cache."""
        codes = np.empty(len(hashes), np.uint32)
        for start in range(0, len(hashes), _AT_ONCE):
            codes[start : start + _AT_ONCE] = self._look_up(hashes[start : start + _AT_ONCE])
        return codes

    def _look_up(self, hashes: Hashes) -> Codes:
        slots = self._slots(hashes)
        codes: Codes = np.take(self._codes, slots)
        going = np.flatnonzero((np.take(self._hashes, slots) != hashes) & (codes != NULL))
        slots = slots[going]
        while going.size:
            slots = (slots + 1) & self._last
            codes[going] = self._codes[slots]
            on = (self._hashes[slots] != hashes[going]) & (codes[going] != NULL)
            going, slots = going[on], slots[on]
        return codes

    def _add(self, fresh: Hashes) -> None:
        """Take hashes that are not known yet; they get the next numbers in their order."""
        start = len(self)
        self._known = np.concatenate([self._known, fresh])
        if 2 * len(self) > len(self._codes):
            self._make_table(int(4 * len(self)).bit_length() - 1)
            start, fresh = 1, self._known[1:]
        self._put(fresh, np.arange(start, len(self), dtype=np.uint32))

    def _put(self, hashes: Hashes, codes: Codes) -> None:
        slots = self._slots(hashes)
        while codes.size:
            free = self._codes[slots] == NULL
            self._codes[slots[free]] = codes[free]  # of several for one slot the last stays, the others go on
            left = self._codes[slots] != codes
            self._hashes[slots[~left]] = hashes[~left]
            hashes, codes, slots = hashes[left], codes[left], (slots[left] + 1) & self._last

    def _make_table(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._last = (1 << bits) - 1
        self._hashes = np.zeros(1 << bits, np.uint64)
        self._codes = np.zeros(1 << bits, np.uint32)

    def _slots(self, hashes: Hashes) -> Places:
        return (hashes >> self._shift).astype(np.intp)
