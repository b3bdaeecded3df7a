"""From a subject's values to points, score and grade."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from chengxin.engine.grading.days import period_of
from chengxin.engine.grading.fold import VALUE, Marks
from chengxin.engine.grading.plan import GradingPlan, Indicator

POINTS = "DECIMAL(18, 4)"
_MOST = Decimal(10) ** 13
"""No contribution is beyond this, so that a mistyped amount cannot stop a run of a whole province."""


def values_sql(plan: GradingPlan, marks: Marks, today: date, subjects: str, folded: str) -> str:
    """Subjects with one column an indicator, by its id (formulas aside), and whether they are `_inside` the scope.

    A timely plan keeps those outside: time may bring them in.
    """
    start, end = period_of(plan.period, today)
    first = f"DATE '{start}'" if start else "DATE '0001-01-01'"
    values = [f'{_value(i, n, marks, end)} AS "{i.id}"' for n, i in enumerate(plan.indicators) if i.filter is not None]
    days = f"DATE '{today}' AS today, {first} AS period_start, DATE '{end}' AS period_end"
    kinds = ", ".join(f"'{k}'" for k in plan.kinds)
    source = f"SELECT *, {days} FROM {subjects} WHERE kind IN ({kinds})"
    inside = f"coalesce({_has(plan, marks)}{f' AND ({plan.scope})' if plan.scope else ''}, FALSE)"
    values.insert(0, f"{inside} AS _inside")
    join = "JOIN" if plan.has else "LEFT JOIN"
    return (
        f"SELECT _s.*, _f.* EXCLUDE (_subject), {', '.join(values)}"
        f" FROM ({source}) _s {join} {folded} _f ON _f._subject = _s.subject_id"
        f"{'' if plan.timely else f' WHERE {inside}'}"
    )


def _has(plan: GradingPlan, marks: Marks) -> str:
    if not plan.has:
        return "TRUE"
    bits = [marks.of(f) for f in plan.has]
    wanted = 0
    for bit in bits:
        wanted |= bit
    return f"_seen & {wanted} = {wanted}" if plan.match_all else f"_seen & {wanted} <> 0"


def _value(i: Indicator, n: int, marks: Marks, end: date) -> str:
    assert i.filter is not None
    if i.aggregate == "count":
        kind = VALUE if i.decay else "BIGINT"
        return f"CAST(coalesce(_a{n}, 0) AS {kind})"
    if i.aggregate == "exists":
        return f"CASE WHEN coalesce(_seen, 0) & {marks.of(i.filter)} <> 0 THEN 1 ELSE 0 END"
    if i.aggregate == "sum":
        return f"try_cast(coalesce(_a{n}, 0) AS {VALUE})"
    if i.aggregate == "days_since":
        return f"date_diff('day', _a{n}, DATE '{end}')"
    if i.aggregate == "ratio":
        return f"try_cast(round(CAST(_a{n} AS BIGINT) / nullif(CAST(_b{n} AS BIGINT), 0), 6) AS {VALUE})"
    return f"_a{n}"


def formulas_sql(plan: GradingPlan, source: str) -> str:
    """The same rows with the formulas' values."""
    found = [(i.id, i.value) for i in plan.indicators if i.aggregate == "formula"]
    more = "".join(f', try_cast({value} AS {VALUE}) AS "{id}"' for id, value in found)
    return f"SELECT *{more} FROM {source}"


def points_sql(plan: GradingPlan, source: str) -> str:
    """The same rows with `_p<n>`: each indicator's points, bounded and rounded."""
    points = [f"{_points(i, plan.decimals)} AS _p{n}" for n, i in enumerate(plan.indicators)]
    return f"SELECT *, {', '.join(points)} FROM {source}"


def _points(i: Indicator, decimals: int) -> str:
    if not i.pointed:
        return f"CAST(0 AS {POINTS})"
    value = f'"{i.id}"'
    if i.steps:
        arms = " ".join(f"WHEN {value} >= {at} THEN {points}" for at, points in reversed(i.steps))
        worth = f"CASE {arms} ELSE 0 END"
    elif i.map:
        arms = " ".join(f"WHEN {_literal(word)} THEN {points}" for word, points in i.map)
        worth = f"CASE {value} {arms} ELSE {i.otherwise} END"
    else:
        points = i.points or Decimal(1)
        most = Decimal(int(_MOST / max(abs(points), Decimal(1))))
        worth = f"{_between(f'CAST({value} AS {VALUE})', -most, most)} * {i.points or 0}"
    answer = f"CASE WHEN {value} IS NULL THEN {i.absent} ELSE {worth} END"
    if i.weight != 1:
        answer = f"({answer}) * {i.weight}"
    bounded = _between(answer, i.floor, i.ceiling)
    if i.when:
        bounded = f"CASE WHEN {i.when} THEN {bounded} ELSE 0 END"
    return f"CAST(round(CAST({bounded} AS DECIMAL(38, 10)), {decimals}) AS {POINTS})"


def graded_sql(plan: GradingPlan, source: str) -> str:
    """The same rows with `score`, `_grade` and `_by`, the condition that decided (empty: a band).

    The grade of a subject outside the scope is empty.
    """
    scored = f"SELECT *, {_score(plan)} AS score FROM {source}"
    arms = [(o.when, o.grade, o.id) for o in plan.outcomes]
    by = "CASE " + " ".join(f"WHEN {when} THEN '{id}'" for when, _, id in arms) + " ELSE '' END" if arms else "''"
    bands = []
    for band in plan.bands:
        parts = [f"score >= {band.at_least}"] if band.at_least is not None else []
        parts += [f"({band.when})"] if band.when else []
        bands.append((" AND ".join(parts) or "TRUE", band.grade))
    whens = [*((when, grade) for when, grade, _ in arms), *bands]
    grade = "CASE WHEN NOT _inside THEN '' " + " ".join(f"WHEN {when} THEN '{g}'" for when, g in whens) + " END"
    return f"SELECT *, {grade} AS _grade, {by} AS _by FROM ({scored})"


def _score(plan: GradingPlan) -> str:
    place = {i.id: n for n, i in enumerate(plan.indicators)}
    parts = [str(plan.start)]
    for group in plan.groups:
        total = " + ".join(f"_p{place[m]}" for m in group.members)
        if not total:
            continue
        if group.weight != 1:
            total = f"({total}) * {group.weight}"
        bounded = _between(total, group.floor, group.ceiling)
        parts.append(f"round(CAST({bounded} AS DECIMAL(38, 10)), {plan.decimals})")
    total = _between(" + ".join(parts), plan.floor, plan.ceiling)
    return f"CAST(round(CAST({total} AS DECIMAL(38, 10)), {plan.decimals}) AS {POINTS})"


def _between(sql: str, floor: Decimal | None, ceiling: Decimal | None) -> str:
    if ceiling is not None:
        sql = f"least({sql}, {ceiling})"
    if floor is not None:
        sql = f"greatest({sql}, {floor})"
    return sql


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
