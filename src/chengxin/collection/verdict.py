"""The verdict of a check: for every row that is not simply fine, what becomes of it; kept beside the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

Rows = npt.NDArray[np.int64]
_NONE = np.empty(0, np.int64)


@dataclass
class Verdict:
    """Row numbers: `rejected` and `repeated` are not stored, `doubtful` are stored and held, `conflicting` (a part of
    the doubtful) share their natural key with a row that says otherwise, `warned` are stored as they are."""

    rejected: Rows
    doubtful: Rows
    warned: Rows
    repeated: Rows
    conflicting: Rows

    def save(self, path: Path) -> None:
        parts = [pl.DataFrame({"row": getattr(self, n), "verdict": [n] * len(getattr(self, n))}) for n in _NAMES]
        frame = pl.concat([p.cast({"row": pl.Int64, "verdict": pl.String}) for p in parts])
        frame.write_parquet(path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    @classmethod
    def load(cls, path: Path) -> Verdict:
        frame = pl.read_parquet(path)
        return cls(**{n: frame.filter(pl.col("verdict") == n)["row"].to_numpy() for n in _NAMES})


_NAMES = ("rejected", "doubtful", "warned", "repeated", "conflicting")
