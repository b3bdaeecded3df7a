"""The next day on which time alone may change a subject's grade, so that a day's work is only whom the day concerns.

Early is harmless (nothing is found to have changed), late is not. Where a text uses today's date in a way that cannot be
followed, the subject is due every day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import sqlglot
from sqlglot import exp

from chengxin.engine.grading.days import next_end, period_of
from chengxin.engine.grading.fold import Marks
from chengxin.engine.grading.plan import GradingPlan, Indicator, Span, Unit

_MOVING = frozenset({"today", "period_start", "period_end"})
_SLACK = 4
"""Month arithmetic clips at the end of a month: a crossing is found within so many days of the plain sum."""


def record_due_sql(plan: GradingPlan, marks: Marks, today: date) -> str | None:
    """The next day on which a record (row of `_mask` and its columns) begins or ceases to count, or counts for less."""
    if not plan.timely:
        return None
    _, end = period_of(plan.period, today)
    days: dict[str, None] = {}
    items = ", ".join(f"'{i}'" for f in marks.bits if not f.expired for i in f.items)
    days[f"CASE WHEN decided_on > DATE '{end}' THEN decided_on END"] = None
    if items:
        days[f"CASE WHEN item IN ({items}) AND expires_on >= DATE '{end}' THEN expires_on + 1 END"] = None
    for wanted, bit in marks.bits.items():
        span = wanted.within or (plan.period.length if wanted.observed else None)
        inside = f"_mask & {1 << bit} <> 0"
        if span is not None:
            days[f"CASE WHEN {inside} THEN {_plus(wanted.by, span)} END"] = None
        if wanted.by not in ("decided_on", "expires_on") and span is not None:
            days[f'CASE WHEN "{wanted.by}" > DATE \'{end}\' THEN "{wanted.by}" END'] = None
        for column, step in _crossings(wanted.where):
            days[_next(f'"{column}"', step, end)] = None
    for i in plan.indicators:
        if i.filter is None:
            continue
        inside = f"_mask & {marks.of(i.filter)} <> 0"
        for months, _ in i.decay:
            at = _plus(i.filter.by, Span(months, "months"))
            days[f"CASE WHEN {inside} AND {at} > DATE '{end}' THEN {at} END"] = None
        if i.aggregate == "days_since":
            for value, _ in i.steps:
                at = f'("{i.filter.by}" + {max(int(value), 0)})'
                days[f"CASE WHEN {inside} AND {at} > DATE '{end}' THEN {at} END"] = None
    return f"least({', '.join(days)}, DATE '9999-12-31')"


def subject_due_sql(plan: GradingPlan, today: date) -> str:
    """The next day for a subject as a whole: its records', its own dates', or tomorrow where a text cannot be followed."""
    if not plan.timely:
        return "CAST(NULL AS DATE)"
    if plan.period.ends != "day":
        return f"DATE '{next_end(plan.period, today)}'"
    if moves_daily(plan):
        return f"DATE '{next_end(plan.period, today)}'"
    found = [_next(f'"{c}"', s, today) for text in _subject_texts(plan) for c, s in _crossings(text)]
    return f"nullif(least({', '.join([*dict.fromkeys(found), '_due'])}), DATE '9999-12-31')"


def moves_daily(plan: GradingPlan) -> bool:
    """Whether something moves every day: points by the day, or a use of `today` that is no plain comparison."""
    filters = [f for i in plan.indicators for f in (i.filter, i.of) if f] + list(plan.has)
    texts = [*_subject_texts(plan), *(f.where for f in filters), *(i.value for i in plan.indicators)]
    return any(_counts_days(i, plan) for i in plan.indicators) or any(not _followed(t) for t in texts)


def _counts_days(i: Indicator, plan: GradingPlan) -> bool:
    """Days since the latest record move every day, unless only steps look at them."""
    if i.aggregate != "days_since":
        return False
    named = any(f'"{i.id}"' in (t or "") for t in _subject_texts(plan))
    return named or i.points is not None


def _subject_texts(plan: GradingPlan) -> list[str | None]:
    whens = [w.when for part in (plan.indicators, plan.outcomes, plan.bands) for w in part]
    return [plan.scope, *whens, *(i.value for i in plan.indicators if i.aggregate == "formula")]


def _crossings(text: str | None) -> list[tuple[str, Span]]:
    """(date column, time back) of every comparison of a column with `today`, `today - n` or `add_months(today, -n)`."""
    return [found for found, _ in _followable(text)] if text else []


def _followed(text: str | None) -> bool:
    """Whether every use of a moving day in `text` is one of the comparisons above."""
    if text is None:
        return True
    moving = sum(c.name in _MOVING for c in _tree(text).find_all(exp.Column))
    return moving == len(list(_followable(text)))


@lru_cache(maxsize=512)
def _tree(text: str) -> exp.Expr:
    """Parsed once in a process; nobody changes it."""
    return sqlglot.parse_one(text, dialect="duckdb")


def _followable(text: str) -> Iterator[tuple[tuple[str, Span], exp.Expr]]:
    for node in _tree(text).find_all(exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between):
        if isinstance(node, exp.Between):
            pairs = [(node.this, node.args["low"]), (node.this, node.args["high"])]
        else:
            pairs = [(node.this, node.expression), (node.expression, node.this)]
        for column, other in pairs:
            back = _back(other)
            if back is not None and isinstance(column, exp.Column) and column.name not in _MOVING:
                yield (column.name, back), node


def _back(node: exp.Expr) -> Span | None:
    """How far back from today an expression lies; the period's end is today in a model that moves daily."""
    if _is_today(node):
        return Span(0, "months")
    if isinstance(node, exp.AddMonths) and _is_today(node.this) and isinstance(node.expression, exp.Neg):
        return _span(node.expression.this, "months")
    if isinstance(node, exp.Sub) and _is_today(node.this):
        return _span(node.expression, "days")
    return None


def _is_today(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and node.name in ("today", "period_end")


def _span(node: exp.Expr, unit: Unit) -> Span | None:
    return Span(int(node.name), unit) if isinstance(node, exp.Literal) and node.name.isdigit() else None


def _plus(column: str, span: Span) -> str:
    unit = "MONTH" if span.unit == "months" else "DAY"
    return f'CAST("{column}" + INTERVAL {span.count} {unit} AS DATE)'


def _next(column: str, span: Span, end: date) -> str:
    """The first of the days around column + span that still lies ahead."""
    unit = "MONTH" if span.unit == "months" else "DAY"
    at = f"CAST({column} + INTERVAL {span.count} {unit} AS DATE)"
    arms = " ".join(f"WHEN {at} + {k} > DATE '{end}' THEN {at} + {k}" for k in range(_SLACK))
    return f"CASE {arms} END"
