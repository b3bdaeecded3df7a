"""Seeded draws that mean the same on every machine and in every version of numpy.

Each value is a hash (SplitMix64) of the seed, the name of what is drawn and the row, so that columns do not depend on
the order in which they are made and a million rows take milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.int64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Draws:
    """`n` draws of whatever is named; the same seed, name and row always give the same value."""

    def __init__(self, seed: int, topic: str, n: int) -> None:
        self.n = n
        self._base = _mixed(
            np.array([seed & 0xFFFF_FFFF], np.uint64) << np.uint64(32) | np.uint64(crc32(topic.encode()))
        )

    def bits(self, what: str) -> npt.NDArray[np.uint64]:
        start = _mixed(self._base ^ np.uint64(crc32(what.encode())))
        with np.errstate(over="ignore"):
            return _mixed(start + np.arange(1, self.n + 1, dtype=np.uint64) * _GOLDEN)

    def unit(self, what: str) -> npt.NDArray[np.float64]:
        """Between 0 and 1, 1 excluded."""
        return (self.bits(what) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, limit: int | Numbers, what: str) -> Numbers:
        """Whole numbers from 0 to `limit` - 1; one limit for all or one a row."""
        return (self.unit(what) * limit).astype(np.int64)

    def chance(self, share: float, what: str) -> npt.NDArray[np.bool_]:
        return self.unit(what) < share

    def weighted(self, weights: Sequence[float], what: str) -> Numbers:
        """Index into `weights`, each as often as it weighs."""
        edges = np.cumsum(np.asarray(weights, np.float64))
        found = np.searchsorted(edges / edges[-1], self.unit(what), side="right")
        return np.minimum(found, len(weights) - 1).astype(np.int64)

    def pick(self, values: Sequence[str], what: str, weights: Sequence[float] | None = None) -> pl.Series:
        """One of `values` a row."""
        where = self.below(len(values), what) if weights is None else self.weighted(weights, what)
        return pl.Series(what, values, dtype=pl.String)[where]

    def bent(self, what: str, quarters: int) -> npt.NDArray[np.float64]:
        """Between 0 and 1, the low ones more often: a draw to the power of `quarters` / 4.

        By square roots and products, which every machine rounds alike; a power it may not.
        """
        unit = self.unit(what)
        half = np.sqrt(unit)
        factors = [unit] * (quarters // 4) + [half] * (quarters % 4 // 2) + [np.sqrt(half)] * (quarters % 2)
        return np.prod(factors, axis=0)

    def skewed(self, limit: int, what: str, quarters: int = 7) -> Numbers:
        """Whole numbers below `limit`, the low ones far more often: few subjects have many records."""
        return np.minimum((self.bent(what, quarters) * limit).astype(np.int64), limit - 1)


def scattered(n: int, size: int, seed: int) -> Numbers:
    """`n` different numbers below `size`, in no visible order. Raises `ValueError` when there are not that many."""
    if n > size:
        raise ValueError(f"{n} different numbers are wanted and there are {size}")
    step, shift = _stride(size), int(_mixed(np.array([seed], np.uint64))[0] % np.uint64(size))
    wide = np.arange(n, dtype=np.object_) if step * n > 2**62 else np.arange(n, dtype=np.int64)
    return ((wide * step + shift) % size).astype(np.int64)


def _stride(size: int) -> int:
    """A step near the golden section of `size` that shares no factor with it, so that every number is met once."""
    step = int(size * 0.6180339887) | 1
    while np.gcd(step, size) != 1:
        step += 2
    return step


def _mixed(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
