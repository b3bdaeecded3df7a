"""From a subject's values to points, score and grade."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from chengxin.engine.grading.days import period_of
from chengxin.engine.grading.fold import VALUE, Marks
from chengxin.engine.grading.plan import GradingPlan, Indicator

POINTS = "DECIMAL(18, 4)"
SCALE = 10_000
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
    return f"_a{n}" if i.textual else f"try_cast(_a{n} AS {VALUE})"


def formulas_sql(plan: GradingPlan, source: str) -> str:
    """The same rows with the formulas' values."""
    found = [(i.id, i.value) for i in plan.indicators if i.aggregate == "formula"]
    more = "".join(f', try_cast({value} AS {VALUE}) AS "{id}"' for id, value in found)
    return f"SELECT *{more} FROM {source}"


def points_sql(plan: GradingPlan, source: str) -> str:
    """The same rows with `_p<n>`: each indicator's points, bounded and rounded, in ten-thousandths.

    Whole numbers, because thirty sums of wide decimals took as long as reading the records (benchmarks/grading.py).
    """
    points = [f"{_points(i, plan.decimals)} AS _p{n}" for n, i in enumerate(plan.indicators)]
    return f"SELECT *, {', '.join(points)} FROM {source}"


def _points(i: Indicator, decimals: int) -> str:
    if not i.pointed:
        return "CAST(0 AS BIGINT)"
    value = f'"{i.id}"'

    def fixed(points: Decimal) -> int:
        return scaled(points * i.weight, decimals)

    if i.steps:
        arms = " ".join(f"WHEN {value} >= {at} THEN {fixed(points)}" for at, points in reversed(i.steps))
        worth = f"CASE {arms} ELSE 0 END"
    elif i.map:
        arms = " ".join(f"WHEN {_literal(word)} THEN {fixed(points)}" for word, points in i.map)
        worth = f"CASE {value} {arms} ELSE {fixed(i.otherwise)} END"
    else:
        worth = _worth(i, value, decimals)
    answer = f"CASE WHEN {value} IS NULL THEN {fixed(i.absent)} ELSE {worth} END"
    bounded = _between(answer, _scaled_or_none(i.floor, decimals), _scaled_or_none(i.ceiling, decimals))
    if i.when:
        bounded = f"CASE WHEN {i.when} THEN {bounded} ELSE 0 END"
    return f"CAST({bounded} AS BIGINT)"


def _worth(i: Indicator, value: str, decimals: int) -> str:
    """Value times points: whole numbers where both are, else decimals that are rounded."""
    points = (i.points or Decimal(0)) * i.weight
    most = int(_MOST / max(abs(points), Decimal(1)))
    if i.aggregate in ("count", "exists") and not i.decay and points == round(points, decimals):
        return f"least({value}, {most}) * {scaled(points, decimals)}"
    bounded = _between(f"CAST({value} AS {VALUE})", -most, most)
    return f"CAST(round(CAST({bounded} * {points:f} AS DECIMAL(38, 10)), {decimals}) * {SCALE} AS BIGINT)"


def scaled(points: Decimal, decimals: int) -> int:
    """Points in ten-thousandths, rounded to the model's decimals as DuckDB rounds: halves away from zero."""
    return int(points.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) * SCALE)


def _scaled_or_none(points: Decimal | None, decimals: int) -> int | None:
    return None if points is None else scaled(points, decimals)


def graded_sql(plan: GradingPlan, source: str) -> str:
    """The same rows with `score`, `_grade` and `_by`, the condition that decided (empty: a band).

    The grade of a subject outside the scope is empty.
    """
    score = "CAST(_score AS DECIMAL(18, 0)) * 0.0001 AS score"
    scored = f"SELECT *, {score} FROM (SELECT *, {_score(plan)} AS _score FROM {source})"
    arms = [(o.when, o.grade, o.id) for o in plan.outcomes]
    by = "CASE " + " ".join(f"WHEN {when} THEN '{id}'" for when, _, id in arms) + " ELSE '' END" if arms else "''"
    bands = []
    for band in plan.bands:
        parts = [f"_score >= {_units(band.at_least)}"] if band.at_least is not None else []
        parts += [f"({band.when})"] if band.when else []
        bands.append((" AND ".join(parts) or "TRUE", band.grade))
    whens = [*((when, grade) for when, grade, _ in arms), *bands]
    grade = "CASE WHEN NOT _inside THEN '' " + " ".join(f"WHEN {when} THEN '{g}'" for when, g in whens) + " END"
    return f"SELECT * REPLACE (CAST(score AS {POINTS}) AS score), {grade} AS _grade, {by} AS _by FROM ({scored})"


def _units(threshold: Decimal) -> int:
    """A threshold in ten-thousandths; one with more decimals than that is as good as the next higher."""
    return int((threshold * SCALE).to_integral_value(ROUND_CEILING))


def _score(plan: GradingPlan) -> str:
    place = {i.id: n for n, i in enumerate(plan.indicators)}
    parts = [str(scaled(plan.start, plan.decimals))]
    for group in plan.groups:
        total = " + ".join(f"_p{place[m]}" for m in group.members)
        if not total:
            continue
        if group.weight != 1:
            weighted = f"CAST({total} AS DECIMAL(18, 0)) * 0.0001 * {group.weight:f}"
            total = f"CAST(round(CAST({weighted} AS DECIMAL(38, 10)), {plan.decimals}) * {SCALE} AS BIGINT)"
        bounds = (_scaled_or_none(b, plan.decimals) for b in (group.floor, group.ceiling))
        parts.append(_between(f"({total})", *bounds))
    bounds = (_scaled_or_none(b, plan.decimals) for b in (plan.floor, plan.ceiling))
    return f"CAST({_between(' + '.join(parts), *bounds)} AS BIGINT)"


def _between(sql: str, floor: int | None, ceiling: int | None) -> str:
    if ceiling is not None:
        sql = f"least({sql}, {ceiling})"
    if floor is not None:
        sql = f"greatest({sql}, {floor})"
    return sql


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
