"""Runs the examples of rules with the engine that runs the rules: the policies' proof is made with the real thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import polars as pl

from chengxin.collection.plan import column_of, macros
from chengxin.engine.check import rows_sql
from chengxin.engine.session import open_session
from chengxin.policy import Item, Policies, Rule
from chengxin.policy.check import Answer, Asked, Run

DAYS = ("today", "reported_on")


def engine_runner(policies: Policies, day: date) -> Run:
    """A `policy.check.Runner` on DuckDB; examples without days of their own happen on `day`."""
    standards = macros(policies)

    def run(item: Item, asked: Sequence[Asked]) -> list[Answer]:
        columns = [column_of(field, policies) for field in item.kept_fields]
        constants = ", ".join(f'CAST("{name}_raw" AS DATE) AS {name}' for name in DAYS)
        with open_session([*standards, *(macro for column in columns for macro in column.macros)]) as con:
            con.register("chunk", _table(item, [row for _, row in asked], day).to_arrow())
            con.execute(f"CREATE TEMP TABLE examples AS {rows_sql(columns, [], constants)}")
            answers = {rule.id: _ask(con, rule) for rule, _ in asked}
        return [a if isinstance(a := answers[rule.id], Exception) else a[n] for n, (rule, _) in enumerate(asked)]

    return run


def _table(item: Item, rows: Sequence[Mapping[str, str]], day: date) -> pl.DataFrame:
    names = [*(f.id for f in item.kept_fields), *DAYS]
    cells = [{**dict.fromkeys(DAYS, str(day)), **row} for row in rows]
    raw = {f"{name}_raw": [row.get(name) for row in cells] for name in names}
    return pl.DataFrame(raw, schema=dict.fromkeys(raw, pl.String))


def _ask(con: duckdb.DuckDBPyConnection, rule: Rule) -> list[bool | None] | Exception:
    try:
        return [row[0] for row in con.execute(f"SELECT ({rule.test}) FROM examples").fetchall()]
    except duckdb.Error as error:
        return error
