"""What would change a grade: the same engine asked about the same records with one of them repaired, or on a later day.

Nothing here is estimated. "With this record repaired" are as many variants of the subject as it has records, graded by one
statement; "when it lapses" is the model run on the day on which the record ceases to count, all else unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa

from chengxin.engine.grading.days import after, next_end, period_of
from chengxin.engine.grading.due import moves_daily
from chengxin.engine.grading.fold import marks_of
from chengxin.engine.grading.plan import Filter, GradingPlan, Span
from chengxin.engine.grading.run import session
from chengxin.engine.grading.statement import statement
from chengxin.evaluation.loading import Loaded

MOST = 200
"""So many records of one subject are asked about at most, those that counted last first."""


@dataclass(frozen=True)
class Answer:
    """A grade and a score, as the engine gives them."""

    grade: str
    score: Decimal


@dataclass(frozen=True)
class Outlook:
    """What becomes of one record: the day on which it ceases to count by itself (None: never) and the grade then, and
    the grade now if it were repaired."""

    change: int
    lapses_on: date | None
    then: Answer | None
    without: Answer


@dataclass(frozen=True)
class Outlooks:
    """All answers about one subject: as it stands, record by record, and how time alone moves the grade."""

    now: Answer | None
    records: tuple[Outlook, ...]
    course: tuple[tuple[date, Answer], ...]


def look(
    plan: GradingPlan, loaded: Loaded, masks: Mapping[int, int], weighing: Collection[str], today: date, *, until: date
) -> Outlooks:
    """Ask about every record that counts (`masks`: change -> mask) of the one subject that was loaded.

    `weighing` names the indicators that give the subject points now: a record has lapsed when it counts for none of them.
    """
    changes = sorted(masks, reverse=True)[:MOST]
    rows = {r["change"]: r for r in loaded.records.to_pylist()}
    lapses = {c: lapse_of(plan, rows[c], masks[c], weighing, today) for c in changes if c in rows}
    with session(plan) as con:
        asked = _Asked(con, replace(plan, timely=True), loaded)
        variants = _without(con, plan, changes, today)
        answers = {d: a for d in sorted({d for d in lapses.values() if d}) if (a := asked.on(d)[0]) is not None}
        course = _course(
            asked, today, until, {*answers, *(d for c in lapses for d in leaps_of(plan, rows[c], masks[c]))}
        )
    found = tuple(
        Outlook(c, day, answers.get(day) if day else None, variants[c]) for c, day in lapses.items() if c in variants
    )
    return Outlooks(variants.get(0), found, course)


class _Asked:
    """One session over one subject, and what it has answered: a day is asked about once, however many want to know."""

    def __init__(self, con: duckdb.DuckDBPyConnection, plan: GradingPlan, loaded: Loaded) -> None:
        self.con, self.plan = con, plan
        self.rough = (len(plan.indicators) + 1) * Decimal(1).scaleb(-plan.decimals)
        self.known: dict[date, tuple[Answer | None, date | None]] = {}
        con.register("subjects", loaded.subjects)
        con.register("records", loaded.records)
        con.register("one_subject", loaded.subjects)  # under names that no part of the statement has
        con.register("all_records", loaded.records)

    def on(self, day: date) -> tuple[Answer | None, date | None]:
        """The answer on a day if nothing happens until then, and the next day that may change it."""
        if day not in self.known:
            row = self.con.execute(statement(self.plan, day, evidence=False)).fetchone()
            self.known[day] = (Answer(row[2], row[1]), row[5]) if row else (None, None)
        return self.known[day]


def lapse_of(
    plan: GradingPlan, row: Mapping[str, Any], mask: int, weighing: Collection[str], today: date
) -> date | None:
    """The first day on which a record no longer counts for an indicator that weighs, None where time never ends it."""
    marks = marks_of(plan)
    counted = [(i.id, f) for i in plan.indicators for f in (i.filter, i.of) if f is not None and mask & marks.of(f)]
    heavy = [f for id, f in counted if id in weighing] or [f for _, f in counted]
    ends = [_end_of(plan, wanted, row) for wanted in heavy]
    if not ends or None in ends:
        return None
    last = max(d for d in ends if d is not None)
    day = today
    while period_of(plan.period, day)[1] < last:
        day = last if plan.period.ends == "day" else next_end(plan.period, day)
    return day


def leaps_of(plan: GradingPlan, row: Mapping[str, Any], mask: int) -> Iterator[date]:
    """The days on which a record's worth leaps: it leaves a window, reaches a step of a decay or one of "days since"."""
    marks = marks_of(plan)
    for i in plan.indicators:
        inside = [f for f in (i.filter, i.of) if f is not None and mask & marks.of(f)]
        yield from (end for f in inside if (end := _end_of(plan, f, row)) is not None)
        if i.filter in inside and i.filter is not None and (since := row[i.filter.by]) is not None:
            yield from (after(since, Span(months, "months")) for months, _share in i.decay)
            days = [max(int(value), 0) for value, _points in i.steps] if i.aggregate == "days_since" else []
            yield from (since + timedelta(days=n) for n in days)


