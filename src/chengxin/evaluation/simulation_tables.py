"""The tables of a simulation: made by sets from both answers about every subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from chengxin.policy.evaluation import Evaluation
from chengxin.policy.policies import Policies
from chengxin.standards.cells import cell_sql

Rows = list[dict[str, Any]]
_COMMON = ("excellent", "good", "fair", "poor")


@dataclass
class Simulated:
    """The tables of a simulation; each row is a plain dictionary, in the order in which it is shown."""

    draft: Evaluation
    against: Evaluation | None
    day: date
    subjects: int = 0
    moved: int = 0
    up: int = 0
    down: int = 0
    grades: Rows = field(default_factory=list)
    migration: Rows = field(default_factory=list)
    indicators: Rows = field(default_factory=list)
    by_region: Rows = field(default_factory=list)
    by_industry: Rows = field(default_factory=list)
    by_size: Rows = field(default_factory=list)
    moves: Rows = field(default_factory=list)


def fill(con: duckdb.DuckDBPyConnection, done: Simulated, packs: Policies, out: Path | None) -> None:
    """Make every table of `done` from the view `both_answers`; with `out`, moves.csv holds everybody who moves."""
    order = _order(done.draft, done.against)
    con.execute(
        f"""CREATE VIEW answers AS SELECT * REPLACE (coalesce(after, '') AS after), before <> coalesce(after, '') AS moved,
            coalesce({order("coalesce(after, chr(0))", done.draft)} < {order("before", done.against)}, FALSE) AS up,
            coalesce({order("coalesce(after, chr(0))", done.draft)} > {order("before", done.against)}, FALSE) AS down
            FROM both_answers"""
    )
    done.subjects, done.moved, done.up, done.down = _one(
        con, "SELECT count(*), count(*) FILTER (moved), count(*) FILTER (up), count(*) FILTER (down) FROM answers"
    )
    done.grades = _grades(con, done)
    done.migration = _rows(con, "SELECT before, after, count(*) AS subjects FROM answers GROUP BY ALL ORDER BY ALL")
    done.indicators = _rows(
        con,
        """SELECT w.indicator, count(*) AS subjects, count(*) FILTER (moved) AS movers,
            round(avg(CAST(w.after - w.before AS DOUBLE)), 2) AS difference
        FROM (SELECT moved, unnest(why) AS w FROM answers) GROUP BY 1 ORDER BY movers DESC, subjects DESC, 1""",
    )
    labels = {r.code: r.label for r in packs.tables["regions"].rows} if "regions" in packs.tables else {}
    done.by_region = _by(con, "rpad(left(region, 4), 6, '0')", labels)
    trades = {r.code: r.label for r in packs.tables["industries"].rows} if "industries" in packs.tables else {}
    done.by_industry = _by(con, _section(packs), trades)
    done.by_size = _by(con, "size", {s.id: s.label for s in done.draft.sizes}) if done.draft.sizes else []
    done.moves = _rows(con, f"{_MOVES} LIMIT 200")
    if out is not None:
        _write_moves(con, out / "moves.csv")


_MOVES = """
    SELECT code, name, region, industry, before, after, score_before, score_after,
        list_transform(why, lambda x: x.indicator || ' ' || CAST(x.before AS DOUBLE) || ' → ' || CAST(x.after AS DOUBLE)) AS why
    FROM answers WHERE moved
    ORDER BY abs(coalesce(score_after, 0) - coalesce(score_before, 0)) DESC, code"""


def _write_moves(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Everybody who moves; texts that a spreadsheet would take for formulas get a ' in front."""
    safe = ", ".join(f"{cell_sql(c)} AS {c}" for c in ("code", "name", "region", "industry", "before", "after"))
    why = cell_sql("list_aggregate(why, 'string_agg', '；')")
    con.execute(f"COPY (SELECT * REPLACE ({safe}, {why} AS why) FROM ({_MOVES})) TO '{file}' (HEADER, DELIMITER ',')")


def _order(draft: Evaluation, against: Evaluation | None) -> Any:
    """SQL that ranks a grade: by the model's own order where both have the same grades, else by the common words."""
    same = against is not None and [g.id for g in draft.grades] == [g.id for g in against.grades]

    def rank(column: str, model: Evaluation | None) -> str:
        grades = model.grades if model else ()
        ranks = {
            g.id: n if same else _COMMON.index(g.common) for n, g in enumerate(grades) if same or g.common in _COMMON
        }
        arms = " ".join(f"WHEN '{id}' THEN {n}" for id, n in ranks.items())
        return f"CASE {column} {arms} END" if arms else "NULL"

    return rank


def _grades(con: duckdb.DuckDBPyConnection, done: Simulated) -> Rows:
    """How many have each grade before and after, in the order of the models."""
    before = dict(con.execute("SELECT before, count(*) FROM answers GROUP BY 1").fetchall())
    after = dict(con.execute("SELECT after, count(*) FROM answers GROUP BY 1").fetchall())
    named = {g.id: g.label for model in (done.against, done.draft) if model for g in model.grades}
    return [
        {"grade": id, "label": label, "before": before.get(id, 0), "after": after.get(id, 0)}
        for id, label in {**named, "": ""}.items()
        if id or before.get(id) or after.get(id)
    ]


def _by(con: duckdb.DuckDBPyConnection, key: str, labels: dict[str, str]) -> Rows:
    rows = _rows(
        con,
        f"""SELECT coalesce({key}, '') AS code, count(*) AS subjects, count(*) FILTER (moved) AS moved,
            count(*) FILTER (up) AS up, count(*) FILTER (down) AS down
        FROM answers GROUP BY 1 ORDER BY subjects DESC, 1""",
    )
    return [{**row, "label": labels.get(row["code"], row["code"])} for row in rows]


def _section(packs: Policies) -> str:
    """SQL for the section of an industry: its letter, or that of the division its two digits name."""
    rows = packs.tables["industries"].rows if "industries" in packs.tables else ()
    divisions = ", ".join(f"'{r.code}': '{r.parent}'" for r in rows if len(r.code) == 2 and r.parent)
    return f"coalesce(MAP {{{divisions}}}[left(industry, 2)], left(industry, 1))" if divisions else "left(industry, 1)"


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Rows:
    return con.sql(query).to_arrow_table().to_pylist()


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Sequence[int]:
    return con.execute(query).fetchall()[0]


def tables_of(done: Simulated) -> Iterator[tuple[str, Rows]]:
    """Name of the CSV file and rows of every table but the movers, which are written as they are found."""
    for name in ("grades", "migration", "indicators", "by_region", "by_industry", "by_size"):
        yield name, getattr(done, name)
