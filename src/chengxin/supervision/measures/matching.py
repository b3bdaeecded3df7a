"""From listings and grades to what each body has to enforce: one set-based comparison of what should be with what is.

New listings begin their measures at once (`actions.begin`); this run finds the rest: listings that mirror records, grades
that changed, terms that ran out, packs that changed. Running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import connection

from chengxin.audit.actions import record as trace
from chengxin.policy.policies import Policies
from chengxin.registry.lock import writing
from chengxin.registry.packs import policies
from chengxin.registry.staging import staged
from chengxin.supervision.measures.actions import end_all, to_enforce
from chengxin.supervision.models import Enforcement
from chengxin.supervision.packs import MeasureIndex, deadline, measures_on
from chengxin.supervision.tables import Needs, opened

_WANTED: dict[str, Any] = {
    "position": pl.Int64, "measure": pl.String, "version": pl.String, "agency": pl.String, "subject_id": pl.Int64,
    "cause": pl.String, "since": pl.Date, "respond_by": pl.Date,
}  # fmt: skip

_PIECE = 500


@dataclass(frozen=True)
class Matched:
    """What one run changed: measures that began and ended."""

    began: int
    ended: int


def reconcile(day: date, actor: str, *, only: Sequence[int] | None = None) -> Matched:
    """Begin what should be enforced and is not, end what is and should not be; `only` these subjects, or all."""
    packs = policies()
    wanted = _wanted(packs, day, only)
    with ExitStack() as stack:
        stage = stack.enter_context(staged(wanted.to_arrow().cast(_schema())))
        stack.enter_context(writing())
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO supervision_enforcement (measure, version, agency, subject_id, cause, since, respond_by, response,"
                " responded_by, legal, associated, proportionate, note, ended_because, lifted_by)"
                " SELECT w.measure, w.version, w.agency, w.subject_id, w.cause, w.since, w.respond_by, '', '', %s, %s, %s,"
                f" '', '', '' FROM {stage} w WHERE NOT EXISTS (SELECT 1 FROM supervision_enforcement e WHERE"
                "  e.measure = w.measure AND e.agency = w.agency AND e.subject_id = w.subject_id AND e.cause = w.cause"
                "  AND e.ended_on IS NULL)",
                [False, False, False],
            )
            began = cursor.rowcount
            which = "" if only is None else f" AND e.subject_id IN ({', '.join(['%s'] * len(only)) or 'NULL'})"
            cursor.execute(
                f"SELECT e.id FROM supervision_enforcement e WHERE e.ended_on IS NULL{which} AND NOT EXISTS ("
                f" SELECT 1 FROM {stage} w WHERE e.measure = w.measure AND e.agency = w.agency"
                "  AND e.subject_id = w.subject_id AND e.cause = w.cause)",
                list(only or ()),
            )
            gone = [id for (id,) in cursor.fetchall()]
        pieces = (gone[n : n + _PIECE] for n in range(0, len(gone), _PIECE))
        ended = sum(end_all(Enforcement.objects.filter(pk__in=piece), "no-longer-due", day) for piece in pieces)
        if began or ended:
            trace(actor, "measure.match", "register", day.isoformat(), began=began, ended=ended)
    return Matched(began, ended)


def _wanted(packs: Policies, day: date, only: Sequence[int] | None) -> pl.DataFrame:
    """Every (measure, agency, subject, cause) that should be enforced on that day."""
    index = measures_on(day, packs)
    needs = Needs(models={model for model, _ in index.by_grade}, lists=True)
    with opened(needs, packs, day, kinds=("organisation", "individual_business"), only=only) as con:
        con.register("targets", _targets(index, packs, day).to_arrow())
        con.register("agencies", _agencies(index).to_arrow())
        return con.sql(
            """
            WITH meant AS (
                SELECT t.measure, t.version, t.kinds, t.respond_by, l.subject_id, 'listing:' || l.id AS cause,
                       l.listed_on AS since
                FROM listed l JOIN targets t ON t.list = l.list WHERE l.in_force
                UNION ALL
                SELECT t.measure, t.version, t.kinds, t.respond_by, g.subject_id, 'grade:' || g.model, g.since
                FROM grades g JOIN targets t ON t.model = g.model AND t.grade = g.grade
            )
            SELECT row_number() OVER () AS position, m.measure, m.version, a.agency, m.subject_id, m.cause,
                   min(m.since) AS since, min(m.respond_by) AS respond_by
            FROM meant m JOIN subjects s ON s.id = m.subject_id AND list_contains(m.kinds, s.kind)
            JOIN agencies a ON a.measure = m.measure
            GROUP BY m.measure, m.version, a.agency, m.subject_id, m.cause"""
        ).pl().select(list(_WANTED)).cast(_WANTED)  # fmt: skip


def _targets(index: MeasureIndex, packs: Policies, day: date) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    for rule in filter(to_enforce, index.rules.values()):
        m = rule.measure
        until = deadline(day, m.respond_within, packs)
        base = (m.id, rule.version, list(m.subjects), until)
        for target in m.targets:
            rows += [(*base, name, None, None) for name in target.lists or ()]
            if target.grade:
                rows += [(*base, None, target.grade.model, g) for g in target.grade.grades]
    schema: dict[str, Any] = {
        "measure": pl.String, "version": pl.String, "kinds": pl.List(pl.String), "respond_by": pl.Date, "list": pl.String,
        "model": pl.String, "grade": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _agencies(index: MeasureIndex) -> pl.DataFrame:
    rows = [(r.measure.id, agency) for r in index.rules.values() for agency in r.measure.agencies]
    return pl.DataFrame(rows, schema={"measure": pl.String, "agency": pl.String}, orient="row")


def _schema() -> pa.Schema:
    types = {pl.Int64: pa.int64(), pl.String: pa.string(), pl.Date: pa.date32()}
    return pa.schema([(name, types[kind]) for name, kind in _WANTED.items()])
