"""From a released batch to the register, chunk by chunk; a killed merge goes on after its last finished chunk (R-082).

While the database takes one chunk, the next is read and typed in another thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from django.conf import settings

from chengxin.collection.ahead import ahead
from chengxin.collection.checking import data_rows
from chengxin.collection.plan import plan_for
from chengxin.collection.prepare import protection, stage_sql, staged_rows
from chengxin.collection.verdict import Verdict
from chengxin.engine.check import Checker
from chengxin.engine.headers import match_headings
from chengxin.engine.readers import Chunk, open_source
from chengxin.policy.catalogue import Item
from chengxin.policy.policies import Policies
from chengxin.registry.merge import Header, Outcome, laid, merge
from chengxin.registry.staging import Stage

_TYPED = 50_000
"""Rows that are typed and staged at a time: what the register keeps of a row takes twice the memory of its cells."""


@dataclass(frozen=True)
class Piece:
    """A staged chunk; `upto` is the last data row of the file that it covers."""

    upto: int
    rows: Stage


def merge_file(
    path: Path,
    item: Item,
    packs: Policies,
    header: Header,
    verdict: Verdict,
    *,
    region: str,
    reported_on: date,
    today: date,
    done: int,
    progress: Callable[[int, Outcome], None],
) -> None:
    """Merge all rows after `done` that the verdict lets through; `progress` is called inside each transaction."""
    plan = plan_for(item, packs, reported_on=reported_on, today=today)
    with open_source(path) as source:
        match = match_headings(source.columns, plan.columns)
        select = stage_sql(item, packs, region=region, on=reported_on)
        with Checker(plan, match) as checker:
            pieces = (
                _piece(c, checker, select, verdict, item, done)
                for c in source.chunks(settings.CHUNK_ROWS)
                if _end(c) > done
            )
            for piece in ahead(pieces):
                merge(piece.rows, header, progress=lambda outcome, upto=piece.upto: progress(upto, outcome))  # type: ignore[misc]


def _piece(chunk: Chunk, checker: Checker, select: str, verdict: Verdict, item: Item, done: int) -> Piece:
    numbers, table = data_rows(chunk)
    stays = (numbers > done) & ~np.isin(numbers, np.union1d(verdict.rejected, verdict.repeated), assume_unique=True)
    rows = numbers[stays]
    table = table if stays.all() else table.filter(pl.Series(stays))
    master, protect = item.record.master, protection(item)
    parts = (
        staged_rows(
            checker,
            table[start : start + _TYPED],
            select,
            rows=part,
            held=np.isin(part, verdict.doubtful, assume_unique=True),
            variants=np.isin(part, verdict.conflicting, assume_unique=True),
            master=master,
            protect=protect,
        )
        for start in range(0, len(rows), _TYPED)
        for part in [rows[start : start + _TYPED]]
    )
    return Piece(_end(chunk), laid(parts, master=master))


def _end(chunk: Chunk) -> int:
    return chunk.first_row - 1 + chunk.table.height
