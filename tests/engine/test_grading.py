"""Grading by one statement agrees with a slow, plain reading of the same model, whatever the records (R-144).

The plain reading below knows nothing of masks, folds and thresholds: it asks each record each question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.engine.grading.days import after, first_within, next_end, period_of
from chengxin.engine.grading.plan import Band, Filter, GradingPlan, Group, Indicator, Outcome, Period, Span
from chengxin.engine.grading.run import Bucket, grade_bucket, grade_tables, session
from chengxin.engine.grading.statement import indicators_of, statement
from chengxin.standards.sql import macro_statements

D = Decimal
TODAY = date(2026, 3, 31)
YEAR = Span(12, "months")
PENALTIES = Filter(("penalty",), "\"severity\" <> 'minor'", within=YEAR, expired=True)
PLAN = GradingPlan(
    model="probe",
    version="1",
    kinds=("organisation",),
    indicators=(
        Indicator("penalties", "count", PENALTIES, points=D(-3), floor=D(-7)),
        Indicator("fading", "count", PENALTIES, decay=((3, D("0.5")), (6, D("0.25"))), points=D(-1)),
        Indicator("fines", "sum", Filter(("penalty",), expired=True), value='"amount"', points=D("-0.01")),
        Indicator("largest", "max", Filter(("penalty",)), value='"amount"', steps=((D(10), D(-1)), (D(100), D(-2)))),
        Indicator("least", "min", Filter(("penalty",)), value='"amount"', points=D("-0.1"), absent=D(1)),
        Indicator("tax", "latest", Filter(("tax",)), value='"word"', map=(("A", D(5)), ("D", D(-5))), otherwise=D(1)),
        Indicator("quiet", "days_since", Filter(("penalty",), expired=True), steps=((D(30), D(1)), (D(90), D(2)))),
        Indicator("share", "ratio", Filter(("penalty",), "\"severity\" = 'serious'"), of=Filter(("penalty",)), points=D(-2)),
        Indicator("listed", "exists", Filter(("tax",), "\"word\" = 'Z'")),
        Indicator("twice", "formula", value='"penalties" * 2', points=D("0.5"), when='"penalties" > 1'),
    ),
    groups=(
        Group("conduct", ("penalties", "fading", "fines"), D("0.5"), D(-20), None),
        Group("", ("largest", "least", "tax", "quiet", "share", "listed", "twice")),
    ),
    outcomes=(Outcome("veto", '"listed" > 0', "E"), Outcome("new", '"registered_on" > add_months("today", -12)', "M")),
    bands=(Band("A", D(100), '"penalties" = 0'), Band("B", D(95)), Band("C")),
    start=D(100),
    floor=D(0),
    ceiling=D(105),
    fields={"amount": "DECIMAL(18, 2)", "word": "VARCHAR"},
    macros=tuple(macro_statements(None)),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One record of the plain reading."""

    subject: int
    change: int
    item: str
    decided: date | None
    expires: date | None
    severity: str | None
    amount: Decimal | None
    word: str | None

    def counts(self, filter: Filter) -> bool:
        if self.item not in filter.items or (self.decided and self.decided > TODAY):
            return False
        if filter.within and not (self.decided and self.decided <= TODAY < after(self.decided, filter.within)):
            return False
        return filter.expired or self.expires is None or self.expires >= TODAY


def rounded(value: Decimal, places: int = 2) -> Decimal:
    return value.quantize(D(1).scaleb(-places), ROUND_HALF_UP)


