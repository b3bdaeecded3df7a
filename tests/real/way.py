"""The way of a real file: evidence, check, release, register; and what a test asks of it afterwards.

Nobody in a real file is named here: a test counts rows, and compares a row with another row of the same file.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl

from chengxin.accounts.actors import operator
from chengxin.collection import actions, evidence, jobs, receipts
from chengxin.collection.models import Batch, State

Row = dict[str, str]


def submit(file: Path, item: str, source: str) -> Batch:
    """Submitted and checked; nothing of it is in the register yet."""
    submission = actions.Submission(item, source, file.name, "cli")
    with file.open("rb") as stream:
        return jobs.run(actions.submit(operator("reporter"), submission, stream))


def take_in(file: Path, item: str, source: str) -> Batch:
    """Submitted by one person, released by another, stored."""
    batch = submit(file, item, source)
    assert batch.state == State.CHECKED, batch.reason
    return jobs.run(actions.release(operator("auditor"), batch))


def counts(batch: Batch) -> dict[str, int]:
    """The numbers of `chengxin submit --json` that are not nought."""
    names = ("received", "created", "updated", "unchanged", "rejected", "repeated", "doubtful", "warned")
    return {name: getattr(batch, name) for name in names if getattr(batch, name)}


def rules(batch: Batch) -> dict[str, int]:
    """Rule (without its item) and level -> rows."""
    found: Counter[str] = Counter()
    for fault in batch.faults:
        found[f"{fault['level']} {fault['rule'].removeprefix(batch.item + '.')}"] += fault["count"]
    return dict(found)


def receipt(batch: Batch) -> pl.DataFrame:
    return receipts.read(evidence.folder_of(batch.pk))


def blamed(batch: Batch, rule: str) -> list[int]:
    """The rows that the receipt blames by a rule."""
    return receipt(batch).filter(pl.col("rule") == f"{batch.item}.{rule}")["row"].to_list()


def rows_of(file: Path) -> list[Row]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def write(path: Path, rows: list[Row]) -> Path:
    """A file of the test's own in its temporary folder."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def with_columns(file: Path, path: Path, **constant: str) -> Path:
    """A copy with columns added that say the same in every row: what the publishing page said above its table."""
    return write(path, [row | constant for row in rows_of(file)])
