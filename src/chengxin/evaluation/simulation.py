"""What a draft would do to today's register before anybody enacts it: who moves where, why, and of what kind they are.

The draft and the model it is held against are run over the same slices of the register; nothing is stored. Every slice
leaves one Parquet file in a private folder, and the tables are made of all of them at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet
from django.conf import settings
from django.utils import timezone

from chengxin.accounts.actors import Actor
from chengxin.accounts.rules import require
from chengxin.audit.actions import record as trace
from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.run import session
from chengxin.engine.grading.statement import statement
from chengxin.engine.session import open_session
from chengxin.evaluation import loading
from chengxin.evaluation.actions import slices
from chengxin.evaluation.plan import plan_for
from chengxin.evaluation.reading import fetched
from chengxin.evaluation.simulation_tables import Simulated, fill
from chengxin.policy.evaluation import Evaluation, unit_of
from chengxin.policy.policies import Policies
from chengxin.registry.packs import policies
from chengxin.standards.sql import macro_statements

_WHO = pa.schema([("subject_id", pa.int64()), ("code", pa.string()), ("name", pa.string()), ("kind", pa.string())])


def simulate(
    draft: Evaluation, actor: Actor, *, against: Evaluation | None = None, out: Path | None = None
) -> Simulated:
    """Run `draft` against today's register, beside `against`; with `out` everybody who moves is written to moves.csv.

    A department tries its own models on the register, a steward everybody's. Raises `Denied`.
    """
    packs = policies()
    for model in (draft, against):
        if model is not None:
            require(actor, "evaluation.simulate", unit_of(model, packs))
    trace(
        actor.name, "evaluation.simulate", "evaluation", draft.id, version=draft.version,
        against=against.version if against else "",
    )  # fmt: skip
    return compute(draft, against, packs, out)


def compute(
    draft: Evaluation,
    against: Evaluation | None,
    packs: Policies,
    out: Path | None,
    tell: Callable[[int], None] = lambda _subjects: None,
) -> Simulated:
    """The work of `simulate`, which has asked whether it may be done; `tell` is told of each slice how many it held.

    Natural persons never appear by name or code.
    """
    day = timezone.localdate()
    done = Simulated(draft, against, day)
    scratch = Path(settings.HOME) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        for number, select in enumerate(slices()):
            tell(_slice(draft, against, packs, day, select, Path(folder) / f"{number}.parquet"))
        with _opened(Path(folder)) as con:
            if con is not None:
                fill(con, done, packs, out)
    return done


def _slice(draft: Evaluation, against: Evaluation | None, packs: Policies, day: date, select: str, file: Path) -> int:
    """Both answers about every subject of a slice, side by side; gives how many subjects it held."""
    held = loading.touch(select)
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
    return held


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
    """Subject -> id of its class of size, by the registered capital of its registration; the last class takes the rest.

    Capital is kept as it was written, with unit and currency: what is not plainly an amount in yuan is of no class.
    """
    kinds = pa.schema([("subject_id", pa.int64()), ("size", pa.string())])
    if not draft.sizes:
        return kinds.empty_table()
    arms = " ".join(
        f"WHEN capital >= {s.capital_from} THEN '{s.id}'" for s in draft.sizes if s.capital_from is not None
    )
    last = next((f"WHEN capital IS NOT NULL THEN '{s.id}'" for s in draft.sizes if s.capital_from is None), "")
    with open_session(macro_statements(packs.calendar)) as con:
        con.register("rows", loading.registrations(packs))
        capital = loading.attribute_sql(packs, "capital")
        return (
            con.sql(
                f"""SELECT subject_id, max_by(size, change) AS size FROM (
                SELECT subject_id, change, CASE {arms} {last} END AS size
                FROM (SELECT *, {_YUAN.format(capital)} AS capital FROM rows))
            WHERE size IS NOT NULL GROUP BY subject_id"""
            )
            .to_arrow_table()
            .cast(kinds)
        )


_BARE = r"regexp_replace(regexp_replace({0}, '[()（）\s]|人民币|RMB|CNY', '', 'g'), '([万亿])$', '\1元')"
_YUAN = f"CASE WHEN {_BARE} LIKE '%元' THEN parse_amount({_BARE}) END"
"""800万元人民币, 500(万元人民币), 2亿 as yuan; a number without a unit may be of either, and foreign money has no rate here."""


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
