"""What the tests of the standards share: the province's sample data, the holiday calendar, a DuckDB with all macros."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chengxin.standards.calendar import WorkCalendar
from chengxin.standards.sql import macro_statements

REPOSITORY = Path(__file__).resolve().parents[2]

Ask = Callable[..., list[Any]]
Column = Callable[[str, str], list[str]]


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    """The calendar of the notices for 2019 to 2026, as the policies carry it."""
    return WorkCalendar.from_csv(REPOSITORY / "policies" / "national" / "codes" / "holidays.csv")


@pytest.fixture(scope="session")
def duck(calendar: WorkCalendar) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with all macros."""
    connection = duckdb.connect()
    for statement in macro_statements(calendar):
        connection.execute(statement)
    return connection


@pytest.fixture(scope="session")
def ask(duck: duckdb.DuckDBPyConnection) -> Ask:
    """Ask an expression over x (and y) for many values in one query."""

    def answers(expression: str, x: Sequence[Any], y: Sequence[Any] | None = None) -> list[Any]:
        columns = "unnest($x) AS x" if y is None else "unnest($x) AS x, unnest($y) AS y"
        parameters = {"x": list(x)} if y is None else {"x": list(x), "y": list(y)}
        return [row[0] for row in duck.execute(f"SELECT {expression} FROM (SELECT {columns})", parameters).fetchall()]

    return answers


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real public sample data, which is never copied into the repository."""
    folder = Path(os.environ.get("CHENGXIN_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not folder.is_dir():
        reason = f"the sample data is not at {folder}; set CHENGXIN_SHARED"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def column(shared: Path) -> Column:
    """Read one column of one sample file."""

    def values(file: str, name: str) -> list[str]:
        with (shared / file).open(encoding="utf-8-sig", newline="") as lines:
            return [row[name] for row in csv.DictReader(lines)]

    return values
