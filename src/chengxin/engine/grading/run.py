"""Runs a plan: over Arrow tables in memory, or over Parquet files bucket by bucket, each in a process-private DuckDB.

The same function runs in this process and inside a Spark task; what it computes does not depend on where it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.statement import RECORDS, SUBJECTS, statement
from chengxin.engine.session import open_session

MEMORY = "700MB"
"""DuckDB's part of the gigabyte that a run may use."""


@dataclass(frozen=True)
class Bucket:
    """Parquet files of some subjects and all their records, and where their grades go."""

    subjects: str
    records: str
    result: str


@contextmanager
def session(
    plan: GradingPlan, folders: Sequence[Path] = (), *, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked session with the plan's macros that may touch nothing but `folders`."""
    setting = [f"SET allowed_directories = [{', '.join(_text(f'{f}/') for f in folders)}]"] if folders else []
    keep = ["SET preserve_insertion_order = false", *setting]
    with open_session([*plan.macros, *keep], memory=MEMORY, threads=threads) as con:
        yield con


def grade_tables(plan: GradingPlan, today: date, subjects: pa.Table, records: pa.Table) -> pa.Table:
    """Grade what is in two Arrow tables (columns as `statement` says), in the order of the subjects' numbers."""
    with session(plan) as con:
        con.register("subjects", subjects)
        con.register("records", records)
        return con.sql(f"{statement(plan, today)} ORDER BY subject_id").to_arrow_table()


def grade_bucket(
    plan: GradingPlan, today: date, bucket: Bucket, *, wide: bool = False, threads: int | None = None
) -> int:
    """Grade one bucket of Parquet files into `bucket.result`; gives the number of subjects graded.

    The result appears under its name only when it is whole, so that a killed worker leaves nothing half.
    """
    folders = sorted({Path(p).parent for p in (bucket.subjects, bucket.records, bucket.result)})
    half = f"{bucket.result}.half"
    with session(plan, folders, threads=threads) as con:
        text = statement(
            plan,
            today,
            subjects=f"read_parquet({_text(bucket.subjects)})",
            records=f"read_parquet({_text(bucket.records)})",
            wide=wide,
            evidence=not wide,
        )
        done = con.execute(f"COPY ({text}) TO {_text(half)} (FORMAT parquet, COMPRESSION zstd)").fetchone()
    Path(half).replace(bucket.result)
    return int(done[0]) if done else 0


def empty_records(plan: GradingPlan) -> dict[str, str]:
    """Columns and types of `records` for a plan."""
    return {**RECORDS, **(plan.fields or {})}


def subject_columns() -> dict[str, str]:
    return dict(SUBJECTS)


def _text(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