def plainly(registered: date | None, rows: Sequence[Row]) -> tuple[str, Decimal, dict[str, Decimal]]:
    """Grade, score and points of one subject, one question at a time."""
    own = [r for r in rows if r.item == "penalty"]
    recent = [r for r in own if r.counts(PENALTIES) and r.severity and r.severity != "minor"]
    alive = [r for r in own if r.counts(Filter(("penalty",)))]
    known = [r for r in own if r.counts(Filter(("penalty",), expired=True))]
    tax = [r for r in rows if r.item == "tax" and r.counts(Filter(("tax",)))]
    amounts = [r.amount for r in alive if r.amount is not None]
    latest = max(tax, key=lambda r: (r.decided or date(1800, 1, 1), r.change), default=None)
    days = [r.decided for r in known if r.decided]
    fades = sum((_share(r) for r in recent), D(0))
    points = {
        "penalties": max(D(-3) * len(recent), D(-7)),
        "fading": -fades,
        "fines": D("-0.01") * sum((r.amount for r in known if r.amount is not None), D(0)),
        "largest": _step(max(amounts), (10, -1), (100, -2)) if amounts else D(0),
        "least": D("-0.1") * min(amounts) if amounts else D(1),
        "tax": {"A": D(5), "D": D(-5)}.get(latest.word or "", D(1)) if latest and latest.word else D(0),
        "quiet": _step(D((TODAY - max(days)).days), (30, 1), (90, 2)) if days else D(0),
        "share": D(-2) * rounded(D(sum(r.severity == "serious" for r in alive)) / len(alive), 6) if alive else D(0),
        "twice": D(len(recent)) if len(recent) > 1 else D(0),
    }
    points = {name: rounded(value) for name, value in points.items()}
    conduct = max((points["penalties"] + points["fading"] + points["fines"]) / 2, D(-20))
    alone = sum((v for n, v in points.items() if n not in ("penalties", "fading", "fines")), D(0))
    score = rounded(min(max(100 + rounded(conduct) + alone, D(0)), D(105)))
    if any(r.word == "Z" for r in tax):
        return "E", score, points
    if registered and after(registered, YEAR) > TODAY and registered > date(2025, 3, 31):
        return "M", score, points
    return "A" if score >= 100 and not recent else "B" if score >= 95 else "C", score, points


def _share(row: Row) -> Decimal:
    assert row.decided is not None
    for months, share in ((6, D("0.25")), (3, D("0.5"))):
        if after(row.decided, Span(months, "months")) <= TODAY:
            return share
    return D(1)


def _step(value: Decimal, *steps: tuple[int, int]) -> Decimal:
    return next((D(points) for at, points in reversed(steps) if value >= at), D(0))


def tables(subjects: Sequence[tuple[int, date | None]], rows: Sequence[Row]) -> tuple[pa.Table, pa.Table]:
    people = pa.table(
        {
            "subject_id": pa.array([s for s, _ in subjects], pa.int64()),
            "kind": pa.array(["organisation"] * len(subjects), pa.string()),
            **{n: pa.array([None] * len(subjects), pa.string()) for n in ("region", "industry", "status")},
            "registered_on": pa.array([r for _, r in subjects], pa.date32()),
        }
    )
    columns: dict[str, tuple[list[Any], pa.DataType]] = {
        "subject_id": ([r.subject for r in rows], pa.int64()),
        "change": ([r.change for r in rows], pa.int64()),
        "item": ([r.item for r in rows], pa.string()),
        "decided_on": ([r.decided for r in rows], pa.date32()),
        "expires_on": ([r.expires for r in rows], pa.date32()),
        "severity": ([r.severity for r in rows], pa.string()),
        **{n: ([None] * len(rows), pa.string()) for n in ("source", "region")},
        "standing": (["active"] * len(rows), pa.string()),
        "amount": ([r.amount for r in rows], pa.decimal128(18, 2)),
        "word": ([r.word for r in rows], pa.string()),
    }
    return people, pa.table({n: pa.array(values, kind) for n, (values, kind) in columns.items()})


DAYS = st.one_of(
    st.none(),
    st.integers(-1200, 60).map(lambda n: TODAY + timedelta(days=n)),
    st.sampled_from([date(2025, 3, 31), date(2025, 4, 1), date(2025, 9, 30), date(2025, 12, 31), TODAY, date(2026, 2, 28)]),
)  # fmt: skip
ROWS = st.lists(
    st.builds(
        Row, st.integers(1, 4), st.just(0), st.sampled_from(["penalty", "tax", "other"]), DAYS, DAYS,
        st.sampled_from([None, "minor", "general", "serious"]),
        st.one_of(st.none(), st.decimals(0, 300, places=2)), st.sampled_from([None, "A", "D", "Q", "Z"]),
    ),
    max_size=40,
)  # fmt: skip


@given(ROWS, st.lists(DAYS, min_size=4, max_size=4))
@settings(max_examples=30, deadline=None)
def test_one_statement_says_what_a_plain_reading_says(rows, registered) -> None:
    rows = [
        Row(r.subject, n, *(getattr(r, f) for f in list(r.__dataclass_fields__)[2:])) for n, r in enumerate(rows, 1)
    ]
    subjects = list(enumerate(registered, 1))
    found = grade_tables(PLAN, TODAY, *tables(subjects, rows)).to_pylist()
    assert len(found) == 4
    for answer, (number, since) in zip(found, subjects, strict=True):
        grade, score, points = plainly(since, [r for r in rows if r.subject == number])
        kept = {id: D(str(pair[1])) for id, pair in orjson.loads(answer["contributions"]).items()}
        assert {i: p for i, p in kept.items() if p} == {i: p for i, p in points.items() if p}
        assert (answer["grade"], answer["score"]) == (grade, score)