def _end_of(plan: GradingPlan, wanted: Filter, row: Mapping[str, Any]) -> date | None:
    span = wanted.within or (plan.period.length if wanted.observed else None)
    ends = []
    if span is not None and row[wanted.by] is not None:
        ends.append(after(row[wanted.by], span))
    if not wanted.expired and row["expires_on"] is not None and row["expires_on"].year < date.max.year:
        ends.append(row["expires_on"] + timedelta(days=1))
    return min(ends, default=None)


def _without(
    con: duckdb.DuckDBPyConnection, plan: GradingPlan, changes: Sequence[int], today: date
) -> dict[int, Answer]:
    """Change -> the answer if it were repaired; 0 -> the answer as it stands. Outside the scope the grade is empty."""
    con.register("variant", pa.table({"left_out": pa.array([0, *changes], pa.int64())}))
    one = "(SELECT o.* REPLACE (v.left_out AS subject_id) FROM one_subject o CROSS JOIN variant v)"
    records = (
        "(SELECT r.* REPLACE (v.left_out AS subject_id, CASE WHEN r.change = v.left_out THEN 'repaired'"
        " ELSE r.standing END AS standing) FROM all_records r CROSS JOIN variant v)"
    )
    text = statement(replace(plan, timely=False), today, subjects=one, records=records, evidence=False)
    found = {row[0]: Answer(row[2], row[1]) for row in con.execute(text).fetchall()}
    nobody = Answer("", Decimal(0))
    return {c: found.get(c, nobody) for c in (0, *changes)}


def _course(asked: _Asked, today: date, until: date, ends: Collection[date] = ()) -> tuple[tuple[date, Answer], ...]:
    """How time alone moves the grade: each day until then on which grade or score become others.

    The engine names the next day that counts, and is followed from one to the next. Where every day counts (points by the
    day) that would be a question a day: then only days on which the grade becomes another are told, see `_turns`; `ends` are
    the days on which the score leaps.
    """
    before, due = asked.on(today)
    if moves_daily(asked.plan):
        leaps = {
            d for end in ends for d in (end - timedelta(days=1), end) if today < d < until
        }  # straight lines between
        marks = sorted({today, until, *leaps})
        return tuple(turn for day, later in pairwise(marks) for turn in _turns(asked, day, later))
    moves: list[tuple[date, Answer]] = []
    steps = 0
    while due is not None and due <= until and steps < MOST:
        now, following = asked.on(due)
        if now is not None and now != before:
            moves.append((due, now))
            before = now
        due, steps = following, steps + 1
    return tuple(moves)


def _turns(asked: _Asked, day: date, later: date, *, straight: bool = False) -> Iterator[tuple[date, Answer]]:
    """The days after `day` until `later` on which the grade becomes another, looked for by halves.

    Equal grades at both ends are equal grades between only where the score moves on a straight line: some points may grow by
    the day while others shrink, and a bound ends one of them on a day that nobody names. Where the score in the middle is
    not what the ends promise, both halves are looked at. What bends by less than the rounding of scores may stay unseen.
    """
    first, last = asked.on(day)[0], asked.on(later)[0]
    if first is None or last is None or (straight and first.grade == last.grade):
        return
    if (later - day).days <= 1:
        if first.grade != last.grade:
            yield later, last
        return
    middle = day + (later - day) // 2
    if not straight and (between := asked.on(middle)[0]) is not None:
        promised = first.score + (last.score - first.score) * (middle - day).days / (later - day).days
        straight = abs(between.score - promised) <= asked.rough
        if straight and first.grade == between.grade == last.grade:
            return
    yield from _turns(asked, day, middle, straight=straight)
    yield from _turns(asked, middle, later, straight=straight)
