"""The files that benches read, made by the generator in a temporary folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from chengxin.tools.generator.faults import FAULTS, with_faults
from chengxin.tools.generator.penalties import penalties
from chengxin.tools.generator.registrations import registrations
from chengxin.tools.generator.subjects import TODAY, subjects

SEED = 20261120
PIECE = 1_000_000
DAY = TODAY.isoformat()
"""The day on which all these files are submitted."""

# faults that one row can have and the register need not be asked about
KINDS = [k for k in FAULTS if k not in ("other-name", "late")]


def penalty_file(path: Path, rows: int, share: float, today: date = TODAY) -> int:
    """Write a CSV of `rows` penalties in the columns of 2018, faults in `share` of them; returns its size in bytes.

    All were decided in the days before `today`, so that a file reported then is in time.
    """
    about = subjects(max(1000, min(rows, PIECE) // 5), SEED)
    with path.open("wb") as out:
        for number, start in enumerate(range(0, rows, PIECE)):
            piece = penalties(
                about, min(PIECE, rows - start), SEED + number, today, series=f"{number}-" if number else ""
            )
            if share:
                piece, _ = with_faults(piece, share, SEED, kinds=KINDS, today=today)
            piece.write_csv(out, include_header=number == 0)
    return path.stat().st_size


def registration_file(path: Path, rows: int) -> None:
    """Write the registrations of all but 3 % of those whom a `penalty_file` of `rows` rows is about."""
    about = subjects(max(1000, min(rows, PIECE) // 5), SEED)
    registrations(about.filter(pl.int_range(pl.len()) % 33 > 0), rows, SEED).write_csv(path)


def names(rows: int) -> pl.DataFrame:
    """Organisations for the look-ups."""
    return subjects(rows, SEED)
