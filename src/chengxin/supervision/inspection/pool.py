"""The pool of a plan (检查对象名录库): who is in it, in which class, obliged or capped; kept as a file that never changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from django.conf import settings
from django.db import connection

from chengxin.policy.inspection import DefaultClass, Inspection, InspectionClass
from chengxin.policy.policies import Policies
from chengxin.standards.months import add_months
from chengxin.supervision.inspection.drawing import pool_digest
from chengxin.supervision.matching import Compiler
from chengxin.supervision.tables import opened

POOL: dict[str, Any] = {
    "code": pl.String, "subject_id": pl.Int64, "stratum": pl.String, "obliged": pl.Boolean, "capped": pl.Boolean,
}  # fmt: skip
START_UP = "start-up"
_MONTHS = 12


@dataclass(frozen=True)
class Pool:
    """A snapshot: its rows, its digest, its strata with ratio, size and how many are to be drawn."""

    rows: pl.DataFrame
    digest: str
    strata: list[dict[str, Any]]


def snapshot(policy: Inspection, packs: Policies, starts: date, ends: date, day: date) -> Pool:
    """Everybody in scope on `day` by class; whoever is exempt is not in it."""
    compiler = Compiler(packs, day)
    arms = [f"WHEN {compiler.all_of(c.when)} THEN '{c.id}'" for c in policy.classes]
    scope = compiler.all_of(policy.scope)
    exempt = " OR ".join(f"({compiler.all_of(e.when)})" for e in policy.exemptions) or "FALSE"
    done = compiler.records(policy.counted, "_subject AS subject_id", f"year(_decided_on) = {starts.year}")
    classed = f"CASE {' '.join(arms)} ELSE '{policy.default.id}' END" if arms else f"'{policy.default.id}'"
    with opened(compiler.needs, packs, day, kinds=policy.subjects) as con:
        con.register("under_way", _under_way(policy.id, starts.year).to_arrow())
        con.register("classes", _classes(policy, ends).to_arrow())
        con.execute(
            f"""CREATE TABLE pool AS
            WITH meant AS (SELECT id, code, registered_on, {classed} AS class FROM subjects
                           WHERE ({scope}) AND NOT ({exempt})),
            counted AS (SELECT subject_id, count(*) AS found FROM (
                            SELECT subject_id FROM ({done}) UNION ALL SELECT subject_id FROM under_way) GROUP BY 1)
            SELECT m.code, m.id AS subject_id,
                   CASE WHEN c.tolerant AND {_new(policy, starts)} THEN concat(m.class, '.{START_UP}') ELSE m.class END
                   AS stratum,
                   coalesce(n.found, 0) < c.due AS obliged,
                   c.at_most IS NOT NULL AND coalesce(n.found, 0) >= c.at_most AS capped
            FROM meant m JOIN classes c ON c.id = m.class LEFT JOIN counted n ON n.subject_id = m.id
            ORDER BY m.code"""
        )
        return Pool(con.sql("SELECT * FROM pool ORDER BY code").pl().cast(POOL), pool_digest(con), _strata(con, policy))


def _new(policy: Inspection, starts: date) -> str:
    """Whether a subject is within its tolerance period when the plan begins (R-160)."""
    if policy.start_up is None:
        return "FALSE"
    return f"coalesce(m.registered_on > DATE '{add_months(starts, -policy.start_up.months)}', FALSE)"


def _classes(policy: Inspection, ends: date) -> pl.DataFrame:
    """What the classes ask for; `due` is how many of the year's least inspections must lie behind by the plan's end."""
    every: list[InspectionClass | DefaultClass] = [*policy.classes, policy.default]
    rows = [(c.id, c.at_least * ends.month // _MONTHS, c.at_most, c.tier != "increased") for c in every]
    schema = {"id": pl.String, "due": pl.Int64, "at_most": pl.Int64, "tolerant": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _strata(con: duckdb.DuckDBPyConnection, policy: Inspection) -> list[dict[str, Any]]:
    """id, label, ratio, size and k (the ratio of all members, rounded up) of every stratum that has members."""
    every: list[InspectionClass | DefaultClass] = [*policy.classes, policy.default]
    known = {c.id: (c.label, c.ratio) for c in every}
    if policy.start_up is not None:
        tolerance = policy.start_up
        known |= {
            f"{c.id}.{START_UP}": (f"{c.label}（{tolerance.label}）", min(tolerance.ratio, c.ratio)) for c in every
        }
    sizes = con.sql("SELECT stratum, count(*) FROM pool GROUP BY stratum ORDER BY stratum").fetchall()
    return [
        {"id": id, "label": known[id][0], "ratio": str(known[id][1]), "size": n, "k": math.ceil(known[id][1] * n)}
        for id, n in sizes
    ]


def _under_way(policy: str, year: int) -> pl.DataFrame:
    """Subjects drawn this year whose inspection does not stand in the register yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.subject_id FROM supervision_task t JOIN supervision_plan p ON p.id = t.plan_id"
            " WHERE p.policy = %s AND t.batch = '' AND p.starts_on BETWEEN %s AND %s",
            [policy, date(year, 1, 1).isoformat(), date(year, 12, 31).isoformat()],
        )
        return pl.DataFrame(cursor.fetchall(), schema={"subject_id": pl.Int64}, orient="row")


def keep(pool: Pool) -> None:
    """Write the snapshot under its digest; the same pool is the same file."""
    path = place(pool.digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        pool.rows.write_parquet(path)


def place(digest: str) -> Path:
    """Where the snapshot of that digest lies."""
    return Path(settings.HOME) / "inspection" / f"{digest}.parquet"
