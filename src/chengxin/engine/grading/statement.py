"""A plan as one DuckDB statement over two relations, `subjects` and `records`.

subjects: subject_id, kind, region, industry, status, registered_on
records:  subject_id, change, item, decided_on, expires_on, severity, source, region, standing, and the payload fields
"""

from __future__ import annotations

from datetime import date

from chengxin.engine.grading.due import record_due_sql, subject_due_sql
from chengxin.engine.grading.fold import folded_sql, marks_of
from chengxin.engine.grading.plan import GradingPlan, Indicator
from chengxin.engine.grading.score import SCALE, formulas_sql, graded_sql, points_sql, values_sql

SUBJECTS = {
    "subject_id": "BIGINT",
    "kind": "VARCHAR",
    "region": "VARCHAR",
    "industry": "VARCHAR",
    "status": "VARCHAR",
    "registered_on": "DATE",
}
RECORDS = {
    "subject_id": "BIGINT",
    "change": "BIGINT",
    "item": "VARCHAR",
    "decided_on": "DATE",
    "expires_on": "DATE",
    "severity": "VARCHAR",
    "source": "VARCHAR",
    "region": "VARCHAR",
    "standing": "VARCHAR",
}
"""Columns the statement needs, with their types; `records` has the plan's `fields` beside them."""


def statement(
    plan: GradingPlan,
    today: date,
    *,
    subjects: str = "subjects",
    records: str = "records",
    evidence: bool = True,
    wide: bool = False,
) -> str:
    """One SELECT: subject_id, score, grade, decided_by, contributions, evidence, due; `wide` gives points as columns.

    `contributions` is JSON, indicator -> [value, points] of those that are not nothing
    (of days_since the day of the latest record); `evidence` a list of
    {change, mask}: the records that counted and, bit by bit (`marks_of`), for what. `due`, of timely plans only, is the
    next day on which time alone may change the answer; for its sake they also give subjects outside the scope whom time
    may bring in, with an empty grade.
    """
    marks = marks_of(plan)
    due = record_due_sql(plan, marks, today)
    folded = folded_sql(plan, marks, today, records, evidence=evidence, due=due)
    last = graded_sql(plan, "_pointed")
    out = ["subject_id", "score", "_grade AS grade", "_by AS decided_by"]
    out += _wide(plan) if wide else [f"{contributions_sql(plan)} AS contributions"]
    if evidence:
        out.append("list_sort(coalesce(_evidence, [])) AS evidence")
    if plan.timely:
        out.append(f"{subject_due_sql(plan, today)} AS due")
        last = f"SELECT * FROM ({last}) WHERE _inside OR {subject_due_sql(plan, today)} IS NOT NULL"
    return (
        f"WITH _folded AS ({folded}), _valued AS ({values_sql(plan, marks, today, subjects, '_folded')}),"
        f" _formed AS ({formulas_sql(plan, '_valued')}), _pointed AS ({points_sql(plan, '_formed')}),"
        f" _graded AS ({last}) SELECT {', '.join(out)} FROM _graded"
    )


def _wide(plan: GradingPlan) -> list[str]:
    return [f'_p{n} / {SCALE}.0 AS "{i.id}"' for n, i in enumerate(plan.indicators)]


def contributions_sql(plan: GradingPlan) -> str:
    """Compact JSON of value and points; indicators that found nothing and give nothing are left out."""
    parts = ", ".join(_contribution(i, n) for n, i in enumerate(plan.indicators))
    return f"'{{' || concat_ws(',', {parts}) || '}}'"


def _contribution(i: Indicator, n: int) -> str:
    value = f'"{i.id}"'
    if i.textual:
        text, something = f"CAST(to_json({value}) AS VARCHAR)", f"{value} IS NOT NULL"
    elif i.aggregate == "days_since":  # the day itself: the number of days would be another one every morning
        text, something = f"'\"' || CAST(_a{n} AS VARCHAR) || '\"'", f"{value} IS NOT NULL"
    elif i.aggregate in ("count", "exists") and not i.decay:
        text, something = f"CAST({value} AS VARCHAR)", f"{value} <> 0"
    else:
        text, something = f"CAST(CAST({value} AS DOUBLE) AS VARCHAR)", f"{value} <> 0"
    points = f"CAST(_p{n} / {SCALE}.0 AS VARCHAR)"
    pair = f"'\"{i.id}\":[' || coalesce({text}, 'null') || ',' || {points} || ']'"
    return f"CASE WHEN _p{n} <> 0 OR {something} THEN {pair} END"


def indicators_of(plan: GradingPlan, mask: int) -> list[str]:
    """The indicators for which a record with this mask counted, in the order of the model."""
    marks = marks_of(plan)
    return [i.id for i in plan.indicators if any(f and mask & marks.of(f) for f in (i.filter, i.of))]
