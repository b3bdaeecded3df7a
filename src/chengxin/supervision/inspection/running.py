"""The draw of one plan over its kept snapshot: made once, run again by whoever verifies."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
from django.utils.translation import gettext_noop as _

from chengxin.supervision.inspection import drawing
from chengxin.supervision.inspection.pool import place
from chengxin.supervision.inspection.refusals import NotPossible
from chengxin.supervision.models import Inspector, Plan, Recusal
from chengxin.supervision.tables import read


def run_draw(con: duckdb.DuckDBPyConnection, plan: Plan, beacon: str, together: int) -> dict[str, Any]:
    """The draw over the plan's snapshot, in `con`; gives what the draw of inspectors went by.

    With the facts of a draw that has been made it is that draw once more; else they are those of today.
    """
    pool = pl.read_parquet(place(plan.pool))
    con.register("pool", pool.to_arrow())
    if drawing.pool_digest(con) != plan.pool:
        raise NotPossible(_("计划 %(plan)s 的检查对象名录库文件被改动过。"), plan=plan.number)
    strata = pl.DataFrame(
        [(s["id"], s["k"]) for s in plan.strata], schema={"id": pl.String, "k": pl.Int64}, orient="row"
    )
    con.register("strata", strata.to_arrow())
    drawing.draw_subjects(con, plan.seed, plan.number, beacon)
    ids = [id for (id,) in con.sql("SELECT subject_id FROM drawn ORDER BY 1").fetchall()]
    facts = plan.facts or _facts(plan, con, ids)
    _register_facts(con, facts)
    drawing.draw_inspectors(con, plan.seed, plan.number, beacon, together)
    return facts


def _facts(plan: Plan, con: duckdb.DuckDBPyConnection, ids: list[int]) -> dict[str, Any]:
    """Who may inspect, who must not inspect whom, and who did the last time: of the drawn subjects only."""
    inspectors = list(Inspector.objects.filter(department=plan.department, active=True).order_by("number"))
    drawn = {code for (code,) in con.sql("SELECT code FROM drawn").fetchall()}
    recused = {
        (r.code, r.inspector.number)
        for r in Recusal.objects.filter(inspector__in=inspectors).select_related("inspector")
    }
    recused |= {(code, i.number) for i in inspectors for code in i.employers}
    last = read(
        "SELECT t.code, t.plan_id, t.inspectors FROM supervision_task t JOIN supervision_plan p ON p.id = t.plan_id"
        f" WHERE p.policy = '{plan.policy}' AND p.id < {plan.pk}",
        {"code": pl.String, "plan_id": pl.Int64, "inspectors": pl.String}, [], "t.subject_id", ids,
    )  # fmt: skip
    newest = last.sort("plan_id").unique("code", keep="last").sort("code")
    pairs = newest.with_columns(pl.col("inspectors").cast(pl.String).str.json_decode(pl.List(pl.String)))
    return {
        "numbers": [i.number for i in inspectors],
        "recused": sorted([code, number] for code, number in recused if code in drawn),
        "last": {code: sorted(numbers) for code, numbers in pairs.select("code", "inspectors").iter_rows()},
    }


def _register_facts(con: duckdb.DuckDBPyConnection, facts: dict[str, Any]) -> None:
    tables: dict[str, tuple[Any, Any]] = {
        "inspectors": ([[n] for n in facts["numbers"]], {"number": pl.String}),
        "recused": (facts["recused"], {"code": pl.String, "number": pl.String}),
        "last": (list(facts["last"].items()), {"code": pl.String, "numbers": pl.List(pl.String)}),
    }
    for name, (rows, schema) in tables.items():
        con.register(name, pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
