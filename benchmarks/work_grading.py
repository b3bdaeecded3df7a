"""Work of bench (f): invented subjects and records in Parquet buckets, a model of thirty indicators, and the same by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.measure import set_up, timed

DAY = date(2026, 11, 21)
PER_BUCKET = 1_250_000
ITEMS = (
    "penalty",
    "inspection",
    "commitment",
    "contract",
    "honour",
    "licence",
    "abnormal",
    "serious-list",
    "tax-grade",
    "tax-arrears",
)
"""Ten items, three indicators of each."""


def make(folder: str, subjects: str, records: str) -> dict[str, Any]:
    """Write the buckets: subjects by their number, records in the order in which they came."""
    import duckdb

    count, rows = int(subjects), int(records)
    buckets = max(2, rows // PER_BUCKET)
    items = ", ".join(f"'{i}'" for i in ITEMS)

    def write() -> None:
        con = duckdb.connect()
        con.execute("SET memory_limit = '1GB'")
        for n in range(buckets):
            con.execute(
                f"""COPY (SELECT {buckets} * i + {n} AS subject_id, 'organisation' AS kind,
                '32' || lpad(CAST(hash(i) % 1300 AS VARCHAR), 4, '0') AS region, 'C' || (hash(i, 1) % 40) AS industry,
                '存续' AS status, DATE '2005-01-01' + CAST(hash(i, 2) % 7000 AS INTEGER) AS registered_on
                FROM range({count // buckets}) t(i)) TO '{folder}/s-{n:03}.parquet'"""
            )
            con.execute(
                f"""COPY (SELECT {buckets} * CAST(hash(i, {n}) % {count // buckets} AS BIGINT) + {n} AS subject_id,
                {buckets} * i + {n} AS change, [{items}][1 + CAST(hash(i, {n}, 1) % 10 AS BIGINT)] AS item,
                DATE '{DAY}' - CAST(hash(i, {n}, 2) % 1800 AS INTEGER) AS decided_on,
                CASE WHEN hash(i, {n}, 3) % 4 = 0 THEN DATE '{DAY}' - 900 + CAST(hash(i, {n}, 4) % 1800 AS INTEGER) END
                AS expires_on,
                ['minor', 'general', 'serious'][1 + CAST(hash(i, {n}, 5) % 3 AS BIGINT)] AS severity, 'water' AS source,
                '320100' AS region, 'active' AS standing,
                CAST((hash(i, {n}, 6) % 10000000) / 100 AS DECIMAL(18, 2)) AS amount,
                ['A级', 'B级', 'C级', 'D级'][1 + CAST(hash(i, {n}, 7) % 4 AS BIGINT)] AS grade
                FROM range({rows // buckets}) t(i)) TO '{folder}/r-{n:03}.parquet'"""
            )
        con.close()

    seconds, _ = timed(write)
    return {"seconds": seconds, "buckets": buckets}


def plan() -> Any:
    """Counts, sums, decays, latest, largest, days since: three indicators of each of ten items."""
    from chengxin.engine.grading.plan import Band, Filter, GradingPlan, Group, Indicator, Span

    year, three = Span(12, "months"), Span(36, "months")
    found: list[Any] = []
    for n, item in enumerate(ITEMS):
        within, alive = Filter((item,), within=year, expired=True), Filter((item,))
        bad = Filter((item,), "\"severity\" = 'serious'", within=three, expired=True)
        id = item.replace("-", "_")
        found.append(Indicator(f"{id}_recent", "count", within, points=Decimal("-0.5"), floor=Decimal(-3)))
        found.append(Indicator(f"{id}_serious", "count", bad, points=Decimal(-1), floor=Decimal(-4)))
        found.append(
            (
                Indicator(
                    f"{id}_last", "days_since", alive, steps=((Decimal(0), Decimal(-1)), (Decimal(365), Decimal(1)))
                ),
                Indicator(f"{id}_sum", "sum", within, value='"amount"', points=Decimal("-0.0001"), floor=Decimal(-2)),
                Indicator(f"{id}_alive", "exists", alive, points=Decimal(1)),
                Indicator(f"{id}_fade", "count", within, decay=((6, Decimal("0.5")),), points=Decimal("-0.5")),
                Indicator(f"{id}_most", "max", alive, value='"amount"', steps=((Decimal(50000), Decimal(-1)),)),
            )[n % 5]
            if item != "tax-grade"
            else Indicator(
                f"{id}_word", "latest", alive, value='"grade"', map=(("A级", Decimal(3)), ("D级", Decimal(-5)))
            )
        )
    return GradingPlan(
        model="bench", version="1", kinds=("organisation",), indicators=tuple(found),
        groups=(Group("", tuple(i.id for i in found)),), outcomes=(),
        bands=(Band("A", Decimal(95)), Band("B", Decimal(85)), Band("C", Decimal(70)), Band("D")), start=Decimal(100),
        fields={"amount": "DECIMAL(18, 2)", "grade": "VARCHAR"},
    )  # fmt: skip


def ours(folder: str) -> dict[str, Any]:
    """Every bucket by the compiled statement, contributions written."""
    from chengxin.engine.grading.run import Bucket, grade_bucket

    buckets = [
        Bucket(str(s), str(s).replace("/s-", "/r-"), str(s).replace("/s-", "/ours-"))
        for s in sorted(Path(folder).glob("s-*.parquet"))
    ]
    model = plan()
    seconds, counts = timed(lambda: [grade_bucket(model, DAY, b, wide=True) for b in buckets])
    return {"seconds": seconds, "subjects": sum(counts)}


def kept(folder: str) -> dict[str, Any]:
    """As ours, with the records behind every grade: what the platform stores."""
    from chengxin.engine.grading.run import Bucket, grade_bucket

    buckets = [
        Bucket(str(s), str(s).replace("/s-", "/r-"), str(s).replace("/s-", "/kept-"))
        for s in sorted(Path(folder).glob("s-*.parquet"))
    ]
    model = plan()
    seconds, counts = timed(lambda: [grade_bucket(model, DAY, b) for b in buckets])
    return {"seconds": seconds, "subjects": sum(counts)}


def floor(folder: str) -> dict[str, Any]:
    """One plain group-by of the same Parquet by subject, two aggregates, written."""
    import duckdb

    con = duckdb.connect()
    text = (
        f"COPY (SELECT subject_id, count(*) AS n, max(decided_on) AS last FROM read_parquet('{folder}/r-*.parquet')"
        f" GROUP BY subject_id) TO '{folder}/floor.parquet'"
    )
    seconds, _ = timed(lambda: con.execute(text))
    return {"seconds": seconds}


def by_hand(folder: str) -> dict[str, Any]:
    """The same model as an analyst writes it: one filtered aggregate an indicator, bucket by bucket."""
    import duckdb

    con = duckdb.connect()
    con.execute("SET memory_limit = '700MB'")
    con.execute("SET preserve_insertion_order = false")

    def run() -> None:
        for s in sorted(Path(folder).glob("s-*.parquet")):
            con.execute(
                f"COPY ({hand_sql(str(s))}) TO '{str(s).replace('/s-', '/hand-')}' (FORMAT parquet, COMPRESSION zstd)"
            )

    seconds, _ = timed(run)
    return {"seconds": seconds}


def hand_sql(subjects: str) -> str:
    """Written without the compiler: FILTER clauses over plain conditions."""
    aggregates, points = zip(*_by_hand(), strict=True)
    names = [i.id for i in plan().indicators]
    columns = ", ".join(f"CAST({p} AS DECIMAL(18, 4)) AS {n}" for p, n in zip(points, names, strict=True))
    return f"""
        WITH f AS (SELECT subject_id, {", ".join(a for a in aggregates)}
                   FROM read_parquet('{subjects.replace("/s-", "/r-")}') WHERE decided_on <= DATE '{DAY}' GROUP BY subject_id),
        p AS (SELECT s.subject_id, {columns} FROM read_parquet('{subjects}') s LEFT JOIN f USING (subject_id)),
        t AS (SELECT *, CAST(100 + {" + ".join(names)} AS DECIMAL(18, 4)) AS score FROM p)
        SELECT subject_id, score, CASE WHEN score >= 95 THEN 'A' WHEN score >= 85 THEN 'B' WHEN score >= 70 THEN 'C'
               ELSE 'D' END AS grade, '' AS decided_by, {", ".join(names)} FROM t"""


def _by_hand() -> Iterator[tuple[str, str]]:
    """(aggregate, points) of every indicator in the order of the plan."""
    year = f"decided_on > DATE '{DAY}' - INTERVAL 12 MONTH"
    alive = f"(expires_on IS NULL OR expires_on >= DATE '{DAY}')"
    for n, item in enumerate(ITEMS):
        is_item, a, b, c = f"item = '{item}'", f"a{n}", f"b{n}", f"c{n}"
        yield f"count(*) FILTER ({is_item} AND {year}) AS {a}", f"greatest(round(coalesce({a}, 0) * -0.5, 2), -3)"
        serious = f"{is_item} AND severity = 'serious' AND decided_on > DATE '{DAY}' - INTERVAL 36 MONTH"
        yield f"count(*) FILTER ({serious}) AS {b}", f"greatest(-coalesce({b}, 0), -4)"
        if item == "tax-grade":
            latest = f"arg_max(grade, (decided_on, change)) FILTER ({is_item} AND {alive}) AS {c}"
            yield latest, f"CASE {c} WHEN 'A级' THEN 3 WHEN 'D级' THEN -5 ELSE 0 END"
        elif n % 5 == 0:
            days = f"date_diff('day', {c}, DATE '{DAY}')"
            yield (
                f"max(decided_on) FILTER ({is_item} AND {alive}) AS {c}",
                f"CASE WHEN {days} >= 365 THEN 1 WHEN {days} >= 0 THEN -1 ELSE 0 END",
            )
        elif n % 5 == 1:
            yield (
                f"sum(amount) FILTER ({is_item} AND {year}) AS {c}",
                f"greatest(round(coalesce({c}, 0) * -0.0001, 2), -2)",
            )
        elif n % 5 == 2:
            yield f"coalesce(bool_or({is_item} AND {alive}), FALSE) AS {c}", f"CASE WHEN {c} THEN 1 ELSE 0 END"
        elif n % 5 == 3:
            half = f"CASE WHEN decided_on > DATE '{DAY}' - INTERVAL 6 MONTH THEN 1.0 ELSE 0.5 END"
            yield f"sum({half}) FILTER ({is_item} AND {year}) AS {c}", f"round(coalesce({c}, 0) * -0.5, 2)"
        else:
            yield f"max(amount) FILTER ({is_item} AND {alive}) AS {c}", f"CASE WHEN {c} >= 50000 THEN -1 ELSE 0 END"


def same(folder: str) -> dict[str, Any]:
    """How many subjects got another answer by hand: none, or the bench compares two different things."""
    import duckdb

    names = ", ".join(i.id for i in plan().indicators)
    mine, hand = (
        f"SELECT subject_id, score, grade, {names} FROM read_parquet('{folder}/{n}-*.parquet')"
        for n in ("ours", "hand")
    )
    found = duckdb.sql(f"SELECT count(*) FROM (({mine}) EXCEPT ({hand}))").fetchall()[0][0]
    total, grades = duckdb.sql(f"SELECT count(*), count(DISTINCT grade) FROM ({mine})").fetchall()[0]
    return {"seconds": 0.0, "different": found, "subjects": total, "grades": grades}


def touch(many: str) -> dict[str, Any]:
    """In a filled store: everybody graded once, then so many subjects changed by the register's verbs and graded again."""
    set_up()
    from django.utils import timezone

    from chengxin.accounts.actors import operator
    from chengxin.evaluation.actions import evaluate
    from chengxin.evaluation.jobs import follow_model
    from chengxin.evaluation.models import CurrentGrade, Grade
    from chengxin.policy.evaluation import model_of
    from chengxin.registry.actions import Because, mark_due
    from chengxin.registry.models import Record, Standing
    from chengxin.registry.packs import policies

    actor, today = operator("bench"), timezone.localdate()
    first, done = timed(lambda: evaluate("ecology-environment", actor))
    chosen = list(
        CurrentGrade.objects.filter(grade__in=("yellow", "red", "black")).values_list("subject_id", flat=True)[
            : int(many)
        ]
    )
    records = {r.subject_id: r for r in Record.objects.filter(subject_id__in=chosen)}
    for record in records.values():
        record.standing = Standing.REPAIRED
    mark_due(records.values(), "repair", Because("bench", "bench"))
    before = Grade.objects.count()
    model = model_of(policies(), "ecology-environment", today)
    spent = time.process_time()
    seconds, followed = timed(lambda: follow_model(model, policies(), actor, today))
    return {
        "cpu": time.process_time() - spent,
        "seconds": seconds,
        "first": first,
        "graded": done.subjects,
        "touched": followed.touched,
        "added": Grade.objects.count() - before,
    }