def test_every_record_that_counted_is_named_with_what_it_counted_for() -> None:
    rows = [
        Row(1, 11, "penalty", date(2026, 1, 5), None, "general", D(50), None),
        Row(1, 12, "penalty", date(2020, 1, 5), date(2020, 2, 1), "minor", None, None),
        Row(1, 13, "other", TODAY, None, None, None, None),
    ]
    answer = grade_tables(PLAN, TODAY, *tables([(1, None)], rows)).to_pylist()[0]
    told = {e["change"]: indicators_of(PLAN, e["mask"]) for e in answer["evidence"]}
    assert told == {
        11: ["penalties", "fading", "fines", "largest", "least", "quiet", "share"],
        12: ["fines", "quiet"],
    }


def test_the_same_in_one_file_and_in_many_and_whatever_the_threads(tmp_path) -> None:
    """Sums of decimals do not depend on the order in which threads come (trials.md 3)."""
    con = duckdb.connect()
    con.execute(
        """CREATE TABLE r AS SELECT i % 5000 AS subject_id, i AS change, ['penalty', 'tax'][1 + i % 2] AS item,
        DATE '2026-03-31' - CAST(hash(i) % 900 AS INTEGER) AS decided_on, CAST(NULL AS DATE) AS expires_on,
        ['minor', 'general', 'serious'][1 + CAST(hash(i, 1) % 3 AS BIGINT)] AS severity,
        '' AS source, '' AS region, '' AS standing,
        CAST((hash(i, 2) % 100000) / 7 AS DECIMAL(18, 2)) AS amount, ['A', 'D', 'Q'][1 + CAST(hash(i, 3) % 3 AS BIGINT)] AS word
        FROM range(60000) t(i)"""
    )
    con.execute(
        """CREATE TABLE s AS SELECT i AS subject_id, 'organisation' AS kind, '' AS region, '' AS industry, '' AS status,
        DATE '2010-01-01' AS registered_on FROM range(5000) t(i)"""
    )
    whole = tmp_path / "whole"
    whole.mkdir()
    for name in "rs":
        con.execute(f"COPY {name} TO '{whole}/{name}.parquet'")
    done = Bucket(f"{whole}/s.parquet", f"{whole}/r.parquet", f"{whole}/g.parquet")
    assert grade_bucket(PLAN, TODAY, done, threads=2) == 5000
    for part in range(3):
        folder = tmp_path / f"part{part}"
        folder.mkdir()
        for name in "rs":
            con.execute(f"COPY (FROM {name} WHERE subject_id % 3 = {part}) TO '{folder}/{name}.parquet'")
        grade_bucket(
            PLAN, TODAY, Bucket(f"{folder}/s.parquet", f"{folder}/r.parquet", f"{folder}/g.parquet"), threads=1
        )
    one, many = f"'{whole}/g.parquet'", f"'{tmp_path}/part*/g.parquet'"
    assert con.sql(f"(FROM {one} EXCEPT FROM {many}) UNION ALL (FROM {many} EXCEPT FROM {one})").fetchall() == []
    assert con.sql(f"SELECT count(DISTINCT grade) FROM {one}").fetchall() == [(3,)]


def test_a_session_reads_nothing_but_its_folders(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    with session(PLAN, [tmp_path / "in"]) as con, pytest.raises(duckdb.Error, match=r"disabled|Cannot access"):
        con.sql(f"SELECT * FROM read_csv('{__file__}')").fetchall()


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 60), st.sampled_from(["months", "days"]))
def test_a_window_is_exactly_the_days_that_have_not_run_out(end, count, unit) -> None:
    span = Span(count, unit)
    first = first_within(end, span)
    assert after(first, span) > end >= after(first - timedelta(days=1), span)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(["day", "month", "quarter", "year"]))
def test_the_periods_end_moves_on_the_day_that_was_named(today, ends) -> None:
    period = Period(YEAR, ends)
    start, end = period_of(period, today)
    assert start is not None and start <= end <= today
    day = next_end(period, today)
    assert day > today and period_of(period, day)[1] != end
    assert period_of(period, day - timedelta(days=1))[1] == end


def test_the_statement_reads_each_table_once() -> None:
    text = statement(PLAN, TODAY)
    assert text.count("FROM records") == 1 == text.count("FROM subjects")
