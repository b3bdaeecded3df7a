"""What a draft would do to today's register before anybody enacts it: who moves where, why, and of what kind they are.

The draft and the model it is held against are run over the same slices of the register; nothing is stored. Every slice
leaves one Parquet file in a private folder, and the tables are made of all of them at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet
from django.conf import settings
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.run import session
from chengxin.engine.grading.statement import statement
from chengxin.engine.session import open_session
from chengxin.evaluation import loading
from chengxin.evaluation.actions import slices
from chengxin.evaluation.plan import plan_for
from chengxin.evaluation.reading import fetched
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies

Rows = list[dict[str, Any]]
_COMMON = ("excellent", "good", "fair", "poor")
_WHO = pa.schema([("subject_id", pa.int64()), ("code", pa.string()), ("name", pa.string()), ("kind", pa.string())])


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


def simulate(
    draft: Evaluation, actor: Actor, *, against: Evaluation | None = None, out: Path | None = None
) -> Simulated:
    """Run `draft` against today's register, beside `against`; with `out` everybody who moves is written to moves.csv.

    Raises `Denied`. Natural persons never appear by name or code.
    """
    require(actor, "evaluation.simulate", draft)
    packs, day = policies(), timezone.localdate()
    done = Simulated(draft, against, day)
    scratch = Path(settings.HOME) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        for number, select in enumerate(slices()):
            _slice(draft, against, packs, day, select, Path(folder) / f"{number}.parquet")
        with _opened(Path(folder)) as con:
            if con is not None:
                _tables(con, done, packs, out)
    return done


def _slice(draft: Evaluation, against: Evaluation | None, packs: Policies, day: date, select: str, file: Path) -> None:
    """Both answers about every subject of a slice, side by side."""
    loading.touch(select)
    who = fetched(
        f"SELECT u.id, u.code, u.name, u.kind FROM {loading.TOUCHED} t JOIN registry_subject u ON u.id = t.subject_id",
        _WHO,
    )
    new, subjects = _answers(plan_for(draft, packs), packs, day)
    old = _answers(plan_for(against, packs), packs, day)[0] if against else new.slice(0, 0)
    sizes = _sizes(draft, packs)
    with open_session() as con:
        for name, table in {"who": who, "new": new, "old": old, "subjects": subjects, "sizes": sizes}.items():
            con.register(name, table)
        both = con.sql(
            f"""SELECT w.subject_id, CASE WHEN w.kind = 'natural_person' THEN '' ELSE w.code END AS code,
                CASE WHEN w.kind = 'natural_person' THEN '' ELSE w.name END AS name, s.region, s.industry, z.size,
                coalesce(o.grade, '') AS before, n.grade AS after, o.score AS score_before, n.score AS score_after,
                {_why(draft, against)} AS why
            FROM (SELECT coalesce(n.subject_id, o.subject_id) AS subject_id FROM new n
                  FULL JOIN old o ON o.subject_id = n.subject_id) q
            JOIN who w ON w.subject_id = q.subject_id JOIN subjects s ON s.subject_id = q.subject_id
            LEFT JOIN new n ON n.subject_id = q.subject_id LEFT JOIN old o ON o.subject_id = q.subject_id
            LEFT JOIN sizes z ON z.subject_id = q.subject_id"""
        ).to_arrow_table()
    pa.parquet.write_table(both, file, compression="zstd")


def _answers(plan: GradingPlan, packs: Policies, day: date) -> tuple[pa.Table, pa.Table]:
    """Grades with one column of points an indicator, and the subjects; `plan` is not asked what time would do."""
    from dataclasses import replace

    still = replace(plan, timely=False)
    loaded = loading.load(still, packs)
    with session(still) as con:
        con.register("subjects", loaded.subjects)
        con.register("records", loaded.records)
        return con.sql(statement(still, day, wide=True, evidence=False)).to_arrow_table(), loaded.subjects


def _why(draft: Evaluation, against: Evaluation | None) -> str:
    """A list of structs {indicator, before, after}: those whose points differ."""
    if against is None:
        return "CAST([] AS STRUCT(indicator VARCHAR, before DOUBLE, after DOUBLE)[])"
    new, old = {i.id for i in draft.indicators}, {i.id for i in against.indicators}
    parts = []
    for id in sorted(new | old):
        after = f'coalesce(n."{id}", 0)' if id in new else "CAST(0 AS DOUBLE)"
        before = f'coalesce(o."{id}", 0)' if id in old else "CAST(0 AS DOUBLE)"
        parts.append(
            f"CASE WHEN {before} <> {after} THEN {{'indicator': '{id}', 'before': {before}, 'after': {after}}} END"
        )
    return f"list_filter([{', '.join(parts)}], lambda x: x IS NOT NULL)"


def _sizes(draft: Evaluation, packs: Policies) -> pa.Table:
    """Subject -> id of its class of size, by the registered capital of its registration; the last class takes the rest."""
    kinds = pa.schema([("subject_id", pa.int64()), ("size", pa.string())])
    if not draft.sizes:
        return kinds.empty_table()
    arms = " ".join(
        f"WHEN capital >= {s.capital_from} THEN '{s.id}'" for s in draft.sizes if s.capital_from is not None
    )
    last = next((f"WHEN capital IS NOT NULL THEN '{s.id}'" for s in draft.sizes if s.capital_from is None), "")
    with open_session() as con:
        con.register("rows", loading.registrations(packs))
        capital = loading.attribute_sql(packs, "capital")
        return (
            con.sql(
                f"""SELECT subject_id, max_by(size, change) AS size FROM (
                SELECT subject_id, change, CASE {arms} {last} END AS size
                FROM (SELECT *, try_cast({capital} AS DECIMAL(24, 6)) AS capital FROM rows))
            WHERE size IS NOT NULL GROUP BY subject_id"""
            )
            .to_arrow_table()
            .cast(kinds)
        )


class _opened:
    """A session over the slices' files, or None where there was no subject at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> duckdb.DuckDBPyConnection | None:
        if not any(self.folder.iterdir()):
            return None
        self.con = duckdb.connect()
        self.con.execute("SET memory_limit = '700MB'")
        self.con.execute(f"CREATE VIEW both_answers AS FROM read_parquet('{self.folder}/*.parquet')")
        return self.con

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "con"):
            self.con.close()


def _tables(con: duckdb.DuckDBPyConnection, done: Simulated, packs: Policies, out: Path | None) -> None:
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
    done.by_industry = _by(con, "left(industry, 1)", trades)
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
    safe = ", ".join(
        f"CASE WHEN regexp_matches({c}, '^[=+\\-@\\t\\r＝＋－＠]') THEN '''' || {c} ELSE {c} END AS {c}"
        for c in ("code", "name")
    )
    con.execute(
        f"COPY (SELECT * REPLACE ({safe}, list_aggregate(why, 'string_agg', '；') AS why) FROM ({_MOVES}))"
        f" TO '{file}' (HEADER, DELIMITER ',')"
    )


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


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Rows:
    return con.sql(query).to_arrow_table().to_pylist()


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Sequence[int]:
    return con.execute(query).fetchall()[0]


def tables_of(done: Simulated) -> Iterator[tuple[str, Rows]]:
    """Name of the CSV file and rows of every table but the movers, which are written as they are found."""
    for name in ("grades", "migration", "indicators", "by_region", "by_industry", "by_size"):
        yield name, getattr(done, name)
