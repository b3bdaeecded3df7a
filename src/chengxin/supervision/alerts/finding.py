"""Finds alerts, set-based, and keeps each once: over all subjects daily, over the touched ones with the change feed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import polars as pl
import pyarrow as pa
from django.db import connection

from chengxin.audit.actions import record as trace
from chengxin.policy.alerts import AlertRule, Alerts
from chengxin.policy.policies import Policies
from chengxin.registry.lock import writing
from chengxin.registry.packs import policies
from chengxin.registry.staging import staged
from chengxin.supervision.alerts.triggers import Triggers
from chengxin.supervision.alerts.wording import quoted
from chengxin.supervision.grades import Coming, NoForecast, Running, coming_grades, running_terms
from chengxin.supervision.packs import labels_on
from chengxin.supervision.tables import opened, table_of

_ALERTS = pa.schema(
    [
        ("position", pa.int64()), ("rule", pa.string()), ("version", pa.string()), ("subject_id", pa.int64()),
        ("whom", pa.string()), ("cause", pa.string()), ("text", pa.string()), ("text_en", pa.string()),
        ("receiver", pa.string()), ("addressee", pa.string()),
    ]
)  # fmt: skip
_KINDS = ("organisation", "individual_business")


@dataclass
class Found:
    """How many new alerts were kept, rule by rule, and which rules could not be run and why."""

    told: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)


def rules_on(day: date, packs: Policies) -> list[tuple[str, AlertRule]]:
    """(version, rule) of every rule in force on that day."""
    files = [p for p in packs.of(Alerts) if p.effective.holds(day)]
    return [(p.version, rule) for p in files for rule in p.rules]


def find(day: date, actor: str, *, only: Sequence[int] | None = None) -> Found:
    """Find what every rule has to say today. Rules over an industry, grades to come or terms of verification run over all
    subjects only."""
    packs = policies()
    triggers = Triggers(packs, day, labels_on(day, packs))
    found = Found()
    rules = [(v, r) for v, r in rules_on(day, packs) if only is None or not _of_all(r)]
    selects = [triggers.select(rule) for _, rule in rules]
    with opened(triggers.compiler.needs, packs, day, kinds=_KINDS, only=only) as con:
        missing = _coming(con, [r for _, r in rules], day)
        found.not_run = {r.id: missing for _, r in rules if _forecast(r) and missing}
        untold = _terms(con, [r for _, r in rules])
        found.not_run |= {r.id: untold for _, r in rules if r.verification and untold}
        con.execute(_FOUND)
        filled = _filled(con, triggers)
        for (version, rule), select in zip(rules, selects, strict=True):
            # Rule by rule: one statement for a hundred rules would take longer to plan than to run.
            if rule.id not in found.not_run and filled & _sources(rule):
                con.execute(
                    f"INSERT INTO found SELECT {quoted(rule.id)}, {quoted(version)}, subject_id, whom, cause, text, text_en,"
                    f" region FROM ({select})"
                )
        con.register("tells", _tells([r for _, r in rules]).to_arrow())
        rows = con.sql(_ADDRESSED).pl()
    if rows.height:
        keep(rows, day, actor, found)
    return found


_FOUND = (
    "CREATE TABLE found (rule VARCHAR, version VARCHAR, subject_id BIGINT, whom VARCHAR, cause VARCHAR, text VARCHAR,"
    " text_en VARCHAR, region VARCHAR)"
)
_ADDRESSED = """
    SELECT row_number() OVER () AS position, f.rule, f.version, f.subject_id, f.whom, f.cause, f.text, f.text_en, t.receiver,
           CASE t.receiver WHEN 'subject' THEN f.whom WHEN 'department' THEN t.department
                           ELSE substr(f.region, 1, 4) END AS addressee
    FROM found f JOIN tells t ON t.rule = f.rule"""
"""One row for each addressee of each alert."""


def _tells(rules: list[AlertRule]) -> pl.DataFrame:
    rows = [(r.id, receiver, r.department) for r in rules for receiver in r.tell]
    return pl.DataFrame(rows, schema={"rule": pl.String, "receiver": pl.String, "department": pl.String}, orient="row")


def _sources(rule: AlertRule) -> set[str]:
    """The tables of which one at least must hold something for the rule to say anything."""
    if rule.grade is not None:
        return {"coming"} if _forecast(rule) else {"grades"}
    if rule.listed is not None:
        return {"listed"}
    if rule.verification is not None:
        return {"terms"}
    wanted = rule.day or rule.count or rule.industry
    return {table_of(item) for item in wanted.items} if wanted is not None else set()


def _filled(con: duckdb.DuckDBPyConnection, triggers: Triggers) -> set[str]:
    """The tables that hold anything."""
    tables = ["grades", "listed", "coming", "terms", *map(table_of, triggers.compiler.needs.items)]
    counts = con.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {t})" for t in tables)).fetchall()
    return {table for table, count in zip(tables, counts[0], strict=True) if count}


def _forecast(rule: AlertRule) -> bool:
    return rule.grade is not None and rule.grade.falls_within_days is not None


def _of_all(rule: AlertRule) -> bool:
    """Whether a rule says nothing of a few subjects alone."""
    return bool(rule.industry or rule.verification or _forecast(rule))


def _terms(con: duckdb.DuckDBPyConnection, rules: list[AlertRule]) -> str:
    """Make the table `terms`; gives the reason where nobody can tell which terms run."""
    asked = sorted({m for r in rules if r.verification is not None for m in r.verification.models})
    columns = {"model": pl.String, "step": pl.String, "due": pl.Date, "results": pl.Int64}
    rows: list[Running] = []
    missing = ""
    if asked:
        try:
            rows = list(running_terms(asked))
        except NoForecast:
            missing = "no-verification"
    con.register("terms", pl.DataFrame(rows, schema=columns, orient="row").to_arrow())
    return missing


def _coming(con: duckdb.DuckDBPyConnection, rules: list[AlertRule], day: date) -> str:
    """Make the table `coming`; gives the reason where nobody can tell which grades are to come."""
    asked = [r.grade for r in rules if r.grade is not None and r.grade.falls_within_days]
    columns = {
        "subject_id": pl.Int64, "model": pl.String, "grade": pl.String, "rank": pl.Int64, "next_grade": pl.String,
        "next_rank": pl.Int64, "day": pl.Date,
    }  # fmt: skip
    rows: list[Coming] = []
    missing = ""
    if asked:
        until = day + timedelta(days=max(g.falls_within_days or 0 for g in asked))
        try:
            rows = list(coming_grades(sorted({g.model for g in asked}), until))
        except NoForecast:
            missing = "no-forecast"
    con.register("coming", pl.DataFrame(rows, schema=columns, orient="row").to_arrow())
    return missing


def keep(rows: pl.DataFrame, day: date, actor: str, found: Found) -> None:
    """Store what is not known yet, once for each rule, subject and cause, with a copy for each addressee."""
    with ExitStack() as stack:
        stage = stack.enter_context(staged(rows.to_arrow().select(_ALERTS.names).cast(_ALERTS)))
        stack.enter_context(writing())
        with connection.cursor() as cursor:
            unknown = (
                "NOT EXISTS (SELECT 1 FROM supervision_alert a"
                " WHERE a.rule = w.rule AND a.whom = w.whom AND a.cause = w.cause)"
            )
            cursor.execute(
                f"SELECT w.rule, count(DISTINCT w.whom || ' ' || w.cause) FROM {stage} w WHERE {unknown} GROUP BY w.rule"
            )
            found.by_rule = dict(cursor.fetchall())
            found.told = sum(found.by_rule.values())
            cursor.execute(
                "INSERT INTO supervision_alert (rule, version, subject_id, whom, cause, text, text_en, found_on)"
                " SELECT w.rule, min(w.version), min(w.subject_id), w.whom, w.cause, min(w.text), min(w.text_en),"
                f" {_day_mark()} FROM {stage} w WHERE {unknown} GROUP BY w.rule, w.whom, w.cause",
                [day.isoformat()],
            )
            cursor.execute(
                'INSERT INTO supervision_alertcopy (alert_id, receiver, "to", seen_by)'
                f" SELECT DISTINCT a.id, w.receiver, w.addressee, '' FROM {stage} w JOIN supervision_alert a"
                "  ON a.rule = w.rule AND a.whom = w.whom AND a.cause = w.cause"
                " WHERE NOT EXISTS (SELECT 1 FROM supervision_alertcopy c WHERE c.alert_id = a.id AND c.receiver = w.receiver)"
            )
        if found.told:
            trace(actor, "alert.find", "register", day.isoformat(), told=found.told)


def _day_mark() -> str:
    return "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"
