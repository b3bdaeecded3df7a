"""Runs the examples of a model with the engine that grades: the proof of a pack is made with the real thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.run import empty_records, session, subject_columns
from chengxin.engine.grading.statement import statement
from chengxin.evaluation.plan import plan_for
from chengxin.policy.check import Graded
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_parts import Example
from chengxin.policy.policies import Policies


def grade_examples(model: Evaluation, packs: Policies) -> list[Graded | Exception | None]:
    """For each example its grade, score and points by indicator; None for a subject outside the scope.

    An exception says that the model's own text cannot be run.
    """
    plan = plan_for(model, packs)
    answers: dict[int, Graded | Exception] = {}
    with session(plan) as con:
        for day in sorted({e.on for e in model.examples}):
            numbered = [(n, e) for n, e in enumerate(model.examples) if e.on == day]
            try:
                answers |= _grade(con, plan, model, numbered, day)
            except duckdb.Error as error:
                answers |= {n: error for n, _ in numbered}
    return [answers.get(n) for n in range(len(model.examples))]


def _grade(
    con: duckdb.DuckDBPyConnection,
    plan: GradingPlan,
    model: Evaluation,
    examples: Sequence[tuple[int, Example]],
    on: date,
) -> dict[int, Graded | Exception]:
    """The grades of all examples of one day in one statement; an example is a subject of its own."""
    usual = {"kind": model.scope.subjects[0]}
    subjects = [{**usual, **e.subject, "subject_id": n} for n, e in examples]
    records = [
        {"standing": "active", **record, "subject_id": n, "change": at}
        for n, e in examples
        for at, record in enumerate(e.records, 1)
    ]
    con.register("given_subjects", _table(subjects, subject_columns()))
    con.register("given_records", _table(records, empty_records(plan)))
    text = statement(
        plan,
        on,
        subjects=f"({_typed('given_subjects', subject_columns())})",
        records=f"({_typed('given_records', empty_records(plan))})",
    )
    answers: dict[int, Graded | Exception] = {}
    for number, score, grade, _, contributions, *_ in con.execute(text).fetchall():
        if not grade:
            continue
        points = {id: pair[1] for id, pair in orjson.loads(contributions).items()}
        answers[number] = Graded(grade, score, points)
    return answers


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pa.Table:
    """All cells as text (lists as lists), for DuckDB to type."""
    arrays: dict[str, pa.Array] = {}
    for name, kind in columns.items():
        cells = [row.get(name) for row in rows]
        if kind.endswith("[]"):
            lists = [list(c) if isinstance(c, tuple) else None if c is None else [str(c)] for c in cells]
            arrays[name] = pa.array(lists, pa.list_(pa.string()))
        else:
            arrays[name] = pa.array([None if c is None else str(c) for c in cells], pa.string())
    return pa.table(arrays)


def _typed(table: str, columns: Mapping[str, str]) -> str:
    casts = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns.items())
    return f"SELECT {casts} FROM {table}"
